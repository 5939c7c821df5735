import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Client, type Direction, type Order } from './client.ts'

/** What the sample bots share: flags, chance, and leaving no order behind. */

export interface Bot {
  readonly client: Client
  /** Our orders that were not canceled yet, oldest first. Some of them may be filled by now. */
  readonly orders: readonly number[]
  /** Aborted by Ctrl-C. */
  readonly stop: AbortSignal
  /** False after Ctrl-C, and when all the orders of `--orders` are placed. */
  running(): boolean
  place(direction: Direction, price: number, qty: number): Promise<Order>
  cancel(id: number): Promise<Order>
  /** Waits as long as `--wait` says, give or take 40 percent, or until there is news. */
  pause(news?: AbortSignal): Promise<void>
  /** A whole number, both ends included. */
  between(low: number, high: number): number
}

interface About {
  readonly name: string
  readonly text: string
  readonly account: string
}

/** Runs a bot until it returns or fails, or Ctrl-C; then cancels the orders it left. */
export async function runBot(about: About, trade: (bot: Bot) => Promise<void>): Promise<void> {
  try {
    const options = readOptions(about)
    if (options === undefined) return
    const say = (text: string) => console.log(`${about.name}: ${text}`)
    const { access, limit, seed, wait } = options
    const client = new Client(access)
    const random = randomFrom(seed)
    const stopping = stopOnSignals()
    const stop = stopping.signal
    const orders: number[] = []
    let placed = 0
    const bot: Bot = {
      client,
      orders,
      stop,
      running: () => !stop.aborted && placed < limit,
      place: async (direction, price, qty) => {
        const order = await client.place(direction, price, qty)
        placed++
        orders.push(order.id)
        say(`${direction} ${qty} at ${price}: order ${order.id}, ${order.totalFilled} filled`)
        return order
      },
      cancel: async (id) => {
        const order = await client.cancel(id)
        orders.splice(orders.indexOf(id), 1)
        return order
      },
      pause: async (news) => {
        const signal = news === undefined ? stop : AbortSignal.any([stop, news])
        await sleep(wait * (0.6 + 0.8 * random()), undefined, { signal }).catch(() => {})
      },
      between: (low, high) => low + Math.floor(random() * (high - low + 1)),
    }

    say(`${access.account} on ${access.venue}/${access.symbol} at ${access.url}, seed ${seed}`)
    try {
      await trade(bot)
    } finally {
      await cancelAll(bot).finally(() => stopping.abort())
      if (placed > 0) say(`orders placed: ${placed}, none left open`)
    }
  } catch (error) {
    console.error(`${about.name}: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}

async function cancelAll({ orders, cancel }: Bot): Promise<void> {
  try {
    while (orders[0] !== undefined) await cancel(orders[0])
  } catch (error) {
    console.error(`may still be open: ${orders.join(', ')}`)
    throw error
  }
}

/** Flags over environment over defaults. */
function readOptions({ name, text, account }: About) {
  const { values } = parseArgs({
    options: {
      url: { type: 'string', default: process.env.BOT_URL ?? 'http://127.0.0.1:8000' },
      venue: { type: 'string', default: process.env.BOT_VENUE ?? 'TESTEX' },
      symbol: { type: 'string', default: process.env.BOT_SYMBOL ?? 'FOOBAR' },
      account: { type: 'string', default: process.env.BOT_ACCOUNT ?? account },
      key: { type: 'string', default: process.env.BOT_KEY ?? '' },
      orders: { type: 'string', default: process.env.BOT_ORDERS ?? '' },
      wait: { type: 'string', default: process.env.BOT_WAIT ?? '500' },
      seed: { type: 'string', default: process.env.BOT_SEED ?? '' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(`${text}

usage: npx tsx examples/${name}.ts [options]

  --url URL        the exchange (http://127.0.0.1:8000)
  --venue VENUE    where to trade (TESTEX)
  --symbol SYMBOL  what to trade (FOOBAR)
  --account NAME   for whom to trade (${account})
  --key KEY        the account's key, where the exchange asks for keys
  --orders N       stop after N orders (goes on until Ctrl-C)
  --wait MS        about how long to wait between orders (500)
  --seed N         the same N makes the same choices (any)

Each can also come from the environment: BOT_URL, BOT_VENUE, and so on.
Ctrl-C cancels the orders that are still open and ends; a second one ends at once.`)
    return undefined
  }
  return {
    access: {
      url: values.url,
      venue: values.venue,
      symbol: values.symbol,
      account: values.account,
      key: values.key || undefined,
    },
    limit: wholeNumber('orders', values.orders) ?? Number.POSITIVE_INFINITY,
    wait: wholeNumber('wait', values.wait) ?? 500,
    seed: wholeNumber('seed', values.seed) ?? Math.floor(Math.random() * 1e9),
  }
}

function wholeNumber(flag: string, text: string): number | undefined {
  if (text !== '' && !/^\d{1,9}$/.test(text)) throw new Error(`--${flag} is not a whole number: ${text}`)
  return text === '' ? undefined : Number(text)
}

function stopOnSignals(): AbortController {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130)
      controller.abort()
    })
  }
  return controller
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }
}
