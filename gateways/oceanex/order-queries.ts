import type { OrderRecord } from '../../src/port.ts'
import { given, givenAs, idOf, integerOf, optionalMarketOf, wordOf } from './args.ts'
import type { Fields } from './codec.ts'
import { type Context, secondsOf, venueOf } from './context.ts'
import { invalid, missing, notFound } from './errors.ts'
import type { Market } from './market.ts'
import { openOrders } from './orders.ts'
import type { UserSettings } from './settings.ts'
import {
  bidAsk,
  type OrderView,
  type SideWords,
  type State,
  stateOf,
  toOrderView,
  toTradeView,
} from './views.ts'

const usualPerPage = 20
const mostPerPage = 100
const latest = 8_000_000_000
/** Orders that are read at once, and that are looked through for one list, from the newest on. */
const pageSize = 1000
const mostLookedAt = 100_000
/** Fills that are read at once, and that are told of one order: the newest. */
const fillsAtOnce = 10_000

/** A page of orders, and how many there are on all pages. */
export interface OrderList {
  readonly resources: readonly OrderView[]
  readonly resources_count: number
}

/** A page of an account's open orders. */
export async function listOpen(
  context: Context,
  { uid }: UserSettings,
  args: Fields,
  words: SideWords,
): Promise<OrderList> {
  const market = optionalMarketOf(args, context.markets)
  const type = wordOf(givenAs(args, 'ord_type', 'order_type'), 'ord_type', ['limit', 'market'])
  const orders = openOrders(context, uid, market?.symbol)
  return toList(
    context,
    orders.filter(({ orderType }) => type === undefined || orderType === type).reverse(),
    args,
    words,
  )
}

/** A page of an account's closed orders: of the newest 100,000 orders that it ever placed. */
export async function listClosed(
  context: Context,
  { uid }: UserSettings,
  args: Fields,
  words: SideWords,
): Promise<OrderList> {
  const market = optionalMarketOf(args, context.markets)
  const state = wordOf(given(args, 'state'), 'state', ['cancel', 'done'])
  const from = integerOf(args, 'start_time', { min: 0, max: latest }) ?? 0
  const to = integerOf(args, 'end_time', { min: 0, max: latest }) ?? latest
  const found: OrderRecord[] = []
  for await (const page of pagesOf(context, uid, market?.symbol)) {
    for (const order of page) {
      const placed = secondsOf(order.time)
      if (order.closedBy === undefined || placed < from || placed >= to) continue
      if (state === undefined || stateOf(order) === state) found.push(order)
    }
    // Orders are placed in the order of their times.
    if (secondsOf(page.at(-1)?.time ?? (0 as OrderRecord['time'])) < from) break
  }
  return toList(context, found, args, words)
}

/** An account's newest orders of a market in a state, the newest first; of the newest 100,000 that it placed there. */
export async function newestOrders(
  context: Context,
  uid: string,
  { symbol, limit, state }: { readonly symbol: string; readonly limit: number; readonly state: State },
): Promise<readonly OrderRecord[]> {
  if (state === 'wait') return openOrders(context, uid, symbol).slice(-limit).reverse()
  const found: OrderRecord[] = []
  for await (const page of pagesOf(context, uid, symbol)) {
    found.push(...page.filter((order) => stateOf(order) === state))
    if (found.length >= limit) break
  }
  return found.slice(0, limit)
}

/** An account's orders, the newest first. */
async function* pagesOf(
  { exchange, settings: { venue } }: Context,
  uid: string,
  symbol: string | undefined,
): AsyncIterable<OrderRecord[]> {
  let before: number | undefined
  for (let seen = 0; seen < mostLookedAt; seen += pageSize) {
    const { orders, more } = await exchange.findOrders(venue, uid, { limit: pageSize, before, symbol })
    before = orders[0]?.id
    yield orders.reverse()
    if (!more || before === undefined) return
  }
}

/** The page of orders that a request asks for; they are given the newest first. */
async function toList(
  context: Context,
  newestFirst: readonly OrderRecord[],
  args: Fields,
  words: SideWords,
): Promise<OrderList> {
  const direction = given(args, 'order_by')
  const order = wordOf(typeof direction === 'string' ? direction.toLowerCase() : direction, 'order_by', [
    'asc',
    'desc',
  ])
  const page = integerOf(args, 'page', { min: 1, max: 1_000_000 }) ?? 1
  const perPage = integerOf(args, 'per', { min: 1, max: mostPerPage }) ?? usualPerPage
  const sorted = order === 'asc' ? [...newestFirst].reverse() : newestFirst
  const shown = sorted.slice((page - 1) * perPage, page * perPage)
  return {
    resources: await Promise.all(shown.map((one) => viewOf(context, one, words))),
    resources_count: newestFirst.length,
  }
}

/** An order with its trades, if it is open or if it is closed, as asked for. */
export async function showOrder(
  context: Context,
  { uid }: UserSettings,
  args: Fields,
  { open, words }: { readonly open: boolean; readonly words: SideWords },
): Promise<OrderView & { readonly trades: object[] }> {
  const value = given(args, 'id')
  if (value === undefined) throw missing('id')
  const id = idOf(value)
  if (id === undefined) throw invalid('id')
  const order = await findOrder(context, id)
  if (order?.account !== uid || (order.closedBy === undefined) !== open) throw notFound()
  const market = marketOf(context, order)
  const { fills } = await context.exchange.findFills(order, { limit: fillsAtOnce })
  const view = await viewOf(context, order, words)
  return { ...view, trades: fills.map((fill) => toTradeView(market, order, fill)) }
}

export async function findOrder(context: Context, id: number): Promise<OrderRecord | undefined> {
  return venueOf(context).order(id) ?? context.exchange.findOrder(context.settings.venue, id)
}

export async function viewOf(
  context: Context,
  order: OrderRecord,
  words: SideWords = bidAsk,
): Promise<OrderView> {
  return toOrderView(marketOf(context, order), order, await tradedValue(context, order), words)
}

/** What an order traded so far, in ticks times lots. */
async function tradedValue({ exchange }: Context, order: OrderRecord): Promise<bigint> {
  let value = 0n
  let before: number | undefined = order.fillCount + 1
  while (before > 1) {
    const { first, fills } = await exchange.findFills(order, { limit: fillsAtOnce, before })
    for (const { price, quantity } of fills) value += BigInt(price) * BigInt(quantity)
    if (fills.length === 0) break
    before = first
  }
  return value
}

function marketOf({ bySymbol }: Context, { symbol }: OrderRecord): Market {
  return bySymbol.get(symbol) as Market
}
