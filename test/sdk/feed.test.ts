import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { Feed, type FeedState, type Message, type Socket, type SocketConstructor } from '../../sdk/index.ts'
import { createTestAccounts, createTestApp, type TestAppOptions } from '../support/app.ts'
import { startFeedServer } from '../support/feed-server.ts'
import { startLossyProxy } from '../support/lossy-proxy.ts'
import { createRandom, createTrading } from '../support/random-trading.ts'
import { rejects } from '../support/rejects.ts'
import { until } from '../support/until.ts'

const stock = { venue: 'TESTEX', symbol: 'FOOBAR' }
const trades = { channel: 'trades', ...stock } as const
const quick = { firstMs: 1, mostMs: 5 }
const slow = { firstMs: 250, mostMs: 30_000 }
const limit = { ...stock, account: 'ALICE', orderType: 'limit', price: 5000, quantity: 1 }

async function start(t: Test, options: TestAppOptions = {}) {
  const { app } = await createTestApp(t, options)
  await app.listen({ host: '127.0.0.1', port: 0 })
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
}

function createFeed(t: Test, options: ConstructorParameters<typeof Feed>[0]) {
  const feed = new Feed({ backoff: quick, ...options })
  t.teardown(() => feed.close())
  return feed
}

/** A trade of one lot at 5000. */
async function trade(feed: Feed): Promise<void> {
  await feed.request('place', { ...limit, side: 'buy' })
  await feed.request('place', { ...limit, side: 'sell', account: 'BOB' })
}

t.test('a channel is a loop over its messages, and leaving the loop ends the subscription', async (t) => {
  const feed = createFeed(t, { url: await start(t) })
  const subscription = feed.subscribe(trades)
  await feed.opened()
  for (let n = 0; n < 3; n += 1) await trade(feed)

  const seen: Message<'trades'>[] = []
  for await (const message of subscription) {
    seen.push(message)
    if (message.seq === 3) break
  }

  t.match(seen, [{ type: 'snapshot', seq: 0, trades: [] }, { seq: 1 }, { seq: 2 }, { seq: 3, prev: 2 }])
  t.match(seen[3]?.trades, [{ price: 5000, quantity: 1, takerSide: 'sell' }])
  t.equal(await subscription.ended, undefined)
  await rejects(t, feed.request('unsubscribe', trades), { reason: 'not_subscribed' })
})

t.test('a loop that falls behind misses nothing: the rest comes in one message', async (t) => {
  const feed = createFeed(t, { url: await start(t), queueLimit: 3 })
  const subscription = feed.subscribe(trades)
  await feed.opened()
  for (let n = 0; n < 20; n += 1) await trade(feed)
  await feed.request('ping')
  t.notOk(subscription.isLive)

  const seen: Message<'trades'>[] = []
  for await (const message of subscription) {
    seen.push(message)
    if (message.seq === 20) break
  }

  t.strictSame(
    seen.map(({ type, prev, seq }) => [type, prev, seq]),
    [
      ['snapshot', 0, 0],
      ['change', 0, 1],
      ['change', 1, 2],
      ['change', 2, 20],
    ],
  )
  const ids = seen.flatMap((message) => message.trades.map(({ id }) => id))
  t.strictSame(
    ids,
    Array.from({ length: 20 }, (_, i) => i + 1),
  )
  t.equal(subscription.heals, 1)
})

t.test('every channel can be heard', async (t) => {
  const feed = createFeed(t, { url: await start(t) })
  const heard: Message[] = []
  const hear = (message: Message) => void heard.push(message)
  feed.subscribe({ channel: 'quote', ...stock }, hear)
  feed.subscribe({ channel: 'trades', ...stock }, hear)
  feed.subscribe({ channel: 'book', ...stock, depth: 5 }, hear)
  feed.subscribe({ channel: 'orders', ...stock }, hear)
  feed.subscribe({ channel: 'candles', ...stock, interval: '1m' }, hear)
  feed.subscribe({ channel: 'account', venue: 'TESTEX', account: 'ALICE' }, hear)
  await until(() => heard.length === 6)
  t.ok(heard.every(({ type }) => type === 'snapshot'))
  await feed.opened()
  await trade(feed)
  await feed.request('ping')

  const byChannel = new Map(heard.map((message) => [message.channel, message]))
  t.match(byChannel.get('quote'), { type: 'change', last: { price: 5000 } })
  t.match(byChannel.get('candles'), { candles: [{ volume: 1 }] })
  t.match(byChannel.get('account'), { events: [{ type: 'traded', price: 5000 }, { type: 'closed' }] })
  t.match(byChannel.get('orders'), { orders: [{ side: 'buy', open: 0 }] })
})

t.test('a subscription that the server refuses ends with its reason, and others go on', async (t) => {
  const feed = createFeed(t, { url: await start(t) })
  const good = feed.subscribe(trades)
  const bad = feed.subscribe({ channel: 'trades', venue: 'TESTEX', symbol: 'NOPE' })

  await rejects(t, bad[Symbol.asyncIterator]().next(), { reason: 'unknown_symbol', field: 'symbol' })
  t.match(await bad.ended, { reason: 'unknown_symbol', docs: '/docs/ws#unknown_symbol' })
  t.match((await good[Symbol.asyncIterator]().next()).value, { type: 'snapshot' })
  t.equal(feed.state, 'open')
})

t.test('closing ends subscriptions, requests and the connection, for good', async (t) => {
  const feed = new Feed({ url: await start(t) })
  const states: FeedState[] = []
  feed.onState((state) => states.push(state))
  const subscription = feed.subscribe(trades)
  const loop = (async () => {
    for await (const _ of subscription);
  })()
  await feed.opened()
  const asked = feed.request('ping')
  feed.close()

  await rejects(t, asked, { reason: 'closed', outcome: 'unknown', isTemporary: false })
  await loop
  t.strictSame(states, ['connecting', 'open', 'closed'])
  await rejects(t, feed.request('ping'), { reason: 'closed' })
  await rejects(t, feed.opened(), { reason: 'closed' })
  t.throws(() => feed.subscribe(trades), /The feed is closed/)
  feed.close()
})

t.test('the key is told in a message, and a wrong one ends the feed', async (t) => {
  const url = await start(t, { accounts: createTestAccounts({ ALICE: 'secret' }) })
  const key = { channel: 'account', venue: 'TESTEX', account: 'ALICE' } as const

  const right = createFeed(t, { url, key: 'secret' }).subscribe(key)
  t.match((await right[Symbol.asyncIterator]().next()).value, { type: 'snapshot', orders: [] })
  const none = createFeed(t, { url }).subscribe(key)
  t.match(await none.ended, { reason: 'key_required' })
  const feed = createFeed(t, { url, key: 'wrong' })
  const wrong = feed.subscribe(key)
  t.match(await wrong.ended, { reason: 'wrong_key', field: 'key' })
  t.equal(feed.state, 'closed')
  await rejects(t, feed.opened(), { reason: 'wrong_key' })
})

t.test(
  'trades are each heard once, however often the connection is cut and frames or answers are lost',
  async (t) => {
    const server = await startFeedServer(t)
    const proxy = await startLossyProxy(t, server.url)
    const random = createRandom(3)
    const next = createTrading(random)
    let missed = 0
    proxy.toClient = (text) => {
      if (text.includes('"missed"')) missed += 1
      return text.includes('"welcome"') || random() >= 0.05 ? text : undefined
    }
    const feed = createFeed(t, { url: proxy.url, timeoutMs: 50 })
    const ids: number[] = []
    const subscription = feed.subscribe(trades, (message) => {
      if (message.type === 'snapshot') ids.length = 0
      ids.push(...message.trades.map(({ id }) => id))
    })
    for (let round = 0; round < 100; round += 1) {
      for (let n = 0; n < 3; n += 1) await server.submit(next())
      if (round % 5 === 0) proxy.cut()
      if (round % 10 === 0) await feed.opened()
    }
    proxy.toClient = (text) => text
    proxy.cut()
    await until(() => feed.state !== 'open')
    const { channels } = server.instrument()
    await until(() => subscription.isLive && subscription.seq === channels.trades.last)

    t.equal(ids.length, channels.trades.last)
    t.equal(new Set(ids).size, ids.length)
    t.equal(missed, 0)
  },
)

t.test('a server that does not come back is asked ever more slowly, with chance in it', async (t) => {
  const { timers, Socket, waits, run } = createFakes()
  const feed = createFeed(t, {
    ...{ url: 'http://exchange.test', WebSocket: Socket, timers, random: () => 0.5 },
    backoff: { firstMs: 100, mostMs: 1000 },
  })
  feed.connect()
  for (let n = 0; n < 6; n += 1) {
    await sleep(0)
    sockets(Socket).at(-1)?.emit('close')
    t.equal(feed.state, 'waiting')
    run()
  }

  t.strictSame(waits, [50, 100, 200, 400, 500, 500])
  t.equal(sockets(Socket)[0]?.url, 'ws://exchange.test/ws/v1')
})

t.test('a server that falls silent is given up', async (t) => {
  const { timers, Socket, run, waits } = createFakes()
  const feed = createFeed(t, {
    url: 'https://exchange.test/',
    WebSocket: Socket,
    timers,
    random: () => 1,
    backoff: slow,
  })
  const subscription = feed.subscribe(trades)
  await sleep(0)
  const [socket] = sockets(Socket)
  t.equal(socket?.url, 'wss://exchange.test/ws/v1')
  socket?.hear({ type: 'welcome', keys: false, heartbeatSeconds: 20 })
  socket?.hear({ type: 'answer', id: 1, ok: true, seq: 7, resumed: false })
  socket?.hear({ type: 'snapshot', ...trades, seq: 7, prev: 0, trades: [] })
  t.ok(subscription.isLive)

  t.equal(run(30_000), true)
  t.equal(feed.state, 'open', 'something was heard since')
  t.equal(run(30_000), true)
  t.equal(feed.state, 'waiting')
  t.ok(socket?.isClosed)
  t.notOk(subscription.isLive)
  t.strictSame(waits.slice(-1), [250])
  run(250)
  await sleep(0)
  sockets(Socket)[1]?.hear({ type: 'welcome', keys: false, heartbeatSeconds: 20 })
  t.match(sockets(Socket)[1]?.sent, [{ op: 'subscribe', channel: 'trades', from: 7 }])
})

t.test('what the server may do later is asked again after a while', async (t) => {
  const { timers, Socket, run } = createFakes()
  const feed = createFeed(t, {
    url: 'http://exchange.test',
    WebSocket: Socket,
    timers,
    random: () => 1,
    backoff: slow,
  })
  const subscription = feed.subscribe(trades)
  await sleep(0)
  const socket = sockets(Socket)[0] as FakeSocket
  socket.hear({ type: 'welcome', keys: false, heartbeatSeconds: 20 })
  const refuse = (id: number) =>
    socket.hear({ type: 'answer', id, ok: false, reason: 'rate_limited', error: 'Too many requests' })
  refuse(1)
  t.match(socket.sent.slice(1), [{ op: 'unsubscribe' }, { op: 'subscribe' }], 'at once the first time')
  refuse(3)
  t.equal(socket.sent.length, 3)
  t.equal(run(250), true)
  t.match(socket.sent.slice(3), [{ op: 'unsubscribe' }, { op: 'subscribe' }])
  socket.hear({ type: 'answer', id: 5, ok: true, seq: 0, resumed: false })
  socket.hear({ type: 'snapshot', ...trades, seq: 0, prev: 0, trades: [] })
  t.ok(subscription.isLive)
})

class FakeSocket implements Socket {
  static readonly of = new Map<SocketConstructor, FakeSocket[]>()
  readonly url: string
  readonly sent: object[] = []
  isClosed = false
  readonly #listeners = new Map<string, (event: { type: string; data?: unknown }) => void>()

  constructor(url: string) {
    this.url = url
  }

  addEventListener(type: string, listener: (event: { type: string; data?: unknown }) => void): void {
    this.#listeners.set(type, listener)
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }

  close(): void {
    this.isClosed = true
  }

  emit(type: string, data?: unknown): void {
    this.#listeners.get(type)?.({ type, data })
  }

  hear(message: object): void {
    this.emit('message', JSON.stringify(message))
  }
}

function sockets(Socket: SocketConstructor): FakeSocket[] {
  return FakeSocket.of.get(Socket) ?? []
}

/** Sockets of its own kind, and timers that end when they are told to. */
function createFakes() {
  class Kind extends FakeSocket {
    constructor(url: string) {
      super(url)
      FakeSocket.of.set(Kind, [...sockets(Kind), this])
    }
  }
  const tasks = new Map<number, { task: () => void; ms: number }>()
  const waits: number[] = []
  let last = 0
  const timers = {
    setTimeout(task: () => void, ms: number) {
      last += 1
      tasks.set(last, { task, ms })
      // Of others it is known how long they are.
      if (ms <= 1000) waits.push(ms)
      return last
    },
    clearTimeout: (timer: unknown) => void tasks.delete(timer as number),
  }
  /** Ends the newest timer, or the newest of a length; false when there is none. */
  const run = (length?: number): boolean => {
    const found = [...tasks].reverse().find(([, { ms }]) => length === undefined || ms === length)
    if (found === undefined) return false
    tasks.delete(found[0])
    found[1].task()
    return true
  }
  return { timers, Socket: Kind as SocketConstructor, waits, run }
}
