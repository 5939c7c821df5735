import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import t from 'tap'
import type { Log } from '../../src/log/log.ts'
import { createTestAccounts, createTestApp } from '../support/app.ts'
import { tlsTexts } from '../support/server.ts'

const orders = '/ob/api/venues/TESTEX/stocks/FOOBAR/orders'
const order = { account: 'EXB123456', price: 5000, qty: 1, direction: 'buy', orderType: 'limit' }
const key = { 'x-starfighter-authorization': 'key' }

t.test('a request with a foreign origin is refused unless it is a plain read', async (t) => {
  const { app } = await createTestApp(t, { settings: { cors: ['https://friend.example'] } })
  const host = 'localhost:8000'
  const own = ['http://localhost:8000', 'HTTP://LocalHost:8000', 'https://localhost:8000']
  const allowed = ['https://friend.example', 'HTTPS://FRIEND.EXAMPLE']
  const foreign = [
    'http://evil.example',
    'null',
    '',
    'http://localhost:8001',
    'http://localhost',
    'https://friend.example:8443',
    'https://friend.example.evil.example',
    'http://friend.example',
    'http://localhost:8000@evil.example',
    'ws://localhost:8000',
  ]
  const calls = [
    { name: 'read', method: 'GET', url: '/ob/api/heartbeat', status: 200, read: true },
    { name: 'head', method: 'HEAD', url: '/ob/api/heartbeat', status: 200, read: true },
    { name: 'unknown path', method: 'GET', url: '/nothing', status: 404, read: true },
    { name: 'order', method: 'POST', url: orders, status: 200, read: false },
    { name: 'cancel', method: 'DELETE', url: `${orders}/1`, status: 200, read: false },
    { name: 'post to an unknown path', method: 'POST', url: '/nothing', status: 404, read: false },
    { name: 'unknown method', method: 'PUT', url: orders, status: 405, read: false },
    { name: 'game', method: 'POST', url: '/gm/levels/first_steps', status: 200, read: false },
  ] as const

  for (const { name, method, url, status, read } of calls) {
    const call = async (origin?: string) => {
      const headers = origin === undefined ? { host } : { host, origin }
      const reply = await app.inject({ method, url, headers, ...(url === orders && { payload: order }) })
      return reply.statusCode
    }
    t.equal(await call(), status, `${name}, no origin`)
    for (const origin of [...own, ...allowed]) t.equal(await call(origin), status, `${name}, ${origin}`)
    for (const origin of foreign) t.equal(await call(origin), read ? status : 403, `${name}, "${origin}"`)
  }

  const refused = await app.inject({
    method: 'POST',
    url: orders,
    headers: { host, origin: 'null' },
    payload: order,
  })
  t.match(refused.json(), { ok: false, reason: 'foreign_origin', error: /\w/ })
})

t.test('an upgrade is no plain read', async (t) => {
  const { app } = await createTestApp(t)
  const upgrade = async (origin?: string) => {
    const headers = { upgrade: 'websocket', connection: 'Upgrade', ...(origin !== undefined && { origin }) }
    const reply = await app.inject({ url: '/ob/api/heartbeat', headers })
    return reply.statusCode
  }

  t.equal(await upgrade(), 200)
  t.equal(await upgrade('http://localhost:80'), 200, 'the default port is left out or not')
  t.equal(await upgrade('http://localhost'), 200)
  t.equal(await upgrade('http://evil.example'), 403)
})

t.test('with TLS only https is the own scheme', async (t) => {
  const { cert, key } = tlsTexts()
  const { app } = await createTestApp(t, { settings: { tls: { cert, key } } })
  const post = async (origin: string, host: string) => {
    const reply = await app.inject({ method: 'POST', url: orders, headers: { host, origin }, payload: order })
    return reply.statusCode
  }

  t.equal(await post('https://localhost', 'localhost'), 200)
  t.equal(await post('https://localhost', 'localhost:443'), 200)
  t.equal(await post('http://localhost', 'localhost'), 403)
})

t.test('on loopback only loopback names are answered, and those that are allowed', async (t) => {
  const hosts = {
    localhost: 200,
    'LOCALHOST:8000': 200,
    'localhost.': 200,
    'localhost.:8000': 200,
    'bot.localhost': 200,
    '127.0.0.1:8000': 200,
    '127.1.2.3': 200,
    '[::1]': 200,
    '[::1]:8000': 200,
    '[::ffff:127.0.0.1]:8000': 200,
    'Api.Stockfighter.io': 200,
    'api.stockfighter.io:443': 200,
    'evil.example': 403,
    'evil.example:8000': 403,
    'localhost.evil.example': 403,
    '127.0.0.1.evil.example': 403,
    '10.0.0.1:8000': 403,
    '[2001:db8::1]:8000': 403,
  }
  const { app } = await createTestApp(t, { settings: { allowHost: ['api.stockfighter.io'] } })

  for (const [host, status] of Object.entries(hosts)) {
    for (const [method, url] of [
      ['GET', '/ob/api/heartbeat'],
      ['POST', orders],
    ] as const) {
      const reply = await app.inject({
        method,
        url,
        headers: { host },
        ...(method === 'POST' && { payload: order }),
      })
      t.equal(reply.statusCode, status, `${method} to "${host}"`)
      if (status === 403) t.match(reply.json(), { ok: false, reason: 'foreign_host' })
    }
  }
  const unknown = await app.inject({ url: '/nothing', headers: { host: 'evil.example' } })
  t.equal(unknown.statusCode, 403, 'an unknown path as well')
})

t.test('elsewhere every name is answered, unless some are allowed', async (t) => {
  const open = await createTestApp(t, { settings: { host: '0.0.0.0' } })
  const named = await createTestApp(t, { settings: { host: '0.0.0.0', allowHost: ['exchange.example'] } })
  const status = async ({ app }: typeof open, host: string) =>
    (await app.inject({ url: '/ob/api/heartbeat', headers: { host } })).statusCode

  t.equal(await status(open, 'anything.example'), 200)
  t.equal(await status(named, 'anything.example'), 403)
  t.equal(await status(named, 'exchange.example:8000'), 200)
  t.equal(await status(named, '10.0.0.1:8000'), 200, 'an address cannot be made to point elsewhere')
  t.equal(await status(named, '[2001:db8::1]:8000'), 200)
})

t.test('pages of an allowed origin can call, with keys and after asking', async (t) => {
  const accounts = createTestAccounts({ EXB123456: 'key' })
  const { app } = await createTestApp(t, { accounts, settings: { cors: ['https://friend.example'] } })
  const origin = 'https://friend.example'
  const asking = {
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'x-starfighter-authorization',
  }

  const asked = await app.inject({ method: 'OPTIONS', url: orders, headers: { origin, ...asking } })
  t.equal(asked.statusCode, 204)
  t.equal(asked.headers['access-control-allow-origin'], origin)
  t.equal(asked.headers['access-control-allow-headers'], 'x-starfighter-authorization')

  const placed = await app.inject({
    method: 'POST',
    url: orders,
    headers: { origin, ...key },
    payload: order,
  })
  t.equal(placed.statusCode, 200)
  t.equal(placed.headers['access-control-allow-origin'], origin)

  const refused = await app.inject({ method: 'POST', url: orders, headers: { origin }, payload: order })
  t.equal(refused.statusCode, 401)
  t.equal(refused.headers['access-control-allow-origin'], origin, 'so that the page can read why')

  const evil = { origin: 'https://evil.example', ...asking }
  const foreign = await app.inject({ method: 'OPTIONS', url: orders, headers: evil })
  t.equal(foreign.statusCode, 403)
  t.equal(foreign.headers['access-control-allow-origin'], undefined)
})

t.test('without allowed origins nobody is told that they may call', async (t) => {
  const { app } = await createTestApp(t)

  const reply = await app.inject({ url: '/ob/api/heartbeat', headers: { origin: 'http://localhost:80' } })

  t.equal(reply.headers['access-control-allow-origin'], undefined)
})

t.test('the rate limit counts by key, else by address, everything that is asked', async (t) => {
  const accounts = createTestAccounts({ EXB123456: 'key', OTHER: 'other' })
  const { app } = await createTestApp(t, { accounts, settings: { rateLimit: 3 } })
  const status = async (headers: Record<string, string>, url = '/ob/api/heartbeat') =>
    (await app.inject({ url, headers })).statusCode
  const withKey = (text: string) => ({ 'x-starfighter-authorization': text })

  for (const url of ['/ob/api/heartbeat', '/nothing', orders]) await status(withKey('key'), url)
  const limited = await app.inject({ url: '/ob/api/heartbeat', headers: withKey('key') })
  t.equal(limited.statusCode, 429)
  t.equal(limited.headers['retry-after'], '1')
  t.match(limited.json(), { ok: false, reason: 'rate_limited', error: 'Too many requests' })
  t.equal(await status(withKey('key'), '/nothing'), 429)
  t.equal(await status(withKey('other')), 200, 'another key')

  const made = [await status({})]
  for (const text of ['a', 'b', 'c']) made.push(await status(withKey(text)))
  t.strictSame(made, [200, 200, 200, 429], 'a key that nobody holds is no key')
})

t.test('pages have the headers that keep others out, and only they', async (t) => {
  const { app } = await createTestApp(t)

  for (const url of ['/', '/docs', '/docs/', '/ob/api/venues/TESTEX/stocks/FOOBAR/scores']) {
    const { statusCode, headers } = await app.inject({ url, headers: { accept: 'text/html' } })
    t.equal(statusCode, 200)
    t.match(headers['content-type'], /^text\/html/)
    const security = String(headers['content-security-policy'])
    t.match(security, /default-src 'none'; script-src 'self';/, url)
    t.match(security, /frame-ancestors 'none'/)
    t.notMatch(security, /script-src[^;]*unsafe/)
    t.match(headers, { 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' })
  }
  const page = await app.inject('/docs/')
  t.notMatch(page.body, /<script>|<style|onload=|http:\/\//, 'the page keeps to its own rules')
  for (const [, file] of page.body.matchAll(/(?:src|href)="\.\/([^"]+)"/g)) {
    t.equal((await app.inject(`/docs/${file}`)).statusCode, 200, `${file}`)
  }
  const plain = await app.inject('/ob/api/heartbeat')
  t.equal(plain.headers['content-security-policy'], undefined)
})

t.test(
  'files of the page are kept by browsers for as long as they are the same, and come packed',
  async (t) => {
    const { app } = await createTestApp(t)
    const page = await app.inject('/')
    t.equal(page.headers['cache-control'], 'no-cache')
    const files = [...page.body.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, file]) => `${file}`)
    t.equal(files.length, 3)
    for (const file of files) {
      const plain = await app.inject(file)
      t.match(plain.headers, { 'cache-control': /immutable/, 'x-content-type-options': 'nosniff' })
      for (const [encoding, unpack] of [
        ['br', brotliDecompressSync],
        ['gzip', gunzipSync],
      ] as const) {
        const { headers, rawPayload } = await app.inject({
          url: file,
          headers: { 'accept-encoding': encoding },
        })
        t.match(headers, { 'content-encoding': encoding, vary: 'accept-encoding' })
        t.equal(headers['content-type'], plain.headers['content-type'])
        t.ok(unpack(rawPayload).equals(plain.rawPayload), `${file} as ${encoding}`)
      }
    }
    t.equal((await app.inject('/assets/licenses.md')).headers['cache-control'], 'no-cache')

    for (const file of [
      'nothing.js',
      '..%2Findex.html',
      '%2e%2e%2findex.html',
      '.page-stamp',
      'a%00b',
      '%2F',
    ]) {
      const none = await app.inject(`/assets/${file}`)
      t.equal(none.statusCode, 404, file)
      t.match(none.json(), { ok: false, reason: 'unknown_path' })
      t.notMatch(none.headers['cache-control'], /immutable/)
    }
  },
)

t.test('health is 200 while orders are taken, and 503 with the reason when not', async (t) => {
  let broken = false
  const log: Log = {
    first: 1,
    last: 0 as Log['last'],
    append: async () => {
      if (broken) throw new Error('no space')
    },
    read: async function* () {},
    close: async () => {},
  }
  const { app, clock } = await createTestApp(t, { log })

  clock.now += 61_500_000
  const good = await app.inject('/health')
  t.equal(good.statusCode, 200)
  t.match(good.json(), { ok: true, version: /^\d+\.\d+\.\d+/, uptime: 61, sequence: 2, queued: 0 })

  broken = true
  t.equal((await app.inject({ method: 'POST', url: orders, payload: order })).statusCode, 503)
  const bad = await app.inject('/health')
  t.equal(bad.statusCode, 503)
  t.match(bad.json(), { ok: false, reason: 'journal_failed', error: /journal/, sequence: 2 })
  t.equal((await app.inject('/ob/api/heartbeat')).statusCode, 200, 'reading goes on')
})

t.test('metrics count requests, orders by outcome, refusals and trades', async (t) => {
  const { app } = await createTestApp(t)
  const place = (fields: object) =>
    app.inject({ method: 'POST', url: orders, payload: { ...order, ...fields } })
  await place({ qty: 2 })
  await place({ direction: 'sell' })
  await place({ direction: 'sell', orderType: 'ioc', qty: 5 })
  await place({ orderType: 'fok' })
  await place({ orderType: 'market' })
  await place({ qty: 9 })
  await app.inject({ method: 'DELETE', url: `${orders}/6` })
  await place({ clientOrderId: 'x' })
  await place({ clientOrderId: 'x' })
  await place({ clientOrderId: 'x', qty: 3 })
  await app.inject('/nothing')
  await app.inject({ method: 'PUT', url: orders })

  const { body, headers } = await app.inject('/metrics')

  t.match(headers['content-type'], /^text\/plain; version=0\.0\.4/)
  for (const line of [
    'stockyard_orders_total{type="limit",outcome="rested"} 3',
    'stockyard_orders_total{type="limit",outcome="filled"} 1',
    'stockyard_orders_total{type="ioc",outcome="canceled"} 1',
    'stockyard_orders_total{type="fok",outcome="killed"} 1',
    'stockyard_orders_total{type="market",outcome="canceled"} 1',
    'stockyard_orders_total{type="unknown",outcome="repeated"} 1',
    'stockyard_refusals_total{reason="client_order_id_conflict"} 1',
    'stockyard_trades_total 2',
    'stockyard_cancels_total 1',
    'stockyard_http_requests_total{route="/ob/api/venues/:venue/stocks/:stock/orders",method="POST",status="200"} 8',
    'stockyard_http_requests_total{route="/ob/api/venues/:venue/stocks/:stock/orders",method="POST",status="409"} 1',
    'stockyard_http_requests_total{route="/ob/api/venues/:venue/stocks/:stock/orders",method="PUT",status="405"} 1',
    'stockyard_http_requests_total{route="none",method="GET",status="404"} 1',
    'stockyard_commands_applied{shard="0"} 12',
    'stockyard_commands_queued{shard="0"} 0',
    'stockyard_sockets{feed="tape"} 0',
  ]) {
    t.ok(body.includes(`${line}\n`), line)
  }
  t.match(body, /process_resident_memory_bytes \d{6}/)
  t.match(body, /nodejs_eventloop_delay_seconds\{quantile="0.99"\} [\d.e-]+\n/)
  t.match(body, /stockyard_info\{version="\d+\.\d+\.\d+[^"]*"\} 1/)

  const other = await createTestApp(t)
  t.notMatch((await other.app.inject('/metrics')).body, /outcome="rested"/, 'each app counts for itself')
})
