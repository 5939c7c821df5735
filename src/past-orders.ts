import type { Fill, OrderRecord } from './domain/order.ts'
import { Unavailable } from './domain/unavailable.ts'
import type { History } from './history/history.ts'
import { lostOf, whole } from './past-rows.ts'
import type { FillsQuery, OrdersQuery, Venue } from './port.ts'
import { fillsPerOrder } from './projections/orders.ts'

// Orders are read wherever they are: in memory first, then in the history, merged by id.

/** An order that is open or ever was, as far as it is remembered. */
export async function findOrder(
  venue: Venue | undefined,
  history: History | undefined,
  id: number,
): Promise<OrderRecord | undefined> {
  const inMemory = venue?.order(id)
  if (venue === undefined || inMemory !== undefined || history === undefined) return inMemory
  if (id < 1 || id > venue.lastOrderId) return undefined
  const stored = await history.order(venue.name, id, fillsPerOrder)
  // Memory lets an order go only when it is stored, so it can be missing only where the history is not complete.
  if (stored === undefined && (history.gapEnd !== undefined || history.lost !== undefined))
    throw history.missing
  return stored
}

/** An account's orders by ascending id: the newest `limit` of those that fit, and whether there are older ones. */
export async function findOrders(
  venue: Venue | undefined,
  history: History | undefined,
  account: string,
  query: OrdersQuery,
): Promise<{ orders: OrderRecord[]; more: boolean }> {
  if (venue === undefined) return { orders: [], more: false }
  const { limit, before = Number.MAX_SAFE_INTEGER, symbol, openOnly } = query
  const recent = venue.orders(account, query)
  if (history === undefined || openOnly === true) return recent
  if (history.gapEnd !== undefined) throw new Unavailable('refused', 'history_catching_up')
  const inMemory = new Map(recent.orders.map((order) => [order.id, order]))
  const stored = await history.idsOf(venue.name, account, { before, symbol, limit: limit + 1 })
  const own = stored.filter((id) => id >= venue.firstOrderId)
  const ids = [...new Set([...inMemory.keys(), ...own])].sort((a, b) => b - a)
  const page = ids.slice(0, limit).reverse()
  const orders = await Promise.all(
    page.map(
      (id) => inMemory.get(id) ?? (history.order(venue.name, id, fillsPerOrder) as Promise<OrderRecord>),
    ),
  )
  const lost = venue.lastAccountEvent(account) === 0 ? undefined : lostOf(history, venue.createdAt)
  const [rows, more] = whole(orders, recent.more || ids.length > limit, lost)
  return { orders: rows, more }
}

/** The newest `limit` fills of an order below number `before`, by ascending number. */
export async function findFills(
  history: History | undefined,
  order: OrderRecord,
  { limit, before = Number.POSITIVE_INFINITY }: FillsQuery,
): Promise<{ first: number; fills: readonly Fill[]; more: boolean }> {
  const { venue, id, fillCount } = order
  const last = Math.min(before - 1, fillCount)
  const first = Math.max(1, last - limit + 1)
  // Numbers up to here are not with the order any more.
  const gone = fillCount - order.fills.length
  const inMemory = order.fills.slice(Math.max(0, first - 1 - gone), Math.max(0, last - gone))
  if (first > gone || history === undefined) {
    const from = Math.max(first, gone + 1)
    return { first: from, fills: inMemory, more: inMemory.length > 0 && from > gone + 1 }
  }
  await history.flush()
  const lastOlder = Math.min(last, gone)
  const older = await history.fills(venue, id, first, lastOlder)
  // Chunks of before the start may be missing.
  if (older.length <= lastOlder - first) throw history.missing
  return { first, fills: [...older, ...inMemory], more: first > 1 }
}
