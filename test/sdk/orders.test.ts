import t, { type Test } from 'tap'
import { Feed, type Fetch, Orders, type OrdersOptions, Rest, type StockyardError } from '../../sdk/index.ts'
import { createTestApp, type TestAppOptions } from '../support/app.ts'
import { startFeedServer } from '../support/feed-server.ts'
import { startLossyProxy } from '../support/lossy-proxy.ts'
import { rejects } from '../support/rejects.ts'

const stock = { venue: 'TESTEX', symbol: 'FOOBAR' }
const bid = { ...stock, account: 'ALICE', side: 'buy', price: 5000, quantity: 10 } as const
const offer = { ...bid, account: 'BOB', side: 'sell', quantity: 4 } as const
const quick = { firstMs: 1, mostMs: 5 }

async function start(t: Test, options: TestAppOptions = {}) {
  const { app } = await createTestApp(t, options)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { url, rest: new Rest({ url }) }
}

/** Both ways to a server. */
async function startBoth(t: Test) {
  const { url, rest } = await start(t)
  const feed = new Feed({ url, backoff: quick })
  t.teardown(() => feed.close())
  return { rest, feed }
}

for (const way of ['rest', 'feed'] as const) {
  t.test(`orders by ${way} are placed, trade and are canceled`, async (t) => {
    const { rest, feed } = await startBoth(t)
    const orders = new Orders({ by: way === 'rest' ? rest : feed })

    const first = await orders.place(bid)
    t.match(first, { ...bid, id: 1, orderType: 'limit', timeInForce: 'gtc', open: 10, filled: 0, fills: [] })
    t.match(first.clientOrderId, /^[0-9a-f]{20}-1$/)
    const second = await orders.place({ ...offer, timeInForce: 'ioc', clientOrderId: 'mine' })
    t.match(second, { id: 2, timeInForce: 'ioc', open: 0, filled: 4, clientOrderId: 'mine' })
    t.match(second.fills, [{ price: 5000, quantity: 4 }])
    const { price: _, ...market } = offer
    t.match(await orders.place(market), { orderType: 'market', timeInForce: 'ioc', price: 0, filled: 4 })
    t.match(await orders.cancel({ ...stock, id: 1 }), { open: 0, filled: 8 })
    const again = await orders.cancel({ ...stock, id: 1 })
    t.ok(way === 'rest' ? again?.open === 0 : again === undefined)

    for (let n = 0; n < 3; n += 1) await orders.place(bid)
    await orders.place({ ...bid, account: 'CAROL' })
    await orders.cancelAll({ venue: 'TESTEX', account: 'ALICE', symbol: 'FOOBAR' })
    t.same(await rest.orders({ venue: 'TESTEX', account: 'ALICE' }, { open: true }), {
      orders: [],
      more: false,
    })
    await orders.cancelAll({ venue: 'TESTEX', account: 'ALICE' })
    t.match(await rest.quote(stock), { bidSize: 10 })
  })

  t.test(`what the server refuses by ${way} is refused at once`, async (t) => {
    const { rest, feed } = await startBoth(t)
    const ids: string[] = []
    const nextId = () => {
      ids.push(`id-${ids.length}`)
      return ids.at(-1) as string
    }
    const orders = new Orders({ by: way === 'rest' ? rest : feed, nextId })

    await rejects(t, orders.place({ ...bid, quantity: 0 }), { name: 'StockyardError', isTemporary: false })
    await orders.place({ ...bid, clientOrderId: 'same' })
    const conflict = orders.place({ ...bid, quantity: 11, clientOrderId: 'same' })
    await rejects(t, conflict, { reason: 'client_order_id_conflict' })
    await rejects(t, orders.cancel({ ...stock, id: 99 }), { reason: 'unknown_order' })
    t.same(ids, ['id-0'])
  })
}

t.test(
  'an order is replaced by the socket, again when the answer got lost, and by calls it is not',
  async (t) => {
    const { url, rest } = await start(t)
    const proxy = await startLossyProxy(t, () => url)
    const feed = new Feed({ url: proxy.url, backoff: quick })
    t.teardown(() => feed.close())
    const orders = new Orders({ by: feed, backoff: quick })
    const { id } = await orders.place(bid)
    await orders.place({ ...bid, account: 'CAROL' })

    let isLost = false
    proxy.toClient = (text) => {
      if (isLost || !text.includes('"order"')) return text
      isLost = true
      proxy.cut()
      return undefined
    }
    const replaced = await orders.replace({ ...stock, id, price: 5000, quantity: 6 })
    t.match(replaced, { id, price: 5000, quantity: 6, open: 6 })
    await orders.place(offer)
    t.match(await orders.replace({ ...stock, id, price: 5001, quantity: 9 }), {
      price: 5001,
      open: 5,
      filled: 4,
    })

    t.match(await rest.quote(stock), { bid: 5001, bidSize: 5, bidDepth: 15 })
    await orders.cancel({ ...stock, id })
    await rejects(t, orders.replace({ ...stock, id, price: 5000, quantity: 6 }), { reason: 'order_closed' })
    const byCalls = new Orders({ by: rest })
    await rejects(t, byCalls.replace({ ...stock, id: 2, price: 1, quantity: 1 }), { reason: 'not_supported' })
  },
)

t.test('orders of a lost connection go after the grace, unless it comes back in time', async (t) => {
  const server = await startFeedServer(t)
  const proxy = await startLossyProxy(t, server.url)
  const feed = new Feed({ url: proxy.url, backoff: quick })
  t.teardown(() => feed.close())
  const asked: string[] = []
  proxy.toServer = (text) => {
    asked.push(JSON.parse(text).op)
    return text
  }
  const isLost = () => server.happened((event) => event.type === 'session-changed' && event.state === 'lost')
  const open = async (ms: number) => {
    server.wait(ms)
    await server.submit({ type: 'set-limits', limits: {} })
    return [...server.instrument().bids.orders()].map(({ id }) => id)
  }
  const orders = new Orders({ by: feed, cancelOnDisconnect: { graceMs: 100 }, backoff: quick })

  await orders.place(bid)
  await orders.place(bid)
  await new Orders({ by: feed }).place({ ...bid, account: 'CAROL' })
  t.strictSame(asked, ['arm', 'place', 'place', 'place'], 'armed once a connection')
  const lost = isLost()
  proxy.cut()
  await lost
  await orders.place(bid)
  t.strictSame(asked.slice(4), ['arm', 'place'])
  t.strictSame(await open(1_000_000), [1, 2, 3, 4])

  const account = { venue: 'TESTEX', account: 'CAROL' }
  await feed.arm({ ...account, graceMs: 100 })
  await feed.disarm(account)
  const ended = isLost()
  feed.close()
  await ended
  t.strictSame(await open(98), [1, 2, 3, 4])
  t.strictSame(await open(1), [3])
  const byCalls = { by: new Rest({ url: proxy.url }), cancelOnDisconnect: { graceMs: 1 } }
  t.throws(() => new Orders(byCalls), /by: feed/)
})

t.test('an order whose answer was lost on the way is sent again, and trades once', async (t) => {
  const { url, rest } = await start(t)
  let calls = 0
  const lossy: Fetch = async (...args) => {
    calls += 1
    const response = await fetch(...args)
    if (calls % 3 === 0) return response
    await response.text()
    throw new Error('the connection broke')
  }
  const orders = new Orders({ by: new Rest({ url, fetch: lossy }), backoff: quick })
  await rest.place(stock, { account: 'BOB', direction: 'sell', qty: 100, price: 5000, orderType: 'limit' })

  t.match(await orders.place(bid), { id: 2, filled: 10 })
  t.match(await orders.place(bid), { id: 3, filled: 10 })
  await orders.cancelAll({ venue: 'TESTEX', account: 'BOB' })

  t.ok(calls >= 9)
  t.match(await rest.status({ ...stock, id: 1 }), { totalFilled: 20, open: false })
  t.equal((await rest.trades(stock)).trades.length, 2)
})

t.test(
  'an order whose socket was cut before the answer is sent again on the next one, and trades once',
  async (t) => {
    const { url, rest } = await start(t)
    const proxy = await startLossyProxy(t, () => url)
    const feed = new Feed({ url: proxy.url, backoff: quick })
    t.teardown(() => feed.close())
    const orders = new Orders({ by: feed, backoff: quick })
    await rest.place(stock, { account: 'BOB', direction: 'sell', qty: 100, price: 5000, orderType: 'limit' })
    let cuts = 0
    proxy.toClient = (text) => {
      const { order } = JSON.parse(text)
      if (order === undefined || cuts >= 5) return text
      cuts += 1
      proxy.cut()
      return undefined
    }

    const placed = await Promise.all([orders.place(bid), orders.place(bid), orders.place(bid)])

    t.same(placed.map(({ id }) => id).sort(), [2, 3, 4])
    t.ok(placed.every(({ filled }) => filled === 10))
    t.equal(cuts, 5)
    t.match(await rest.status({ ...stock, id: 1 }), { totalFilled: 30 })
    t.match(await orders.cancel({ ...stock, id: 1 }), { filled: 30, open: 0 })
  },
)

t.test('it gives up after so many tries, and says how the last one ended', async (t) => {
  const waits: number[] = []
  const timers: OrdersOptions['timers'] = {
    setTimeout(task, ms) {
      // The bound of all tries together does not come here.
      if (ms === 30_000) return
      waits.push(ms)
      setImmediate(task)
    },
    clearTimeout() {},
  }
  const bodies = new Set<string | undefined>()
  const down: Fetch = async (_url, { body }) => {
    bodies.add(body)
    throw new Error('nobody there')
  }
  const by = new Rest({ url: 'http://exchange.test', fetch: down })
  const orders = new Orders({ by, timers, attempts: 4, random: () => 1 })

  const error = await orders.place(bid).catch((thrown: StockyardError) => thrown)

  t.match(error, { reason: 'unreachable', outcome: 'unknown' })
  t.same(waits, [100, 200, 400])
  t.equal(bodies.size, 1, 'each time under the same id')
})

t.test('ids do not meet', async (t) => {
  const { rest } = await startBoth(t)
  const ids = new Set<string | undefined>()
  for (let n = 0; n < 5; n += 1) {
    const orders = new Orders({ by: rest })
    for (let i = 0; i < 3; i += 1) ids.add((await orders.place(bid)).clientOrderId)
  }
  t.equal(ids.size, 15)
  t.ok([...ids].every((id) => id !== undefined && id.length <= 36))
})

t.test('it is not sent when it is late, and what may have been done is not called refused', async (t) => {
  const { url, rest } = await start(t)
  const proxy = await startLossyProxy(t, () => url)
  const feed = new Feed({ url: proxy.url, backoff: quick })
  t.teardown(() => feed.close())
  const orders = new Orders({ by: feed, backoff: quick, withinMs: 200 })
  await feed.opened()
  let isSent = false
  // The first try is done, but not answered; after it nobody can connect.
  proxy.toClient = (text) => {
    if (!text.includes('"order"')) return isSent ? undefined : text
    isSent = true
    proxy.cut()
    return undefined
  }

  await rejects(t, orders.place(bid), { reason: 'connection_lost', outcome: 'unknown' })
  await rejects(t, orders.place(bid), { reason: /disconnected|timeout/, outcome: 'refused' })

  const { orders: placed } = await rest.orders({ venue: 'TESTEX', account: 'ALICE' })
  t.equal(placed.length, 1)
})

t.test('closing the feed ends tries', async (t) => {
  const { feed } = await startBoth(t)
  const orders = new Orders({ by: feed })
  await feed.opened()

  const placed = orders.place(bid)
  const ended = rejects(t, placed, { reason: 'closed', isTemporary: false })
  await new Promise(setImmediate)
  feed.close()

  await ended
})
