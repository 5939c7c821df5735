import { type Amount, minus } from '../domain/amount.ts'
import type { OrderType } from '../domain/order.ts'
import type { Lots, Ticks } from '../domain/units.ts'
import type { Book, Order } from './book.ts'
import { type CashBook, isCash } from './credit/cash.ts'
import { accepts, fillable, fillableByWaiting } from './match.ts'
import type { VenueState } from './venue-state.ts'

/** Whether a fill-or-kill order would be filled, whole, if it were matched now. Changes nothing. */
export function isFillable(venue: VenueState, book: Book, taker: Order, orderType: OrderType): boolean {
  if (isCash(book)) return isFillableForMoney(venue, book, taker, orderType)
  const byWaiting = orderType === 'limit' ? fillableByWaiting(venue, book, taker, taker.open) : 0
  const rest = (taker.open - byWaiting) as Lots
  const opposite = book.opposite(taker.side)
  return opposite.depth >= rest && fillable(venue, taker, opposite, rest) >= rest
}

/** What a fill-or-kill order would have after some matches. */
interface Left {
  open: Lots
  hold: Amount
}

/**
 * The same where trades move money. Lots cannot just be counted there: an order also ends when too little is left of
 * it, when its money is spent, or when roundings have eaten up what it reserved; and a budget that waits buys what it
 * can.
 */
function isFillableForMoney(venue: VenueState, book: CashBook, taker: Order, orderType: OrderType): boolean {
  const { selfTrade } = venue.rules
  const opposite = book.opposite(taker.side)
  const mayTradeBeside = orderType === 'limit' && book.waiting[opposite.side].size > 0
  if (!taker.isByBudget && !mayTradeBeside && opposite.depth < taker.open) return false
  const left: Left = { open: taker.open, hold: taker.hold }
  if (mayTradeBeside) {
    for (const maker of book.waiting[opposite.side]) {
      if (maker.account === taker.account && selfTrade === 'skip') continue
      const end = endAfter(book, taker, left, maker, taker.price)
      if (end !== undefined) return end === 'filled'
    }
  }
  for (const maker of opposite.orders()) {
    if (!accepts(taker, maker.price)) return false
    if (maker.account === taker.account && selfTrade !== 'allow') {
      if (selfTrade === 'skip' || selfTrade === 'cancel-maker') continue
      return false
    }
    const end = endAfter(book, taker, left, maker, maker.price)
    if (end !== undefined) return end === 'filled'
  }
  return false
}

/** Takes off `left` what one match would; says how the order would end by it, or undefined when it would go on. */
function endAfter(
  { terms, notional }: CashBook,
  taker: Order,
  left: Left,
  maker: Order,
  price: Ticks,
): 'filled' | 'unfilled' | undefined {
  const { minQuantity } = terms
  if (taker.isByBudget) {
    if (!notional.covers(left.hold, price, maker.open)) {
      return notional.affordable(left.hold, price) >= minQuantity ? 'filled' : 'unfilled'
    }
    left.hold = minus(left.hold, notional.settleFrom(left.hold, price, maker.open))
    return left.hold === 0 ? 'filled' : undefined
  }
  let quantity = Math.min(left.open, maker.open) as Lots
  if (maker.isByBudget && !notional.covers(maker.hold, price, quantity)) {
    quantity = notional.affordable(maker.hold, price)
    if (quantity < minQuantity) return undefined
  }
  left.open = (left.open - quantity) as Lots
  if (left.open === 0) return 'filled'
  if (left.open < minQuantity) return 'unfilled'
  if (!taker.mayRunOutOfHold) return undefined
  left.hold = minus(left.hold, notional.settle(price, quantity))
  const needed = notional.reserve(taker.price, left.open)
  if (price < taker.price && left.hold > needed) left.hold = needed
  return left.hold <= 0 ? 'unfilled' : undefined
}
