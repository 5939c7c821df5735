import type { Lots, Ticks } from './units.ts'

/**
 * How money comes out of a price and a quantity when their product is finer than the smallest unit of the asset:
 * what an order reserves is always rounded up; what a trade moves is rounded like this.
 */
export type NotionalRounding = 'half-even' | 'down'

/** A fee is this many parts of a whole that is `feeScale`; it is taken from what the account receives, rounded down. */
export const feeScale = 1_000_000_000

/** Who pays what for a trade, in parts of `feeScale`: by side of the order, or by its role in the trade. */
export type Fees =
  | { readonly buy: number; readonly sell: number }
  | { readonly maker: number; readonly taker: number }

/** A price of the venue's own that follows its book. */
export interface ReferenceTerms {
  /** Where it starts. */
  readonly initial: Ticks
  /** Limit orders to buy must be below it, those to sell at it or above. */
  readonly bindsOrders: boolean
}

/** What is traded on an instrument of a cash venue, and in which units. Fixed by its listing. */
export interface InstrumentTerms {
  /** The asset that is bought and sold. */
  readonly base: string
  /** The asset that it is paid with. */
  readonly quote: string
  /** One tick and one lot as decimal numbers, for people. */
  readonly tickSize: string
  readonly lotSize: string
  /** Smallest units of the base asset in a lot. */
  readonly unitsPerLot: number
  /** A lot at one tick is worth `worth[0] / worth[1]` smallest units of the quote asset; whole numbers, 1 or more. */
  readonly worth: readonly [number, number]
  readonly notionalRounding: NotionalRounding
  /** The smallest order, and the smallest that may be left of one: less is canceled. */
  readonly minQuantity: Lots
  /** What an order must be worth at least, in smallest units of the quote asset; a market order at what it would find. */
  readonly minValue?: number
  readonly fees?: Fees
  readonly reference?: ReferenceTerms
}
