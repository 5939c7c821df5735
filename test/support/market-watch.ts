import { createHash } from 'node:crypto'
import type { Applied, Event } from '../../src/domain/event.ts'
import type { Micros } from '../../src/domain/units.ts'
import type { Door } from '../../src/port.ts'
import type { Floor, FloorInstrument } from '../../traders/floor.ts'

const second = 1_000_000
const minute = 60 * second

/** Follows one instrument and takes down what there is to know of it as a market. */
export class MarketWatch implements Door {
  readonly #instrument: FloorInstrument
  readonly #start: Micros
  readonly #fills = createHash('sha256')
  readonly #hashes: boolean
  #orders = 0
  readonly #ordersBySecond: number[] = []
  readonly #commandsBySecond: number[] = []
  readonly #tradesByMinute: number[] = []
  /** The middle of the market at the end of each minute. */
  readonly mids: number[] = []
  /** Spreads as they were at the end of each second. */
  readonly spreads: number[] = []
  #sampled = 0
  lowest = Number.POSITIVE_INFINITY
  highest = Number.NEGATIVE_INFINITY
  #emptySince: number | undefined
  longestEmpty = 0

  /** With `hashes` it takes a fingerprint of all fills, which costs time. */
  constructor(exchange: Floor, venue: string, symbol: string, start: Micros, { hashes = false } = {}) {
    this.#hashes = hashes
    this.#instrument = exchange.venue(venue)?.instrument(symbol) as FloorInstrument
    this.#start = start
    exchange.attach(this)
  }

  event(event: Event, { time }: Applied): void {
    if (event.type === 'order-accepted') {
      this.#orders += 1
      count(this.#ordersBySecond, this.#since(time, second))
    } else if (event.type === 'trade') {
      count(this.#tradesByMinute, this.#since(time, minute))
      if (!this.#hashes) return
      const { makerId, takerId, price, quantity } = event
      this.#fills.update(`${time - this.#start},${makerId},${takerId},${price},${quantity}\n`)
    }
  }

  applied({ time }: Applied): void {
    this.#sample(time)
    count(this.#commandsBySecond, this.#since(time, second))
    const { bids, asks } = this.#instrument
    if (bids.best === undefined || asks.best === undefined) {
      this.#emptySince ??= time
      this.longestEmpty = Math.max(this.longestEmpty, time - this.#emptySince)
    } else {
      if (this.#emptySince !== undefined)
        this.longestEmpty = Math.max(this.longestEmpty, time - this.#emptySince)
      this.#emptySince = undefined
      const mid = (bids.best.price + asks.best.price) / 2
      this.lowest = Math.min(this.lowest, mid)
      this.highest = Math.max(this.highest, mid)
    }
  }

  release(): void {}

  #mid = 0
  #spread = 0

  /** Takes down each second that has ended. What it saw last is what held then. */
  #sample(time: number): void {
    for (const now = this.#since(time, second); this.#sampled < now; ) {
      this.#sampled += 1
      this.spreads.push(this.#spread)
      if (this.#sampled % 60 === 0) this.mids.push(this.#mid)
    }
    const { bids, asks } = this.#instrument
    if (bids.best === undefined || asks.best === undefined) return
    this.#mid = (bids.best.price + asks.best.price) / 2
    this.#spread = asks.best.price - bids.best.price
  }

  #since(time: number, unit: number): number {
    return Math.floor((time - this.#start) / unit)
  }

  get digest(): string {
    return this.#fills.copy().digest('hex')
  }

  get orders(): number {
    return this.#orders
  }

  get trades(): number {
    return sum(this.#tradesByMinute)
  }

  /** Trades of the whole minute with the fewest, and orders and commands of the busiest second. */
  get extremes(): {
    readonly leastTrades: number
    readonly mostOrders: number
    readonly mostCommands: number
  } {
    return {
      leastTrades: Math.min(...Array.from(this.#tradesByMinute.slice(0, this.mids.length), (n) => n ?? 0)),
      mostOrders: Math.max(...Array.from(this.#ordersBySecond, (n) => n ?? 0)),
      mostCommands: Math.max(...Array.from(this.#commandsBySecond, (n) => n ?? 0)),
    }
  }
}

function count(counts: number[], place: number): void {
  counts[place] = (counts[place] ?? 0) + 1
}

function sum(numbers: readonly number[]): number {
  let total = 0
  for (const n of numbers) total += n ?? 0
  return total
}

export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number
}

export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5)
}
