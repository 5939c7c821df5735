import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { firstOfPage } from '../../routes/accounts.ts'
import { loadAccounts } from '../../src/accounts.ts'
import { lots, micros, ticks } from '../../src/domain/units.ts'
import { createTestAccounts, createTestApp, houseAccount, listing, sellCommand } from '../support/app.ts'
import { createClient, foobar, newOrder } from '../support/client.ts'

type Options = Parameters<typeof createTestApp>[1]
type Test = Parameters<typeof createTestApp>[0]

const abc = '/ob/api/venues/TESTEX/stocks/ABC'
const list = (account: string) => `/ob/api/venues/TESTEX/accounts/${account}/orders`
const stockList = (account: string, stock = 'FOOBAR') =>
  `/ob/api/venues/TESTEX/accounts/${account}/stocks/${stock}/orders`
const ids = ({ body }: { body: { orders: { id: number }[] } }) => body.orders.map(({ id }) => id)

const unauthorized = { ok: false, error: 'Unknown account or wrong API key', reason: 'wrong_key' }
const noKey = {
  ok: false,
  error: 'Server is in +authentication mode but no API key was received',
  reason: 'key_required',
}

async function fresh(t: Test, options?: Options) {
  const test = await createTestApp(t, options)
  return { ...test, ...createClient(test.app) }
}

/** An app with three accounts, two of which share a key, and a client for each key and for none. */
async function locked(t: Test, options?: Options) {
  const accounts = createTestAccounts({ ALICE: 'alice-key', BOB: 'bob-key', BOB2: 'bob-key' })
  const test = await createTestApp(t, { accounts, ...options })
  const by = (key: string) => createClient(test.app, { 'x-starfighter-authorization': key })
  return {
    ...test,
    accounts,
    alice: by('alice-key'),
    bob: by('bob-key'),
    wrong: by('nonsense'),
    nobody: createClient(test.app),
  }
}

t.test('SF-065 all orders of an account on a venue, open and closed, by ascending id', async (t) => {
  const { placed, cancel, status, get } = await fresh(t, { commands: listing('TESTEX', 'FOOBAR', 'ABC') })
  await placed()
  await placed({}, abc)
  await placed({ account: 'OTHER' })
  await placed({ orderType: 'fok' })
  await cancel(1)

  const reply = await get(list('EXB123456'))

  t.equal(reply.status, 200)
  t.strictSame(reply.body, {
    ok: true,
    venue: 'TESTEX',
    orders: [(await status(1)).body, (await status(2, abc)).body, (await status(4)).body],
  })
})

t.test('SF-066 all orders of an account in one stock', async (t) => {
  const { placed, get } = await fresh(t, { commands: listing('TESTEX', 'FOOBAR', 'ABC') })
  await placed()
  await placed({}, abc)
  await placed()

  t.strictSame(ids(await get(stockList('EXB123456'))), [1, 3])
  t.strictSame(ids(await get(stockList('EXB123456', 'ABC'))), [2])
  for (const path of [list('NEVER_SEEN'), stockList('NEVER_SEEN')]) {
    const { status, body } = await get(path)
    t.equal(status, 200)
    t.strictSame(body, { ok: true, venue: 'TESTEX', orders: [] })
  }
})

t.test('orders come page by page, and only the open ones if wanted', async (t) => {
  const { placed, cancel, get } = await fresh(t, { commands: listing('TESTEX', 'FOOBAR', 'ABC') })
  for (let i = 0; i < 7; i += 1) await placed({}, i % 2 === 0 ? foobar : abc)
  await cancel(3)
  await cancel(6, abc)
  const page = (query: string) => get(`${list('EXB123456')}?${query}`)

  t.strictSame(ids(await page('limit=3')), [5, 6, 7])
  t.equal((await page('limit=3')).body.more, true)
  t.strictSame(ids(await page('limit=3&before=5')), [2, 3, 4])
  t.strictSame(ids(await page('limit=3&before=2')), [1])
  t.notOk('more' in (await page('limit=3&before=2')).body)
  t.strictSame(ids(await page('before=1')), [])
  t.strictSame(ids(await page('before=999')), [1, 2, 3, 4, 5, 6, 7])
  t.strictSame(ids(await page('open=true')), [1, 2, 4, 5, 7])
  t.strictSame(ids(await page('open=true&limit=2&before=5')), [2, 4])
  t.equal((await page('open=true&limit=2&before=5')).body.more, true)
  t.strictSame(ids(await page('open=false')), [1, 2, 3, 4, 5, 6, 7])
  t.strictSame(ids(await get(`${stockList('EXB123456')}?limit=2&before=7`)), [3, 5])
  t.strictSame(ids(await get(`${stockList('EXB123456')}?open=true`)), [1, 5, 7])
})

t.test('a list holds 10,000 orders at most, and says when there are more', async (t) => {
  const { exchange, get } = await fresh(t, { queueLimit: 20_000 })
  await Promise.all(Array.from({ length: 10_001 }, () => exchange.submit(sellCommand(5000), () => undefined)))

  const { body } = await get(list('SELLER'))

  t.equal(body.orders.length, 10_000)
  t.equal(body.orders[0].id, 2)
  t.equal(body.more, true)
})

t.test('a page ends before the order that would bring it over 100,000 fills', async (t) => {
  const fill = { price: ticks(1), quantity: lots(1), time: micros(1) }
  const withFills = (count: number) => ({ fills: Array.from({ length: count }, () => fill) })
  const full = withFills(10_000)

  t.equal(firstOfPage([]), 0)
  t.equal(firstOfPage(new Array(10).fill(full)), 0)
  t.equal(firstOfPage([withFills(1), ...new Array(10).fill(full)]), 1)
  t.equal(firstOfPage([full, withFills(0), ...new Array(10).fill(full)]), 1)
  t.equal(firstOfPage([withFills(0), full, ...new Array(10).fill(full)]), 2)
})

t.test('SF-089 placing without a key, with a wrong one or with that of another is 401', async (t) => {
  const { nobody, wrong, alice, bob } = await locked(t)

  t.match(await nobody.place({ account: 'ALICE' }), { status: 401, body: noKey })
  t.match(await wrong.place({ account: 'ALICE' }), { status: 401, body: unauthorized })
  t.match(await bob.place({ account: 'ALICE' }), { status: 401, body: unauthorized })
  t.match(await alice.place({ account: 'ALICE' }), { status: 200, body: { id: 1 } })
  t.match(await bob.place({ account: 'BOB' }), { status: 200 })
  t.match(await bob.place({ account: 'BOB2' }), { status: 200 })
})

t.test('SF-090 a key is taken from two headers and a cookie', async (t) => {
  const { app } = await locked(t)
  for (const headers of [
    { 'x-starfighter-authorization': 'alice-key' },
    { 'X-STARFIGHTER-AUTHORIZATION': 'alice-key' },
    { 'x-stockfighter-authorization': 'alice-key' },
    { cookie: 'api_key=alice-key' },
    { cookie: 'theme=dark; api_key=alice-key; other=1' },
    { cookie: 'theme=dark;api_key=alice-key' },
    { 'x-starfighter-authorization': '', 'x-stockfighter-authorization': 'alice-key' },
  ]) {
    t.match(
      await createClient(app, headers).place({ account: 'ALICE' }),
      { status: 200 },
      JSON.stringify(headers),
    )
  }
})

t.test('of several keys the first header counts, then the second, then the cookie', async (t) => {
  const { app } = await locked(t)
  for (const headers of [
    {
      'x-starfighter-authorization': 'alice-key',
      'x-stockfighter-authorization': 'bob-key',
      cookie: 'api_key=bob-key',
    },
    { 'x-stockfighter-authorization': 'alice-key', cookie: 'api_key=bob-key' },
  ]) {
    t.equal((await createClient(app, headers).place({ account: 'ALICE' })).status, 200)
    t.equal((await createClient(app, headers).place({ account: 'BOB' })).status, 401)
  }
})

t.test('other cookies, and a key in the URL of a plain request, are no key', async (t) => {
  const { app } = await locked(t)
  for (const cookie of [
    'xapi_key=alice-key',
    'api_keys=alice-key',
    'api_key=',
    'other="api_key=alice-key"',
  ]) {
    t.match(
      await createClient(app, { cookie }).place({ account: 'ALICE' }),
      { status: 401, body: noKey },
      cookie,
    )
  }
  t.match(
    await createClient(app).send(
      'POST',
      `${foobar}/orders?api_key=alice-key`,
      newOrder({ account: 'ALICE' }),
    ),
    {
      status: 401,
      body: noKey,
    },
  )
})

t.test('SF-091 the order of another account cannot be read or canceled', async (t) => {
  const { alice, bob } = await locked(t)
  const order = await alice.placed({ account: 'ALICE' })

  t.match(await bob.status(1), {
    status: 401,
    body: { error: "You are not authorized to view that order's details.", reason: 'not_order_owner' },
  })
  t.equal((await bob.get(`${foobar}/orders/1/fills`)).status, 401)
  for (const reply of [await bob.cancel(1), await bob.send('POST', `${foobar}/orders/1/cancel`)]) {
    t.equal(reply.status, 401)
    t.match(reply.body, { ok: false, reason: 'not_order_owner' })
  }
  t.strictSame((await alice.status(1)).body, order)
})

t.test('SF-092 the owner of an order is told only where that is configured', async (t) => {
  const { alice, bob } = await locked(t)
  await alice.placed({ account: 'ALICE' })

  t.strictSame((await bob.cancel(1)).body, {
    ok: false,
    error: 'Not authorized to delete that order.',
    reason: 'not_order_owner',
  })
  t.notMatch((await bob.status(1)).text, /ALICE/)

  const open = await locked(t, { settings: { revealOwnerOnCancel: true } })
  await open.alice.placed({ account: 'ALICE' })
  const { status, body } = await open.bob.cancel(1)
  t.equal(status, 401)
  t.equal(body.error, 'Not authorized to delete that order.  You have to own account ALICE.')
  t.notMatch((await open.bob.status(1)).text, /ALICE/)
})

t.test('SF-093 the orders of another account cannot be listed', async (t) => {
  const { alice, bob } = await locked(t)
  await alice.placed({ account: 'ALICE' })
  for (const account of ['ALICE', 'NEVER_SEEN']) {
    t.match(await bob.get(list(account)), {
      status: 401,
      body: { ok: false, error: "Not authorized to access details about that account's orders." },
    })
    t.match(await bob.get(stockList(account)), {
      status: 401,
      body: { ok: false, error: 'You are not authorized to trade on that account.' },
    })
  }
  t.strictSame(ids(await alice.get(list('ALICE'))), [1])
  t.strictSame(ids(await alice.get(stockList('ALICE'))), [1])
  t.strictSame(ids(await bob.get(list('BOB2'))), [])
})

t.test('SF-094 what everybody may see needs no key', async (t) => {
  const { nobody, wrong } = await locked(t)
  for (const path of [
    '/ob/api/heartbeat',
    '/ob/api/venues',
    '/ob/api/venues/TESTEX',
    '/ob/api/venues/TESTEX/heartbeat',
    '/ob/api/venues/TESTEX/stocks',
    foobar,
    `${foobar}/quote`,
    `${foobar}/scores`,
  ]) {
    t.equal((await nobody.get(path)).status, 200, path)
    t.equal((await wrong.get(path)).status, 200, path)
  }
})

t.test('SF-095 an unknown account and a wrong key get the same answer', async (t) => {
  const { bob, wrong } = await locked(t)

  const replies = [
    await bob.place({ account: 'NEVER_SEEN' }),
    await bob.place({ account: 'ALICE' }),
    await bob.place({ account: 'no such name!' }),
    await bob.place({ account: '' }),
    await wrong.place({ account: 'ALICE' }),
    await wrong.place({ account: 'NEVER_SEEN' }),
  ]

  for (const { status, body } of replies) {
    t.equal(status, 401)
    t.strictSame(body, unauthorized)
  }
})

t.test('a new order is checked in the order that clients know', async (t) => {
  const { nobody, wrong, bob, alice } = await locked(t, { settings: { autoCreate: false } })
  const nope = '/ob/api/venues/NOPE/stocks/FOOBAR'
  const xyz = '/ob/api/venues/TESTEX/stocks/XYZ'
  const bad = '/ob/api/venues/a-b/stocks/FOOBAR'

  t.match(await nobody.send('POST', `${bad}/orders`, '{'), {
    status: 400,
    body: { reason: 'malformed_json' },
  })
  t.match(await nobody.send('POST', `${bad}/orders`, '[]'), {
    status: 400,
    body: { reason: 'not_an_object' },
  })
  t.match(await nobody.place({ stock: 'OTHER' }, bad), { status: 401, body: { reason: 'key_required' } })
  t.match(await wrong.place({ stock: 'OTHER' }, bad), { status: 401, body: { reason: 'wrong_key' } })
  t.match(await bob.place({ stock: 'OTHER' }, bad), { status: 400, body: { reason: 'bad_name' } })
  t.match(await bob.place({ stock: 'OTHER' }, nope), { status: 400, body: { reason: 'url_mismatch' } })
  t.match(await bob.place({ account: 'ALICE', qty: 0 }, nope), {
    status: 404,
    body: { reason: 'unknown_venue' },
  })
  t.match(await bob.place({ account: 'ALICE', qty: 0 }, xyz), {
    status: 400,
    body: { reason: 'unknown_symbol' },
  })
  t.match(await bob.place({ account: 'ALICE', qty: 0 }), { status: 401, body: { reason: 'wrong_key' } })
  t.match(await bob.place({ account: undefined, qty: 0 }), { status: 400, body: { reason: 'missing_field' } })
  t.match(await bob.place({ account: ['ALICE'] }), {
    status: 400,
    body: { reason: 'wrong_type', field: 'account' },
  })
  t.match(await alice.place({ account: 'ALICE', qty: 0 }), { status: 400, body: { reason: 'bad_value' } })
})

t.test('reads with a key are checked in the same order', async (t) => {
  const { nobody, bob, alice } = await locked(t)
  await alice.placed({ account: 'ALICE' })

  t.equal((await nobody.get('/ob/api/venues/a-b/stocks/FOOBAR/orders/x')).body.reason, 'key_required')
  t.equal((await bob.get('/ob/api/venues/a-b/stocks/FOOBAR/orders/x')).body.reason, 'bad_name')
  t.equal((await bob.get('/ob/api/venues/NOPE/stocks/FOOBAR/orders/1')).body.reason, 'unknown_venue')
  t.equal((await bob.get('/ob/api/venues/TESTEX/stocks/NOPE/orders/1')).body.reason, 'unknown_symbol')
  t.equal((await bob.get(`${foobar}/orders/2`)).body.reason, 'unknown_order')
  t.equal((await bob.get(`${foobar}/orders/1`)).body.reason, 'not_order_owner')
  t.equal((await bob.get('/ob/api/venues/NOPE/accounts/ALICE/orders')).body.reason, 'unknown_venue')
})

t.test('accounts that are replaced count from the next request on', async (t) => {
  const { alice, accounts, app } = await locked(t)
  await alice.placed({ account: 'ALICE' })

  accounts.replace({ ALICE: 'new-key' })

  t.equal((await alice.status(1)).status, 401)
  t.equal((await createClient(app, { cookie: 'api_key=new-key' }).status(1)).status, 200)
})

t.test('SF-096 an empty accounts file, or one that is wrong, is refused in one line', async (t) => {
  const folder = t.testdir({
    'empty.json': '{}',
    'list.json': '[]',
    'nothing.json': '',
    'text.json': '"x"',
    'number.json': '{"ALICE":5}',
    'blank.json': '{"ALICE":""}',
    'name.json': '{"A-B":"secret"}',
    'late.json': '{"ALICE":"secret","BOB":null}',
  })
  for (const [file, text] of [
    ['empty.json', /empty\.json: no accounts/],
    ['list.json', /list\.json: has to be one JSON object/],
    ['nothing.json', /nothing\.json: not valid JSON/],
    ['text.json', /text\.json: has to be one JSON object/],
    ['number.json', /number\.json: the key of ALICE/],
    ['blank.json', /blank\.json: the key of ALICE/],
    ['name.json', /name\.json: "A-B" is no account name/],
    ['late.json', /late\.json: the key of BOB/],
    ['missing.json', /missing\.json: cannot be read \(ENOENT\)/],
    ['.', /cannot be read \(EISDIR\)/],
  ] as const) {
    const message = messageOf(() => loadAccounts(join(folder, file)))
    t.match(message, text)
    t.notMatch(message, /secret|\n/)
  }
})

t.test('a key holds all its accounts, and nothing else', async (t) => {
  const file = join(
    t.testdir({ 'accounts.json': '{"A":"one","B":"two","C":"one","__proto__":"three"}' }),
    'accounts.json',
  )
  const accounts = loadAccounts(file)

  t.strictSame([...(accounts.held('one') ?? [])], ['A', 'C'])
  t.strictSame([...(accounts.held('two') ?? [])], ['B'])
  t.strictSame([...(accounts.held('three') ?? [])], ['__proto__'])
  for (const key of ['', 'ONE', 'one ', 'onetwo', '__proto__', 'constructor'])
    t.equal(accounts.held(key), undefined, key)
})

t.test('accounts are read again at once or not at all', async (t) => {
  const file = join(t.testdir({ 'accounts.json': '{"A":"one","B":"two"}' }), 'accounts.json')
  const accounts = loadAccounts(file)
  let changes = 0
  accounts.onChange(() => {
    changes += 1
  })

  writeFileSync(file, '{"A":"three","B":5}')
  t.match(
    messageOf(() => accounts.reload()),
    /accounts\.json: the key of B/,
  )
  t.ok(accounts.held('one')?.has('A'))
  t.equal(accounts.held('three'), undefined)
  t.equal(changes, 0)

  writeFileSync(file, '{"A":"three"}')
  accounts.reload()
  t.ok(accounts.held('three')?.has('A'))
  t.equal(accounts.held('one'), undefined)
  t.equal(accounts.held('two'), undefined)
  t.equal(changes, 1)

  rmSync(file)
  t.match(
    messageOf(() => accounts.reload()),
    /ENOENT/,
  )
  t.ok(accounts.held('three')?.has('A'))
})

t.test('SF-098 before a trade the scores are an empty list', async (t) => {
  const { get, placed } = await fresh(t)
  await placed()

  t.match(await get(`${foobar}/scores`), { status: 200, text: '<pre>No trading activity yet.</pre>' })
  const { status, body } = await get(`${foobar}/scores?format=json`)
  t.equal(status, 200)
  t.strictSame(body, {
    ok: true,
    venue: 'TESTEX',
    symbol: 'FOOBAR',
    startTime: '2026-11-21T09:30:00.000000000Z',
    ts: '2026-11-21T09:30:00.000000000Z',
    scores: [],
  })
})

t.test('SF-099 a buy of 100 at 4990 costs 499000, and the seller has it', async (t) => {
  const { get, buy, sell } = await fresh(t)
  await sell(4990, 100)
  await buy(5000, 100)

  const { last, scores } = (await get(`${foobar}/scores?format=json`)).body

  t.equal(last, 4990)
  t.strictSame(scores, [
    { account: 'EXB123456', cents: -499000, shares: 100, posMin: 0, posMax: 100, nav: 0 },
    { account: 'SELLER', cents: 499000, shares: -100, posMin: -100, posMax: 0, nav: 0 },
  ])
  await buy(6000, 1, { account: 'X' })
  await sell(6000, 1, { account: 'Y' })
  t.match((await get(`${foobar}/scores?format=json`)).body.scores, [
    { account: 'EXB123456', nav: 101000 },
    { account: 'X', nav: 0 },
    { account: 'Y', nav: 0 },
    { account: 'SELLER', nav: -101000 },
  ])
})

t.test('SF-100 the bounds keep an extreme after the position is back', async (t) => {
  const { get, buy, sell } = await fresh(t)
  await sell(5000, 100)
  await buy(5000, 100)
  await buy(5000, 100, { account: 'SELLER' })
  await sell(5000, 100, { account: 'EXB123456' })

  t.match((await get(`${foobar}/scores?format=json`)).body.scores, [
    { account: 'EXB123456', shares: 0, posMin: 0, posMax: 100 },
    { account: 'SELLER', shares: 0, posMin: -100, posMax: 0 },
  ])
})

t.test('traders of the house stand last among the scores, marked, or not at all', async (t) => {
  const { get, buy, exchange } = await fresh(t, { commands: [...listing('TESTEX', 'FOOBAR'), houseAccount] })
  await exchange.forHouse.submit({ ...sellCommand(5000), account: 'HOUSE' }, () => {})
  await exchange.submit(sellCommand(5100), () => {})
  await buy(5000, 1)
  await buy(5100, 1)

  const { scores } = (await get(`${foobar}/scores?format=json`)).body
  t.match(
    scores.map(({ account, house, nav }: Record<string, unknown>) => [account, house, nav]),
    [
      ['EXB123456', undefined, 100],
      ['SELLER', undefined, 0],
      ['HOUSE', true, -100],
    ],
  )
  const { scores: people } = (await get(`${foobar}/scores?format=json&house=0`)).body
  t.strictSame(people, scores.slice(0, 2))
  const page = (await get(`${foobar}/scores`)).text as string
  t.match(page, /EXB123456[\s\S]*SELLER[\s\S]*\n\nHouse traders\n +HOUSE /)
  t.notMatch((await get(`${foobar}/scores?house=0`)).text, /House/)
})

t.test('nobody can act for an account of the house, which can be read like any other', async (t) => {
  const { send, get, exchange } = await fresh(t, { commands: [...listing('TESTEX', 'FOOBAR'), houseAccount] })
  await exchange.forHouse.submit({ ...sellCommand(5000), account: 'HOUSE' }, () => {})
  const refused = { status: 403, body: { ok: false, reason: 'house_account' } }

  const placed = await send('POST', `${foobar}/orders`, newOrder({ account: 'HOUSE' }))
  t.match(placed, { ...refused, body: { field: 'account' } })
  t.match(await send('DELETE', `${foobar}/orders/1`), refused)
  t.match(await send('POST', `${foobar}/orders/1/cancel`), refused)

  t.match((await get(`${foobar}/orders/1`)).body, { ok: true, open: true, qty: 1 })
  t.match((await get(list('HOUSE'))).body.orders, [{ id: 1 }])
  const abroad = await send(
    'POST',
    `${abc.replace('TESTEX', 'OTHEREX')}/orders`,
    newOrder({ account: 'HOUSE' }),
  )
  t.equal(abroad.status, 200, 'the flag is of one venue')
})

t.test('SF-101 accounts that only rested orders are not listed', async (t) => {
  const { get, buy, sell, placed } = await fresh(t)
  await placed({ account: 'RESTER', price: 1 })
  await sell(5000, 1)
  await buy(5000, 1)

  const { scores } = (await get(`${foobar}/scores?format=json`)).body

  t.strictSame(
    scores.map(({ account }: { account: string }) => account),
    ['EXB123456', 'SELLER'],
  )
})

t.test('SF-102 the scores of an unknown book are 404, and no name can become HTML', async (t) => {
  const { get, exchange } = await fresh(t)

  for (const path of ['/ob/api/venues/NOPE/stocks/FOOBAR', '/ob/api/venues/TESTEX/stocks/NOPE']) {
    t.match(await get(`${path}/scores`), { status: 404, text: '<pre>No such venue/stock!</pre>' })
    t.match(await get(`${path}/scores?format=json`), { status: 404, body: { ok: false } })
  }

  // No door gives such a name; a journal of later times might hold one.
  const account = `<script>alert("x")</script>&'`
  await exchange.submit({ ...sellCommand(5000), account }, () => undefined)
  await exchange.submit({ ...sellCommand(5000), side: 'buy' }, () => undefined)
  const { text } = await get(`${foobar}/scores`)
  t.match(text, '&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;')
  t.notMatch(text, '<script>')
})

t.test('the page of scores has the old columns, and dollars rounded down', async (t) => {
  const { get, buy, sell } = await fresh(t)
  await sell(50, 1)
  await buy(50, 1)
  await sell(199, 1)
  await buy(199, 1)

  const { status, text, headers } = await get(`${foobar}/scores`)

  t.equal(status, 200)
  t.match(headers['content-type'], /^text\/html/)
  const lines = text.replace(/<\/?pre>/g, '').split('\n')
  const cells = lines.map((line) => line.trim().split(/\s+/))
  t.equal(lines[0], 'TESTEX FOOBAR')
  t.equal(lines[1], 'Current price: $1.99')
  t.strictSame(cells[3], ['Account', 'USD', 'Shares', 'Pos.min', 'Pos.max', 'NAV'])
  t.strictSame(cells[4], ['EXB123456', '$-3', '2', '0', '2', '$1'])
  t.strictSame(cells[5], ['SELLER', '$2', '-2', '-2', '0', '$-2'])
  t.match(text, 'Start time: 2026-11-21T09:30:00.000000000Z')
  t.match(text, 'Current time: 2026-11-21T09:30:00.000000000Z')
})

t.test('scores are JSON for who asks for it, and a page for all others', async (t) => {
  const { get } = await fresh(t)
  for (const [accept, query, json] of [
    ['application/json', '', true],
    ['application/json, text/plain, */*', '', true],
    ['text/html,application/xhtml+xml,*/*;q=0.8', '', false],
    ['*/*', '', false],
    ['text/html', '?format=json', true],
    ['application/json', '?format=html', false],
  ] as const) {
    const { headers } = await get(`${foobar}/scores${query}`, { accept })
    t.match(headers['content-type'], json ? /^application\/json/ : /^text\/html/, `${accept} ${query}`)
    t.equal(headers.vary, 'Accept')
  }
})

t.test('with keys money and shares are hidden', async (t) => {
  const { alice, bob, nobody } = await locked(t)
  await alice.placed({ account: 'ALICE' })
  await bob.placed({ account: 'BOB', direction: 'sell' })

  t.strictSame((await nobody.get(`${foobar}/scores?format=json`)).body.scores, [
    { account: 'ALICE', posMin: 0, posMax: 100, nav: 0 },
    { account: 'BOB', posMin: -100, posMax: 0, nav: 0 },
  ])
  const { text } = await alice.get(`${foobar}/scores`)
  t.match(text, /ALICE +\[hidden\] +\[hidden\] +0 +100 +\$0/)
  t.notMatch(text, '5000')
})

t.test('sums beyond what JSON numbers hold are exact text', async (t) => {
  const { get, buy, sell } = await fresh(t)
  const most = 2147483647
  await sell(most, most)
  await buy(most, most)

  const [first] = (await get(`${foobar}/scores?format=json`)).body.scores

  t.match(first, { account: 'EXB123456', cents: '-4611686014132420609', shares: most, nav: 0 })
})

function messageOf(task: () => unknown): string {
  try {
    task()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('it did not throw')
}
