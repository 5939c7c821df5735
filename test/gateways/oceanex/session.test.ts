import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { WebSocket } from 'ws'
import { openCore } from '../../support/core.ts'
import { type Client, openDoor, user } from './support.ts'

const vector = {
  text: 'GET|/ws/v1|1591834800123|',
  nonce: 1_591_834_800_123,
  key: createPublicKey(readFileSync(new URL('../../fixtures/oceanex/public.pem', import.meta.url))),
  signature: readFileSync(new URL('../../fixtures/oceanex/signature.txt', import.meta.url), 'utf8').trim(),
}

t.test('the worked session of the protocol page', async (t) => {
  const { client, timers } = await openDoor(t)
  const one = await client()
  t.strictSame(one.messages, [{ type: 'welcome', message: 60 }])
  t.type(await one.done('ToolHandler', 'timestamp'), 'number')
  t.strictSame(await one.logIn('IDALICE'), { scopes: { query: true, 'sell/buy': true, withdraw: false } })
  const order = await one.order('buy', 0.0245, 400.0)
  t.match(order, { state: 'wait', side: 'bid', price: '0.0245', volume: '400.0' })
  t.strictSame((await one.balances()).usdt, ['990.2', '9.8'])
  timers.pass()
  t.match(await one.next(), { type: 'ping', message: Number })
  one.send({ command: 'pong' })
  t.strictSame(await one.done('OrderHandler', 'cancel', { ids: [order.id] }), [order.id])
  t.match(await one.done('OrderHistoryHandler', 'show', { id: `${order.id}` }), {
    id: order.id,
    state: 'cancel',
    trades: [],
  })
})

t.test('OX-001 the first frame is the welcome, with the interval', async (t) => {
  const { client } = await openDoor(t, { pingInterval: 7 })
  t.strictSame((await client()).messages, [{ type: 'welcome', message: 7 }])
})

t.test('OX-002 a ping comes each interval, with Unix seconds', async (t) => {
  const { client, timers, clock } = await openDoor(t)
  const one = await client()
  for (let i = 0; i < 2; i += 1) {
    timers.pass()
    t.strictSame(await one.next(), { type: 'ping', message: Math.floor(clock.now / 1_000_000) })
    clock.now += 60_000_000
    one.send({ command: 'pong' })
  }
})

t.test('OX-003 three pings without an answer end the connection; a pong begins anew', async (t) => {
  const { client, timers } = await openDoor(t)
  const [silent, answering] = [await client(), await client()]
  for (let i = 0; i < 3; i += 1) {
    timers.pass()
    await silent.next()
    await answering.next()
  }
  answering.send({ command: 'pong' })
  await answering.done('ToolHandler', 'timestamp')
  timers.pass()
  t.strictSame(await silent.next(), { type: 'disconnect', reason: 'ping_timeout', reconnect: true })
  t.equal(await silent.closed, 1008)
  t.match(await answering.next(), { type: 'ping' })
  t.equal(timers.count(60_000), 1)
})

t.test('OX-004 a ping of the websocket is answered', async (t) => {
  const { client } = await openDoor(t)
  const { socket } = await client()
  const pong = new Promise((resolve) => socket.once('pong', (data) => resolve(`${data}`)))
  socket.ping('hello')
  t.equal(await pong, 'hello')
})

t.test('OX-005 an answer echoes handler, action and uuid, and has code and data', async (t) => {
  const { client, clock } = await openDoor(t)
  const one = await client()
  const data = { action: 'timestamp', uuid: 'u-1', args: {} }
  one.send({ identifier: { handler: 'ToolHandler' }, command: 'message', data })
  const answer = await one.next()
  t.strictSame(answer, {
    identifier: { handler: 'ToolHandler' },
    message: { action: 'timestamp', code: 0, data: Math.floor(clock.now / 1_000_000), uuid: 'u-1' },
  })
})

t.test('OX-006 the identifier of answers is an object, and a text in a request is read', async (t) => {
  const { client } = await openDoor(t)
  const one = await client()
  const identifier = JSON.stringify({ handler: 'ToolHandler' })
  one.send({ identifier, command: 'message', data: { action: 'timestamp' } })
  t.match(await one.next(), {
    identifier: { handler: 'ToolHandler' },
    message: { code: 0, uuid: null },
  })
})

t.test('OX-007 the test vector logs in; with one changed byte it does not', async (t) => {
  const core = await openCore()
  core.clock.now = vector.nonce * 1000
  const users = [user('ID0000TEST', { apiKey: 'KID0000TEST', publicKey: vector.key })]
  const { client } = await openDoor(t, { users, loginFailure: 'keep' }, core)
  const one = await client()
  const header = { ...one.header('ID0000TEST', vector), api_key: 'KID0000TEST' }
  const changed = `${vector.signature.startsWith('u') ? 'v' : 'u'}${vector.signature.slice(1)}`
  t.equal((await one.logInWith({ ...header, signature: changed })).code, 1006)
  t.equal((await one.logInWith(header)).code, 0)
})

t.test('OX-008 a nonce in milliseconds or seconds within 30 s is good, another is refused', async (t) => {
  const { client, clock } = await openDoor(t, { loginFailure: 'keep' })
  const one = await client()
  const now = Math.floor(clock.now / 1000)
  const seconds = Math.floor(now / 1000)
  for (const [nonce, code] of [
    [now - 30_001, 1010],
    [now + 30_001, 1010],
    [seconds - 31, 1010],
    [seconds + 31, 1010],
    [now - 30_000, 0],
    [seconds + 30, 0],
    [`${now}`, 0],
    ['soon', 1001],
    [true, 1001],
    [1.5, 1001],
  ] as const)
    t.equal((await one.logInWith(one.header('IDALICE', { nonce }))).code, code, `${nonce}`)
})

t.test('OX-009 a nonce is good once, also after a restart', async (t) => {
  const first = await openDoor(t, { loginFailure: 'keep' })
  const one = await first.client()
  const now = Math.floor(first.clock.now / 1000)
  const codeOf = async (client: Client, nonce: number) =>
    (await client.logInWith(client.header('IDALICE', { nonce }))).code
  t.equal(await codeOf(one, now), 0)
  t.equal(await codeOf(one, now), 1010)
  t.equal(await codeOf(one, now - 5), 0)
  t.equal(await codeOf(one, now - 5), 1010)

  const again = await openDoor(t, { loginFailure: 'keep' }, await openCore(first.log, first.clock))
  const other = await again.client()
  t.equal(await codeOf(other, now), 1010)
  t.equal(await codeOf(other, now + 1), 0)
})

t.test('OX-010 an unknown key, a missing field and an address that is not allowed', async (t) => {
  const users = [
    user('IDALICE'),
    user('IDOFF', { enabled: false }),
    user('IDFAR', { allowedIps: ['10.0.0.1'] }),
  ]
  const { client } = await openDoor(t, { users, loginFailure: 'keep' })
  const one = await client()
  t.equal((await one.logInWith(one.header('NOBODY'))).code, 1008)
  t.equal((await one.logInWith(one.header('IDALICE', { api_key: 'other' }))).code, 1008)
  t.equal((await one.logInWith(one.header('IDOFF'))).code, 1008)
  for (const field of ['uid', 'api_key', 'nonce', 'verb', 'path', 'signature']) {
    const { [field]: _, ...header } = one.header('IDALICE')
    t.match(await one.logInWith(header), { code: 1004, message: `${field} is missing` })
  }
  for (const header of [one.header('IDALICE', { verb: 'POST' }), one.header('IDALICE', { path: '/' })])
    t.equal((await one.logInWith(header)).code, 1006)
  t.match(await one.logInWith(one.header('IDFAR')), {
    code: 1011,
    message: "This IP '127.0.0.1' is not allowed",
  })
})

t.test('OX-011 a login lists the three scopes', async (t) => {
  const users = [user('IDREAD', { scopes: { query: true, trade: false, withdraw: true } })]
  const { client } = await openDoor(t, { users })
  const one = await client()
  t.strictSame(await one.logIn('IDREAD'), { scopes: { query: true, 'sell/buy': false, withdraw: true } })
  const order = { market: 'vetusdt', side: 'buy', price: 1, volume: 1, ord_type: 'limit' }
  t.match(await one.ask('OrderHandler', 'create', order), { code: 9003, message: /sell\/buy/ })
  t.equal((await one.ask('OrderHandler', 'index', { market: 'vetusdt' })).code, 0)
})

t.test('OX-012 a login that fails is answered, then the connection ends', async (t) => {
  const { client } = await openDoor(t)
  const one = await client()
  t.equal((await one.logInWith(one.header('NOBODY'))).code, 1008)
  t.strictSame(await one.next(), { type: 'disconnect', reason: 'unauthorized', reconnect: false })
  t.equal(await one.closed, 1008)
})

t.test('OX-013 a private request without a login ends the connection, unless it is to stay', async (t) => {
  const strict = await (await openDoor(t)).client()
  t.equal((await strict.ask('AccountHandler', 'index')).code, 1006)
  t.strictSame(await strict.next(), { type: 'disconnect', reason: 'unauthorized', reconnect: false })
  t.equal(await strict.closed, 1008)

  const lenient = await (await openDoor(t, { unauthorized: 'error' })).client()
  t.equal((await lenient.ask('AccountHandler', 'index')).code, 1006)
  t.type(await lenient.done('ToolHandler', 'timestamp'), 'number')
})

t.test('OX-014 a login is of one connection, and a second one on it takes its place', async (t) => {
  const { client, loggedIn } = await openDoor(t, { unauthorized: 'error' })
  const one = await loggedIn('IDALICE')
  const other = await client()
  t.equal((await other.ask('AccountHandler', 'index')).code, 1006)
  const { id } = await one.order('sell', 1, 10)
  await one.logIn('IDBOB')
  t.equal((await one.ask('OrderHandler', 'show', { id })).code, 2004)
})

t.test('OX-048 an unknown handler or action is answered with the uuid', async (t) => {
  const { client } = await openDoor(t)
  const one = await client()
  for (const [handler, action] of [
    ['NoHandler', 'index'],
    ['ToolHandler', 'nothing'],
    ['constructor', 'toString'],
    ['ToolHandler', 'toString'],
  ] as const)
    t.match(await one.ask(handler, action), { code: 1001, data: {} })
  for (const data of [
    { action: 7, uuid: 'a' },
    { uuid: 'a' },
    { action: 'timestamp', args: [], uuid: 'a' },
  ]) {
    one.send({ identifier: { handler: 'ToolHandler' }, command: 'message', data })
    t.match(await one.next(), { message: { code: 1001, uuid: 'a' } })
  }
  one.send({ identifier: { handler: 'ToolHandler' }, command: 'subscribe' })
  t.match(await one.next(), { message: { code: 1001, uuid: null } })
})

t.test('OX-049 a broken frame is answered without an address; ten in a row end the connection', async (t) => {
  const { client } = await openDoor(t)
  const one = await client()
  const broken = [
    '',
    'nonsense',
    '[]',
    '7',
    'null',
    '{}',
    '{"identifier":7}',
    '{"identifier":"x"}',
    '{"identifier":{}}',
  ]
  const expected = {
    identifier: { handler: 'ErrorHandler' },
    message: { action: 'error', code: 1001, message: String, data: {}, uuid: null },
  }
  for (const text of broken) {
    one.socket.send(text)
    t.match(await one.next(), expected, text)
  }
  t.type(await one.done('ToolHandler', 'timestamp'), 'number')
  for (let i = 0; i < 10; i += 1) {
    one.socket.send('nonsense')
    t.match(await one.next(), expected)
  }
  t.strictSame(await one.next(), { type: 'disconnect', reason: 'invalid_request', reconnect: false })
  t.equal(await one.closed, 1008)
})

t.test('OX-050 who comes too fast is refused with code -2 and a text that holds JSON', async (t) => {
  const { client, clock, loggedIn } = await openDoor(t, { requestsPerSecond: 5, ordersPerSecond: 2 })
  const one = await client()
  for (let i = 0; i < 5; i += 1) await one.done('ToolHandler', 'timestamp')
  const refused = await one.ask('ToolHandler', 'timestamp')
  t.equal(refused.code, -2)
  t.match(JSON.parse(refused.message), { error: { code: 2002, message: /Exceeding request Limit/ } })
  clock.now += 1_000_000
  await one.done('ToolHandler', 'timestamp')

  const trader = await loggedIn('IDALICE')
  await trader.order('sell', 1, 10)
  await trader.order('sell', 1, 10)
  const order = { market: 'vetusdt', side: 'sell', price: 1, volume: 10, ord_type: 'limit' }
  t.match(await trader.ask('OrderHandler', 'create', order), { code: -2, message: /orders a second/ })
})

t.test('who never slows down is let go in the end', async (t) => {
  const { client } = await openDoor(t, { requestsPerSecond: 1 })
  const one = await client()
  const frame = { identifier: { handler: 'ToolHandler' }, command: 'message', data: { action: 'timestamp' } }
  for (let i = 0; i < 600; i += 1) one.send(frame)
  t.equal(await one.closed, 1008)
  t.strictSame(one.messages.at(-1), { type: 'disconnect', reason: 'rate_limit', reconnect: true })
  t.equal(one.messages.length, 1 + 501 + 1)
})

t.test('OX-051 requests that are sent at once are answered in order', async (t) => {
  const { loggedIn } = await openDoor(t)
  const one = await loggedIn('IDALICE')
  const count = 300
  for (let i = 0; i < count; i += 1) {
    const [handler, action, args] =
      i % 3 === 0
        ? ['OrderHandler', 'create', { market: 'vetusdt', side: 'sell', price: 1 + i, volume: 1 }]
        : i % 3 === 1
          ? ['ToolHandler', 'timestamp', {}]
          : ['OrderHistoryHandler', 'index', {}]
    one.send({ identifier: { handler }, command: 'message', data: { action, uuid: i, args } })
  }
  const uuids: number[] = []
  for (let i = 0; i < count; i += 1) uuids.push((await one.next()).message.uuid)
  t.strictSame(
    uuids,
    Array.from({ length: count }, (_, i) => i),
  )
})

t.test('a frame beyond 1 MiB ends the connection, and another path has no websocket', async (t) => {
  const { client, door } = await openDoor(t)
  const one = await client()
  one.socket.send('x'.repeat(1024 * 1024 + 1))
  t.equal(await one.closed, 1009)
  const lost = new WebSocket(door.url.replace('/ws/v1', '/ws/v2'))
  const status = await new Promise((resolve) =>
    lost.once('unexpected-response', (_request, response) => resolve(response.statusCode)),
  )
  t.equal(status, 404)
})

t.test('at a stop everybody is told', async (t) => {
  const { client, door } = await openDoor(t)
  const one = await client()
  await door.close()
  t.strictSame(await one.next(), { type: 'disconnect', reason: 'shutdown', reconnect: false })
  t.equal(await one.closed, 1001)
})

t.test('no signature and no key is in the log', async (t) => {
  const { loggedIn, lines } = await openDoor(t)
  await loggedIn('IDALICE')
  t.ok(lines.length > 1)
  t.notMatch(JSON.stringify(lines), /KIDALICE|signature/)
})
