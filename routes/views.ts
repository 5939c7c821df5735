import type { FillView, OrderTypeName, OrderView } from '../schemas/order.ts'
import type { QuoteView } from '../schemas/quote.ts'
import { toSum } from '../schemas/sum.ts'
import { formatTime } from '../schemas/time.ts'
import type { Fill, Instrument, OrderRecord } from '../src/port.ts'

/** An order in the words of the wire, as it is at this moment, with its newest `mostFills` fills. */
export function toOrderView(order: OrderRecord, mostFills: number): OrderView {
  const fills = order.fills.length > mostFills ? order.fills.slice(-mostFills) : order.fills
  const view: OrderView = {
    ok: true,
    symbol: order.symbol,
    venue: order.venue,
    direction: order.side,
    originalQty: order.quantity,
    qty: order.open,
    price: order.price,
    orderType: toOrderTypeName(order),
    id: order.id,
    account: order.account,
    ts: formatTime(order.time),
    fills: fills.map(toFillView),
    totalFilled: order.filled,
    // Not by what is open: nobody knows that of an order that spends a budget.
    open: order.closedBy === undefined,
  }
  if (order.fillCount > fills.length) view.fillsOmitted = order.fillCount - fills.length
  if (order.clientOrderId !== undefined) view.clientOrderId = order.clientOrderId
  if (order.cash?.budget !== undefined) {
    view.budget = `${order.cash.budget}`
    view.budgetLeft = `${order.cash.budgetLeft}`
  }
  return view
}

export function toFillView({ price, quantity, time }: Fill): FillView {
  return { price, qty: quantity, ts: formatTime(time) }
}

/** An instrument's quote as it is at this moment. */
export function toQuoteView(instrument: Instrument): QuoteView {
  const { bids, asks, lastTrade } = instrument
  const bid = bids.best
  const ask = asks.best
  return {
    ok: true,
    symbol: instrument.symbol,
    venue: instrument.venue,
    ...(bid && { bid: bid.price }),
    ...(ask && { ask: ask.price }),
    bidSize: toSum(bid?.quantity ?? 0),
    askSize: toSum(ask?.quantity ?? 0),
    bidDepth: toSum(bids.depth),
    askDepth: toSum(asks.depth),
    ...(lastTrade && {
      last: lastTrade.price,
      lastSize: lastTrade.quantity,
      lastTrade: formatTime(lastTrade.time),
    }),
    quoteTime: formatTime(instrument.changedAt),
  }
}

function toOrderTypeName({ orderType, timeInForce }: OrderRecord): OrderTypeName {
  if (orderType === 'market') return 'market'
  switch (timeInForce) {
    case 'gtc':
      return 'limit'
    case 'ioc':
      return 'immediate-or-cancel'
    case 'fok':
      return 'fill-or-kill'
    default:
      return timeInForce satisfies never
  }
}
