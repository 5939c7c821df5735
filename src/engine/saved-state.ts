import { toAmount } from '../domain/amount.ts'
import type { InstrumentTerms } from '../domain/instrument.ts'
import type { OrderType, Side, TimeInForce } from '../domain/order.ts'
import type { Lots, Micros, Sequence, Ticks } from '../domain/units.ts'
import type { Closing, Limits, TradingState, VenueLimits, VenueRules } from '../domain/venue.ts'
import { Account } from './account.ts'
import { Book, Order } from './book.ts'
import { RememberedOrder } from './client-order-ids.ts'
import { Balance } from './credit/balance.ts'
import { Engine } from './engine.ts'
import { Session, type Sessions } from './sessions.ts'
import { VenueState } from './venue-state.ts'

/** What is remembered under a client order id beside what the resting order says itself. */
interface SavedTerms {
  readonly clientOrderId: string
  readonly orderType: OrderType
  readonly timeInForce: TimeInForce
  readonly quantity: Lots
  readonly budget?: string
  /** Only where the resting order has another one by now. */
  readonly price?: Ticks
}

/**
 * One record of a saved engine. They come in this order: `engine`; the names of `dropped` venues; then for each venue
 * `venue`; on a cash venue its instruments' terms, its ledger and who holds what; its armed sessions; its resting
 * orders book by book (best price first, oldest first, then those that wait beside it) as `order`; and closed orders
 * with a client order id, oldest first, as `closed`. All are plain JSON, and equal engines give equal records: a hash
 * over them is the state hash.
 */
export type SavedRecord =
  | {
      readonly type: 'engine'
      readonly sequence: Sequence
      readonly time: Micros
      readonly digest: string
      readonly limits: Limits
      readonly noted?: { readonly at: Sequence; readonly digest: string }
    }
  | { readonly type: 'dropped'; readonly names: readonly string[] }
  | {
      readonly type: 'venue'
      readonly name: string
      readonly rules: VenueRules
      readonly limits: VenueLimits
      readonly state: TradingState
      readonly openedAt?: Micros
      readonly closing?: Closing
      readonly lastOrderId: number
      readonly lastTradeId: number
      readonly closedOrders: number
      /** In the order of listing. */
      readonly symbols: readonly string[]
      /** By number. */
      readonly accounts: readonly string[]
      /** The numbers of those that belong to the house. */
      readonly house?: readonly number[]
    }
  | {
      readonly type: 'terms'
      readonly symbol: string
      readonly terms: InstrumentTerms
      readonly reference?: Ticks
    }
  | { readonly type: 'ledger'; readonly deposited: SavedAmounts; readonly fees: SavedAmounts }
  | {
      readonly type: 'account'
      readonly account: number
      readonly keyHash?: string
      readonly balances: readonly SavedBalance[]
    }
  | {
      readonly type: 'session'
      readonly account: string
      readonly session?: string
      readonly grace: Micros
      readonly due?: Micros
    }
  | {
      readonly type: 'order'
      readonly symbol: string
      readonly id: number
      readonly account: number
      readonly side: Side
      readonly price: Ticks
      /** 0 when it has a budget. */
      readonly open: Lots
      /** Lots it has traded, where it has; of one with a budget nobody asks. */
      readonly filled?: Lots
      readonly hold?: string
      /** Beside the book. */
      readonly waiting?: true
      /** The name of the armed session that covers it. */
      readonly session?: string
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

type SavedAmounts = readonly (readonly [asset: string, amount: string])[]
type SavedBalance = readonly [asset: string, available: string, held: string, changes: number]

/** The whole state as a stream of records. Do not apply commands while reading it. */
export function* saveEngine(engine: Engine): IterableIterator<SavedRecord> {
  const { sequence, time, digest, limits, noted } = engine
  yield { type: 'engine', sequence, time, digest: digest.value, limits, ...(noted && { noted }) }
  if (engine.dropped.size > 0) yield { type: 'dropped', names: [...engine.dropped] }
  for (const venue of engine.venues.values()) {
    const { name, rules, state, openedAt, closing, lastOrderId, lastTradeId, closedOrders } = venue
    const house = [...venue.accounts.values()].filter(({ isHouse }) => isHouse).map(({ number }) => number)
    yield {
      type: 'venue',
      name,
      rules,
      limits: venue.limits,
      state,
      ...(openedAt !== undefined && { openedAt }),
      ...(closing && { closing }),
      lastOrderId,
      lastTradeId,
      closedOrders,
      symbols: [...venue.books.keys()],
      accounts: [...venue.accounts.keys()],
      ...(house.length > 0 && { house }),
    }
    if (venue.hasMoney) yield* saveMoney(venue)
    for (const { account, name, grace, due } of venue.sessions) {
      yield {
        ...{ type: 'session', account, grace },
        ...(name !== undefined && { session: name }),
        ...(due !== undefined && { due }),
      }
    }
    for (const book of venue.books.values()) {
      yield* saveOrders(venue, book, book.bids.orders())
      yield* saveOrders(venue, book, book.asks.orders())
      yield* saveOrders(venue, book, book.waiting.buy)
      yield* saveOrders(venue, book, book.waiting.sell)
    }
    for (const order of venue.clientOrderIds.closed()) {
      const { symbol, orderId: id, account, side, price, closedAt } = order
      yield { type: 'closed', symbol, id, account: account.number, side, price, closedAt, ...terms(order) }
    }
  }
}

function* saveMoney({ books, ledger, accounts }: VenueState): IterableIterator<SavedRecord> {
  for (const { symbol, terms, reference } of books.values()) {
    if (terms !== undefined) {
      yield { type: 'terms', symbol, terms, ...(reference !== undefined && { reference }) }
    }
  }
  yield { type: 'ledger', deposited: saveAmounts(ledger.deposited), fees: saveAmounts(ledger.fees) }
  for (const { number, keyHash, balances } of accounts.values()) {
    yield {
      type: 'account',
      account: number,
      ...(keyHash !== undefined && { keyHash }),
      balances: [...balances.values()].map(({ asset, available, held, changes }) => {
        return [asset, `${available}`, `${held}`, changes] as const
      }),
    }
  }
}

function saveAmounts(amounts: ReadonlyMap<string, bigint>): SavedAmounts {
  return [...amounts].map(([asset, amount]) => [asset, `${amount}`] as const)
}

function* saveOrders(
  { sessions }: VenueState,
  { symbol }: Book,
  orders: Iterable<Order>,
): IterableIterator<SavedRecord> {
  for (const order of orders) {
    const { id, account, side, price, hold, remembered } = order
    const open = order.isByBudget ? (0 as Lots) : order.open
    yield {
      ...{ type: 'order', symbol, id, account: account.number, side, price, open },
      ...(order.total > open && { filled: (order.total - open) as Lots }),
      ...(hold > 0 && { hold: `${hold}` }),
      ...(order.level === undefined && { waiting: true }),
      ...(isArmed(sessions, order.session) && { session: order.session.name as string }),
      ...(remembered !== undefined && { terms: openTerms(remembered, order) }),
    }
  }
}

function terms({ clientOrderId, orderType, timeInForce, quantity, budget }: RememberedOrder): SavedTerms {
  return {
    clientOrderId,
    orderType,
    timeInForce,
    quantity,
    ...(budget !== undefined && { budget: `${budget}` }),
  }
}

/** A session that was disarmed since means nothing to its orders. */
function isArmed(sessions: Sessions, session: Session | undefined): session is Session {
  return session !== undefined && sessions.find(session.account, session.name) === session
}

/** The terms that an open order came with. */
function openTerms(remembered: RememberedOrder, { level, price }: Order): SavedTerms {
  const isReplaced = level !== undefined && remembered.price !== price
  return { ...terms(remembered), ...(isReplaced && { price: remembered.price }) }
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
      this.engine.time = record.time
      this.engine.digest.value = record.digest
      this.engine.limits = record.limits
      this.engine.noted = record.noted
    } else if (record.type === 'dropped') {
      for (const name of record.names) this.engine.dropped.add(name)
    } else if (record.type === 'venue') {
      this.#addVenue(record)
    } else if (this.#venue === undefined) {
      throw new Error(`a saved ${record.type} without its venue`)
    } else if (record.type === 'terms') {
      loadTerms(this.#venue, record)
    } else if (record.type === 'ledger') {
      loadLedger(this.#venue, record)
    } else if (record.type === 'session') {
      this.#addSession(this.#venue, record)
    } else {
      this.#addToAccount(this.#venue, record)
    }
  }

  /**
   * Says how much of an order is filled. The market's records have it of every open order; an order's own record has
   * it only since orders can be replaced, and older snapshots are still loaded.
   */
  fill(venue: string, orderId: number, filled: Lots): void {
    const order = this.engine.venues.get(venue)?.orders.get(orderId)
    if (order !== undefined && !order.isByBudget) order.total = (order.open + filled) as Lots
  }

  #addToAccount(venue: VenueState, record: SavedRecord & { type: 'order' | 'closed' | 'account' }): void {
    const account = this.#accounts[record.account - 1]
    if (account === undefined) throw new Error(`a saved ${record.type} without its account`)
    if (record.type === 'order') {
      loadOrder(venue, account, record)
    } else if (record.type === 'closed') {
      loadClosed(venue, account, record)
    } else {
      const opened = loadAccount(venue, account, record)
      this.#accounts[record.account - 1] = opened
    }
  }

  #addSession(
    venue: VenueState,
    { account, session: name, grace, due }: SavedRecord & { type: 'session' },
  ): void {
    const session = new Session(account, name, grace)
    session.due = due
    venue.sessions.add(session)
    if (due !== undefined) this.engine.nextDue = Math.min(this.engine.nextDue, due)
  }

  #addVenue(record: SavedRecord & { type: 'venue' }): void {
    const venue = new VenueState(record.name, record.rules, record.limits)
    venue.state = record.state
    venue.openedAt = record.openedAt
    venue.closing = record.closing
    venue.lastOrderId = record.lastOrderId
    venue.lastTradeId = record.lastTradeId
    venue.closedOrders = record.closedOrders
    for (const symbol of record.symbols) venue.books.set(symbol, new Book(symbol))
    const house = new Set(record.house)
    this.#accounts = record.accounts.map((name, i) => new Account(name, i + 1, { house: house.has(i + 1) }))
    for (const account of this.#accounts) venue.accounts.set(account.name, account)
    this.engine.venues.set(venue.name, venue)
    this.engine.books += venue.books.size
    this.#venue = venue
    this.engine.findNextDue()
  }
}

function loadTerms(venue: VenueState, { symbol, terms, reference }: SavedRecord & { type: 'terms' }): void {
  const book = new Book(symbol, { terms, ledger: venue.ledger })
  book.reference = reference
  // It takes the place of the one without terms, and its place among the others.
  venue.books.set(symbol, book)
}

function loadLedger({ ledger }: VenueState, { deposited, fees }: SavedRecord & { type: 'ledger' }): void {
  for (const [asset, amount] of deposited) ledger.asset(asset).deposited = toAmount(BigInt(amount))
  for (const [asset, amount] of fees) ledger.asset(asset).fees = toAmount(BigInt(amount))
}

function loadAccount(
  venue: VenueState,
  { name, number, isHouse }: Account,
  { keyHash, balances }: SavedRecord & { type: 'account' },
): Account {
  const account = new Account(name, number, { ledger: { keyHash }, house: isHouse })
  venue.accounts.set(name, account)
  for (const [asset, available, held, changes] of balances) {
    const amounts = [toAmount(BigInt(available)), toAmount(BigInt(held))] as const
    account.open(venue.ledger.asset(asset), new Balance(name, asset, ...amounts, changes))
  }
  return account
}

function loadOrder(venue: VenueState, account: Account, saved: SavedRecord & { type: 'order' }): void {
  const { id, side, price, symbol, open, filled, hold, waiting } = saved
  const book = venue.books.get(symbol)
  if (book === undefined) throw new Error(`saved order ${id} is in the unlisted ${symbol}`)
  const remembered =
    saved.terms &&
    new RememberedOrder(account, saved.terms.clientOrderId, id, {
      symbol,
      side,
      // It came without a price.
      price: waiting === true ? (0 as Ticks) : (saved.terms.price ?? price),
      ...loadOf(saved.terms),
    })
  if (remembered !== undefined) venue.clientOrderIds.remember(remembered)
  const order = new Order(id, account, side, price, open, remembered)
  if (filled !== undefined) order.total = (open + filled) as Lots
  if (saved.session !== undefined) order.session = venue.sessions.find(account.name, saved.session)
  if (hold !== undefined) order.hold = toAmount(BigInt(hold))
  if (waiting === true) book.waiting[side].add(order)
  else book.own(side).add(order)
  venue.orders.set(id, order)
  account.addOrder(order)
}

/** The terms of an order as they were, its budget being text in what is saved. */
function loadOf({ orderType, timeInForce, quantity, budget }: SavedTerms) {
  return { orderType, timeInForce, quantity, ...(budget !== undefined && { budget: BigInt(budget) }) }
}

function loadClosed(venue: VenueState, account: Account, saved: SavedRecord & { type: 'closed' }): void {
  const remembered = new RememberedOrder(account, saved.clientOrderId, saved.id, {
    symbol: saved.symbol,
    side: saved.side,
    price: saved.price,
    ...loadOf(saved),
  })
  venue.clientOrderIds.remember(remembered)
  venue.clientOrderIds.close(remembered, saved.closedAt)
}
