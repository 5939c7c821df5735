import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import type { ExecutionMessage } from '../../schemas/execution.ts'
import type { OrderView } from '../../schemas/order.ts'
import type { QuoteView } from '../../schemas/quote.ts'
import type { TapeMessage } from '../../schemas/tape.ts'
import { defaultRules, type SelfTrade } from '../../src/domain/venue.ts'
import { readFrames } from '../feeds/fakes.ts'
import { createTestAccounts, listing } from '../support/app.ts'
import { tlsFixture } from '../support/server.ts'
import { startStreams } from '../support/streams.ts'

const tapeOf = (quote: QuoteView): TapeMessage => ({ ok: true, quote })

t.test('SF-073 a resting limit order sends one tape message on the venue and on the stock URL', async (t) => {
  const server = await startStreams(t)
  const venue = await server.connect<TapeMessage>(server.tape())
  const stock = await server.connect<TapeMessage>(server.tape('/stocks/FOOBAR'))

  await server.place({ price: 5010, quantity: 40 })
  const first = server.quote()
  await server.place({ price: 5020 })

  for (const client of [venue, stock]) {
    const messages = await client.got(2)
    t.strictSame(messages, [tapeOf(first), tapeOf(server.quote())])
    t.strictSame(first, {
      ok: true,
      symbol: 'FOOBAR',
      venue: 'TESTEX',
      ask: 5010,
      bidSize: 0,
      askSize: 40,
      bidDepth: 0,
      askDepth: 40,
      quoteTime: first.quoteTime,
    })
    t.notOk(
      client.texts.some((text) => text.includes('\n')),
      'one line each',
    )
  }
})

t.test('SF-074 a sweep with three fills sends exactly one tape message, with the final quote', async (t) => {
  const server = await startStreams(t)
  for (const price of [5000, 5001, 5002]) await server.place({ price })
  const tape = await server.connect<TapeMessage>(server.tape())

  await server.buy({ price: 5002, quantity: 35 })
  const after = server.quote()
  await server.place({ price: 6000 })

  const [first, second] = await tape.got(2)
  t.strictSame(first, tapeOf(after))
  t.match(first?.quote, { bid: 5002, bidSize: 5, askDepth: 0, last: 5002, lastSize: 10 })
  t.notOk('ask' in (first?.quote ?? {}))
  t.strictSame(second, tapeOf(server.quote()))
})

t.test('SF-075 a cancel of an open order sends one tape message; of a closed order none', async (t) => {
  const server = await startStreams(t)
  const { id } = await server.place({})
  await server.place({ price: 5005 })
  const tape = await server.connect<TapeMessage>(server.tape())

  await server.cancel(id)
  const after = server.quote()
  await server.cancel(id)
  await server.place({ price: 6000 })

  t.strictSame(await tape.got(2), [tapeOf(after), tapeOf(server.quote())])
  t.equal(after.ask, 5005)
})

t.test("SF-076 another stock's order does not reach a stock-level tape", async (t) => {
  const server = await startStreams(t)
  const stock = await server.connect<TapeMessage>(server.tape('/stocks/FOOBAR'))
  const venue = await server.connect<TapeMessage>(server.tape())

  await server.place({ symbol: 'BARFOO' })
  await server.place({ symbol: 'FOOBAR' })

  t.strictSame(
    (await venue.got(2)).map(({ quote }) => quote.symbol),
    ['BARFOO', 'FOOBAR'],
  )
  t.strictSame(
    (await stock.got(1)).map(({ quote }) => quote.symbol),
    ['FOOBAR'],
  )
})

t.test('an order that changes no book sends no tape message', async (t) => {
  const server = await startStreams(t)
  await server.place({ price: 5000 })
  const tape = await server.connect<TapeMessage>(server.tape())

  await server.buy({ price: 4000, timeInForce: 'ioc' })
  await server.buy({ orderType: 'market', price: 0, timeInForce: 'ioc', symbol: 'BARFOO' })
  await server.buy({ price: 5000, quantity: 11, timeInForce: 'fok' })
  await server.exchange.submit({ type: 'list-instrument', venue: 'TESTEX', symbol: 'NEW' }, () => {})
  await server.exchange.submit({ type: 'cancel', venue: 'TESTEX', orderId: 99 }, () => {})
  await server.buy({ price: 5000, quantity: 10, timeInForce: 'fok' })

  t.strictSame(await tape.got(1), [tapeOf(server.quote())])
})

t.test("SF-077 each fill sends one execution to the maker's and one to the taker's account", async (t) => {
  const server = await startStreams(t)
  const maker = await server.connect<ExecutionMessage>(server.executions('MAKER'))
  const taker = await server.connect<ExecutionMessage>(server.executions('TAKER', '/stocks/FOOBAR'))
  const elsewhere = await server.connect<ExecutionMessage>(server.executions('TAKER', '/stocks/BARFOO'))
  for (const price of [5000, 5001, 5002]) await server.place({ price })

  await server.buy({ price: 5002, quantity: 25 })

  const told = (messages: readonly ExecutionMessage[]) =>
    messages.map(({ standingId, filled }) => [standingId, filled])
  const fills = [
    [1, 10],
    [2, 10],
    [3, 5],
  ]
  t.strictSame(told(await maker.got(3)), fills)
  t.strictSame(told(await taker.got(3)), fills)
  t.ok(maker.messages.every(({ account, order }) => account === 'MAKER' && order.account === 'MAKER'))
  t.ok(taker.messages.every(({ account, order }) => account === 'TAKER' && order.account === 'TAKER'))
  // Both topics of an account hear of it, each once.
  await server.place({ symbol: 'BARFOO' })
  await server.buy({ symbol: 'BARFOO' })
  t.strictSame(
    (await elsewhere.got(1)).map(({ symbol }) => symbol),
    ['BARFOO'],
  )
  t.strictSame((await maker.got(4)).at(-1)?.symbol, 'BARFOO')
  t.equal(taker.messages.length, 3)
})

t.test('SF-078 both carry the same standingId, incomingId, price, filled, filledAt', async (t) => {
  const server = await startStreams(t)
  const maker = await server.connect<ExecutionMessage>(server.executions('MAKER'))
  const taker = await server.connect<ExecutionMessage>(server.executions('TAKER'))
  await server.place({ price: 4990, quantity: 25 })

  const reply = await server.buy({ price: 5000, quantity: 100 })

  const [made] = await maker.got(1)
  const [took] = await taker.got(1)
  const shared = { standingId: 1, incomingId: 2, price: 4990, filled: 25, filledAt: reply.ts }
  t.match(made, { ...shared, standingComplete: true, incomingComplete: false })
  t.match(took, { ...shared, standingComplete: true, incomingComplete: false })
  t.strictSame(
    { ...took, order: null },
    {
      ok: true,
      account: 'TAKER',
      venue: 'TESTEX',
      symbol: 'FOOBAR',
      order: null,
      ...shared,
      standingComplete: true,
      incomingComplete: false,
    },
  )
})

t.test("SF-079 order is the receiver's own order, as just after that fill, with ok inside", async (t) => {
  const server = await startStreams(t)
  const maker = await server.connect<ExecutionMessage>(server.executions('MAKER'))
  const taker = await server.connect<ExecutionMessage>(server.executions('TAKER'))
  await server.place({ price: 5000, quantity: 10 })
  await server.place({ price: 5001, quantity: 50 })

  const reply = await server.buy({ price: 5001, quantity: 30, clientOrderId: 'mine' })

  const [first, second] = await taker.got(2)
  t.match(first?.order, { ok: true, id: 3, qty: 20, totalFilled: 10, open: true, clientOrderId: 'mine' })
  t.strictSame(first?.order.fills, reply.fills.slice(0, 1))
  t.strictSame(second?.order, reply)
  t.strictSame((await maker.got(2))[0]?.order, server.status(1))
  t.match(maker.messages[1]?.order, {
    ok: true,
    id: 2,
    qty: 30,
    totalFilled: 20,
    open: true,
    originalQty: 50,
  })
})

t.test('SF-080 the complete flags say that the open quantity reached 0 by trading', async (t) => {
  const server = await startStreams(t)
  const taker = await server.connect<ExecutionMessage>(server.executions('TAKER'))
  await server.place({ price: 5000, quantity: 10 })
  await server.place({ price: 5001, quantity: 10 })

  await server.buy({ price: 5001, quantity: 15 })
  await server.buy({ price: 5001, quantity: 5, timeInForce: 'ioc' })
  await server.place({ price: 5002, quantity: 5 })
  await server.buy({ price: 5002, quantity: 10, timeInForce: 'ioc' })

  t.strictSame(
    (await taker.got(4)).map(({ standingComplete, incomingComplete }) => [
      standingComplete,
      incomingComplete,
    ]),
    [
      [true, false],
      [false, true],
      [true, true],
      [true, false],
    ],
  )
})

t.test('SF-081 in a self-trade one socket gets both messages, the standing one first', async (t) => {
  const server = await startStreams(t)
  const both = await server.connect<ExecutionMessage>(server.executions('SELF'))
  await server.place({ account: 'SELF', price: 5000 })
  await server.place({ account: 'SELF', price: 5001 })

  await server.buy({ account: 'SELF', price: 5001, quantity: 20 })

  t.strictSame(
    (await both.got(4)).map(({ order }) => [order.id, order.direction]),
    [
      [1, 'sell'],
      [3, 'buy'],
      [2, 'sell'],
      [3, 'buy'],
    ],
  )
})

t.test(
  'SF-082 executions of a fill come before the tape message of that order, and both before the reply',
  async (t) => {
    const server = await startStreams(t)
    // The tape's sockets come first, so that it is not by chance.
    const clients = [
      await server.connect(server.tape()),
      await server.connect(server.tape('/stocks/FOOBAR')),
      await server.connect(server.executions('TAKER')),
      await server.connect(server.executions('MAKER')),
    ]
    await server.place({ price: 5000 })
    await server.place({ price: 5001 })
    await clients[0]?.got(2)
    server.writes.length = 0

    const reply = await fetch(`http://127.0.0.1:${server.port}/ob/api/venues/TESTEX/stocks/FOOBAR/orders`, {
      method: 'POST',
      body: JSON.stringify({ account: 'TAKER', price: 5001, qty: 20, direction: 'buy', orderType: 'limit' }),
    })

    t.equal(((await reply.json()) as OrderView).totalFilled, 20)
    const written = server.writes.flatMap(({ bytes }) => {
      if (typeof bytes === 'string') return bytes.includes('"fills"') ? ['reply'] : []
      return readFrames(bytes).map((text) => (text.includes('"quote"') ? 'tape' : 'execution'))
    })
    t.strictSame(written, [
      ...['execution', 'execution', 'execution', 'execution'],
      ...['tape', 'tape'],
      'reply',
    ])
  },
)

t.test('SF-083 killed FOKs, cancels and resting orders send no execution', async (t) => {
  const server = await startStreams(t)
  const maker = await server.connect<ExecutionMessage>(server.executions('MAKER'))
  const taker = await server.connect<ExecutionMessage>(server.executions('TAKER'))

  const { id } = await server.place({ price: 5000 })
  await server.buy({ price: 5000, quantity: 11, timeInForce: 'fok' })
  await server.buy({ price: 4000, timeInForce: 'ioc' })
  await server.cancel(id)
  await server.place({ price: 5001 })
  await server.buy({ price: 5001, quantity: 10, timeInForce: 'fok' })

  t.strictSame(
    (await maker.got(1)).map(({ order }) => order.id),
    [4],
  )
  t.strictSame(
    (await taker.got(1)).map(({ order }) => order.id),
    [5],
  )
})

t.test(
  'SF-084 the last execution of a partly filled IOC is incomplete, but its order is not open',
  async (t) => {
    const server = await startStreams(t)
    const taker = await server.connect<ExecutionMessage>(server.executions('TAKER'))
    const maker = await server.connect<ExecutionMessage>(server.executions('MAKER'))
    await server.place({ price: 5000 })
    await server.place({ price: 5001 })

    const reply = await server.buy({ price: 5001, quantity: 25, timeInForce: 'ioc' })

    const [first, last] = await taker.got(2)
    t.match(first, { incomingComplete: false, order: { open: true, qty: 15, totalFilled: 10 } })
    t.match(last, { incomingComplete: false, order: { open: false, qty: 0, totalFilled: 20 } })
    t.strictSame(last?.order, reply)
    t.match((await maker.got(2))[1], { incomingComplete: false, standingComplete: true })
  },
)

t.test("SF-085 a market order's execution has order.price 0", async (t) => {
  const server = await startStreams(t)
  const taker = await server.connect<ExecutionMessage>(server.executions('TAKER'))
  await server.place({ price: 5000 })

  const reply = await server.app.inject({
    method: 'POST',
    url: '/ob/api/venues/TESTEX/stocks/FOOBAR/orders',
    payload: { account: 'TAKER', price: 777, qty: 20, direction: 'buy', orderType: 'market' },
  })

  const [message] = await taker.got(1)
  t.match(message, {
    price: 5000,
    incomingComplete: false,
    order: { price: 0, orderType: 'market', open: false },
  })
  t.strictSame(message?.order, reply.json())
})

for (const [selfTrade, expected] of [
  ['cancel-taker', { open: false, qty: 0 }],
  ['cancel-both', { open: false, qty: 0 }],
  ['cancel-maker', { open: true, qty: 20 }],
  ['decrement', { open: true, qty: 20 }],
] as const satisfies [SelfTrade, object][]) {
  t.test(
    `under ${selfTrade} an execution does not call an order open that is canceled at once`,
    async (t) => {
      const rules = { ...defaultRules, selfTrade }
      const server = await startStreams(t, {
        commands: [
          { type: 'create-venue', venue: 'TESTEX', rules },
          { type: 'list-instrument', venue: 'TESTEX', symbol: 'FOOBAR' },
        ],
      })
      const taker = await server.connect<ExecutionMessage>(server.executions('TAKER'))
      const tape = await server.connect<TapeMessage>(server.tape())
      await server.place({ price: 5000, quantity: 10 })
      await server.place({ account: 'TAKER', price: 5001, quantity: 10 })
      await tape.got(2)

      const reply = await server.buy({ price: 5001, quantity: 30 })

      const [message] = await taker.got(1)
      t.match(message?.order, expected)
      t.equal(reply.open, expected.open)
      t.strictSame((await tape.got(3))[2], tapeOf(server.quote()), 'and the tape tells of it all once')
    },
  )
}

t.test('a self-trade that only cancels sends a tape message if the book changed', async (t) => {
  for (const [selfTrade, messages] of [
    ['cancel-taker', 0],
    ['cancel-maker', 1],
    ['decrement', 1],
  ] as const) {
    const server = await startStreams(t, {
      commands: [
        { type: 'create-venue', venue: 'TESTEX', rules: { ...defaultRules, selfTrade } },
        { type: 'list-instrument', venue: 'TESTEX', symbol: 'FOOBAR' },
      ],
    })
    await server.place({ account: 'TAKER', price: 5000, quantity: 10 })
    const tape = await server.connect<TapeMessage>(server.tape())

    await server.buy({ price: 5000, quantity: 4, timeInForce: 'ioc' })
    const after = server.quote()
    await server.place({ price: 6000 })

    const expected = messages === 0 ? [] : [tapeOf(after)]
    t.strictSame(await tape.got(messages + 1), [...expected, tapeOf(server.quote())], selfTrade)
  }
})

t.test('an execution message carries the newest 100 fills, and counts all', async (t) => {
  const server = await startStreams(t)
  const taker = await server.connect<ExecutionMessage>(server.executions('TAKER'))
  for (let i = 0; i < 120; i += 1) await server.place({ price: 5000 + i, quantity: 1 })

  const reply = await server.buy({ price: 6000, quantity: 120 })

  const messages = await taker.got(120)
  t.strictSame(
    messages.map(({ order }) => [order.totalFilled, order.fillsOmitted, order.fills]),
    messages.map((_, i) => [
      ...[i + 1, i < 100 ? undefined : i - 99],
      reply.fills.slice(Math.max(0, i - 99), i + 1),
    ]),
  )
})

t.test('beyond 1 MiB for a socket in a batch its messages hold their own fill only', async (t) => {
  const server = await startStreams(t)
  const taker = await server.connect<ExecutionMessage>(server.executions('TAKER', '/stocks/FOOBAR'))
  await Promise.all(Array.from({ length: 400 }, (_, i) => server.place({ price: 5000 + i, quantity: 1 })))

  const reply = await server.buy({ price: 6000, quantity: 400 })

  const messages = await taker.got(400)
  let bytes = 0
  for (const [i, { order }] of messages.entries()) {
    const brief = bytes > 1024 * 1024
    const fills = brief ? reply.fills.slice(i, i + 1) : reply.fills.slice(Math.max(0, i - 99), i + 1)
    if (JSON.stringify(order.fills) !== JSON.stringify(fills)) t.fail(`fills of message ${i}`)
    t.equal(order.fills.length + (order.fillsOmitted ?? 0), i + 1)
    t.equal(order.totalFilled, i + 1)
    bytes += Buffer.byteLength(taker.texts[i] as string) + 4
  }
  t.ok(bytes > 1024 * 1024 && bytes < 1.5 * 1024 * 1024, `${bytes} bytes`)
  // The next batch starts anew.
  await server.place({ price: 5000, quantity: 1 })
  await server.place({ price: 5001, quantity: 1 })
  await server.buy({ price: 6000, quantity: 2 })
  t.equal((await taker.got(402))[401]?.order.fills.length, 2)
})

t.test('a message is encoded once for all its sockets, and not at all for none', async (t) => {
  const server = await startStreams(t)
  await server.place({})
  await server.buy({})
  t.match(server.hub.stats(), { executions: { encoded: 0, sockets: 0 }, tape: { encoded: 0, sockets: 0 } })

  const clients = await Promise.all(
    ['', '', '/stocks/FOOBAR'].flatMap((suffix) => [
      server.connect(server.tape(suffix)),
      server.connect(server.executions('TAKER', suffix)),
    ]),
  )
  await server.place({})
  await server.buy({})
  await Promise.all(clients.map((client, i) => client.got(i % 2 === 0 ? 2 : 1)))

  t.match(server.hub.stats(), {
    executions: { encoded: 1, messages: 3, sockets: 3 },
    tape: { encoded: 2, messages: 6, sockets: 3 },
  })
})

t.test('what happens in one batch goes to a socket in one write', async (t) => {
  const server = await startStreams(t)
  const tape = await server.connect<TapeMessage>(server.tape())
  const maker = await server.connect<ExecutionMessage>(server.executions('MAKER'))

  server.writes.length = 0

  await Promise.all(
    Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? server.place({}) : server.buy({ quantity: 10 }))),
  )

  t.equal((await tape.got(100)).length, 100)
  t.equal((await maker.got(50)).length, 50)
  t.equal(server.writes.length, 2)
})

t.test('SF-086 a path outside the four is refused at the handshake', async (t) => {
  const server = await startStreams(t)

  for (const path of [
    'EXB123456',
    'EXB123456/venues/TESTEX',
    'EXB123456/venues/TESTEX/ticker',
    'EXB123456/tickertape',
    'EXB123456/venues/TESTEX/executions/stocks',
    'EXB123456/venues/TESTEX/executions/FOOBAR',
    'EXB123456/venues/TESTEX/executions/stocks/FOOBAR/more',
    '../heartbeat',
    '../venues/TESTEX/stocks/FOOBAR/quote',
    '../../../nothing',
  ]) {
    t.match(await server.refusal(path), { status: 404, body: { ok: false, reason: 'unknown_path' } }, path)
  }
  t.match(await server.refusal('%zz/venues/TESTEX/tickertape'), { status: 400, body: { ok: false } })
})

t.test('a slash at the end is ignored, and so is a query', async (t) => {
  const server = await startStreams(t)
  const clients = [
    await server.connect(`${server.tape()}/`),
    await server.connect(`${server.tape('/stocks/FOOBAR')}/?x=1`),
    await server.connect(`${server.executions('MAKER')}/`),
    await server.connect(`${server.executions('MAKER', '/stocks/FOOBAR')}/`),
  ]

  await server.place({})
  await server.buy({})

  for (const client of clients) await client.got(1)
})

t.test('names that cannot be are 400; the account of a tape may be anything', async (t) => {
  const server = await startStreams(t)

  for (const [path, field] of [
    ['EXB-1/venues/TESTEX/executions', 'account'],
    ['EXB123456/venues/TEST.EX/executions', 'venue'],
    ['EXB123456/venues/TEST%20EX/tickertape', 'venue'],
    [`EXB123456/venues/TESTEX/tickertape/stocks/${'X'.repeat(21)}`, 'stock'],
  ] as const) {
    t.match(await server.refusal(path), { status: 400, body: { ok: false, reason: 'bad_name', field } }, path)
  }
  await server.connect('a%20b/venues/TESTEX/tickertape')
})

t.test('an unknown venue is 404 unless orders make venues', async (t) => {
  const server = await startStreams(t)
  const soon = await server.connect<TapeMessage>('EXB123456/venues/SOON/tickertape')
  await server.place({ venue: 'SOON' })
  t.equal((await soon.got(1))[0]?.quote.venue, 'SOON')

  const strict = await startStreams(t, { settings: { autoCreate: false } })
  for (const stream of ['tickertape', 'executions']) {
    t.match(await strict.refusal(`EXB123456/venues/SOON/${stream}`), {
      status: 404,
      body: { ok: false, reason: 'unknown_venue', error: 'No venue exists with the symbol SOON' },
    })
    await strict.connect(`EXB123456/venues/TESTEX/${stream}/stocks/SOON`)
  }
})

t.test('all of it works over TLS, a write a batch too', async (t) => {
  const cert = readFileSync(tlsFixture.cert, 'utf8')
  const tls = { cert, key: readFileSync(tlsFixture.key, 'utf8') }
  const server = await startStreams(t, { settings: { tls } })
  const taker = await server.connect<ExecutionMessage>(server.executions('TAKER'), { ca: cert })
  const tape = await server.connect<TapeMessage>(server.tape(), { ca: cert })
  t.equal((await server.refusal(server.tape('/stocks'), { ca: cert })).status, 404)
  await server.place({ quantity: 100 })
  server.writes.length = 0

  await Promise.all(Array.from({ length: 100 }, () => server.buy({ quantity: 1 })))
  await Promise.all([taker.got(100), tape.got(101)])

  t.equal(server.writes.length, 2)
  await server.app.close()
  t.strictSame(await Promise.all([taker.closed, tape.closed]), [1001, 1001])
})

t.test('a page of another site may not listen', async (t) => {
  const server = await startStreams(t)

  for (const headers of [{ Origin: 'https://evil.example' }, { Host: 'evil.example' }]) {
    t.match(await server.refusal(server.tape(), { headers }), { status: 403, body: { ok: false } })
  }
  await server.connect(server.tape(), { headers: { Origin: `http://127.0.0.1:${server.port}` } })
})

t.test('a plain request to a stream is 426, and other methods are 405', async (t) => {
  const { app } = await startStreams(t)
  const url = '/ob/api/ws/EXB123456/venues/TESTEX/executions'

  const reply = await app.inject(url)
  t.equal(reply.statusCode, 426)
  t.match(reply.json(), { ok: false, reason: 'upgrade_required' })
  t.equal((await app.inject({ url: `${url}/`, headers: { upgrade: 'websocket' } })).statusCode, 426)
  t.equal((await app.inject({ url, method: 'POST' })).statusCode, 405)
})

t.test(
  'SF-087 client frames are ignored and do not close the socket; a client ping gets a pong',
  async (t) => {
    const server = await startStreams(t)
    const { socket, ...client } = await server.connect(server.tape())

    socket.send('hello')
    socket.send('{"ok":true}')
    socket.send(Buffer.alloc(1000))
    socket.ping('are you there')
    const [data] = await once(socket, 'pong')

    t.equal(`${data}`, 'are you there')
    t.equal(socket.readyState, WebSocket.OPEN)
    t.equal(client.messages.length, 0)
  },
)

t.test(
  'SF-088 an executions reader that stops reading is closed with 1013 at the bound, and slows nobody',
  async (t) => {
    const server = await startStreams(t)
    const slow = await server.connect<ExecutionMessage>(server.executions('TAKER'))
    const quick = await server.connect<ExecutionMessage>(server.executions('TAKER'))
    slow.socket.pause()

    let sent = 0
    while (server.hub.stats().executions?.slowCloses === 0) {
      await Promise.all(Array.from({ length: 200 }, () => server.place({ quantity: 1 })))
      await server.buy({ quantity: 200 })
      sent += 200
      await quick.got(sent)
      if (sent > 40_000) throw new Error('the bound was never reached')
    }
    slow.socket.resume()

    t.equal(await slow.closed, 1013)
    t.ok(slow.messages.length < sent, `${slow.messages.length} of ${sent}`)
    t.strictSame(slow.texts, quick.texts.slice(0, slow.texts.length), 'what it got before is whole, in order')
    t.ok(Buffer.byteLength(slow.texts.join('')) > 8 * 1024 * 1024)
    // It may come back at once.
    const again = await server.connect<ExecutionMessage>(server.executions('TAKER'))
    await server.place({})
    await server.buy({})
    await Promise.all([again.got(1), quick.got(sent + 1)])
  },
)

t.test('an executions reader that never reads on is cut off', async (t) => {
  const server = await startStreams(t)
  const connected = once(server.app.server, 'connection')
  const slow = await server.connect<ExecutionMessage>(server.executions('TAKER'))
  const [socket] = (await connected) as [Socket]
  slow.socket.pause()

  while (server.hub.stats().executions?.slowCloses === 0) {
    await Promise.all(Array.from({ length: 200 }, () => server.place({ quantity: 1 })))
    await server.buy({ quantity: 200 })
  }
  await once(socket, 'close')

  t.equal(server.hub.stats().executions?.sockets, 0)
})

t.test(
  'SF-088 a tape reader that stops keeps its connection and gets the newest quote per symbol, and slows nobody',
  async (t) => {
    const symbols = ['AAA', 'BBB', 'CCC']
    const server = await startStreams(t, { commands: listing('TESTEX', ...symbols) })
    const slow = await server.connect<TapeMessage>(server.tape())
    const quick = await server.connect<TapeMessage>(server.tape())
    slow.socket.pause()
    let sent = 0
    const flood = async () => {
      const orders = Array.from({ length: 2000 }, (_, i) =>
        server.place({ symbol: symbols[i % 3] as string, price: 5000 + (i % 100), quantity: 1 }),
      )
      await Promise.all(orders)
      sent += 2000
      await quick.got(sent)
    }

    while (server.hub.stats().tape?.conflations === 0) await flood()
    await flood()
    slow.socket.resume()
    const newest = symbols.map((symbol) => tapeOf(server.quote(symbol)))
    const isNewest = () =>
      newest.every((expected) =>
        slow.messages.slice(-3).some((message) => JSON.stringify(message) === JSON.stringify(expected)),
      )
    while (!isNewest()) await once(slow.socket, 'message')

    t.ok(slow.messages.length < sent, `${slow.messages.length} of ${sent}`)
    t.ok(server.hub.stats().tape?.skipped, `${server.hub.stats().tape?.skipped} skipped`)
    t.equal(slow.socket.readyState, WebSocket.OPEN)
    // From then on it gets everything again.
    const before = slow.messages.length
    for (let i = 0; i < 3; i += 1) await server.place({ symbol: 'AAA' })
    t.strictSame((await slow.got(before + 3)).slice(before), (await quick.got(sent + 3)).slice(sent))
  },
)

t.test('a peer that answers no pings is dropped; one that answers stays', async (t) => {
  const server = await startStreams(t)
  const silent = await server.connect(server.tape(), { autoPong: false })
  const lively = await server.connect(server.executions('MAKER'))
  let pings = 0
  silent.socket.on('ping', () => {
    pings += 1
  })

  for (let i = 0; i < 3; i += 1) {
    server.beat()
    if (i < 2) await once(lively.socket, 'ping')
    // A pong is there before what is sent after it.
    lively.socket.ping()
    await once(lively.socket, 'pong')
  }

  t.equal(await silent.closed, 1006)
  t.equal(pings, 2)
  t.equal(lively.socket.readyState, WebSocket.OPEN)
})

t.test('frames, pings and pongs never mix, even when a reader stops and goes on', async (t) => {
  const server = await startStreams(t)
  const client = await server.connect<ExecutionMessage>(server.executions('TAKER'))
  const pongs: string[] = []
  let pings = 0
  client.socket.on('pong', (data) => pongs.push(`${data}`))
  client.socket.on('ping', () => {
    pings += 1
  })

  // A parser that meets a mixed frame closes with an error.
  for (let round = 0; round < 40; round += 1) {
    if (round % 4 === 1) client.socket.pause()
    const orders = [server.place({ quantity: 300 })]
    for (let i = 0; i < 100; i += 1) {
      client.socket.ping(`${round * 100 + i}`)
      orders.push(server.buy({ quantity: 3 }))
    }
    server.beat()
    await Promise.all(orders)
    client.socket.resume()
    await client.sync()
  }

  const ids = (await client.got(4000)).map(({ incomingId }) => incomingId)
  await client.sync()
  t.strictSame(
    ids,
    ids.toSorted((a, b) => a - b),
  )
  t.strictSame(
    pongs.filter((text) => /^\d/.test(text)),
    Array.from({ length: 4000 }, (_, i) => `${i}`),
  )
  t.equal(pings, 40)
  t.equal(client.socket.readyState, WebSocket.OPEN)
})

t.test('many sockets on many symbols and accounts each get theirs', async (t) => {
  const symbols = Array.from({ length: 20 }, (_, i) => `S${i}`)
  const server = await startStreams(t, { commands: listing('TESTEX', ...symbols) })
  const tapes = await Promise.all(
    Array.from({ length: 200 }, (_, i) => server.connect<TapeMessage>(server.tape(`/stocks/S${i % 20}`))),
  )
  const accounts = await Promise.all(
    Array.from({ length: 100 }, (_, i) => server.connect<ExecutionMessage>(server.executions(`T${i}`))),
  )

  await Promise.all(
    Array.from({ length: 1000 }, (_, i) => [
      server.place({ symbol: `S${i % 20}` }),
      server.buy({ symbol: `S${i % 20}`, account: `T${i % 100}` }),
    ]).flat(),
  )

  for (const [i, tape] of tapes.entries()) {
    const messages = await tape.got(100)
    t.ok(messages.length === 100 && messages.every(({ quote }) => quote.symbol === `S${i % 20}`))
  }
  for (const [i, client] of accounts.entries()) {
    const messages = await client.got(10)
    t.ok(messages.length === 10 && messages.every(({ account }) => account === `T${i}`))
  }
  t.match(server.hub.stats(), { tape: { messages: 20_000, encoded: 2000 }, executions: { messages: 1000 } })
})

t.test('sockets that break off in the middle of everything disturb nobody', async (t) => {
  const server = await startStreams(t)
  const steady = await server.connect<ExecutionMessage>(server.executions('TAKER'))
  const flood = async () => {
    for (let i = 0; i < 200; i += 1) {
      await Promise.all([server.place({}), server.buy({}), server.place({}), server.buy({})])
    }
  }
  const churn = async () => {
    for (let i = 0; i < 60; i += 1) {
      const client = await server.connect(i % 2 === 0 ? server.tape() : server.executions('TAKER'))
      if (i % 3 === 0) client.socket.close()
      else if (i % 3 === 1) client.socket.terminate()
      else (client.socket as unknown as { _socket: Socket })._socket.resetAndDestroy()
    }
  }

  await Promise.all([flood(), churn()])

  const messages = await steady.got(400)
  t.equal(messages.length, 400)
  while (server.hub.stats().tape?.sockets !== 0 || server.hub.stats().executions?.sockets !== 1) {
    await server.place({})
  }
})

t.test('SF-097 executions without a key are 401 at the handshake; the tape is open', async (t) => {
  const accounts = createTestAccounts({ TAKER: 'takerkey', MAKER: 'makerkey' })
  const server = await startStreams(t, { accounts })
  const path = server.executions('TAKER')

  await server.connect(server.tape())
  t.match(await server.refusal(path), {
    status: 401,
    body: { ok: false, error: 'Server is in +authentication mode but no API key was received' },
  })
  for (const key of ['wrong', 'makerkey']) {
    t.match(await server.refusal(path, { headers: { 'X-Starfighter-Authorization': key } }), {
      status: 401,
      body: { ok: false, error: 'Unknown account or wrong API key' },
    })
    t.match(await server.refusal(`${path}?api_key=${key}`), { status: 401 })
  }
  await server.connect(path, { headers: { 'X-Starfighter-Authorization': 'takerkey' } })
  await server.connect(path, { headers: { 'X-Stockfighter-Authorization': 'takerkey' } })
  await server.connect(path, { headers: { Cookie: 'api_key=takerkey' } })
  await server.connect(`${path}/stocks/FOOBAR?api_key=takerkey`)
})

t.test('open executions need no key', async (t) => {
  const accounts = createTestAccounts({ TAKER: 'takerkey' })
  const server = await startStreams(t, { accounts, settings: { openExecutions: true } })
  const client = await server.connect(server.executions('TAKER'))

  accounts.replace({ OTHER: 'key' })
  await server.place({})
  await server.buy({})

  await client.got(1)
})

t.test('an executions socket whose key no longer holds is closed with 1008', async (t) => {
  const accounts = createTestAccounts({ TAKER: 'takerkey', MAKER: 'makerkey' })
  const server = await startStreams(t, { accounts })
  const taker = await server.connect(`${server.executions('TAKER')}?api_key=takerkey`)
  const maker = await server.connect<ExecutionMessage>(`${server.executions('MAKER')}?api_key=makerkey`)
  const tape = await server.connect<TapeMessage>(server.tape())

  accounts.replace({ TAKER: 'newkey', MAKER: 'makerkey' })
  t.equal(await taker.closed, 1008)
  await server.place({})
  await server.buy({})

  await Promise.all([maker.got(1), tape.got(2)])
  t.equal(taker.messages.length, 0)
})

t.test('when the server stops sockets get what was sent, then 1001', async (t) => {
  const server = await startStreams(t)
  const tape = await server.connect<TapeMessage>(server.tape())
  const maker = await server.connect<ExecutionMessage>(server.executions('MAKER'))
  await server.place({ quantity: 100 })
  await Promise.all(Array.from({ length: 100 }, () => server.buy({ quantity: 1 })))

  await server.app.close()

  t.strictSame(await Promise.all([tape.closed, maker.closed]), [1001, 1001])
  t.equal(tape.messages.length, 101)
  t.equal(maker.messages.length, 100)
})

t.test('messages are of the form that is documented', async (t) => {
  const server = await startStreams(t)
  const { paths } = server.app.swagger() as unknown as {
    paths: Record<
      string,
      { get: { responses: Record<string, { content: Record<string, { schema: { required: string[] } }> }> } }
    >
  }
  const tape = await server.connect<TapeMessage>(server.tape())
  const taker = await server.connect<ExecutionMessage>(server.executions('TAKER'))

  await server.place({})
  await server.buy({})

  for (const [suffix, [message]] of [
    ['tickertape', await tape.got(1)],
    ['executions', await taker.got(1)],
  ] as const) {
    const responses = paths[`/ob/api/ws/{account}/venues/{venue}/${suffix}`]?.get.responses
    const required = responses?.['101']?.content['application/json']?.schema.required
    t.strictSame(required?.toSorted(), Object.keys(message as object).toSorted())
  }
})

type Move =
  | {
      kind: 'place'
      account: string
      symbol: string
      side: 'buy' | 'sell'
      price: number
      quantity: number
      type: string
    }
  | { kind: 'cancel'; back: number }
  | { kind: 'wait' }

const anyMove: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('place' as const),
      account: fc.constantFrom('A', 'B', 'C'),
      symbol: fc.constantFrom('X', 'Y'),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      price: fc.integer({ min: 0, max: 6 }),
      quantity: fc.integer({ min: 1, max: 10 }),
      type: fc.constantFrom('limit', 'limit', 'limit', 'market', 'ioc', 'fok'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), back: fc.nat(10) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const) }) },
)

t.test(
  'whatever is traded, executions add up to what a status call says, and the tape ends at the quote',
  async (t) => {
    const server = await startStreams(t, { commands: [{ type: 'set-limits', limits: { books: 10_000 } }] })
    let run = 0

    await fc.assert(
      fc.asyncProperty(
        fc.array(anyMove, { maxLength: 80 }),
        fc.constantFrom<SelfTrade>('allow', 'allow', 'cancel-taker', 'cancel-maker', 'cancel-both'),
        async (moves, selfTrade) => {
          run += 1
          const venue = `V${run}`
          for (const command of [
            { type: 'create-venue', venue, rules: { ...defaultRules, selfTrade } },
            { type: 'list-instrument', venue, symbol: 'X' },
            { type: 'list-instrument', venue, symbol: 'Y' },
          ] as const) {
            await server.exchange.submit(command, () => {})
          }
          const tape = await server.connect<TapeMessage>(`-/venues/${venue}/tickertape`)
          const clients = await Promise.all(
            ['A', 'B', 'C'].map((account) =>
              server.connect<ExecutionMessage>(`${account}/venues/${venue}/executions`),
            ),
          )
          const onlyX = await server.connect<ExecutionMessage>(`A/venues/${venue}/executions/stocks/X`)

          const placed = await play(server, venue, moves)
          // What everybody hears of last says that all else has come.
          for (const account of ['A', 'B', 'C']) {
            await server.place({ venue, symbol: 'END', account, side: 'sell', price: 1, quantity: 1 })
            await server.place({ venue, symbol: 'END', account: 'Z', side: 'buy', price: 1, quantity: 1 })
          }
          for (const client of clients) {
            while (client.messages.at(-1)?.symbol !== 'END') await once(client.socket, 'message')
          }
          const end = JSON.stringify(tapeOf(server.quote('END', venue)))
          while (tape.texts.at(-1) !== end) await once(tape.socket, 'message')

          const all = clients.flatMap(({ messages }) => messages.filter(({ symbol }) => symbol !== 'END'))
          for (let id = 1; id <= placed; id += 1) {
            checkOrder(
              t,
              server.status(id, venue),
              all.filter(({ order }) => order.id === id),
            )
          }
          const fills = (side: 'standingId' | 'incomingId') =>
            all
              .filter((message) => message.order.id === message[side])
              .map(
                ({ standingId, incomingId, price, filled }) =>
                  `${standingId} ${incomingId} ${price} ${filled}`,
              )
              .toSorted()
          t.strictSame(fills('standingId'), fills('incomingId'))
          const ofX = clients[0]?.texts.filter((text) => text.includes('"symbol":"X"')) ?? []
          await onlyX.got(ofX.length)
          t.strictSame(onlyX.texts, ofX)
          for (const symbol of ['X', 'Y']) {
            const last = tape.messages.findLast(({ quote }) => quote.symbol === symbol)
            if (last !== undefined) t.strictSame(last.quote, server.quote(symbol, venue))
          }
          for (const { socket } of [tape, onlyX, ...clients]) socket.terminate()
        },
      ),
      { numRuns: 40 },
    )
  },
)

/** Makes the moves on a venue, many at once unless they say to wait; gives the number of orders placed. */
async function play(
  server: Awaited<ReturnType<typeof startStreams>>,
  venue: string,
  moves: readonly Move[],
): Promise<number> {
  const waiting: Promise<unknown>[] = []
  let placed = 0
  for (const move of moves) {
    if (move.kind === 'wait') await Promise.all(waiting.splice(0))
    else if (move.kind === 'cancel') waiting.push(server.cancel(placed - move.back, venue))
    else {
      placed += 1
      const { type, account, symbol, side, quantity } = move
      const timeInForce = type === 'limit' ? 'gtc' : type === 'fok' ? 'fok' : 'ioc'
      const form = { venue, account, symbol, side, quantity, timeInForce } as const
      const price = type === 'market' ? 0 : move.price
      waiting.push(server.place({ ...form, price, orderType: type === 'market' ? 'market' : 'limit' }))
    }
  }
  await Promise.all(waiting)
  return placed
}

/** Checks what was told about an order against what it has come to. */
function checkOrder(t: Test, status: OrderView, told: readonly ExecutionMessage[]): void {
  t.equal(told.length, status.fills.length)
  for (const [i, { order, price, filled, account, ...message }] of told.entries()) {
    t.match(status.fills[i], { price, qty: filled, ts: message.filledAt })
    t.strictSame(order.fills, status.fills.slice(0, i + 1))
    t.equal(account, status.account)
    const left = status.originalQty - order.totalFilled
    const complete = message.incomingId === order.id ? message.incomingComplete : message.standingComplete
    t.equal(complete, left === 0)
    t.equal(order.qty, order.open ? left : 0)
  }
  const last = told.at(-1)?.order
  // Only an order that rested can have been canceled later.
  if (last !== undefined && (status.orderType !== 'limit' || !last.open)) t.strictSame(last, status)
}
