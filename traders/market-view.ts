import type { Side } from '../src/domain/order.ts'
import type { Micros, Ticks } from '../src/domain/units.ts'
import type { FloorInstrument, FloorLevel } from './floor.ts'
import type { MarketView, OwnFill, OwnOrder, Refused, Signals, ViewLevel } from './step.ts'

/** A copy of the market as it is at one moment; only `levels` reads on. */
export class View implements MarketView {
  readonly now: Micros
  readonly bid: ViewLevel | undefined
  readonly ask: ViewLevel | undefined
  readonly last: Ticks | undefined
  readonly orders: readonly OwnOrder[]
  readonly fills: readonly OwnFill[]
  readonly refusals: readonly Refused[]
  readonly signals: Signals
  readonly #instrument: FloorInstrument

  constructor(
    now: Micros,
    instrument: FloorInstrument,
    orders: readonly OwnOrder[],
    fills: readonly OwnFill[],
    refusals: readonly Refused[],
    signals: Signals,
  ) {
    const { bids, asks, lastTrade } = instrument
    this.now = now
    this.bid = bids.best && copyLevel(bids.best)
    this.ask = asks.best && copyLevel(asks.best)
    this.last = lastTrade?.price
    this.orders = orders
    this.fills = fills
    this.refusals = refusals
    this.signals = signals
    this.#instrument = instrument
  }

  levels(side: Side, count: number): readonly ViewLevel[] {
    const levels: ViewLevel[] = []
    const { bids, asks } = this.#instrument
    for (const level of (side === 'buy' ? bids : asks).levels()) {
      if (levels.length === count) break
      levels.push(copyLevel(level))
    }
    return levels
  }
}

function copyLevel({ price, quantity }: FloorLevel): ViewLevel {
  return { price, quantity: Number(quantity) }
}
