import type { Applied, Event } from '../../src/domain/event.ts'
import type { Micros } from '../../src/domain/units.ts'
import type { Door, Exchange, TradeRecord } from '../../src/port.ts'
import type { Market } from './market.ts'

const minute = 60_000_000
/** Minutes of a day; the one that is going on comes on top. */
const minutes = 24 * 60
/** Trades that are read at once at the start, and that are read at the most. */
const pageSize = 10_000
const mostTrades = 5_000_000

/** What was traded within a minute; volume in lots, funds in ticks times lots. */
interface Minute {
  readonly start: number
  open: number
  high: number
  low: number
  close: number
  volume: bigint
  funds: bigint
}

/** What was traded of a market in 24 hours; prices in ticks, and undefined where there is none. */
export interface Day {
  /** The price of 24 hours ago: of the last trade before them, or the first one in them. */
  readonly open: number | undefined
  /** The first trade within. */
  readonly first: number | undefined
  readonly high: number | undefined
  readonly low: number | undefined
  readonly volume: bigint
  /** In ticks times lots. */
  readonly funds: bigint
}

/** The trades of one market by the minute, the oldest first. */
class DayWindow {
  readonly #minutes: Minute[] = []
  /** The price of the last trade that is too old. */
  #before: number | undefined

  /** Takes a trade, in the order of their times. */
  add(price: number, quantity: number, time: number): void {
    this.#forget(time)
    const start = time - (time % minute)
    const [volume, funds] = [BigInt(quantity), BigInt(price) * BigInt(quantity)]
    const last = this.#minutes.at(-1)
    if (last?.start !== start) {
      this.#minutes.push({ start, open: price, high: price, low: price, close: price, volume, funds })
      return
    }
    last.high = Math.max(last.high, price)
    last.low = Math.min(last.low, price)
    last.close = price
    last.volume += volume
    last.funds += funds
  }

  /** The last 24 full hours and the minute that is going on. */
  day(now: Micros): Day {
    this.#forget(now)
    const all = this.#minutes
    const first = all[0]?.open
    return {
      open: this.#before ?? first,
      first,
      high: all.length === 0 ? undefined : Math.max(...all.map(({ high }) => high)),
      low: all.length === 0 ? undefined : Math.min(...all.map(({ low }) => low)),
      volume: all.reduce((sum, { volume }) => sum + volume, 0n),
      funds: all.reduce((sum, { funds }) => sum + funds, 0n),
    }
  }

  #forget(now: number): void {
    const since = now - (now % minute) - minutes * minute
    while ((this.#minutes[0]?.start ?? since) < since) this.#before = this.#minutes.shift()?.close
  }
}

/** The last 24 hours of every market of a venue. */
export class DayWindows implements Door {
  readonly #venue: string
  readonly #windows: ReadonlyMap<string, DayWindow>
  /** Trades that come while older ones are still being read. */
  #waiting: Trade[] | undefined = []

  private constructor(venue: string, markets: Iterable<Market>) {
    this.#venue = venue
    this.#windows = new Map([...markets].map(({ symbol }) => [symbol, new DayWindow()]))
  }

  /** Reads the trades of the last 24 hours, and follows those that come until `end` is called. */
  static async open(
    exchange: Exchange,
    venue: string,
    markets: Iterable<Market>,
    now: Micros,
  ): Promise<{ readonly windows: DayWindows; readonly end: () => void }> {
    const windows = new DayWindows(venue, markets)
    const end = exchange.attach(windows)
    try {
      await windows.#read(exchange, now)
    } catch (error) {
      end()
      throw error
    }
    return { windows, end }
  }

  day(symbol: string, now: Micros): Day {
    return (this.#windows.get(symbol) as DayWindow).day(now)
  }

  event(event: Event, { time }: Applied): void {
    if (event.type !== 'trade' || event.venue !== this.#venue) return
    const { symbol, tradeId: id, price, quantity } = event
    if (this.#waiting === undefined) this.#windows.get(symbol)?.add(price, quantity, time)
    else this.#waiting.push({ symbol, id, price, quantity, time })
  }

  applied(): void {}

  release(): void {}

  async #read(exchange: Exchange, now: Micros): Promise<void> {
    const newest = new Map<string, number>()
    for (const [symbol, window] of this.#windows) {
      const trades = await tradesSince(exchange, this.#venue, symbol, now - (minutes + 1) * minute)
      for (const { price, quantity, time } of trades) window.add(price, quantity, time)
      newest.set(symbol, trades.at(-1)?.id ?? 0)
    }
    for (const { symbol, id, price, quantity, time } of this.#waiting ?? []) {
      // What came meanwhile may have been read already.
      if (id > (newest.get(symbol) ?? 0)) this.#windows.get(symbol)?.add(price, quantity, time)
    }
    this.#waiting = undefined
  }
}

interface Trade {
  readonly symbol: string
  readonly id: number
  readonly price: number
  readonly quantity: number
  readonly time: Micros
}

/** The trades of an instrument since a time, and some before it; the oldest first. */
async function tradesSince(
  exchange: Exchange,
  venue: string,
  symbol: string,
  since: number,
): Promise<readonly TradeRecord[]> {
  const pages: (readonly TradeRecord[])[] = []
  let before: number | undefined
  for (let count = 0; count < mostTrades; ) {
    const { trades, more } = await exchange.findTrades(venue, symbol, { limit: pageSize, before })
    pages.push(trades)
    count += trades.length
    const [oldest] = trades
    if (oldest === undefined || !more || oldest.time < since) break
    before = oldest.id
  }
  return pages.reverse().flat()
}
