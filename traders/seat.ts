import type { Trade } from '../src/domain/event.ts'
import type { RejectReason } from '../src/domain/reject.ts'
import type { Lots, Micros } from '../src/domain/units.ts'
import type { FloorInstrument } from './floor.ts'
import { View } from './market-view.ts'
import { createRandom, Random, type RandomState } from './random.ts'
import type { Action, MarketView, OwnFill, OwnOrder, Refused, Signals, Trader } from './step.ts'

/** An open order, and who placed it. */
export interface SeatOrder extends OwnOrder {
  readonly seat: Seat
  open: Lots
}

/** A trader as plain JSON. Its orders are on their venue. */
export interface SavedTrader {
  readonly name: string
  readonly state: unknown
  readonly random: RandomState
  /** Without it the trader is not woken again. */
  readonly nextAt?: number
  /** Ids and tags of its orders. */
  readonly orders: readonly (readonly [number, number])[]
}

/** One trader, and what is kept of it between its wakes: its state, and what it has to be shown next. */
export class Seat {
  readonly trader: Trader
  /** Its place among the traders of the venue. */
  readonly index: number
  state: unknown
  /** Actions that are on their way. */
  sending = 0
  /** Orders among them. */
  placing = 0
  #random: Random
  /** By ascending id. */
  readonly #orders = new Map<number, SeatOrder>()
  /** The orders as they are shown, until one of them changes. */
  #shown: readonly OwnOrder[] | undefined
  #fills: OwnFill[] = []
  #refusals: Refused[] = []

  constructor(trader: Trader, index: number, seed: number) {
    this.trader = trader
    this.index = index
    this.#random = createRandom(seed, trader.name)
    this.state = trader.begin(this.#random)
  }

  get random(): Random {
    return this.#random
  }

  /** Orders that are open or on their way. */
  get orderCount(): number {
    return this.#orders.size + this.placing
  }

  /** Shows it the market. What it has been shown of fills and refusals it is not shown again. */
  look(now: Micros, instrument: FloorInstrument, signals: Signals): MarketView {
    this.#shown ??= Array.from(this.#orders.values(), copyOrder)
    const view = new View(
      now,
      instrument,
      { orders: this.#shown, fills: this.#fills, refusals: this.#refusals },
      signals,
    )
    if (this.#fills.length > 0) this.#fills = []
    if (this.#refusals.length > 0) this.#refusals = []
    return view
  }

  placed(order: SeatOrder): void {
    this.#orders.set(order.id, order)
    this.#shown = undefined
  }

  /** Notes what is still open of an order. */
  reduced(order: SeatOrder, open: Lots): void {
    order.open = open
    this.#shown = undefined
  }

  filled(order: SeatOrder, { price, quantity }: Trade, role: OwnFill['role'], open: Lots): void {
    const { id: orderId, side, tag } = order
    this.reduced(order, open)
    // One for each price of an order: a trader that sleeps long is not told of every lot of it.
    const known = this.#fills.findLastIndex((fill) => fill.orderId === orderId && fill.price === price)
    const { quantity: before = 0 } = this.#fills[known] ?? {}
    const fill = { orderId, side, price, quantity: before + quantity, role, tag }
    if (known === -1) this.#fills.push(fill)
    else this.#fills[known] = fill
  }

  closed(orderId: number): void {
    this.#orders.delete(orderId)
    this.#shown = undefined
  }

  refused(action: Action, reason: RejectReason | 'unavailable'): void {
    this.#refusals.push({ action, reason })
  }

  save(nextAt: number | undefined): SavedTrader {
    return {
      ...{ name: this.trader.name, state: this.state, random: this.#random.state },
      orders: Array.from(this.#orders.values(), ({ id, tag }) => [id, tag] as const),
      ...(nextAt !== undefined && { nextAt }),
    }
  }

  /** Goes on where another one was saved; its orders are placed anew. */
  load({ state, random }: SavedTrader): void {
    this.state = state
    this.#random = new Random(random)
  }
}

function copyOrder({ id, side, price, open, tag }: SeatOrder): OwnOrder {
  return { id, side, price, open, tag }
}
