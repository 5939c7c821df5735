import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { ChangeOf, Failure } from '../../../schemas/feed.ts'
import { type FeedErrorCode, feedErrors, feedLimits } from '../../../schemas/feed-errors.ts'
import { createTestAccounts, houseAccount, listing, sellCommand } from '../../support/app.ts'
import { FeedClient } from '../../support/feed.ts'
import { FeedBook } from '../../support/feed-book.ts'
import { startStreams } from '../../support/streams.ts'

t.setTimeout(300_000)

type Options = Parameters<typeof startStreams>[1]

async function start(t: Parameters<typeof startStreams>[0], options?: Options) {
  const server = await startStreams(t, options)
  const connect = async (headers = {}, query = '') => {
    const client = new FeedClient(`ws://127.0.0.1:${server.port}/ws/v1${query}`, headers)
    t.teardown(() => client.socket.terminate())
    await client.opened
    return client
  }
  return { ...server, connect }
}

const order = {
  venue: 'TESTEX',
  symbol: 'FOOBAR',
  account: 'ALICE',
  side: 'sell',
  orderType: 'limit',
  price: 5000,
  quantity: 10,
}
const book = { channel: 'book', venue: 'TESTEX', symbol: 'FOOBAR' }

t.test('whatever is no request is answered with a code, a sentence and where to read on', async (t) => {
  const server = await start(t)
  const client = await server.connect()
  const cases: [request: object, reason: FeedErrorCode, field?: string][] = [
    [{ op: 'dance' }, 'unknown_op', 'op'],
    [{}, 'unknown_op', 'op'],
    [{ op: 'replace', venue: 'TESTEX', orderId: 1, price: 5 }, 'bad_request', 'quantity'],
    [{ op: 'ping', more: 1 }, 'bad_request'],
    [{ op: 'subscribe', ...book, channel: 'gossip' }, 'bad_request'],
    [{ op: 'subscribe', ...book, depth: 7 }, 'bad_request'],
    [{ op: 'subscribe', ...book, from: -1 }, 'bad_request'],
    [{ op: 'subscribe', ...book, from: 1.5 }, 'bad_request'],
    [{ op: 'subscribe', ...book, venue: 'a b' }, 'bad_request'],
    [{ op: 'subscribe', ...book, venue: 'NOPE' }, 'unknown_venue', 'venue'],
    [{ op: 'subscribe', ...book, symbol: 'NOPE' }, 'unknown_symbol', 'symbol'],
    [{ op: 'unsubscribe', ...book }, 'not_subscribed'],
    [{ op: 'place', ...order, quantity: 0 }, 'bad_request', 'quantity'],
    [{ op: 'place', ...order, quantity: '7' }, 'bad_request', 'quantity'],
    [{ op: 'place', ...order, price: null }, 'bad_request', 'price'],
    [{ op: 'place', ...order, orderType: 'market' }, 'bad_request', 'price'],
    [{ op: 'place', ...order, price: undefined }, 'bad_request', 'price'],
    [{ op: 'place', ...order, clientOrderId: 'a b' }, 'bad_request', 'clientOrderId'],
    [{ op: 'cancel', venue: 'NOPE', orderId: 1 }, 'unknown_venue', 'venue'],
    [{ op: 'replace', venue: 'NOPE', orderId: 1, price: 5, quantity: 1 }, 'unknown_venue', 'venue'],
    [{ op: 'replace', venue: 'TESTEX', orderId: 9, price: 5, quantity: 1 }, 'unknown_order', 'orderId'],
    [{ op: 'replace', venue: 'TESTEX', orderId: 9, price: -1, quantity: 1 }, 'bad_request', 'price'],
    [{ op: 'cancel-all', venue: 'NOPE', account: 'A' }, 'unknown_venue', 'venue'],
  ]
  for (const [request, reason, field] of cases) {
    const answer = (await client.request(request)) as Failure
    const expected = {
      type: 'answer',
      ok: false,
      reason,
      error: feedErrors[reason],
      docs: `/docs/ws#${reason}`,
    }
    t.match(answer, { ...expected, ...(field && { field }) }, JSON.stringify(request))
  }
  await client.subscribe('book')
  t.match(await client.ask('subscribe', book), { ok: false, reason: 'already_subscribed' })

  const raw = client.answers.length
  for (const text of ['', 'nonsense', '[]', '7', 'null', '{"id":{}}']) client.socket.send(text)
  client.socket.send(Buffer.from([0xff, 0xfe]))
  await client.sync()
  t.strictSame(
    client.answers.slice(raw, -1).map((answer) => [answer.id, !answer.ok && answer.reason]),
    [...Array(5).fill([null, 'malformed_json']), [null, 'unknown_op'], [null, 'malformed_json']],
  )
})

t.test('answers come in the order of the requests, however long one takes', async (t) => {
  const server = await start(t)
  const client = await server.connect()
  const asked = [
    client.request({ op: 'place', ...order }),
    client.request({ op: 'ping' }),
    client.request({ op: 'cancel', venue: 'TESTEX', orderId: 99 }),
    client.request({ op: 'subscribe', ...book }),
    client.request({ op: 'place', ...order, price: 5001 }),
    client.request({ op: 'dance' }),
  ]
  await Promise.all(asked)

  t.strictSame(
    client.answers.map(({ id }) => id),
    [1, 2, 3, 4, 5, 6],
  )
  // The second order was taken before the subscription had its turn.
  t.match(client.messages, [
    {
      type: 'snapshot',
      seq: 2,
      asks: [
        [5000, 10, 1],
        [5001, 10, 1],
      ],
    },
  ])
  const at = (text: string) => client.texts.findIndex((line) => line.includes(text))
  t.ok(at('"id":4') < at('snapshot'))
})

t.test('what an order caused is told before its answer, private messages first', async (t) => {
  const server = await start(t)
  const client = await server.connect()
  await client.subscribe('book')
  await client.done('subscribe', { channel: 'account', venue: 'TESTEX', account: 'ALICE' })
  const from = client.texts.length
  await client.done('place', order)
  t.strictSame(
    client.texts
      .slice(from)
      .map((text) => JSON.parse(text))
      .map(({ type, channel }) => channel ?? type),
    ['account', 'book', 'answer'],
  )
})

t.test('a request may be so large, and a frame not much larger', async (t) => {
  const server = await start(t)
  const client = await server.connect()
  client.socket.send(JSON.stringify({ id: 1, op: 'ping', pad: 'x'.repeat(feedLimits.requestBytes) }))
  await client.sync()
  t.match(client.answers[0], { id: null, reason: 'request_too_large' })
  client.socket.send('x'.repeat(65 * 1024))
  t.equal(await client.closed, 1009)
})

t.test('a socket has so many subscriptions', async (t) => {
  const symbols = Array.from({ length: feedLimits.subscriptions }, (_, i) => `S${i}`)
  const { limits } = { limits: { type: 'set-limits', limits: { books: 1000 } } as const }
  const server = await start(t, { commands: [limits, ...listing('TESTEX', ...symbols)] })
  const client = await server.connect()
  for (const symbol of symbols) await client.subscribe('quote', { symbol })
  t.match(await client.ask('subscribe', { ...book, symbol: 'S0' }), { reason: 'too_many_subscriptions' })
  await client.done('unsubscribe', { channel: 'quote', venue: 'TESTEX', symbol: 'S7' })
  await client.subscribe('book', { symbol: 'S0' })
})

t.test('so many orders may wait for their answer; the rest is refused, in order', async (t) => {
  const server = await start(t)
  const client = await server.connect()
  const answers = await Promise.all(
    client.atOnce(() => Array.from({ length: 100 }, () => client.request({ op: 'place', ...order }))),
  )
  t.strictSame(
    answers.map((answer) => (answer.ok ? 'ok' : answer.reason)),
    [
      ...Array(feedLimits.inFlight).fill('ok'),
      ...Array(100 - feedLimits.inFlight).fill('too_many_in_flight'),
    ],
  )
  t.strictSame(
    client.answers.map(({ id }) => id),
    answers.map((_, i) => i + 1),
  )
  t.ok((await client.ask('place', order)).ok)
})

t.test('a socket with far too many requests waiting is closed', async (t) => {
  const server = await start(t)
  const client = await server.connect()
  client.atOnce(() => {
    client.socket.send(JSON.stringify({ id: 0, op: 'place', ...order }))
    for (let id = 1; id <= feedLimits.waiting + 10; id += 1) client.socket.send(`{"id":${id},"op":"ping"}`)
  })
  t.equal(await client.closed, 1008)
})

t.test('the rate limit counts requests on sockets too', async (t) => {
  const server = await start(t, { settings: { rateLimit: 5 } })
  const client = await server.connect()
  const answers = await Promise.all(Array.from({ length: 7 }, () => client.ask('ping')))
  t.strictSame(
    answers.map((answer) => (answer.ok ? 'ok' : answer.reason)),
    ['ok', 'ok', 'ok', 'ok', 'ok', 'rate_limited', 'rate_limited'],
  )
})

t.test('a whole book that is too deep is refused, and its best levels are not', async (t) => {
  const server = await start(t)
  const { snapshotEntries } = feedLimits
  for (let n = 0; n <= snapshotEntries; n += 5000) {
    const batch = Array.from({ length: 5000 }, (_, i) =>
      server.exchange.submit(sellCommand(5000 + n + i), () => {}),
    )
    await Promise.all(batch)
  }
  const client = await server.connect()
  const last = server.exchange.venue('TESTEX')?.instrument('FOOBAR')?.channels.book.last as number
  for (const channel of ['book', 'orders']) {
    t.match(await client.ask('subscribe', { ...book, channel }), { ok: false, reason: 'book_too_deep' })
    t.ok((await client.ask('subscribe', { ...book, channel, from: last - 1 })).ok)
  }
  t.ok((await client.ask('subscribe', { ...book, depth: 100 })).ok)
})

const keyed = () => ({
  accounts: createTestAccounts({ ALICE: 'alice-key', CAROL: 'alice-key', BOB: 'bob-key' }),
})
const own = { channel: 'account', venue: 'TESTEX', account: 'ALICE' }

t.test(
  'with keys, orders and private channels need the key of the account; market data needs none',
  async (t) => {
    const server = await start(t, keyed())
    await server.place({ account: 'ALICE' })
    const requests = [
      { op: 'place', ...order },
      { op: 'cancel', venue: 'TESTEX', orderId: 1 },
      { op: 'replace', venue: 'TESTEX', orderId: 1, price: 5000, quantity: 1 },
      { op: 'cancel-all', venue: 'TESTEX', account: 'ALICE' },
      { op: 'arm', venue: 'TESTEX', account: 'ALICE', graceMs: 0 },
      { op: 'disarm', venue: 'TESTEX', account: 'ALICE' },
      { op: 'subscribe', ...own },
    ]
    const header = (key: string) => ({ 'x-starfighter-authorization': key })

    const nobody = await server.connect()
    t.match(nobody.others[0], { type: 'welcome', keys: true })
    await nobody.subscribe('orders')
    const bob = await server.connect(header('bob-key'))
    for (const request of requests) {
      t.match(await nobody.request(request), { ok: false, reason: 'key_required' })
      t.match(await bob.request(request), { ok: false, reason: 'not_account_owner' })
    }
    for (let n = 0; n < feedLimits.inFlight; n += 1)
      await bob.ask('arm', { venue: 'TESTEX', account: 'ALICE', graceMs: 0 })
    t.match(
      await bob.request(requests[0] as object),
      { reason: 'not_account_owner' },
      'nothing is left waiting',
    )
    t.match(await nobody.ask('auth', { key: 'nonsense' }), { ok: false, reason: 'wrong_key' })
    t.equal(server.status(1).open, true)

    const refusal = await server.refusal('../../../ws/v1', { headers: header('nonsense') })
    t.match([refusal.status, refusal.body.reason], [401, 'wrong_key'])

    const byHeader = await server.connect(header('alice-key'))
    const byQuery = await server.connect({}, '?api_key=alice-key')
    t.strictSame((await nobody.done('auth', { key: 'alice-key' })).accounts, ['ALICE', 'CAROL'])
    for (const client of [byHeader, byQuery, nobody])
      t.ok((await client.request({ op: 'subscribe', ...own })).ok)
    t.ok((await byHeader.request({ op: 'place', ...order })).ok)
    t.ok((await nobody.request({ op: 'cancel', venue: 'TESTEX', orderId: 1 })).ok)
    t.notOk(JSON.stringify([nobody.texts, byHeader.texts]).includes('alice-key'))
  },
)

t.test(
  'a venue of another door can be read, but neither traded on nor its accounts listened to',
  async (t) => {
    const server = await start(t, { settings: { closedVenues: new Set(['TESTEX']) } })
    await server.place({ account: 'ALICE' })
    const client = await server.connect()
    for (const request of [
      { op: 'place', ...order },
      { op: 'cancel', venue: 'TESTEX', orderId: 1 },
      { op: 'replace', venue: 'TESTEX', orderId: 1, price: 5000, quantity: 1 },
      { op: 'cancel-all', venue: 'TESTEX', account: 'ALICE' },
      { op: 'arm', venue: 'TESTEX', account: 'ALICE', graceMs: 0 },
      { op: 'disarm', venue: 'TESTEX', account: 'ALICE' },
      { op: 'subscribe', ...own },
    ])
      t.match(await client.request(request), { ok: false, reason: 'closed_door' })
    t.ok(server.status(1).open)
    await client.subscribe('orders')
  },
)

t.test('nobody can act for an account of the house', async (t) => {
  const server = await start(t, {})
  await server.exchange.submit(houseAccount, () => {})
  await server.exchange.forHouse.submit({ ...sellCommand(5000), account: 'HOUSE' }, () => {})
  const client = await server.connect()
  for (const request of [
    { op: 'place', ...order, account: 'HOUSE' },
    { op: 'cancel', venue: 'TESTEX', orderId: 1 },
    { op: 'replace', venue: 'TESTEX', orderId: 1, price: 5000, quantity: 1 },
    { op: 'cancel-all', venue: 'TESTEX', account: 'HOUSE' },
    { op: 'arm', venue: 'TESTEX', account: 'HOUSE', graceMs: 0 },
    { op: 'disarm', venue: 'TESTEX', account: 'HOUSE' },
  ])
    t.match(await client.request(request), { ok: false, reason: 'house_account' }, request.op)
  t.ok(server.status(1).open)
})

t.test('a socket whose key is taken away is closed when it listens to an account', async (t) => {
  const { accounts } = keyed()
  const server = await start(t, { accounts })
  const [alice, bob] = [await server.connect(), await server.connect()]
  await alice.done('auth', { key: 'alice-key' })
  await alice.done('subscribe', own)
  await bob.done('auth', { key: 'bob-key' })
  accounts.replace({ ALICE: 'new-key', BOB: 'bob-key' })
  t.equal(await alice.closed, 1008)
  await bob.sync()
})

t.test('a replaced order keeps its id, and everybody hears where it stands now', async (t) => {
  const server = await start(t)
  const client = await server.connect()
  await client.done('place', order)
  await client.done('place', { ...order, account: 'BOB' })
  for (const channel of ['orders', 'book'] as const) await client.subscribe(channel)
  await client.done('subscribe', own)
  const from = client.messages.length
  const terms = (price: number, quantity: number) => ({ venue: 'TESTEX', orderId: 1, price, quantity })

  const fewer = await client.done('replace', terms(5000, 4))
  const moved = await client.done('replace', terms(4990, 6))
  await client.done('place', { ...order, account: 'CAROL', side: 'buy', price: 4990, quantity: 2 })
  const closed = await client.done('replace', terms(4990, 2))
  const again = await client.ask('replace', terms(4990, 9))
  await client.sync()

  t.match(fewer.order, { id: 1, price: 5000, quantity: 4, open: 4, filled: 0 })
  t.match(moved.order, { id: 1, price: 4990, quantity: 6, open: 6 })
  t.match(closed.order, { id: 1, price: 4990, quantity: 6, open: 0, filled: 2, closedBy: 'user' })
  t.match(again, { ok: false, reason: 'order_closed' })
  const heard = client.messages.slice(from)
  const of = (channel: string) => heard.filter((message) => message.channel === channel)
  t.match(of('orders'), [
    { orders: [{ id: 1, price: 5000, open: 4 }] },
    {
      orders: [
        { id: 1, price: 5000, open: 0 },
        { id: 1, price: 4990, open: 6 },
      ],
    },
    { orders: [{ id: 1, price: 4990, open: 4 }] },
    { orders: [{ id: 1, price: 4990, open: 0 }] },
  ])
  t.match(of('book')[1], {
    asks: [
      [5000, 10, 1],
      [4990, 6, 1],
    ],
  })
  const events = (messages: object[]) => (messages as ChangeOf<'account'>[]).flatMap(({ events }) => events)
  const lived = events(of('account'))
  t.match(lived, [
    { type: 'replaced', orderId: 1, price: 5000, quantity: 4, open: 4 },
    { type: 'replaced', orderId: 1, price: 4990, quantity: 6, open: 6 },
    { type: 'traded', orderId: 1, price: 4990, quantity: 2, open: 4, isTaker: false },
    { type: 'closed', orderId: 1, reason: 'user', canceled: 4 },
  ])
  // Told again it is the same, and the order is accepted as it was at first.
  const late = await server.connect()
  await late.done('subscribe', { ...own, from: 0 })
  await late.got(1)
  const told = events(late.messages)
  t.match(told[0], { type: 'accepted', orderId: 1, price: 5000, quantity: 10 })
  t.strictSame(told.slice(1), lived)
})

t.test("orders carry nobody's name", async (t) => {
  const server = await start(t)
  const client = await server.connect()
  for (const channel of ['quote', 'trades', 'book', 'orders'] as const) await client.subscribe(channel)
  await server.place({ account: 'SECRET', clientOrderId: 'hidden' })
  await server.buy({ account: 'HUSH' })
  await client.sync()
  t.notMatch(client.texts.join(), /SECRET|HUSH|hidden/)
})

t.test('heartbeats come as messages too, and a peer that answers no ping is given up', async (t) => {
  const server = await start(t)
  const client = await server.connect()
  server.beat()
  await client.sync()
  t.match(client.others[1], { type: 'heartbeat', time: /^20.*Z$/ })
  client.socket.pong = () => {}
  for (let n = 0; n < 4; n += 1) server.beat()
  t.equal(await client.closed, 1006)
})

t.test('a server that stops closes the sockets with 1001', async (t) => {
  const server = await start(t)
  const client = await server.connect()
  await server.app.close()
  t.equal(await client.closed, 1001)
})

t.test(
  'a reader that stops is told the newest of books when it reads on; a healthy one beside it hears all',
  async (t) => {
    const server = await start(t)
    const [slow, healthy] = [await server.connect(), await server.connect()]
    for (const client of [slow, healthy]) {
      await client.subscribe('book')
      await client.subscribe('quote')
    }
    slow.socket.pause()
    for (let round = 0; round < 250; round += 1) {
      await Promise.all(
        Array.from({ length: 100 }, (_, i) => server.place({ price: 5000 + ((round * 7 + i) % 90) })),
      )
    }
    await healthy.sync()
    // A pong may come before the newest book, which waits until the socket has room again.
    const caughtUp = new Promise<void>((resolve) => {
      slow.heard = ({ channel, seq }) => {
        if (channel === 'book' && seq === 25_000) resolve()
      }
    })
    slow.socket.resume()
    await caughtUp

    const replayed = (client: FeedClient) => {
      const mirror = new FeedBook()
      let count = 0
      for (const message of client.messages) {
        if (message.channel !== 'book') continue
        mirror.take(message as ChangeOf<'book'>)
        count += 1
      }
      return { count, seq: mirror.seq, asks: mirror.asks }
    }
    const [one, other] = [replayed(slow), replayed(healthy)]
    t.equal(other.count, 25_001)
    t.ok(one.count < 25_001, `${one.count} of them`)
    t.strictSame([one.seq, one.asks], [other.seq, other.asks])
    t.equal(server.hub.stats().feed?.slowCloses, 0)
  },
)

t.test('a reader of trades that stops is closed with 1013, and the one beside it is not', async (t) => {
  const server = await start(t)
  const [slow, healthy] = [await server.connect(), await server.connect()]
  for (const client of [slow, healthy]) await client.subscribe('orders')
  slow.socket.pause()
  for (let round = 0; server.hub.stats().feed?.slowCloses === 0 && round < 3000; round += 1) {
    await Promise.all(Array.from({ length: 200 }, (_, i) => server.place({ price: 5000 + i })))
  }
  t.equal(server.hub.stats().feed?.slowCloses, 1)
  slow.socket.resume()
  t.equal(await slow.closed, 1013)
  await healthy.sync()
})

t.test('subscriptions come and go in any order, and each that is there is right', async (t) => {
  const server = await start(t)
  const client = await server.connect()
  const depths = [undefined, 1, 5, 10]
  const books = new Map<string, FeedBook>()
  const nameOf = (message: { symbol: string; depth?: number }) => `${message.symbol} ${message.depth}`
  client.heard = (message) => {
    if (message.channel === 'book') books.get(nameOf(message))?.take(message)
  }
  const step = fc.record({
    symbol: fc.constantFrom('FOOBAR', 'BARFOO'),
    depth: fc.constantFrom(...depths),
    toggle: fc.boolean(),
    price: fc.integer({ min: 4990, max: 5010 }),
    side: fc.constantFrom('buy', 'sell'),
  })
  let interleavings = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 25, maxLength: 25 }), async (steps) => {
      for (const { symbol, depth, toggle, price, side } of steps) {
        interleavings += 1
        const fields = { channel: 'book', venue: 'TESTEX', symbol, ...(depth !== undefined && { depth }) }
        const name = `${symbol} ${depth}`
        if (toggle && books.delete(name)) void client.done('unsubscribe', fields)
        else if (toggle) {
          await client.sync()
          books.set(name, new FeedBook(depth))
          void client.done('subscribe', fields)
        } else await server.place({ symbol, price, side: side as 'buy', account: 'A' })
      }
      await client.sync()
      for (const [name, { seq, bids, asks }] of books) {
        const instrument = server.exchange.venue('TESTEX')?.instrument(name.split(' ')[0] as string)
        assert.equal(seq, instrument?.channels.book.last)
        const depth = Number(name.split(' ')[1])
        assert.deepEqual(
          [bids, asks],
          [instrument?.bids, instrument?.asks].map((levels) =>
            [...(levels?.levels() ?? [])]
              .slice(0, depth || undefined)
              .map((l) => [l.price, l.quantity, l.orderCount]),
          ),
        )
      }
    }),
    { numRuns: 401 },
  )
  t.ok(interleavings > 10_000)
})
