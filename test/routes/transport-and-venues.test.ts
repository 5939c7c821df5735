import { once } from 'node:events'
import { request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { createTestApp, listing, sellCommand } from '../support/app.ts'
import { createClient, foobar, newOrder } from '../support/client.ts'

const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/

t.test('SF-001 the heartbeat is exactly ok and an empty error', async (t) => {
  const { get } = createClient((await createTestApp(t)).app)

  const { status, body } = await get('/ob/api/heartbeat')

  t.equal(status, 200)
  t.strictSame(body, { ok: true, error: '' })
})

t.test('SF-002 a trailing slash changes nothing, on any path', async (t) => {
  const { get } = createClient((await createTestApp(t)).app)
  for (const path of [
    '/ob/api/heartbeat',
    '/ob/api/venues',
    '/ob/api/venues/TESTEX',
    '/ob/api/venues/TESTEX/heartbeat',
    '/ob/api/venues/TESTEX/stocks',
    foobar,
    `${foobar}/quote`,
    '/ob/api/venues/TESTEX/accounts/EXB123456/orders',
  ]) {
    const [plain, slash] = [await get(path), await get(`${path}/`)]

    t.equal(slash.status, 200, path)
    t.strictSame(slash.body, plain.body, path)
  }
})

t.test('SF-003 HEAD is GET without the body', async (t) => {
  const { send, get } = createClient((await createTestApp(t)).app)
  for (const path of [
    '/ob/api/heartbeat',
    foobar,
    `${foobar}/quote`,
    '/ob/api/venues/NOPE/stocks',
    '/nowhere',
  ]) {
    const [head, full] = [await send('HEAD', path), await get(path)]

    t.equal(head.status, full.status, path)
    t.equal(head.headers['content-type'], full.headers['content-type'], path)
  }
})

t.test('SF-003 HEAD sends no body over a socket', async (t) => {
  const { app } = await createTestApp(t)
  const port = await listen(app)

  for (const path of ['/ob/api/heartbeat', '/nowhere', foobar]) {
    const { head, body } = await raw(
      port,
      `HEAD ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    )

    t.match(head, path === '/nowhere' ? /^HTTP\/1\.1 404/ : /^HTTP\/1\.1 200/)
    t.equal(body, '', path)
  }
})

t.test('SF-004 every reply is JSON, errors included', async (t) => {
  const { send } = createClient((await createTestApp(t)).app)
  for (const [method, path, body] of [
    ['GET', '/ob/api/heartbeat'],
    ['GET', '/ob/api/venues'],
    ['GET', '/ob/api/venues/NOPE/stocks'],
    ['GET', foobar],
    ['GET', `${foobar}/quote`],
    ['GET', '/nowhere'],
    ['GET', '/ob/api/venues/%zz'],
    ['GET', `/ob/api/venues/${'x'.repeat(5000)}`],
    ['PUT', foobar],
    ['POST', `${foobar}/orders`, '{'],
    ['POST', `${foobar}/orders`, newOrder()],
    ['POST', `${foobar}/orders`, 'x'.repeat(20_000)],
    ['DELETE', `${foobar}/orders/99`],
    ['GET', '/ob/api/venues/TESTEX/accounts/EXB123456/orders'],
    ['POST', '/gm/levels/first_steps'],
    ['GET', '/gm/instances/99'],
  ] as const) {
    const reply = await send(method, path, body)

    t.match(reply.headers['content-type'], /^application\/json/, `${method} ${path}`)
    t.type(reply.body.ok, 'boolean')
    if (reply.body.ok === false) {
      t.match(reply.body, { error: /./, reason: /^[a-z][a-z_]*$/ })
      t.ok(reply.status >= 400)
    }
  }
})

t.test('SF-005 an unknown path is 404', async (t) => {
  const { get } = createClient((await createTestApp(t)).app)
  for (const path of ['/ob/api', '/ob/api/venue', '/ob/API/heartbeat', `${foobar}/quotes`, '/gm']) {
    const { status, body } = await get(path)

    t.equal(status, 404, path)
    t.strictSame(body, { ok: false, error: 'Unknown path', reason: 'unknown_path' })
  }
})

t.test('SF-006 PUT on orders is 405 and says what is allowed', async (t) => {
  const { send } = createClient((await createTestApp(t)).app)

  const { status, body, headers } = await send('PUT', `${foobar}/orders`, newOrder())

  t.equal(status, 405)
  t.match(body, { ok: false, reason: 'method_not_allowed' })
  t.equal(headers.allow, 'POST')
})

t.test('SF-007 GET on orders and on cancel is 405', async (t) => {
  const { get } = createClient((await createTestApp(t)).app)
  for (const path of [`${foobar}/orders`, `${foobar}/orders/1/cancel`]) {
    const { status, body, headers } = await get(path)

    t.equal(status, 405, path)
    t.match(body, { ok: false, reason: 'method_not_allowed' })
    t.equal(headers.allow, 'POST')
  }
})

t.test('every path refuses every other method with 405, OPTIONS and a trailing slash included', async (t) => {
  const { send } = createClient((await createTestApp(t)).app)
  for (const [path, allow] of [
    ['/ob/api/heartbeat', ['GET', 'HEAD']],
    [foobar, ['GET', 'HEAD']],
    [`${foobar}/orders`, ['POST']],
    [`${foobar}/orders/1`, ['DELETE', 'GET', 'HEAD']],
    [`${foobar}/orders/1/cancel`, ['POST']],
    ['/gm/levels/first_steps', ['POST']],
  ] as const) {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']) {
      if ((allow as readonly string[]).includes(method)) continue
      for (const slash of ['', '/']) {
        const { status, headers } = await send(method, `${path}${slash}`)

        t.equal(status, 405, `${method} ${path}${slash}`)
        t.strictSame(`${headers.allow}`.split(', ').sort(), [...allow])
      }
    }
  }
  t.match(await send('PROPFIND', foobar), { status: 501, body: { ok: false, reason: 'unknown_method' } })
})

t.test('SF-008 a connection is kept for the next request', async (t) => {
  const { app } = await createTestApp(t)
  const port = await listen(app)
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  const texts: string[] = []
  socket.setEncoding('utf8').on('data', (text: string) => texts.push(text))
  const wanted = [
    `GET /ob/api/heartbeat HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    post(`${foobar}/orders`, '{'),
    post(`${foobar}/orders`, JSON.stringify(newOrder())),
  ]

  for (const [i, text] of wanted.entries()) {
    socket.write(text)
    while (count(texts.join(''), 'HTTP/1.1 ') <= i) await once(socket, 'data')
  }

  t.strictSame(texts.join('').match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 400', 'HTTP/1.1 200'])
  t.notMatch(texts.join(''), /connection: close/i)
})

t.test('SF-009 a body over the limit is 413', async (t) => {
  const { send } = createClient((await createTestApp(t)).app)
  const order = JSON.stringify(newOrder())
  const limit = 16 * 1024

  const fits = await send('POST', `${foobar}/orders`, order.padEnd(limit))
  const over = await send('POST', `${foobar}/orders`, order.padEnd(limit + 1))

  t.equal(fits.status, 200)
  t.equal(over.status, 413)
  t.match(over.body, { ok: false, reason: 'body_too_large' })
  for (const path of [`${foobar}/orders/1/cancel`, '/gm/levels/first_steps']) {
    t.equal((await send('POST', path, 'x'.repeat(limit + 1))).status, 413, path)
  }
})

t.test(
  'SF-009 a body over the limit is answered over a socket, whether its length is said or not',
  async (t) => {
    const { app } = await createTestApp(t)
    const port = await listen(app)
    for (const headers of [{ 'content-length': '20000' }, { 'transfer-encoding': 'chunked' }]) {
      const call = request({ port, method: 'POST', path: `${foobar}/orders`, headers })
      call.on('error', () => {})
      call.write('x'.repeat(20_000))

      const [reply] = await once(call, 'response')

      t.equal(reply.statusCode, 413)
      let text = ''
      for await (const chunk of reply) text += chunk
      t.match(JSON.parse(text), { ok: false, reason: 'body_too_large' })
      call.destroy()
    }
  },
)

t.test('headers over the limit, and what is no HTTP, get JSON too', async (t) => {
  const { app } = await createTestApp(t)
  const port = await listen(app)

  const long = await raw(port, `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  const garbage = await raw(port, 'what?\r\n\r\n')

  t.match(long.head, /^HTTP\/1\.1 431 /)
  t.match(JSON.parse(long.body), { ok: false, reason: 'headers_too_large' })
  t.match(garbage.head, /^HTTP\/1\.1 400 /)
  t.match(JSON.parse(garbage.body), { ok: false, reason: 'bad_request' })
})

t.test('SF-010 every time is RFC 3339 in UTC, with nine digits', async (t) => {
  const { app, clock } = await createTestApp(t)
  const { get, buy, sell, status } = createClient(app)
  clock.now += 1
  const order = await buy(5000, 10)
  await sell(5000, 4)
  const times = [
    order.ts,
    (await status(1)).body.ts,
    (await status(1)).body.fills[0].ts,
    (await get(foobar)).body.ts,
    (await get(`${foobar}/quote`)).body.quoteTime,
    (await get(`${foobar}/quote`)).body.lastTrade,
    (await get(`${foobar}/scores?format=json`)).body.startTime,
    (await get(`${foobar}/scores?format=json`)).body.ts,
    (await get(`${foobar}/orders/1/fills`)).body.fills[0].ts,
  ]

  for (const time of times) {
    t.match(time, timestamp)
    t.match(time, /\.\d{9}Z$/)
  }
  t.equal(order.ts, '2026-11-21T09:30:00.000001000Z')
})

t.test('SF-011 the heartbeat of a venue is exactly ok and its name', async (t) => {
  const { get } = createClient((await createTestApp(t)).app)

  const { status, body } = await get('/ob/api/venues/TESTEX/heartbeat')

  t.equal(status, 200)
  t.strictSame(body, { ok: true, venue: 'TESTEX' })
})

t.test('SF-012 the heartbeat of an unknown venue is 404', async (t) => {
  const { get } = createClient((await createTestApp(t)).app)

  const { status, body } = await get('/ob/api/venues/NOPE/heartbeat')

  t.equal(status, 404)
  t.strictSame(body, {
    ok: false,
    error: 'No venue exists with the symbol NOPE',
    reason: 'unknown_venue',
  })
})

t.test('SF-013 the venues are listed in the order of creation', async (t) => {
  const { app } = await createTestApp(t, { commands: [...listing('TESTEX', 'FOOBAR'), ...listing('AEX')] })

  const { status, body } = await createClient(app).get('/ob/api/venues')

  t.equal(status, 200)
  t.strictSame(body, {
    ok: true,
    id: true,
    venues: [
      { id: 1, name: 'TESTEX Exchange', state: 'open', venue: 'TESTEX' },
      { id: 2, name: 'AEX Exchange', state: 'open', venue: 'AEX' },
    ],
  })
})

t.test('SF-014 the stocks of a venue have a symbol and a name', async (t) => {
  const { app } = await createTestApp(t, { commands: listing('TESTEX', 'FOOBAR', 'ABC') })

  const { status, body } = await createClient(app).get('/ob/api/venues/TESTEX/stocks')

  t.equal(status, 200)
  t.strictSame(body, {
    ok: true,
    symbols: [
      { name: 'FOOBAR Inc', symbol: 'FOOBAR' },
      { name: 'ABC Inc', symbol: 'ABC' },
    ],
  })
})

t.test('SF-015 the venue itself gives the same list', async (t) => {
  const { get } = createClient((await createTestApp(t)).app)

  const [short, long] = [await get('/ob/api/venues/TESTEX'), await get('/ob/api/venues/TESTEX/stocks')]

  t.equal(short.status, 200)
  t.strictSame(short.body, long.body)
})

t.test('SF-016 the stocks of an unknown venue are 404', async (t) => {
  const { get } = createClient((await createTestApp(t)).app)
  for (const path of ['/ob/api/venues/NOPE/stocks', '/ob/api/venues/NOPE']) {
    t.match(await get(path), { status: 404, body: { ok: false, reason: 'unknown_venue' } }, path)
  }
})

t.test('SF-017 reading an unknown book creates nothing', async (t) => {
  const { get } = createClient((await createTestApp(t)).app)
  const before = (await get('/ob/api/venues')).text
  for (const path of ['', '/quote', '/orders/1', '/scores?format=json', '/orders/1/fills']) {
    t.match((await get(`/ob/api/venues/NOPE/stocks/FOOBAR${path}`)).status, 404, path)
    t.match((await get(`/ob/api/venues/TESTEX/stocks/NOPE${path}`)).status, 404, path)
  }
  t.equal((await get('/ob/api/venues/NOPE/accounts/EXB123456/orders')).status, 404)
  t.equal((await get('/ob/api/venues/TESTEX/accounts/EXB123456/stocks/NOPE/orders')).status, 404)

  t.equal((await get('/ob/api/venues')).text, before)
  t.strictSame((await get('/ob/api/venues/TESTEX')).body.symbols, [{ name: 'FOOBAR Inc', symbol: 'FOOBAR' }])
})

t.test('an unknown stock is told in the words that clients know', async (t) => {
  const { get } = createClient((await createTestApp(t)).app)

  t.strictSame((await get('/ob/api/venues/TESTEX/stocks/XYZ')).body, {
    ok: false,
    error: 'symbol XYZ does not exist on venue TESTEX',
    reason: 'unknown_symbol',
  })
  t.strictSame((await get('/ob/api/venues/TESTEX/stocks/XYZ/quote')).body, {
    ok: false,
    error: 'Stock XYZ does not trade on venue TESTEX',
    reason: 'unknown_symbol',
  })
})

t.test('a name outside the rule in a URL is 400, on reads too, and names the part', async (t) => {
  const { get, send, place } = createClient((await createTestApp(t)).app)
  for (const name of ['a-b', 'a%20b', '%C3%A9', 'A'.repeat(21), 'x'.repeat(8000), 'a.b', '%2F']) {
    for (const [path, field] of [
      [`/ob/api/venues/${name}`, 'venue'],
      [`/ob/api/venues/${name}/heartbeat`, 'venue'],
      [`/ob/api/venues/${name}/stocks`, 'venue'],
      [`/ob/api/venues/TESTEX/stocks/${name}`, 'stock'],
      [`/ob/api/venues/TESTEX/stocks/${name}/quote`, 'stock'],
      [`/ob/api/venues/TESTEX/stocks/${name}/scores`, 'stock'],
      [`/ob/api/venues/TESTEX/stocks/${name}/orders/1`, 'stock'],
      [`/ob/api/venues/TESTEX/accounts/${name}/orders`, 'account'],
      [`/ob/api/venues/TESTEX/accounts/${name}/stocks/FOOBAR/orders`, 'account'],
      [`/ob/api/venues/TESTEX/accounts/EXB123456/stocks/${name}/orders`, 'stock'],
    ] as const) {
      const { status, body } = await get(path)
      t.match({ status, body }, { status: 400, body: { ok: false, reason: 'bad_name', field } }, path)
    }
    t.match(await place({}, `/ob/api/venues/TESTEX/stocks/${name}`), {
      status: 400,
      body: { field: 'stock' },
    })
    t.match(await place({}, `/ob/api/venues/${name}/stocks/FOOBAR`), {
      status: 400,
      body: { field: 'venue' },
    })
    t.match(await send('DELETE', `/ob/api/venues/${name}/stocks/FOOBAR/orders/1`), { status: 400 })
  }
})

t.test('a name may be written with percent signs in a URL', async (t) => {
  const { get } = createClient((await createTestApp(t)).app)

  t.strictSame((await get('/ob/api/venues/TEST%45X/heartbeat')).body, { ok: true, venue: 'TESTEX' })
})

t.test('upper and lower case are different names', async (t) => {
  const { get } = createClient((await createTestApp(t)).app)

  t.equal((await get('/ob/api/venues/testex')).status, 404)
  t.equal((await get('/ob/api/venues/TESTEX/stocks/foobar')).status, 404)
})

t.test('names that JavaScript objects have are names like others', async (t) => {
  const { get, place } = createClient((await createTestApp(t)).app)
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    t.equal((await get(`/ob/api/venues/${name}/heartbeat`)).status, 404, name)
    t.equal((await get(`/ob/api/venues/TESTEX/stocks/${name}`)).status, 404, name)
    const { status, body } = await place({ account: name }, `/ob/api/venues/${name}/stocks/${name}`)
    t.match({ status, body }, { status: 200, body: { venue: name, symbol: name, account: name } })
    t.equal((await get(`/ob/api/venues/${name}/accounts/${name}/orders`)).body.orders.length, 1)
  }
})

t.test('SF-018 an empty book has two empty sides and a time', async (t) => {
  const { get } = createClient((await createTestApp(t)).app)

  const { status, body } = await get(foobar)

  t.equal(status, 200)
  t.strictSame(body, {
    ok: true,
    venue: 'TESTEX',
    symbol: 'FOOBAR',
    bids: [],
    asks: [],
    ts: '2026-11-21T09:30:00.000000000Z',
  })
})

t.test('SF-019 two orders at one price are two entries, the older first', async (t) => {
  const { buy, book } = createClient((await createTestApp(t)).app)
  await buy(5000, 30)
  await buy(5000, 5)

  t.strictSame((await book()).bids, [
    { price: 5000, qty: 30, isBuy: true },
    { price: 5000, qty: 5, isBuy: true },
  ])
})

t.test('SF-020 bids descend and asks ascend', async (t) => {
  const { buy, sell, book } = createClient((await createTestApp(t)).app)
  for (const price of [4900, 5000, 4950]) await buy(price, 1)
  for (const price of [5200, 5100, 5150]) await sell(price, 1)

  const { bids, asks } = await book()

  t.strictSame(
    bids.map(({ price }: { price: number }) => price),
    [5000, 4950, 4900],
  )
  t.strictSame(
    asks.map(({ price }: { price: number }) => price),
    [5100, 5150, 5200],
  )
  t.ok(bids.every(({ isBuy }: { isBuy: boolean }) => isBuy))
  t.ok(asks.every(({ isBuy }: { isBuy: boolean }) => !isBuy))
})

t.test('SF-021 a partly filled order stands with what is open', async (t) => {
  const { buy, sell, book } = createClient((await createTestApp(t)).app)
  await buy(5000, 30)
  await sell(5000, 12)

  t.strictSame((await book()).bids, [{ price: 5000, qty: 18, isBuy: true }])
})

t.test('a side of a book shows its best 100,000 orders and says how many are left out', async (t) => {
  const { app, exchange } = await createTestApp(t, { queueLimit: 200_000 })
  await Promise.all(
    Array.from({ length: 100_003 }, (_, i) => exchange.submit(sellCommand(1000 + (i % 50)), () => undefined)),
  )

  const { bids, asks, asksOmitted, bidsOmitted } = await createClient(app).book()

  t.equal(asks.length, 100_000)
  t.equal(asksOmitted, 3)
  t.equal(asks[0].price, 1000)
  t.equal(asks.at(-1).price, 1049)
  t.strictSame(bids, [])
  t.equal(bidsOmitted, undefined)
})

async function listen(app: FastifyInstance): Promise<number> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  return (app.server.address() as AddressInfo).port
}

/** Sends bytes and reads until the server closes. */
async function raw(port: number, text: string): Promise<{ head: string; body: string }> {
  const socket = connect(port, '127.0.0.1')
  socket.write(text)
  let reply = ''
  for await (const chunk of socket.setEncoding('utf8')) reply += chunk
  const [head = '', body = ''] = reply.split('\r\n\r\n')
  return { head, body }
}

function post(path: string, body: string): string {
  return `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

function count(text: string, part: string): number {
  return text.split(part).length - 1
}
