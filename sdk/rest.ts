import { StockyardError, toError } from './errors.ts'
import { type Fetch, systemTimers, type Timers, toBase } from './surroundings.ts'
import type { Candle, CandleInterval, Side, Stock } from './types.ts'

/** What `/ob/api` and `/gm` answer, under the names it has there. Prices are in ticks (cents), quantities in lots (shares). */

/** A sum past 2^53 comes as text. */
export type Sum = number | string

export interface RestVenue {
  readonly id: number
  readonly name: string
  readonly state: 'open' | 'halted' | 'closed'
  readonly venue: string
  /** Its orders and accounts belong to another door. */
  readonly readOnly?: true
}

/** What accounts hold. */
export interface RestAsset {
  readonly asset: string
  /** What one of its smallest units is, as a decimal text; absent when that has no end. */
  readonly unit?: string
}

export interface RestStock {
  readonly name: string
  readonly symbol: string
  /** What one of a price is, where accounts hold money; elsewhere a cent. */
  readonly tickSize?: string
  /** What one of a quantity is, where accounts hold money; elsewhere a share. */
  readonly lotSize?: string
  /** What is bought and sold, and what it is paid with, where accounts hold money. */
  readonly base?: RestAsset
  readonly quote?: RestAsset
}

export interface RestFill {
  readonly price: number
  readonly qty: number
  readonly ts: string
}

export type RestOrderType = 'limit' | 'market' | 'fill-or-kill' | 'immediate-or-cancel'

export interface RestOrder extends Stock {
  readonly id: number
  readonly account: string
  readonly direction: Side
  readonly orderType: RestOrderType
  readonly price: number
  /** 0 of an order with a budget. */
  readonly originalQty: number
  /** What can still trade; 0 once it is closed, and of an order with a budget. */
  readonly qty: number
  readonly totalFilled: number
  readonly open: boolean
  readonly fills: readonly RestFill[]
  readonly fillsOmitted?: number
  readonly ts: string
  readonly clientOrderId?: string
  /** Money to spend in place of a quantity, in its smallest units. */
  readonly budget?: string
  readonly budgetLeft?: string
}

export interface RestNewOrder {
  readonly account: string
  readonly direction: Side
  readonly qty: number
  /** Required, but for a market order. */
  readonly price?: number
  readonly orderType: RestOrderType
  readonly clientOrderId?: string
}

/** A price that there is not is absent. */
export interface RestQuote extends Stock {
  readonly bid?: number
  readonly ask?: number
  readonly bidSize: Sum
  readonly askSize: Sum
  readonly bidDepth: Sum
  readonly askDepth: Sum
  readonly last?: number
  readonly lastSize?: number
  readonly lastTrade?: string
  readonly quoteTime: string
}

export interface RestEntry {
  readonly price: number
  readonly qty: number
  readonly isBuy: boolean
}

export interface RestOrderBook extends Stock {
  readonly bids: readonly RestEntry[]
  readonly bidsOmitted?: number
  readonly asks: readonly RestEntry[]
  readonly asksOmitted?: number
  readonly ts: string
}

export interface RestTrade extends RestFill {
  readonly id: number
  /** The side of the order that arrived. */
  readonly direction: Side
}

export interface RestScores extends Stock {
  readonly last?: number
  /** The venue's own price, where it has one: shares are valued at it. */
  readonly reference?: number
  readonly startTime: string
  readonly ts: string
  readonly scores: readonly RestScore[]
}

export interface RestScore {
  readonly account: string
  /** A trader that is part of the venue. */
  readonly house?: true
  readonly cents?: Sum
  readonly shares?: Sum
  readonly posMin: Sum
  readonly posMax: Sum
  readonly nav: Sum
}

export interface RestLevel {
  readonly name: string
  readonly title: string
  /** Trading days that it lasts. */
  readonly days: number
  /** It is decided by naming an account: `judgeInstance`. */
  readonly byAccusation?: true
  /** The best score so far, 1 to 100; absent before the first win. */
  readonly best?: number
}

/** A level that is being played. */
export interface RestStartedLevel {
  readonly instanceId: number
  readonly account: string
  /** Chapters in Markdown, by heading. */
  readonly instructions: Readonly<Record<string, string>>
  readonly tickers: readonly string[]
  readonly venues: readonly string[]
  readonly secondsPerTradingDay: number
  /** Cents at the start. */
  readonly balances: { readonly USD: number }
}

/** How a run of a level is. */
export interface RestInstance {
  readonly done: boolean
  readonly id: number
  readonly state: 'open' | 'won' | 'lost' | 'stopped'
  /** Its clock stands still. */
  readonly paused?: true
  readonly level: string
  readonly venue: string
  readonly ticker: string
  readonly account: string
  readonly details: {
    readonly tradingDay: number
    readonly endOfTheWorldDay: number
    readonly seed: number
    /** Why it ended, when it was not won. */
    readonly reason?: string
  }
  /** The newest message of each kind. */
  readonly flash?: Readonly<Partial<Record<'info' | 'success' | 'warning' | 'danger', string>>>
  /** Once it was won: 1 to 100. */
  readonly score?: number
  readonly judged?: {
    readonly account: string
    readonly explanationLink?: string
    readonly executiveSummary?: string
  }
}

/** Both are chosen by the server when they are missing. */
export interface RestGameTerms {
  readonly seed?: number
  readonly secondsPerDay?: number
}

export interface RestAccusation {
  readonly account: string
  readonly explanation_link?: string
  readonly executive_summary?: string
}

/** The newest `limit` entries below `before`. */
export interface Page {
  readonly limit?: number
  readonly before?: number
}

export interface RestOptions {
  /** Where the exchange is, e.g. `http://127.0.0.1:8000`. */
  readonly url: string
  readonly key?: string | undefined
  /** How long an answer may take; 10 seconds if absent. */
  readonly timeoutMs?: number
  readonly fetch?: Fetch
  readonly timers?: Timers
}

const market = '/ob/api'

/** Typed calls of the API under `/ob/api` and `/gm`. What fails throws a `StockyardError`; nothing is sent twice. */
export class Rest {
  readonly #options: RestOptions
  readonly #base: string

  constructor(options: RestOptions) {
    this.#options = options
    this.#base = toBase(options.url)
  }

  async venues(): Promise<readonly RestVenue[]> {
    return (await this.#get<{ venues: RestVenue[] }>('/venues')).venues
  }

  async stocks(venue: string): Promise<readonly RestStock[]> {
    return (await this.#get<{ symbols: RestStock[] }>(path`/venues/${venue}/stocks`)).symbols
  }

  /** Every resting order. */
  orderBook(stock: Stock): Promise<RestOrderBook> {
    return this.#get(stockPath(stock))
  }

  quote(stock: Stock): Promise<RestQuote> {
    return this.#get(`${stockPath(stock)}/quote`)
  }

  place(stock: Stock, order: RestNewOrder): Promise<RestOrder> {
    return this.#call('POST', `${market}${stockPath(stock)}/orders`, order)
  }

  /** An order as it is now. */
  status(order: Stock & { readonly id: number }): Promise<RestOrder> {
    return this.#get(orderPath(order))
  }

  /** One that is closed already is answered as it is. */
  cancel(order: Stock & { readonly id: number }): Promise<RestOrder> {
    return this.#call('DELETE', `${market}${orderPath(order)}`)
  }

  /** The orders of an account, in all stocks or in one. */
  async orders(
    {
      venue,
      account,
      symbol,
    }: { readonly venue: string; readonly account: string; readonly symbol?: string },
    page: Page & { readonly open?: boolean } = {},
  ): Promise<{ readonly orders: readonly RestOrder[]; readonly more: boolean }> {
    const stock = symbol === undefined ? '' : path`/stocks/${symbol}`
    const of = `${path`/venues/${venue}/accounts/${account}`}${stock}/orders`
    const { orders, more = false } = await this.#get<{ orders: RestOrder[]; more?: true }>(of, page)
    return { orders, more }
  }

  /** The fills of an order, each with its number `n`. */
  fills(
    order: Stock & { readonly id: number },
    page: Page = {},
  ): Promise<{ readonly fills: readonly (RestFill & { readonly n: number })[]; readonly more: boolean }> {
    return this.#get(`${orderPath(order)}/fills`, page)
  }

  trades(
    stock: Stock,
    page: Page = {},
  ): Promise<{ readonly trades: readonly RestTrade[]; readonly more: boolean }> {
    return this.#get(`${stockPath(stock)}/trades`, page)
  }

  /** Candles that begin at `from` or later and before `to`, both UTC texts; those of a minute if not told. */
  candles(
    stock: Stock,
    query: {
      readonly interval?: CandleInterval
      readonly from?: string
      readonly to?: string
      readonly limit?: number
    } = {},
  ): Promise<{
    readonly interval: CandleInterval
    readonly candles: readonly Candle[]
    readonly more: boolean
  }> {
    return this.#get(`${stockPath(stock)}/candles`, query)
  }

  /** What each account made of a stock. */
  scores(stock: Stock): Promise<RestScores> {
    return this.#get(`${stockPath(stock)}/scores`, { format: 'json' })
  }

  /** Levels in the order in which they are best played. */
  async levels(): Promise<readonly RestLevel[]> {
    return (await this.#call<{ levels: RestLevel[] }>('GET', '/gm/levels')).levels
  }

  /** While a game of the level is open it is given back, and goes on if it was paused. */
  startLevel(name: string, terms: RestGameTerms = {}): Promise<RestStartedLevel> {
    return this.#call('POST', path`/gm/levels/${name}`, terms)
  }

  /** The same instance with another venue, account and seed. */
  restartInstance(id: number, terms: RestGameTerms = {}): Promise<RestStartedLevel> {
    return this.#call('POST', path`/gm/instances/${id}/restart`, terms)
  }

  /** What the start answered. A paused game goes on. */
  resumeInstance(id: number): Promise<RestStartedLevel> {
    return this.#call('POST', path`/gm/instances/${id}/resume`)
  }

  async stopInstance(id: number): Promise<void> {
    await this.#call('POST', path`/gm/instances/${id}/stop`)
  }

  instance(id: number): Promise<RestInstance> {
    return this.#call('GET', path`/gm/instances/${id}`)
  }

  /** In a level that is about finding somebody: the first account that is there decides. */
  judgeInstance(id: number, accusation: RestAccusation): Promise<RestInstance> {
    return this.#call('POST', path`/gm/instances/${id}/judge`, accusation)
  }

  /** Asks `/ob/api`. */
  #get<T>(of: string, query: object = {}): Promise<T> {
    const given = Object.entries(query).filter(([, value]) => value !== undefined)
    const text = new URLSearchParams(
      given.map(([name, value]): [string, string] => [name, `${value}`]),
    ).toString()
    return this.#call('GET', `${market}${of}${text === '' ? '' : `?${text}`}`)
  }

  async #call<T>(method: string, of: string, body?: object): Promise<T> {
    const { key } = this.#options
    const { status, text } = await this.#fetch(`${this.#base}${of}`, {
      method,
      headers: {
        Accept: 'application/json',
        ...(key !== undefined && { 'X-Starfighter-Authorization': key }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = parse(text)
    if (answer === undefined) {
      throw toError({ reason: 'not_json', error: `${method} ${of} was not answered with JSON` }, status)
    }
    // The status alone does not tell: some servers are set to refuse orders with 200, as the first one did.
    if ((answer as { ok?: unknown }).ok !== true) throw toError(answer, status)
    return answer as T
  }

  /** Whatever goes wrong here may have gone wrong after the server did what it was asked. */
  async #fetch(url: string, init: { method: string; headers: Record<string, string>; body?: string }) {
    const {
      fetch: call = (...args) => fetch(...args),
      timers = systemTimers,
      timeoutMs = 10_000,
    } = this.#options
    const abort = new AbortController()
    const timer = timers.setTimeout(() => abort.abort(), timeoutMs)
    try {
      const response = await call(url, { ...init, signal: abort.signal })
      return { status: response.status, text: await response.text() }
    } catch (cause) {
      const [reason, message] = abort.signal.aborted
        ? ['timeout', 'The server did not answer in time']
        : ['unreachable', `The server at ${this.#options.url} cannot be reached`]
      throw new StockyardError(reason, message, { outcome: 'unknown', cause })
    } finally {
      timers.clearTimeout(timer)
    }
  }
}

function path(texts: TemplateStringsArray, ...names: (string | number)[]): string {
  return String.raw({ raw: texts }, ...names.map((name) => encodeURIComponent(name)))
}

function stockPath({ venue, symbol }: Stock): string {
  return path`/venues/${venue}/stocks/${symbol}`
}

function orderPath({ id, ...stock }: Stock & { readonly id: number }): string {
  return `${stockPath(stock)}${path`/orders/${id}`}`
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
