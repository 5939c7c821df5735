import { runBot } from './bot.ts'
import type { Direction, Order, Quote } from './client.ts'

const text = `Market maker: offers to buy a little under the last price and to sell a little over it, follows its
fills by websocket, and never holds more than 500 shares, long or short.`

const size = 100
const mostShares = 500
/** From the middle to each of the two prices, in cents. */
const edge = 20

await runBot({ name: 'market-maker', text, account: 'MAKERBOT' }, async (bot) => {
  /** Our orders as we last heard of them. Replies and executions race: the one with more fills is the newer. */
  const known = new Map<number, Order>()
  const live = new Map<Direction, number>()
  let shares = 0
  let middle = middleOf(await bot.client.quote()) ?? 5000
  let news = new AbortController()

  let missed = false
  const connected = () => {
    missed = true
    news.abort()
  }
  await bot.client.executions(bot.stop, connected, ({ order, price, filled }) => {
    learn(order)
    console.log(`${order.direction} of ${filled} at ${price}: holds ${shares} shares`)
    news.abort()
  })

  while (bot.running()) {
    news = new AbortController()
    if (missed) await catchUp()
    middle = middleOf(await bot.client.quote()) ?? middle
    for (const direction of ['buy', 'sell'] as const) await takeBackIfStale(direction)
    for (const direction of ['buy', 'sell'] as const) await offer(direction)
    await bot.pause(news.signal)
  }

  /** What we would like to have in the book: shares that we hold pull both prices down, so that they are sold. */
  function wanted(direction: Direction): { price: number; qty: number } {
    const sign = direction === 'buy' ? 1 : -1
    const lean = Math.round((edge * shares) / mostShares)
    return {
      price: Math.max(0, middle - sign * edge - lean),
      qty: Math.min(size, mostShares - sign * shares),
    }
  }

  /** Both sides are taken back before one is offered anew: a new price must not meet our own old one. */
  async function takeBackIfStale(direction: Direction): Promise<void> {
    const id = live.get(direction)
    if (id === undefined) return
    const { price, qty } = wanted(direction)
    const order = known.get(id)
    if (order?.open && order.price === price && order.qty === qty) return
    live.delete(direction)
    learn(await bot.cancel(id))
  }

  async function offer(direction: Direction): Promise<void> {
    const { price, qty } = wanted(direction)
    if (live.has(direction) || qty <= 0 || !bot.running()) return
    const order = await bot.place(direction, price, qty)
    live.set(direction, order.id)
    learn(order)
  }

  /** Counts what an order traded since we last heard of it, so hearing of it twice does no harm. */
  function learn(order: Order): void {
    const before = known.get(order.id)?.totalFilled ?? 0
    if (order.totalFilled < before) return
    shares += (order.direction === 'buy' ? 1 : -1) * (order.totalFilled - before)
    known.set(order.id, order)
    const [oldest] = known.keys()
    if (known.size > 1000 && oldest !== undefined) known.delete(oldest)
  }

  /** Fills that happened while we were not connected are in the orders. */
  async function catchUp(): Promise<void> {
    missed = false
    for (const id of live.values()) learn(await bot.client.status(id))
  }
})

function middleOf({ last, bid, ask }: Quote): number | undefined {
  if (last !== undefined) return last
  return bid === undefined || ask === undefined ? undefined : Math.round((bid + ask) / 2)
}
