import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startServer, tlsFixture } from '../support/server.ts'
import { missingClients, OldClient } from './old-client.ts'

// Three clients that people installed from npm in 2015 and 2016, unmodified, against a server with TLS. Every function
// that they offer is called; asserted is what it hands back, which is what their users saw.

const venue = 'TESTEX'
const accounts = { NODE1: 'node-key', API2: 'api-key', CLIENT3: 'client-key' }
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/
const noSuchOrder = /order 999999 not found/
const skip = missingClients() ?? false
if (skip) t.comment(skip)

type Start = (t: Test, name: string, key: string, ...settings: string[]) => Promise<OldClient>

for (const mode of ['without accounts', 'with accounts'] as const) {
  t.test(mode, { skip }, async (t) => {
    const start = await startTls(t, mode)

    t.test('stockfighter 0.0.4', (t) => stockfighter(t, start))
    t.test('stockfighter-api 0.2.3', (t) => stockfighterApi(t, start))
    t.test('stockfighter-client 1.0.5', (t) => stockfighterClient(t, start))
    t.test('a wrong key', async (t) => {
      const client = await start(t, 'stockfighter-client', 'no-such-key')
      const order = { account: 'CLIENT3', venue, stock: 'CLIENT', price: 5000, qty: 100, direction: 'buy' }

      const placed = client.call('orders.create', { ...order, orderType: 'limit' })

      if (mode === 'without accounts') t.match(await placed, { ok: true })
      else t.match(await refusal(placed), { statusCode: 401, body: { ok: false, error: /API key/ } })
    })
  })
}

async function startTls(t: Test, mode: string): Promise<Start> {
  const { cert, key } = tlsFixture
  const flags = ['--tls-cert', cert, '--tls-key', key]
  for (const host of ['api.stockfighter.io', 'www.stockfighter.io']) flags.push('--allow-host', host)
  for (const symbol of ['FOOBAR', 'NODE', 'API', 'CLIENT']) flags.push('--listing', `${venue}/${symbol}`)
  if (mode === 'with accounts') {
    const folder = t.testdir({ 'accounts.json': JSON.stringify(accounts) })
    // The old clients send no key with a websocket.
    flags.push('--accounts', join(folder, 'accounts.json'), '--open-executions')
  }
  const server = await startServer(t, flags)
  return async (t, name, key, ...settings) => {
    const client = await OldClient.start(name, server.port, cert, key, ...settings)
    t.teardown(() => client.end())
    return client
  }
}

async function stockfighter(t: Test, start: Start) {
  const account = 'NODE1'
  const stock = 'NODE'
  const client = await start(t, 'stockfighter', 'node-key')

  t.same(await client.call('heartbeat'), { ok: true, error: '' })
  t.same(await client.call('venueHeartbeat', { venue }), { ok: true, venue })
  t.match(await client.call('venues'), {
    id: true,
    venues: [{ venue, name: 'TESTEX Exchange', state: 'open' }],
  })
  assertLists(t, await client.call('venueStocks', { venue }), stock)
  t.match(await client.call('orderbook', { venue, stock }), { ok: true, bids: [], asks: [], ts: time })

  await client.call('setAccount', account)
  const callbacks = { onMessage: { callback: 'tape' }, onClose: { callback: 'closed' } }
  const tape = await client.call('tickertape', { venue, stock, ...callbacks })
  const executions = await client.call('executions', { venue })
  const byStock = await client.call('websocket', { type: 'executions', venue, stock })
  for (const stream of [tape, executions, byStock]) await client.next(stream, 'open')

  const bid = await client.call('buy', { venue, stock, type: 'limit', price: '50.00', quantity: '100' })
  t.match(bid, { ok: true, venue, symbol: stock, account, direction: 'buy', orderType: 'limit', ts: time })
  t.match(bid, { price: 5000, originalQty: 100, qty: 100, totalFilled: 0, fills: [], open: true })
  t.match(await client.next('tape', 'called'), { data: { ok: true, quote: { bid: 5000, bidSize: 100 } } })
  const quote = await client.call('quote', { venue, stock })
  t.match(quote, { ok: true, symbol: stock, venue, bid: 5000, bidSize: 100, bidDepth: 100, askDepth: 0 })
  t.notOk('ask' in quote || 'last' in quote, 'what there is not is not in the quote')

  const ioc = await client.call('sell', order({ type: 'immediate-or-cancel', price: 49.95, quantity: 40 }))
  t.match(ioc, { ok: true, price: 4995, orderType: 'immediate-or-cancel', totalFilled: 40, open: false })
  t.match(ioc.fills, [{ price: 5000, qty: 40, ts: time }])
  for (const stream of [executions, byStock]) {
    const fill = {
      ok: true,
      account,
      venue,
      symbol: stock,
      standingId: bid.id,
      incomingId: ioc.id,
      filledAt: time,
    }
    const size = { price: 5000, filled: 40, standingComplete: false, incomingComplete: true }
    const [standing, incoming] = [await client.next(stream, 'message'), await client.next(stream, 'message')]
    t.match(JSON.parse(standing), { ...fill, ...size, order: { ok: true, id: bid.id, qty: 60 } })
    t.match(JSON.parse(incoming), { ...fill, ...size, order: { ok: true, id: ioc.id, qty: 0 } })
  }
  t.match(await client.next('tape', 'called'), { data: { quote: { last: 5000, lastSize: 40, bidSize: 60 } } })
  const fok = await client.call('sell', order({ type: 'fill-or-kill', price: 4995, quantity: 61 }))
  t.match(fok, { ok: true, orderType: 'fill-or-kill', totalFilled: 0, fills: [], qty: 0, open: false })
  const market = await client.call('sell', order({ type: 'market', quantity: 20 }))
  t.match(market, { ok: true, orderType: 'market', price: 0, totalFilled: 20, open: false })
  t.match(await client.call('orderbook', { venue, stock }), { bids: [{ price: 5000, qty: 40, isBuy: true }] })

  t.match(await client.call('orderStatus', { venue, stock, id: bid.id }), {
    ok: true,
    totalFilled: 60,
    qty: 40,
  })
  const canceled = await client.call('cancelOrder', { venue, stock, id: bid.id })
  t.match(canceled, { ok: true, id: bid.id, totalFilled: 60, qty: 0, open: false })
  t.same(await client.call('cancelOrder', { venue, stock, id: bid.id }), canceled)
  t.match(await client.call('orderStatus', { venue, stock, id: 999999 }), { ok: false, error: noSuchOrder })
  const ids = [bid.id, ioc.id, fok.id, market.id]
  for (const of of [
    { venue, account },
    { venue, account, stock },
  ]) {
    const all = await client.call('allOrders', of)
    t.match(all, { ok: true, venue })
    t.same(idsOf(all), ids)
  }

  const level = await client.call('startLevel', 'first_steps')
  assertLevel(t, level)
  const [own] = level.venues
  const [ticker] = level.tickers
  const byLevel = await client.call('buy', {
    venue: own,
    stock: ticker,
    type: 'limit',
    price: 1,
    quantity: 1,
  })
  t.equal(byLevel.account, level.account, 'the client trades for the account of the level')
  t.match(await client.call('levelStatus', level.instanceId), {
    ok: true,
    id: level.instanceId,
    state: 'open',
  })
  for (const path of ['resumeLevel', 'restartLevel']) {
    const again = await client.call(path, level.instanceId)
    assertLevel(t, again)
    t.equal(again.instanceId, level.instanceId)
  }
  t.same(await client.call('stopLevel', level.instanceId), { ok: true, error: '' })
  t.type(await client.call('getInstructions', 'first_steps'), 'object')

  await client.close(tape)
  t.match(await client.next('closed', 'called'), { data: 1000 })
  t.same(client.uncalled(), ['_order'], 'nothing is left to call but what buy and sell call')

  function order(rest: object) {
    return { venue, stock, ...rest }
  }
}

async function stockfighterApi(t: Test, start: Start) {
  const account = 'API2'
  const stock = 'API'
  const client = await start(t, 'stockfighter-api', 'api-key', account, venue, stock)

  t.same(await client.call('heartbeat.api'), { ok: true, error: '' })
  t.same(await client.call('heartbeat.venue'), { ok: true, venue })
  assertLists(t, await client.call('stock.list'), stock)
  t.match(await client.call('stock.book'), { ok: true, venue, symbol: stock, bids: [], asks: [], ts: time })

  const ask = await client.call('order.ask', { qty: 100, price: 8000, orderType: 'limit' })
  t.match(ask, {
    ok: true,
    account,
    venue,
    symbol: stock,
    direction: 'sell',
    price: 8000,
    qty: 100,
    open: true,
  })
  t.match(await client.call('stock.quote'), { ok: true, ask: 8000, askSize: 100, quoteTime: time })
  t.match(await client.call('stock.book', stock, venue), { asks: [{ price: 8000, qty: 100, isBuy: false }] })
  const market = await client.call('order.bid', { qty: 10, price: 8000, orderType: 'market' })
  t.match(market, { ok: true, orderType: 'market', price: 0, totalFilled: 10, open: false })
  t.match(market.fills, [{ price: 8000, qty: 10, ts: time }])
  const ioc = await client.call('order.bid', { qty: 10, price: 7999, orderType: 'ioc' })
  t.match(ioc, { ok: true, orderType: 'immediate-or-cancel', totalFilled: 0, open: false })
  const fok = await client.call('order.bid', { qty: 90, price: 8000, orderType: 'fok' })
  t.match(fok, { ok: true, orderType: 'fill-or-kill', totalFilled: 90, open: false })
  t.match(await client.call('order.status', ask.id), { ok: true, id: ask.id, totalFilled: 100, open: false })
  const bid = await client.call('order.bid', { qty: 5, price: 1, orderType: 'limit' })
  t.match(await client.call('order.cancel', bid.id), { ok: true, id: bid.id, qty: 0, open: false })

  const ids = [ask, market, ioc, fok, bid].map(({ id }) => id)
  t.same(idsOf(await client.call('order.list')), ids)
  t.same(idsOf(await client.call('stock.orders')), ids)
  const none = client.call('order.bid', { qty: 0, price: 8000, orderType: 'limit' })
  t.match(await refusal(none), { type: 400, body: { statusCode: 400, body: { ok: false, error: String } } })
  const missing = { type: 404, body: { statusCode: 404, body: { ok: false, error: noSuchOrder } } }
  t.match(await refusal(client.call('order.status', 999999)), missing)
  t.match(await refusal(client.call('heartbeat.venue', 'NOPE')), { type: 404 })

  const level = await client.call('level.start', 0)
  assertLevel(t, level)
  t.match(await client.call('level.status', level.instanceId), { ok: true, done: false, state: 'open' })
  assertLevel(t, await client.call('level.resume', level.instanceId))
  assertLevel(t, await client.call('level.restart', level.instanceId))
  t.same(await client.call('level.stop', level.instanceId), { ok: true, error: '' })
  t.same(client.uncalled(), [])
}

async function stockfighterClient(t: Test, start: Start) {
  const account = 'CLIENT3'
  const stock = 'CLIENT'
  const client = await start(t, 'stockfighter-client', 'client-key')

  t.same(await client.call('heartbeat'), { ok: true, error: '' })
  t.same(await client.call('heartbeat', venue), { ok: true, venue })
  assertLists(t, await client.call('stocks', venue), stock)
  t.match(await client.call('orderbook', venue, stock), { ok: true, bids: [], asks: [], ts: time })
  t.match(await client.call('quote', venue, stock), { ok: true, bidSize: 0, askSize: 0, quoteTime: time })

  const tape = await client.call('sockets.tickertape', account, venue)
  const tapeOfStock = await client.call('sockets.tickertape', account, venue, stock)
  const executions = await client.call('sockets.executions', account, venue)
  const executionsOfStock = await client.call('sockets.executions', account, venue, stock)
  const url = `wss://api.stockfighter.io/ob/api/ws/${account}/venues/${venue}/executions`
  const byUrl = await client.call('sockets.ws', url)
  const streams = [tape, tapeOfStock, executions, executionsOfStock, byUrl]
  for (const stream of streams) await client.next(stream, 'open')

  const bid = await client.call('orders.create', order('buy', 'limit', 1000, 100))
  t.match(bid, {
    ok: true,
    account,
    venue,
    symbol: stock,
    direction: 'buy',
    price: 1000,
    qty: 100,
    open: true,
  })
  const ask = await client.call('orders.create', order('sell', 'limit', 1000, 130))
  t.match(ask, {
    ok: true,
    totalFilled: 100,
    qty: 30,
    open: true,
    fills: [{ price: 1000, qty: 100, ts: time }],
  })
  for (const stream of [executions, executionsOfStock, byUrl]) {
    const fill = { ok: true, account, standingId: bid.id, incomingId: ask.id, price: 1000, filled: 100 }
    t.match(await client.next(stream, 'message'), { ...fill, standingComplete: true, order: { id: bid.id } })
    t.match(await client.next(stream, 'message'), { ...fill, incomingComplete: false, order: { id: ask.id } })
  }
  for (const stream of [tape, tapeOfStock]) {
    t.match(await client.next(stream, 'message'), {
      ok: true,
      quote: { symbol: stock, bid: 1000, bidSize: 100 },
    })
    t.match(await client.next(stream, 'message'), {
      ok: true,
      quote: { last: 1000, lastSize: 100, askSize: 30 },
    })
  }
  const ioc = await client.call('orders.create', order('buy', 'immediate-or-cancel', 999, 10))
  t.match(ioc, { ok: true, totalFilled: 0, open: false })
  const fok = await client.call('orders.create', order('buy', 'fill-or-kill', 1000, 10))
  t.match(fok, { ok: true, totalFilled: 10, open: false })
  const market = await client.call('orders.create', order('buy', 'market', 0, 10))
  t.match(market, { ok: true, price: 0, totalFilled: 10, open: false })

  t.match(await client.call('orders.status', venue, stock, ask.id), { ok: true, totalFilled: 120, qty: 10 })
  t.match(await client.call('orders.cancel', venue, stock, ask.id), {
    ok: true,
    totalFilled: 120,
    open: false,
  })
  t.match(await client.call('orders.cancelPost', venue, stock, ask.id), { ok: true, id: ask.id, open: false })
  const other = await client.call('orders.create', order('buy', 'limit', 1, 1))
  t.match(await client.call('orders.cancelPost', venue, stock, other.id), { ok: true, qty: 0, open: false })

  const ids = [bid, ask, ioc, fok, market, other].map(({ id }) => id)
  t.same(idsOf(await client.call('orders.all', venue, account)), ids)
  t.same(idsOf(await client.call('orders.stock', venue, account, stock)), ids)
  const missing = { statusCode: 404, body: { ok: false, error: noSuchOrder } }
  t.match(await refusal(client.call('orders.status', venue, stock, 999999)), missing)
  t.match(await refusal(client.call('orders.cancel', venue, stock, 999999)), missing)

  t.match(await client.call('gm.levels'), { ok: true, levels: [{ name: 'first_steps' }] })
  const level = await client.call('gm.create', 'first_steps')
  assertLevel(t, level)
  t.match(await client.call('gm.status', level.instanceId), { ok: true, done: false, state: 'open' })
  assertLevel(t, await client.call('gm.restart', level.instanceId))
  assertLevel(t, await client.call('gm.resume', level.instanceId))
  t.same(await client.call('gm.stop', level.instanceId), { ok: true, error: '' })

  for (const stream of streams) await client.close(stream)
  const heartbeat = await client.call('resolveRequest', {
    uri: 'https://api.stockfighter.io/ob/api/heartbeat',
  })
  t.same(heartbeat, { ok: true, error: '' })
  t.match(await refusal(client.call('rejectRequest', { error: '{"ok":false}' })), { body: { ok: false } })
  t.same(client.uncalled(), [])

  function order(direction: string, orderType: string, price: number, qty: number) {
    return { account, venue, stock, price, qty, direction, orderType }
  }
}

function assertLevel(t: Test, level: object) {
  t.match(level, { ok: true, instanceId: Number, account: /^\w{1,20}$/, instructions: Object })
  t.match(level, { venues: [/^[A-Z]{5}EX$/], tickers: [/^[A-Z]{3,4}$/], secondsPerTradingDay: Number })
}

function idsOf({ orders }: { orders: { id: number }[] }) {
  return orders.map(({ id }) => id)
}

function assertLists(t: Test, list: { symbols: { symbol: string }[] }, stock: string) {
  t.match(list, { ok: true })
  t.match(
    list.symbols.find(({ symbol }) => symbol === stock),
    { symbol: stock, name: String },
  )
}

/** What a call rejects with. */
function refusal(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => Promise.reject(new Error(`not refused: ${JSON.stringify(value)}`)),
    (reason) => reason,
  )
}
