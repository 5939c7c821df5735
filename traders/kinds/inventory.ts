/**
 * What is left of an inventory that counts less and less, so that nobody can push a trader to its limit for good.
 * `memory` in seconds; the times in microseconds.
 */
export function forget(inventory: number, now: number, before: number | undefined, memory: number): number {
  if (before === undefined) return inventory
  return inventory * Math.max(0, 1 - (now - before) / 1e6 / memory)
}
