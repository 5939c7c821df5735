import type {
  Cancel,
  Checkpoint,
  CreateVenue,
  JournalEntry,
  ListInstrument,
  Place,
  SequencedCommand,
  SetLimits,
} from '../domain/command.ts'
import type { Event } from '../domain/event.ts'
import type { RejectReason } from '../domain/reject.ts'
import type { Sequence, Ticks } from '../domain/units.ts'
import {
  defaultLimits,
  defaultRules,
  type Limits,
  type VenueLimits,
  type VenueRules,
} from '../domain/venue.ts'
import { Account } from './account.ts'
import { Book, type BookSide, Order } from './book.ts'
import { refusePlace } from './checks.ts'
import { RememberedOrder } from './client-order-ids.ts'
import { Digest } from './digest.ts'
import { closeResting, closeTaker, fillable, leftover, match } from './match.ts'
import { VenueState } from './venue-state.ts'

/** Names a behavior of the engine: journals carry it beside their digests. */
export const engineVersion = '1'
/** Commands between two notes of the digest, for the checkpoints. */
const checkpointEvery = 100_000

/** The most that a side of a book can hold: larger sums are not exact in a `number`. */
const maxDepth = Number.MAX_SAFE_INTEGER
/** What a market order to buy accepts; one to sell accepts 0. */
const anyPrice = Number.MAX_SAFE_INTEGER as Ticks

/**
 * Decides: the state of a shard's venues, and the one function that changes it.
 *
 * Pure and synchronous. It sees durable commands only, in order, and the same commands give the same events, digest
 * and state on any machine at any time.
 */
export class Engine {
  /** In the order of creation. */
  readonly venues = new Map<string, VenueState>()
  readonly digest = new Digest()
  limits: Limits = defaultLimits
  /** Books on all venues. */
  books = 0
  /** The last command applied; 0 before the first. */
  sequence = 0 as Sequence
  /** The digest as it was at the last multiple of `checkpointEvery`. */
  noted: { readonly at: Sequence; readonly digest: string } | undefined

  /**
   * Applies the next command and says what happened, in order. A command that is refused gives one `rejected` event
   * and changes nothing else. Throws when the command is not the next one: that is a bug of the caller.
   */
  apply({ sequence, command }: SequencedCommand): Event[] {
    if (sequence !== this.sequence + 1) throw new Error(`command ${sequence} cannot follow ${this.sequence}`)
    this.sequence = sequence
    const events: Event[] = []
    const refusal = this.#decide(command, events)
    if (refusal !== undefined) events.push({ type: 'rejected', reason: refusal })
    for (const event of events) this.digest.fold(event)
    if (sequence % checkpointEvery === 0) this.noted = { at: sequence, digest: this.digest.value }
    return events
  }

  /** Passes over a command that no engine can decide, as refused. */
  void(sequence: Sequence): Event[] {
    if (sequence !== this.sequence + 1) throw new Error(`command ${sequence} cannot follow ${this.sequence}`)
    this.sequence = sequence
    return [{ type: 'rejected', reason: 'voided' }]
  }

  #decide(command: JournalEntry, events: Event[]): RejectReason | undefined {
    switch (command.type) {
      case 'place':
        return this.#place(command, events)
      case 'cancel':
        return this.#cancel(command, events)
      case 'create-venue':
        return this.#createVenue(command, events)
      case 'list-instrument':
        return this.#listInstrument(command, events)
      case 'set-limits':
        return this.#setLimits(command, events)
      case 'checkpoint':
        return this.#checkpoint(command)
      default:
        return command satisfies never
    }
  }

  #place(command: Place, events: Event[]): RejectReason | undefined {
    const knownVenue = this.venues.get(command.venue)
    const knownAccount = knownVenue?.accounts.get(command.account)
    if (knownVenue !== undefined && knownAccount !== undefined && command.clientOrderId !== undefined) {
      const first = knownVenue.clientOrderIds.find(knownAccount, command.clientOrderId)
      if (first !== undefined) return repeat(command, first, events)
    }
    const refusal = refusePlace(command, knownVenue, knownAccount, this.books, this.limits)
    if (refusal !== undefined) return refusal
    if (knownVenue !== undefined && wouldOverflow(knownVenue, knownAccount, command)) return 'depth_limit'

    const venue = knownVenue ?? this.#addVenue(command.venue, defaultRules, events)
    const book = venue.books.get(command.symbol) ?? this.#addBook(venue, command.symbol, events)
    const account = knownAccount ?? addAccount(venue, command.account)
    accept(venue, book, account, command, events)
    return undefined
  }

  #cancel({ venue: name, orderId }: Cancel, events: Event[]): RejectReason | undefined {
    const venue = this.venues.get(name)
    if (venue === undefined) return 'unknown_venue'
    const order = venue.orders.get(orderId)
    if (order === undefined)
      return orderId >= 1 && orderId <= venue.lastOrderId ? 'order_closed' : 'unknown_order'
    closeResting(venue, order, 'user', events)
    return undefined
  }

  #createVenue({ venue, rules }: CreateVenue, events: Event[]): RejectReason | undefined {
    if (this.venues.has(venue)) return 'venue_exists'
    this.#addVenue(venue, rules, events)
    return undefined
  }

  #listInstrument({ venue: name, symbol }: ListInstrument, events: Event[]): RejectReason | undefined {
    const venue = this.venues.get(name)
    if (venue === undefined) return 'unknown_venue'
    if (venue.books.has(symbol)) return 'symbol_exists'
    if (this.books >= this.limits.books) return 'too_many_books'
    this.#addBook(venue, symbol, events)
    return undefined
  }

  #setLimits({ venue: name, limits }: SetLimits, events: Event[]): RejectReason | undefined {
    if (name === undefined) {
      this.limits = { ...this.limits, ...limits }
      events.push({ type: 'limits-set', venue: undefined, limits: this.limits })
      return undefined
    }
    const venue = this.venues.get(name)
    if (venue === undefined) return 'unknown_venue'
    venue.limits = venueLimits({ ...venue.limits, ...limits })
    venue.clientOrderIds.expire(venue.closedOrders, venue.limits.closedOrders)
    events.push({ type: 'limits-set', venue: name, limits: venue.limits })
    return undefined
  }

  #checkpoint({ at, digest, engineVersion: writer }: Checkpoint): undefined {
    const found =
      at === this.sequence - 1 ? this.digest.value : at === this.noted?.at ? this.noted.digest : digest
    if (found !== digest) throw new DigestDiffers(at, digest, writer, found)
  }

  #addVenue(name: string, rules: VenueRules, events: Event[]): VenueState {
    const venue = new VenueState(name, rules, venueLimits(this.limits))
    this.venues.set(name, venue)
    events.push({ type: 'venue-created', venue: name, rules, limits: venue.limits })
    return venue
  }

  #addBook(venue: VenueState, symbol: string, events: Event[]): Book {
    const book = new Book(symbol)
    venue.books.set(symbol, book)
    this.books += 1
    events.push({ type: 'instrument-listed', venue: venue.name, symbol })
    return book
  }
}

/** The same commands gave something else than they once did. */
export class DigestDiffers extends Error {
  constructor(at: number, recorded: string, writer: string, found: string) {
    super(
      `after command ${at} the digest is ${found} with engine ${engineVersion}, but was ${recorded} with engine ${writer}`,
    )
  }
}

/** Answers an order whose client order id is taken: the first order if it is the same one, else a refusal. */
function repeat(command: Place, first: RememberedOrder, events: Event[]): RejectReason | undefined {
  if (!first.isSame(command)) return 'client_order_id_conflict'
  events.push({
    type: 'order-repeated',
    venue: command.venue,
    symbol: command.symbol,
    orderId: first.orderId,
  })
  return undefined
}

/** Takes an order that was checked: gives it an id, trades it, and rests or closes what is left. */
function accept(venue: VenueState, book: Book, account: Account, command: Place, events: Event[]): void {
  const { symbol, side, orderType, timeInForce, price, quantity, clientOrderId } = command
  venue.lastOrderId += 1
  const orderId = venue.lastOrderId
  let remembered: RememberedOrder | undefined
  if (clientOrderId !== undefined) {
    remembered = new RememberedOrder(account, clientOrderId, orderId, command)
    venue.clientOrderIds.remember(remembered)
  }
  const taker = new Order(orderId, account, side, worstPrice(command), quantity, remembered)
  events.push({
    type: 'order-accepted',
    venue: venue.name,
    symbol,
    orderId,
    account: account.name,
    side,
    orderType,
    timeInForce,
    price,
    quantity,
    clientOrderId,
  })

  const opposite = book.opposite(side)
  if (
    timeInForce === 'fok' &&
    (opposite.depth < quantity || fillable(venue, taker, opposite, quantity) < quantity)
  ) {
    closeTaker(venue, taker, symbol, 'fok_killed', events)
    return
  }
  if (match(venue, taker, opposite, events)) return
  if (taker.open === 0) {
    closeTaker(venue, taker, symbol, 'filled', events)
  } else if (timeInForce === 'gtc') {
    rest(venue, book.own(side), taker, events)
  } else {
    closeTaker(venue, taker, symbol, 'ioc', events)
  }
}

function rest(venue: VenueState, side: BookSide, order: Order, events: Event[]): void {
  side.add(order)
  venue.orders.set(order.id, order)
  order.account.openOrders += 1
  const { symbol } = side.book
  events.push({ type: 'order-rested', venue: venue.name, symbol, orderId: order.id, open: order.open })
}

/** Whether what an order leaves in the book would take its side past what can be counted exactly. */
function wouldOverflow(venue: VenueState, account: Account | undefined, command: Place): boolean {
  const book = venue.books.get(command.symbol)
  if (book === undefined || command.timeInForce !== 'gtc') return false
  const { depth } = book.own(command.side)
  if (depth + command.quantity <= maxDepth) return false
  const stranger = account ?? new Account(command.account, 0)
  const taker = new Order(0, stranger, command.side, worstPrice(command), command.quantity, undefined)
  return depth + leftover(venue, taker, book.opposite(command.side)) > maxDepth
}

function worstPrice({ orderType, side, price }: Place): Ticks {
  if (orderType === 'limit') return price
  return side === 'buy' ? anyPrice : (0 as Ticks)
}

function addAccount(venue: VenueState, name: string): Account {
  const account = new Account(name, venue.accounts.size + 1)
  venue.accounts.set(name, account)
  return account
}

function venueLimits({ accounts, openOrdersPerAccount, openOrders, closedOrders }: VenueLimits): VenueLimits {
  return { accounts, openOrdersPerAccount, openOrders, closedOrders }
}
