import type { CloseReason, OrderType, Side, TimeInForce } from './order.ts'
import type { RejectReason } from './reject.ts'
import type { Lots, Micros, Sequence, Ticks } from './units.ts'
import type { Limits, VenueLimits, VenueRules } from './venue.ts'

export interface VenueCreated {
  readonly type: 'venue-created'
  readonly venue: string
  readonly rules: VenueRules
  readonly limits: VenueLimits
}

export interface InstrumentListed {
  readonly type: 'instrument-listed'
  readonly venue: string
  readonly symbol: string
}

/** Limits that changed, all of them as they are now; without `venue` those of the shard. */
export interface LimitsSet {
  readonly type: 'limits-set'
  readonly venue: string | undefined
  readonly limits: Limits | VenueLimits
}

/** The order has its id. What comes of it follows: trades, resting, closing. */
export interface OrderAccepted {
  readonly type: 'order-accepted'
  readonly venue: string
  readonly symbol: string
  readonly orderId: number
  readonly account: string
  readonly side: Side
  readonly orderType: OrderType
  readonly timeInForce: TimeInForce
  readonly price: Ticks
  readonly quantity: Lots
  readonly clientOrderId: string | undefined
}

/** One match, at the maker's price. Open quantities are those left after it. */
export interface Trade {
  readonly type: 'trade'
  readonly venue: string
  readonly symbol: string
  readonly tradeId: number
  readonly price: Ticks
  readonly quantity: Lots
  readonly makerId: number
  readonly takerId: number
  readonly makerOpen: Lots
  readonly takerOpen: Lots
}

/** What was left of an order went into the book, behind all others at its price. */
export interface OrderRested {
  readonly type: 'order-rested'
  readonly venue: string
  readonly symbol: string
  readonly orderId: number
  readonly open: Lots
}

/** The self-trade rule `decrement` took lots from an order, which stays open. */
export interface OrderReduced {
  readonly type: 'order-reduced'
  readonly venue: string
  readonly symbol: string
  readonly orderId: number
  /** Lots taken away. */
  readonly canceled: Lots
  readonly open: Lots
  /** Whether it stood in the book. */
  readonly resting: boolean
}

/** The order can trade no more. */
export interface OrderClosed {
  readonly type: 'order-closed'
  readonly venue: string
  readonly symbol: string
  readonly orderId: number
  readonly reason: CloseReason
  /** Lots that were still open and never will be traded; 0 when filled. */
  readonly canceled: Lots
  /** Whether it stood in the book. */
  readonly resting: boolean
}

/** The same order came again under its client order id; nothing was done. */
export interface OrderRepeated {
  readonly type: 'order-repeated'
  readonly venue: string
  readonly symbol: string
  /** The first one. */
  readonly orderId: number
}

/** The command was refused by rule and changed nothing. Always the only event of its command. */
export interface Rejected {
  readonly type: 'rejected'
  readonly reason: RejectReason
}

/** What happened. */
export type Event =
  | VenueCreated
  | InstrumentListed
  | LimitsSet
  | OrderAccepted
  | Trade
  | OrderRested
  | OrderReduced
  | OrderClosed
  | OrderRepeated
  | Rejected

/** What a command came to. */
export interface Applied {
  readonly sequence: Sequence
  readonly time: Micros
  readonly events: readonly Event[]
}
