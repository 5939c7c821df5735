import type { Place } from '../../src/domain/command.ts'
import type { Event } from '../../src/domain/event.ts'
import type { InstrumentTerms } from '../../src/domain/instrument.ts'
import type { CloseReason } from '../../src/domain/order.ts'
import type { Lots, Ticks } from '../../src/domain/units.ts'
import { asReported, balance, bargain, feesOf, reserve, roundUp, worthOf } from './money.ts'
import { copyOf, instrumentOf, isOpen, type ModelOrder, type ModelVenue, resting, waiting } from './venue.ts'

/** Takes an order: gives it its id, trades it, and rests or closes what is left. */
export function accept(venue: ModelVenue, command: Place, cost: bigint): Event[] {
  const isKilled = command.timeInForce === 'fok' && !isWhole(tryOn(venue, command, cost))
  const taker = orderOf(venue, command)
  const events = [accepted(venue, taker)]
  if (cost > 0n) reserve(venue, taker, cost)
  if (isKilled) return [...events, close(venue, taker, 'fok_killed')]
  return [...events, ...trade(venue, taker)]
}

/** What would come of an order if it were placed now and killed in no case. */
export function tryOn(venue: ModelVenue, command: Place, cost: bigint): ModelOrder {
  const copy = copyOf(venue)
  const order = orderOf(copy, command)
  if (cost > 0n) reserve(copy, order, cost)
  trade(copy, order)
  return order
}

function orderOf(venue: ModelVenue, command: Place): ModelOrder {
  const { type: _, autoCreate: __, clientOrderId, budget, session, ...terms } = command
  venue.arrivals += 1
  const order: ModelOrder = {
    ...terms,
    original: { price: command.price, quantity: command.quantity },
    arrival: venue.arrivals,
    session: venue.sessions.find(
      (one) => one.account === command.account && one.name === session && session !== undefined,
    ),
    clientOrderId,
    budget,
    id: venue.orders.length + 1,
    open: command.quantity,
    filled: 0,
    canceled: 0,
    held: 0n,
    stands: 'nowhere',
    status: 'open',
    reason: undefined,
    closedAt: 0,
  }
  venue.orders.push(order)
  if (!venue.accounts.includes(order.account)) venue.accounts.push(order.account)
  if (clientOrderId !== undefined) venue.remembered.push(order)
  return order
}

function accepted(venue: ModelVenue, order: ModelOrder): Event {
  const { symbol, account, side, orderType, timeInForce, clientOrderId, budget } = order
  const { reference } = instrumentOf(venue, symbol)
  return {
    type: 'order-accepted',
    venue: venue.name,
    symbol,
    orderId: order.id,
    account,
    side,
    orderType,
    timeInForce,
    price: order.price as Ticks,
    quantity: order.quantity as Lots,
    clientOrderId,
    ...(budget !== undefined && { budget }),
    ...(reference !== undefined && { reference: reference as Ticks }),
  }
}

/** Trades an order as far as it goes, and rests or closes what is left. */
function trade(venue: ModelVenue, taker: ModelOrder): Event[] {
  const { symbol, orderType, timeInForce } = taker
  const events: Event[] = []
  for (const maker of counterparts(venue, taker)) {
    if (taker.status !== 'open' || isAllTraded(taker)) break
    events.push(...meet(venue, taker, maker))
  }
  if (taker.status !== 'open') return events
  if (isAllTraded(taker)) return [...events, close(venue, taker, 'filled')]
  const mayWait = orderType === 'limit' || venue.rules.marketRemainder === 'rest'
  if (timeInForce !== 'gtc' || !mayWait) return [...events, close(venue, taker, 'ioc')]
  taker.stands = orderType === 'limit' ? 'in-book' : 'beside'
  const id = { venue: venue.name, symbol, orderId: taker.id }
  return taker.stands === 'in-book'
    ? [...events, { type: 'order-rested', ...id, open: taker.open as Lots }]
    : [...events, { type: 'order-waiting', ...id }]
}

/** Whether an order did all that was asked of it; the rule `decrement` may fill one that has lost some of its lots. */
function isWhole(order: ModelOrder): boolean {
  return order.reason === 'filled' && order.canceled === 0
}

function isAllTraded(order: ModelOrder): boolean {
  return order.budget === undefined && order.open === 0
}

/** All orders that an arriving one may trade with, in that order: for one with a price first the market orders. */
function counterparts(venue: ModelVenue, taker: ModelOrder): ModelOrder[] {
  const side = taker.side === 'buy' ? 'sell' : 'buy'
  const inBook = resting(venue.orders, taker.symbol, side)
  if (taker.orderType === 'market') return inBook
  const acceptable = inBook.filter(({ price }) =>
    taker.side === 'buy' ? price <= taker.price : price >= taker.price,
  )
  return [...waiting(venue.orders, taker.symbol, side), ...acceptable]
}

function meet(venue: ModelVenue, taker: ModelOrder, maker: ModelOrder): Event[] {
  const { selfTrade } = venue.rules
  if (maker.account !== taker.account || selfTrade === 'allow') return exchange(venue, taker, maker)
  switch (selfTrade) {
    case 'skip':
      return []
    case 'cancel-taker':
      return [close(venue, taker, 'self_trade')]
    case 'cancel-maker':
      return [close(venue, maker, 'self_trade')]
    case 'cancel-both':
      return [close(venue, maker, 'self_trade'), close(venue, taker, 'self_trade')]
    case 'decrement': {
      const quantity = Math.min(taker.open, maker.open)
      return [takeAway(venue, maker, quantity), takeAway(venue, taker, quantity)]
    }
  }
}

/** One match. */
function exchange(venue: ModelVenue, taker: ModelOrder, maker: ModelOrder): Event[] {
  const { terms } = instrumentOf(venue, taker.symbol)
  const price = maker.stands === 'beside' ? taker.price : maker.price
  if (terms === undefined) {
    const event = fill(venue, taker, maker, price, Math.min(taker.open, maker.open))
    return maker.open === 0 ? [event, close(venue, maker, 'filled')] : [event]
  }

  const [buyer, seller] = taker.side === 'buy' ? [taker, maker] : [maker, taker]
  const agreed = bargain(terms, buyer, seller, price)
  if (agreed === undefined) return [close(venue, buyer, 'remainder')]
  const { quantity, paid, spent } = agreed
  const units = BigInt(quantity) * BigInt(terms.unitsPerLot)
  const { buyerFee, sellerFee } = feesOf(terms, taker.side, units, paid)
  balance(venue, buyer.account, terms.quote).held -= paid
  balance(venue, seller.account, terms.quote).available += paid - sellerFee
  balance(venue, seller.account, terms.base).held -= units
  balance(venue, buyer.account, terms.base).available += units - buyerFee
  for (const [asset, fee] of [
    [terms.quote, sellerFee],
    [terms.base, buyerFee],
  ] as const) {
    venue.fees[asset] = (venue.fees[asset] ?? 0n) + fee
  }
  buyer.held -= paid
  seller.held -= units
  const event = fill(venue, taker, maker, price, quantity)
  const money = {
    ...{ paid: asReported(paid), buyerFee: asReported(buyerFee), sellerFee: asReported(sellerFee) },
    budgetLeft: buyer.budget === undefined ? undefined : asReported(buyer.held),
  }
  if (buyer.orderType === 'limit' && price < buyer.price) {
    const needed = roundUp(worthOf(terms, buyer.price, buyer.open))
    if (buyer.held > needed) reserve(venue, buyer, needed - buyer.held)
  }

  const events: Event[] = [{ ...event, money }]
  for (const order of [maker, taker]) {
    const reason = endOf(order, terms.minQuantity, spent)
    if (reason !== undefined) events.push(close(venue, order, reason))
  }
  return events
}

/** Whether an order of a cash venue ends by a trade that it was in. */
function endOf(order: ModelOrder, minQuantity: number, budgetIsSpent: boolean): CloseReason | undefined {
  if (order.budget !== undefined) return budgetIsSpent || order.held === 0n ? 'filled' : undefined
  if (order.open === 0) return 'filled'
  if (order.open < minQuantity) return 'remainder'
  const isUnpaid = order.side === 'buy' && order.orderType === 'limit' && order.held === 0n
  return isUnpaid ? 'remainder' : undefined
}

function fill(venue: ModelVenue, taker: ModelOrder, maker: ModelOrder, price: number, quantity: number) {
  for (const order of [maker, taker]) {
    if (order.budget === undefined) order.open -= quantity
    order.filled += quantity
  }
  const { symbol } = maker
  venue.trades += 1
  const tradeId = venue.trades
  venue.fills.push({ venue: venue.name, symbol, tradeId, price, quantity, maker, taker })
  return {
    type: 'trade',
    venue: venue.name,
    symbol,
    tradeId,
    price: price as Ticks,
    quantity: quantity as Lots,
    makerId: maker.id,
    takerId: taker.id,
    makerOpen: maker.open as Lots,
    takerOpen: taker.open as Lots,
  } as const
}

/** Cancels a part of an order, or all of it. */
function takeAway(venue: ModelVenue, order: ModelOrder, quantity: number): Event {
  if (quantity === order.open) return close(venue, order, 'self_trade')
  order.open -= quantity
  order.canceled += quantity
  return {
    type: 'order-reduced',
    venue: venue.name,
    symbol: order.symbol,
    orderId: order.id,
    canceled: quantity as Lots,
    open: order.open as Lots,
    resting: order.stands === 'in-book',
  }
}

/** Gives an order another price and total; where that is not just less of it, it arrives anew. */
export function replace(venue: ModelVenue, order: ModelOrder, price: number, quantity: number): Event[] {
  const { symbol, filled } = order
  const open = quantity - filled
  if (open <= 0) return [close(venue, order, 'user')]
  const requeued = price !== order.price || open > order.open
  const { terms } = instrumentOf(venue, symbol)
  if (terms !== undefined) {
    const more = costToReplace(terms, order, price, quantity)
    if (more !== 0n) reserve(venue, order, more)
  }
  Object.assign(order, { price, quantity, open, canceled: 0 })
  const event: Event = {
    type: 'order-replaced',
    venue: venue.name,
    symbol,
    orderId: order.id,
    price: price as Ticks,
    quantity: quantity as Lots,
    open: open as Lots,
    requeued,
  }
  if (!requeued) return [event]
  venue.arrivals += 1
  order.arrival = venue.arrivals
  order.stands = 'nowhere'
  return [event, ...trade(venue, order)]
}

/** What a replacement has to reserve beyond what is reserved; less than nothing when something is given back. */
export function costToReplace(
  terms: InstrumentTerms,
  order: ModelOrder,
  price: number,
  quantity: number,
): bigint {
  const open = quantity - order.filled
  const needed =
    order.side === 'sell' ? BigInt(open) * BigInt(terms.unitsPerLot) : roundUp(worthOf(terms, price, open))
  const isLess = price === order.price && open <= order.open
  return isLess && needed > order.held ? 0n : needed - order.held
}

export function close(venue: ModelVenue, order: ModelOrder, reason: CloseReason): Event {
  const canceled = order.open as Lots
  const event: Event = {
    type: 'order-closed',
    venue: venue.name,
    symbol: order.symbol,
    orderId: order.id,
    reason,
    canceled,
    resting: order.stands === 'in-book',
  }
  if (order.held > 0n) reserve(venue, order, -order.held)
  venue.closed += 1
  order.canceled += canceled
  order.open = 0
  order.stands = 'nowhere'
  order.status = reason === 'filled' ? 'filled' : 'canceled'
  order.reason = reason
  order.closedAt = venue.closed
  forgetOld(venue)
  return event
}

/** Ends all open orders of a venue, the oldest first. */
export function closeAll(venue: ModelVenue): Event[] {
  return venue.orders.filter(isOpen).map((order) => close(venue, order, 'venue_closed'))
}

/** Forgets client order ids of orders that closed too long ago: by the venue's limit, by account, by venue. */
export function forgetOld(venue: ModelVenue): void {
  const newest = (orders: ModelOrder[], most: number) =>
    orders.toSorted((a, b) => b.closedAt - a.closedAt).slice(0, most)
  const closed = venue.remembered.filter(
    (order) => order.status !== 'open' && order.closedAt > venue.closed - venue.limits.closedOrders,
  )
  const kept = newest(
    venue.accounts.flatMap((name) =>
      newest(
        closed.filter((order) => order.account === name),
        10_000,
      ),
    ),
    200_000,
  )
  venue.remembered = venue.remembered.filter((order) => order.status === 'open' || kept.includes(order))
}
