import { type Amount, toAmount } from '../domain/amount.ts'
import type { Place } from '../domain/command.ts'
import type { Event, OrderAccepted } from '../domain/event.ts'
import type { OrderType, TimeInForce } from '../domain/order.ts'
import type { RejectReason } from '../domain/reject.ts'
import type { Lots, Ticks } from '../domain/units.ts'
import { Account } from './account.ts'
import { type Book, type BookSide, Order } from './book.ts'
import { RememberedOrder } from './client-order-ids.ts'
import { closeTaker } from './close.ts'
import { type CashBook, heldAsset, isCash, refuseTerms, reservation } from './credit/cash.ts'
import { isFillable } from './fill-or-kill.ts'
import { costOf, fillableByWaiting, leftover, match, matchWaiting } from './match.ts'
import { openAccount } from './open-account.ts'
import { moveReference } from './reference.ts'
import type { VenueState } from './venue-state.ts'

/** The most that a side of a book can hold: larger sums are not exact in a `number`. */
const maxDepth = Number.MAX_SAFE_INTEGER
/** What a market order to buy accepts; one to sell accepts 0. */
const anyPrice = Number.MAX_SAFE_INTEGER as Ticks

/** Answers an order whose client order id is taken: the first order if it is the same one, else a refusal. */
export function repeat(command: Place, first: RememberedOrder, events: Event[]): RejectReason | undefined {
  if (!first.isSame(command)) return 'client_order_id_conflict'
  events.push({
    type: 'order-repeated',
    venue: command.venue,
    symbol: command.symbol,
    orderId: first.orderId,
  })
  return undefined
}

/**
 * Takes an order on a cash venue, whose book exists: checks its terms, and reserves what it may cost. If it is taken it
 * opens an account for somebody who has none.
 */
export function placeForMoney(
  venue: VenueState,
  known: Account | undefined,
  command: Place,
  events: Event[],
): RejectReason | undefined {
  const book = venue.books.get(command.symbol) as Book
  if (!isCash(book)) throw new Error(`${book.symbol} on ${venue.name} has no terms`)
  const refusal = refuseTerms(book, command)
  if (refusal !== undefined) return refusal
  const account =
    known ?? new Account(command.account, venue.accounts.size + 1, { ledger: { keyHash: undefined } })
  const taker = takerOf(venue, account, command)
  const asset = heldAsset(book, taker.side)
  taker.hold = costIn(venue, book, taker, command)
  const isCovered =
    known === undefined
      ? taker.hold <= BigInt(venue.opening(asset.name) ?? 0)
      : known.covers(asset, taker.hold)
  if (!isCovered) return 'insufficient_funds'
  if (isWithoutMarket(venue, book, command)) return 'no_opposite_orders'
  if (isWorthTooLittle(venue, book, taker, command)) return 'value_too_small'

  if (known === undefined) openAccount(venue, account, events)
  const from = events.length
  venue.ledger.hold(account, asset, taker.hold)
  accept(venue, book, taker, command, events)
  moveReference(venue, book, events, from)
  venue.ledger.report(venue.name, events)
  return undefined
}

/** Whether an order without a price would have nothing to trade with, on a venue where it needs that. */
export function isWithoutMarket({ rules }: VenueState, book: Book | undefined, order: Place): boolean {
  const { side, orderType, timeInForce } = order
  if (orderType !== 'market') return false
  const wouldWait = timeInForce === 'gtc' && rules.marketRemainder === 'rest'
  if (!wouldWait && rules.marketNeedsCounterpart !== true) return false
  return book === undefined || book.opposite(side).orderCount === 0
}

/** Whether an order without a price is worth less than the instrument asks for, at what it would find in the book. */
function isWorthTooLittle(venue: VenueState, book: CashBook, taker: Order, { orderType }: Place): boolean {
  const { minValue } = book.terms
  if (minValue === undefined || orderType === 'limit') return false
  if (taker.side === 'buy') return taker.hold < minValue
  return costOf(venue, taker, book.bids, book) < minValue
}

/** What an order has to reserve, in smallest units of the asset that it gives away. */
function costIn(venue: VenueState, book: CashBook, taker: Order, command: Place): Amount {
  const { side, orderType, price, quantity, budget } = command
  if (budget !== undefined) return toAmount(budget)
  if (side === 'sell' || orderType === 'limit') return reservation(book, side, price, quantity)
  return costOf(venue, taker, book.asks, book)
}

/** The order that a command makes, with the next id. */
export function takerOf(venue: VenueState, account: Account, command: Place): Order {
  const { side, quantity, clientOrderId } = command
  const orderId = venue.lastOrderId + 1
  const remembered =
    clientOrderId === undefined ? undefined : new RememberedOrder(account, clientOrderId, orderId, command)
  const order = new Order(orderId, account, side, worstPrice(command), quantity, remembered)
  if (command.session !== undefined) order.session = venue.sessions.find(account.name, command.session)
  return order
}

/** Takes an order that was checked: trades it, and rests or closes what is left. */
export function accept(venue: VenueState, book: Book, taker: Order, command: Place, events: Event[]): void {
  const { symbol, side, orderType, timeInForce, price, quantity, clientOrderId, budget } = command
  const { account, remembered } = taker
  venue.lastOrderId = taker.id
  if (remembered !== undefined) venue.clientOrderIds.remember(remembered)
  const accepted: OrderAccepted = {
    type: 'order-accepted',
    venue: venue.name,
    symbol,
    orderId: taker.id,
    account: account.name,
    side,
    orderType,
    timeInForce,
    price,
    quantity,
    clientOrderId,
  }
  // Most orders have none of it, and copying objects for them costs a tenth of the engine's speed.
  events.push(
    budget === undefined && book.reference === undefined
      ? accepted
      : withMoney(accepted, budget, book.reference),
  )

  if (timeInForce === 'fok' && !isFillable(venue, book, taker, orderType)) {
    closeTaker(venue, book, taker, 'fok_killed', events)
    return
  }
  arrive(venue, book, taker, orderType, timeInForce, events)
}

/** Trades an order that arrives, and rests or closes what is left. */
export function arrive(
  venue: VenueState,
  book: Book,
  taker: Order,
  orderType: OrderType,
  timeInForce: TimeInForce,
  events: Event[],
): void {
  if (orderType === 'limit' && matchWaiting(venue, book, taker, events)) return
  if (match(venue, taker, book.opposite(taker.side), events)) return
  if (taker.open === 0) {
    closeTaker(venue, book, taker, 'filled', events)
  } else if (timeInForce !== 'gtc') {
    closeTaker(venue, book, taker, 'ioc', events)
  } else if (orderType === 'limit') {
    rest(venue, book.own(taker.side), taker, events)
  } else if (venue.rules.marketRemainder === 'rest') {
    wait(venue, book, taker, events)
  } else {
    closeTaker(venue, book, taker, 'ioc', events)
  }
}

function withMoney(
  accepted: OrderAccepted,
  budget: bigint | undefined,
  reference: Ticks | undefined,
): OrderAccepted {
  return {
    ...accepted,
    ...(budget !== undefined && { budget }),
    ...(reference !== undefined && { reference }),
  }
}

function rest(venue: VenueState, side: BookSide, order: Order, events: Event[]): void {
  side.add(order)
  venue.orders.set(order.id, order)
  order.account.addOrder(order)
  const { symbol } = side.book
  events.push({ type: 'order-rested', venue: venue.name, symbol, orderId: order.id, open: order.open })
}

function wait(venue: VenueState, { symbol, waiting }: Book, order: Order, events: Event[]): void {
  waiting[order.side].add(order)
  venue.orders.set(order.id, order)
  order.account.addOrder(order)
  events.push({ type: 'order-waiting', venue: venue.name, symbol, orderId: order.id })
}

/** Whether what an order leaves in the book would take its side past what can be counted exactly. */
export function wouldOverflow(
  venue: VenueState,
  book: Book | undefined,
  account: Account | undefined,
  command: Place,
): boolean {
  if (book === undefined || command.timeInForce !== 'gtc' || command.orderType === 'market') return false
  const depth = Number(book.own(command.side).depth)
  if (depth + command.quantity <= maxDepth) return false
  const stranger = account ?? new Account(command.account, 0)
  const taker = new Order(0, stranger, command.side, worstPrice(command), command.quantity, undefined)
  return wouldOverflowBeside(venue, book, taker, depth)
}

/** Whether a limit order that is not in the book yet would leave too much there, where `depth` is its side's. */
export function wouldOverflowBeside(venue: VenueState, book: Book, order: Order, depth: number): boolean {
  if (depth + order.open <= maxDepth) return false
  const rest = order.open - fillableByWaiting(venue, book, order, order.open)
  return depth + leftover(venue, order, book.opposite(order.side), rest as Lots) > maxDepth
}

function worstPrice({ orderType, side, price }: Place): Ticks {
  if (orderType === 'limit') return price
  return side === 'buy' ? anyPrice : (0 as Ticks)
}
