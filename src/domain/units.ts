declare const unit: unique symbol
type Unit<T, Name extends string> = T & { readonly [unit]: Name }

/** A price in ticks: a safe integer, 0 or more. What one tick is worth is the instrument's business. */
export type Ticks = Unit<number, 'Ticks'>
/** A quantity in lots: a safe integer, 0 or more. */
export type Lots = Unit<number, 'Lots'>
/** A command's place in its shard's journal: 1, 2, 3 … */
export type Sequence = Unit<number, 'Sequence'>
/** A moment: whole microseconds since 1970-01-01T00:00:00Z. */
export type Micros = Unit<number, 'Micros'>

/** Makes a price out of a number that came from outside; throws a RangeError for anything that is not one. */
export function ticks(n: number): Ticks {
  return whole(n, 'a price in ticks') as Ticks
}

/** Makes a quantity out of a number that came from outside; throws a RangeError for anything that is not one. */
export function lots(n: number): Lots {
  return whole(n, 'a quantity in lots') as Lots
}

/** Makes a sequence number; throws a RangeError for anything that is not one. */
export function sequence(n: number): Sequence {
  return whole(n, 'a sequence number') as Sequence
}

/** Makes a moment; throws a RangeError for anything that is not one. */
export function micros(n: number): Micros {
  return whole(n, 'a time in microseconds') as Micros
}

function whole(n: number, what: string): number {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`not ${what}: ${n}`)
  // A negative zero becomes the plain one.
  return n + 0
}
