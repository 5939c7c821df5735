import { type BestLevel, type Feed, type FollowedBook, followBook, type Stock } from '../../sdk/index.ts'
import { Watched } from './watched.ts'

/** More than fit on a screen. */
const depth = 50

/** The best levels of a stock. */
export class Book extends Watched {
  readonly #followed: FollowedBook

  constructor(feed: Feed, stock: Stock) {
    super()
    this.#followed = followBook(feed, { ...stock, depth }, () => this.changed())
  }

  /** Highest price first. */
  get bids(): readonly BestLevel[] {
    return this.#followed.book.bids
  }

  /** Lowest price first. */
  get asks(): readonly BestLevel[] {
    return this.#followed.book.asks
  }

  get isKnown(): boolean {
    return this.#followed.book.seq !== undefined
  }

  get isLive(): boolean {
    return this.#followed.isLive
  }

  /** Resolves with the error when the server refuses to tell. */
  get ended() {
    return this.#followed.subscription.ended
  }

  close(): void {
    this.#followed.close()
  }
}
