import type { NewOrder, Side, Stock } from '../../sdk/index.ts'
import type { Problem } from './session.ts'
import { readLots, readTicks, step } from './terms.ts'
import type { Units } from './units.ts'
import { Watched } from './watched.ts'

/** The order types, as the ticket offers them. */
export const kinds = {
  limit: { name: 'Limit', text: 'Trades at the price or better. The rest waits in the book.' },
  market: { name: 'Market', text: 'Trades at once at the best prices there are.' },
  ioc: { name: 'IOC', text: 'Immediate or cancel: trades at once what it can, the rest is canceled.' },
  fok: { name: 'FOK', text: 'Fill or kill: trades at once and whole, or not at all.' },
} as const
export type Kind = keyof typeof kinds

interface Fields {
  readonly side: Side
  readonly kind: Kind
  /** As typed. */
  readonly price: string
  readonly quantity: string
}

/** The order that is being written. */
export class Draft extends Watched {
  #fields: Fields = { side: 'buy', kind: 'limit', price: '', quantity: '100' }

  /** Whether accounts hold money where it is to go. */
  #isMoney = false

  get fields(): Fields {
    return this.#fields
  }

  set(fields: Partial<Fields>): void {
    this.#fields = { ...this.#fields, ...fields }
    this.changed()
  }

  /** For another stock, whose prices have nothing to do with the one written; nor have quantities of another kind. */
  begin(isMoney: boolean): void {
    const isOther = isMoney !== this.#isMoney
    this.#isMoney = isMoney
    this.set({ price: '', ...(isOther && { quantity: isMoney ? '1' : '100' }) })
  }

  /** Goes so many steps up or down from what is written. */
  step(field: 'price' | 'quantity', steps: number, units: Units): void {
    this.set({ [field]: step(field, this.#fields[field], steps, units) })
  }

  /** The order, or what is wrong with it. */
  toOrder(stock: Stock, units: Units, account: string): NewOrder | Problem {
    const { side, kind } = this.#fields
    const quantity = readLots(this.#fields.quantity, units)
    if (typeof quantity !== 'number') return quantity
    const order = { ...stock, account, side, quantity }
    if (kind === 'market') return order
    const price = readTicks(this.#fields.price, units)
    if (typeof price !== 'number') return price
    return { ...order, price, ...(kind !== 'limit' && { timeInForce: kind }) }
  }
}
