import type { InstrumentTerms } from '../../src/domain/instrument.ts'
import type { CloseReason, OrderType, Side, TimeInForce } from '../../src/domain/order.ts'
import type { TradingState, VenueLimits, VenueRules } from '../../src/domain/venue.ts'

/** An order, open or closed; the model forgets none. */
export interface ModelOrder {
  readonly venue: string
  readonly symbol: string
  readonly id: number
  readonly account: string
  readonly side: Side
  readonly orderType: OrderType
  readonly timeInForce: TimeInForce
  price: number
  /** The total that was asked for last. */
  quantity: number
  /** What it came with. */
  readonly original: { readonly price: number; readonly quantity: number }
  /** Which of the venue's orders it was to arrive, the last time that it did. */
  arrival: number
  /** The armed session whose end is its own too. */
  readonly session: ModelSession | undefined
  readonly clientOrderId: string | undefined
  readonly budget: bigint | undefined
  /** 0 for one with a budget: nobody knows it. */
  open: number
  filled: number
  canceled: number
  /** What is reserved for it; nothing where nobody counts money. What is left of a budget is this too. */
  held: bigint
  /** Where it stands: in the book, among those that wait beside it, or nowhere (any more, or yet). */
  stands: 'in-book' | 'beside' | 'nowhere'
  status: 'open' | 'filled' | 'canceled'
  /** Why it closed; undefined while it is open. */
  reason: CloseReason | undefined
  /** Which of the venue's orders it was to close: 1, 2, 3 …; 0 while it is open. */
  closedAt: number
}

/** Somebody whose orders are canceled when the connection is lost. */
export interface ModelSession {
  readonly account: string
  readonly name: string | undefined
  grace: number
  /** How much of it is left; undefined while there is a connection. */
  left: number | undefined
}

export interface ModelFill {
  readonly venue: string
  readonly symbol: string
  readonly tradeId: number
  readonly price: number
  readonly quantity: number
  readonly maker: ModelOrder
  readonly taker: ModelOrder
}

export interface ModelInstrument {
  readonly symbol: string
  readonly terms: InstrumentTerms | undefined
  /** The venue's own price. */
  reference: number | undefined
}

export interface ModelBalance {
  readonly account: string
  readonly asset: string
  available: bigint
  held: bigint
}

export interface ModelVenue {
  readonly name: string
  readonly rules: VenueRules
  limits: VenueLimits
  state: TradingState
  /** How much longer it may be open; undefined when nobody said. */
  timeLeft: number | undefined
  instruments: ModelInstrument[]
  orders: ModelOrder[]
  /** Since it was made or reset. */
  fills: ModelFill[]
  accounts: string[]
  balances: ModelBalance[]
  /** What the current command touched, in that order. */
  touched: ModelBalance[]
  /** What it took, by asset. */
  fees: Record<string, bigint>
  /** Orders whose client order id still means them. */
  remembered: ModelOrder[]
  /** Those that are armed. */
  sessions: ModelSession[]
  trades: number
  arrivals: number
  closed: number
}

/** A venue to try something on: what happens to it happens to nobody. */
export function copyOf(venue: ModelVenue): ModelVenue {
  const orders = venue.orders.map((order) => ({ ...order }))
  return {
    ...venue,
    instruments: venue.instruments.map((instrument) => ({ ...instrument })),
    orders,
    fills: [],
    accounts: [...venue.accounts],
    balances: venue.balances.map((balance) => ({ ...balance })),
    touched: [],
    fees: { ...venue.fees },
    remembered: venue.remembered.map(({ id }) => orders[id - 1] as ModelOrder),
  }
}

export function instrumentOf(venue: ModelVenue, symbol: string): ModelInstrument {
  return venue.instruments.find((one) => one.symbol === symbol) as ModelInstrument
}

export function isOpen(order: ModelOrder): boolean {
  return order.stands !== 'nowhere'
}

/** The orders that stand on one side of a book, in the order in which they would trade. */
export function resting(orders: ModelOrder[], symbol: string, side: Side): ModelOrder[] {
  return orders
    .filter((order) => order.stands === 'in-book' && order.symbol === symbol && order.side === side)
    .toSorted((a, b) => (side === 'buy' ? b.price - a.price : a.price - b.price) || a.arrival - b.arrival)
}

/** The market orders that wait beside a book, the oldest first. */
export function waiting(orders: ModelOrder[], symbol: string, side: Side): ModelOrder[] {
  return orders.filter((order) => order.stands === 'beside' && order.symbol === symbol && order.side === side)
}
