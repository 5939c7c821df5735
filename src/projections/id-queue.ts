const pageSize = 1024

/** A first-in, first-out queue of ids, in pages of numbers: eight bytes an entry, and nothing ever moves. */
export class IdQueue {
  readonly #pages: Float64Array[] = []
  #head = 0
  #tail = 0

  get length(): number {
    return this.#pages.length === 0 ? 0 : (this.#pages.length - 1) * pageSize + this.#tail - this.#head
  }

  /** The oldest id; undefined when there is none. */
  get first(): number | undefined {
    return this.length === 0 ? undefined : (this.#pages[0] as Float64Array)[this.#head]
  }

  push(id: number): void {
    if (this.#pages.length === 0 || this.#tail === pageSize) {
      this.#pages.push(new Float64Array(pageSize))
      this.#tail = 0
    }
    ;(this.#pages.at(-1) as Float64Array)[this.#tail] = id
    this.#tail += 1
  }

  /** Takes the oldest id out; undefined when there is none. */
  shift(): number | undefined {
    const id = this.first
    if (id === undefined) return undefined
    this.#head += 1
    if (this.#head === pageSize || this.length === 0) {
      this.#pages.shift()
      this.#head = 0
    }
    return id
  }

  /** The ids, oldest first. */
  *[Symbol.iterator](): IterableIterator<number> {
    for (let p = 0; p < this.#pages.length; p += 1) {
      const end = p === this.#pages.length - 1 ? this.#tail : pageSize
      for (let i = p === 0 ? this.#head : 0; i < end; i += 1)
        yield (this.#pages[p] as Float64Array)[i] as number
    }
  }
}
