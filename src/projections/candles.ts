import {
  type Candle,
  type CandleInterval,
  type CandleQuery,
  candleIntervals,
  candleLengths,
  candleStart,
} from '../domain/candle.ts'
import type { Lots, Micros, Ticks } from '../domain/units.ts'
import { RowQueue } from './row-queue.ts'

/** Candles of one length that an instrument keeps in memory. */
export const candlesPerInterval = 1000

/** Is told of a candle that will not change any more. */
export type KeepCandle = (interval: CandleInterval, candle: Candle) => void

/** The newest candles of one instrument: folds its trades, for each length at once. */
export class Candles {
  readonly #all = candleIntervals.map((interval) => new Series(interval))
  readonly #series = new Map(this.#all.map((series) => [series.interval, series]))

  /** `keep` is told the candles that end by it. */
  trade(price: Ticks, quantity: Lots, time: Micros, keep?: KeepCandle): void {
    for (let i = 0; i < this.#all.length; i += 1) (this.#all[i] as Series).trade(price, quantity, time, keep)
  }

  /** Those that are kept and fit, the oldest first, and whether there are older ones among them. */
  page(interval: CandleInterval, query: CandleQuery): { candles: Candle[]; more: boolean } {
    return (this.#series.get(interval) as Series).page(query)
  }

  /** Candles that begin at this time or later are kept. */
  since(interval: CandleInterval): number {
    return (this.#series.get(interval) as Series).since
  }

  *save(): IterableIterator<SavedCandles> {
    for (const [interval, series] of this.#series) {
      if (!series.isEmpty) yield { type: 'candles', interval, since: series.since, candles: series.save() }
    }
  }

  load({ interval, since, candles }: SavedCandles): void {
    this.#series.get(interval)?.load(since, candles)
  }
}

class Series {
  readonly interval: CandleInterval
  readonly #length: number
  readonly #ended = new RowQueue<Candle>(({ start }) => start)
  #current: { -readonly [Key in keyof Candle]: Candle[Key] } | undefined
  since = 0

  constructor(interval: CandleInterval) {
    this.interval = interval
    this.#length = candleLengths[interval]
  }

  get isEmpty(): boolean {
    return this.#current === undefined
  }

  trade(price: Ticks, quantity: Lots, time: Micros, keep: KeepCandle | undefined): void {
    const current = this.#current
    if (current === undefined || time >= current.start + this.#length) {
      if (current !== undefined) {
        keep?.(this.interval, current)
        this.#end(current)
      }
      const start = candleStart(this.interval, time)
      this.#current = {
        start,
        open: price,
        high: price,
        low: price,
        close: price,
        volume: quantity,
        trades: 1,
      }
      return
    }
    if (price > current.high) current.high = price
    if (price < current.low) current.low = price
    current.close = price
    current.volume = (current.volume + quantity) as Lots
    current.trades += 1
  }

  page({ limit, from = 0 as Micros, to }: CandleQuery): { candles: Candle[]; more: boolean } {
    const current = this.#current
    const isCurrentWanted =
      current !== undefined && current.start >= from && (to === undefined || current.start < to)
    const ended = this.#ended.page({ limit: limit + 1, before: to }).filter(({ start }) => start >= from)
    const candles = isCurrentWanted ? [...ended, { ...current }] : ended
    return { candles: candles.slice(-limit), more: candles.length > limit }
  }

  save(): Candle[] {
    return [...this.#ended, this.#current as Candle]
  }

  load(since: number, candles: readonly Candle[]): void {
    this.since = since
    const current = candles.at(-1)
    for (const candle of candles.slice(0, -1)) this.#ended.push(candle)
    if (current !== undefined) this.#current = { ...current }
  }

  #end(candle: Candle): void {
    this.#ended.push(candle)
    // The current one is one of them.
    if (this.#ended.length < candlesPerInterval) return
    const gone = this.#ended.shift() as Candle
    this.since = gone.start + this.#length
  }
}

/** The candles of one length, the last of them the current one. */
export interface SavedCandles {
  readonly type: 'candles'
  readonly interval: CandleInterval
  readonly since: number
  readonly candles: readonly Candle[]
}
