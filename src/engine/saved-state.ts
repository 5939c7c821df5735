import type { OrderType, Side, TimeInForce } from '../domain/order.ts'
import type { Lots, Sequence, Ticks } from '../domain/units.ts'
import type { Limits, VenueLimits, VenueRules } from '../domain/venue.ts'
import { Account } from './account.ts'
import { Book, type BookSide, Order } from './book.ts'
import { RememberedOrder } from './client-order-ids.ts'
import { Engine } from './engine.ts'
import { VenueState } from './venue-state.ts'

/** What is remembered under a client order id beside what the resting order says itself. */
interface SavedTerms {
  readonly clientOrderId: string
  readonly orderType: OrderType
  readonly timeInForce: TimeInForce
  readonly quantity: Lots
}

/**
 * One record of a saved engine. They come in this order: `engine`; then for each venue `venue`, its resting orders
 * book by book (best price first, oldest first) as `order`, and closed orders with a client order id, oldest first,
 * as `closed`. All are plain JSON, and equal engines give equal records: a hash over them is the state hash.
 */
export type SavedRecord =
  | {
      readonly type: 'engine'
      readonly sequence: Sequence
      readonly digest: string
      readonly limits: Limits
      readonly noted?: { readonly at: Sequence; readonly digest: string }
    }
  | {
      readonly type: 'venue'
      readonly name: string
      readonly rules: VenueRules
      readonly limits: VenueLimits
      readonly lastOrderId: number
      readonly lastTradeId: number
      readonly closedOrders: number
      /** In the order of listing. */
      readonly symbols: readonly string[]
      /** By number. */
      readonly accounts: readonly string[]
    }
  | {
      readonly type: 'order'
      readonly symbol: string
      readonly id: number
      readonly account: number
      readonly side: Side
      readonly price: Ticks
      readonly open: Lots
      readonly terms?: SavedTerms
    }
  | ({
      readonly type: 'closed'
      readonly symbol: string
      readonly id: number
      readonly account: number
      readonly side: Side
      readonly price: Ticks
      readonly closedAt: number
    } & SavedTerms)

/** The whole state as a stream of records. Do not apply commands while reading it. */
export function* saveEngine(engine: Engine): IterableIterator<SavedRecord> {
  const { sequence, digest, limits, noted } = engine
  yield { type: 'engine', sequence, digest: digest.value, limits, ...(noted && { noted }) }
  for (const venue of engine.venues.values()) {
    const { name, rules, lastOrderId, lastTradeId, closedOrders } = venue
    yield {
      type: 'venue',
      name,
      rules,
      limits: venue.limits,
      lastOrderId,
      lastTradeId,
      closedOrders,
      symbols: [...venue.books.keys()],
      accounts: [...venue.accounts.keys()],
    }
    for (const { bids, asks } of venue.books.values()) {
      yield* saveSide(bids)
      yield* saveSide(asks)
    }
    for (const order of venue.clientOrderIds.closed()) {
      const { symbol, orderId: id, account, side, price, closedAt } = order
      yield { type: 'closed', symbol, id, account: account.number, side, price, closedAt, ...terms(order) }
    }
  }
}

function* saveSide(bookSide: BookSide): IterableIterator<SavedRecord> {
  const { side, book } = bookSide
  const { symbol } = book
  for (const order of bookSide.orders()) {
    const { id, account, price, open, remembered } = order
    const record = { type: 'order', symbol, id, account: account.number, side, price, open } as const
    yield remembered === undefined ? record : { ...record, terms: terms(remembered) }
  }
}

function terms({ clientOrderId, orderType, timeInForce, quantity }: RememberedOrder): SavedTerms {
  return { clientOrderId, orderType, timeInForce, quantity }
}

/** An engine in the state that was saved. Throws when the records are not what `saveEngine` gives. */
export function loadEngine(records: Iterable<SavedRecord>): Engine {
  const loader = new EngineLoader()
  for (const record of records) loader.add(record)
  return loader.engine
}

/** Takes saved records one by one, in order. */
export class EngineLoader {
  readonly engine = new Engine()
  #venue: VenueState | undefined
  #accounts: Account[] = []

  add(record: SavedRecord): void {
    if (record.type === 'engine') {
      this.engine.sequence = record.sequence
      this.engine.digest.value = record.digest
      this.engine.limits = record.limits
      this.engine.noted = record.noted
    } else if (record.type === 'venue') {
      this.#addVenue(record)
    } else {
      const account = this.#accounts[record.account - 1]
      if (this.#venue === undefined || account === undefined) {
        throw new Error('saved orders without their venue or account')
      }
      if (record.type === 'order') loadOrder(this.#venue, account, record)
      else loadClosed(this.#venue, account, record)
    }
  }

  #addVenue(record: SavedRecord & { type: 'venue' }): void {
    const venue = new VenueState(record.name, record.rules, record.limits)
    venue.lastOrderId = record.lastOrderId
    venue.lastTradeId = record.lastTradeId
    venue.closedOrders = record.closedOrders
    for (const symbol of record.symbols) venue.books.set(symbol, new Book(symbol))
    this.#accounts = record.accounts.map((name, i) => new Account(name, i + 1))
    for (const account of this.#accounts) venue.accounts.set(account.name, account)
    this.engine.venues.set(venue.name, venue)
    this.engine.books += venue.books.size
    this.#venue = venue
  }
}

function loadOrder(venue: VenueState, account: Account, saved: SavedRecord & { type: 'order' }): void {
  const { id, side, price, symbol, open } = saved
  const book = venue.books.get(symbol)
  if (book === undefined) throw new Error(`saved order ${id} is in the unlisted ${symbol}`)
  const remembered =
    saved.terms &&
    new RememberedOrder(account, saved.terms.clientOrderId, id, { symbol, side, price, ...saved.terms })
  if (remembered !== undefined) venue.clientOrderIds.remember(remembered)
  const order = new Order(id, account, side, price, open, remembered)
  book.own(side).add(order)
  venue.orders.set(id, order)
  account.openOrders += 1
}

function loadClosed(venue: VenueState, account: Account, saved: SavedRecord & { type: 'closed' }): void {
  const remembered = new RememberedOrder(account, saved.clientOrderId, saved.id, saved)
  venue.clientOrderIds.remember(remembered)
  venue.clientOrderIds.close(remembered, saved.closedAt)
}
