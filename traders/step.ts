import type { Side, TimeInForce } from '../src/domain/order.ts'
import type { RejectReason } from '../src/domain/reject.ts'
import { type Lots, lots, type Micros, type Ticks, ticks } from '../src/domain/units.ts'
import type { Random } from './random.ts'

/**
 * Decides what a trader does at one moment. It reads its three arguments and nothing else, changes nothing but where
 * the random stream stands, and the same three give the same result: no clock, no surroundings, nothing remembered but
 * in the state, which is plain JSON.
 */
export type Step<State> = (state: State, view: MarketView, random: Random) => Decision<State>

export interface Decision<State> {
  readonly state: State
  /** Sent in this order. */
  readonly actions: readonly Action[]
  /** When to be woken next, later than now. A trader that gives none is never woken again. */
  readonly nextAt: Micros | undefined
  /** Values that all traders of the venue see from now on, by name; others stay. */
  readonly signals?: Signals
}

/** One trader of a venue. Make it with `createTrader`, which keeps its state's type to itself. */
export interface Trader {
  /** Unique among the traders of a venue. Names its random stream. */
  readonly name: string
  /** In whose name it trades. Several may share one; without it a trader places nothing and only gives signals. */
  readonly account: string | undefined
  /** The session of its account that covers its orders, for one that trades in the account of somebody else. */
  readonly session?: string
  /** When it is woken first, in microseconds after the start. */
  readonly firstAfter: number
  /** The state at the start. */
  begin(random: Random): unknown
  readonly step: Step<unknown>
}

/** Makes a trader of a step and the state that it begins with. */
export function createTrader<State>(
  trader: Pick<Trader, 'name' | 'account' | 'session' | 'firstAfter'> & {
    begin(random: Random): State
    readonly step: Step<State>
  },
): Trader {
  return trader as unknown as Trader
}

/** What a trader is shown when it is woken. It holds for this moment: nothing of it may be kept but numbers. */
export interface MarketView {
  readonly now: Micros
  readonly bid: ViewLevel | undefined
  readonly ask: ViewLevel | undefined
  /** The price of the last trade. */
  readonly last: Ticks | undefined
  /** The best levels of a side, `buy` for bids, at most `count` of them, best first. */
  levels(side: Side, count: number): readonly ViewLevel[]
  /** Its own open orders, by ascending id: those that it placed, not all of its account. */
  readonly orders: readonly OwnOrder[]
  /** What of its own orders traded since it was last woken. All fills of one order at one price are one. */
  readonly fills: readonly OwnFill[]
  /** What it asked for since it was last woken, and was not done. */
  readonly refusals: readonly Refused[]
  /** Hidden values and news of the venue, which no client can read. */
  readonly signals: Signals
}

export type Signals = Readonly<Record<string, number>>

export interface ViewLevel {
  readonly price: Ticks
  readonly quantity: number
}

/** An open order of a trader. */
export interface OwnOrder {
  readonly id: number
  readonly side: Side
  readonly price: Ticks
  readonly open: Lots
  readonly tag: number
}

/** What one order of a trader traded at one price. */
export interface OwnFill {
  readonly orderId: number
  readonly side: Side
  readonly price: Ticks
  readonly quantity: number
  readonly role: 'maker' | 'taker'
  readonly tag: number
}

/** An action that was not done. `unavailable`: the exchange took no commands, or nobody knows what became of it. */
export interface Refused {
  readonly action: Action
  readonly reason: RejectReason | 'unavailable'
}

/** What a trader asks for. Venue, symbol and account are the driver's to add. */
export type Action = PlaceAction | CancelAction

export interface PlaceAction {
  readonly type: 'place'
  readonly side: Side
  readonly orderType: 'limit' | 'market'
  readonly timeInForce: TimeInForce
  readonly price: Ticks
  readonly quantity: Lots
  /** A number of the trader's own, which it sees again on the order and its fills: a purpose, or when to cancel. */
  readonly tag: number
}

export interface CancelAction {
  readonly type: 'cancel'
  readonly orderId: number
}

/** An order that stays in the book until it is filled or canceled. */
export function limit(side: Side, price: number, quantity: number, tag = 0): PlaceAction {
  return place(side, 'limit', 'gtc', price, quantity, tag)
}

/** An order that trades at once, at its price or better, and whose rest is canceled. */
export function immediate(side: Side, price: number, quantity: number, tag = 0): PlaceAction {
  return place(side, 'limit', 'ioc', price, quantity, tag)
}

/** An order that trades at once at any price. */
export function market(side: Side, quantity: number, tag = 0): PlaceAction {
  return place(side, 'market', 'ioc', 0, quantity, tag)
}

export function cancel({ id }: Pick<OwnOrder, 'id'>): CancelAction {
  return { type: 'cancel', orderId: id }
}

function place(
  side: Side,
  orderType: PlaceAction['orderType'],
  timeInForce: TimeInForce,
  price: number,
  quantity: number,
  tag: number,
): PlaceAction {
  return { type: 'place', side, orderType, timeInForce, price: ticks(price), quantity: lots(quantity), tag }
}

/** A moment some seconds later, at least a microsecond. */
export function after(now: Micros, seconds: number): Micros {
  return (now + Math.max(1, Math.round(seconds * 1e6))) as Micros
}

/** Lots bought less lots sold. */
export function netBought(fills: readonly OwnFill[]): number {
  let sum = 0
  for (const { side, quantity } of fills) sum += side === 'buy' ? quantity : -quantity
  return sum
}

/** Between best bid and best ask; undefined while a side is empty. */
export function middle({ bid, ask }: MarketView): number | undefined {
  return bid === undefined || ask === undefined ? undefined : (bid.price + ask.price) / 2
}
