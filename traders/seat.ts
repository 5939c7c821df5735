import type { Trade } from '../src/domain/event.ts'
import type { RejectReason } from '../src/domain/reject.ts'
import type { Lots, Micros } from '../src/domain/units.ts'
import type { FloorInstrument } from './floor.ts'
import { View } from './market-view.ts'
import { createRandom, Random, type RandomState } from './random.ts'
import type { Action, MarketView, OwnFill, OwnOrder, Refused, Signals, Trader } from './step.ts'

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
  /** Actions that are on their way, and orders among them. */
  #sending = 0
  #placing = 0
  #random: Random
  /** Its open orders by ascending id. What it was shown stays as it is: an order that changes is another object. */
  readonly #orders = new Map<number, OwnOrder>()
  /** The same as it is shown, until one of them changes. */
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

  get isSending(): boolean {
    return this.#sending > 0
  }

  /** Orders that are open or on their way. */
  get orderCount(): number {
    return this.#orders.size + this.#placing
  }

  /** Shows it the market. What it has been shown of fills and refusals it is not shown again. */
  look(now: Micros, instrument: FloorInstrument, signals: Signals): MarketView {
    this.#shown ??= [...this.#orders.values()]
    const view = new View(now, instrument, this.#shown, this.#fills, this.#refusals, signals)
    if (this.#fills.length > 0) this.#fills = []
    if (this.#refusals.length > 0) this.#refusals = []
    return view
  }

  sends({ type }: Action): void {
    this.#sending += 1
    if (type === 'place') this.#placing += 1
  }

  /** An action has been done, or never will be. */
  sent({ type }: Action): void {
    this.#sending -= 1
    if (type === 'place') this.#placing -= 1
  }

  placed(order: OwnOrder): void {
    this.#orders.set(order.id, order)
    this.#shown = undefined
  }

  /** Notes what is still open of an order. */
  reduced(id: number, open: Lots): void {
    const { side, price, tag } = this.#orders.get(id) as OwnOrder
    this.placed({ id, side, price, open, tag })
  }

  filled(orderId: number, { price, quantity }: Trade, role: OwnFill['role'], open: Lots): void {
    const { side, tag } = this.#orders.get(orderId) as OwnOrder
    this.reduced(orderId, open)
    // One for each price of an order: a trader that sleeps long is not told of every lot of it.
    const known = this.#fills.findLastIndex((fill) => fill.orderId === orderId && fill.price === price)
    const { quantity: before = 0 } = this.#fills[known] ?? {}
    const fill = { orderId, side, price, quantity: before + quantity, role, tag }
    if (known === -1) this.#fills.push(fill)
    else this.#fills[known] = fill
  }

  closed(id: number): void {
    this.#orders.delete(id)
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
