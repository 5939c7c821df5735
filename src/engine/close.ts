import type { Event } from '../domain/event.ts'
import type { CloseReason } from '../domain/order.ts'
import type { Lots } from '../domain/units.ts'
import type { Book, Order } from './book.ts'
import { heldAsset, isCash } from './credit/cash.ts'
import type { VenueState } from './venue-state.ts'

const noLots = 0 as Lots

/** Ends an open order: takes it out of book and tables, and reports it. */
export function closeOpen(
  venue: VenueState,
  book: Book,
  order: Order,
  reason: CloseReason,
  events: Event[],
): void {
  const { level } = order
  if (level === undefined) book.waiting[order.side].delete(order)
  else level.side.remove(order)
  venue.orders.delete(order.id)
  order.account.removeOrder(order)
  close(venue, book, order, reason, level !== undefined, events)
}

/** Ends an order that never became an open one, and reports it. */
export function closeTaker(
  venue: VenueState,
  book: Book,
  order: Order,
  reason: CloseReason,
  events: Event[],
): void {
  close(venue, book, order, reason, false, events)
}

/** Ends all open orders of a venue, the oldest first. */
export function closeAll(venue: VenueState, events: Event[]): void {
  for (const order of [...venue.orders.values()])
    closeOpen(venue, bookOf(venue, order), order, 'venue_closed', events)
  venue.ledger.report(venue.name, events)
}

/** The book that an open order is in. */
export function bookOf(venue: VenueState, order: Order): Book {
  if (order.level !== undefined) return order.level.side.book
  for (const book of venue.books.values()) if (book.waiting[order.side].has(order)) return book
  throw new Error(`order ${order.id} is open but in no book`)
}

function close(
  venue: VenueState,
  book: Book,
  order: Order,
  reason: CloseReason,
  resting: boolean,
  events: Event[],
): void {
  venue.closedOrders += 1
  if (order.remembered !== undefined) venue.clientOrderIds.close(order.remembered, venue.closedOrders)
  venue.clientOrderIds.expire(venue.closedOrders, venue.limits.closedOrders)
  if (isCash(book) && order.hold > 0) {
    venue.ledger.release(order.account, heldAsset(book, order.side), order.hold)
    order.hold = 0
  }
  events.push({
    type: 'order-closed',
    venue: venue.name,
    symbol: book.symbol,
    orderId: order.id,
    reason,
    canceled: order.isByBudget ? noLots : order.open,
    resting,
  })
}
