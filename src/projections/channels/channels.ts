import type { Side } from '../../domain/order.ts'
import type { Lots, Ticks } from '../../domain/units.ts'
import { BookChanges, type SavedBookChanges } from './book-changes.ts'
import { type PublicTrade, type SavedTradeChanges, TradeChanges } from './trade-changes.ts'
import type { Windows } from './window.ts'

/**
 * What changes of one instrument, counted by channel from the events alone: so the numbers are the same after a
 * restart, a replay or a snapshot, and whoever knows the last one that it saw can ask for what it missed.
 *
 * Two counts serve two channels each: `book` for depth and single orders, which change together; `trades` for trades
 * and candles.
 */
export class Channels {
  readonly book: BookChanges
  readonly trades: TradeChanges
  readonly #windows: Windows
  #quote = 0
  #quotedAt = 0

  constructor(windows: Windows) {
    this.#windows = windows
    this.book = new BookChanges(windows)
    this.trades = new TradeChanges(windows)
  }

  /** Commands that have changed the quote: what is in the book, or the last trade. */
  get quote(): number {
    return this.#quote
  }

  /** A resting order is new, or less of it is open than before. */
  order(step: number, id: number, side: Side, price: Ticks, open: Lots): void {
    this.book.add(step, id, side, price, open)
    this.#quoteChanged(step)
  }

  trade(step: number, trade: Omit<PublicTrade, 'number'>): void {
    this.trades.add(step, trade)
    this.#quoteChanged(step)
  }

  /** Everything about the instrument is as at its listing, though the book need not have changed. */
  beginAnew(step: number): void {
    this.#quoteChanged(step)
  }

  /** Gives up the room of what is kept. */
  drop(): void {
    this.#windows.delete(this.book)
    this.#windows.delete(this.trades)
  }

  #quoteChanged(step: number): void {
    if (step === this.#quotedAt) return
    this.#quotedAt = step
    this.#quote += 1
  }

  /** Counts and windows as plain JSON records. */
  *save(): IterableIterator<SavedChannels> {
    yield { type: 'channels', quote: this.#quote }
    yield* this.book.save()
    yield* this.trades.save()
  }

  load(saved: SavedChannels): void {
    switch (saved.type) {
      case 'channels':
        this.#quote = saved.quote
        return
      case 'trade-changes':
      case 'trade-change-rows':
        this.trades.load(saved)
        return
      default:
        this.book.load(saved)
    }
  }
}

/** One record of saved channels. */
export type SavedChannels =
  | { readonly type: 'channels'; readonly quote: number }
  | SavedBookChanges
  | SavedTradeChanges
