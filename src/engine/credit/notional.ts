import { type Amount, minus, toAmount, wholes } from '../../domain/amount.ts'
import type { InstrumentTerms, NotionalRounding } from '../../domain/instrument.ts'
import { halfEven } from '../../domain/rounding.ts'
import type { Lots, Ticks } from '../../domain/units.ts'

/**
 * What lots are worth on one instrument, in smallest units of its quote asset.
 *
 * The exact worth may be finer than a unit. What is reserved is rounded up, so that it always covers what is moved;
 * what a trade moves is rounded by the instrument's own rule.
 */
export class Notional {
  readonly #multiplier: number
  readonly #divisor: number
  readonly #rounding: NotionalRounding

  constructor({ worth: [multiplier, divisor], notionalRounding }: InstrumentTerms) {
    this.#multiplier = multiplier
    this.#divisor = divisor
    this.#rounding = notionalRounding
  }

  /** What an order at a price has to reserve. */
  reserve(price: Ticks, quantity: Lots): Amount {
    const fine = price * quantity * this.#multiplier
    if (Number.isSafeInteger(fine)) {
      const whole = wholes(fine, this.#divisor)
      return whole * this.#divisor < fine ? whole + 1 : whole
    }
    const divisor = BigInt(this.#divisor)
    return toAmount((this.#fine(price, quantity) + divisor - 1n) / divisor)
  }

  /** What a trade moves. */
  settle(price: Ticks, quantity: Lots): Amount {
    const fine = price * quantity * this.#multiplier
    if (Number.isSafeInteger(fine)) {
      const whole = wholes(fine, this.#divisor)
      const twice = 2 * (fine - whole * this.#divisor)
      return this.#roundsUp(twice, this.#divisor, whole) ? whole + 1 : whole
    }
    return toAmount(this.#rounded(this.#fine(price, quantity), BigInt(this.#divisor)))
  }

  /**
   * What a trade moves out of a budget that covers it: the budget less what is left of it, and what is left is what
   * is rounded.
   */
  settleFrom(budget: Amount, price: Ticks, quantity: Lots): Amount {
    const divisor = BigInt(this.#divisor)
    const left = this.#rounded(BigInt(budget) * divisor - this.#fine(price, quantity), divisor)
    return minus(budget, toAmount(left))
  }

  /** Whether lots at a price are worth less than a value of 1 or more, to the last fraction of a unit. */
  isUnder(value: number, price: Ticks, quantity: Lots): boolean {
    const fine = price * quantity * this.#multiplier
    const least = value * this.#divisor
    if (Number.isSafeInteger(fine) && Number.isSafeInteger(least)) return fine < least
    return this.#fine(price, quantity) < BigInt(value) * BigInt(this.#divisor)
  }

  /** Whether a budget covers lots at a price to the last fraction of a unit. */
  covers(budget: Amount, price: Ticks, quantity: Lots): boolean {
    return BigInt(budget) * BigInt(this.#divisor) >= this.#fine(price, quantity)
  }

  /** The lots that a budget buys at a price above 0, to the nearest, half to even. */
  affordable(budget: Amount, price: Ticks): Lots {
    const one = BigInt(price) * BigInt(this.#multiplier)
    return Number(halfEven(BigInt(budget) * BigInt(this.#divisor), one)) as Lots
  }

  #fine(price: Ticks, quantity: Lots): bigint {
    return BigInt(price) * BigInt(quantity) * BigInt(this.#multiplier)
  }

  #rounded(fine: bigint, divisor: bigint): bigint {
    return this.#rounding === 'down' ? fine / divisor : halfEven(fine, divisor)
  }

  #roundsUp(twice: number, divisor: number, whole: number): boolean {
    return this.#rounding === 'half-even' && (twice > divisor || (twice === divisor && whole % 2 === 1))
  }
}
