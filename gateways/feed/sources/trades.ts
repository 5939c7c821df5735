import type { ChangeOf, FeedTrade, SnapshotOf } from '../../../schemas/feed.ts'
import { formatTime } from '../../../schemas/time.ts'
import type { Instrument, PublicTrade } from '../../../src/port.ts'
import { catchUp, type InstrumentSource } from './instrument-source.ts'

/** Trades in a snapshot. */
const newest = 100

/** Every trade. */
export function createTradesSource(instrument: Instrument, name: string): InstrumentSource {
  const { venue, symbol } = instrument
  const { trades } = instrument.channels
  const source: InstrumentSource = {
    name,
    venue: instrument.venue,
    isPrivate: false,
    instrument,
    slow: 'close',
    rank: 1,
    get number() {
      return trades.last
    },
    reaches: (after) => after >= trades.since && after <= trades.last,
    snapshot: (prev, missed) =>
      JSON.stringify({
        type: 'snapshot',
        ...(missed && { missed }),
        channel: 'trades',
        venue,
        symbol,
        seq: trades.last,
        prev,
        trades: Array.from(trades.after(Math.max(trades.since, trades.last - newest)), toTrade),
      } satisfies SnapshotOf<'trades'>),
    changes: (prev) =>
      JSON.stringify({
        type: 'change',
        channel: 'trades',
        venue,
        symbol,
        seq: trades.last,
        prev,
        trades: Array.from(trades.after(prev), toTrade),
      } satisfies ChangeOf<'trades'>),
    next: (after) => source.changes(after),
    catchUp: (after) => catchUp(source, after),
  }
  return source
}

function toTrade({ id, price, quantity, takerSide, time }: PublicTrade): FeedTrade {
  return { id, price, quantity, takerSide, time: formatTime(time) }
}
