/** Rows that there is room for at first; a power of two, as it stays: then the place of a row is found without a division. */
const smallest = 16

/**
 * Rows of a few numbers each, numbered from 0 on: added at one end, dropped at the other. They stand in one typed
 * array that grows by doubling, so that a row costs its bytes and nothing else, and the garbage collector sees one
 * object.
 */
export class RowRing {
  readonly #width: number
  #cells: Float64Array
  #capacity = smallest
  #first: number
  #end: number

  /** `first` is the number of the first row to come. */
  constructor(width: number, first = 0) {
    this.#width = width
    this.#first = first
    this.#end = first
    this.#cells = new Float64Array(smallest * width)
  }

  /** The number of the oldest row that is kept. */
  get first(): number {
    return this.#first
  }

  /** The number of the row that comes next. */
  get end(): number {
    return this.#end
  }

  get length(): number {
    return this.#end - this.#first
  }

  /** Bytes of the rows that are kept. */
  get bytes(): number {
    return this.length * this.#width * 8
  }

  /** Adds a row; as many cells as it is wide. */
  push(a: number, b = 0, c = 0, d = 0, e = 0): void {
    if (this.length === this.#capacity) this.#resize(this.#capacity * 2)
    const width = this.#width
    const cells = this.#cells
    const at = (this.#end & (this.#capacity - 1)) * width
    cells[at] = a
    if (width > 1) cells[at + 1] = b
    if (width > 2) cells[at + 2] = c
    if (width > 3) cells[at + 3] = d
    if (width > 4) cells[at + 4] = e
    this.#end += 1
  }

  /** A cell of a row that is kept. */
  get(row: number, column: number): number {
    return this.#cells[(row & (this.#capacity - 1)) * this.#width + column] as number
  }

  /** Changes the first cell of the newest row. */
  setLast(value: number): void {
    this.#cells[((this.#end - 1) & (this.#capacity - 1)) * this.#width] = value
  }

  /** Drops the rows in front of one. */
  dropBefore(row: number): void {
    this.#first = Math.min(Math.max(row, this.#first), this.#end)
  }

  /** Drops all rows, and gives back what they stood in. */
  clear(): void {
    this.#first = this.#end
    this.#capacity = smallest
    this.#cells = new Float64Array(smallest * this.#width)
  }

  /** All cells, the oldest row's first. */
  *cells(): IterableIterator<number> {
    for (let row = this.#first; row < this.#end; row += 1) {
      for (let column = 0; column < this.#width; column += 1) yield this.get(row, column)
    }
  }

  #resize(capacity: number): void {
    const old = this.#cells
    const width = this.#width
    this.#cells = new Float64Array(capacity * width)
    for (let row = this.#first; row < this.#end; row += 1) {
      const from = (row & (this.#capacity - 1)) * width
      this.#cells.set(old.subarray(from, from + width), (row & (capacity - 1)) * width)
    }
    this.#capacity = capacity
  }
}
