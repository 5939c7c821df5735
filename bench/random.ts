/** A seeded stream of numbers in [0, 1): mulberry32, by Tommy Ettinger. The same seed gives the same run. */
export function seeded(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A whole number from 0 to below `n`. */
export function below(random: () => number, n: number): number {
  return Math.floor(random() * n)
}

/** A whole number, 0 or more, that is small most of the time: exponential with a mean. */
export function small(random: () => number, mean: number): number {
  return Math.floor(-Math.log(1 - random()) * mean)
}

/** Puts an array in random order, in place. */
export function shuffle<T>(random: () => number, items: T[]): T[] {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = below(random, i + 1)
    const item = items[i] as T
    items[i] = items[j] as T
    items[j] = item
  }
  return items
}
