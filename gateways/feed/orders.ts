import type { FeedOrder } from '../../schemas/feed.ts'
import { formatTime } from '../../schemas/time.ts'
import type { OrderRecord } from '../../src/port.ts'

/** The newest fills that one order carries. */
const mostFills = 100

/** An order in the words of the feed, as it is at this moment. */
export function toFeedOrder(order: OrderRecord): FeedOrder {
  const fills = order.fills.slice(-mostFills)
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
    ...(order.closedBy !== undefined && { closedBy: order.closedBy }),
    time: formatTime(order.time),
    ...(order.clientOrderId !== undefined && { clientOrderId: order.clientOrderId }),
    fills: fills.map(({ price, quantity, time }) => ({ price, quantity, time: formatTime(time) })),
    ...(order.fillCount > fills.length && { fillsOmitted: order.fillCount - fills.length }),
  }
}
