import type { OwnFill } from '../../traders/step.ts'

/** Lots bought less lots sold. */
export function netBought(fills: readonly OwnFill[]): number {
  return fills.reduce((sum, { side, quantity }) => sum + (side === 'buy' ? quantity : -quantity), 0)
}
