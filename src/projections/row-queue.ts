import { type PageQuery, pageOf } from '../domain/page.ts'

/** Dropped rows that may stand in front of those that are kept before they are cut off, all at once. */
const slack = 1024

/** Numbered things, by ascending number: added at one end, dropped at the other, and read page by page. */
export class RowQueue<Row> {
  readonly #numberOf: (row: Row) => number
  #rows: (Row | undefined)[] = []
  #dropped = 0

  constructor(numberOf: (row: Row) => number) {
    this.#numberOf = numberOf
  }

  get length(): number {
    return this.#rows.length - this.#dropped
  }

  push(row: Row): void {
    this.#rows.push(row)
  }

  /** Takes the first one out; undefined when there is none. */
  shift(): Row | undefined {
    if (this.length === 0) return undefined
    const row = this.#rows[this.#dropped]
    this.#rows[this.#dropped] = undefined
    this.#dropped += 1
    if (this.#dropped > slack && this.#dropped > this.length) {
      this.#rows = this.#rows.slice(this.#dropped)
      this.#dropped = 0
    }
    return row
  }

  page(query: PageQuery): Row[] {
    return pageOf(this.#rows as Row[], this.#numberOf, query, this.#dropped)
  }

  *[Symbol.iterator](): IterableIterator<Row> {
    for (let i = this.#dropped; i < this.#rows.length; i += 1) yield this.#rows[i] as Row
  }
}
