import type {
  Event,
  OrderAccepted,
  OrderClosed,
  OrderReduced,
  OrderReplaced,
  OrderRested,
  Trade,
} from '../domain/event.ts'
import type { Lots, Micros } from '../domain/units.ts'
import type { VenueLimits, VenueRules } from '../domain/venue.ts'
import type { SavedAccountEvents } from './account-events.ts'
import { Windows } from './channels/window.ts'
import { type BookReader, Instrument, type SavedOfInstrument } from './instrument.ts'
import { Notes, type SavedNote } from './notes.ts'
import { type LinkedOrder, Orders, type SavedOrders } from './orders.ts'
import type { CandleStore, RowStore } from './row-store.ts'
import { Venue, type VenueReader } from './venue.ts'

const nothing = 0 as Lots

/** Everything that is read of a shard: folds its events. Saved and loaded beside the engine. */
export class Market<Side> {
  readonly #venues = new Map<string, Venue<Side>>()
  // Most often it is the same one again.
  #lastVenue: Venue<Side> | undefined
  /** Those that are about no venue. */
  readonly notes = new Notes()
  readonly #bookOf: (venue: string, symbol: string) => BookReader<Side>
  readonly #readerOf: (venue: string) => VenueReader
  // The order that the current command placed: nearly every event after its acceptance is about it.
  #taker: LinkedOrder | undefined
  readonly #windows = new Windows()
  #step = 0

  /** `bookOf` finds the book of a listed instrument, `readerOf` what the engine knows of a venue. */
  constructor(
    bookOf: (venue: string, symbol: string) => BookReader<Side>,
    readerOf: (venue: string) => VenueReader,
  ) {
    this.#bookOf = bookOf
    this.#readerOf = readerOf
  }

  venues(): Iterable<Venue<Side>> {
    return this.#venues.values()
  }

  venue(name: string): Venue<Side> | undefined {
    if (name !== this.#lastVenue?.name) this.#lastVenue = this.#venues.get(name)
    return this.#lastVenue
  }

  /** Begins a step: what is folded until the next one is one change of each channel that it touches. */
  begin(): void {
    this.#step += 1
  }

  /**
   * `store` gets the account events, trades and ended candles of venues whose closed orders are stored elsewhere;
   * without it nobody does.
   */
  fold(event: Event, time: Micros, store?: RowStore & CandleStore): void {
    switch (event.type) {
      case 'order-accepted':
        this.#accept(event, time, store)
        return
      case 'order-rested':
        this.#rest(event, time)
        return
      case 'trade':
        this.#trade(event, time, store)
        return
      case 'order-reduced':
        this.#reduce(event, time, store)
        return
      case 'order-replaced':
        this.#replace(event, time, store)
        return
      case 'order-closed':
        this.#close(event, time, store)
        return
      case 'venue-created': {
        const { venue: name, rules, limits } = event
        this.#addVenue({ name, rules, limits, createdAt: time }, new Orders(limits.closedOrders))
        return
      }
      case 'instrument-listed': {
        const { venue, symbol } = event
        this.#addInstrument(venue, symbol, time)
        return
      }
      case 'limits-set': {
        if (event.venue === undefined) return
        const venue = this.#venue(event.venue)
        venue.limits = event.limits
        venue.orderRecords.keepClosed(event.limits.closedOrders)
        return
      }
      case 'venue-reset':
        this.#venue(event.venue).reset(time, this.#step)
        return
      case 'venue-dropped':
        this.#venue(event.venue).drop()
        this.#venues.delete(event.venue)
        this.#lastVenue = undefined
        this.#taker = undefined
        return
      case 'noted':
        this.#notes(event.venue).write(event)
        return
      case 'order-waiting':
      case 'state-set':
      case 'account-opened':
      case 'balance-changed':
      case 'reference-changed':
      case 'order-repeated':
      case 'session-changed':
      case 'rejected':
        return
      default:
        event satisfies never
    }
  }

  #accept(event: OrderAccepted, time: Micros, store: RowStore | undefined): void {
    const venue = this.#venue(event.venue)
    this.#taker = venue.orderRecords.accept(event, time)
    venue.accountEvents.accepted(this.#taker, time, rowStore(venue, store))
  }

  #rest({ venue, symbol, orderId, open }: OrderRested, time: Micros): void {
    const { side, price } = this.#order(venue, orderId)
    const instrument = this.#instrument({ venue, symbol })
    instrument.changedAt = time
    instrument.channels.order(this.#step, orderId, side, price, open)
  }

  #trade(event: Trade, time: Micros, store: (RowStore & CandleStore) | undefined): void {
    const venue = this.#venue(event.venue)
    const { orderRecords } = venue
    const maker = this.#order(event.venue, event.makerId)
    const taker = this.#order(event.venue, event.takerId)
    const { symbol, tradeId, price, quantity } = event
    const fill = { tradeId, price, quantity, time }
    orderRecords.fill(maker, fill)
    orderRecords.fill(taker, fill)
    const isBuyerTaker = taker.side === 'buy'
    const buyer = isBuyerTaker ? taker : maker
    const seller = isBuyerTaker ? maker : taker
    const budgetLeft = event.money?.budgetLeft
    if (budgetLeft !== undefined && buyer.cash !== undefined)
      buyer.cash = { ...buyer.cash, budgetLeft: BigInt(budgetLeft) }
    const instrument = this.#instrument(event)
    instrument.trade(fill, buyer.account, seller.account, orderRecords.storedElsewhere ? store : undefined)
    const { makerId, takerId } = event
    const { channels } = instrument
    // A market order that waited never stood in the book.
    if (maker.orderType === 'limit')
      channels.order(this.#step, makerId, maker.side, maker.price, event.makerOpen)
    channels.trade(this.#step, { id: tradeId, price, quantity, time, takerSide: taker.side })
    const rows = rowStore(venue, store)
    venue.accountEvents.traded(event, taker, maker, time, rows)
    if (rows === undefined) return
    rows.trade(venue.name, symbol, {
      id: tradeId,
      price,
      quantity,
      time,
      takerSide: taker.side,
      makerId,
      takerId,
    })
  }

  #reduce(event: OrderReduced, time: Micros, store: RowStore | undefined): void {
    const venue = this.#venue(event.venue)
    const order = this.#order(event.venue, event.orderId)
    if (event.resting) this.#change(event, order, event.open, time)
    venue.orderRecords.reduce(order, event.canceled)
    venue.accountEvents.reduced(event, order, time, rowStore(venue, store))
  }

  #replace(event: OrderReplaced, time: Micros, store: RowStore | undefined): void {
    const venue = this.#venue(event.venue)
    const order = this.#order(event.venue, event.orderId)
    // What comes of one that left its place follows.
    const stays = event.requeued ? nothing : event.open
    if (stays !== order.open) this.#change(event, order, stays, time)
    venue.orderRecords.replace(order, event)
    venue.accountEvents.replaced(event, order, time, rowStore(venue, store))
  }

  #close(event: OrderClosed, time: Micros, store: RowStore | undefined): void {
    const venue = this.#venue(event.venue)
    const order = this.#order(event.venue, event.orderId)
    // The trade that filled it has said already that nothing is left.
    if (event.resting && event.reason !== 'filled') this.#change(event, order, nothing, time)
    venue.orderRecords.close(order, event.reason)
    venue.accountEvents.closed(event, order, time, rowStore(venue, store))
  }

  /** Less of a resting order is open than before. */
  #change(
    event: OrderReduced | OrderReplaced | OrderClosed,
    { id, side, price }: LinkedOrder,
    open: Lots,
    time: Micros,
  ): void {
    const instrument = this.#instrument(event)
    instrument.changedAt = time
    instrument.channels.order(this.#step, id, side, price, open)
  }

  #addInstrument(venue: string, symbol: string, listedAt: Micros): Instrument<Side> {
    const instrument = new Instrument(venue, symbol, listedAt, this.#bookOf(venue, symbol), this.#windows)
    this.#venue(venue).list(instrument)
    return instrument
  }

  #addVenue(saved: ConstructorParameters<typeof Venue<Side>>[0], orders: Orders): void {
    const { name } = saved
    this.#venues.set(name, new Venue<Side>(saved, orders, () => this.#readerOf(name)))
  }

  #notes(venue: string | undefined): Notes {
    return venue === undefined ? this.notes : this.#venue(venue).notes
  }

  #venue(name: string): Venue<Side> {
    return this.venue(name) as Venue<Side>
  }

  #instrument({ venue, symbol }: { venue: string; symbol: string }): Instrument<Side> {
    return this.#venue(venue).instrument(symbol) as Instrument<Side>
  }

  #order(venue: string, id: number): LinkedOrder {
    const taker = this.#taker
    if (taker?.id === id && taker.venue === venue) return taker
    return this.#venue(venue).orderRecords.get(id) as LinkedOrder
  }

  /** The whole state as plain JSON records. Do not fold events while reading it. */
  *save(): IterableIterator<SavedMarket> {
    yield* this.notes.save()
    for (const venue of this.#venues.values()) {
      const { name, rules, limits, createdAt } = venue
      yield { type: 'venue', name, rules, limits, createdAt }
      for (const instrument of venue.instruments()) yield* instrument.save()
      for (const record of venue.orderRecords.save()) yield { ...record, venue: name }
      for (const record of venue.accountEvents.save()) yield { ...record, venue: name }
      for (const record of venue.notes.save()) yield { ...record, venue: name }
    }
  }

  /** Puts a saved record back; call it with all of them, in order. The books must be there already. */
  load(saved: SavedMarket): void {
    switch (saved.type) {
      case 'venue':
        this.#addVenue(saved, new Orders(0))
        return
      case 'instrument': {
        const { venue, symbol, listedAt } = saved
        this.#addInstrument(venue, symbol, listedAt).load(saved)
        return
      }
      case 'trades': {
        const { trades } = this.#instrument(saved)
        for (const trade of saved.trades) trades.keep(trade)
        return
      }
      case 'instrument-channels':
        this.#instrument(saved).channels.load(saved.channels)
        return
      case 'instrument-candles':
        this.#instrument(saved).candles.load(saved.candles)
        return
      case 'note':
        this.#notes(saved.venue).write(saved)
        return
      case 'account-counts':
      case 'account-events':
        this.#venue(saved.venue).accountEvents.load(saved)
        return
      default:
        this.#venue(saved.venue).orderRecords.load(saved)
    }
  }
}

/** Where a venue's rows go: with its closed orders to somebody else, or into memory. */
function rowStore<Side>(venue: Venue<Side>, store: RowStore | undefined): RowStore | undefined {
  return venue.orderRecords.storedElsewhere ? store : venue
}

/** One record of a saved market. */
export type SavedMarket =
  | {
      readonly type: 'venue'
      readonly name: string
      readonly rules: VenueRules
      readonly limits: VenueLimits
      readonly createdAt: Micros
    }
  | SavedOfInstrument
  | (SavedOrders & { readonly venue: string })
  | (SavedAccountEvents & { readonly venue: string })
  | (SavedNote & { readonly venue?: string })
