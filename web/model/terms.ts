import type { Problem } from './session.ts'
import type { Units } from './units.ts'

/** The largest price and quantity that an order may have. */
const most = 2_147_483_647

/** The lots that are written, or what is wrong with them. */
export function readLots(text: string, units: Units): number | Problem {
  const lots = units.toLots(text)
  if (lots !== undefined && lots >= 1 && lots <= most) return lots
  return { field: 'quantity', text: `Enter a whole number from 1 to ${units.quantity(most)}.` }
}

/** The price that is written, in ticks, or what is wrong with it. */
export function readTicks(text: string, units: Units): number | Problem {
  const ticks = units.toTicks(text)
  if (ticks !== undefined && ticks <= most) return ticks
  return { field: 'price', text: `Enter a price in steps of ${units.price(1)}, up to ${units.price(most)}.` }
}

/** So many steps up or down from what is written; the same where that is no number. */
export function step(field: 'price' | 'quantity', text: string, steps: number, units: Units): string {
  const isPrice = field === 'price'
  const count = isPrice ? units.toTicks(text) : units.toLots(text)
  if (count === undefined) return text
  const stepped = Math.min(most, Math.max(isPrice ? 0 : 1, count + steps))
  return isPrice ? units.price(stepped) : units.quantity(stepped)
}
