/** Two to the 32nd: how many values a word has. */
const words = 4_294_967_296

/** Where a stream of random numbers stands: four words of 32 bits. */
export type RandomState = readonly [number, number, number, number]

/**
 * A stream of random numbers that is the same on every machine: xoshiro128** 1.1 by Blackman and Vigna. Everything here
 * is made of whole words with + − × ÷ and rounding down alone, for the engines' logarithms and powers may differ.
 *
 * Drawing moves the stream on. Whoever holds it can take down where it stands, and go on from there.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor([a, b, c, d]: RandomState) {
    this.#a = a | 0
    this.#b = b | 0
    this.#c = c | 0
    this.#d = d | 0
  }

  get state(): RandomState {
    return [this.#a >>> 0, this.#b >>> 0, this.#c >>> 0, this.#d >>> 0]
  }

  /** A word: a whole number from 0 to below 2^32. */
  word(): number {
    const result = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9) >>> 0
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = rotate(this.#d, 11)
    return result
  }

  /** From `low` to below `high`. */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * (this.word() / words)
  }

  /** A whole number from 0 to below `n`, which is at most 2^21. */
  below(n: number): number {
    return Math.floor((this.word() * n) / words)
  }

  /** A whole number from `low` to `high`, both among them. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  /** True with a probability. */
  chance(probability: number): boolean {
    return this.word() / words < probability
  }

  /** One of some things, each as likely as the next. */
  pick<T>(things: readonly T[]): T {
    return things[this.below(things.length)] as T
  }

  /** Nearly normal, with mean 0 and variance 1, between −6 and 6: a sum of twelve uniform numbers. */
  normal(): number {
    let sum = 0
    for (let i = 0; i < 12; i += 1) sum += this.word()
    return sum / words - 6
  }

  /** Exponential with a mean, by von Neumann's comparisons. */
  exponential(mean = 1): number {
    for (let whole = 0; ; whole += 1) {
      const first = this.word()
      let last = first
      let draws = 1
      for (;;) {
        const next = this.word()
        draws += 1
        if (next >= last) break
        last = next
      }
      if (draws % 2 === 0) return mean * (whole + first / words)
    }
  }
}

/** A stream of its own for each name, so that one trader more does not disturb the others. The name is ASCII. */
export function createRandom(seed: number, name: string): Random {
  let x = (mix(seed) ^ hash(name)) >>> 0
  const next = () => {
    x = (x + 0x9e3779b9) >>> 0
    return mix(x)
  }
  const state: RandomState = [next(), next(), next(), next()]
  return new Random(state.every((word) => word === 0) ? [1, 0, 0, 0] : state)
}

/** MurmurHash3's finalizer. */
export function mix(word: number): number {
  let x = word >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}

/** FNV-1a of 32 bits. */
export function hash(name: string): number {
  let x = 0x811c9dc5
  for (let i = 0; i < name.length; i += 1) x = Math.imul(x ^ name.charCodeAt(i), 0x01000193)
  return x >>> 0
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by))
}
