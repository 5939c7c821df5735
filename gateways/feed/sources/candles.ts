import { toCandleView } from '../../../schemas/candles.ts'
import type { ChangeOf, SnapshotOf } from '../../../schemas/feed.ts'
import { type CandleInterval, candleStart } from '../../../src/domain/candle.ts'
import type { Micros } from '../../../src/domain/units.ts'
import type { Instrument } from '../../../src/port.ts'
import { catchUp, type InstrumentSource } from './instrument-source.ts'

/** Candles in a snapshot. */
const newest = 100
const all = 1000

/** The candles of one length. They change with each trade, and have its number. */
export function createCandlesSource(
  instrument: Instrument,
  name: string,
  interval: CandleInterval,
): InstrumentSource {
  const { venue, symbol, candles, channels } = instrument
  const { trades } = channels
  /** When the candle begins that the first trade after a number is in. */
  const startAfter = (number: number): Micros | undefined => {
    for (const { time } of trades.after(number)) return candleStart(interval, time)
    return undefined
  }
  const source: InstrumentSource = {
    name,
    venue: instrument.venue,
    isPrivate: false,
    instrument,
    slow: 'close',
    rank: 4,
    get number() {
      return trades.last
    },
    reaches(after) {
      if (after < trades.since || after > trades.last) return false
      const start = startAfter(after)
      return start === undefined || start >= candles.since(interval)
    },
    snapshot: (prev, missed) =>
      JSON.stringify({
        type: 'snapshot',
        ...(missed && { missed }),
        channel: 'candles',
        venue,
        symbol,
        interval,
        seq: trades.last,
        prev,
        candles: candles.page(interval, { limit: newest }).candles.map(toCandleView),
      } satisfies SnapshotOf<'candles'>),
    changes: (prev) =>
      JSON.stringify({
        type: 'change',
        channel: 'candles',
        venue,
        symbol,
        interval,
        seq: trades.last,
        prev,
        candles: candles.page(interval, { limit: all, from: startAfter(prev) }).candles.map(toCandleView),
      } satisfies ChangeOf<'candles'>),
    next: (after) => source.changes(after),
    catchUp: (after) => catchUp(source, after),
  }
  return source
}
