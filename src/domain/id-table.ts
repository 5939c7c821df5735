const pageSize = 64

interface Page<T> {
  /** The first id that has a slot in it. */
  readonly first: number
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
  /** By their first id. */
  readonly #pages = new Map<number, Page<T>>()
  // Ids cluster: one asked for is most often in the page asked for last, or in the one where the newest entry is.
  #lastPage: Page<T> | undefined
  #newestPage: Page<T> | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  get(id: number): T | undefined {
    const page = this.#page(id)
    return page?.slots[id - page.first]
  }

  /** Adds or replaces an entry. `id` is a whole number, 0 or more. */
  set(id: number, value: T): void {
    const page = this.#page(id) ?? this.#addPage(id - (id % pageSize))
    this.#newestPage = page
    const slot = id - page.first
    if (page.slots[slot] === undefined) {
      page.used += 1
      this.#size += 1
    }
    page.slots[slot] = value
  }

  delete(id: number): void {
    const page = this.#page(id)
    if (page === undefined || page.slots[id - page.first] === undefined) return
    page.slots[id - page.first] = undefined
    page.used -= 1
    this.#size -= 1
    if (page.used > 0) return
    this.#pages.delete(page.first)
    if (page === this.#lastPage) this.#lastPage = undefined
    if (page === this.#newestPage) this.#newestPage = undefined
  }

  /** All entries, by ascending id. */
  *values(): IterableIterator<T> {
    for (const first of [...this.#pages.keys()].sort((a, b) => a - b)) {
      for (const value of this.#pages.get(first)?.slots ?? []) if (value !== undefined) yield value
    }
  }

  /** The page that has a slot for an id. */
  #page(id: number): Page<T> | undefined {
    const newest = this.#newestPage
    if (newest !== undefined && holds(newest, id)) return newest
    const last = this.#lastPage
    if (last !== undefined && holds(last, id)) return last
    const page = this.#pages.get(id - (id % pageSize))
    if (page !== undefined) this.#lastPage = page
    return page
  }

  #addPage(first: number): Page<T> {
    const page = { first, slots: new Array<T | undefined>(pageSize).fill(undefined), used: 0 }
    this.#pages.set(first, page)
    return page
  }
}

function holds({ first }: Page<unknown>, id: number): boolean {
  return id >= first && id < first + pageSize
}
