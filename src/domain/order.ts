import type { Lots, Micros, Ticks } from './units.ts'

/** Buy or sell. A book calls its two sides bids and asks. */
export type Side = 'buy' | 'sell'

/** `limit`: at the price or better. `market`: at any price. */
export type OrderType = 'limit' | 'market'

/**
 * How long an order lives. `gtc`: until filled or canceled. `ioc`: trade now, cancel the rest. `fok`: all now, or
 * nothing.
 */
export type TimeInForce = 'gtc' | 'ioc' | 'fok'

/**
 * Why an order can trade no more.
 *
 * `filled`: every lot traded. `user`: its owner canceled it. `ioc`: what an immediate order could not trade was
 * canceled. `fok_killed`: a fill-or-kill order found too little and did nothing. `self_trade`: the venue's
 * self-trade rule canceled it. `remainder`: what was left was too little to trade. `venue_closed`: the venue closed, was
 * reset or dropped. `disconnected`: its owner's connection was lost, and it was to be canceled then.
 */
export type CloseReason =
  | 'filled'
  | 'user'
  | 'ioc'
  | 'fok_killed'
  | 'self_trade'
  | 'remainder'
  | 'venue_closed'
  | 'disconnected'

/** An order as it is now. It goes on changing: copy what is to be kept. */
export interface OrderRecord {
  readonly id: number
  readonly venue: string
  readonly symbol: string
  readonly account: string
  readonly side: Side
  readonly orderType: OrderType
  readonly timeInForce: TimeInForce
  /** 0 on a market order. */
  readonly price: Ticks
  readonly quantity: Lots
  /** Lots that can still trade; 0 once closed. */
  readonly open: Lots
  readonly filled: Lots
  readonly closedBy: CloseReason | undefined
  readonly time: Micros
  readonly clientOrderId: string | undefined
  /** What it has on a cash venue beside the rest. */
  readonly cash: OrderCash | undefined
  /** What it came with, when it was replaced since. */
  readonly original: { readonly price: Ticks; readonly quantity: Lots } | undefined
  /** How many fills it ever had. */
  readonly fillCount: number
  /** The newest of them, oldest first. */
  readonly fills: readonly Fill[]
}

/** What an order on a cash venue has beside the rest; amounts in smallest units. */
export interface OrderCash {
  /** Money to spend in place of a quantity, which is 0 then. */
  readonly budget: bigint | undefined
  readonly budgetLeft: bigint | undefined
  /** The venue's own price when the order was placed, where there is one. */
  readonly reference: Ticks | undefined
}

/** The same as plain JSON. */
export interface SavedOrderCash {
  readonly budget?: string
  readonly budgetLeft?: string
  readonly reference?: Ticks
}

export function saveOrderCash({ budget, budgetLeft, reference }: OrderCash): SavedOrderCash {
  return {
    ...(budget !== undefined && { budget: `${budget}` }),
    ...(budgetLeft !== undefined && { budgetLeft: `${budgetLeft}` }),
    ...(reference !== undefined && { reference }),
  }
}

export function loadOrderCash({ budget, budgetLeft, reference }: SavedOrderCash): OrderCash {
  return {
    budget: budget === undefined ? undefined : BigInt(budget),
    budgetLeft: budgetLeft === undefined ? undefined : BigInt(budgetLeft),
    reference,
  }
}

/** One match, as an order or the public sees it. */
export interface Fill {
  /** The trade's place among all of the venue: 1, 2, 3 …; 0 where it was stored before it was kept. */
  readonly tradeId: number
  readonly price: Ticks
  readonly quantity: Lots
  readonly time: Micros
}
