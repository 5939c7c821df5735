import type { Candle, CandleInterval } from '../domain/candle.ts'
import type { Lots, Micros, Ticks } from '../domain/units.ts'
import { candlesKey, separator } from './keys.ts'
import type { RowKind } from './rows.ts'

/** The ended candles of the instruments, by when they begin. */
export const candleRows: RowKind<Candle> = {
  key: candlesKey,
  numberOf: ({ start }) => start,
  timeOf: ({ start }) => start,
  write({ start, open, high, low, close, volume, trades }, to) {
    to.next('time', start)
    to.number(open)
    to.number(high - open)
    to.number(open - low)
    to.number(close - low)
    to.number(volume)
    to.number(trades)
  },
  read(from) {
    const start = from.next<Micros>('time')
    const open = from.number<Ticks>()
    const high = (open + from.number()) as Ticks
    const low = (open - from.number()) as Ticks
    const close = (low + from.number()) as Ticks
    return { start, open, high, low, close, volume: from.number<Lots>(), trades: from.number() }
  },
}

/** What the candles of one length of an instrument are stored under. */
export function candlesName(symbol: string, interval: CandleInterval): string {
  return `${symbol}${separator}${interval}`
}
