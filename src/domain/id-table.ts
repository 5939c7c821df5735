const pageSize = 64

interface Page<T> {
  readonly slots: (T | undefined)[]
  used: number
}

/**
 * Things by id, where ids are handed out as 1, 2, 3 … and most are removed again.
 *
 * Slots stand in pages of 64, and a page goes when its last entry does: lookups cost what an array's do, memory
 * follows what is kept and not what ever was, and no growth moves all entries at once as a large `Map` does. Pages
 * are small so that a lone survivor of many closed neighbors holds half a kilobyte, not eight.
 */
export class IdTable<T> {
  readonly #pages = new Map<number, Page<T>>()
  // Ids cluster: the page asked for last is most often the one asked for next.
  #lastNumber = -1
  #lastPage: Page<T> | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  get(id: number): T | undefined {
    return this.#page(Math.floor(id / pageSize))?.slots[id % pageSize]
  }

  /** Adds or replaces an entry. `id` is a whole number, 0 or more. */
  set(id: number, value: T): void {
    const number = Math.floor(id / pageSize)
    let page = this.#page(number)
    if (page === undefined) {
      page = { slots: new Array<T | undefined>(pageSize).fill(undefined), used: 0 }
      this.#pages.set(number, page)
      this.#lastNumber = number
      this.#lastPage = page
    }
    if (page.slots[id % pageSize] === undefined) {
      page.used += 1
      this.#size += 1
    }
    page.slots[id % pageSize] = value
  }

  delete(id: number): void {
    const number = Math.floor(id / pageSize)
    const page = this.#page(number)
    if (page?.slots[id % pageSize] === undefined) return
    page.slots[id % pageSize] = undefined
    page.used -= 1
    this.#size -= 1
    if (page.used > 0) return
    this.#pages.delete(number)
    this.#lastNumber = -1
    this.#lastPage = undefined
  }

  /** All entries, by ascending id. */
  *values(): IterableIterator<T> {
    for (const number of [...this.#pages.keys()].sort((a, b) => a - b)) {
      for (const value of this.#pages.get(number)?.slots ?? []) if (value !== undefined) yield value
    }
  }

  #page(number: number): Page<T> | undefined {
    if (number === this.#lastNumber) return this.#lastPage
    const page = this.#pages.get(number)
    if (page !== undefined) {
      this.#lastNumber = number
      this.#lastPage = page
    }
    return page
  }
}
