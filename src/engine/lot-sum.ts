import type { Lots } from '../domain/units.ts'

/** What the lower part counts up to: the first whole number that is not safe. */
const base = 2 ** 53

/**
 * A sum of lots that stays exact beyond 2^53: `low` of them, and `high` times 2^53. Where the sum is limited to what a
 * number holds, as on venues without money, `high` is always 0.
 */
export class LotSum {
  #low = 0
  #high = 0

  /** The sum: a number as long as one holds it exactly. */
  get total(): Lots | bigint {
    return this.#high === 0 ? (this.#low as Lots) : BigInt(this.#high) * BigInt(base) + BigInt(this.#low)
  }

  add(lots: Lots): void {
    // In this order no step leaves the safe numbers.
    if (lots < base - this.#low) {
      this.#low += lots
    } else {
      this.#low -= base - lots
      this.#high += 1
    }
  }

  subtract(lots: Lots): void {
    if (lots <= this.#low) {
      this.#low -= lots
    } else {
      this.#low += base - lots
      this.#high -= 1
    }
  }
}
