import { type Fill, type OrderRecord, type SavedOrderCash, saveOrderCash } from '../domain/order.ts'
import type { Lots, Micros, Ticks } from '../domain/units.ts'

/** An order's own record, with the fills that made no full chunk. */
export type StoredOrder = Omit<OrderRecord, 'fills' | 'cash' | 'original'> & {
  readonly tail: readonly StoredFill[]
  readonly cash?: SavedOrderCash
  readonly original?: OrderRecord['original']
}
export type StoredFill = readonly [price: number, quantity: number, time: number, tradeId?: number]

export function toStoredOrder(order: OrderRecord, tail: readonly Fill[]): StoredOrder {
  return {
    id: order.id,
    venue: order.venue,
    symbol: order.symbol,
    account: order.account,
    side: order.side,
    orderType: order.orderType,
    timeInForce: order.timeInForce,
    price: order.price,
    quantity: order.quantity,
    open: order.open,
    filled: order.filled,
    closedBy: order.closedBy,
    time: order.time,
    clientOrderId: order.clientOrderId,
    fillCount: order.fillCount,
    ...(order.original && { original: order.original }),
    ...(order.cash && { cash: saveOrderCash(order.cash) }),
    tail: tail.map(toStoredFill),
  }
}

export function toStoredFill({ tradeId, price, quantity, time }: Fill): StoredFill {
  return [price, quantity, time, tradeId]
}

export function toFill([price, quantity, time, tradeId = 0]: StoredFill): Fill {
  return { tradeId, price: price as Ticks, quantity: quantity as Lots, time: time as Micros }
}
