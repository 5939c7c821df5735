import type { Event } from '../domain/event.ts'
import type { CloseReason } from '../domain/order.ts'
import type { Lots, Ticks } from '../domain/units.ts'
import type { BookSide, Order } from './book.ts'
import type { VenueState } from './venue-state.ts'

/**
 * Trades a taker against the opposite side, best price first and oldest first within a price, under the venue's
 * self-trade rule, and reports to `events` in the order in which it happens.
 *
 * `side` is changed in place: makers that are filled or canceled leave it, and so do emptied levels. Every trade is
 * at the maker's price. Lots that found no counterpart stay in `taker.open`; when the self-trade rule ends the taker,
 * its `order-closed` is reported here and true is returned.
 * Cannot fail: the command was checked before it came here.
 */
export function match(venue: VenueState, taker: Order, side: BookSide, events: Event[]): boolean {
  const { selfTrade } = venue.rules
  while (taker.open > 0) {
    const level = side.best
    if (level === undefined || !accepts(taker, level.price)) return false
    const maker = level.first as Order
    if (maker.account !== taker.account || selfTrade === 'allow') {
      trade(venue, taker, maker, side, events)
      continue
    }
    if (selfTrade === 'decrement') {
      decrement(venue, taker, maker, side, events)
      if (taker.open === 0) return true
      continue
    }
    if (selfTrade !== 'cancel-taker') closeResting(venue, maker, 'self_trade', events)
    if (selfTrade === 'cancel-maker') continue
    closeTaker(venue, taker, side.book.symbol, 'self_trade', events)
    return true
  }
  return false
}

/**
 * How many lots a taker would trade if it were matched now, counted no further than `enough`. Changes nothing.
 *
 * Under `allow` its own account's orders count too; under `cancel-maker` they are left out; under the other rules
 * only what stands before the first of them counts, since the taker gets no further whole.
 */
export function fillable(venue: VenueState, taker: Order, side: BookSide, enough: Lots): Lots {
  const { selfTrade } = venue.rules
  let found = 0
  for (const level of side.levels()) {
    if (found >= enough || !accepts(taker, level.price)) break
    if (selfTrade === 'allow') {
      found += level.quantity
      continue
    }
    for (let maker = level.first; maker !== undefined && found < enough; maker = maker.next) {
      if (maker.account !== taker.account) found += maker.open
      else if (selfTrade !== 'cancel-maker') return Math.min(found, enough) as Lots
    }
  }
  return Math.min(found, enough) as Lots
}

/**
 * How many lots a taker would leave to rest if it were matched now. Changes nothing.
 *
 * Under `allow` and `decrement` every lot that it meets takes one off it; under `cancel-maker` its own account's
 * orders are left out; under the other rules the first of them ends it, and nothing rests.
 */
export function leftover(venue: VenueState, taker: Order, side: BookSide): Lots {
  const { selfTrade } = venue.rules
  let left: number = taker.open
  for (const level of side.levels()) {
    if (left === 0 || !accepts(taker, level.price)) break
    if (selfTrade === 'allow' || selfTrade === 'decrement') {
      left -= Math.min(left, level.quantity)
      continue
    }
    for (let maker = level.first; maker !== undefined && left > 0; maker = maker.next) {
      if (maker.account !== taker.account) left -= Math.min(left, maker.open)
      else if (selfTrade !== 'cancel-maker') return 0 as Lots
    }
  }
  return left as Lots
}

/** Ends a resting order: takes it out of book and tables, and reports it. */
export function closeResting(venue: VenueState, order: Order, reason: CloseReason, events: Event[]): void {
  const side = (order.level as NonNullable<Order['level']>).side
  side.remove(order)
  venue.orders.delete(order.id)
  order.account.openOrders -= 1
  reportClosed(venue, order, side.book.symbol, reason, true, events)
}

/** Ends an order that never rested, and reports it. */
export function closeTaker(
  venue: VenueState,
  order: Order,
  symbol: string,
  reason: CloseReason,
  events: Event[],
): void {
  reportClosed(venue, order, symbol, reason, false, events)
}

function accepts(taker: Order, price: Ticks): boolean {
  return taker.side === 'buy' ? price <= taker.price : price >= taker.price
}

function trade(venue: VenueState, taker: Order, maker: Order, side: BookSide, events: Event[]): void {
  const quantity = Math.min(taker.open, maker.open) as Lots
  taker.open = (taker.open - quantity) as Lots
  side.reduce(maker, quantity)
  venue.lastTradeId += 1
  events.push({
    type: 'trade',
    venue: venue.name,
    symbol: side.book.symbol,
    tradeId: venue.lastTradeId,
    price: maker.price,
    quantity,
    makerId: maker.id,
    takerId: taker.id,
    makerOpen: maker.open,
    takerOpen: taker.open,
  })
  if (maker.open === 0) closeResting(venue, maker, 'filled', events)
}

function decrement(venue: VenueState, taker: Order, maker: Order, side: BookSide, events: Event[]): void {
  const { symbol } = side.book
  const quantity = Math.min(taker.open, maker.open) as Lots
  if (maker.open === quantity) {
    closeResting(venue, maker, 'self_trade', events)
  } else {
    side.reduce(maker, quantity)
    reportReduced(venue, maker, symbol, quantity, true, events)
  }
  if (taker.open === quantity) {
    closeTaker(venue, taker, symbol, 'self_trade', events)
    taker.open = 0 as Lots
  } else {
    taker.open = (taker.open - quantity) as Lots
    reportReduced(venue, taker, symbol, quantity, false, events)
  }
}

function reportReduced(
  venue: VenueState,
  order: Order,
  symbol: string,
  canceled: Lots,
  resting: boolean,
  events: Event[],
): void {
  events.push({
    type: 'order-reduced',
    venue: venue.name,
    symbol,
    orderId: order.id,
    canceled,
    open: order.open,
    resting,
  })
}

function reportClosed(
  venue: VenueState,
  order: Order,
  symbol: string,
  reason: CloseReason,
  resting: boolean,
  events: Event[],
): void {
  venue.closedOrders += 1
  if (order.remembered !== undefined) venue.clientOrderIds.close(order.remembered, venue.closedOrders)
  venue.clientOrderIds.expire(venue.closedOrders, venue.limits.closedOrders)
  events.push({
    type: 'order-closed',
    venue: venue.name,
    symbol,
    orderId: order.id,
    reason,
    canceled: order.open,
    resting,
  })
}
