import type { OwnFill } from '../step.ts'

/** Lots bought less lots sold. */
export function bought(fills: readonly OwnFill[]): number {
  let sum = 0
  for (const { side, quantity } of fills) sum += side === 'buy' ? quantity : -quantity
  return sum
}

/**
 * What is left of an inventory that counts less and less, so that nobody can push a trader to its limit for good.
 * `memory` in seconds; the times in microseconds.
 */
export function forget(inventory: number, now: number, before: number | undefined, memory: number): number {
  if (before === undefined) return inventory
  return inventory * Math.max(0, 1 - (now - before) / 1e6 / memory)
}
