import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import WebSocket from 'ws'

/**
 * A player of the game: one file, nothing but `ws`.
 *
 * It makes a market: a buy under the mid price and a sell over it. It keeps its crypto within `--most` of `--target`: the
 * nearer it is to that bound, the less it offers on the side that leads there. Both prices stay as
 * far from the mid as each other, since the mid is itself made of the best buy and the best sell: a player who is alone
 * in the book and leans to one side would chase its own mid.
 *
 * Limit orders never meet at once in this game (a buy has to be under the mid, a sell at it or over it), so players who
 * only quote would never trade. Every few rounds it therefore trades a little at market, toward its target.
 */
const help = `Player: makes a market around the mid price of the game, within bounds.

usage: npx tsx examples/cxgame-player.ts [options]

  --url URL          the game's exchange (ws://127.0.0.1:9877); wss:// where it uses TLS
  --insecure         take any TLS certificate, such as a self-signed one
  --name NAME        who plays (player-NNNN)
  --token-file FILE  where to keep name and token, to come back as the same player
  --size X           crypto of an order (0.5)
  --edge X           dollars from the mid to each price (2.00)
  --target X         how much crypto to hold (10)
  --most X           how far from the target to go at most (5)
  --take N           every N rounds also trade a tenth of the size at market; 0: never (5)
  --rounds N         stop after N rounds (goes on until the game ends, or Ctrl-C)
  --wait MS          how long to wait between rounds (1000)

Ctrl-C cancels the orders that are still open and ends; a second one ends at once.`

/** Every reply has these three keys. Decimals in `data` are text. */
interface Reply {
  readonly status: boolean
  readonly message: string
  readonly data: unknown
}

interface Wallets {
  readonly usd: string
  readonly crypto: string
}

interface LimitOrder {
  readonly id: string
  readonly side: 'buy' | 'sell'
  readonly price: string
  /** What is left of it. */
  readonly size: string
}

interface Orders {
  readonly maker: readonly LimitOrder[]
  readonly market: readonly { readonly id: string; readonly side: string; readonly amount: string }[]
}

/** The server ended the connection in good order: with the game, or with itself. */
class Over extends Error {}

/** The connection broke. Orders stay open meanwhile, and the token leads back to them. */
class Lost extends Error {}

/** The server said no to a question: the game is paused, or waits for its players. */
class Refused extends Error {}

/** One request at a time: replies carry no id, and come in the order of the requests. */
class Door {
  static async open(url: string, insecure: boolean): Promise<Door> {
    const socket = new WebSocket(url, { rejectUnauthorized: !insecure, handshakeTimeout: 10_000 })
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', (error) =>
        reject(new Lost(`cannot reach the game at ${url} (${reasonOf(error)}); is it running?`)),
      )
    })
    return new Door(url, socket)
  }

  readonly #socket: WebSocket
  #waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void } | undefined
  #end: Error | undefined

  private constructor(url: string, socket: WebSocket) {
    this.#socket = socket
    socket.on('error', () => {}) // a close follows
    socket.on('message', (text) => {
      const reply = replyOf(text.toString())
      if (reply !== undefined) this.#waiting?.resolve(reply)
      else
        this.#waiting?.reject(new Error(`${url} does not answer as the exchange of a game; is it its feed?`))
      this.#waiting = undefined
    })
    socket.on('close', (code) => {
      this.#end =
        code === 1001 || code === 1000
          ? new Over('the game is over')
          : new Lost(`lost the connection (${code})`)
      this.#waiting?.reject(this.#end)
    })
  }

  /** The reply, also when the answer is no. */
  async call(cmd: string, params: object = {}): Promise<Reply> {
    if (this.#end !== undefined) throw this.#end
    // A late reply would be taken for the next one's: without an answer the connection is of no use any more.
    const timer = setTimeout(() => this.#socket.terminate(), 10_000)
    const reply = await new Promise<Reply>((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket.send(JSON.stringify({ cmd, params }))
    }).finally(() => clearTimeout(timer))
    if (reply.message === 'Game has ended.') throw new Over('the game is over')
    return reply
  }

  close(): void {
    this.#socket.close()
  }
}

try {
  await main()
} catch (error) {
  console.error(`cxgame-player: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}

async function main(): Promise<void> {
  const options = readOptions()
  if (options === undefined) return
  const { url, insecure, tokenFile, size, edge, target, most, take, rounds, wait } = options
  const stop = stopOnSignals()
  let { name, token } = whoWeAre(options.name, tokenFile)
  let round = 0
  let said = ''
  let sellFirst = false

  say(`${name} at ${url}`)
  try {
    await play(await Door.open(url, insecure))
  } catch (error) {
    await comeBack(error)
  }

  /** A broken connection is made again for a minute: a server that crashed goes on with the same game. */
  async function comeBack(error: unknown): Promise<void> {
    let failure = error
    for (let tries = 0; failure instanceof Lost && token !== '' && !stop.aborted && tries < 60; tries++) {
      if (tries === 0) say(`${failure.message}; trying again`)
      await pause(1000)
      try {
        const door = await Door.open(url, insecure)
        tries = -1
        return await play(door)
      } catch (next) {
        failure = next
      }
    }
    if (failure instanceof Over) return say(failure.message)
    throw failure
  }

  async function play(door: Door): Promise<void> {
    try {
      await enter(door)
      while (!stop.aborted && round < rounds) {
        try {
          await quote(door)
          round++
          said = ''
        } catch (error) {
          if (!(error instanceof Refused)) throw error
          if (error.message !== said) say(error.message)
          said = error.message
        }
        await pause(wait)
      }
      await leave(door)
    } finally {
      door.close()
    }
  }

  async function enter(door: Door): Promise<void> {
    if (token !== '') {
      const { status, message } = await door.call('auth', { username: name, token })
      if (status) return say(`back as ${name}`)
      // So it is a new game, and the token one of an earlier. Any other refusal is for the user to look at.
      if (message !== 'User is not registered.') throw new Error(`${name}: ${message}`)
    }
    const { status, message, data } = await door.call('register', { username: name })
    if (!status) throw new Error(`${name}: ${message}`)
    token = String(data)
    if (tokenFile !== undefined) writeFileSync(tokenFile, JSON.stringify({ name, token }), { mode: 0o600 })
    say(`registered as ${name}`)
  }

  /** Puts the two orders where they belong, if they are not there. */
  async function quote(door: Door): Promise<void> {
    const mid = cents((await ask(door, 'price')) as string)
    let { orders, holds } = await look(door)
    const taking = take > 0 && round % take === take - 1 ? towardTarget(holds.crypto) : undefined
    // Not on both: if both traded, that might be more than the bound allows.
    const offers = () => quotes(mid, holds).filter(({ side }) => taking !== `${side}_market`)
    const isWanted = (order: LimitOrder) => offers().some((offer) => isSame(offer, order))

    const stale = [...orders.market, ...orders.maker.filter((order) => !isWanted(order))]
    for (const { id } of stale) await door.call('cancel', { order_id: id })
    if (stale.length > 0) ({ orders, holds } = await look(door)) // they may have traded before they were gone

    const missing = offers().filter(({ side }) => !orders.maker.some((order) => order.side === side))
    // While only one of the two is in the book the mid leans to it: so it is not always the same one.
    sellFirst = !sellFirst
    if (sellFirst) missing.reverse()
    for (const { side, price, size } of missing) tell(side, await door.call(side, { price, size }))
    if (missing.length > 0) {
      const texts = missing.map(({ side, price, size }) => `${side} ${size} at ${price}`).join(', ')
      say(`mid ${dollars(mid)}, holds ${holds.crypto.toFixed(4)}: ${texts}`)
    }
    if (taking !== undefined) await trade(door, taking, mid, holds.crypto)
  }

  /** Between two questions an order may trade: then what it moved would be missing, or there twice. */
  async function look(door: Door) {
    for (let wallets = (await ask(door, 'wallets')) as Wallets; ; ) {
      const orders = (await ask(door, 'orders')) as Orders
      const after = (await ask(door, 'wallets')) as Wallets
      if (after.usd === wallets.usd && after.crypto === wallets.crypto)
        return { orders, holds: holdings(wallets, orders) }
      wallets = after
    }
  }

  function quotes(mid: number, { usd, crypto }: { usd: number; crypto: number }) {
    /** How much more may be bought or sold, so far from the target on the other side. */
    const room = (distance: number) =>
      Math.max(0, Math.min(size, (size * (most + distance)) / most, most + distance))
    const [low, high] = [mid - edge, mid + edge]
    const offers = [
      { side: 'buy', price: dollars(low), most: Math.min(room(target - crypto), usd / (low / 100)) },
      { side: 'sell', price: dollars(high), most: Math.min(room(crypto - target), crypto) },
    ] as const
    return offers
      .map(({ side, price, most }) => ({
        side,
        price,
        size: (Math.floor(most * 10_000) / 10_000).toFixed(4),
      }))
      .filter(({ price, size }) => Number(price) >= 0.1 && Number(size) > 0)
  }

  function towardTarget(crypto: number): 'buy_market' | 'sell_market' {
    const isShort = crypto < target || (crypto === target && Math.random() < 0.5)
    return isShort ? 'buy_market' : 'sell_market'
  }

  async function trade(door: Door, side: 'buy_market' | 'sell_market', mid: number, crypto: number) {
    const room = most + (side === 'buy_market' ? target - crypto : crypto - target)
    const little = Math.max(0, Math.min(size / 10, room))
    const amount = side === 'buy_market' ? dollars(little * mid) : little.toFixed(4)
    tell(side, await door.call(side, { amount }))
  }

  async function leave(door: Door): Promise<void> {
    try {
      const { maker, market } = (await ask(door, 'orders')) as Orders
      for (const { id } of [...maker, ...market]) await door.call('cancel', { order_id: id })
      const { usd, crypto } = (await ask(door, 'wallets')) as Wallets
      say(`holds ${crypto} crypto and ${usd} dollars, no order left open`)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      say(`${error.message} Orders stay open`)
    }
  }

  async function pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: stop }).catch(() => {})
  }
}

async function ask(door: Door, question: string): Promise<unknown> {
  const { status, message, data } = await door.call(question)
  if (!status) throw new Refused(message)
  return data
}

/** Wallets hold what is free; what open orders have reserved is ours too. */
function holdings(wallets: Wallets, { maker, market }: Orders): { usd: number; crypto: number } {
  let [usd, crypto] = [Number(wallets.usd), Number(wallets.crypto)]
  for (const { side, price, size } of maker) {
    if (side === 'buy') usd += Number(price) * Number(size)
    else crypto += Number(size)
  }
  for (const { side, amount } of market) {
    if (side === 'buy_market') usd += Number(amount)
    else crypto += Number(amount)
  }
  return { usd, crypto }
}

/** That an order was refused does no harm: the mid has moved meanwhile, or nobody is on the other side. */
function tell(what: string, { status, message }: Reply): void {
  if (!status) say(`${what}: ${message}`)
}

function say(text: string): void {
  console.log(`cxgame-player: ${text}`)
}

function isSame(offer: { side: string; price: string; size: string }, order: LimitOrder): boolean {
  return offer.side === order.side && offer.price === order.price && Number(offer.size) === Number(order.size)
}

function replyOf(text: string): Reply | undefined {
  try {
    const reply = JSON.parse(text)
    return typeof reply?.status === 'boolean' && typeof reply.message === 'string' ? reply : undefined
  } catch {
    return undefined
  }
}

/** The file's name and token when there is one, else a new player. */
function whoWeAre(name: string | undefined, file: string | undefined): { name: string; token: string } {
  if (file === undefined || !existsSync(file)) {
    return { name: name ?? `player-${Math.floor(1000 + 9000 * Math.random())}`, token: '' }
  }
  const kept = tokenOf(readFileSync(file, 'utf8'))
  if (kept === undefined) throw new Error(`${file} holds no name and token`)
  if (name !== undefined && name !== kept.name)
    throw new Error(`${file} is of ${kept.name}, and --name says ${name}`)
  return kept
}

function tokenOf(text: string): { name: string; token: string } | undefined {
  try {
    const { name, token } = JSON.parse(text)
    return typeof name === 'string' && typeof token === 'string' ? { name, token } : undefined
  } catch {
    return undefined
  }
}

function cents(text: string): number {
  return Math.round(Number(text) * 100)
}

function dollars(cents: number): string {
  return (Math.round(cents) / 100).toFixed(2)
}

function reasonOf(error: Error): string {
  return error.message || String((error as NodeJS.ErrnoException).code)
}

function readOptions() {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: {
      url: { type: 'string', default: 'ws://127.0.0.1:9877' },
      insecure: { type: 'boolean', default: false },
      name: text,
      'token-file': text,
      size: text,
      edge: text,
      target: text,
      most: text,
      take: text,
      rounds: text,
      wait: text,
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(help)
    return undefined
  }
  if (!/^wss?:\/\/./.test(values.url))
    throw new Error(`--url is not a ws:// or wss:// address: ${values.url}`)
  const number = (flag: 'size' | 'edge' | 'target' | 'most', usual: number, least: number) => {
    const given = values[flag] ?? String(usual)
    if (!/^\d{1,9}(\.\d{1,4})?$/.test(given) || Number(given) < least)
      throw new Error(`--${flag} is not a number of at least ${least}: ${given}`)
    return Number(given)
  }
  const wholeNumber = (flag: 'take' | 'rounds' | 'wait', usual: number) => {
    const given = values[flag]
    if (given !== undefined && !/^\d{1,9}$/.test(given))
      throw new Error(`--${flag} is not a whole number: ${given}`)
    return given === undefined ? usual : Number(given)
  }
  return {
    url: values.url,
    insecure: values.insecure,
    name: values.name,
    tokenFile: values['token-file'],
    size: number('size', 0.5, 0.001),
    edge: Math.round(number('edge', 2, 0.01) * 100),
    target: number('target', 10, 0),
    most: number('most', 5, 0.001),
    take: wholeNumber('take', 5),
    rounds: wholeNumber('rounds', Number.POSITIVE_INFINITY),
    wait: wholeNumber('wait', 1000),
  }
}

function stopOnSignals(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130)
      controller.abort()
    })
  }
  return controller.signal
}
