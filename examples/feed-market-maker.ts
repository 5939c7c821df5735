import { parseArgs } from 'node:util'
import { type AccountEvent, Feed, Orders, type Side, type Snapshot, StockyardError } from '../sdk/index.ts'

const help = `Market maker on the feed: offers to buy a little under the last price and to sell a little over it, and never
holds more than 500 shares, long or short. One socket brings its events and the price, and takes its orders. Pull the
plug: when the server is back, it goes on where it was.

usage: npx tsx examples/feed-market-maker.ts [options]

  --url URL        the exchange (http://127.0.0.1:8000)
  --venue VENUE    where to trade (TESTEX)
  --symbol SYMBOL  what to trade (FOOBAR)
  --account NAME   for whom to trade (FEEDBOT)
  --key KEY        the account's key, where the exchange asks for keys

Ctrl-C cancels the orders that are still open and ends.`

const size = 100
const mostShares = 500
/** From the middle to each of the two prices, in cents. */
const edge = 20

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8000' },
    venue: { type: 'string', default: 'TESTEX' },
    symbol: { type: 'string', default: 'FOOBAR' },
    account: { type: 'string', default: 'FEEDBOT' },
    key: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(help)
else {
  try {
    await makeMarket()
  } catch (error) {
    if (!(error instanceof StockyardError)) throw error
    console.error(`feed-market-maker: ${error.message}`)
    process.exitCode = 1
  }
}

async function makeMarket(): Promise<void> {
  const { url, venue, symbol, account, key } = values
  const stock = { venue, symbol }
  const feed = new Feed({ url, key })
  const orders = new Orders({ by: feed })
  /** Our open orders, by what the account's events say: they come before the answers. */
  const open = new Map<number, Quoted>()
  let shares = 0
  let middle = 5000
  let isStopped = false
  let refusal: StockyardError | undefined
  let wake = () => {}
  const stop = () => {
    isStopped = true
    wake()
  }

  const events = feed.subscribe({ channel: 'account', venue, account }, (message) => {
    if (message.type === 'snapshot') begin(message)
    else message.events.filter((event) => event.symbol === symbol).forEach(learn)
    wake()
  })
  const quotes = feed.subscribe({ channel: 'quote', ...stock }, ({ last }) => {
    middle = last?.price ?? middle
    wake()
  })
  void Promise.race([events.ended, quotes.ended]).then((error) => {
    refusal = error
    stop()
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)

  try {
    while (!isStopped) {
      const news = new Promise<void>((resolve) => {
        wake = resolve
      })
      if (events.seq !== undefined && quotes.seq !== undefined) await renew()
      await news
    }
    if (refusal !== undefined) throw refusal
    await orders.cancelAll({ ...stock, account })
    console.log(`holds ${shares} shares, no order left open`)
  } finally {
    feed.close()
  }

  function begin({ orders: resting, positions }: Snapshot<'account'>): void {
    open.clear()
    for (const order of resting) {
      if (order.symbol === symbol) open.set(order.id, { ...order, quantity: order.open })
    }
    shares = Number(positions.find((position) => position.symbol === symbol)?.position ?? 0)
  }

  function learn(event: AccountEvent): void {
    const { type, orderId } = event
    const order = open.get(orderId)
    if (type === 'accepted') {
      const { side, price, quantity } = event
      if (side !== undefined && price !== undefined && quantity !== undefined)
        open.set(orderId, { side, price, quantity })
    } else if (type === 'closed') open.delete(orderId)
    else if (order !== undefined) open.set(orderId, { ...order, quantity: event.open })
    if (type !== 'traded') return
    const { side, price, quantity } = event
    shares += side === 'buy' ? quantity : -quantity
    console.log(`${side} of ${quantity} at ${price}: holds ${shares} shares`)
  }

  /** What we would like to have in the book: shares that we hold pull both prices down, so that they are sold. */
  function wanted(side: Side): Quoted {
    const sign = side === 'buy' ? 1 : -1
    const lean = Math.round((edge * shares) / mostShares)
    return {
      side,
      price: Math.max(0, middle - sign * edge - lean),
      quantity: Math.min(size, mostShares - sign * shares),
    }
  }

  /** Both sides are taken back before one is offered anew: a new price must not meet our own old one. */
  async function renew(): Promise<void> {
    for (const [id, { side, price, quantity }] of open) {
      const want = wanted(side)
      if (price !== want.price || quantity !== want.quantity) await orders.cancel({ ...stock, id })
    }
    for (const side of ['buy', 'sell'] as const) {
      const { price, quantity } = wanted(side)
      if (quantity <= 0 || isStopped || [...open.values()].some((order) => order.side === side)) continue
      await orders.place({ ...stock, account, side, price, quantity })
      console.log(`${side} ${quantity} at ${price}`)
    }
  }
}

interface Quoted {
  readonly side: Side
  readonly price: number
  readonly quantity: number
}
