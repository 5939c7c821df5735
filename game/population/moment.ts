import type { Micros } from '../../src/domain/units.ts'
import type { Random } from '../../traders/random.ts'
import type { MarketView } from '../../traders/step.ts'
import { dayLength } from '../level.ts'

export const halfDay = dayLength / 2

/** A random moment of the day, half day or other stretch of such a number, counted from the warm-up's beginning. */
export function momentIn(number: number, length: number, { now }: MarketView, random: Random): Micros {
  return Math.max(now + 1, Math.floor((number + random.uniform()) * length)) as Micros
}
