import type { Feed, RestAsset, RestStock, Stock } from '../../sdk/index.ts'
import { Book } from './book.ts'
import { Quote } from './quote.ts'
import { Tape } from './tape.ts'
import { Units } from './units.ts'

/** One stock as everybody sees it. */
export class Market {
  readonly stock: Stock
  readonly units: Units
  /** Orders are placed at another door. */
  readonly isReadOnly: boolean
  /** What accounts hold here; undefined where they count from nothing. */
  readonly assets: { readonly base: RestAsset; readonly quote: RestAsset } | undefined
  readonly book: Book
  readonly tape: Tape
  readonly quote: Quote
  #isOver = false

  constructor(feed: Feed, stock: Stock, listed: RestStock, isReadOnly: boolean) {
    const { base, quote } = listed
    this.stock = stock
    this.units = new Units(listed)
    this.isReadOnly = isReadOnly
    this.assets = base && quote && { base, quote }
    this.book = new Book(feed, stock)
    this.tape = new Tape(feed, stock)
    this.quote = new Quote(feed, stock)
    void this.book.ended.then(() => {
      this.#isOver = true
    })
  }

  /** Whether the server tells nothing of it any more: it did not have it when it was asked again after a cut. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Whether what is shown is what the server has, but for what is on its way. */
  get isLive(): boolean {
    return this.book.isLive && this.tape.isLive
  }

  close(): void {
    for (const part of [this.book, this.tape, this.quote]) part.close()
  }
}
