/** How many commands somebody may send: so many a second, and twice as many at once after a pause. */
export class Bucket {
  readonly #perSecond: number
  readonly #now: () => number
  #tokens: number
  #filledAt: number

  /** `perSecond` 0 is no limit; `now` gives milliseconds that never go back. */
  constructor(perSecond: number, now: () => number) {
    this.#perSecond = perSecond
    this.#now = now
    this.#tokens = 2 * perSecond
    this.#filledAt = now()
  }

  /** Takes a token, and says for how many milliseconds it must be waited for. */
  take(): number {
    if (this.#perSecond === 0) return 0
    const now = this.#now()
    this.#tokens = Math.min(
      2 * this.#perSecond,
      this.#tokens + ((now - this.#filledAt) * this.#perSecond) / 1000,
    )
    this.#filledAt = now
    this.#tokens -= 1
    return this.#tokens >= 0 ? 0 : (-this.#tokens * 1000) / this.#perSecond
  }
}
