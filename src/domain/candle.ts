import type { Lots, Micros, Ticks } from './units.ts'

const second = 1_000_000

/** How long candles are, in microseconds. */
export const candleLengths = {
  '1s': second,
  '1m': 60 * second,
  '5m': 300 * second,
  '15m': 900 * second,
  '1h': 3600 * second,
  '1d': 86_400 * second,
} as const

export type CandleInterval = keyof typeof candleLengths
export const candleIntervals = Object.keys(candleLengths) as CandleInterval[]

/** What was traded of an instrument in an interval; where nothing was there is none. */
export interface Candle {
  readonly start: Micros
  readonly open: Ticks
  readonly high: Ticks
  readonly low: Ticks
  readonly close: Ticks
  readonly volume: Lots
  readonly trades: number
}

/** Which candles are asked for: the newest `limit` of those that begin within `from` and before `to`. */
export interface CandleQuery {
  /** 1 or more. */
  readonly limit: number
  readonly from?: Micros | undefined
  readonly to?: Micros | undefined
}

/** When the candle begins that a time is in. */
export function candleStart(interval: CandleInterval, time: Micros): Micros {
  return (time - (time % candleLengths[interval])) as Micros
}
