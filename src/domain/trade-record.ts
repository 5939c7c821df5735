import type { Side } from './order.ts'
import type { Lots, Micros, Ticks } from './units.ts'

/** One trade of an instrument, as the public sees it and with its two orders. */
export interface TradeRecord {
  /** Its place among the trades of the venue: 1, 2, 3 … over all instruments. */
  readonly id: number
  /** The maker's. */
  readonly price: Ticks
  readonly quantity: Lots
  readonly time: Micros
  readonly takerSide: Side
  readonly makerId: number
  readonly takerId: number
}
