import { setTimeout as wait } from 'node:timers/promises'
import { WebSocket } from 'ws'
import type { Session } from './session.ts'
import { type Style, table } from './table.ts'

export interface WatchOptions {
  readonly market: string
  readonly session: Session
  readonly style: Style
  /** Of the websocket: the feed of trades is on the same host. */
  readonly url: string
}

const levels = 10
const mostTrades = 10
const readyMs = 2000

type Rows = Readonly<Record<string, unknown>>[]

/** Book, own orders and trades of a market, as they are now. */
export class Watch {
  readonly #options: WatchOptions
  #trades: Rows = []
  #feed: WebSocket | undefined

  constructor(options: WatchOptions) {
    this.#options = options
  }

  /** Begins to follow the trades, where the server tells them; resolves when it does, or does not within a while. */
  async open(): Promise<void> {
    const { market, url } = this.#options
    const feed = new WebSocket(`${originOf(url)}/app/terminal?protocol=7`)
    this.#feed = feed
    feed.on('error', () => {})
    feed.on('open', () => {
      feed.send(
        JSON.stringify({ event: 'pusher:subscribe', data: { channel: `market-${market}-trade-global` } }),
      )
    })
    const ready = new Promise<void>((resolve) => {
      feed.on('close', resolve)
      feed.on('message', (data) => {
        if (this.#take(`${data}`) === 'pusher_internal:subscription_succeeded') resolve()
      })
    })
    await Promise.race([ready, wait(readyMs, undefined, { ref: false })])
  }

  async draw(): Promise<string> {
    const { market, session, style } = this.#options
    const [book, ticker, orders] = await Promise.all([
      session.ask('OrderBookHandler', 'index', { market, level: levels }),
      session.ask('TickerHandler', 'index', { markets: [market] }),
      session.isLoggedIn ? session.ask('OrderHandler', 'index', { market, per: levels }) : undefined,
    ])
    if (book.code !== 0) throw new Error(`${book.code}: ${book.message}`)
    const { asks, bids } = book.data as { asks: [string, string][]; bids: [string, string][] }
    const sides = [
      ...asks.map(([price, volume]) => ({ side: 'ask', price, volume })).reverse(),
      ...bids.map(([price, volume]) => ({ side: 'bid', price, volume })),
    ]
    const own = (orders?.data as { resources?: Rows } | undefined)?.resources ?? []
    const now = (ticker.data as Record<string, Record<string, unknown>>)[market]
    return [
      `${market}  last ${now?.last}  high ${now?.high}  low ${now?.low}  volume ${now?.volume}`,
      table(sides, ['side', 'price', 'volume'], style),
      ...(this.#trades.length > 0
        ? [`Trades\n${table(this.#trades, ['date', 'type', 'price', 'amount'], style)}`]
        : []),
      ...(own.length > 0
        ? [`Own orders\n${table(own, ['id', 'side', 'price', 'volume', 'remaining_volume'], style)}`]
        : []),
    ].join('\n\n')
  }

  close(): void {
    this.#feed?.close()
  }

  /** Takes a message of the feed; gives what kind it is of. */
  #take(text: string): string | undefined {
    const { event, data } = JSON.parse(text) as { event?: string; data?: string }
    if (event === 'trades' && data !== undefined) {
      const { trades } = JSON.parse(data) as { trades: { date: number }[] }
      const rows = trades.map((trade) => ({
        ...trade,
        date: new Date(trade.date * 1000).toISOString().slice(11, 19),
      }))
      this.#trades = [...rows.reverse(), ...this.#trades].slice(0, mostTrades)
    }
    return event
  }
}

/** `ws://HOST:PORT` of a URL. */
function originOf(url: string): string {
  const { protocol, host } = new URL(url)
  return `${protocol}//${host}`
}
