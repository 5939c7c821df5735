import { type Amount, plus } from '../domain/amount.ts'
import type { Trade } from '../domain/event.ts'
import type { InstrumentTerms } from '../domain/instrument.ts'
import type { Micros } from '../domain/units.ts'
import type { Book, BookSide } from '../engine/book.ts'
import { BooksOfAccount } from './books-of-account.ts'
import { Columns, type SideLook } from './columns.ts'
import { TimeAtValue } from './statistics.ts'

const second = 1_000_000
const secondsAMinute = 60
/** More levels of a side are not counted. */
const countedLevels = 100
/** Levels of a side whose lots are its depth: what stands far away says little about a market. */
export const depthLevels = 10

/**
 * What is remembered of one book for a report: sums, columns for the charts, and the middle at the end of each minute.
 * So its memory hardly grows with the time.
 *
 * The book is looked at once a second of its own time, which begins with its first order.
 */
export class BookRecord {
  readonly venue: string
  readonly symbol: string
  readonly terms: InstrumentTerms | undefined
  readonly start: Micros
  end: Micros
  readonly columns = new Columns()
  readonly accounts = new BooksOfAccount()
  /** The middle at the end of each minute, from the first one on. Without one of the sides it stays what it was. */
  readonly mids: number[] = []
  readonly spreads = new TimeAtValue()
  readonly bidLevels = new TimeAtValue()
  readonly askLevels = new TimeAtValue()
  orders = 0
  trades = 0
  volume: Amount = 0
  firstPrice: number | undefined
  lastPrice: number | undefined
  firstMid: number | undefined
  lowestMid = Number.POSITIVE_INFINITY
  highestMid = Number.NEGATIVE_INFINITY
  /** The longest time that a side was empty after both had been there, in microseconds. */
  longestEmpty = 0
  /** Trades of the whole minute with the fewest; undefined before the first has passed. */
  leastTrades: number | undefined
  readonly #book: Book
  /** Seconds that have passed. */
  #seconds = 0
  #mid: number | undefined
  #tradesOfMinute = 0
  #emptySince: Micros | undefined

  constructor(venue: string, book: Book, start: Micros) {
    this.venue = venue
    this.symbol = book.symbol
    this.terms = book.terms
    this.#book = book
    this.start = start
    this.end = start
  }

  /** Lets time pass in which the book stands still. Call it before whatever happens at that time. */
  pass(time: Micros): void {
    this.end = time
    const seconds = Math.floor((time - this.start) / second)
    if (seconds > this.#seconds) this.#look(seconds)
  }

  /** Sees what has become of the book. Call it after whatever happened. */
  see(time: Micros): void {
    const bid = this.#book.bids.best?.price
    const ask = this.#book.asks.best?.price
    if (bid === undefined || ask === undefined) {
      if (this.#mid !== undefined) this.#emptySince ??= time
      return
    }
    this.#endEmpty(time)
    this.#mid = (bid + ask) / 2
    this.firstMid ??= this.#mid
    this.lowestMid = Math.min(this.lowestMid, this.#mid)
    this.highestMid = Math.max(this.highestMid, this.#mid)
  }

  trade({ price, quantity }: Trade): void {
    this.trades += 1
    this.#tradesOfMinute += 1
    this.volume = plus(this.volume, quantity)
    this.firstPrice ??= price
    this.lastPrice = price
    this.columns.trade(this.#seconds, price, quantity)
  }

  /** Ends the record: nothing is seen of the book from now on. */
  finish(): void {
    this.#endEmpty(this.end)
  }

  /** Takes down the seconds up to one that has just begun: they ended with the book as it is. */
  #look(seconds: number): void {
    const { bids, asks } = this.#book
    const look = { bids: lookAt(bids), asks: lookAt(asks) }
    const passed = seconds - this.#seconds
    this.columns.look(this.#seconds, seconds, look)
    if (look.bids.best !== undefined && look.asks.best !== undefined)
      this.spreads.add(look.asks.best - look.bids.best, passed)
    if (this.#mid !== undefined) {
      this.bidLevels.add(look.bids.levels, passed)
      this.askLevels.add(look.asks.levels, passed)
    }
    const minutes = Math.floor(seconds / secondsAMinute)
    for (let minute = Math.floor(this.#seconds / secondsAMinute); minute < minutes; minute += 1) {
      if (this.#mid !== undefined) this.mids.push(this.#mid)
      this.leastTrades = Math.min(this.leastTrades ?? Number.POSITIVE_INFINITY, this.#tradesOfMinute)
      this.#tradesOfMinute = 0
    }
    this.#seconds = seconds
  }

  #endEmpty(time: Micros): void {
    if (this.#emptySince !== undefined)
      this.longestEmpty = Math.max(this.longestEmpty, time - this.#emptySince)
    this.#emptySince = undefined
  }
}

function lookAt(side: BookSide): SideLook {
  let levels = 0
  let depth = 0
  for (const { quantity } of side.levels()) {
    if (levels < depthLevels) depth += Number(quantity)
    levels += 1
    if (levels === countedLevels) break
  }
  return { best: side.best?.price, levels, depth }
}
