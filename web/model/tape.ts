import type { Feed, Message, Stock, Subscription, Trade } from '../../sdk/index.ts'
import { Watched } from './watched.ts'

/** Trades that are kept to be shown. */
const most = 100

/** The newest trades of a stock. */
export class Tape extends Watched {
  readonly #subscription: Subscription<Message<'trades'>>
  #trades: readonly Trade[] = []

  constructor(feed: Feed, stock: Stock) {
    super()
    this.#subscription = feed.subscribe({ channel: 'trades', ...stock }, (message) => {
      const before = message.type === 'snapshot' ? [] : this.#trades
      this.#trades = [...before, ...message.trades].slice(-most)
      this.changed()
    })
  }

  /** Oldest first. */
  get trades(): readonly Trade[] {
    return this.#trades
  }

  get isKnown(): boolean {
    return this.#subscription.seq !== undefined
  }

  get isLive(): boolean {
    return this.#subscription.isLive
  }

  close(): void {
    this.#subscription.close()
  }
}
