import type { CloseReason, Side } from './order.ts'
import type { Lots, Micros, Ticks } from './units.ts'

/** What every account event says. */
interface Numbered {
  /** Its place among all that ever happened to the account on the venue: 1, 2, 3 … */
  readonly number: number
  readonly time: Micros
}

/** What happened to one order. */
interface OfOrder extends Numbered {
  readonly symbol: string
  readonly orderId: number
}

/** The exchange took the order. */
export interface Accepted extends OfOrder {
  readonly type: 'accepted'
}

/** The order traded. A trade of an account with itself is two events: first the taker's, then the maker's. */
export interface Traded extends OfOrder {
  readonly type: 'traded'
  /** The order that it traded with. */
  readonly otherOrderId: number
  readonly tradeId: number
  /** The account's own side. */
  readonly side: Side
  /** Whether its own order was the one that arrived. */
  readonly isTaker: boolean
  readonly price: Ticks
  readonly quantity: Lots
  /** Lots of its own order that can still trade. */
  readonly open: Lots
}

/** The self-trade rule took lots from the order, which stays open. */
export interface Reduced extends OfOrder {
  readonly type: 'reduced'
  /** Lots taken away. */
  readonly canceled: Lots
  readonly open: Lots
}

/** The order has another price and total quantity. What it trades at once, or how it ends, follows. */
export interface Replaced extends OfOrder {
  readonly type: 'replaced'
  readonly price: Ticks
  readonly quantity: Lots
  readonly open: Lots
}

/** The order can trade no more. */
export interface Closed extends OfOrder {
  readonly type: 'closed'
  readonly reason: CloseReason
  /** Lots that were still open and never will be traded; 0 when filled. */
  readonly canceled: Lots
}

/**
 * What happened to one account on one venue. All of it follows from the journal alone, so the numbers are the same
 * after every start, and whoever knows the last one that it saw can ask for what it missed.
 */
export type AccountEvent = Accepted | Traded | Reduced | Replaced | Closed
