import type { PageQuery } from '../domain/page.ts'
import type { TradeRecord } from '../domain/trade-record.ts'
import { RowQueue } from './row-queue.ts'

/** Trades that an instrument keeps in memory where nothing is on disk. */
export const tradesPerInstrument = 10_000

/** The newest trades of one instrument. */
export class Trades {
  readonly #kept = new RowQueue<TradeRecord>(({ id }) => id)

  keep(trade: TradeRecord): void {
    this.#kept.push(trade)
    if (this.#kept.length > tradesPerInstrument) this.#kept.shift()
  }

  /** Those that are kept in memory, by ascending id. */
  page(query: PageQuery): TradeRecord[] {
    return this.#kept.page(query)
  }

  [Symbol.iterator](): IterableIterator<TradeRecord> {
    return this.#kept[Symbol.iterator]()
  }
}
