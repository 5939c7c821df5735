/**
 * An amount of an asset in its smallest units, of any size: a number as long as that is a safe integer, a bigint
 * beyond.
 *
 * Each amount has but one of the two forms, so `===` compares amounts as well as numbers. Most of them are small, and
 * every bigint is an object: with bigints alone a venue where trades move money is a third slower.
 */
export type Amount = number | bigint

/** The amount in its form. */
export function toAmount(exact: bigint): Amount {
  const inOne = Number(exact)
  return Number.isSafeInteger(inOne) ? inOne : exact
}

// A result that leaves the safe integers is never rounded back among them, as 2^53 is a number itself: so one that is
// safe is exact.

export function plus(a: Amount, b: Amount): Amount {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b
    if (Number.isSafeInteger(sum)) return sum
  }
  return toAmount(BigInt(a) + BigInt(b))
}

export function minus(a: Amount, b: Amount): Amount {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b
    if (Number.isSafeInteger(difference)) return difference
  }
  return toAmount(BigInt(a) - BigInt(b))
}

/** The product of two safe integers, 0 or more. */
export function times(a: number, b: number): Amount {
  const product = a * b
  return Number.isSafeInteger(product) ? product : toAmount(BigInt(a) * BigInt(b))
}

/**
 * How often a safe integer above 0 goes into one that is not below 0. Much faster than `%`.
 *
 * Rounding cannot lift the quotient to the whole number above it: that is at least a `divisor`th away, and numbers of
 * that size are finer, as it times the divisor is at most 2^53.
 */
export function wholes(n: number, divisor: number): number {
  return Math.floor(n / divisor)
}
