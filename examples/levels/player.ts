/** A player of a level: looks at the market now and then and says what it wants to do. Prices are whole cents. */
export interface Player<Memory> {
  /** What it knows before it has seen anything. */
  readonly start: Memory
  /** How long it waits between two looks, in seconds where a trading day is five. */
  readonly every: number
  /** Whether it wants `Seen.booked`, which costs a call that lists every order of the account. */
  readonly asksForOrders?: boolean
  /** Whether it wants `Seen.others`: everybody's executions, on a venue that leaks them. */
  readonly followsOthers?: boolean
  /** What it does about what it sees. Reads nothing else and changes nothing: what it learned is in the new memory. */
  decide(memory: Memory, seen: Seen): { readonly memory: Memory; readonly wishes: readonly Wish[] }
}

export type Side = 'buy' | 'sell'

/** What a player sees. */
export interface Seen {
  /** The trading day; 1 is the first. */
  readonly day: number
  /** The best prices and the shares there; a side of the book may be empty. */
  readonly bid: { readonly price: number; readonly quantity: number } | undefined
  readonly ask: { readonly price: number; readonly quantity: number } | undefined
  readonly last: number | undefined
  /** The newest `info` of the level. */
  readonly info: string | undefined
  /** The open orders of the account. */
  readonly open: readonly OpenOrder[]
  /** What the executions feed told since the last look. */
  readonly fills: readonly Fill[]
  /** What the account holds by the list of its orders. */
  readonly booked: number | undefined
  /** What everybody's executions feeds told since the last look: one entry for each side of a trade. */
  readonly others: readonly (Fill & { readonly account: string; readonly taker: boolean })[]
}

export interface OpenOrder {
  readonly id: number
  readonly side: Side
  readonly price: number
  readonly open: number
}

export interface Fill {
  readonly side: Side
  readonly price: number
  readonly quantity: number
}

export type Wish =
  | {
      readonly type: 'place'
      readonly side: Side
      readonly orderType: 'limit' | 'market' | 'immediate-or-cancel'
      /** 0 on a market order. */
      readonly price: number
      readonly quantity: number
    }
  | { readonly type: 'cancel'; readonly id: number }
  /** Names an account to the judge. */
  | { readonly type: 'accuse'; readonly account: string }

export function limit(side: Side, price: number, quantity: number): Wish {
  return { type: 'place', side, orderType: 'limit', price: Math.max(1, Math.round(price)), quantity }
}

export function immediate(side: Side, price: number, quantity: number): Wish {
  return {
    type: 'place',
    side,
    orderType: 'immediate-or-cancel',
    price: Math.max(1, Math.round(price)),
    quantity,
  }
}

export function market(side: Side, quantity: number): Wish {
  return { type: 'place', side, orderType: 'market', price: 0, quantity }
}

export function cancel({ id }: Pick<OpenOrder, 'id'>): Wish {
  return { type: 'cancel', id }
}

/** An order that is to stand in the book. */
export interface Quote {
  readonly side: Side
  readonly price: number
  readonly quantity: number
}

/** Takes back what is no longer wanted and places what is missing; what stands right keeps its place in the queue. */
export function requote(open: readonly OpenOrder[], quotes: readonly Quote[]): Wish[] {
  const fits = (order: OpenOrder, quote: Quote) =>
    order.side === quote.side && order.price === quote.price && order.open === quote.quantity
  const wrong = open.filter((order) => !quotes.some((quote) => fits(order, quote)))
  const missing = quotes.filter((quote) => !open.some((order) => fits(order, quote)))
  return [...wrong.map(cancel), ...missing.map(({ side, price, quantity }) => limit(side, price, quantity))]
}

/** Shares bought less shares sold. */
export function netBought(fills: readonly Fill[]): number {
  return fills.reduce((sum, { side, quantity }) => sum + (side === 'buy' ? quantity : -quantity), 0)
}

/** Between the best prices; undefined while a side is empty. */
export function middle({ bid, ask }: Seen): number | undefined {
  return bid === undefined || ask === undefined ? undefined : (bid.price + ask.price) / 2
}
