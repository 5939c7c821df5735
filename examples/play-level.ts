import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Rest, StockyardError } from '../sdk/index.ts'
import { Client, type Execution } from './client.ts'
import type { Fill, Player, Seen, Wish } from './levels/player.ts'
import { players } from './levels/players.ts'

const help = `Plays a level of the game master, with one of the players of examples/levels/.

usage: npx tsx examples/play-level.ts LEVEL [PLAYER] [options]

  --url URL            the exchange (http://127.0.0.1:8000)
  --key KEY            your key, where the exchange asks for keys
  --seed N             which game; another each time if absent
  --seconds-per-day N  how long a trading day is (5)

${Object.entries(players)
  .map(([level, names]) => `  ${level.padEnd(21)} ${Object.keys(names).join(', ')}`)
  .join('\n')}

Of each level the first player is the best. Ctrl-C leaves the level, which stays open for a while.`

/** What the game master says of a game. */
interface Game {
  readonly instanceId: number
  readonly account: string
  readonly venues: readonly [string]
  readonly tickers: readonly [string]
  readonly secondsPerTradingDay: number
}

interface Status {
  readonly done: boolean
  readonly state: string
  readonly score?: number
  readonly details: { readonly tradingDay: number; readonly reason?: string }
  readonly flash?: { readonly info?: string }
}

/** Orders that are asked for at once. */
const page = 1000
/** How many orders of others are looked at to learn who is there. */
const enoughOrders = 1000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8000' },
    key: { type: 'string' },
    seed: { type: 'string' },
    'seconds-per-day': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const { url, key } = values
const [level = '', name = Object.keys(players[level] ?? {})[0] ?? ''] = positionals
const player = players[level]?.[name]

if (values.help) console.log(help)
else if (player === undefined) {
  console.error(help)
  process.exitCode = 2
} else {
  try {
    await play(player)
  } catch (error) {
    if (!(error instanceof StockyardError) && !(error instanceof Error)) throw error
    console.error(`play-level: ${error.message}`)
    process.exitCode = 1
  }
}

async function play(player: Player<unknown>): Promise<void> {
  const seed = values.seed === undefined ? {} : { seed: Number(values.seed) }
  const days = values['seconds-per-day']
  const terms = { ...seed, ...(days !== undefined && { secondsPerDay: Number(days) }) }
  const game = await ask<Game>('POST', `/gm/levels/${level}`, terms)
  const { account, secondsPerTradingDay } = game
  const stock = { venue: game.venues[0], symbol: game.tickers[0] }
  const rest = new Rest({ url, key })
  const stopping = new AbortController()
  // A hundred sockets wait for the end.
  setMaxListeners(0, stopping.signal)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
  console.log(`${level} on ${stock.venue}/${stock.symbol} for ${account}: ${name} plays`)

  let fills: Fill[] = []
  let others: Seen['others'][number][] = []
  const follow = (who: string, told: (execution: Execution) => void) =>
    new Client({ url, ...stock, account: who, key }).executions(stopping.signal, () => {}, told)
  await follow(account, (execution) => fills.push(toFill(execution)))
  const known = new Set([account])
  let lookedAt = 0
  let memory = player.start
  let lastInfo: string | undefined

  try {
    while (!stopping.signal.aborted) {
      const status = await ask<Status>('GET', `/gm/instances/${game.instanceId}`)
      if (status.done) return report(status)
      if (status.flash?.info !== lastInfo)
        console.log(`day ${status.details.tradingDay}: ${status.flash?.info}`)
      lastInfo = status.flash?.info
      if (player.followsOthers === true) await meetEverybody()
      const seen = await look(status)
      const decision = player.decide(memory, seen)
      memory = decision.memory
      for (const wish of decision.wishes) await grant(wish)
      const pauseMs = (player.every * 1000 * secondsPerTradingDay) / 5
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  } finally {
    stopping.abort()
  }

  async function look({ details, flash }: Status): Promise<Seen> {
    const quote = await rest.quote(stock)
    const { orders } = await rest.orders({ ...stock, account }, { open: true, limit: page })
    const booked = player.asksForOrders === true ? await position() : undefined
    const seen: Seen = {
      day: details.tradingDay,
      bid: quote.bid === undefined ? undefined : { price: quote.bid, quantity: Number(quote.bidSize) },
      ask: quote.ask === undefined ? undefined : { price: quote.ask, quantity: Number(quote.askSize) },
      last: quote.last,
      info: flash?.info,
      open: orders.map(({ id, direction, price, qty }) => ({ id, side: direction, price, open: qty })),
      ...{ fills, booked, others },
    }
    fills = []
    others = []
    return seen
  }

  /** What the account holds by all the orders it ever placed. */
  async function position(): Promise<number> {
    let held = 0
    for (let before: number | undefined; ; ) {
      const { orders, more } = await rest.orders(
        { ...stock, account },
        { limit: page, ...(before !== undefined && { before }) },
      )
      for (const { direction, totalFilled } of orders)
        held += direction === 'buy' ? totalFilled : -totalFilled
      if (!more) return held
      before = Math.min(...orders.map(({ id }) => id))
    }
  }

  async function grant(wish: Wish): Promise<void> {
    if (wish.type === 'accuse') {
      await ask('POST', `/gm/instances/${game.instanceId}/judge`, { account: wish.account })
      return
    }
    try {
      if (wish.type === 'cancel') await rest.cancel({ ...stock, id: wish.id })
      else {
        const { side, orderType, price, quantity } = wish
        await rest.place(stock, { account, direction: side, orderType, price, qty: quantity })
      }
    } catch (error) {
      // The order may just have been filled, and the game may just have ended.
      if (!(error instanceof StockyardError) || error.status === undefined) throw error
    }
  }

  /** A venue that names the owner of an order to whoever tries to cancel it tells who is there. */
  async function meetEverybody(): Promise<void> {
    for (; lookedAt < enoughOrders; lookedAt += 1) {
      const answer = await rest.cancel({ ...stock, id: lookedAt + 1 }).catch((error: unknown) => error)
      if (!(answer instanceof StockyardError)) continue
      if (answer.status === 404) return
      const owner = answer.message.match(/own account (\w+)/)?.[1]
      if (owner === undefined || known.has(owner)) continue
      known.add(owner)
      await follow(owner, (told) =>
        others.push({ ...toFill(told), account: owner, taker: told.order.id === told.incomingId }),
      )
    }
  }
}

function report({ state, score, details }: Status): void {
  const why = details.reason === undefined ? '' : ` (${details.reason})`
  console.log(`${state}${why} on day ${details.tradingDay}${score === undefined ? '' : `, score ${score}`}`)
  if (state !== 'won') process.exitCode = 1
}

function toFill({ order, price, filled }: Execution): Fill {
  return { side: order.direction, price, quantity: filled }
}

async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`${url.replace(/\/+$/, '')}${path}`, {
    method,
    headers: {
      ...(key !== undefined && { 'X-Starfighter-Authorization': key }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch((error: Error) => {
    throw new Error(`cannot reach the exchange at ${url} (${error.message}); is it running?`)
  })
  const answer = (await response.json()) as T & { readonly ok: boolean; readonly error?: string }
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.error} (status ${response.status})`)
  return answer
}
