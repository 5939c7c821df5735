/**
 * Rows as they stand under one key: one flat list of numbers, which is written and read in half the time of a list for
 * each row, and without the garbage.
 */
export interface StoredRows {
  /** What times are told apart from. */
  readonly time: number
  /** Words and names; rows hold their places in this list. */
  readonly texts: readonly string[]
  readonly rows: readonly number[]
}

/** Numbers that are stored as what they differ by from the one before: that is small. */
type Series = 'time' | 'order' | 'trade'

/** Writes rows field by field. */
export class RowWriter implements StoredRows {
  readonly time: number
  readonly texts: string[] = []
  readonly rows: number[] = []
  readonly #last: Record<Series, number>

  constructor(time: number) {
    this.time = time
    this.#last = { time, order: 0, trade: 0 }
  }

  number(n: number): void {
    this.rows.push(n)
  }

  text(text: string): void {
    const index = this.texts.indexOf(text)
    this.rows.push(index === -1 ? this.texts.push(text) - 1 : index)
  }

  next(series: Series, n: number): void {
    this.rows.push(n - this.#last[series])
    this.#last[series] = n
  }
}

/** Reads them field by field, in the same order. */
export class RowReader {
  readonly #stored: StoredRows
  readonly #last: Record<Series, number>
  #at = 0

  constructor(stored: StoredRows) {
    this.#stored = stored
    this.#last = { time: stored.time, order: 0, trade: 0 }
  }

  get hasMore(): boolean {
    return this.#at < this.#stored.rows.length
  }

  number<N extends number>(): N {
    const n = this.#stored.rows[this.#at] as N
    this.#at += 1
    return n
  }

  text<T extends string>(): T {
    return this.#stored.texts[this.number()] as T
  }

  next<N extends number>(series: Series): N {
    this.#last[series] += this.number()
    return this.#last[series] as N
  }
}
