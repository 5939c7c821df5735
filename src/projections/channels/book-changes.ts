import type { Side } from '../../domain/order.ts'
import type { Lots, Ticks } from '../../domain/units.ts'
import { piecesOf } from '../pieces.ts'
import { RowRing } from './row-ring.ts'
import { bytesPerWindow, changesPerWindow, type Window, type Windows } from './window.ts'

/** What became of one resting order; it has left the book when nothing of it is open. */
export interface OrderChange {
  readonly id: number
  readonly side: Side
  readonly price: Ticks
  readonly open: Lots
}

const orderBytes = 24
const endBytes = 8
/** With as many changes as there may be they are as many bytes as there may be. */
const ordersPerWindow = Math.floor((bytesPerWindow - changesPerWindow * endBytes) / orderBytes)

/**
 * The changes of one instrument's book, numbered: each command that changes it is one. The newest are kept order by
 * order, as raw numbers; which levels they touched follows from that, so depth and single orders share them.
 */
export class BookChanges implements Window {
  readonly #windows: Windows
  /** Id (negative of an order to sell), price, open lots. */
  #orders = new RowRing(3)
  /** By number: the row after the change's last one. */
  #ends = new RowRing(1, 1)
  changedAt = 0

  constructor(windows: Windows) {
    this.#windows = windows
    windows.add(this)
  }

  /** The number of the last change; 0 before the first. */
  get last(): number {
    return this.#ends.end - 1
  }

  /** Changes after this number are kept. */
  get since(): number {
    return this.#ends.first - 1
  }

  get bytes(): number {
    return this.#orders.bytes + this.#ends.bytes
  }

  /** Notes what became of a resting order; what comes in one step is one change. */
  add(step: number, id: number, side: Side, price: Ticks, open: Lots): void {
    const isNew = step !== this.changedAt
    this.changedAt = step
    // What is left of a change that was too large to be kept.
    if (isNew && this.#ends.length === 0) this.#dropLeftovers()
    this.#orders.push(side === 'buy' ? id : -id, price, open)
    if (isNew) this.#ends.push(this.#orders.end)
    else this.#ends.setLast(this.#orders.end)
    const dropped = this.#trim()
    this.#windows.grew(this, (isNew ? orderBytes + endBytes : orderBytes) - dropped)
  }

  /** What happened after a change that the window reaches back to, in order. */
  *after(number: number): IterableIterator<OrderChange> {
    for (let row = this.#startAfter(number); row < this.#orders.end; row += 1) {
      const id = this.#orders.get(row, 0)
      yield {
        id: Math.abs(id),
        side: id > 0 ? 'buy' : 'sell',
        price: this.#orders.get(row, 1) as Ticks,
        open: this.#orders.get(row, 2) as Lots,
      }
    }
  }

  clear(): void {
    this.#orders.clear()
    this.#ends.clear()
  }

  *save(): IterableIterator<SavedBookChanges> {
    yield { type: 'book-changes', last: this.last, since: this.since, first: this.#orders.first }
    for (const cells of piecesOf(this.#ends.cells())) yield { type: 'book-change-ends', cells }
    for (const cells of piecesOf(this.#orders.cells(), 3000)) yield { type: 'book-change-orders', cells }
  }

  load(saved: SavedBookChanges): void {
    switch (saved.type) {
      case 'book-changes':
        this.#ends = new RowRing(1, saved.since + 1)
        this.#orders = new RowRing(3, saved.first)
        return
      case 'book-change-ends':
        for (const end of saved.cells) this.#ends.push(end)
        break
      case 'book-change-orders': {
        const { cells } = saved
        for (let i = 0; i < cells.length; i += 3) this.#orders.push(...(cells.slice(i, i + 3) as [number]))
        break
      }
      default:
        saved satisfies never
    }
    this.#windows.grew(this, saved.cells.length * 8)
  }

  #startAfter(number: number): number {
    if (number >= this.last) return this.#orders.end
    return number < this.#ends.first ? this.#orders.first : this.#ends.get(number, 0)
  }

  #dropLeftovers(): void {
    this.#windows.grew(this, -this.#orders.bytes)
    this.#orders.dropBefore(this.#orders.end)
  }

  /** Drops the oldest changes until the window is no larger than it may be; gives how many bytes that were. */
  #trim(): number {
    let dropped = 0
    while (
      this.#ends.length > changesPerWindow ||
      (this.#orders.length > ordersPerWindow && this.#ends.length > 0)
    ) {
      const rows = this.#orders.length
      this.#orders.dropBefore(this.#ends.get(this.#ends.first, 0))
      this.#ends.dropBefore(this.#ends.first + 1)
      dropped += (rows - this.#orders.length) * orderBytes + endBytes
    }
    return dropped
  }
}

/** One record of saved book changes. */
export type SavedBookChanges =
  | {
      readonly type: 'book-changes'
      readonly last: number
      readonly since: number
      /** The number of the first row of orders. */
      readonly first: number
    }
  | { readonly type: 'book-change-ends' | 'book-change-orders'; readonly cells: readonly number[] }
