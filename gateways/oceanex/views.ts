import type { OrderAccepted } from '../../src/domain/event.ts'
import type { OrderRecord, Side } from '../../src/domain/order.ts'
import type { Micros } from '../../src/domain/units.ts'
import type { Fill } from '../../src/port.ts'
import { secondsOf } from './context.ts'
import { toText } from './decimals.ts'
import { feesOf } from './fees.ts'
import type { Market } from './market.ts'
import type { Scopes } from './settings.ts'

/** Which words an answer has for the two sides. */
export interface SideWords {
  readonly buy: string
  readonly sell: string
}
export const bidAsk: SideWords = { buy: 'bid', sell: 'ask' }
export const buySell: SideWords = { buy: 'buy', sell: 'sell' }

/** `wait`: open. `done`: filled. `cancel`: canceled, also when a part was filled. */
export type State = 'wait' | 'done' | 'cancel'

export interface OrderView {
  readonly id: number
  readonly market: string
  readonly market_name: string
  readonly market_display_name: string
  readonly side: string
  readonly ord_type: string
  readonly state: State
  readonly price: string | null
  readonly avg_price: string
  readonly volume: string
  readonly remaining_volume: string
  readonly executed_volume: string
  readonly trades_count: number
  readonly created_at: string
  readonly created_on: number
}

interface OrderFacts {
  readonly id: number
  readonly side: Side
  readonly orderType: 'limit' | 'market'
  readonly price: number
  readonly quantity: number
  readonly filled: number
  readonly fillCount: number
  readonly time: Micros
}

/** An order as it was taken, before it traded. */
export function toAcceptedView(
  market: Market,
  event: OrderAccepted,
  time: Micros,
  words: SideWords,
): OrderView {
  const facts = { ...event, id: event.orderId, filled: 0, fillCount: 0, time }
  return toView(market, facts, { state: 'wait', value: 0n, words })
}

/** An order as it is. `value` is the sum of its fills' prices times quantities, in ticks and lots. */
export function toOrderView(market: Market, order: OrderRecord, value: bigint, words: SideWords): OrderView {
  return toView(market, order, { state: stateOf(order), value, words })
}

function toView(
  market: Market,
  { id, side, orderType, price, quantity, filled, fillCount, time }: OrderFacts,
  { state, value, words }: { readonly state: State; readonly value: bigint; readonly words: SideWords },
): OrderView {
  return {
    id,
    market: market.id,
    market_name: market.name,
    market_display_name: market.name,
    side: words[side],
    ord_type: orderType,
    state,
    price: orderType === 'limit' ? market.price(price) : null,
    avg_price: market.average(value, filled),
    volume: market.volume(quantity),
    remaining_volume: market.volume(quantity - filled),
    executed_volume: market.volume(filled),
    trades_count: fillCount,
    created_at: isoSeconds(time),
    created_on: secondsOf(time),
  }
}

export function stateOf({ closedBy }: OrderRecord): State {
  if (closedBy === undefined) return 'wait'
  return closedBy === 'filled' ? 'done' : 'cancel'
}

/** A fill of an order. The fees of both sides are told to either. */
export function toTradeView(market: Market, order: OrderRecord, fill: Fill): object {
  const { tradeId, price, quantity, time } = fill
  const { buyerFee, sellerFee } = feesOf(market.terms, price, quantity)
  return {
    id: tradeId,
    order_id: order.id,
    market: market.id,
    market_display_name: market.name,
    side: bidAsk[order.side],
    price: market.price(price),
    volume: market.volume(quantity),
    funds: market.value(BigInt(price) * BigInt(quantity)),
    fee: market.feeOf(order.side),
    bid_fee: market.baseAmount(buyerFee),
    bid_fee_currency_id: market.base,
    ask_fee: market.quoteAmount(sellerFee),
    ask_fee_currency_id: market.quote,
    created_at: isoSeconds(time),
    created_on: secondsOf(time),
  }
}

/** UTC, to the second. */
export function isoSeconds(time: Micros): string {
  return `${new Date(secondsOf(time) * 1000).toISOString().slice(0, 19)}Z`
}

/** What a key may do, by the names of this API. */
export function scopesView({ query, trade, withdraw }: Scopes): object {
  return { query, 'sell/buy': trade, withdraw }
}

export const zero = toText(0n, 0)
