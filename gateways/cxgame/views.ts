import type { OrderAccepted } from '../../src/domain/event.ts'
import type { CloseReason, OrderType, Side } from '../../src/domain/order.ts'
import type { Account, OrderRecord } from '../../src/port.ts'
import { cryptoScale, plainText, pythonText, usdScale } from './decimals.ts'
import type { Ids } from './ids.ts'
import { crypto, oneCrypto, usd } from './market.ts'
import type { CxgameSettings } from './settings.ts'

/** What an order that has ended has left, and what one has filled that has not traded. */
const nothing = '0.00'

interface OrderFacts {
  readonly time: number
  readonly id: number
  readonly account: string
  readonly side: Side
  readonly orderType: OrderType
  /** Cents; of a market order the market price when it was placed. */
  readonly price: number
  readonly quantity: number
  /** Cents to spend, or lots to trade. */
  readonly left: bigint
  readonly filled: number
  readonly isByBudget: boolean
  readonly status: 'open' | 'filled' | 'cancel'
}

/** How orders, wallets and amounts look on the wire. */
export class Views {
  readonly ids: Ids
  readonly #text: (value: bigint, scale: number) => string
  readonly #start: ReadonlyMap<string, string>

  constructor(ids: Ids, { isStrict, usdStart, cryptoStart }: CxgameSettings) {
    this.ids = ids
    this.#text = isStrict ? pythonText : plainText
    this.#start = new Map([
      [usd, usdStart],
      [crypto, cryptoStart],
    ])
  }

  usd(cents: bigint | number): string {
    return this.#text(BigInt(cents), usdScale)
  }

  crypto(units: bigint | number): string {
    return this.#text(BigInt(units), cryptoScale)
  }

  /** What a player can spend. Until it first changes it is shown as it was configured. */
  wallet({ balances }: Account, asset: typeof usd | typeof crypto): string {
    const balance = balances.get(asset)
    const start = this.#start.get(asset) as string
    if (balance === undefined || balance.changes === 1) return start
    return asset === usd ? this.usd(balance.available) : this.crypto(balance.available)
  }

  /** An order as it was placed, before it traded. */
  accepted(event: OrderAccepted, time: number): object {
    const { orderId: id, account, side, orderType, price, quantity, budget, reference = 0 } = event
    return this.#order({
      time,
      id,
      account,
      side,
      orderType,
      price: orderType === 'limit' ? price : reference,
      quantity,
      left: budget ?? BigInt(quantity),
      filled: 0,
      isByBudget: budget !== undefined,
      status: 'open',
    })
  }

  /** An order as it is. */
  order({
    time,
    id,
    account,
    side,
    orderType,
    price,
    quantity,
    filled,
    cash,
    closedBy,
  }: OrderRecord): object {
    const budgetLeft = cash?.budget === undefined ? undefined : cash.budgetLeft
    return this.#order({
      time,
      id,
      account,
      side,
      orderType,
      price: orderType === 'limit' ? price : (cash?.reference ?? 0),
      quantity,
      left: budgetLeft ?? BigInt(quantity - filled),
      filled,
      isByBudget: cash?.budget !== undefined,
      status: statusOf(closedBy),
    })
  }

  /** A trade as both of its sides and the feed see it. */
  trade(price: number, buyId: number, sellId: number): { price: string; buy_id: string; sell_id: string } {
    return { price: this.usd(price), buy_id: this.ids.order(buyId), sell_id: this.ids.order(sellId) }
  }

  #order(facts: OrderFacts): object {
    const { time, id, account, side, orderType, price, quantity, left, filled, isByBudget, status } = facts
    const isLimit = orderType === 'limit'
    const rest = status === 'filled' ? nothing : isByBudget ? this.usd(left) : this.crypto(left)
    return {
      timestamp: time / 1e6,
      id: this.ids.order(id),
      ...(isLimit ? { size: rest } : { amount: rest }),
      price: this.usd(price),
      side: isLimit ? side : `${side}_market`,
      status,
      filled_size: filled === 0 ? nothing : this.crypto(filled),
      user: account,
      ...(isLimit && side === 'buy' && { usd_used: this.usd(reserved(price, quantity)) }),
    }
  }
}

function statusOf(closedBy: OrderRecord['closedBy']): OrderFacts['status'] {
  if (closedBy === undefined) return 'open'
  return endedByTrading(closedBy) ? 'filled' : 'cancel'
}

/** Whether an order has got all that was to be had: what may be left of it is too little to trade. */
export function endedByTrading(reason: CloseReason): boolean {
  return reason === 'filled' || reason === 'remainder'
}

/** What an order to buy reserves: its worth in cents, rounded up. */
export function reserved(price: number, size: number): bigint {
  const one = BigInt(oneCrypto)
  return (BigInt(price) * BigInt(size) + one - 1n) / one
}
