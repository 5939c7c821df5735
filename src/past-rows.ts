import type { AccountEvent } from './domain/account-event.ts'
import type { Candle, CandleInterval, CandleQuery } from './domain/candle.ts'
import { mergedPage, type PageQuery } from './domain/page.ts'
import type { TradeRecord } from './domain/trade-record.ts'
import { Unavailable } from './domain/unavailable.ts'
import type { Micros } from './domain/units.ts'
import type { Lost } from './history/files.ts'
import type { History } from './history/history.ts'
import type { Venue } from './projections/venue.ts'

// Account events and trades are in memory where a venue keeps its closed orders there, and else in the history. The
// newest candles are in memory everywhere, those that have ended in the history too.

/** An instrument's trades by ascending id: those that a query asks for, and whether it left some out. */
export async function findTrades(
  venue: Venue<unknown> | undefined,
  history: History | undefined,
  symbol: string,
  query: PageQuery,
): Promise<{ trades: TradeRecord[]; more: boolean }> {
  const trades = venue?.instrument(symbol)?.trades
  if (venue === undefined || trades === undefined) return { trades: [], more: false }
  const [rows, more] = await find(
    (wanted) => trades.page(wanted),
    (stored, wanted) => stored.trades(venue.name, symbol, wanted),
    { history, numberOf: ({ id }) => id, query },
  )
  const [kept, older] = whole(rows, more, lostOfInstrument(venue, history, symbol))
  return { trades: kept, more: older }
}

/** The candles of one length that fit, by when they begin: the newest of them, and whether it left older ones out. */
export async function findCandles(
  venue: Venue<unknown> | undefined,
  history: History | undefined,
  [symbol, interval]: readonly [symbol: string, interval: CandleInterval],
  query: CandleQuery,
): Promise<{ candles: Candle[]; more: boolean }> {
  const inMemory = venue?.instrument(symbol)?.candles
  if (venue === undefined || inMemory === undefined) return { candles: [], more: false }
  const newest = inMemory.page(interval, query)
  const { limit, from = 0, to } = query
  // Memory has one more than is asked for, or all that fit.
  if (history === undefined || newest.more || from >= inMemory.since(interval)) return newest
  const [rows] = await find(
    () => newest.candles,
    (stored, wanted) => stored.candles(venue.name, symbol, interval, wanted),
    { history, numberOf: ({ start }) => start, query: { limit: limit + 1, before: to } },
  )
  const found = rows.filter(({ start }) => start >= from)
  const lost = lostOfInstrument(venue, history, symbol)
  const timed = found.slice(-limit).map((candle) => ({ candle, time: candle.start }))
  const [kept, more] = whole(timed, found.length > limit, lost && from <= lost.time ? lost : undefined)
  return { candles: kept.map(({ candle }) => candle), more }
}

/** What happened to an account by ascending number: what a query asks for, and whether it left some out. */
export async function findAccountEvents(
  venue: Venue<unknown> | undefined,
  history: History | undefined,
  account: string,
  query: PageQuery,
): Promise<{ events: AccountEvent[]; more: boolean }> {
  if (venue === undefined) return { events: [], more: false }
  // Before anything is waited for: more may happen meanwhile.
  const last = venue.lastAccountEvent(account)
  const [rows, more] = await find(
    (wanted) => venue.accountEvents.page(account, wanted),
    (stored, wanted) => stored.accountEvents(venue.name, account, wanted),
    { history, numberOf: ({ number }) => number, query },
  )
  const lost = last === 0 ? undefined : lostOf(history, venue.createdAt)
  const { after } = query
  if (after === undefined) {
    const [events, older] = whole(rows, more, rows[0]?.number === 1 ? undefined : lost)
    return { events, more: older }
  }
  // The numbers have no gap but where something is lost.
  if (lost !== undefined && after < last && rows[0]?.number !== after + 1)
    throw new Unavailable('refused', 'history_lost')
  return { events: rows, more }
}

/** Up to where a part of a venue's history may be lost. */
export function lostOf(history: History | undefined, createdAt: Micros): Lost | undefined {
  const lost = history?.lost
  return lost !== undefined && createdAt <= lost.time ? lost : undefined
}

function lostOfInstrument(
  venue: Venue<unknown>,
  history: History | undefined,
  symbol: string,
): Lost | undefined {
  const instrument = venue.instrument(symbol)
  return instrument?.lastTrade === undefined ? undefined : lostOf(history, instrument.listedAt)
}

/**
 * Of the newest rows below a number those that are younger than what is lost, and whether there are older ones. Among
 * the others some may be missing, so they are not given; where none is younger this throws.
 */
export function whole<Row extends { readonly time: number }>(
  rows: Row[],
  more: boolean,
  lost: Lost | undefined,
): [rows: Row[], more: boolean] {
  if (lost === undefined) return [rows, more]
  const younger = rows.filter(({ time }) => time > lost.time)
  if (younger.length === 0) throw new Unavailable('refused', 'history_lost')
  return [younger, true]
}

async function find<Row>(
  inMemory: (query: PageQuery) => Row[],
  onDisk: (history: History, query: PageQuery) => Promise<Row[]>,
  {
    history,
    numberOf,
    query,
  }: { history: History | undefined; numberOf: (row: Row) => number; query: PageQuery },
): Promise<[rows: Row[], more: boolean]> {
  if (history?.gapEnd !== undefined) throw new Unavailable('refused', 'history_catching_up')
  // One more than is asked for tells whether there are more.
  const { limit, after } = query
  const wanted = { ...query, limit: limit + 1 }
  const newest = inMemory(wanted)
  const stored = history === undefined ? [] : await onDisk(history, wanted)
  const rows = mergedPage(stored, newest, numberOf, wanted)
  if (rows.length <= limit) return [rows, false]
  return [after === undefined ? rows.slice(1) : rows.slice(0, limit), true]
}
