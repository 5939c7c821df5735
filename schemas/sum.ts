import Type from 'typebox'

/**
 * A whole number that is exact however large: see `toSum`. One schema of two types, since of a union each member is
 * tried in turn when a reply is written.
 */
export function Sum(description: string, minimum?: number) {
  return Type.Unsafe<number | string>({
    type: ['integer', 'string'],
    ...(minimum !== undefined && { minimum }),
    pattern: minimum === undefined ? '^-?[0-9]+$' : '^[0-9]+$',
    description: `${description} A number while it is within 2^53, else text of digits.`,
  })
}

/** A sum as JSON can carry it. */
export function toSum(sum: number | bigint): number | string {
  if (typeof sum === 'number') return sum
  const number = Number(sum)
  return Number.isSafeInteger(number) ? number : `${sum}`
}
