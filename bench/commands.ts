import type { Cancel, Place } from '../src/domain/command.ts'
import type { Event } from '../src/domain/event.ts'
import type { OrderType, Side, TimeInForce } from '../src/domain/order.ts'
import type { Lots, Ticks } from '../src/domain/units.ts'
import { below, small } from './random.ts'

export const venue = 'TESTEX'
export const symbol = 'FOOBAR'

/** Who sends the commands. */
export const accounts = Array.from({ length: 16 }, (_, i) => `TRADER${i + 1}`)

/** A command that places an order. */
export function place(
  side: Side,
  price: number,
  quantity: number,
  account = 0,
  orderType: OrderType = 'limit',
  timeInForce: TimeInForce = 'gtc',
): Place {
  return {
    type: 'place',
    venue,
    symbol,
    account: accounts[account % accounts.length] as string,
    side,
    orderType,
    timeInForce,
    price: price as Ticks,
    quantity: quantity as Lots,
    autoCreate: true,
  }
}

export function cancel(orderId: number): Cancel {
  return { type: 'cancel', venue, orderId }
}

/** The ids of the orders that rest, to choose one from. */
export class RestingIds {
  readonly ids: number[] = []
  readonly #index = new Map<number, number>()

  follow(events: readonly Event[]): void {
    for (const event of events) {
      if (event.type === 'order-rested') this.#add(event.orderId)
      else if (event.type === 'order-closed' && event.resting) this.#remove(event.orderId)
    }
  }

  #add(id: number): void {
    this.#index.set(id, this.ids.length)
    this.ids.push(id)
  }

  #remove(id: number): void {
    const at = this.#index.get(id) as number
    const last = this.ids.pop() as number
    this.#index.delete(id)
    if (last === id) return
    this.ids[at] = last
    this.#index.set(last, at)
  }
}

/**
 * The next command of a busy market around a price that wanders: most are limit orders, near the best price and
 * some across it; about a quarter cancel one of the orders that rest; the others trade at once or not at all.
 */
export class MixedMarket {
  readonly #random: () => number
  readonly #depth: number
  #middle = 100_000

  /** `depth`: nothing is canceled while fewer orders rest, so that about so many do. */
  constructor(random: () => number, depth: number) {
    this.#random = random
    this.#depth = depth
  }

  next(resting: RestingIds): Place | Cancel {
    const random = this.#random
    if (random() < 0.02) this.#middle += random() < 0.5 ? -1 : 1
    const kind = random()
    if (kind >= 0.5 && kind < 0.85 && resting.ids.length > this.#depth)
      return cancel(resting.ids[below(random, resting.ids.length)] as number)
    const side = random() < 0.5 ? 'buy' : 'sell'
    const away = small(random, 20) - 3
    const price = this.#middle + (side === 'buy' ? -away : away)
    const quantity = 1 + below(random, 100)
    const account = below(random, accounts.length)
    if (kind < 0.85) return place(side, price, quantity, account)
    const across = this.#middle + (side === 'buy' ? 10 : -10)
    if (kind < 0.9) return place(side, 0, quantity, account, 'market', 'ioc')
    return place(side, across, quantity, account, 'limit', kind < 0.96 ? 'ioc' : 'fok')
  }
}
