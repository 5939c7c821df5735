import { type NewTerms, type Order, StockyardError } from '../../sdk/index.ts'
import type { Draft } from '../model/draft.ts'
import type { Market } from '../model/market.ts'
import type { Problem, Trader } from '../model/session.ts'
import type { Units } from '../model/units.ts'

/** Places the order that is written. Tells what became of it, or what is wrong. */
export async function place(
  draft: Draft,
  market: Market,
  trader: Trader | undefined,
): Promise<string | Problem> {
  if (trader === undefined) return { field: undefined, text: 'There is nobody to trade for yet.' }
  const order = draft.toOrder(market.stock, market.units, trader.account)
  if ('text' in order) return order
  return answer(() => trader.orders.place(order), market.units)
}

/** Gives an open order another price and quantity. Tells what became of it, or what is wrong. */
export function replace(terms: NewTerms, units: Units, trader: Trader): Promise<string | Problem> {
  return answer(() => trader.orders.replace(terms), units)
}

async function answer(ask: () => Promise<Order>, units: Units): Promise<string | Problem> {
  try {
    return tell(await ask(), units)
  } catch (error) {
    if (!(error instanceof StockyardError)) throw error
    const { message, outcome, field } = error
    const advice = outcome === 'unknown' ? ' Look at your orders: it may have been done.' : ''
    return { field, text: `${message}.${advice}` }
  }
}

function tell({ id, side, open, filled, quantity, fills, price }: Order, units: Units): string {
  const done = side === 'buy' ? 'bought' : 'sold'
  const parts = []
  if (filled > 0) {
    // All in one sum, or none: of very many fills only the newest are told.
    const told = fills.reduce((sum, fill) => sum + fill.quantity, 0)
    const value = fills.reduce((sum, fill) => sum + BigInt(fill.price) * BigInt(fill.quantity), 0n)
    const average =
      told === filled ? ` at ${units.price((value + BigInt(filled) / 2n) / BigInt(filled))}` : ''
    parts.push(`${done} ${units.quantity(filled)}${average}`)
  }
  if (open > 0) parts.push(`${units.quantity(open)} wait at ${units.price(price)}`)
  const gone = quantity - filled - open
  if (gone > 0) parts.push(`${units.quantity(gone)} not traded and canceled`)
  // All that was left was taken back.
  if (parts.length === 0) parts.push('closed')
  return `Order ${id}: ${parts.join(', ')}.`
}
