import type { Side } from '../../domain/order.ts'
import type { Lots, Micros, Ticks } from '../../domain/units.ts'
import { piecesOf } from '../pieces.ts'
import { RowRing } from './row-ring.ts'
import { changesPerWindow, type Window, type Windows } from './window.ts'

/** A trade as everybody may see it. */
export interface PublicTrade {
  /** Its place among the trades of the instrument: 1, 2, 3 … */
  readonly number: number
  /** Its place among the trades of the venue. */
  readonly id: number
  readonly price: Ticks
  readonly quantity: Lots
  readonly time: Micros
  readonly takerSide: Side
}

const width = 5

/** The trades of one instrument, numbered, and the newest of them. At forty bytes each they stay far below the bound. */
export class TradeChanges implements Window {
  readonly #windows: Windows
  /** Id, price, quantity, time, and 1 when the taker bought. */
  #rows = new RowRing(width, 1)
  changedAt = 0

  constructor(windows: Windows) {
    this.#windows = windows
    windows.add(this)
  }

  /** The number of the last trade; 0 before the first. */
  get last(): number {
    return this.#rows.end - 1
  }

  /** Trades after this number are kept. */
  get since(): number {
    return this.#rows.first - 1
  }

  get bytes(): number {
    return this.#rows.bytes
  }

  add(step: number, { id, price, quantity, time, takerSide }: Omit<PublicTrade, 'number'>): void {
    this.changedAt = step
    this.#rows.push(id, price, quantity, time, takerSide === 'buy' ? 1 : 0)
    if (this.#rows.length > changesPerWindow) this.#rows.dropBefore(this.#rows.first + 1)
    else this.#windows.grew(this, width * 8)
  }

  /** The trades after a number that are kept, in order. */
  *after(number: number): IterableIterator<PublicTrade> {
    for (let row = Math.max(number, this.since) + 1; row < this.#rows.end; row += 1) {
      yield {
        number: row,
        id: this.#rows.get(row, 0),
        price: this.#rows.get(row, 1) as Ticks,
        quantity: this.#rows.get(row, 2) as Lots,
        time: this.#rows.get(row, 3) as Micros,
        takerSide: this.#rows.get(row, 4) === 1 ? 'buy' : 'sell',
      }
    }
  }

  clear(): void {
    this.#rows.clear()
  }

  *save(): IterableIterator<SavedTradeChanges> {
    yield { type: 'trade-changes', since: this.since }
    for (const cells of piecesOf(this.#rows.cells(), 1000 * width)) yield { type: 'trade-change-rows', cells }
  }

  load(saved: SavedTradeChanges): void {
    if (saved.type === 'trade-changes') {
      this.#rows = new RowRing(width, saved.since + 1)
      return
    }
    const { cells } = saved
    for (let i = 0; i < cells.length; i += width) this.#rows.push(...(cells.slice(i, i + width) as [number]))
    this.#windows.grew(this, cells.length * 8)
  }
}

/** One record of saved trades. */
export type SavedTradeChanges =
  | { readonly type: 'trade-changes'; readonly since: number }
  | { readonly type: 'trade-change-rows'; readonly cells: readonly number[] }
