import type { Place } from '../../src/domain/command.ts'
import type { OrderAccepted } from '../../src/domain/event.ts'
import type { Side } from '../../src/domain/order.ts'
import { lots, ticks } from '../../src/domain/units.ts'
import type { OrderRecord } from '../../src/port.ts'
import { refusalOf } from '../exchange-commands.ts'
import { done } from './codec.ts'
import { cryptoScale, parseDecimal, plainText, usdScale } from './decimals.ts'
import { crypto, leastSize, mostSize, oneCrypto } from './market.ts'
import { type Circumstances, invalidCommand, missing, notFound, texts } from './texts.ts'
import type { Turn } from './turn.ts'

/** In cents. The most that a price can be is the most that can be counted exactly. */
const leastPrice = 10n
const mostPrice = BigInt(Number.MAX_SAFE_INTEGER)
const leastMarketBuy = 1000n

export function placeLimit(turn: Turn, side: Side): void | Promise<void> {
  const { fields, cmd } = turn
  if (fields.price === undefined || fields.size === undefined) return turn.refuse(texts.limitParams)
  const price = parseDecimal(fields.price, usdScale)
  const size = parseDecimal(fields.size, cryptoScale)
  if (price === undefined || size === undefined) return turn.refuse(invalidCommand(cmd, texts.invalidDecimal))
  if (size < leastSize) return turn.refuse(texts.leastSize)
  if (size > mostSize) return turn.refuse(texts.mostSize)
  if (price < leastPrice) return turn.refuse(texts.leastPrice)
  if (price > mostPrice) return turn.refuse(texts.mostPrice)

  const one = BigInt(oneCrypto)
  const neededSize = () => plainText((one + price - 1n) / price, cryptoScale)
  const order = {
    ...orderOf(turn, side),
    orderType: 'limit',
    price: ticks(Number(price)),
    quantity: lots(Number(size)),
  } as const
  return place(turn, order, side === 'buy' ? texts.buyPlaced : texts.sellPlaced, { neededSize })
}

export function placeMarketBuy(turn: Turn): void | Promise<void> {
  const amount = amountOf(turn, usdScale)
  if (typeof amount === 'string') return turn.refuse(amount)
  if (amount < leastMarketBuy) return turn.refuse(texts.leastMarketBuy)
  const order = {
    ...orderOf(turn, 'buy'),
    orderType: 'market',
    price: ticks(0),
    quantity: lots(0),
    budget: amount,
  } as const
  return place(turn, order, texts.marketBuyPlaced)
}

export function placeMarketSell(turn: Turn): void | Promise<void> {
  const { game } = turn
  const amount = amountOf(turn, cryptoScale)
  if (typeof amount === 'string') return turn.refuse(amount)
  if (amount < leastSize) return turn.refuse(texts.leastMarketSell)
  if (amount > mostSize) return turn.refuse(texts.mostMarketSell)
  const order = {
    ...orderOf(turn, 'sell'),
    orderType: 'market',
    price: ticks(0),
    quantity: lots(Number(amount)),
  } as const
  return place(turn, order, texts.marketSellPlaced, {
    asked: () => game.views.crypto(amount),
    available: () => {
      const account = game.venue.account(order.account)
      return account === undefined ? '' : game.views.wallet(account, crypto)
    },
  })
}

export function cancel(turn: Turn): void | Promise<void> {
  const { game, player } = turn
  const { order_id: id } = turn.fields
  if (id === undefined) return turn.refuse(missing('order_id'))
  const number = typeof id === 'string' ? game.views.ids.orderNumber(id) : undefined
  const order = number === undefined ? undefined : game.venue.order(number)
  if (order === undefined || !isOpenIn(turn, order)) return turn.refuse(notFound(id))
  // Anybody else may know that the order is there only where old servers said so.
  if (order.account !== player) return turn.refuse(game.settings.isStrict ? texts.notFound : notFound(id))

  const { venue } = game.settings
  return turn.submit({ type: 'cancel', venue, orderId: order.id }, (applied) => {
    const refusal = refusalOf(applied)
    if (refusal === undefined) return done(texts.cancelled)
    const reply = turn.refusal(refusal)
    return reply.message === texts.notFound ? { ...reply, message: notFound(id) } : reply
  })
}

function isOpenIn({ game }: Turn, { id, closedBy }: OrderRecord): boolean {
  return closedBy === undefined && id >= game.venue.firstOrderId
}

/** What a market order is to spend or to sell, or what to answer when that cannot be said. */
function amountOf({ fields, cmd }: Turn, scale: number): bigint | string {
  if (fields.amount === undefined) return texts.marketParams
  return parseDecimal(fields.amount, scale) ?? invalidCommand(cmd, texts.invalidDecimal)
}

function orderOf({ game, player }: Turn, side: Side) {
  const { venue } = game.settings
  return {
    type: 'place',
    venue,
    symbol: crypto,
    account: player,
    side,
    timeInForce: 'gtc',
    autoCreate: false,
  } as const
}

function place(turn: Turn, order: Place, text: string, about: Partial<Circumstances> = {}): Promise<void> {
  return turn.submit(order, (applied) => {
    const refusal = refusalOf(applied)
    if (refusal !== undefined) return turn.refusal(refusal, about)
    const accepted = applied.events[0] as OrderAccepted
    return done(text, turn.game.views.accepted(accepted, applied.time))
  })
}
