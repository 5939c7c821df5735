import type { Place } from '../../src/domain/command.ts'
import type { Applied, OrderAccepted } from '../../src/domain/event.ts'
import { lots, type Ticks, ticks } from '../../src/domain/units.ts'
import type { OrderRecord } from '../../src/port.ts'
import { refusalOf } from '../exchange-commands.ts'
import { given, idsOf, optionalMarketOf, sideOf, wordOf } from './args.ts'
import type { Fields } from './codec.ts'
import { type Context, venueOf } from './context.ts'
import { readUnits } from './decimals.ts'
import { codes, Failure, invalid, missing, notFound, overLimit, refused } from './errors.ts'
import type { Market } from './market.ts'
import type { UserSettings } from './settings.ts'
import { type OrderView, type SideWords, toAcceptedView } from './views.ts'

const orderTypes = ['limit', 'market'] as const
/** Orders that one request may place, and ids that one may name. */
const mostOrders = 100
const mostIds = 10_000
/** Cancels that are under way at once for one request. */
const cancelsAtOnce = 500

/** Places an order; resolves with how it was taken, before it traded. */
export async function createOrder(
  context: Context,
  user: UserSettings,
  args: Fields,
  words: SideWords,
): Promise<OrderView> {
  const [market, place] = readOrder(context, user, args)
  countOrder(context, user)
  const taken = await context.exchange.submit(place, (applied) => {
    const refusal = refusalOf(applied)
    if (refusal !== undefined) return { refusal }
    return { view: toAcceptedView(market, acceptedOf(applied), applied.time, words) }
  })
  if (taken.refusal !== undefined) throw refusedOrder(taken.refusal, market)
  return taken.view
}

/** Places some orders of one market, all of a good form or none; what the rules refuse is not among the answers. */
export async function createOrders(
  context: Context,
  user: UserSettings,
  args: Fields,
  words: SideWords,
): Promise<OrderView[]> {
  const { orders } = args
  if (orders === undefined || orders === null) throw missing('orders')
  if (!Array.isArray(orders) || orders.length === 0 || orders.length > mostOrders) throw invalid('orders')
  const each: Fields[] = orders.map((order: unknown) => {
    if (typeof order !== 'object' || order === null) throw invalid('orders')
    return { market: args.market, market_id: args.market_id, ...order }
  })
  for (const one of each) readOrder(context, user, one)
  const outcomes = await Promise.allSettled(each.map((one) => createOrder(context, user, one, words)))
  const taken = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const [failed] = outcomes.filter((outcome) => outcome.status === 'rejected')
  if (failed !== undefined && (taken.length === 0 || !(failed.reason instanceof Failure))) throw failed.reason
  return taken
}

function readOrder(context: Context, { uid }: UserSettings, args: Fields): [Market, Place] {
  const market = optionalMarketOf(args, context.markets)
  if (market === undefined) throw missing('market')
  const side = sideOf(args)
  if (side === undefined) throw missing('side')
  const type = given(args, 'ord_type')
  const orderType =
    wordOf(typeof type === 'string' ? type.toLowerCase() : type, 'ord_type', orderTypes) ?? 'limit'
  const { amountPrecision, pricePrecision, enabled } = market.settings
  const quantity = lots(numberOf(args, 'volume', amountPrecision))
  const price = orderType === 'market' ? (0 as Ticks) : ticks(numberOf(args, 'price', pricePrecision))
  if (!enabled) throw new Failure(codes.invalidOrder, `The market ${market.id} is not enabled`)
  const { settings } = context
  return [
    market,
    {
      type: 'place',
      venue: settings.venue,
      symbol: market.symbol,
      account: uid,
      side,
      orderType,
      timeInForce: orderType === 'market' ? 'ioc' : 'gtc',
      price,
      quantity,
      autoCreate: false,
    },
  ]
}

/** A number above zero, in units of its last decimal. */
function numberOf(args: Fields, name: string, decimals: number): number {
  const value = given(args, name)
  if (value === undefined) throw missing(name)
  const read = readUnits(value, decimals)
  if (read.is === 'too fine')
    throw new Failure(codes.invalidOrder, `${name} has more than ${decimals} decimals`)
  if (read.is === 'no number' || read.units <= 0n) throw invalid(name)
  const units = Number(read.units)
  if (!Number.isSafeInteger(units)) throw new Failure(codes.invalidOrder, `${name} is too large`)
  return units
}

function countOrder({ orderRate, settings }: Context, { uid, apiKey }: UserSettings): void {
  if (!orderRate.count(JSON.stringify([uid, apiKey]))) throw overLimit('orders', settings.ordersPerSecond)
}

function refusedOrder(reason: Parameters<typeof refused>[0], market: Market): Failure {
  if (reason !== 'value_too_small') return refused(reason)
  const least = `${market.quoteAmount(market.terms.minValue ?? 0)} ${market.quote}`
  return new Failure(codes.invalidOrder, `The order is worth less than the minimum of ${least}`)
}

function acceptedOf({ events }: Applied): OrderAccepted {
  return events.find((event) => event.type === 'order-accepted') as OrderAccepted
}

/** Cancels the orders that a request names; resolves with the ids of those that are canceled now. */
export async function cancelOrders(context: Context, { uid }: UserSettings, args: Fields): Promise<number[]> {
  const ids = idsOf(args, mostIds)
  const own = [...new Set(ids)].filter((id) => isOpenOf(context, uid, id))
  const canceled = await cancelAll(context, own)
  if (canceled.length === 0 && ids.length > 0) throw notFound({ ids })
  return canceled
}

function isOpenOf(context: Context, uid: string, id: number): boolean {
  const order = venueOf(context).order(id)
  return order?.account === uid && order.closedBy === undefined
}

/** Cancels all open orders of an account, or those of a market or a side; resolves with their ids. */
export async function clearOrders(context: Context, user: UserSettings, args: Fields): Promise<number[]> {
  const symbol = optionalMarketOf(args, context.markets)?.symbol
  const side = sideOf(args)
  const open = openOrders(context, user.uid, symbol)
  return cancelAll(
    context,
    open.filter((order) => side === undefined || order.side === side).map(({ id }) => id),
  )
}

/** Cancels orders; resolves with the ids of those that were still open. */
async function cancelAll(
  { exchange, settings: { venue } }: Context,
  ids: readonly number[],
): Promise<number[]> {
  const canceled: number[] = []
  for (let i = 0; i < ids.length; i += cancelsAtOnce) {
    const some = ids.slice(i, i + cancelsAtOnce)
    const refusals = await Promise.all(
      some.map((orderId) => exchange.submit({ type: 'cancel', venue, orderId }, refusalOf)),
    )
    canceled.push(...some.filter((_, j) => refusals[j] === undefined))
  }
  return canceled
}

/** An account's open orders, the oldest first. */
export function openOrders(context: Context, uid: string, symbol?: string): readonly OrderRecord[] {
  return venueOf(context).orders(uid, { limit: Number.MAX_SAFE_INTEGER, openOnly: true, symbol }).orders
}
