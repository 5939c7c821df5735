import fc from 'fast-check'
import t from 'tap'
import { createTestAccounts, createTestApp, type TestApp } from '../support/app.ts'
import { createClient, foobar, newOrder } from '../support/client.ts'
import { type ApiDocument, createContract } from '../support/contract.ts'

const { app, exchange }: TestApp = await createTestApp(t)
await app.ready()
const client = createClient(app)
const contract = createContract(JSON.parse(JSON.stringify(app.swagger())) as ApiDocument)
const orders = `${foobar}/orders`

// Something to damage: an order that rests, one that is closed, and an instance of a level.
await client.placed()
await client.placed({ orderType: 'ioc' })
await client.send('POST', '/gm/levels/first_steps')

/** All that a request could have changed. Not the venues of levels: those live by themselves. */
function state(): string {
  const texts: string[] = []
  for (const venue of exchange.venues()) {
    if (app.keys.isReserved(venue.name)) continue
    texts.push(`${venue.name} ${venue.lastOrderId}`)
    for (const { symbol, bids, asks } of venue.instruments()) {
      texts.push(symbol)
      for (const side of [bids, asks])
        for (const { id, price, open } of side.orders()) texts.push(`${id} ${price} ${open}`)
    }
  }
  return texts.join('\n')
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    '',
    ' ',
    '0',
    '-0',
    'null',
    'TESTEX',
    'FOOBAR',
    'buy',
    'limit',
    '1e400',
  ),
)
const anyNumber = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, 1e308, -1e308, 5e-324, 2 ** 31 - 1, 2 ** 31, 2 ** 53, 2 ** 63, 1.5, -1),
)
const anyValue = fc.oneof(
  anyText,
  anyNumber,
  fc.boolean(),
  fc.constant(null),
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom([], {}, [1], ['buy'], { toString: 1 }, { __proto__: null }),
)
const fields = [
  'account',
  'venue',
  'stock',
  'symbol',
  'price',
  'qty',
  'direction',
  'orderType',
  'ordertype',
  'type',
  'clientOrderId',
] as const

/** Whether a field of an order is as the protocol wants it: the rules once more, as plainly as can be. */
function isLegal(field: string, value: unknown): boolean {
  const whole = (least: number) => {
    if (typeof value === 'string' && !/^[0-9]+$/.test(value)) return false
    if (typeof value !== 'string' && typeof value !== 'number') return false
    const number = Number(value)
    return Number.isInteger(number) && number >= least && number <= 2147483647
  }
  switch (field) {
    case 'account':
      return typeof value === 'string' && /^[A-Za-z0-9_]{1,20}$/.test(value)
    case 'venue':
      return value === 'TESTEX'
    case 'stock':
    case 'symbol':
      return value === 'FOOBAR'
    case 'price':
      return whole(0)
    case 'qty':
      return whole(1)
    case 'direction':
      return value === 'buy' || value === 'sell'
    case 'orderType':
      return ['limit', 'market', 'fill-or-kill', 'fok', 'immediate-or-cancel', 'ioc'].includes(
        value as string,
      )
    case 'clientOrderId':
      return typeof value === 'string' && /^[!-~]{1,36}$/.test(value)
    default:
      return true
  }
}

t.test('one field that is wrong is refused by its name, and nothing else happens', async (t) => {
  const before = state()
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...fields), anyValue, async (field, value) => {
      // What JSON cannot say arrives as null.
      const arrived = JSON.parse(JSON.stringify({ value })).value
      fc.pre(arrived !== undefined && !isLegal(field, arrived))

      const { status, body } = await client.place({ [field]: value })

      const wrongName = ['venue', 'stock', 'symbol'].includes(field)
      const reasons = wrongName ? ['url_mismatch'] : ['wrong_type', 'bad_value']
      return status === 400 && body.ok === false && body.field === field && reasons.includes(body.reason)
    }),
    { numRuns: 400 },
  )
  t.equal(state(), before)
})

t.test('legal fields are taken however they are written', async () => {
  const whole = (least: number) => {
    const number = fc.oneof(fc.integer({ min: least, max: 2147483647 }), fc.constantFrom(least, 2147483647))
    return fc.oneof(
      number.map((n) => `${n}`),
      number.map((n) => `"${n}"`),
      number.map((n) => `"000${n}"`),
      number.map((n) => `${n}.0`),
      number.map((n) => `${n}e0`),
    )
  }
  const name = fc.stringMatching(/^[A-Za-z0-9_]{1,20}$/)
  await fc.assert(
    fc.asyncProperty(
      whole(0),
      whole(1),
      name,
      fc.constantFrom('buy', 'sell'),
      async (price, qty, account, direction) => {
        const text = `{"price":${price},"qty":${qty},"account":"${account}","direction":"${direction}","type":"fok"}`
        const stock = `/ob/api/venues/LEGAL/stocks/FOOBAR`

        const { status, body } = await client.send('POST', `${stock}/orders`, text)

        const number = (written: string) => Number(written.replaceAll('"', ''))
        return (
          status === 200 &&
          body.price === number(price) &&
          body.originalQty === number(qty) &&
          body.account === account
        )
      },
    ),
    { numRuns: 100 },
  )
})

const anyBody = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .dictionary(fc.constantFrom(...fields, '__proto__'), anyValue)
      .map((value) => JSON.stringify(newOrder(value))),
  },
  { weight: 2, arbitrary: fc.jsonValue().map((value) => JSON.stringify(value)) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.tuple(fc.constantFrom(...fields), anyValue), { maxLength: 20 })
      .map(
        (pairs) =>
          `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value) ?? 'null'}`).join(',')}}`,
      ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '{',
      '[[[[',
      '['.repeat(8000),
      `{"qty":${'9'.repeat(5000)}}`,
      'x'.repeat(20_000),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(Buffer.from('{"account":"\xff"}', 'latin1'), Buffer.from('\ufeff{}')),
  },
)
const anyType = fc.oneof(
  fc.constantFrom(
    undefined,
    '',
    'application/json',
    'application/x-www-form-urlencoded',
    'text/html',
    'multipart/form-data',
    ';',
    '/',
  ),
  fc.stringMatching(/^[ -~]{0,30}$/),
)
const anySegment = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('TESTEX', 'FOOBAR', 'EXB123456', '1', '2', '0', '-1', 'first_steps'),
  },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }).map(encodeURIComponent) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '%',
      '%zz',
      '%ff',
      '%00',
      '%C3%28',
      '...',
      'x'.repeat(3000),
      '%2F',
      '%E0%A4%A',
    ),
  },
)
const anyQuery = fc.oneof(
  fc.constant(''),
  fc
    .tuple(fc.constantFrom('limit', 'before', 'open', 'format', 'x', '__proto__', 'api_key'), anySegment)
    .map(([key, value]) => `?${key}=${value}`),
  fc.constantFrom(
    '?',
    '?limit=1&limit=2',
    '?limit[]=1',
    '?limit=1e9',
    '?before=99999999999999999999',
    '?&&&=',
    '?%zz=%zz',
  ),
)
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const
const templates = [...app.paths.keys()].filter((path) => !path.startsWith('/docs') && path !== '/')

/** Any request to any route, or to nearly one. */
const anyRequest = fc
  .tuple(
    fc.constantFrom(...methods),
    fc.constantFrom(...templates),
    fc.infiniteStream(anySegment),
    anyQuery,
    fc.constantFrom('', '/', '/x'),
  )
  .map(([method, template, segments, query, end]) => ({
    method,
    url: template.replace(/:\w+/g, () => segments.next().value) + end + query,
  }))

t.test('no request at all makes a 500, an answer off the document, or a change when refused', async (t) => {
  t.ok(templates.length > 20)
  let before = state()
  await fc.assert(
    fc.asyncProperty(anyRequest, anyBody, anyType, async ({ method, url }, body, type) => {
      const reply = await client.send(
        method,
        url,
        method === 'GET' || method === 'HEAD' ? undefined : body,
        type === undefined ? {} : { 'content-type': type },
      )

      if (reply.status >= 500) throw new Error(`${reply.status} ${reply.text}`)
      if (method !== 'HEAD') {
        const problem = contract(method, url, reply)
        if (problem !== undefined) throw new Error(problem)
        if (reply.status >= 400 && !isPage(url)) {
          const { ok, error, reason } = reply.body ?? {}
          if (ok !== false || !error || !/^[a-z_]+$/.test(reason)) throw new Error(`no error: ${reply.text}`)
        }
      }
      const after = state()
      if (reply.status >= 400 || method === 'GET' || method === 'HEAD') {
        if (after !== before) throw new Error('it changed something')
      }
      before = after
    }),
    { numRuns: 1000 },
  )
})

/** The scores answer with a page, errors included. */
function isPage(url: string): boolean {
  return /\/scores\/?(\?|$)/.test(url)
}

t.test(
  'any body to the route of orders is an order or an error with a reason, and no id is lost',
  async (t) => {
    await fc.assert(
      fc.asyncProperty(anyBody, anyType, async (body, type) => {
        const before = exchange.venue('TESTEX')?.lastOrderId ?? 0

        const reply = await client.send(
          'POST',
          orders,
          body,
          type === undefined ? {} : { 'content-type': type },
        )

        const problem = contract('POST', orders, reply)
        if (problem !== undefined) throw new Error(problem)
        const taken = reply.status === 200 ? 1 : 0
        return taken === 1 || [400, 409, 413].includes(reply.status)
          ? (exchange.venue('TESTEX')?.lastOrderId ?? 0) <= before + taken
          : false
      }),
      { numRuns: 600 },
    )
    const { id } = await client.placed()
    t.equal(id, exchange.venue('TESTEX')?.lastOrderId)
  },
)

t.test('keys that nobody has are refused whatever they are', async (t) => {
  const { app, exchange } = await createTestApp(t, { accounts: createTestAccounts({ ALICE: 'alice-key' }) })
  const latin = fc.stringMatching(/^[ -~]{0,60}$/)
  await fc.assert(
    fc.asyncProperty(
      latin,
      fc.constantFrom('x-starfighter-authorization', 'x-stockfighter-authorization', 'cookie'),
      async (text, header) => {
        fc.pre(text !== 'alice-key')
        const value = header === 'cookie' ? `api_key=${text}` : text
        fc.pre(header !== 'cookie' || !/api_key=alice-key(;|\s|$)/.test(value))

        const { status, body } = await createClient(app, { [header]: value }).place({ account: 'ALICE' })

        return status === 401 && ['key_required', 'wrong_key'].includes(body.reason)
      },
    ),
  )
  t.equal(exchange.venue('TESTEX')?.lastOrderId, 0)
})
