import type { NewOrder } from '../schemas/order.ts'
import { symbol, venue } from './commands.ts'
import { below, seeded } from './random.ts'

/** Where orders are posted. */
export const ordersPath = `/ob/api/venues/${venue}/stocks/${symbol}/orders`

/** What is posted: the new order as clients of old send it, the names of its book included. */
type Body = Pick<NewOrder, 'account' | 'price' | 'qty' | 'direction' | 'orderType'> & {
  venue: string
  stock: string
}

/**
 * Limit orders, a few thousand that are sent round and round. Prices go up and down like a slow wave, so that what
 * rests at one time is traded away at another and the book keeps its size however long the load lasts.
 */
export function mixedOrders(count = 4096): Body[] {
  const random = seeded(4)
  return Array.from({ length: count }, (_, i) => ({
    account: `EXB${100_000 + below(random, 16)}`,
    venue,
    stock: symbol,
    price: Math.round(5000 + 50 * Math.sin((2 * Math.PI * i) / count)) + below(random, 21) - 10,
    qty: 1 + below(random, 100),
    direction: random() < 0.5 ? 'buy' : 'sell',
    orderType: 'limit',
  }))
}

/** Orders of one lot to buy that nobody sells: each makes the bids deeper by one, so that messages can be counted. */
export function restingOrders(count = 1024): Body[] {
  const random = seeded(5)
  return Array.from({ length: count }, () => ({
    account: `EXB${100_000 + below(random, 16)}`,
    venue,
    stock: symbol,
    price: 4900 + below(random, 100),
    qty: 1,
    direction: 'buy',
    orderType: 'limit',
  }))
}
