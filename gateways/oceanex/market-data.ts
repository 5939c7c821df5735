import { type CandleInterval, candleLengths } from '../../src/domain/candle.ts'
import { halfEven } from '../../src/domain/rounding.ts'
import { micros } from '../../src/domain/units.ts'
import type { BookSide, Instrument } from '../../src/port.ts'
import { given, integerOf, marketOf } from './args.ts'
import type { Fields } from './codec.ts'
import { type Context, secondsOf, venueOf } from './context.ts'
import { toText } from './decimals.ts'
import { invalid } from './errors.ts'
import type { Market } from './market.ts'
import { zero } from './views.ts'

const mostLevels = 300
const mostPrecision = 8
const usualRows = 30
const mostRows = 10_000
const latest = 8_000_000_000
const trendDecimals = 4

/** The candles that rows of so many minutes are made of. */
const periods: ReadonlyMap<number, CandleInterval> = new Map([
  [1, '1m'],
  [5, '5m'],
  [15, '15m'],
  [30, '15m'],
  [60, '1h'],
  [120, '1h'],
  [240, '1h'],
  [360, '1h'],
  [720, '1h'],
  [1440, '1d'],
  [4320, '1d'],
  [10_080, '1d'],
])

export function marketView(market: Market): object {
  const { settings, name } = market
  return {
    id: market.id,
    name,
    display_name: name,
    group: settings.group,
    enabled: settings.enabled,
    ask_precision: settings.askPrecision,
    bid_precision: settings.bidPrecision,
    price_precision: settings.pricePrecision,
    amount_precision: settings.amountPrecision,
    usd_precision: settings.usdPrecision,
    minimum_trading_amount: market.quoteAmount(market.terms.minValue ?? 0),
  }
}

export function feeView(market: Market): object {
  return {
    ask_fee: { type: 'relative', value: market.feeOf('sell') },
    bid_fee: { type: 'relative', value: market.feeOf('buy') },
  }
}

/** What was traded in the last 24 hours, and the best prices. */
export function tickerView(context: Context, market: Market, position: number): Record<string, unknown> {
  const now = context.clock()
  const { bids, asks, lastTrade } = instrumentOf(context, market)
  const { open, first, high, low, volume, funds } = context.windows.day(market.symbol, now)
  const last = lastTrade?.price
  const price = (ticks: number | undefined) => (ticks === undefined ? zero : market.price(ticks))
  return {
    name: market.name,
    display_name: market.name,
    base_unit: market.base,
    quote_unit: market.quote,
    position,
    at: secondsOf(now),
    buy: price(bids.best?.price),
    sell: price(asks.best?.price),
    last: price(last),
    open: price(open ?? last),
    first: price(first),
    high: price(high),
    low: price(low),
    volume: market.volume(volume),
    funds: market.value(funds),
    h24_trend: trend(open ?? last, last),
  }
}

/** The tickers of the markets that a request names, or of all, by the id of their market. */
export function tickersView(context: Context, args: Fields): object {
  const all = [...context.markets.values()]
  const named = namedMarkets(context, args)
  return Object.fromEntries(
    named.map((market) => [market.id, tickerView(context, market, all.indexOf(market) + 1)]),
  )
}

/** (last - open) / open. */
function trend(open: number | undefined, last: number | undefined): string {
  if (open === undefined || last === undefined || open === 0) return zero
  const scaled = BigInt(Math.abs(last - open)) * 10n ** BigInt(trendDecimals)
  const size = halfEven(scaled, BigInt(open))
  return toText(last < open ? -size : size, trendDecimals)
}

/** Price and volume of each level, the best first. */
export function bookView(context: Context, args: Fields): { asks: string[][]; bids: string[][] } {
  const market = marketOf(args, context.markets)
  const level = integerOf(args, 'level', { min: 1, max: mostLevels }) ?? mostLevels
  const { pricePrecision } = market.settings
  const precision = integerOf(args, 'precision', { min: 0, max: mostPrecision }) ?? pricePrecision
  const step = 10 ** Math.max(0, pricePrecision - precision)
  const { asks, bids } = instrumentOf(context, market)
  return {
    asks: levelsOf(asks, market, level, (price) => Math.ceil(price / step) * step),
    bids: levelsOf(bids, market, level, (price) => Math.floor(price / step) * step),
  }
}

/** Levels whose prices are the same when they are rounded are one. */
function levelsOf(
  side: BookSide,
  market: Market,
  most: number,
  rounded: (price: number) => number,
): string[][] {
  const levels: { price: number; quantity: bigint }[] = []
  for (const { price: exact, quantity } of side.levels()) {
    const price = rounded(exact)
    const last = levels.at(-1)
    if (last?.price === price) last.quantity += BigInt(quantity)
    else if (levels.length === most) break
    else levels.push({ price, quantity: BigInt(quantity) })
  }
  return levels.map(({ price, quantity }) => [market.price(price), market.volume(quantity)])
}

/** Time, open, high, low, close and volume of each period, the oldest first. */
export type KlineRow = [time: number, open: number, high: number, low: number, close: number, volume: number]

/** Rows by the arguments `period`, `limit`, `start_time` and `end_time`; periods in minutes, times in seconds. */
export async function klines(context: Context, args: Fields): Promise<KlineRow[]> {
  const market = marketOf(args, context.markets)
  const period = integerOf(args, 'period', { min: 1, max: 10_080 }) ?? 1
  const interval = periods.get(period)
  if (interval === undefined) throw invalid('period')
  const limit = integerOf(args, 'limit', { min: 1, max: mostRows }) ?? usualRows
  const from = integerOf(args, 'start_time', { min: 0, max: latest })
  const to = integerOf(args, 'end_time', { min: 0, max: latest })
  if (from !== undefined && to !== undefined && from > to) throw invalid('start_time')

  const length = period * 60_000_000
  const now = context.clock()
  const end = to === undefined ? now + 1 : Math.min(to * 1_000_000, now + 1)
  // The newest row begins before the end, the oldest neither before the range nor before the newest `limit`.
  const lastStart = floorTo(end - 1, length)
  const since = Math.max(ceilTo((from ?? 0) * 1_000_000, length), lastStart - (limit - 1) * length)
  if (lastStart < since) return []
  return rows(context, market, { interval, length, since, lastStart })
}

interface Span {
  readonly interval: CandleInterval
  /** In microseconds, as the other numbers. */
  readonly length: number
  readonly since: number
  readonly lastStart: number
}

/** A period in which nothing was traded has the close of the one before; before the first trade there is none. */
async function rows(
  { exchange, settings: { venue } }: Context,
  market: Market,
  { interval, length, since, lastStart }: Span,
): Promise<KlineRow[]> {
  const { symbol } = market
  const query = { from: micros(since), to: micros(lastStart + length) }
  const most = (lastStart + length - since) / candleLengths[interval]
  const { candles } = await exchange.findCandles(venue, symbol, interval, { ...query, limit: most })
  const before = await exchange.findCandles(venue, symbol, interval, { to: micros(since), limit: 1 })

  const found: KlineRow[] = []
  let close: number | undefined = before.candles[0]?.close
  let next = 0
  const firstStart = close === undefined ? floorTo(candles[0]?.start ?? lastStart + length, length) : since
  for (let start = firstStart; start <= lastStart; start += length) {
    let row: { open: number; high: number; low: number; volume: bigint } | undefined
    for (; (candles[next]?.start ?? Number.POSITIVE_INFINITY) < start + length; next += 1) {
      const candle = candles[next] as (typeof candles)[number]
      row ??= { open: candle.open, high: candle.high, low: candle.low, volume: 0n }
      row.high = Math.max(row.high, candle.high)
      row.low = Math.min(row.low, candle.low)
      row.volume += BigInt(candle.volume)
      close = candle.close
    }
    const flat = close as number
    const { open, high, low, volume } = row ?? { open: flat, high: flat, low: flat, volume: 0n }
    const prices = [open, high, low, flat].map((ticks) => market.priceNumber(ticks))
    found.push([start / 1_000_000, ...prices, Number(market.volume(volume))] as KlineRow)
  }
  return found
}

export function instrumentOf(context: Context, market: Market): Instrument {
  return venueOf(context).instrument(market.symbol) as Instrument
}

/** The markets that a request names, or all of them; names of none are left out. */
export function namedMarkets(context: Context, args: Fields): readonly Market[] {
  const [ids, otherIds] = [given(args, 'markets'), given(args, 'market_ids')]
  const names = ids ?? otherIds
  if (ids !== undefined && otherIds !== undefined && JSON.stringify(ids) !== JSON.stringify(otherIds))
    throw invalid('market_ids')
  if (names === undefined) return [...context.markets.values()]
  if (!Array.isArray(names)) throw invalid('markets')
  const wanted = new Set(names.map((name) => String(name).toLowerCase()))
  return [...context.markets.values()].filter(({ id }) => wanted.has(id))
}

function floorTo(time: number, length: number): number {
  return time - (time % length)
}

function ceilTo(time: number, length: number): number {
  return floorTo(time + length - 1, length)
}
