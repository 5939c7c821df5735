interface Wake {
  readonly at: number
  readonly index: number
}

/** Who is to be woken when: the earliest first, and of two at the same time the one with the lower index. A heap. */
export class WakeQueue {
  #wakes: Wake[] = []

  /** The earliest time; infinite when there is none. */
  get nextAt(): number {
    return this.#wakes[0]?.at ?? Number.POSITIVE_INFINITY
  }

  add(at: number, index: number): void {
    const wakes = this.#wakes
    const wake = { at, index }
    let hole = wakes.length
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      if (!isBefore(wake, wakes[parent] as Wake)) break
      wakes[hole] = wakes[parent] as Wake
      hole = parent
    }
    wakes[hole] = wake
  }

  /** Takes out the earliest, which must be there, and gives its index. */
  take(): number {
    const wakes = this.#wakes
    const first = wakes[0] as Wake
    const moved = wakes.pop() as Wake
    if (wakes.length === 0) return first.index
    let hole = 0
    for (;;) {
      let child = 2 * hole + 1
      if (child >= wakes.length) break
      if (child + 1 < wakes.length && isBefore(wakes[child + 1] as Wake, wakes[child] as Wake)) child += 1
      if (!isBefore(wakes[child] as Wake, moved)) break
      wakes[hole] = wakes[child] as Wake
      hole = child
    }
    wakes[hole] = moved
    return first.index
  }

  /** Puts everything off by a time. */
  shift(by: number): void {
    this.#wakes = this.#wakes.map(({ at, index }) => ({ at: at + by, index }))
  }

  clear(): void {
    this.#wakes = []
  }

  [Symbol.iterator](): Iterator<Wake> {
    return this.#wakes[Symbol.iterator]()
  }
}

function isBefore(a: Wake, b: Wake): boolean {
  return a.at < b.at || (a.at === b.at && a.index < b.index)
}
