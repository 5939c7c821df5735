import type { Feed, Message, Stock, Subscription } from '../../sdk/index.ts'
import { Watched } from './watched.ts'

/** Best prices and last trade of a stock. */
export class Quote extends Watched {
  readonly #subscription: Subscription<Message<'quote'>>
  #now: Message<'quote'> | undefined

  constructor(feed: Feed, stock: Stock) {
    super()
    this.#subscription = feed.subscribe({ channel: 'quote', ...stock }, (message) => {
      this.#now = message
      this.changed()
    })
  }

  get now(): Message<'quote'> | undefined {
    return this.#now
  }

  /** What a share is valued at. */
  get mark(): number | undefined {
    return this.#now?.reference ?? this.#now?.last?.price
  }

  close(): void {
    this.#subscription.close()
  }
}
