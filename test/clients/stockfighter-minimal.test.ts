import { join } from 'node:path'
import t from 'tap'
import { startServer } from '../support/server.ts'

/**
 * A client as the Python bots of old had it: JSON text under the form content type that `requests` sends for
 * `data=json.dumps(…)`, the key both as header and as cookie, and numbers as text wherever a bot had read them from
 * somewhere. An answer counts only by its `ok`, whatever its status.
 */
class StockfighterMinimal {
  readonly #stock: string
  readonly #base: string
  readonly #headers: Record<string, string>
  readonly account: string

  constructor(url: string, stock: string, account: string, key: string) {
    this.#stock = stock
    this.#base = `${url}/ob/api/venues/TESTEX/stocks/${stock}`
    this.account = account
    this.#headers = {
      'User-Agent': 'python-requests/2.8.1',
      Accept: '*/*',
      'Accept-Encoding': 'gzip, deflate',
      'X-Starfighter-Authorization': key,
      Cookie: `api_key=${key}`,
    }
  }

  quote() {
    return this.#call('GET', '/quote')
  }

  orderbook() {
    return this.#call('GET', '')
  }

  place(direction: string, orderType: string, price: number, qty: number) {
    return this.#call('POST', '/orders', {
      account: this.account,
      venue: 'TESTEX',
      stock: this.#stock,
      price: String(price),
      qty: String(qty),
      direction,
      orderType,
    })
  }

  status(id: number) {
    return this.#call('GET', `/orders/${id}`)
  }

  cancel(id: number) {
    return this.#call('DELETE', `/orders/${id}`)
  }

  /** What was answered, or nothing where `ok` is not true. */
  // biome-ignore lint/suspicious/noExplicitAny: the bots took what came
  async #call(method: string, path: string, data?: object): Promise<any> {
    const form = { ...this.#headers, 'Content-Type': 'application/x-www-form-urlencoded' }
    const response = await fetch(this.#base + path, {
      method,
      headers: data === undefined ? this.#headers : form,
      ...(data === undefined ? {} : { body: JSON.stringify(data) }),
    })
    const answer = (await response.json()) as { ok?: boolean }
    return answer.ok ? answer : undefined
  }
}

const accounts = { NOISEBOTS: 'noise', BLSHBOTS: 'blsh', EXTREMEBOT: 'extreme', EXB123456: 'exb' }
const dice = (seed: number) => () => {
  seed = (seed * 48271) % 2147483647
  return seed / 2147483647
}

const folder = t.testdir({ 'accounts.json': JSON.stringify(accounts) })
const stocks = ['NOISE', 'BLSH', 'EXTREME', 'SWEEP', 'MANY', 'KEYS']
const listings = stocks.flatMap((stock) => ['--listing', `TESTEX/${stock}`])
const server = await startServer(t, ['--accounts', join(folder, 'accounts.json'), ...listings])

function connect(stock: string, account: keyof typeof accounts, key: string = accounts[account]) {
  return new StockfighterMinimal(server.url, stock, account, key)
}

t.test('noise: orders around the last price, the oldest of more than ten canceled', async (t) => {
  const bot = connect('NOISE', 'NOISEBOTS')
  const chance = dice(1)
  const between = (low: number, high: number) => low + Math.floor(chance() * (high - low + 1))
  const remembered: number[] = []

  for (let i = 0; i < 40; i++) {
    const price = Math.max(0, ((await bot.quote()).last || 5000) + between(-100, 100))
    const order = await bot.place(chance() < 0.5 ? 'buy' : 'sell', 'limit', price, between(50, 150))
    remembered.push(order.id)
    if (remembered.length > 10) {
      const oldest = remembered.shift() ?? 0
      t.match(await bot.cancel(oldest), { id: oldest, open: false, qty: 0 })
    }
  }

  t.type((await bot.quote()).last, 'number', 'the bot met itself')
  t.equal(await bot.place('buy', 'limit', -1, 50), undefined, 'a price under zero is refused')
  for (const id of remembered) await bot.cancel(id)
  t.match(await bot.orderbook(), { bids: [], asks: [] })
  t.match(await bot.quote(), { bidDepth: 0, askDepth: 0 })
})

t.test('buy low, sell high: learns its fills from the answer to a cancel', async (t) => {
  const [bot, other] = [connect('BLSH', 'BLSHBOTS'), connect('BLSH', 'NOISEBOTS')]
  t.notOk('last' in (await bot.quote()), 'no price to start from')
  await other.place('sell', 'limit', 5000, 1)
  await other.place('buy', 'limit', 5000, 1)
  const { last } = await bot.quote()
  t.equal(last, 5000)

  const long = await bot.place('buy', 'limit', last - 50, 80)
  await other.place('sell', 'limit', last - 60, 30)
  await other.place('sell', 'limit', last - 50, 20)
  const canceled = await bot.cancel(long.id)

  t.match(canceled, { direction: 'buy', originalQty: 80, totalFilled: 50, qty: 0, open: false })
  t.match(canceled.fills, [
    { price: 4950, qty: 30 },
    { price: 4950, qty: 20 },
  ])
  t.same(await bot.cancel(long.id), canceled, 'a second cancel answers the same')
  t.same(await bot.status(long.id), canceled)
})

t.test('extreme: the largest prices and quantities come back as they were sent', async (t) => {
  const bot = connect('EXTREME', 'EXTREMEBOT')
  const most = 2 ** 31 - 1

  const orders = [await bot.place('sell', 'limit', most, most), await bot.place('sell', 'limit', most, most)]
  const nothing = await bot.place('buy', 'limit', 0, most)

  for (const order of orders) t.match(order, { price: most, originalQty: most, qty: most })
  t.match(nothing, { price: 0, qty: most, open: true })
  t.match(await bot.quote(), { bid: 0, ask: most, askSize: 2 * most, askDepth: 2 * most, bidDepth: most })
  t.equal(await bot.place('buy', 'limit', most + 1, 1), undefined)
  t.equal(await bot.place('buy', 'limit', 1, most + 1), undefined)
})

t.test('thirty seconds: a market order with a price sweeps the book first', async (t) => {
  const bot = connect('SWEEP', 'EXB123456')
  for (const price of [5000, 5001, 5002])
    await connect('SWEEP', 'NOISEBOTS').place('sell', 'limit', price, 10)

  const sweep = await bot.place('buy', 'market', 1, 9999999)

  t.match(sweep, { price: 0, originalQty: 9999999, totalFilled: 30, qty: 0, open: false })
  t.same(
    sweep.fills.map((fill: { price: number }) => fill.price),
    [5000, 5001, 5002],
  )
  t.match(await bot.place('sell', 'market', 0, 9999999), { totalFilled: 0, fills: [], open: false })
})

t.test('simultaneous connections and a big book: every order is in it, oldest first', async (t) => {
  const bots = Array.from({ length: 50 }, () => connect('MANY', 'NOISEBOTS'))

  const placed = await Promise.all(
    bots.map(async (bot, at) => {
      const orders = []
      for (let i = 0; i < 20; i++) orders.push(await bot.place('buy', 'limit', (at * 20 + i) % 50, 1 + i))
      return orders
    }),
  )

  const best = placed.flat().sort((one, other) => other.price - one.price || one.id - other.id)
  const { bids } = await connect('MANY', 'NOISEBOTS').orderbook()
  t.equal(new Set(best.map(({ id }) => id)).size, 1000, 'no id is given twice')
  // As text: comparing so many objects one by one takes seconds.
  t.equal(JSON.stringify(bids), JSON.stringify(best.map(({ price, qty }) => ({ price, qty, isBuy: true }))))
})

t.test('a wrong key, or the key of another account, is no ok', async (t) => {
  const { id } = await connect('KEYS', 'NOISEBOTS').place('buy', 'limit', 1, 1)

  for (const stranger of [
    connect('KEYS', 'NOISEBOTS', 'noisekey'),
    connect('KEYS', 'NOISEBOTS', accounts.BLSHBOTS),
  ]) {
    t.equal(await stranger.place('buy', 'limit', 1, 1), undefined)
    t.equal(await stranger.status(id), undefined)
    t.equal(await stranger.cancel(id), undefined)
    t.match(await stranger.quote(), { bidDepth: 1 }, 'everybody may read')
  }
})
