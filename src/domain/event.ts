import type { Amount } from './amount.ts'
import type { InstrumentTerms } from './instrument.ts'
import type { Json } from './note.ts'
import type { CloseReason, OrderType, Side, TimeInForce } from './order.ts'
import type { RejectReason } from './reject.ts'
import type { Lots, Micros, Sequence, Ticks } from './units.ts'
import type { Closing, Limits, TradingState, VenueLimits, VenueRules } from './venue.ts'

export interface VenueCreated {
  readonly type: 'venue-created'
  readonly venue: string
  readonly rules: VenueRules
  readonly limits: VenueLimits
  /** Open when it is not there. */
  readonly state?: TradingState
}

export interface InstrumentListed {
  readonly type: 'instrument-listed'
  readonly venue: string
  readonly symbol: string
  /** On cash venues. */
  readonly terms?: InstrumentTerms
}

/** A venue was opened, halted or closed, or a command moved its closing. */
export interface StateSet {
  readonly type: 'state-set'
  readonly venue: string
  readonly state: TradingState
  readonly closing: Closing | undefined
}

/** A venue is as it was made, but halted: nobody has an account there. The events before it say what was canceled. */
export interface VenueReset {
  readonly type: 'venue-reset'
  readonly venue: string
}

/** A venue is gone. The events before it say what was canceled. */
export interface VenueDropped {
  readonly type: 'venue-dropped'
  readonly venue: string
}

/** Somebody wrote something down; without `venue` about the shard. */
export interface Noted {
  readonly type: 'noted'
  readonly venue: string | undefined
  readonly topic: string
  readonly key: string
  readonly data: Json
}

export interface AccountOpened {
  readonly type: 'account-opened'
  readonly venue: string
  readonly account: string
  readonly keyHash: string | undefined
  readonly house?: true
}

/** What an account holds of an asset after the command, in smallest units. */
export interface BalanceChanged {
  readonly type: 'balance-changed'
  readonly venue: string
  readonly account: string
  readonly asset: string
  readonly available: Amount
  /** Reserved for open orders. */
  readonly held: Amount
}

/** The venue's own price of an instrument moved. */
export interface ReferenceChanged {
  readonly type: 'reference-changed'
  readonly venue: string
  readonly symbol: string
  readonly price: Ticks
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
  /** 0 when there is a budget instead. */
  readonly quantity: Lots
  readonly clientOrderId: string | undefined
  /** Money to spend, in place of a quantity. */
  readonly budget?: bigint
  /** The venue's own price when it was placed, where there is one. */
  readonly reference?: Ticks
}

/**
 * One match, at the price of the limit order that stood in the book; when a limit order meets a market order that
 * waited, at its price. Open quantities are those left after it.
 */
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
  /** On cash venues. */
  readonly money?: TradeMoney
}

/** What moved in a trade, in smallest units. */
export interface TradeMoney {
  /** From the buyer to the seller, fees included. */
  readonly paid: Amount
  /** Taken from the lots that the buyer received, in units of the base asset. */
  readonly buyerFee: Amount
  /** Taken from the money that the seller received. */
  readonly sellerFee: Amount
  /** What is left of the buyer's budget, if it came with one. */
  readonly budgetLeft: Amount | undefined
}

/** What was left of an order went into the book, behind all others at its price. */
export interface OrderRested {
  readonly type: 'order-rested'
  readonly venue: string
  readonly symbol: string
  readonly orderId: number
  readonly open: Lots
}

/** What was left of a market order waits for counterparts, beside the book and behind all others of its side. */
export interface OrderWaiting {
  readonly type: 'order-waiting'
  readonly venue: string
  readonly symbol: string
  readonly orderId: number
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

/** The order has another price and quantity. */
export interface OrderReplaced {
  readonly type: 'order-replaced'
  readonly venue: string
  readonly symbol: string
  readonly orderId: number
  readonly price: Ticks
  /** The new total. */
  readonly quantity: Lots
  readonly open: Lots
  /** Whether it left its place in the book: what comes of it follows, as of an order that arrives. */
  readonly requeued: boolean
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

/**
 * Cancel-on-disconnect of a session: it was `armed`, its connection is `lost`, or it `ended`, by a command or with its
 * grace; then the orders that are canceled follow.
 */
export interface SessionChanged {
  readonly type: 'session-changed'
  readonly venue: string
  readonly account: string
  /** Undefined when it is about all orders of the account. */
  readonly session: string | undefined
  readonly state: 'armed' | 'lost' | 'ended'
  /** When the grace ends, of one that is lost. */
  readonly due: Micros | undefined
}

/** The same order came again under its client order id; nothing was done. */
export interface OrderRepeated {
  readonly type: 'order-repeated'
  readonly venue: string
  readonly symbol: string
  /** The first one. */
  readonly orderId: number
}

/** The command was refused by rule and changed nothing. Always the only event of its command but for timers. */
export interface Rejected {
  readonly type: 'rejected'
  readonly reason: RejectReason
}

/** What happened. */
export type Event =
  | VenueCreated
  | InstrumentListed
  | LimitsSet
  | StateSet
  | VenueReset
  | VenueDropped
  | Noted
  | AccountOpened
  | BalanceChanged
  | ReferenceChanged
  | OrderAccepted
  | Trade
  | OrderRested
  | OrderWaiting
  | OrderReduced
  | OrderReplaced
  | OrderClosed
  | OrderRepeated
  | SessionChanged
  | Rejected

/** What a command came to. */
export interface Applied {
  readonly sequence: Sequence
  readonly time: Micros
  /** What the command itself gave. Timers that were due before it are not among them. */
  readonly events: readonly Event[]
}
