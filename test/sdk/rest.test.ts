import t, { type Test } from 'tap'
import { Feed, type Fetch, Rest, StockyardError } from '../../sdk/index.ts'
import { createTestAccounts, createTestApp, type TestAppOptions } from '../support/app.ts'
import { rejects } from '../support/rejects.ts'

const stock = { venue: 'TESTEX', symbol: 'FOOBAR' }

async function start(t: Test, options: TestAppOptions = {}) {
  const { app } = await createTestApp(t, options)
  return app.listen({ host: '127.0.0.1', port: 0 })
}

const buy = { account: 'ALICE', direction: 'buy', qty: 10, price: 5000, orderType: 'limit' } as const
const sell = { ...buy, account: 'BOB', direction: 'sell', qty: 4 } as const

t.test('every call gives what the exchange says', async (t) => {
  const rest = new Rest({ url: `${await start(t)}/` })
  const bought = await rest.place(stock, { ...buy, clientOrderId: 'mine-1' })
  await rest.place(stock, sell)

  t.match(await rest.venues(), [{ venue: 'TESTEX', state: 'open' }])
  t.match(await rest.stocks('TESTEX'), [{ symbol: 'FOOBAR' }])
  t.match(await rest.orderBook(stock), { bids: [{ price: 5000, qty: 6, isBuy: true }], asks: [] })
  t.match(await rest.quote(stock), { bid: 5000, bidSize: 6, last: 5000, lastSize: 4, askSize: 0 })
  t.match(bought, { id: 1, qty: 10, open: true, clientOrderId: 'mine-1' })
  t.match(await rest.status({ ...stock, id: 1 }), {
    qty: 6,
    totalFilled: 4,
    fills: [{ price: 5000, qty: 4 }],
  })
  t.match(await rest.fills({ ...stock, id: 1 }), { fills: [{ n: 1, price: 5000, qty: 4 }], more: false })
  t.match(await rest.trades(stock, { limit: 5 }), { trades: [{ price: 5000, qty: 4, direction: 'sell' }] })
  t.match(await rest.candles(stock, { interval: '1h' }), {
    interval: '1h',
    candles: [{ open: 5000, close: 5000, volume: 4, trades: 1 }],
    more: false,
  })
  t.match(await rest.scores(stock), {
    last: 5000,
    scores: [
      { account: 'ALICE', shares: 4, cents: -20_000, nav: 0 },
      { account: 'BOB', shares: -4 },
    ],
  })
  t.match(await rest.cancel({ ...stock, id: 1 }), { open: false, qty: 0, totalFilled: 4 })
  t.match(await rest.cancel({ ...stock, id: 1 }), { open: false }, 'and a second time')
})

t.test('levels are started, looked after, judged and stopped', async (t) => {
  const rest = new Rest({ url: await start(t) })

  t.match((await rest.levels())[0], { name: 'first_steps', title: 'First steps', days: 500 })
  const started = await rest.startLevel('making_amends', { seed: 7, secondsPerDay: 60 })
  const { instanceId: id, account } = started
  t.match(started, { secondsPerTradingDay: 60, instructions: { Instructions: /regulator/ } })
  t.strictSame(await rest.resumeInstance(id), started)
  const [venue] = started.venues
  t.match(await rest.instance(id), { id, done: false, state: 'open', venue, account, details: { seed: 7 } })
  await rejects(t, rest.judgeInstance(id, { account: 'NOBODY' }), { reason: 'unknown_account' })
  await rest.stopInstance(id)
  t.match(await rest.instance(id), { done: true, state: 'stopped' })
  const again = await rest.restartInstance(id, { seed: 8 })
  t.equal(again.instanceId, id)
  t.not(again.venues[0], venue)
  await rejects(t, rest.startLevel('nope'), { status: 404, reason: 'unknown_level' })
  await rejects(t, rest.instance(99), { status: 404, reason: 'unknown_instance' })
})

t.test('orders of an account come page by page', async (t) => {
  const rest = new Rest({ url: await start(t) })
  for (let n = 0; n < 5; n += 1) await rest.place(stock, buy)
  await rest.cancel({ ...stock, id: 5 })
  const of = { venue: 'TESTEX', account: 'ALICE' }
  const ids = async (...query: Parameters<Rest['orders']>) => {
    const { orders, more } = await rest.orders(...query)
    return [orders.map(({ id }) => id), more]
  }

  t.strictSame(await ids(of), [[1, 2, 3, 4, 5], false])
  t.strictSame(await ids({ ...of, symbol: 'FOOBAR' }, { limit: 2 }), [[4, 5], true])
  t.strictSame(await ids(of, { limit: 2, before: 4 }), [[2, 3], true])
  t.strictSame(await ids(of, { open: true }), [[1, 2, 3, 4], false])
})

t.test('an address that is none is refused at once, and the error says what one is like', async (t) => {
  for (const url of ['127.0.0.1:8000', 'localhost:8000', 'ws://127.0.0.1:8000', ''])
    for (const Client of [Rest, Feed])
      t.throws(() => new Client({ url }), new TypeError(`url: ${url} is not like http://127.0.0.1:8000`))
})

t.test('an error has the status, the reason and the field', async (t) => {
  const rest = new Rest({ url: await start(t) })
  const failed = (call: Promise<unknown>) =>
    call.then(
      () => t.fail('it worked'),
      (error: unknown) => error,
    )

  const error = await failed(rest.quote({ venue: 'TESTEX', symbol: 'NOPE' }))
  t.ok(error instanceof StockyardError && error instanceof Error)
  t.match(error, { name: 'StockyardError', status: 404, reason: 'unknown_symbol', isTemporary: false })
  t.match(error, { message: 'Stock NOPE does not trade on venue TESTEX' })
  t.match(await failed(rest.place(stock, { ...buy, qty: 0 })), { status: 400, field: 'qty' })
  t.match(await failed(rest.stocks('a/b?c')), { status: 400, reason: 'bad_name' })
  t.match(await failed(rest.trades(stock, { limit: -1 })), { reason: 'bad_query', field: 'limit' })
})

t.test('a refused order is an error where the server refuses with status 200', async (t) => {
  const rest = new Rest({ url: await start(t, { settings: { badOrderStatus: 200 } }) })

  await rejects(t, rest.place(stock, { ...buy, qty: 0 }), { status: 200, reason: 'bad_value', field: 'qty' })
})

t.test('the key goes along', async (t) => {
  const url = await start(t, { accounts: createTestAccounts({ ALICE: 'secret' }) })
  const rest = (key?: string) => new Rest({ url, key })

  t.match(await rest('secret').place(stock, buy), { id: 1 })
  await rejects(t, rest('wrong').place(stock, buy), { status: 401, reason: 'wrong_key' })
  await rejects(t, rest().place(stock, buy), { status: 401, reason: 'key_required' })
  await rejects(t, rest('secret').orders({ venue: 'TESTEX', account: 'BOB' }), {
    reason: 'not_account_owner',
  })
})

t.test('no answer, a late answer and an answer of somebody else are errors that say so', async (t) => {
  const rest = (fetch: Fetch) =>
    new Rest({
      url: 'http://exchange.test',
      fetch,
      timers: {
        setTimeout: (task) => setImmediate(task),
        clearTimeout: (timer) => clearImmediate(timer as never),
      },
    })
  const late: Fetch = (_url, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))

  await rejects(t, rest(() => Promise.reject(new Error('refused'))).quote(stock), {
    ...{ reason: 'unreachable', outcome: 'unknown', isTemporary: true, status: undefined },
  })
  await rejects(t, rest(late).quote(stock), { reason: 'timeout', outcome: 'unknown', isTemporary: true })
  for (const [text, status, reason, isTemporary] of [
    // It may be that only the answer was lost.
    ['<html>', 502, 'not_json', true],
    ['{"ok":false,"reason":"internal_error"}', 500, 'internal_error', true],
    ['"text"', 200, 'not_json', false],
  ] as const) {
    const page = rest(async () => ({ status, text: async () => text }))
    const outcome = isTemporary ? 'unknown' : undefined
    await rejects(t, page.quote(stock), { reason, status, isTemporary, outcome })
  }
  const busy = { ok: false, error: 'Too many', reason: 'queue_full', outcome: 'refused' }
  await rejects(t, rest(async () => ({ status: 503, text: async () => JSON.stringify(busy) })).quote(stock), {
    ...{ status: 503, reason: 'queue_full', outcome: 'refused', isTemporary: true },
  })
})
