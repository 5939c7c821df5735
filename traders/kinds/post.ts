/** Who a trader of a population is. */
export interface Post {
  /** Unique on its venue. Names the random stream. */
  readonly name: string
  readonly account: string
  /** When it is woken first, in microseconds after the start. */
  readonly firstAfter: number
  /** The price in ticks around which the venue begins. */
  readonly startPrice: number
}
