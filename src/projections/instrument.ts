import type { InstrumentTerms } from '../domain/instrument.ts'
import type { Fill } from '../domain/order.ts'
import type { TradeRecord } from '../domain/trade-record.ts'
import type { Micros, Ticks } from '../domain/units.ts'
import { Candles, type KeepCandle, type SavedCandles } from './candles.ts'
import { Channels, type SavedChannels } from './channels/channels.ts'
import type { Windows } from './channels/window.ts'
import { piecesOf } from './pieces.ts'
import type { CandleStore } from './row-store.ts'
import { type Score, Scores } from './scores.ts'
import { Trades } from './trades.ts'

/** A book as the market reads it; it is the engine's own, which holds durable orders only. */
export interface BookReader<Side> {
  readonly bids: Side
  readonly asks: Side
  readonly terms: InstrumentTerms | undefined
  readonly reference: Ticks | undefined
  /** Market orders that wait beside the book, the oldest first. */
  readonly waiting: {
    readonly buy: Iterable<{ readonly id: number }>
    readonly sell: Iterable<{ readonly id: number }>
  }
}

/** One instrument: its book, its last trade, and who made what of it. */
export class Instrument<Side> {
  readonly venue: string
  readonly symbol: string
  readonly listedAt: Micros
  readonly bids: Side
  readonly asks: Side
  readonly terms: InstrumentTerms | undefined
  changedAt: Micros
  lastTrade: Fill | undefined = undefined
  readonly trades = new Trades()
  readonly channels: Channels
  readonly candles = new Candles()
  #scores = new Scores()
  readonly #book: BookReader<Side>

  constructor(venue: string, symbol: string, listedAt: Micros, book: BookReader<Side>, windows: Windows) {
    this.venue = venue
    this.symbol = symbol
    this.listedAt = listedAt
    this.changedAt = listedAt
    this.bids = book.bids
    this.asks = book.asks
    this.terms = book.terms
    this.#book = book
    this.channels = new Channels(windows)
  }

  get reference(): Ticks | undefined {
    return this.#book.reference
  }

  get waiting(): BookReader<Side>['waiting'] {
    return this.#book.waiting
  }

  beginAnew(time: Micros, step: number): void {
    this.changedAt = time
    this.lastTrade = undefined
    this.#scores = new Scores()
    this.channels.beginAnew(step)
  }

  scores(): Iterable<Readonly<Score>> {
    return this.#scores.values()
  }

  /** `store`: who keeps the candles that end by it, beside the newest ones here. */
  trade(fill: Fill, buyer: string, seller: string, store: CandleStore | undefined): void {
    this.lastTrade = fill
    this.changedAt = fill.time
    this.#scores.trade(buyer, seller, fill.price, fill.quantity)
    const { venue, symbol } = this
    const keep: KeepCandle | undefined =
      store && ((interval, candle) => store.candle(venue, symbol, interval, candle))
    this.candles.trade(fill.price, fill.quantity, fill.time, keep)
  }

  *save(): IterableIterator<SavedOfInstrument> {
    yield this.#saveItself()
    const { venue, symbol } = this
    for (const trades of piecesOf(this.trades)) yield { type: 'trades', venue, symbol, trades }
    for (const channels of this.channels.save())
      yield { type: 'instrument-channels', venue, symbol, channels }
    for (const candles of this.candles.save()) yield { type: 'instrument-candles', venue, symbol, candles }
  }

  #saveItself(): SavedInstrument {
    const { venue, symbol, listedAt, changedAt, lastTrade } = this
    const scores = [...this.#scores.values()].map(({ account, cash, position, lowest, highest }) => ({
      account,
      cash: `${cash}`,
      position: `${position}`,
      lowest: `${lowest}`,
      highest: `${highest}`,
    }))
    return { type: 'instrument', venue, symbol, listedAt, changedAt, ...(lastTrade && { lastTrade }), scores }
  }

  load({ changedAt, lastTrade, scores }: SavedInstrument): void {
    this.changedAt = changedAt
    this.lastTrade = lastTrade
    for (const { account, cash, position, lowest, highest } of scores) {
      this.#scores.load({
        account,
        cash: BigInt(cash),
        position: BigInt(position),
        lowest: BigInt(lowest),
        highest: BigInt(highest),
      })
    }
  }
}

/** An instrument as plain JSON, sums as text. */
interface SavedInstrument {
  readonly type: 'instrument'
  readonly venue: string
  readonly symbol: string
  readonly listedAt: Micros
  readonly changedAt: Micros
  readonly lastTrade?: Fill
  readonly scores: readonly {
    account: string
    cash: string
    position: string
    lowest: string
    highest: string
  }[]
}

/** Some of the trades of an instrument that are kept in memory. */
interface SavedTrades {
  readonly type: 'trades'
  readonly venue: string
  readonly symbol: string
  readonly trades: readonly TradeRecord[]
}

/** One record of an instrument's channels. */
interface SavedInstrumentChannels {
  readonly type: 'instrument-channels'
  readonly venue: string
  readonly symbol: string
  readonly channels: SavedChannels
}

/** The candles of one length of an instrument. */
interface SavedInstrumentCandles {
  readonly type: 'instrument-candles'
  readonly venue: string
  readonly symbol: string
  readonly candles: SavedCandles
}

/** One record of a saved instrument. */
export type SavedOfInstrument =
  | SavedInstrument
  | SavedTrades
  | SavedInstrumentChannels
  | SavedInstrumentCandles
