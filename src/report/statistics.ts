/** From each number to the next, logarithmically. */
export function returnsOf(prices: readonly number[]): number[] {
  return prices.slice(1).map((price, i) => Math.log(price / (prices[i] as number)))
}

/** How heavy the tails are: 0 for the normal distribution. Undefined when all numbers are the same. */
export function excessKurtosis(numbers: readonly number[]): number | undefined {
  const apart = fromMean(numbers)
  const variance = meanOf(apart.map((x) => x ** 2))
  return variance > 0 ? meanOf(apart.map((x) => x ** 4)) / variance ** 2 - 3 : undefined
}

/** How far each number tells the one `lag` behind it, from -1 to 1. Undefined when all numbers are the same. */
export function autocorrelation(numbers: readonly number[], lag: number): number | undefined {
  const apart = fromMean(numbers)
  let together = 0
  for (let i = lag; i < apart.length; i += 1) together += (apart[i] as number) * (apart[i - lag] as number)
  const alone = sumOf(apart.map((x) => x ** 2))
  return alone > 0 ? together / alone : undefined
}

export function standardDeviation(numbers: readonly number[]): number {
  return Math.sqrt(meanOf(fromMean(numbers).map((x) => x ** 2)))
}

function fromMean(numbers: readonly number[]): number[] {
  const mean = meanOf(numbers)
  // What differs by less than numbers can tell does not differ.
  return numbers.map((x) => (Math.abs(x - mean) <= Math.abs(mean) * 1e-12 ? 0 : x - mean))
}

function meanOf(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : sumOf(numbers) / numbers.length
}

function sumOf(numbers: readonly number[]): number {
  let sum = 0
  for (const n of numbers) sum += n
  return sum
}

/** Whole numbers below this are counted as they are; larger ones by their first three digits. */
const countedExactly = 1000

/**
 * How long a whole number, 0 or more, had which value. It takes the same little memory for any time: there are about
 * 13,000 values that it tells apart.
 */
export class TimeAtValue {
  readonly #weights = new Map<number, number>()
  #total = 0

  add(value: number, weight: number): void {
    const key = value < countedExactly ? value : Number(value.toPrecision(3))
    this.#weights.set(key, (this.#weights.get(key) ?? 0) + weight)
    this.#total += weight
  }

  get total(): number {
    return this.#total
  }

  /** The value that is not passed for a share of the time, from 0 to 1. Undefined when there was no time. */
  quantile(share: number): number | undefined {
    const wanted = share * this.#total
    let before = 0
    let last: number | undefined
    for (const [value, weight] of [...this.#weights].sort(([a], [b]) => a - b)) {
      last = value
      before += weight
      if (before > wanted) break
    }
    return last
  }

  /** The share of the time at a value or above. */
  shareFrom(least: number): number {
    let from = 0
    for (const [value, weight] of this.#weights) if (value >= least) from += weight
    return this.#total === 0 ? 0 : from / this.#total
  }
}
