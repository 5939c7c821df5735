import type { ChangeOf, SnapshotOf } from '../../../schemas/feed.ts'
import { formatTime } from '../../../schemas/time.ts'
import type { BookSide, Instrument } from '../../../src/port.ts'
import { catchUp, type InstrumentSource } from './instrument-source.ts'

/** Every resting order by its id, and nobody's name. */
export function createOrdersSource(instrument: Instrument, name: string): InstrumentSource {
  const { venue, symbol } = instrument
  const { book } = instrument.channels
  const source: InstrumentSource = {
    name,
    venue: instrument.venue,
    isPrivate: false,
    instrument,
    slow: 'close',
    rank: 2,
    get number() {
      return book.last
    },
    reaches: (after) => after >= book.since && after <= book.last,
    snapshot: (prev, missed) =>
      JSON.stringify({
        type: 'snapshot',
        ...(missed && { missed }),
        channel: 'orders',
        venue,
        symbol,
        seq: book.last,
        prev,
        time: formatTime(instrument.changedAt),
        bids: toOrders(instrument.bids),
        asks: toOrders(instrument.asks),
      } satisfies SnapshotOf<'orders'>),
    changes: (prev) =>
      JSON.stringify({
        type: 'change',
        channel: 'orders',
        venue,
        symbol,
        seq: book.last,
        prev,
        time: formatTime(instrument.changedAt),
        orders: Array.from(book.after(prev), ({ id, side, price, open }) => ({ id, side, price, open })),
      } satisfies ChangeOf<'orders'>),
    next: (after) => source.changes(after),
    catchUp: (after) => catchUp(source, after),
  }
  return source
}

function toOrders(side: BookSide) {
  return Array.from(side.orders(), ({ id, price, open }) => ({ id, price, open }))
}
