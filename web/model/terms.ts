import type { Problem } from './session.ts'
import type { Units } from './units.ts'

/** The largest price that an order may have, and quantity where that is in shares. */
const most = 2_147_483_647

/** The lots that are written, or what is wrong with them. */
export function readLots(text: string, units: Units): number | Problem {
  const lots = units.toLots(text)
  const mostLots = units.isWhole ? most : Number.MAX_SAFE_INTEGER
  if (lots !== undefined && lots >= 1 && lots <= mostLots) return lots
  const rule = units.isWhole
    ? `a whole number from 1 to ${units.quantity(most)}`
    : `a quantity above 0, in steps of ${units.exactly(1)}`
  return { field: 'quantity', text: `Enter ${rule}.` }
}

/** The price that is written, in ticks, or what is wrong with it. */
export function readTicks(text: string, units: Units): number | Problem {
  const ticks = units.toTicks(text)
  if (ticks === undefined) return { field: 'price', text: `Enter a price in steps of ${units.price(1)}.` }
  if (ticks > most) return { field: 'price', text: `The highest price is ${units.price(most)}.` }
  return ticks
}

/** So many steps up or down from what is written; the same where that is no number. */
export function step(field: 'price' | 'quantity', text: string, steps: number, units: Units): string {
  const isPrice = field === 'price'
  const count = isPrice ? units.toTicks(text) : units.toLots(text)
  if (count === undefined) return text
  const stepped = Math.min(isPrice || units.isWhole ? most : Number.MAX_SAFE_INTEGER, count + steps)
  return isPrice ? units.price(Math.max(0, stepped)) : units.exactly(Math.max(1, stepped))
}
