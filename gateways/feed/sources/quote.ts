import type { ChangeOf, SnapshotOf } from '../../../schemas/feed.ts'
import { formatTime } from '../../../schemas/time.ts'
import type { Instrument, Level } from '../../../src/port.ts'
import { catchUp, type InstrumentSource } from './instrument-source.ts'

/** Best prices, depths and last trade. Each message says all of it, so whatever was missed is made good by the next. */
export function createQuoteSource(instrument: Instrument, name: string): InstrumentSource {
  const { venue, symbol, channels } = instrument
  const source: InstrumentSource = {
    name,
    venue: instrument.venue,
    isPrivate: false,
    instrument,
    slow: 'conflate',
    rank: 5,
    get number() {
      return channels.quote
    },
    reaches: (after) => after <= channels.quote,
    snapshot: (prev, missed) =>
      JSON.stringify({
        type: 'snapshot',
        ...(missed && { missed }),
        channel: 'quote',
        venue,
        symbol,
        seq: channels.quote,
        prev,
        ...toQuote(instrument),
      } satisfies SnapshotOf<'quote'>),
    changes: (prev) =>
      JSON.stringify({
        type: 'change',
        channel: 'quote',
        venue,
        symbol,
        seq: channels.quote,
        prev,
        ...toQuote(instrument),
      } satisfies ChangeOf<'quote'>),
    next: (after) => source.changes(after),
    catchUp: (after) => catchUp(source, after),
  }
  return source
}

function toQuote({ bids, asks, lastTrade, reference, changedAt }: Instrument) {
  const { best: bid } = bids
  const { best: ask } = asks
  return {
    ...(bid && { bid: toBest(bid) }),
    ...(ask && { ask: toBest(ask) }),
    bidDepth: Number(bids.depth),
    askDepth: Number(asks.depth),
    ...(lastTrade && {
      last: {
        price: lastTrade.price,
        quantity: lastTrade.quantity,
        time: formatTime(lastTrade.time),
      },
    }),
    ...(reference !== undefined && { reference }),
    time: formatTime(changedAt),
  }
}

function toBest({ price, quantity, orderCount }: Level) {
  return { price, quantity: Number(quantity), orders: orderCount }
}
