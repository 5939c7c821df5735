import type { Candle, CandleInterval, Feed, Message, Rest, Stock, Subscription } from '../../sdk/index.ts'
import { Watched } from './watched.ts'

/** How many older candles are asked for at a time, and how many are kept in all. */
const page = 500
const most = 5000

/** The candles of a stock of one length, oldest first. */
export class Candles extends Watched {
  readonly #rest: Rest
  readonly #stock: Stock
  readonly #interval: CandleInterval
  readonly #subscription: Subscription<Message<'candles'>>
  #candles: Candle[] = []
  #epoch = 0
  #hasOlder = true
  #isLoading = false

  constructor(feed: Feed, rest: Rest, stock: Stock, interval: CandleInterval) {
    super()
    this.#rest = rest
    this.#stock = stock
    this.#interval = interval
    this.#subscription = feed.subscribe({ channel: 'candles', ...stock, interval }, (message) => {
      if (message.type === 'snapshot') this.#begin(message.candles)
      else for (const candle of message.candles) this.#put(candle)
      this.changed()
    })
  }

  get all(): readonly Candle[] {
    return this.#candles
  }

  /** Changes whenever anything but the last candle may have changed, other than by candles behind it. */
  get epoch(): number {
    return this.#epoch
  }

  get isKnown(): boolean {
    return this.#subscription.seq !== undefined
  }

  /** Asks for the candles before the first one. */
  async loadOlder(): Promise<void> {
    const [first] = this.#candles
    if (first === undefined || this.#isLoading || !this.#hasOlder || this.#candles.length >= most) return
    this.#isLoading = true
    const epoch = this.#epoch
    try {
      const of = { interval: this.#interval, to: first.start, limit: page }
      const { candles, more } = await this.#rest.candles(this.#stock, of)
      if (epoch !== this.#epoch) return
      this.#hasOlder = more
      this.#candles = [...candles, ...this.#candles]
      this.#epoch += 1
      this.changed()
    } catch {
      // The next time the user looks there.
    } finally {
      this.#isLoading = false
    }
  }

  close(): void {
    this.#subscription.close()
  }

  #begin(candles: readonly Candle[]): void {
    this.#candles = [...candles]
    this.#hasOlder = candles.length > 0
    this.#epoch += 1
  }

  #put(candle: Candle): void {
    const last = this.#candles.at(-1)
    if (last === undefined || candle.start > last.start) this.#candles.push(candle)
    else if (candle.start === last.start) this.#candles[this.#candles.length - 1] = candle
    if (this.#candles.length <= most) return
    this.#candles.splice(0, page)
    this.#epoch += 1
  }
}
