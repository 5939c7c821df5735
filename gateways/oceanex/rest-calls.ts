import { accountsView } from './accounts.ts'
import { given, idOf, idsOf, integerOf, marketOf, optionalMarketOf } from './args.ts'
import type { Fields } from './codec.ts'
import { type Context, secondsOf } from './context.ts'
import { codes, Failure, invalid, missing, notFound } from './errors.ts'
import type { Market } from './market.ts'
import {
  bookView,
  feeView,
  klines,
  marketView,
  namedMarkets,
  tickersView,
  tickerView,
} from './market-data.ts'
import { findOrder, newestOrders, viewOf } from './order-queries.ts'
import { cancelOrders, clearOrders, createOrder, createOrders } from './orders.ts'
import type { UserSettings } from './settings.ts'
import { bidAsk, buySell, isoSeconds, type OrderView, type State, scopesView } from './views.ts'

/** A call of anybody. `path` stands behind the path of REST. */
export interface PublicCall {
  readonly path: string
  readonly run: (context: Context, args: Fields) => unknown
}

/** A call of an account, with the arguments that its token has. */
export interface PrivateCall {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly scope: 'query' | 'trade'
  readonly run: (context: Context, args: Fields, user: UserSettings) => unknown
}

const usualTrades = 50
const mostTrades = 1000
const mostMarkets = 100
const mostIds = 100
const usualFiltered = 100
const mostFiltered = 1000
const mostLevels = 300
const latest = 8_000_000_000
const states = ['wait', 'done', 'cancel'] as const

export const publicCalls: readonly PublicCall[] = [
  { path: '/markets', run: markets },
  { path: '/tickers', run: tickersView },
  { path: '/tickers/:market', run: (context, args) => shortTicker(context, marketOf(args, context.markets)) },
  { path: '/tickers_multi', run: multi((context, market) => shortTicker(context, market)) },
  { path: '/order_book', run: (context, args) => book(context, marketOf(args, context.markets), args) },
  { path: '/order_book/multi', run: multi(book) },
  { path: '/trades', run: trades },
  {
    path: '/k',
    run: (context, { timestamp, ...args }) => klines(context, { ...args, start_time: timestamp }),
  },
  {
    path: '/fees/trading',
    run: ({ markets: all }) => [...all.values()].map((market) => ({ market: market.id, ...feeView(market) })),
  },
  { path: '/timestamp', run: ({ clock }) => secondsOf(clock()) },
]

export const privateCalls: readonly PrivateCall[] = [
  { method: 'GET', path: '/key', scope: 'query', run: (_context, _args, user) => keyView(user) },
  {
    method: 'GET',
    path: '/members/me',
    scope: 'query',
    run: (context, _args, user) => accountsView(context, user),
  },
  {
    method: 'POST',
    path: '/orders',
    scope: 'trade',
    run: (context, args, user) => createOrder(context, user, args, buySell),
  },
  {
    method: 'POST',
    path: '/orders/multi',
    scope: 'trade',
    run: (context, args, user) => createOrders(context, user, args, buySell),
  },
  { method: 'GET', path: '/orders', scope: 'query', run: ordersByIds },
  { method: 'GET', path: '/orders/filter', scope: 'query', run: filterOrders },
  { method: 'POST', path: '/order/delete', scope: 'trade', run: deleteOrder },
  {
    method: 'POST',
    path: '/order/delete/multi',
    scope: 'trade',
    run: async (context, args, user) => canceled(context, await cancelOrders(context, user, args)),
  },
  {
    method: 'POST',
    path: '/orders/clear',
    scope: 'trade',
    run: async (context, args, user) => canceled(context, await clearOrders(context, user, args)),
  },
]

function markets({ markets: all }: Context, args: Fields): object[] {
  if (!isTrue(args.show_details)) return [...all.values()].map(({ id, name }) => ({ id, name }))
  return [...all.values()].map((market) => ({
    ...marketView(market),
    ask_precision: `${market.settings.askPrecision}`,
    bid_precision: `${market.settings.bidPrecision}`,
  }))
}

function shortTicker(context: Context, market: Market): object {
  const { at, buy, sell, low, high, last, volume: vol } = tickerView(context, market, 0)
  return { at, ticker: { buy, sell, low, high, last, vol } }
}

/** A call for some markets, which it has to name. */
function multi(view: (context: Context, market: Market, args: Fields) => object): PublicCall['run'] {
  return (context, args) => {
    const names = given(args, 'markets')
    if (names === undefined) throw missing('markets')
    if (!Array.isArray(names) || names.length > mostMarkets) throw invalid('markets')
    return namedMarkets(context, { markets: names }).map((market) => ({
      market: market.id,
      ...view(context, market, args),
    }))
  }
}

/** On both sides the highest price comes first: the best ask is the last one. */
function book(context: Context, market: Market, args: Fields): object {
  const level = integerOf(args, 'limit', { min: 1, max: mostLevels }) ?? mostLevels
  const { asks, bids } = bookView(context, { market: market.id, level })
  return { timestamp: secondsOf(context.clock()), asks: asks.reverse(), bids }
}

/** The newest trades first: after the id `from`, before the id `to`, and not before the second `start`. */
async function trades(context: Context, args: Fields): Promise<object[]> {
  const market = marketOf(args, context.markets)
  const ids = { min: 0, max: Number.MAX_SAFE_INTEGER }
  const limit = integerOf(args, 'limit', { min: 1, max: mostTrades }) ?? usualTrades
  const from = integerOf(args, 'from', ids) ?? 0
  const to = integerOf(args, 'to', ids)
  const start = integerOf(args, 'start', { min: 0, max: latest }) ?? 0
  const { exchange, settings } = context
  const found = await exchange.findTrades(settings.venue, market.symbol, { limit, before: to })
  return found.trades
    .filter(({ id, time }) => id > from && secondsOf(time) >= start)
    .reverse()
    .map(({ id, price, quantity, time, takerSide }) => ({
      id,
      price: market.price(price),
      volume: market.volume(quantity),
      funds: market.value(BigInt(price) * BigInt(quantity)),
      market: market.id,
      created_at: isoSeconds(time),
      created_on: secondsOf(time),
      side: bidAsk[takerSide],
    }))
}

function keyView({ uid, apiKey, scopes, allowedIps, enabled }: UserSettings): object {
  return {
    uid,
    apikey_id: apiKey,
    enabled,
    scopes: scopesView(scopes),
    allowed_ips: allowedIps ?? [],
  }
}

/** The account's orders of some ids, open or closed; ids of none are left out. */
async function ordersByIds(context: Context, args: Fields, { uid }: UserSettings): Promise<OrderView[]> {
  const ids = idsOf(args, mostIds)
  const found = await Promise.all(ids.map((id) => findOrder(context, id)))
  const own = found.filter((order) => order?.account === uid)
  return Promise.all(own.map((order) => viewOf(context, order as NonNullable<typeof order>, buySell)))
}

/** The newest orders of each state that is asked for; without `need_price` they come without their prices. */
async function filterOrders(
  context: Context,
  args: Fields,
  { uid }: UserSettings,
): Promise<{ state: State; orders: object[] }[]> {
  const market = optionalMarketOf(args, context.markets)
  if (market === undefined) throw missing('market')
  const wanted = given(args, 'states') ?? states
  const isState = (state: unknown): state is State => states.some((one) => one === state)
  if (!Array.isArray(wanted) || !wanted.every(isState)) throw invalid('states')
  const limit = integerOf(args, 'limit', { min: 1, max: mostFiltered }) ?? usualFiltered
  const needPrice = given(args, 'need_price')
  const hasPrice = needPrice === undefined || isTrue(needPrice)
  return Promise.all(
    [...new Set(wanted)].map(async (state) => {
      const orders = await newestOrders(context, uid, { symbol: market.symbol, limit, state })
      const views = await Promise.all(orders.map((order) => viewOf(context, order, buySell)))
      return { state, orders: hasPrice ? views : views.map(withoutPrice) }
    }),
  )
}

function withoutPrice({ price: _price, avg_price: _average, ...rest }: OrderView): object {
  return rest
}

async function deleteOrder(context: Context, args: Fields, user: UserSettings): Promise<OrderView> {
  const id = given(args, 'id')
  if (id === undefined) throw missing('id')
  if (idOf(id) === undefined) throw invalid('id')
  const ids = await cancelOrders(context, user, { ids: [id] }).catch((error: unknown) => {
    // Where one order is named its id need not come back.
    throw error instanceof Failure && error.code === codes.orderNotFound ? notFound() : error
  })
  const [view] = await canceled(context, ids)
  return view as OrderView
}

async function canceled(context: Context, ids: readonly number[]): Promise<OrderView[]> {
  const orders = await Promise.all(ids.map((id) => findOrder(context, id)))
  return Promise.all(
    orders.flatMap((order) => (order === undefined ? [] : [viewOf(context, order, buySell)])),
  )
}

function isTrue(value: unknown): boolean {
  return value === true || value === 1 || /^(true|1)$/i.test(`${value}`)
}
