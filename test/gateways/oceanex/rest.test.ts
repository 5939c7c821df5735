import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { type JWTPayload, SignJWT } from 'jose'
import t from 'tap'
import { openCore } from '../../support/core.ts'
import { type Json, keyPair, openDoor, user } from './support.ts'

type Door = Awaited<ReturnType<typeof openDoor>>

/** A token of an account's key for a call with some arguments. */
function tokenOf(uid: string, data?: object, claims: JWTPayload = {}): Promise<string> {
  const key = { apikey_id: `K${uid}` }
  return new SignJWT({ uid, ...key, ...(data && { data }), ...claims })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
    .sign(keyPair.privateKey)
}

interface Asked {
  readonly status: number
  readonly body: Json
}

/** How old clients send: a GET may have a body. */
function send(
  door: Door['door'],
  method: string,
  path: string,
  form?: Record<string, string>,
): Promise<Asked> {
  const body = form === undefined ? undefined : `${new URLSearchParams(form)}`
  const headers = body && {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': Buffer.byteLength(body),
  }
  return new Promise((resolve, reject) => {
    const asking = request(`${door.restUrl}${path}`, { method, ...(headers && { headers }) }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part) => {
        text += part
      })
      response.on('end', () => resolve({ status: response.statusCode as number, body: JSON.parse(text) }))
    })
    asking.on('error', reject)
    asking.end(body)
  })
}

async function data(asked: Promise<Asked>): Promise<Json> {
  const { body } = await asked
  if (body.code !== 0) throw new Error(JSON.stringify(body))
  return body.data
}

async function openRest(t: Parameters<typeof openDoor>[0], settings: Parameters<typeof openDoor>[1] = {}) {
  const opened = await openDoor(t, settings)
  const { door } = opened
  const get = (path: string) => data(send(door, 'GET', path))
  const call = async (method: 'GET' | 'POST', path: string, uid: string, args?: object) =>
    send(door, method, path, { user_jwt: await tokenOf(uid, args) })
  return {
    ...opened,
    get,
    call,
    code: async (path: string) => (await send(door, 'GET', path)).body.code,
    sell: async (uid: string, price: number, volume: number): Promise<Json> =>
      data(
        call('POST', '/orders', uid, { market: 'vetusdt', side: 'sell', price, volume, ord_type: 'limit' }),
      ),
    buy: async (uid: string, price: number, volume: number): Promise<Json> =>
      data(
        call('POST', '/orders', uid, { market: 'vetusdt', side: 'buy', price, volume, ord_type: 'limit' }),
      ),
  }
}

t.test('OX-052 a token comes in the query, in a form, in JSON, and in the body of a GET', async (t) => {
  const { door, call } = await openRest(t)
  const token = await tokenOf('IDALICE')
  const expected = {
    status: 200,
    body: { code: 0, message: 'Operation successful', data: { accounts: Array } },
  }
  t.match(await send(door, 'GET', `/members/me?user_jwt=${token}`), expected)
  t.match(await send(door, 'GET', '/members/me', { user_jwt: token }), expected)
  const order = { market: 'vetusdt', side: 'sell', price: 1, volume: 10, ord_type: 'limit' }
  const placed = await call('POST', '/orders', 'IDALICE', order)
  t.match(placed, {
    status: 201,
    body: { code: 0, data: { id: 1, side: 'sell', state: 'wait', price: '1.0' } },
  })
  const response = await fetch(`${door.restUrl}/order/delete`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user_jwt: await tokenOf('IDALICE', { id: 1 }) }),
  })
  t.match(await response.json(), { code: 0, data: { id: 1, state: 'cancel' } })
})

t.test('the token of the protocol page is verified', async (t) => {
  const core = await openCore()
  const publicKey = createPublicKey(
    readFileSync(new URL('../../fixtures/oceanex/public.pem', import.meta.url)),
  )
  const users = [user('ID0000TEST', { apiKey: 'KID0000TEST', publicKey })]
  const { door } = await openDoor(t, { users }, core)
  const token = readFileSync(new URL('../../fixtures/oceanex/token.txt', import.meta.url), 'utf8').trim()
  t.match((await send(door, 'GET', `/orders?user_jwt=${token}`)).body, { code: 0, data: [] })
  const changed = `${token.slice(0, -10)}${token.at(-10) === 'A' ? 'B' : 'A'}${token.slice(-9)}`
  t.match((await send(door, 'GET', `/orders?user_jwt=${changed}`)).body, { code: 1006 })
})

t.test('a token that is no good is refused with a reason', async (t) => {
  const users = [
    user('IDALICE'),
    user('IDALICE', { apiKey: 'KOTHER', balances: new Map() }),
    user('IDOFF', { enabled: false }),
    user('IDFAR', { allowedIps: ['10.0.0.1'] }),
    user('IDREAD', { scopes: { query: true, trade: false, withdraw: false } }),
  ]
  const { door, clock } = await openDoor(t, { users })
  const seconds = Math.floor(clock.now / 1_000_000)
  const answer = async (token: string, path = '/members/me') =>
    (await send(door, path === '/members/me' ? 'GET' : 'POST', path, { user_jwt: token })).body
  t.match(await answer(''), { code: 1004, message: 'user_jwt is missing' })
  t.match(await answer('nonsense'), { code: 1006 })
  t.match(await answer(`${await tokenOf('IDALICE')}x`), { code: 1006 })
  t.match(await answer(await tokenOf('NOBODY')), { code: 1008 })
  t.match(await answer(await tokenOf('IDOFF')), { code: 1008 })
  t.match(await answer(await tokenOf('IDFAR')), { code: 1011, message: "This IP '127.0.0.1' is not allowed" })
  t.match(await answer(await tokenOf('IDREAD'), '/orders/clear'), { code: 9003 })
  t.match(await answer(await tokenOf('IDALICE', undefined, { exp: seconds - 1 })), { code: 1010 })
  t.match(await answer(await tokenOf('IDALICE', undefined, { nbf: seconds + 60 })), { code: 1010 })
  t.match(await answer(await tokenOf('IDALICE', undefined, { exp: seconds + 60, nbf: seconds })), { code: 0 })
  t.match(await answer(await tokenOf('IDALICE', undefined, { apikey_id: 'KX' })), { code: 1008 })
  t.match(await answer(await tokenOf('IDALICE', undefined, { apikey_id: undefined })), { code: 0 })
  t.match(await answer(await tokenOf('IDALICE', undefined, { iss: 'any', sub: 'any', aud: 'any' })), {
    code: 0,
  })
  const unsigned = `${(await tokenOf('IDALICE')).split('.')[1]}`
  t.match(await answer(`eyJhbGciOiJub25lIn0.${unsigned}.`), { code: 1006 })

  const careful = await openDoor(t, { requireExp: true })
  const dated = async (claims: JWTPayload) =>
    (await send(careful.door, 'GET', '/members/me', { user_jwt: await tokenOf('IDALICE', {}, claims) })).body
  t.match(await dated({}), { code: 1004, message: 'exp is missing' })
  t.match(await dated({ exp: Math.floor(careful.clock.now / 1_000_000) + 5 }), { code: 0 })
})

t.test('OX-053 orders/multi places several orders, and orders/filter groups them by state', async (t) => {
  const { call, buy } = await openRest(t)
  const orders = [1, 2, 3].map((price) => ({ side: 'sell', volume: 10, price }))
  const placed = await data(call('POST', '/orders/multi', 'IDALICE', { market: 'vetusdt', orders }))
  t.strictSame(
    placed.map(({ id, side, state }: Json) => [id, side, state]),
    [1, 2, 3].map((id) => [id, 'sell', 'wait']),
  )
  await buy('IDBOB', 1, 10)
  await call('POST', '/order/delete', 'IDALICE', { id: 3 })
  const filter = (args: object) =>
    data(call('GET', '/orders/filter', 'IDALICE', { market: 'vetusdt', ...args }))
  const ids = (groups: Json) =>
    groups.map(({ state, orders: list }: Json) => [state, list.map(({ id }: Json) => id)])
  t.strictSame(ids(await filter({})), [
    ['wait', [2]],
    ['done', [1]],
    ['cancel', [3]],
  ])
  const [done, ...rest] = await filter({ states: ['done'], limit: 1, need_price: 'True' })
  t.match(
    [done, rest.length],
    [{ state: 'done', orders: [{ avg_price: '1.0', price: '1.0', side: 'sell' }] }, 0],
  )
  t.notOk('price' in (await filter({ states: ['done'], need_price: 'False' }))[0].orders[0])
  for (const args of [{ states: 'done' }, { states: ['x'] }, { limit: 0 }, { market: 'x' }])
    t.equal((await call('GET', '/orders/filter', 'IDALICE', { market: 'vetusdt', ...args })).body.code, 1001)
  t.equal((await call('GET', '/orders/filter', 'IDALICE')).body.code, 1004)
})

t.test('orders by their ids, deleted one by one, several, and all', async (t) => {
  const { call, sell } = await openRest(t)
  for (let i = 0; i < 5; i += 1) await sell('IDALICE', 1, 10)
  const foreign = await sell('IDBOB', 1, 10)
  const ids = (orders: Json) => orders.map(({ id, state }: Json) => [id, state])
  const orders = await data(call('GET', '/orders', 'IDALICE', { ids: [1, '2', 99, foreign.id] }))
  t.strictSame(ids(orders), [
    [1, 'wait'],
    [2, 'wait'],
  ])
  t.match((await call('POST', '/order/delete', 'IDALICE', { id: 1 })).body.data, { id: 1, state: 'cancel' })
  t.strictSame((await call('POST', '/order/delete', 'IDALICE', { id: 1 })).body, {
    ...{ code: 2004, message: 'Order not found', data: {} },
  })
  t.equal((await call('POST', '/order/delete', 'IDALICE', { id: foreign.id })).body.code, 2004)
  t.equal((await call('POST', '/order/delete', 'IDALICE', {})).body.code, 1004)
  t.strictSame(ids(await data(call('POST', '/order/delete/multi', 'IDALICE', { ids: [2, 3] }))), [
    [2, 'cancel'],
    [3, 'cancel'],
  ])
  t.strictSame(ids(await data(call('POST', '/orders/clear', 'IDALICE'))), [
    [4, 'cancel'],
    [5, 'cancel'],
  ])
  t.strictSame(await data(call('POST', '/orders/clear', 'IDALICE')), [])
  t.match(await data(call('GET', '/key', 'IDALICE')), {
    ...{ uid: 'IDALICE', apikey_id: 'KIDALICE', enabled: true, allowed_ips: [] },
    scopes: { query: true, 'sell/buy': true, withdraw: false },
  })
})

t.test('OX-023 the book of REST has the highest ask first', async (t) => {
  const { get, sell, buy, clock } = await openRest(t)
  for (const price of [0.51, 0.53, 0.52]) await sell('IDALICE', price, 10)
  for (const price of [0.49, 0.48]) await buy('IDBOB', price, 10)
  const sides = {
    asks: [
      ['0.53', '10.0'],
      ['0.52', '10.0'],
      ['0.51', '10.0'],
    ],
    bids: [
      ['0.49', '10.0'],
      ['0.48', '10.0'],
    ],
  }
  const timestamp = Math.floor(clock.now / 1_000_000)
  t.strictSame(await get('/order_book?market=vetusdt'), { timestamp, ...sides })
  t.strictSame(await get('/order_book/multi?markets[]=vetusdt&markets[]=vetbtc&limit=1'), [
    { market: 'vetusdt', timestamp, asks: [['0.51', '10.0']], bids: [['0.49', '10.0']] },
    { market: 'vetbtc', timestamp, asks: [], bids: [] },
  ])
})

t.test('what everybody may ask for', async (t) => {
  const { get, code, door, sell, buy, clock } = await openRest(t)
  const seconds = Math.floor(clock.now / 1_000_000)
  await sell('IDALICE', 0.5, 30)
  for (const volume of [10, 20]) await buy('IDBOB', 0.5, volume)
  t.strictSame((await get('/markets'))[0], { id: 'vetusdt', name: 'VET/USDT' })
  t.match((await get('/markets?show_details=true'))[0], {
    ask_precision: '8',
    price_precision: 6,
    enabled: true,
  })
  t.strictSame(await get('/tickers/vetusdt'), {
    at: seconds,
    ticker: { buy: '0.0', sell: '0.0', low: '0.5', high: '0.5', last: '0.5', vol: '30.0' },
  })
  t.strictSame(Object.keys(await get('/tickers')), ['vetusdt', 'vetbtc'])
  t.match(await get('/tickers_multi?markets[]=vetusdt'), [{ market: 'vetusdt', ticker: { vol: '30.0' } }])
  t.match(await get('/trades?market=vetusdt'), [
    {
      id: 2,
      price: '0.5',
      volume: '20.0',
      funds: '10.0',
      market: 'vetusdt',
      created_on: seconds,
      side: 'bid',
    },
    { id: 1, volume: '10.0' },
  ])
  const ids = async (query: string) =>
    (await get(`/trades?market=vetusdt&${query}`)).map(({ id }: Json) => id)
  t.strictSame(await ids('limit=1'), [2])
  t.strictSame(await ids('from=1'), [2])
  t.strictSame(await ids('to=2'), [1])
  t.strictSame(await ids(`start=${seconds + 1}`), [])
  t.match(await get('/k?market=vetusdt&period=5&limit=1'), [[Number, 0.5, 0.5, 0.5, 0.5, 30]])
  t.strictSame(await get(`/k?market=vetusdt&timestamp=${seconds + 600}`), [])
  t.match((await get('/fees/trading'))[0], { market: 'vetusdt', ask_fee: { value: '0.001' } })
  t.equal(await get('/timestamp'), seconds)
  t.match((await send(door, 'POST', '/timestamp', {})).body, { code: 0 })
  for (const [path, expected] of [
    ['/tickers/nousdt', 1001],
    ['/order_book', 1004],
    ['/order_book?market=x', 1001],
    ['/order_book?market=vetusdt&limit=0', 1001],
    ['/order_book/multi', 1004],
    ['/order_book/multi?markets=vetusdt', 1001],
    ['/trades?market=vetusdt&limit=1001', 1001],
    ['/k?market=vetusdt&period=2', 1001],
  ] as const)
    t.equal(await code(path), expected, path)
  t.match(await send(door, 'GET', '/nothing'), { status: 404, body: { code: 1001, data: {} } })
})

t.test('a body that is too long or no object is refused, and so is who comes too fast', async (t) => {
  const { door, clock } = await openDoor(t, { requestsPerSecond: 3 })
  const post = async (body: string): Promise<Json> => {
    const headers = { 'content-type': 'application/json' }
    return (await fetch(`${door.restUrl}/timestamp`, { method: 'POST', headers, body })).json()
  }
  t.match(await post('[]'), { code: 1001 })
  t.match(await post('{'), { code: 1001 })
  t.match(await post(JSON.stringify({ x: 'x'.repeat(1024 * 1024) })), { code: 1001 })
  const refused = await post('{}')
  t.equal(refused.code, -2)
  t.match(JSON.parse(refused.message), { error: { code: 2002, message: /Exceeding request Limit/ } })
  clock.now += 1_000_000
  t.match(await post('{}'), { code: 0 })
})
