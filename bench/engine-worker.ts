import { readFileSync, writeFileSync } from 'node:fs'
import { OrderBook } from 'nodejs-order-book'
import type { Command } from '../src/domain/command.ts'
import type { Lots, Micros, Sequence } from '../src/domain/units.ts'
import { defaultLimits } from '../src/domain/venue.ts'
import { Engine } from '../src/engine/engine.ts'
import { accounts, cancel, MixedMarket, place, RestingIds, symbol, venue } from './commands.ts'
import { answer, input } from './process.ts'
import { below, seeded, shuffle, small } from './random.ts'

export type EngineTask =
  | {
      readonly task: 'write-stream'
      readonly file: string
      readonly commands: number
      readonly depth: number
    }
  | {
      readonly task: 'mixed'
      readonly file: string
      readonly who: 'stockyard' | 'stockyard-cash' | 'nodejs-order-book'
    }
  | {
      readonly task: 'resting'
      readonly orders: number
      readonly ordersPerLevel: number
      readonly commands: number
      /** Where the activity is: near the best prices, or anywhere in the book. */
      readonly where: 'top' | 'anywhere'
    }

export interface StreamResult {
  readonly resting: number
  readonly trades: number
  readonly cancels: number
}
export interface MixedResult {
  readonly perSecond: number
  /** A fingerprint of the book at the end. */
  readonly book: string
}
export interface RestingResult {
  readonly perSecond: number
  readonly builtPerSecond: number
  readonly bytesPerOrder: number
}

/** An engine that takes the next command of its own counting. */
class Counted {
  readonly engine = new Engine()
  #sequence = 0

  constructor() {
    const many = 10_000_000
    this.engine.limits = { ...defaultLimits, openOrders: many, openOrdersPerAccount: many }
  }

  apply(command: Command) {
    this.#sequence += 1
    return this.engine.apply({
      sequence: this.#sequence as Sequence,
      time: this.#sequence as Micros,
      command,
    })
  }
}

const task = input<EngineTask>()
switch (task.task) {
  case 'write-stream':
    answer(writeStream(task))
    break
  case 'mixed': {
    const commands = readFileSync(task.file, 'utf8')
      .split('\n')
      .map((line) => JSON.parse(line) as Command)
    answer(
      task.who === 'nodejs-order-book'
        ? runRival(commands)
        : runOurs(commands, task.who === 'stockyard-cash'),
    )
    break
  }
  case 'resting':
    answer(runResting(task))
    break
  default:
    task satisfies never
}

/** Makes a stream of commands that cancel what is open, by running them through an engine. */
function writeStream({ file, commands, depth }: EngineTask & { task: 'write-stream' }): StreamResult {
  const engine = new Counted()
  const market = new MixedMarket(seeded(1), depth)
  const resting = new RestingIds()
  const lines: string[] = []
  let trades = 0
  let cancels = 0
  while (lines.length < commands) {
    const command = market.next(resting)
    const events = engine.apply(command)
    resting.follow(events)
    for (const event of events) if (event.type === 'trade') trades += 1
    if (command.type === 'cancel') cancels += 1
    lines.push(JSON.stringify(command))
  }
  writeFileSync(file, lines.join('\n'))
  return { resting: resting.ids.length, trades, cancels }
}

function runOurs(commands: readonly Command[], isForMoney: boolean): MixedResult {
  const engine = new Counted()
  if (isForMoney) openCashVenue(engine)
  const seconds = timed(() => {
    for (const command of commands) engine.apply(command)
  })
  const book = engine.engine.venues.get(venue)?.books.get(symbol)
  const levels = (side: 'bids' | 'asks') =>
    [...(book?.[side].levels() ?? [])].map(({ price, quantity }) => [price, Number(quantity)] as const)
  return { perSecond: commands.length / seconds, book: fingerprint(levels('asks'), levels('bids')) }
}

/** The venue of the stream as one where trades move money and fees, and everybody is rich enough for all of it. */
function openCashVenue(engine: Counted): void {
  const rich = `${10n ** 15n}`
  engine.apply({
    ...{ type: 'create-venue', venue },
    rules: { rulesVersion: 1, selfTrade: 'allow', credit: 'cash', opening: { USD: rich, GLD: rich } },
  })
  engine.apply({
    ...{ type: 'list-instrument', venue, symbol },
    terms: {
      ...{ base: 'GLD', quote: 'USD', tickSize: '0.01', lotSize: '0.001', unitsPerLot: 1000, worth: [1, 10] },
      ...{ notionalRounding: 'half-even', minQuantity: 1 as Lots },
      fees: { maker: 1_000_000, taker: 2_000_000 },
    },
  })
  for (const account of accounts) engine.apply({ type: 'open-account', venue, account })
}

function runRival(commands: readonly Command[]): MixedResult {
  const book = new OrderBook()
  // Everything is put in the rival's own form beforehand; only its own calls are timed.
  let id = 0
  const calls = commands.map((command) => {
    if (command.type === 'cancel') return { cancel: String(command.orderId) }
    if (command.type !== 'place') throw new Error(`no ${command.type} in the stream`)
    id += 1
    const side = command.side as never
    if (command.orderType === 'market') return { market: { side, size: command.quantity as number } }
    const timeInForce = command.timeInForce.toUpperCase() as never
    return {
      limit: {
        id: String(id),
        side,
        size: command.quantity as number,
        price: command.price as number,
        timeInForce,
      },
    }
  })
  const seconds = timed(() => {
    for (const call of calls) {
      if (call.limit !== undefined) book.limit(call.limit)
      else if (call.market !== undefined) book.market(call.market)
      else book.cancel(call.cancel)
    }
  })
  const [asks, bids] = book.depth()
  return { perSecond: commands.length / seconds, book: fingerprint(asks, bids) }
}

/** All levels of both sides by ascending price, as a text. */
function fingerprint(...sides: (readonly (readonly [number, number])[])[]): string {
  return sides.map((side) => [...side].sort(([a], [b]) => a - b).join(' ')).join('|')
}

function runResting({
  orders,
  ordersPerLevel,
  commands,
  where,
}: EngineTask & { task: 'resting' }): RestingResult {
  const random = seeded(2)
  const engine = new Counted()
  engine.apply(place('buy', 1, 1))
  engine.apply(cancel(1))
  const resting = new RestingIds()
  const levels = orders / ordersPerLevel / 2
  const middle = 1_000_000_000

  const before = heap()
  const prices = shuffle(
    random,
    Array.from({ length: orders }, (_, i) => Math.floor(i / 2 / ordersPerLevel) * 2 * (i % 2 === 0 ? -1 : 1)),
  )
  const building = timed(() => {
    for (const away of prices) {
      // Both sides begin one tick from the middle; a minus zero tells the sides apart too.
      const side = away < 0 || Object.is(away, -0) ? 'buy' : 'sell'
      engine.apply(place(side, middle + away + (side === 'buy' ? -1 : 1), 10, below(random, 16)))
    }
  })
  prices.length = 0
  const bytes = heap() - before

  for (const order of engine.engine.venues.get(venue)?.orders.values() ?? [])
    resting.follow([{ type: 'order-rested', venue, symbol, orderId: order.id, open: order.open }])

  const price = (side: 'buy' | 'sell') => {
    const level = where === 'top' ? Math.min(small(random, 10), levels - 1) : below(random, levels)
    // With one order a level new prices fall between the old ones as often as on them.
    const between = ordersPerLevel === 1 ? below(random, 2) : 0
    const away = 1 + level * 2 + between
    return middle + (side === 'buy' ? -away : away)
  }
  const recent: number[] = []
  const next = (): Command => {
    const kind = random()
    if (kind < 0.1) return place(random() < 0.5 ? 'buy' : 'sell', 0, 10, below(random, 16), 'market', 'ioc')
    if (kind < 0.55 && resting.ids.length >= orders) {
      const mine = where === 'top' ? recent.pop() : undefined
      return cancel(mine ?? (resting.ids[below(random, resting.ids.length)] as number))
    }
    const side = random() < 0.5 ? 'buy' : 'sell'
    return place(side, price(side), 10, below(random, 16))
  }
  // In portions: choosing commands and following what rests is not timed.
  const portion = 1000
  let seconds = 0
  for (let done = 0; done < commands; done += portion) {
    const batch = Array.from({ length: portion }, next)
    const events: ReturnType<Engine['apply']>[] = []
    seconds += timed(() => {
      for (const command of batch) events.push(engine.apply(command))
    })
    for (const some of events) {
      resting.follow(some)
      if (where === 'top')
        for (const event of some) if (event.type === 'order-rested') recent.push(event.orderId)
    }
    if (recent.length > 1000) recent.splice(0, recent.length - 1000)
    shuffle(random, recent)
  }
  return { perSecond: commands / seconds, builtPerSecond: orders / building, bytesPerOrder: bytes / orders }
}

/** Seconds of CPU, garbage collection on other threads included: what else runs on the machine counts least there. */
function timed(work: () => void): number {
  const start = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1e6
}

function heap(): number {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
