import { type Amount, plus } from '../domain/amount.ts'
import type { Event, TradeMoney } from '../domain/event.ts'
import type { Lots, Ticks } from '../domain/units.ts'
import type { Book, BookSide, Order } from './book.ts'
import { closeOpen, closeTaker } from './close.ts'
import { type CashBook, isCash, settle } from './credit/cash.ts'
import type { VenueState } from './venue-state.ts'

const noLots = 0 as Lots

/**
 * Trades a taker against the opposite side, best price first and oldest first within a price, under the venue's
 * self-trade rule, and reports to `events` in the order in which it happens.
 *
 * `side` is changed in place: makers that are filled or canceled leave it, and so do emptied levels. Every trade is
 * at the maker's price. Lots that found no counterpart stay in `taker.open`; when the taker ends here otherwise than by
 * trading all of them, its `order-closed` is reported here and true is returned: by the self-trade rule, or because
 * its money is spent, or too little of it is left.
 * Cannot fail: the command was checked before it came here.
 */
export function match(venue: VenueState, taker: Order, side: BookSide, events: Event[]): boolean {
  const { selfTrade } = venue.rules
  if (selfTrade === 'skip') return matchStrangers(venue, taker, side, events)
  while (taker.open > 0) {
    const level = side.best
    if (level === undefined || !accepts(taker, level.price)) return false
    const maker = level.first as Order
    if (maker.account !== taker.account || selfTrade === 'allow') {
      if (trade(venue, side.book, taker, maker, maker.price, events)) return true
      continue
    }
    if (selfTrade === 'decrement') {
      decrement(venue, taker, maker, side, events)
      if (taker.open === 0) return true
      continue
    }
    if (selfTrade !== 'cancel-taker') closeOpen(venue, side.book, maker, 'self_trade', events)
    if (selfTrade === 'cancel-maker') continue
    closeTaker(venue, side.book, taker, 'self_trade', events)
    return true
  }
  return false
}

/** The same for the rule `skip`: own orders stay where they are, and the search goes on behind them. */
function matchStrangers(venue: VenueState, taker: Order, side: BookSide, events: Event[]): boolean {
  let level = side.best
  while (level !== undefined && taker.open > 0 && accepts(taker, level.price)) {
    const { price } = level
    let maker = level.first
    while (maker !== undefined && taker.open > 0) {
      // A maker that is filled forgets its neighbors.
      const { next } = maker
      if (maker.account !== taker.account && trade(venue, side.book, taker, maker, price, events)) return true
      maker = next
    }
    level = side.worse(price)
  }
  return false
}

/**
 * Trades a limit order against market orders of the other side that wait for one, the oldest first, at the limit
 * order's price. To be called before `match`, with the same result.
 */
export function matchWaiting(venue: VenueState, book: Book, taker: Order, events: Event[]): boolean {
  const { selfTrade } = venue.rules
  const waiting = book.waiting[taker.side === 'buy' ? 'sell' : 'buy']
  // Where none waits, as nearly always, there is no need to make an iterator.
  if (waiting.size === 0) return false
  for (const maker of waiting) {
    if (taker.open === 0) return false
    if (maker.account === taker.account && selfTrade === 'skip') continue
    if (trade(venue, book, taker, maker, taker.price, events)) return true
  }
  return false
}

/**
 * How many lots a limit order would trade with market orders that wait, counted no further than `enough`. Changes
 * nothing. Not for venues with money, where they may have budgets in place of lots.
 */
export function fillableByWaiting(venue: VenueState, book: Book, taker: Order, enough: Lots): Lots {
  let found = 0
  for (const maker of book.waiting[taker.side === 'buy' ? 'sell' : 'buy']) {
    if (maker.account === taker.account && venue.rules.selfTrade === 'skip') continue
    found += Math.min(maker.open, enough - found)
    if (found === enough) return enough
  }
  return found as Lots
}

/**
 * The most that a market order to buy by quantity could come to cost if it were matched now, in smallest units of
 * money: each trade rounded up. Own orders that it would pass over or cancel are left out.
 */
export function costOf(venue: VenueState, taker: Order, side: BookSide, { notional }: CashBook): Amount {
  const { selfTrade } = venue.rules
  let left: number = taker.open
  let cost: Amount = 0
  for (const maker of side.orders()) {
    if (left === 0) break
    if (maker.account === taker.account && selfTrade !== 'allow') {
      if (selfTrade === 'skip' || selfTrade === 'cancel-maker') continue
      break
    }
    const quantity = Math.min(left, maker.open) as Lots
    cost = plus(cost, notional.reserve(maker.price, quantity))
    left -= quantity
  }
  return cost
}

/**
 * How many lots a taker would trade if it were matched now, counted no further than `enough`. Changes nothing.
 *
 * Under `allow` its own account's orders count too; under `cancel-maker` and `skip` they are left out; under the other
 * rules only what stands before the first of them counts, since the taker gets no further whole.
 */
export function fillable(venue: VenueState, taker: Order, side: BookSide, enough: Lots): Lots {
  const { selfTrade } = venue.rules
  let found = 0
  for (const level of side.levels()) {
    if (found >= enough || !accepts(taker, level.price)) break
    if (selfTrade === 'allow') {
      found += Math.min(enough, Number(level.quantity))
      continue
    }
    for (let maker = level.first; maker !== undefined && found < enough; maker = maker.next) {
      if (maker.account !== taker.account) found += maker.open
      else if (selfTrade !== 'cancel-maker' && selfTrade !== 'skip') return Math.min(found, enough) as Lots
    }
  }
  return Math.min(found, enough) as Lots
}

/**
 * How many of some lots a taker would leave to rest if it were matched now. Changes nothing.
 *
 * Under `allow` and `decrement` every lot that it meets takes one off it; under `cancel-maker` and `skip` its own
 * account's orders are left out; under the other rules the first of them ends it, and nothing rests.
 */
export function leftover(venue: VenueState, taker: Order, side: BookSide, lots: Lots): Lots {
  const { selfTrade } = venue.rules
  let left: number = lots
  for (const level of side.levels()) {
    if (left === 0 || !accepts(taker, level.price)) break
    if (selfTrade === 'allow' || selfTrade === 'decrement') {
      left -= Math.min(left, Number(level.quantity))
      continue
    }
    for (let maker = level.first; maker !== undefined && left > 0; maker = maker.next) {
      if (maker.account !== taker.account) left -= Math.min(left, maker.open)
      else if (selfTrade !== 'cancel-maker' && selfTrade !== 'skip') return noLots
    }
  }
  return left as Lots
}

/** Whether an order may trade at a price. */
export function accepts(taker: Order, price: Ticks): boolean {
  return taker.side === 'buy' ? price <= taker.price : price >= taker.price
}

/** One match at a price. True when the taker ended by it and was reported, otherwise than by trading all its lots. */
function trade(
  venue: VenueState,
  book: Book,
  taker: Order,
  maker: Order,
  price: Ticks,
  events: Event[],
): boolean {
  let quantity = Math.min(taker.open, maker.open) as Lots
  if (!isCash(book)) {
    take(taker, quantity)
    take(maker, quantity)
    reportTrade(venue, book, taker, maker, price, quantity, undefined, events)
    if (maker.open === 0) closeOpen(venue, book, maker, 'filled', events)
    return false
  }
  const isBuyerTaker = taker.side === 'buy'
  const buyer = isBuyerTaker ? taker : maker
  const isBudgetSpent = buyer.isByBudget && !book.notional.covers(buyer.hold, price, quantity)
  if (isBudgetSpent) {
    quantity = book.notional.affordable(buyer.hold, price)
    if (quantity < book.terms.minQuantity) {
      if (!isBuyerTaker) closeOpen(venue, book, buyer, 'remainder', events)
      else closeTaker(venue, book, buyer, 'remainder', events)
      return isBuyerTaker
    }
  }
  take(taker, quantity)
  take(maker, quantity)
  const money = settle(venue.ledger, book, taker, maker, price, quantity, isBudgetSpent)
  reportTrade(venue, book, taker, maker, price, quantity, money, events)
  const makerEnd = endOf(book, maker, isBudgetSpent)
  if (makerEnd !== undefined) closeOpen(venue, book, maker, makerEnd, events)
  const takerEnd = taker.open === 0 ? undefined : endOf(book, taker, isBudgetSpent)
  if (takerEnd !== undefined) closeTaker(venue, book, taker, takerEnd, events)
  return takerEnd !== undefined
}

/** Whether an order of a cash venue ends by a trade: nothing is left of it, or too little to trade. */
function endOf(book: CashBook, order: Order, isBudgetSpent: boolean): 'filled' | 'remainder' | undefined {
  if (order.isByBudget) return isBudgetSpent || order.hold === 0 ? 'filled' : undefined
  if (order.open === 0) return 'filled'
  if (order.open < book.terms.minQuantity) return 'remainder'
  // Roundings have eaten up what was reserved: the next lot would be free.
  return order.mayRunOutOfHold && order.hold === 0 ? 'remainder' : undefined
}

/** Takes lots off an order, whether it stands in the book or not. */
function take(order: Order, quantity: Lots): void {
  if (order.level !== undefined) order.level.side.reduce(order, quantity)
  else if (!order.isByBudget) order.open = (order.open - quantity) as Lots
}

function reportTrade(
  venue: VenueState,
  book: Book,
  taker: Order,
  maker: Order,
  price: Ticks,
  quantity: Lots,
  money: TradeMoney | undefined,
  events: Event[],
): void {
  venue.lastTradeId += 1
  // Two literals: a field that is added later makes another object behind the event.
  if (money === undefined) {
    events.push({
      type: 'trade',
      venue: venue.name,
      symbol: book.symbol,
      tradeId: venue.lastTradeId,
      price,
      quantity,
      makerId: maker.id,
      takerId: taker.id,
      makerOpen: openOf(maker),
      takerOpen: openOf(taker),
    })
  } else {
    events.push({
      type: 'trade',
      venue: venue.name,
      symbol: book.symbol,
      tradeId: venue.lastTradeId,
      price,
      quantity,
      makerId: maker.id,
      takerId: taker.id,
      makerOpen: openOf(maker),
      takerOpen: openOf(taker),
      money,
    })
  }
}

/** What is open of an order as it is reported: nobody knows it of one with a budget. */
function openOf(order: Order): Lots {
  return order.isByBudget ? noLots : order.open
}

function decrement(venue: VenueState, taker: Order, maker: Order, side: BookSide, events: Event[]): void {
  const { symbol } = side.book
  const quantity = Math.min(taker.open, maker.open) as Lots
  if (maker.open === quantity) {
    closeOpen(venue, side.book, maker, 'self_trade', events)
  } else {
    side.reduce(maker, quantity)
    maker.total = (maker.total - quantity) as Lots
    reportReduced(venue, maker, symbol, quantity, true, events)
  }
  if (taker.open === quantity) {
    closeTaker(venue, side.book, taker, 'self_trade', events)
    taker.open = noLots
  } else {
    taker.open = (taker.open - quantity) as Lots
    taker.total = (taker.total - quantity) as Lots
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
