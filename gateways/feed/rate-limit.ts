import type { Micros } from '../../src/domain/units.ts'

const second = 1_000_000

/** Counts the requests of each caller within a second. */
export class RateLimit {
  readonly #perSecond: number
  readonly #clock: () => Micros
  // Begun anew each second, so it holds no more than those who asked within one.
  #counts = new Map<string, number>()
  #since = 0

  /** `perSecond`: 0 for no limit. */
  constructor(perSecond: number, clock: () => Micros) {
    this.#perSecond = perSecond
    this.#clock = clock
  }

  /** Counts a request; false when it is one too many. */
  count(caller: string): boolean {
    if (this.#perSecond === 0) return true
    const now = this.#clock()
    if (Math.abs(now - this.#since) >= second) {
      this.#since = now
      this.#counts = new Map()
    }
    const count = (this.#counts.get(caller) ?? 0) + 1
    this.#counts.set(caller, count)
    return count <= this.#perSecond
  }
}
