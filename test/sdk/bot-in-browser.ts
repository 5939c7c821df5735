/** What a page has of the client in its test: bundled for browsers, and loaded into an empty page of the server. */
import { Feed, type FeedState, followBook, type OrderBook, Orders, Rest } from '../../sdk/index.ts'

declare const location: { readonly origin: string }

const url = location.origin
const stock = { venue: 'TESTEX', symbol: 'FOOBAR' }
const feed = new Feed({ url, backoff: { firstMs: 50, mostMs: 200 } })
const states: FeedState[] = []
/** Ids of trades, how many snapshots there were of them, and how often a book was crossed. */
const seen = { trades: [] as number[], snapshots: 0, crossed: 0 }

feed.onState((state) => states.push(state))
feed.subscribe({ channel: 'trades', ...stock }, ({ type, trades }) => {
  if (type === 'snapshot') seen.snapshots += 1
  seen.trades.push(...trades.map(({ id }) => id))
})

function look({ bids: [bid], asks: [ask] }: OrderBook): void {
  if (bid !== undefined && ask !== undefined && bid.price >= ask.price) seen.crossed += 1
}

const bot = {
  feed,
  states,
  seen,
  whole: followBook(feed, stock, look),
  best: followBook(feed, { ...stock, depth: 5 }, look),
  orders: { feed: new Orders({ by: feed }), rest: new Orders({ by: new Rest({ url }) }) },
}
Object.assign(globalThis, { bot })

export type Bot = typeof bot
