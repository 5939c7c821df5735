import { type Amount, minus, times } from '../../domain/amount.ts'
import type { Place } from '../../domain/command.ts'
import type { TradeMoney } from '../../domain/event.ts'
import type { InstrumentTerms } from '../../domain/instrument.ts'
import type { Side } from '../../domain/order.ts'
import type { RejectReason } from '../../domain/reject.ts'
import type { Lots, Ticks } from '../../domain/units.ts'
import type { Book, Order } from '../book.ts'
import type { Asset } from './asset.ts'
import { type FeeRatesByTaker, feeOf } from './fees.ts'
import type { Ledger } from './ledger.ts'
import type { Notional } from './notional.ts'

/** A book whose trades move money. */
export interface CashBook extends Book {
  readonly terms: InstrumentTerms
  readonly notional: Notional
  readonly feeRates: FeeRatesByTaker
  readonly base: Asset
  readonly quote: Asset
}

/** Whether trades in a book move money: those of cash venues do, and only they have terms. */
export function isCash(book: Book): book is CashBook {
  return book.terms !== undefined
}

/** Says why an order may not be placed on a cash venue, but for what it costs; undefined when it may. */
export function refuseTerms(book: CashBook, order: Place): RejectReason | undefined {
  const { side, orderType, timeInForce, price, quantity, budget } = order
  const mayHaveBudget = side === 'buy' && orderType === 'market'
  if (budget !== undefined) {
    if (!mayHaveBudget || quantity > 0) return 'budget_only'
    return budget < BigInt(book.terms.minValue ?? 1) ? 'value_too_small' : undefined
  }
  // Nobody knows what it may come to cost.
  if (mayHaveBudget && timeInForce === 'gtc') return 'budget_only'
  if (orderType === 'market') return quantity < book.terms.minQuantity ? 'quantity_too_small' : undefined
  return refuseSize(book, side, price, quantity) ?? refuseReference(book, side, price)
}

/** Says why a limit order is too small to be taken; undefined when it is not. */
export function refuseSize(
  { terms, notional }: CashBook,
  side: Side,
  price: Ticks,
  quantity: Lots,
): RejectReason | undefined {
  if (quantity < terms.minQuantity) return 'quantity_too_small'
  const { minValue } = terms
  const isTooSmall =
    minValue === undefined
      ? side === 'buy' && notional.isUnder(1, price, quantity)
      : notional.isUnder(minValue, price, quantity)
  return isTooSmall ? 'value_too_small' : undefined
}

/** Says why a limit order may not be placed where the venue's own price is; undefined when it may. */
export function refuseReference(
  { terms, reference }: CashBook,
  side: Side,
  price: Ticks,
): RejectReason | undefined {
  if (reference === undefined || terms.reference?.bindsOrders !== true) return undefined
  const isRightSide = side === 'buy' ? price < reference : price >= reference
  return isRightSide ? undefined : 'wrong_side_of_reference'
}

/** What a limit order to buy reserves, or any to sell by quantity, in smallest units of what it gives away. */
export function reservation(book: CashBook, side: Side, price: Ticks, quantity: Lots): Amount {
  return side === 'sell' ? unitsOf(book, quantity) : book.notional.reserve(price, quantity)
}

/** The asset that an order reserves. */
export function heldAsset({ base, quote }: CashBook, side: Order['side']): Asset {
  return side === 'buy' ? quote : base
}

/** Lots in smallest units of the base asset. */
export function unitsOf({ terms }: CashBook, quantity: Lots): Amount {
  return times(quantity, terms.unitsPerLot)
}

/**
 * Moves money and goods of a trade out of what both orders have reserved. Call it when the open lots show the trade:
 * what the buyer reserved beyond its own price is free again at once, so a better price is.
 */
export function settle(
  ledger: Ledger,
  book: CashBook,
  taker: Order,
  maker: Order,
  price: Ticks,
  quantity: Lots,
  isBudgetSpent: boolean,
): TradeMoney {
  const { notional } = book
  const isBuyerTaker = taker.side === 'buy'
  const buyer = isBuyerTaker ? taker : maker
  const seller = isBuyerTaker ? maker : taker
  const exact =
    buyer.isByBudget && !isBudgetSpent
      ? notional.settleFrom(buyer.hold, price, quantity)
      : notional.settle(price, quantity)
  // Roundings of many trades may come to more than the one of the reservation.
  const paid = exact < buyer.hold ? exact : buyer.hold
  const units = unitsOf(book, quantity)
  const rates = isBuyerTaker ? book.feeRates.buy : book.feeRates.sell
  const buyerFee = feeOf(units, rates.buyer)
  const sellerFee = feeOf(paid, rates.seller)
  ledger.move(buyer.account, seller.account, book.quote, paid, sellerFee)
  ledger.move(seller.account, buyer.account, book.base, units, buyerFee)
  buyer.hold = minus(buyer.hold, paid)
  seller.hold = minus(seller.hold, units)
  if (!buyer.isByBudget && price < buyer.price) releaseExcess(ledger, book, buyer)
  return { paid, buyerFee, sellerFee, budgetLeft: buyer.isByBudget ? buyer.hold : undefined }
}

/**
 * Gives back what an order by quantity has reserved beyond what its open lots need. Roundings may have left it with
 * less: then it is not asked for more.
 */
export function releaseExcess(ledger: Ledger, book: CashBook, order: Order): void {
  const needed = reservation(book, order.side, order.price, order.open)
  if (order.hold <= needed) return
  ledger.release(order.account, heldAsset(book, order.side), minus(order.hold, needed))
  order.hold = needed
}
