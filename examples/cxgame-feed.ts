import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import WebSocket from 'ws'

/**
 * Watches a game by its public feed and ranks its players: one file, nothing but `ws`.
 *
 * The feed tells no wallets, so the live ranking is worked out, and this is what it is worth. An order placed tells its
 * player, and a match the two orders: every player has the start money and crypto (`--usd-start`, `--crypto-start`: the
 * feed does not tell those either), plus and minus what its matches moved. What open orders have reserved is the
 * player's still. Crypto counts at the mid price, which follows from the best buy and the best sell of the limit orders
 * seen; each market order tells it too. So:
 *
 * - A reader who is there from the first order on is right but for a cent now and then, where the server rounds what is
 *   left of a market buy and this reader rounds what was paid.
 * - One who comes later knows neither what was traded before nor who placed the orders that are open. It notices by
 *   players that never registered, and by matches of orders never placed, and says that its ranking is incomplete. (A
 *   server with `feedBacklog` tells newcomers some of what was.)
 *
 * At the end the server tells who holds what. That is the final ranking, and no longer an estimate.
 */
const help = `Feed reader: prints what happens in the game, and a live ranking of its players.

usage: npx tsx examples/cxgame-feed.ts [options]

  --url URL         the game's feed (ws://127.0.0.1:9876); wss:// where it uses TLS
  --insecure        take any TLS certificate, such as a self-signed one
  --usd-start X     dollars that each player starts with (10000.00)
  --crypto-start X  crypto that each player starts with (10.0)
  --every SECONDS   how often to print the ranking, when something has changed (5)
  --top N           how many players of it (10)
  --trades          print every trade too
  --csv FILE        write the game's CSV there when it ends

Ctrl-C prints the ranking and ends.`

interface Order {
  readonly id: string
  readonly user: string
  readonly side: string
  readonly price: string
  /** Limit orders have it. */
  readonly size: string
}

interface Match {
  readonly size: string
  readonly price: string
  readonly buy_id: string
  readonly sell_id: string
}

interface Rank {
  readonly rank: number
  readonly user: string
  readonly crypto: string
  readonly usd: string
  readonly holdings: string
}

interface Result {
  readonly final_price: string
  readonly ranking: readonly Rank[]
}

type Message =
  | { readonly type: 'buy' | 'sell' | 'buy_market' | 'sell_market'; readonly message: Order }
  | { readonly type: 'match'; readonly message: Match }
  | { readonly type: 'cancel' | 'info' | 'start' | 'pause' | 'shutdown'; readonly message: string }
  | { readonly type: 'bcast'; readonly message: unknown; readonly user: string }
  | { readonly type: 'csv'; readonly data: string }
  | { readonly type: 'result'; readonly data: Result }

/** Decimals of dollars and of crypto: money is counted in whole cents and in 10^-10 of a crypto. */
const usdScale = 2
const cryptoScale = 10

/** Where to stop remembering who placed market orders: the oldest are long filled. */
const mostMarketOrders = 10_000

/** What the feed lets one know of the game. */
class Game {
  trades = 0
  /** There was a player, or an order, before we came: what it traded then is not counted. */
  isIncomplete = false
  readonly #start: { readonly usd: bigint; readonly crypto: bigint }
  readonly #players = new Map<string, { usd: bigint; crypto: bigint }>()
  readonly #book = new Map<string, { user: string; isBuy: boolean; price: bigint; left: bigint }>()
  readonly #marketOrders = new Map<string, string>()
  #mid = 100_000n
  #bookChanged = false

  constructor(usd: bigint, crypto: bigint) {
    this.#start = { usd, crypto }
  }

  join(user: string): void {
    if (!this.#players.has(user)) this.#players.set(user, { ...this.#start })
  }

  placed({ id, user, side, price, size }: Order): void {
    this.#settle()
    if (!this.#players.has(user)) this.isIncomplete = true // its registration was never told
    this.join(user)
    const cents = decimal(price, usdScale)
    if (side === 'buy' || side === 'sell') {
      this.#book.set(id, { user, isBuy: side === 'buy', price: cents, left: decimal(size, cryptoScale) })
      this.#bookChanged = true
      return
    }
    this.#marketOrders.set(id, user)
    const [oldest] = this.#marketOrders.keys()
    if (oldest !== undefined && this.#marketOrders.size > mostMarketOrders) this.#marketOrders.delete(oldest)
    this.#mid = cents // its price is the mid at that moment
  }

  matched({ size, price, buy_id, sell_id }: Match): void {
    const crypto = decimal(size, cryptoScale)
    const usd = divide(crypto * decimal(price, usdScale), 10n ** BigInt(cryptoScale))
    const [buyer, seller] = [this.#traded(buy_id, crypto), this.#traded(sell_id, crypto)]
    if (buyer !== undefined) {
      buyer.usd -= usd
      buyer.crypto += crypto
    }
    if (seller !== undefined) {
      seller.usd += usd
      seller.crypto -= crypto
    }
    this.trades++
    if (buyer === undefined || seller === undefined) this.isIncomplete = true
  }

  canceled(id: string): void {
    this.#settle()
    if (this.#book.delete(id)) this.#bookChanged = true
    this.#marketOrders.delete(id)
  }

  /** The average of the best buy and the best sell; a side that is empty counts as what the mid was. */
  mid(): bigint {
    if (!this.#bookChanged) return this.#mid
    const prices = (isBuy: boolean) =>
      [...this.#book.values()].filter((order) => order.isBuy === isBuy).map(({ price }) => price)
    const [buys, sells] = [prices(true), prices(false)]
    if (buys.length === 0 && sells.length === 0) return this.#mid
    const bid = buys.reduce((a, b) => (a > b ? a : b), buys[0] ?? this.#mid)
    const ask = sells.reduce((a, b) => (a < b ? a : b), sells[0] ?? this.#mid)
    return divide(bid + ask, 2n)
  }

  ranking(): Rank[] {
    const mid = this.mid()
    const worth = ({ usd, crypto }: { usd: bigint; crypto: bigint }) =>
      divide(usd * 10n ** BigInt(cryptoScale) + crypto * mid, 10n ** BigInt(cryptoScale))
    return ranked(
      [...this.#players].map(([user, player]) => ({
        user,
        crypto: textOf(player.crypto, cryptoScale),
        usd: textOf(player.usd, usdScale),
        holdings: textOf(worth(player), usdScale),
      })),
    )
  }

  /** The server works the mid out once a command, after its matches: that is, when the next command is told. */
  #settle(): void {
    this.#mid = this.mid()
    this.#bookChanged = false
  }

  #traded(id: string, size: bigint): { usd: bigint; crypto: bigint } | undefined {
    const order = this.#book.get(id)
    if (order === undefined) return this.#players.get(this.#marketOrders.get(id) ?? '')
    this.#bookChanged = true
    order.left -= size
    if (order.left < 100n) this.#book.delete(id) // the server closes what is less than the least size
    return this.#players.get(order.user)
  }
}

try {
  main()
} catch (error) {
  fail(error instanceof Error ? error.message : String(error))
}

function main(): void {
  const options = readOptions()
  if (options === undefined) return
  const { url, insecure, usdStart, cryptoStart, every, top, trades, csv } = options
  const game = new Game(usdStart, cryptoStart)
  let changed = false
  let final: Rank[] | undefined
  let finalPrice = ''
  let ending = false

  const socket = new WebSocket(url, { rejectUnauthorized: !insecure, handshakeTimeout: 10_000 })
  const timer = setInterval(() => changed && !ending && printRanking(), every * 1000)
  let isOpen = false
  socket.on('open', () => {
    isOpen = true
    say(`watching ${url}`)
  })
  socket.on('error', (error) => {
    if (!isOpen) fail(`cannot reach the feed at ${url} (${reasonOf(error)}); is the game running?`)
  })
  socket.on('message', (text) => {
    try {
      hear(JSON.parse(text.toString()))
    } catch (error) {
      fail(`${url} sent what is no message of a feed (${error instanceof Error ? error.message : error})`)
      socket.terminate()
    }
  })
  socket.on('close', (code) => {
    clearInterval(timer)
    if (!isOpen || process.exitCode !== undefined) return
    if (final !== undefined) printFinal(final)
    else if (stopped) printRanking()
    else if (code === 1001) say('the server has stopped before the end; at its next start the game goes on')
    else
      fail(
        `lost the feed (${code}${code === 1013 ? ': we were too slow' : ''}); start me again when it is back`,
      )
  })
  let stopped = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopped) process.exit(130)
      stopped = true
      socket.close()
    })
  }

  function hear(told: Message): void {
    switch (told.type) {
      case 'info':
        if (told.message.startsWith('Registered: ')) {
          game.join(told.message.slice('Registered: '.length))
          say(told.message)
        }
        break
      case 'buy':
      case 'sell':
      case 'buy_market':
      case 'sell_market':
        game.placed(told.message)
        break
      case 'match':
        game.matched(told.message)
        if (trades) say(`${told.message.size} traded at ${told.message.price}`)
        break
      case 'cancel':
        game.canceled(told.message)
        break
      case 'bcast':
        say(`${told.user} says ${JSON.stringify(told.message)}`)
        break
      case 'start':
      case 'pause':
        say(told.message)
        break
      case 'shutdown':
        say(told.message)
        ending = true // the cancels that follow move the mid, and the final price no more
        break
      case 'csv':
        final = ranked(rowsOf(told.data))
        if (csv !== undefined) writeFileSync(csv, told.data)
        break
      case 'result':
        final = [...told.data.ranking]
        finalPrice = ` at ${told.data.final_price}`
        break
    }
    changed = true
  }

  function printRanking(): void {
    changed = false
    const incomplete = game.isIncomplete ? '; incomplete, since the game began before we came' : ''
    say(`ranking at ${textOf(game.mid(), usdScale)} after ${game.trades} trades${incomplete}`)
    print(game.ranking())
  }

  function printFinal(ranking: Rank[]): void {
    say(`final ranking${finalPrice}`)
    print(ranking)
  }

  function print(ranking: Rank[]): void {
    for (const { rank, user, crypto, usd, holdings } of ranking.slice(0, top)) {
      console.log(
        clean(`${String(rank).padStart(3)}. ${user}: ${holdings} (${usd} dollars, ${crypto} crypto)`),
      )
    }
  }
}

/** The richest first; who holds the same shares the rank. */
function ranked(players: readonly Omit<Rank, 'rank'>[]): Rank[] {
  const cents = (player: { holdings: string }) => decimal(player.holdings, usdScale)
  const sorted = [...players].sort((a, b) => Number(cents(b) - cents(a)))
  return sorted.map((player) => ({
    rank: 1 + sorted.findIndex(({ holdings }) => holdings === player.holdings),
    ...player,
  }))
}

/** Every field of the CSV is quoted, and no quote is in any of them. */
function rowsOf(csv: string): Omit<Rank, 'rank'>[] {
  const [, ...rows] = csv.split('\n').filter((row) => row !== '')
  return rows.map((row) => {
    const [user = '', crypto = '', usd = '', holdings = ''] = row.slice(1, -1).split('","')
    return { user, crypto, usd, holdings }
  })
}

/** Text such as 12.5 or 5.00E-8 in whole units of 10^-scale, what is smaller rounded half to even. */
function decimal(text: string, scale: number): bigint {
  const parts = /^(-?\d+)(?:\.(\d+))?(?:E([-+]?\d{1,2}))?$/i.exec(text)
  if (parts === null) throw new Error(`not a decimal: ${text}`)
  const [, whole = '', fraction = '', exponent = '0'] = parts
  const digits = BigInt(whole + fraction)
  const shift = scale - fraction.length + Number(exponent)
  return shift >= 0 ? digits * 10n ** BigInt(shift) : divide(digits, 10n ** BigInt(-shift))
}

/** Rounded half to even. The divisor is positive. */
function divide(dividend: bigint, divisor: bigint): bigint {
  const magnitude = dividend < 0n ? -dividend : dividend
  const [quotient, rest] = [magnitude / divisor, magnitude % divisor]
  const up = rest * 2n > divisor || (rest * 2n === divisor && quotient % 2n === 1n)
  const rounded = up ? quotient + 1n : quotient
  return dividend < 0n ? -rounded : rounded
}

function textOf(value: bigint, scale: number): string {
  const digits = `${value < 0n ? -value : value}`.padStart(scale + 1, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

function say(text: string): void {
  console.log(`cxgame-feed: ${clean(text)}`)
}

function fail(text: string): void {
  console.error(`cxgame-feed: ${clean(text)}`)
  process.exitCode = 1
}

/** Players choose names and what they say: none of it may steer the terminal. */
function clean(text: string): string {
  return text.replace(/\p{C}/gu, '?')
}

function reasonOf(error: Error): string {
  return error.message || String((error as NodeJS.ErrnoException).code)
}

function readOptions() {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({
    options: {
      url: { type: 'string', default: 'ws://127.0.0.1:9876' },
      insecure: flag,
      'usd-start': { type: 'string', default: '10000.00' },
      'crypto-start': { type: 'string', default: '10.0' },
      every: { type: 'string', default: '5' },
      top: { type: 'string', default: '10' },
      trades: flag,
      csv: text,
      help: flag,
    },
  })
  if (values.help) {
    console.log(help)
    return undefined
  }
  if (!/^wss?:\/\/./.test(values.url))
    throw new Error(`--url is not a ws:// or wss:// address: ${values.url}`)
  const number = (name: 'usd-start' | 'crypto-start' | 'every' | 'top', form: RegExp) => {
    if (!form.test(values[name])) throw new Error(`--${name} is not a number that fits: ${values[name]}`)
    return values[name]
  }
  return {
    url: values.url,
    insecure: values.insecure,
    usdStart: decimal(number('usd-start', /^\d{1,15}(\.\d{1,2})?$/), usdScale),
    cryptoStart: decimal(number('crypto-start', /^\d{1,15}(\.\d{1,10})?$/), cryptoScale),
    every: Number(number('every', /^(?!0+(\.0+)?$)\d{1,6}(\.\d+)?$/)),
    top: Number(number('top', /^\d{1,6}$/)),
    trades: values.trades,
    csv: values.csv,
  }
}
