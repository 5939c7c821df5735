import t from 'tap'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { createTestApp, listing, sellCommand } from '../support/app.ts'
import { createClient, foobar, newOrder } from '../support/client.ts'

const orders = `${foobar}/orders`
const abc = '/ob/api/venues/TESTEX/stocks/ABC'

async function fresh(t: Parameters<typeof createTestApp>[0], options?: Parameters<typeof createTestApp>[1]) {
  const test = await createTestApp(t, options)
  return { ...test, ...createClient(test.app) }
}

t.test('SF-022 a resting limit order is answered in full', async (t) => {
  const { place } = await fresh(t)

  const { status, body } = await place({ venue: 'TESTEX', stock: 'FOOBAR' })

  t.equal(status, 200)
  t.strictSame(body, {
    ok: true,
    symbol: 'FOOBAR',
    venue: 'TESTEX',
    direction: 'buy',
    originalQty: 100,
    qty: 100,
    price: 5000,
    orderType: 'limit',
    id: 1,
    account: 'EXB123456',
    ts: '2026-11-21T09:30:00.000000000Z',
    fills: [],
    totalFilled: 0,
    open: true,
  })
})

t.test('SF-023 the reply has symbol and orderType, not stock and type', async (t) => {
  const { body } = await (await fresh(t)).place({ stock: 'FOOBAR', orderType: undefined, type: 'limit' })

  t.match(body, { symbol: 'FOOBAR', orderType: 'limit' })
  t.notOk('stock' in body)
  t.notOk('type' in body)
  t.notOk('ordertype' in body)
})

t.test('SF-024 stock, symbol, both or neither name the stock', async (t) => {
  const { place } = await fresh(t)
  for (const names of [
    { stock: 'FOOBAR' },
    { symbol: 'FOOBAR' },
    { stock: 'FOOBAR', symbol: 'FOOBAR' },
    {},
  ]) {
    t.match(await place(names), { status: 200, body: { symbol: 'FOOBAR' } })
  }
})

t.test('SF-025 the venue may be left out of the body', async (t) => {
  const { place } = await fresh(t)

  t.match(await place({ venue: undefined }), { status: 200, body: { venue: 'TESTEX' } })
})

t.test('SF-026 another venue or stock than in the URL is 400 and places nothing', async (t) => {
  const { place, placed, get } = await fresh(t)
  const before = (await get('/ob/api/venues')).text
  for (const [names, field] of [
    [{ venue: 'OTHER' }, 'venue'],
    [{ venue: null }, 'venue'],
    [{ stock: 'OTHER' }, 'stock'],
    [{ symbol: 'OTHER' }, 'symbol'],
    [{ stock: 'OTHER', symbol: 'FOOBAR' }, 'stock'],
    [{ stock: '' }, 'stock'],
  ] as const) {
    const { status, body } = await place(names)

    t.equal(status, 400)
    t.strictSame(body, {
      ok: false,
      error: 'Incoming POST data disagreed with request URL',
      reason: 'url_mismatch',
      field,
    })
  }

  t.equal((await get('/ob/api/venues')).text, before)
  t.equal((await placed()).id, 1)
})

t.test('where stock and symbol differ, stock counts', async (t) => {
  t.equal((await (await fresh(t)).place({ stock: 'FOOBAR', symbol: 'OTHER' })).status, 200)
})

t.test('SF-027 ordertype and type stand for orderType, in this order', async (t) => {
  const { place } = await fresh(t)
  const none = { orderType: undefined }

  t.match(await place({ ...none, ordertype: 'immediate-or-cancel' }), {
    status: 200,
    body: { orderType: 'immediate-or-cancel' },
  })
  t.match(await place({ ...none, type: 'market' }), { status: 200, body: { orderType: 'market' } })
  t.match(await place({ orderType: 'limit', ordertype: 'market', type: 'fok' }), {
    status: 200,
    body: { orderType: 'limit' },
  })
  t.match(await place({ ...none, ordertype: 'market', type: 'fok' }), { body: { orderType: 'market' } })
})

t.test('SF-028 fok and ioc are echoed in their long form', async (t) => {
  const { place } = await fresh(t)

  t.match(await place({ orderType: 'fok' }), { status: 200, body: { orderType: 'fill-or-kill' } })
  t.match(await place({ orderType: 'ioc' }), { status: 200, body: { orderType: 'immediate-or-cancel' } })
  t.match(await place({ orderType: 'fill-or-kill' }), { body: { orderType: 'fill-or-kill' } })
  t.match(await place({ orderType: 'immediate-or-cancel' }), { body: { orderType: 'immediate-or-cancel' } })
})

t.test('SF-029 JSON is read without a content type, and under any', async (t) => {
  const { send } = await fresh(t)
  const text = JSON.stringify(newOrder())
  for (const type of [
    undefined,
    '',
    'application/json',
    'application/json; charset=latin1',
    'APPLICATION/JSON',
    'text/plain',
    'application/xml',
    'multipart/form-data; boundary=x',
    'nonsense',
    'a/b/c; =;',
  ]) {
    const reply = await send(
      'POST',
      orders,
      Buffer.from(text),
      type === undefined ? {} : { 'content-type': type },
    )
    t.match(reply, { status: 200, body: { ok: true } }, `${type}`)
  }
})

t.test('SF-030 JSON is read under the type of a form', async (t) => {
  const { send } = await fresh(t)
  const form = { 'content-type': 'application/x-www-form-urlencoded' }

  t.match(await send('POST', orders, JSON.stringify(newOrder()), form), { status: 200, body: { ok: true } })
  t.match(await send('POST', orders, `\n ${JSON.stringify(newOrder())}`, form), { status: 200 })
  for (const text of ['[]', '"x"', '5', 'null', ''])
    t.equal((await send('POST', orders, text, form)).status, 400)
})

t.test('real form fields are read too', async (t) => {
  const { send } = await fresh(t)
  const form =
    'account=EXB123456&venue=TESTEX&stock=FOOBAR&price=5000&qty=7&direction=sell&orderType=limit&x=1'

  for (const type of [
    'application/x-www-form-urlencoded',
    'application/x-www-form-urlencoded; charset=UTF-8',
    'Application/X-WWW-Form-Urlencoded',
  ]) {
    t.match(
      await send('POST', orders, form, { 'content-type': type }),
      { status: 200, body: { price: 5000, originalQty: 7, direction: 'sell' } },
      type,
    )
  }
  t.match(
    await send('POST', orders, `${form}&qty=9`, { 'content-type': 'application/x-www-form-urlencoded' }),
    {
      body: { originalQty: 9 },
    },
  )
  t.match(await send('POST', orders, form, { 'content-type': 'application/json' }), {
    status: 400,
    body: { reason: 'malformed_json' },
  })
})

t.test('SF-031 what is no JSON, or no object, is 400', async (t) => {
  const { send, placed } = await fresh(t)
  for (const text of [
    '{',
    '',
    ' ',
    '{"a":1,}',
    "{'a':1}",
    '{"qty":01}',
    '{"qty":NaN}',
    'undefined',
    '{}{}',
  ]) {
    const { status, body } = await send('POST', orders, text)
    t.equal(status, 400, text)
    t.strictSame(body, {
      ok: false,
      error: 'Incoming data was not valid JSON',
      reason: 'malformed_json',
    })
  }
  for (const text of ['[]', '"x"', '5', 'null', 'true', `[${JSON.stringify(newOrder())}]`]) {
    const { status, body } = await send('POST', orders, text)
    t.equal(status, 400, text)
    t.strictSame(body, {
      ok: false,
      error: 'A value in the POST had the wrong type',
      reason: 'not_an_object',
    })
  }
  t.equal((await placed()).id, 1)
})

t.test('bytes that are no UTF-8, and a byte order mark, are not valid JSON', async (t) => {
  const { send } = await fresh(t)
  const text = JSON.stringify(newOrder({ note: 'x' }))
  const bad = Buffer.from(text.replace('"x"', '"\u00e9"'), 'latin1')

  t.match(await send('POST', orders, bad), { status: 400, body: { reason: 'malformed_json' } })
  t.match(await send('POST', orders, Buffer.from(`\ufeff${text}`)), {
    status: 400,
    body: { reason: 'malformed_json' },
  })
  t.match(await send('POST', orders, Buffer.from(text.replace('"x"', '"\u00e9"'))), { status: 200 })
})

t.test('SF-032 a missing field is 400 and named', async (t) => {
  const { place } = await fresh(t)
  for (const field of ['account', 'qty', 'direction', 'orderType']) {
    const { status, body } = await place({ [field]: undefined })

    t.equal(status, 400)
    t.strictSame(body, {
      ok: false,
      error: 'Incoming POST was missing required field',
      reason: 'missing_field',
      field,
    })
  }
})

t.test('SF-033 only a market order may come without a price', async (t) => {
  const { place } = await fresh(t)
  for (const orderType of ['limit', 'fill-or-kill', 'immediate-or-cancel']) {
    t.match(await place({ orderType, price: undefined }), {
      status: 400,
      body: { reason: 'missing_field', field: 'price' },
    })
  }
  t.match(await place({ orderType: 'market', price: undefined }), { status: 200, body: { price: 0 } })
})

t.test('SF-034 a quantity is a whole number of 1 or more, or its digits', async (t) => {
  const { send, place } = await fresh(t)
  for (const qty of [
    0,
    -1,
    1.5,
    2147483648,
    1e300,
    '0',
    '-1',
    '1.5',
    '',
    ' 5',
    '5 ',
    '0x10',
    '1e2',
    '९',
    '9'.repeat(400),
  ]) {
    t.match(await place({ qty }), { status: 400, body: { reason: 'bad_value', field: 'qty' } }, `${qty}`)
  }
  for (const qty of [null, [1], {}, true, false, [], ['10']]) {
    t.match(await place({ qty }), {
      status: 400,
      body: { error: 'A value in the POST had the wrong type', reason: 'wrong_type', field: 'qty' },
    })
  }
  for (const [text, qty] of [
    ['"10"', 10],
    ['"007"', 7],
    ['10.0', 10],
    ['1e2', 100],
    ['"0000000000000000000000000000000012"', 12],
    ['2147483647', 2147483647],
  ] as const) {
    const body = JSON.stringify(newOrder({ qty: 'QTY' })).replace('"QTY"', text)
    t.match(await send('POST', orders, body), { status: 200, body: { originalQty: qty } }, text)
  }
})

t.test('SF-035 a price is a whole number of 0 or more, or its digits', async (t) => {
  const { place } = await fresh(t)
  for (const price of [-1, 99.9, 2147483648, '-1', '99.9', 'abc', '100.5']) {
    t.match(await place({ price }), {
      status: 400,
      body: { error: 'Illegal value (usually a non-positive number)', reason: 'bad_value', field: 'price' },
    })
  }
  for (const price of [null, [5000], {}, true]) {
    t.match(await place({ price }), { status: 400, body: { reason: 'wrong_type', field: 'price' } })
  }
  for (const price of [0, '0', '5000', 2147483647]) {
    t.match(await place({ price }), { status: 200, body: { price: Number(price) } })
  }
  t.match(await place({ orderType: 'market', price: -1 }), { status: 400, body: { field: 'price' } })
})

t.test('SF-036 directions and order types are a few words in lower case', async (t) => {
  const { place } = await fresh(t)
  for (const direction of ['BUY', 'Sell', 'hold', '', 'buy ']) {
    t.match(await place({ direction }), { status: 400, body: { reason: 'bad_value', field: 'direction' } })
  }
  for (const orderType of ['stop', 'LIMIT', '', 'FOK', 'gtc']) {
    t.match(await place({ orderType }), { status: 400, body: { reason: 'bad_value', field: 'orderType' } })
  }
  for (const value of [null, 1, true, ['buy'], {}]) {
    t.match(await place({ direction: value }), {
      status: 400,
      body: { reason: 'wrong_type', field: 'direction' },
    })
    t.match(await place({ orderType: value }), {
      status: 400,
      body: { reason: 'wrong_type', field: 'orderType' },
    })
  }
})

t.test('SF-037 an account outside the rule is 400 and takes no id', async (t) => {
  const { place, placed } = await fresh(t)
  for (const account of ['', 'A B', 'A'.repeat(21), 'a-b', 'é', 'A\n']) {
    t.match(
      await place({ account }),
      { status: 400, body: { reason: 'bad_value', field: 'account' } },
      account,
    )
  }
  for (const account of [[], ['EXB123456'], null, 5, {}, true]) {
    t.match(await place({ account }), { status: 400, body: { reason: 'wrong_type', field: 'account' } })
  }
  t.equal((await placed({ account: 'a_Z09'.repeat(4) })).id, 1)
})

t.test('SF-038 fields that nobody knows are ignored', async (t) => {
  const { send, place } = await fresh(t)

  t.match(await place({ note: 'hello', id: 99, fills: [1], ok: false, open: null }), {
    status: 200,
    body: { id: 1 },
  })
  const text = JSON.stringify(newOrder()).replace(
    '{',
    '{"__proto__":{"price":-1},"constructor":{"prototype":1},',
  )
  t.match(await send('POST', orders, text), { status: 200, body: { id: 2, price: 5000 } })
})

t.test('of a field that comes twice the last one counts', async (t) => {
  const { send } = await fresh(t)

  const text = JSON.stringify(newOrder()).replace('}', ',"price":1,"price":4321}')

  t.match(await send('POST', orders, text), { status: 200, body: { price: 4321 } })
})

t.test('SF-039 a refused order takes no id', async (t) => {
  const { place, placed, buy } = await fresh(t)

  t.equal((await placed()).id, 1)
  await place({ qty: 0 })
  await place({ price: undefined })
  await place({ venue: 'OTHER' })
  t.equal((await placed()).id, 2)
  t.equal((await buy(1, 1, { orderType: 'fok' })).id, 3)
  t.equal((await placed()).id, 4)
})

t.test('SF-040 ids are unique on a venue, and start at 1 on each', async (t) => {
  const { placed } = await fresh(t, {
    commands: [...listing('TESTEX', 'FOOBAR', 'ABC'), ...listing('AEX', 'FOOBAR')],
  })

  t.equal((await placed()).id, 1)
  t.equal((await placed({}, abc)).id, 2)
  t.equal((await placed()).id, 3)
  t.equal((await placed({}, '/ob/api/venues/AEX/stocks/FOOBAR')).id, 1)
})

t.test('SF-041 the largest price and quantity stay exact, and so does the depth of two', async (t) => {
  const { buy, quote, status } = await fresh(t)
  const most = 2147483647

  t.match(await buy(most, most), { price: most, originalQty: most, qty: most })
  await buy(most, most)

  t.match((await status(1)).body, { price: most, originalQty: most })
  t.match(await quote(), { bid: most, bidSize: 4294967294, bidDepth: 4294967294 })
})

t.test('SF-042 a buy at 5000 against an ask at 4900 trades at 4900', async (t) => {
  const { buy, sell } = await fresh(t)
  await sell(4900, 10)

  const { fills, totalFilled, price } = await buy(5000, 10)

  t.match(fills, [{ price: 4900, qty: 10 }])
  t.equal(totalFilled, 10)
  t.equal(price, 5000)
})

t.test('SF-043 equal prices trade, and worse ones do not', async (t) => {
  const { buy, sell } = await fresh(t)
  await sell(5000, 10)

  t.match(await buy(4999, 1), { totalFilled: 0, open: true })
  t.match(await buy(5000, 10), { totalFilled: 10, open: false, qty: 0 })
})

t.test('SF-044 a better price trades before an older one', async (t) => {
  const { buy, sell, status } = await fresh(t)
  const worse = await sell(5000, 10)
  const better = await sell(4900, 10)

  await buy(5000, 10)

  t.equal((await status(better.id)).body.totalFilled, 10)
  t.equal((await status(worse.id)).body.totalFilled, 0)
})

t.test('SF-045 at one price the older order trades first, even at one clock reading', async (t) => {
  const { buy, sell, status, clock } = await fresh(t)
  const first = await sell(5000, 10)
  clock.now -= 5_000_000
  const second = await sell(5000, 10)
  t.equal(second.ts, first.ts, 'the clock stepped back, and times did not')

  await buy(5000, 15)

  t.equal((await status(first.id)).body.totalFilled, 10)
  t.equal((await status(second.id)).body.totalFilled, 5)
})

t.test('SF-046 a partly filled order keeps its place', async (t) => {
  const { buy, sell, status } = await fresh(t)
  const first = await sell(5000, 10)
  await buy(5000, 4)
  const second = await sell(5000, 10)

  await buy(5000, 6)

  t.match((await status(first.id)).body, { totalFilled: 10, open: false })
  t.equal((await status(second.id)).body.totalFilled, 0)
})

t.test('SF-047 a sweep of three gives three fills in the order of price', async (t) => {
  const { buy, sell } = await fresh(t)
  await sell(5002, 10)
  await sell(5000, 10)
  await sell(5000, 5)

  const { fills, totalFilled, ts } = await buy(5005, 22)

  t.strictSame(fills, [
    { price: 5000, qty: 10, ts },
    { price: 5000, qty: 5, ts },
    { price: 5002, qty: 7, ts },
  ])
  t.equal(totalFilled, 22)
})

t.test('SF-048 what a limit order cannot trade rests at its own price', async (t) => {
  const { buy, sell, book } = await fresh(t)
  await sell(4900, 10)

  t.match(await buy(5000, 25), { originalQty: 25, qty: 15, totalFilled: 10, open: true, price: 5000 })

  t.strictSame((await book()).bids, [{ price: 5000, qty: 15, isBuy: true }])
})

t.test('SF-049 a market order shows price 0 and never rests', async (t) => {
  const { buy, sell, book, status } = await fresh(t)
  await sell(9000, 10)

  const order = await buy(777, 25, { orderType: 'market' })

  t.match(order, { price: 0, originalQty: 25, qty: 0, totalFilled: 10, open: false, orderType: 'market' })
  t.match(order.fills, [{ price: 9000, qty: 10 }])
  t.strictSame((await book()).bids, [])
  t.equal((await status(order.id)).body.price, 0)
})

t.test('SF-050 a market order on an empty book is taken and ends', async (t) => {
  const { place } = await fresh(t)

  t.match(await place({ orderType: 'market' }), {
    status: 200,
    body: { ok: true, fills: [], totalFilled: 0, qty: 0, open: false, originalQty: 100 },
  })
})

t.test('SF-051 an immediate-or-cancel order trades what it can and is gone', async (t) => {
  const { buy, sell, book } = await fresh(t)
  await sell(5000, 10)

  t.match(await buy(5000, 25, { orderType: 'ioc' }), {
    totalFilled: 10,
    qty: 0,
    open: false,
    originalQty: 25,
  })

  t.match(await book(), { bids: [], asks: [] })
})

t.test('SF-052 an immediate-or-cancel order keeps to its price', async (t) => {
  const { buy, sell, book } = await fresh(t)
  await sell(5000, 10)
  await sell(5001, 10)

  t.match((await buy(5000, 25, { orderType: 'ioc' })).fills, [{ price: 5000, qty: 10 }])

  t.match((await book()).asks, [{ price: 5001, qty: 10 }])
})

t.test('SF-053 a fill-or-kill order with exactly enough trades in full', async (t) => {
  const { buy, sell } = await fresh(t)
  await sell(5000, 10)
  await sell(5001, 10)

  t.match(await buy(5001, 20, { orderType: 'fok' }), { totalFilled: 20, qty: 0, open: false })
})

t.test('SF-054 a fill-or-kill order with one too few does nothing', async (t) => {
  const { buy, sell, book } = await fresh(t)
  await sell(5000, 19)

  t.match(await buy(5001, 20, { orderType: 'fok' }), {
    ok: true,
    fills: [],
    totalFilled: 0,
    qty: 0,
    open: false,
    originalQty: 20,
  })

  t.match((await book()).asks, [{ price: 5000, qty: 19 }])
})

t.test('SF-055 a fill-or-kill order counts only acceptable prices', async (t) => {
  const { buy, sell, book } = await fresh(t)
  await sell(5000, 10)
  await sell(5001, 10)

  t.match(await buy(5000, 11, { orderType: 'fok' }), { totalFilled: 0, open: false })

  t.equal((await book()).asks.length, 2)
})

t.test('SF-056 a trade with oneself fills both and moves last, but no money', async (t) => {
  const { buy, sell, status, quote, get } = await fresh(t)
  await sell(5000, 10, { account: 'EXB123456' })

  t.equal((await buy(5000, 10)).totalFilled, 10)

  t.equal((await status(1)).body.totalFilled, 10)
  t.match(await quote(), { last: 5000, lastSize: 10 })
  t.strictSame((await get(`${foobar}/scores?format=json`)).body.scores, [
    { account: 'EXB123456', cents: 0, shares: 0, posMin: 0, posMax: 0, nav: 0 },
  ])
})

t.test('SF-057 the status is the last state, later fills included', async (t) => {
  const { buy, sell, status } = await fresh(t)
  const order = await buy(5000, 10)
  t.strictSame((await status(1)).body, order)

  const { ts } = await sell(4000, 4)

  t.strictSame((await status(1)).body, {
    ...order,
    qty: 6,
    totalFilled: 4,
    fills: [{ price: 5000, qty: 4, ts }],
  })
})

t.test('SF-058 the status of a closed order is there', async (t) => {
  const { placed, cancel, status } = await fresh(t)
  const killed = await placed({ orderType: 'fok' })
  const { id } = await placed()
  const canceled = (await cancel(id)).body

  t.strictSame((await status(killed.id)).body, killed)
  t.strictSame((await status(id)).body, canceled)
})

t.test('SF-059 an unknown id is 404, and what is no id is 400', async (t) => {
  const { send, placed } = await fresh(t, { commands: listing('TESTEX', 'FOOBAR', 'ABC') })
  await placed()
  await placed({}, abc)
  for (const [method, suffix] of [
    ['GET', ''],
    ['GET', '/fills'],
    ['DELETE', ''],
    ['POST', '/cancel'],
  ] as const) {
    for (const id of ['3', '0', '2', '9007199254740991', '0003']) {
      const { status, body } = await send(method, `${orders}/${id}${suffix}`)
      t.equal(status, 404, `${method} ${id}`)
      t.strictSame(body, {
        ok: false,
        error: `order ${Number(id)} not found (highest available on this venue is 2)`,
        reason: 'unknown_order',
      })
    }
    for (const id of ['abc', '1.5', '-1', '1e0', '0x1', '+1', '%20', '9007199254740993', '9'.repeat(300)]) {
      const { status, body } = await send(method, `${orders}/${id}${suffix}`)
      t.match(
        { status, body },
        { status: 400, body: { ok: false, reason: 'bad_id', field: 'id' } },
        `${method} ${id}`,
      )
    }
  }
})

t.test('an order that was purged says so', async (t) => {
  const { placed, status, cancel } = await fresh(t, {
    commands: [
      ...listing('TESTEX', 'FOOBAR'),
      { type: 'set-limits', venue: 'TESTEX', limits: { closedOrders: 2 } },
    ],
  })
  for (let i = 0; i < 3; i += 1) await placed({ orderType: 'ioc' })
  const purged = {
    ok: false,
    error: 'order 1 not found (the venue purges orders after a while)',
    reason: 'purged',
  }

  t.match(await status(1), { status: 404 })
  t.strictSame((await status(1)).body, purged)
  t.strictSame((await cancel(1)).body, purged)
  t.equal((await status(2)).status, 200)
})

t.test('SF-060 a cancel closes the order and keeps its fills', async (t) => {
  const { buy, sell, cancel } = await fresh(t)
  const order = await buy(5000, 100)
  const { ts } = await sell(5000, 40)

  const { status, body } = await cancel(1)

  t.equal(status, 200)
  t.strictSame(body, {
    ...order,
    qty: 0,
    totalFilled: 40,
    fills: [{ price: 5000, qty: 40, ts }],
    open: false,
  })
})

t.test('SF-061 a cancel by POST takes any body or none', async (t) => {
  const { placed, send } = await fresh(t)
  for (const [body, type] of [
    [undefined, undefined],
    ['', 'application/json'],
    ['{}', 'application/json'],
    ['{', 'application/json'],
    ['a=b', 'application/x-www-form-urlencoded'],
    [Buffer.from([0xff, 0xfe]), 'nonsense'],
    [undefined, 'application/json'],
  ] as const) {
    const { id } = await placed()
    const headers = type === undefined ? {} : { 'content-type': type }
    const reply = await send('POST', `${orders}/${id}/cancel`, body, headers)
    t.match(reply, { status: 200, body: { id, open: false, qty: 0, totalFilled: 0 } })
  }
  const { id } = await placed()
  t.match(await send('DELETE', `${orders}/${id}`, '{"x":', { 'content-type': 'application/json' }), {
    status: 200,
    body: { open: false },
  })
})

t.test('SF-062 a second cancel gives the same order', async (t) => {
  const { buy, sell, cancel, send, placed } = await fresh(t)
  await buy(5000, 100)
  await sell(5000, 40)
  const first = await cancel(1)

  t.strictSame((await cancel(1)).body, first.body)
  t.strictSame((await send('POST', `${orders}/1/cancel`)).body, first.body)
  const killed = await placed({ orderType: 'fok' })
  t.match(await cancel(killed.id), { status: 200, body: killed })
  t.equal((await cancel(2)).body.totalFilled, 40, 'a filled order')
})

t.test('SF-063 a canceled order is gone from book and quote', async (t) => {
  const { buy, cancel, book, quote } = await fresh(t)
  await buy(5000, 100)
  await cancel(1)

  t.strictSame((await book()).bids, [])
  const { bid, bidSize, bidDepth } = await quote()
  t.strictSame([bid, bidSize, bidDepth], [undefined, 0, 0])
})

t.test('SF-064 a cancel of the only best order moves the quote to the next level', async (t) => {
  const { buy, cancel, quote } = await fresh(t)
  await buy(4900, 10)
  await buy(4900, 5)
  await buy(5000, 100)
  await cancel(3)

  t.match(await quote(), { bid: 4900, bidSize: 15, bidDepth: 15 })
})

t.test('SF-067 the quote of a fresh book has no prices', async (t) => {
  const { quote } = await fresh(t)

  t.strictSame(await quote(), {
    ok: true,
    symbol: 'FOOBAR',
    venue: 'TESTEX',
    bidSize: 0,
    askSize: 0,
    bidDepth: 0,
    askDepth: 0,
    quoteTime: '2026-11-21T09:30:00.000000000Z',
  })
})

t.test('SF-068 size is of the best level, depth of the whole side', async (t) => {
  const { buy, sell, quote } = await fresh(t)
  for (const price of [4980, 4980, 4900]) await buy(price, 10)
  for (const price of [5010, 5020]) await sell(price, 7)

  t.match(await quote(), { bid: 4980, bidSize: 20, bidDepth: 30, ask: 5010, askSize: 7, askDepth: 14 })
})

t.test('SF-069 when a side empties its price goes', async (t) => {
  const { buy, sell, quote } = await fresh(t)
  await sell(5000, 10)
  await buy(5000, 10)

  const now = await quote()

  t.notOk('ask' in now)
  t.match(now, { askSize: 0, askDepth: 0 })
})

t.test('SF-070 last is the last single match of a sweep', async (t) => {
  const { buy, sell, quote, clock } = await fresh(t)
  await sell(5000, 10)
  await sell(5001, 10)
  clock.now += 1_000_000
  const { ts } = await buy(5001, 13)

  t.match(await quote(), { last: 5001, lastSize: 3, lastTrade: ts, quoteTime: ts })
})

t.test('SF-071 a best bid of 0 is a price', async (t) => {
  const { buy, quote } = await fresh(t)
  await buy(0, 10)

  t.equal((await quote()).bid, 0)
})

t.test('SF-072 an order that changed nothing leaves the time of the quote', async (t) => {
  const { buy, sell, quote, clock, cancel } = await fresh(t)
  await sell(5000, 10)
  const { quoteTime } = await quote()
  for (const orderType of ['fok', 'ioc']) {
    clock.now += 1_000_000
    await buy(4000, 100, { orderType })
    t.equal((await quote()).quoteTime, quoteTime, orderType)
  }
  await cancel(2)
  t.equal((await quote()).quoteTime, quoteTime, 'a cancel of a closed order')

  await cancel(1)
  t.not((await quote()).quoteTime, quoteTime)
  const before = (await quote()).quoteTime
  clock.now += 1_000_000
  await buy(1, 1, { orderType: 'market' })
  t.equal((await quote()).quoteTime, before, 'a market order that found nothing')
})

t.test(
  'an order sent again under its client order id trades nothing and is answered as it is now',
  async (t) => {
    const { place, buy, sell, status } = await fresh(t)
    const first = await buy(5000, 100, { clientOrderId: 'mine-1' })
    t.equal(first.clientOrderId, 'mine-1')
    await sell(5000, 40)

    const again = await place({ clientOrderId: 'mine-1' })

    t.equal(again.status, 200)
    t.match(again.body, { id: 1, qty: 60, totalFilled: 40, clientOrderId: 'mine-1' })
    t.strictSame(again.body, (await status(1)).body)
    t.equal((await status(3)).status, 404)
    t.match(await place({ clientOrderId: 'mine-1', account: 'OTHER' }), { status: 200, body: { id: 3 } })
  },
)

t.test('another order under a client order id that is taken is 409', async (t) => {
  for (const badOrderStatus of [400, 200] as const) {
    const { place, placed } = await fresh(t, {
      settings: { badOrderStatus },
      commands: listing('TESTEX', 'FOOBAR', 'ABC'),
    })
    await placed({ clientOrderId: 'x' })
    for (const change of [{ price: 4999 }, { qty: 99 }, { direction: 'sell' }, { orderType: 'ioc' }]) {
      const { status, body } = await place({ clientOrderId: 'x', ...change })
      t.equal(status, 409)
      t.strictSame(body, {
        ok: false,
        error: 'The client order id belongs to a different order',
        reason: 'client_order_id_conflict',
        field: 'clientOrderId',
      })
    }
    t.equal((await place({ clientOrderId: 'x' }, abc)).status, 409)
  }
})

t.test('a client order id is 1 to 36 visible ASCII characters', async (t) => {
  const { place, placed } = await fresh(t)
  for (const clientOrderId of ['', 'a b', 'é', 'x'.repeat(37), '\n', '\x7f']) {
    t.match(await place({ clientOrderId }), {
      status: 400,
      body: { reason: 'bad_value', field: 'clientOrderId' },
    })
  }
  for (const clientOrderId of [null, 5, ['x']]) {
    t.match(await place({ clientOrderId }), {
      status: 400,
      body: { reason: 'wrong_type', field: 'clientOrderId' },
    })
  }
  t.equal((await placed({ clientOrderId: `!~${'x'.repeat(34)}` })).clientOrderId, `!~${'x'.repeat(34)}`)
  t.notOk('clientOrderId' in (await placed()))
})

t.test('the first accepted order makes venue and stock, a refused one does not', async (t) => {
  const { place, get } = await fresh(t)
  const other = '/ob/api/venues/NEWEX/stocks/NEW'

  t.equal((await place({ qty: 0 }, other)).status, 400)
  t.equal((await get('/ob/api/venues/NEWEX')).status, 404)
  t.match(await place({}, other), { status: 200, body: { id: 1, venue: 'NEWEX', symbol: 'NEW' } })
  t.match((await get('/ob/api/venues/NEWEX')).body, { symbols: [{ symbol: 'NEW' }] })
})

t.test('without auto-create an unknown venue is 404 and an unknown stock 400', async (t) => {
  const { place, get } = await fresh(t, { settings: { autoCreate: false } })

  const venue = await place({}, '/ob/api/venues/NEWEX/stocks/FOOBAR')
  const stock = await place({ qty: 'and a bad field' }, '/ob/api/venues/TESTEX/stocks/XYZ')

  t.equal(venue.status, 404)
  t.strictSame(venue.body, {
    ok: false,
    error: 'No venue exists with the symbol NEWEX',
    reason: 'unknown_venue',
  })
  t.equal(stock.status, 400)
  t.strictSame(stock.body, {
    ok: false,
    error: 'symbol XYZ does not exist on venue TESTEX',
    reason: 'unknown_symbol',
  })
  t.equal((await place()).status, 200)
  t.equal((await get('/ob/api/venues')).body.venues.length, 1)
})

t.test('badOrderStatus 200 covers refused orders, and nothing else', async (t) => {
  const { place, send } = await fresh(t, { settings: { badOrderStatus: 200, autoCreate: false } })
  for (const [change, reason] of [
    [{ qty: undefined }, 'missing_field'],
    [{ price: undefined }, 'missing_field'],
    [{ qty: null }, 'wrong_type'],
    [{ qty: 0 }, 'bad_value'],
    [{ account: '' }, 'bad_value'],
  ] as const) {
    const { status, body } = await place(change)
    t.match({ status, body }, { status: 200, body: { ok: false, error: /./, reason } })
  }
  t.match(await place({}, '/ob/api/venues/TESTEX/stocks/XYZ'), {
    status: 200,
    body: { ok: false, reason: 'unknown_symbol' },
  })

  t.equal((await place({ stock: 'XYZ' })).status, 400)
  t.equal((await send('POST', orders, '{')).status, 400)
  t.equal((await send('POST', orders, '[]')).status, 400)
  t.equal((await place({}, '/ob/api/venues/a-b/stocks/XYZ')).status, 400)
  t.equal((await place({}, '/ob/api/venues/NOPE/stocks/XYZ')).status, 404)
  t.equal((await send('GET', '/ob/api/venues/TESTEX/stocks/XYZ')).status, 404)
  t.equal((await send('GET', `${orders}/abc`)).status, 400)
})

t.test('limits are refusals by rule, with a reason', async (t) => {
  const limits = { books: 2, accounts: 2, openOrdersPerAccount: 1, openOrders: 100 }
  for (const badOrderStatus of [400, 200] as const) {
    const { place, placed } = await fresh(t, {
      settings: { badOrderStatus },
      commands: [{ type: 'set-limits', limits }, ...listing('TESTEX', 'FOOBAR')],
    })
    await placed()

    t.match(await place(), { status: badOrderStatus, body: { ok: false, reason: 'too_many_open_orders' } })
    await placed({ account: 'B' })
    t.match(await place({ account: 'C' }), {
      status: badOrderStatus,
      body: { ok: false, reason: 'too_many_accounts' },
    })
    await placed({ orderType: 'ioc' }, abc)
    t.match(await place({ orderType: 'ioc' }, '/ob/api/venues/TESTEX/stocks/THIRD'), {
      status: 400,
      body: { error: 'Book limit exceeded! (See command line options)', reason: 'too_many_books' },
    })
  }
})

t.test('an order keeps its newest 10,000 fills at hand, and pages give them', async (t) => {
  const { exchange, buy, sell, status, get } = await fresh(t)
  await buy(5000, 20_000)
  for (let i = 0; i < 7; i += 1) await sell(5000, i + 1)

  const page = async (query: string) => (await get(`${orders}/1/fills${query}`)).body
  const numbers = ({ fills }: { fills: { n: number; qty: number }[] }) => fills.map(({ n }) => n)

  t.match(await page(''), { ok: true, venue: 'TESTEX', symbol: 'FOOBAR', id: 1, more: false })
  t.strictSame(numbers(await page('')), [1, 2, 3, 4, 5, 6, 7])
  t.strictSame((await page('')).fills[2], { n: 3, price: 5000, qty: 3, ts: '2026-11-21T09:30:00.000000000Z' })
  t.strictSame(numbers(await page('?limit=3')), [5, 6, 7])
  t.equal((await page('?limit=3')).more, true)
  t.strictSame(numbers(await page('?limit=3&before=5')), [2, 3, 4])
  t.strictSame(numbers(await page('?limit=3&before=2')), [1])
  t.equal((await page('?limit=3&before=2')).more, false)
  t.strictSame(numbers(await page('?before=1')), [])
  t.strictSame(numbers(await page('?before=999')), [1, 2, 3, 4, 5, 6, 7])

  for (let i = 0; i < 2; i += 1) {
    await Promise.all(Array.from({ length: 5000 }, () => exchange.submit(sellCommand(5000), () => undefined)))
  }
  const { body } = await status(1)
  t.equal(body.fills.length, 10_000)
  t.equal(body.fillsOmitted, 7)
  t.equal(body.totalFilled, 10_028)
  t.strictSame(numbers(await page('?limit=2')), [10_006, 10_007])
  t.strictSame(numbers(await page('?before=9')), [8])
  t.equal((await page('?before=9')).more, false, 'older ones cannot be asked for')
  t.strictSame(numbers(await page('?before=7')), [])
  t.equal((await page('')).fills.length, 1000)
  t.equal((await page('?limit=10000')).fills.length, 10_000)
})

t.test('a query that cannot be is 400 and named', async (t) => {
  const { get, placed } = await fresh(t)
  await placed()
  const list = '/ob/api/venues/TESTEX/accounts/EXB123456/orders'
  for (const [path, field, texts] of [
    [`${orders}/1/fills`, 'limit', ['0', '10001', '-1', '1.5', 'x', '', '1e2', '1&limit=2']],
    [`${orders}/1/fills`, 'before', ['0', '-1', '1.5', 'x', '']],
    [list, 'limit', ['0', '10001', 'x', '']],
    [list, 'before', ['0', 'x']],
    [list, 'open', ['1', 'yes', '', 'TRUE']],
    [`${foobar}/scores`, 'format', ['xml', '']],
  ] as const) {
    for (const text of texts) {
      const { status, body } = await get(`${path}?${field}=${text}`)
      t.match(
        { status, body },
        { status: 400, body: { ok: false, reason: 'bad_query', field } },
        `${field}=${text}`,
      )
    }
  }
})

t.test('a full queue is 503 with Retry-After, and nothing was done', async (t) => {
  const { place, get } = await fresh(t, { queueLimit: 2 })

  const replies = await Promise.all(Array.from({ length: 8 }, () => place()))

  const full = replies.filter(({ status }) => status === 503)
  t.ok(full.length >= 1)
  for (const { body, headers } of full) {
    t.strictSame(body, {
      ok: false,
      error: 'Too many commands are waiting',
      reason: 'queue_full',
      outcome: 'refused',
    })
    t.equal(headers['retry-after'], '1')
  }
  const taken = replies.filter(({ status }) => status === 200).length
  t.equal(taken + full.length, 8)
  t.equal((await get('/ob/api/venues/TESTEX/accounts/EXB123456/orders')).body.orders.length, taken)
})

t.test('when the journal fails orders are 503 and say whether they may have been done', async (t) => {
  const log = new FailingLog()
  const { place, placed, cancel, status, book } = await fresh(t, { log })
  await placed()
  log.broken = true

  const inFlight = await place()
  const later = [await place(), await cancel(1)]

  t.equal(inFlight.status, 503)
  t.strictSame(inFlight.body, {
    ok: false,
    error: 'The journal cannot be written',
    reason: 'journal_failed',
    outcome: 'unknown',
  })
  for (const { status, body } of later)
    t.match({ status, body }, { status: 503, body: { outcome: 'refused' } })
  t.notOk('retry-after' in inFlight.headers, 'waiting does not help')
  t.equal((await status(1)).status, 200, 'reads go on')
  t.equal((await book()).bids.length, 1)
})

t.test('a bug is 500 and tells nothing of the inside', async (t) => {
  const { app, exchange, get } = await fresh(t)
  const logged: unknown[] = []
  t.intercept(app.log, 'error', { value: (fields: unknown) => logged.push(fields) })
  t.intercept(exchange, 'venue', {
    value() {
      throw new Error('secret at /home/me')
    },
  })

  const { status, body } = await get(foobar)

  t.equal(status, 500)
  t.strictSame(body, { ok: false, error: 'Internal server error', reason: 'internal_error' })
  t.match(logged, [{ err: { message: 'secret at /home/me' } }])
})

/** A journal whose disk can break. */
class FailingLog extends MemoryLog {
  broken = false

  override append(batch: Parameters<MemoryLog['append']>[0]): Promise<void> | undefined {
    return this.broken ? Promise.reject(new Error('no space left')) : super.append(batch)
  }
}
