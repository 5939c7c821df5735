import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { levels } from '../../game/levels.ts'
import { formatTime } from '../../schemas/time.ts'
import type { TradingState } from '../../src/domain/venue.ts'
import { createTestAccounts, createTestApp, houseAccount, listing, sellCommand } from '../support/app.ts'
import { cashVenue, coin, crypto } from '../support/cash.ts'
import { createClient, foobar, newOrder } from '../support/client.ts'
import { type ApiDocument, createChecker, createContract, examplesOf } from '../support/contract.ts'

const { app } = await createTestApp(t)
await app.ready()
const document = JSON.parse(JSON.stringify(app.swagger())) as ApiDocument
const operations = Object.entries(document.paths).flatMap(([path, byMethod]) =>
  Object.entries(byMethod).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
)

t.test('the committed document is that of the routes', async (t) => {
  const committed = readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8')

  t.ok(committed === `${JSON.stringify(app.swagger(), null, 2)}\n`, 'or else: npm run openapi')
})

t.test('every route is in the document, and nothing else', async (t) => {
  const described = operations.map(({ path, method }) => `${method} ${path}`)
  const routed = [...app.paths].flatMap(([path, methods]) =>
    [...methods].map((method) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`),
  )
  const own = routed.filter((route) => !/^HEAD | \/docs| \/assets| \/$/.test(route))

  t.strictSame(described.sort(), own.sort())
})

t.test('every operation says what it does, and has examples', async (t) => {
  const ids = operations.map(({ operation }) => operation.operationId)
  t.equal(new Set(ids).size, operations.length)
  for (const { path, method, operation } of operations) {
    const { summary, description, tags = [], operationId, responses, requestBody } = operation
    const name = `${method} ${path}`
    t.match(
      { summary, description, operationId },
      { summary: /./, description: /./, operationId: /^[a-zA-Z]+$/ },
      name,
    )
    t.equal(tags.length, 1, name)
    t.ok(
      Object.keys(responses).some((status) => Number(status) >= 400),
      `${name} can fail`,
    )
    for (const [status, { description, content = {} }] of Object.entries(responses)) {
      t.match(description, /./)
      t.not(description, 'Default Response', `${name} ${status}`)
      for (const [type, media] of Object.entries(content)) {
        if (type === 'application/json')
          t.ok(examplesOf(media).length > 0, `${name} ${status} has an example`)
      }
    }
    for (const media of Object.values(requestBody?.content ?? {})) t.ok(examplesOf(media).length > 0, name)
    for (const parameter of operation.parameters ?? []) t.match(parameter, { description: /./ }, name)
  }
})

t.test('every field is described', async (t) => {
  const walk = (schema: unknown, where: string): void => {
    if (typeof schema !== 'object' || schema === null) return
    for (const [name, property] of Object.entries((schema as { properties?: object }).properties ?? {})) {
      const { description, $ref } = property as { description?: string; $ref?: string }
      if (name !== 'ok') t.ok(description ?? $ref, `${where}.${name}`)
    }
    for (const [key, value] of Object.entries(schema)) if (key !== 'examples') walk(value, `${where}.${key}`)
  }
  walk(document.components.schemas, 'schemas')
  for (const { path, method, operation } of operations) walk(operation, `${method} ${path}`)
})

t.test('every example is as its schema says', async (t) => {
  const check = createChecker(document)
  for (const { path, method, operation } of operations) {
    const media = [
      ...(operation.parameters ?? []),
      ...Object.values(operation.requestBody?.content ?? {}),
      ...Object.values(operation.responses).flatMap(({ content }) => Object.values(content ?? {})),
    ]
    for (const one of media) {
      for (const example of examplesOf(one))
        t.equal(check(one.schema, example), undefined, `${method} ${path}`)
    }
  }
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    for (const example of (schema.examples as unknown[] | undefined) ?? []) {
      t.equal(check(schema, example), undefined, name)
    }
  }
})

t.test('the check of examples finds what is wrong', async (t) => {
  const check = createChecker(document)
  const order = document.components.schemas.Order as Record<string, unknown>
  const [example] = order.examples as object[]

  t.equal(check(order, example), undefined)
  t.ok(check(order, { ...example, price: -1 }))
  t.ok(check(order, { ...example, direction: 'up' }))
  t.ok(check(order, { ...example, unknown: 1 }))
  t.ok(check(order, { ...example, fills: [{ price: 1, qty: 0, ts: '' }] }))
})

t.test('real replies are as the document says, and all that it promises can come', async (t) => {
  const seen = new Set<string>()
  const contract = createContract(document, seen)
  const follow =
    (client: ReturnType<typeof createClient>) =>
    async (method: string, url: string, body?: unknown, headers = {}) => {
      const reply = await client.send(method, url, body as object, headers)
      t.equal(contract(method, url, reply), undefined, `${method} ${url}`)
      return reply
    }
  const free = await createTestApp(t, {
    commands: [
      { type: 'set-limits', limits: { books: 3, accounts: 3, openOrdersPerAccount: 3 } },
      ...listing('TESTEX', 'FOOBAR', 'ABC'),
      { type: 'set-limits', venue: 'TESTEX', limits: { closedOrders: 2 } },
    ],
  })
  const send = follow(createClient(free.app))
  const orders = `${foobar}/orders`
  const place = (changes: object, stock = foobar) => send('POST', `${stock}/orders`, newOrder(changes))
  for (let i = 0; i < 5; i += 1) await place({ orderType: 'ioc', account: 'A' })
  await place({ account: 'A', clientOrderId: 'x' })
  await place({ account: 'A', clientOrderId: 'x', price: 1 })
  await place({ account: 'B', direction: 'sell', qty: 40 })
  for (let i = 0; i < 3; i += 1) await place({ account: 'A' })
  await place({ account: 'C' })
  await place({ account: 'D' })
  await place({ orderType: 'ioc', account: 'A' }, '/ob/api/venues/TESTEX/stocks/GHI')
  await place({ orderType: 'ioc', account: 'A' }, '/ob/api/venues/TESTEX/stocks/JKL')
  for (const change of [{ qty: 0 }, { qty: undefined }, { qty: null }, { stock: 'X' }]) await place(change)
  for (const text of ['{', '[]', 'x'.repeat(17_000)]) await send('POST', orders, text)
  await place({}, '/ob/api/venues/a-b/stocks/X')
  const books = [
    '/ob/api/venues/NOPE/stocks/FOOBAR',
    '/ob/api/venues/TESTEX/stocks/NOPE',
    '/ob/api/venues/a-b/stocks/X',
    foobar,
  ]
  for (const url of books) {
    for (const path of [
      '',
      '/quote',
      '/trades',
      '/trades?limit=0',
      '/candles',
      '/candles?limit=0',
      '/scores',
      '/scores?format=json',
      '/scores?format=x',
    ])
      await send('GET', `${url}${path}`)
    for (const id of [1, 6, 99, 'x']) {
      await send('GET', `${url}/orders/${id}`)
      await send('GET', `${url}/orders/${id}/fills`)
      await send('GET', `${url}/orders/${id}/fills?limit=0`)
      if (id === 6) continue
      await send('DELETE', `${url}/orders/${id}`)
      await send('POST', `${url}/orders/${id}/cancel`)
    }
  }
  await send('DELETE', `${orders}/6`)
  await send('POST', `${orders}/8/cancel`)
  await send('DELETE', `${orders}/8`, 'x'.repeat(17_000))
  await send('POST', `${orders}/8/cancel`, 'x'.repeat(17_000))
  for (const venue of ['TESTEX', 'NOPE', 'a-b']) {
    for (const path of ['', '/heartbeat', '/stocks']) await send('GET', `/ob/api/venues/${venue}${path}`)
    for (const path of ['', '?limit=1', '?limit=0']) {
      await send('GET', `/ob/api/venues/${venue}/accounts/A/orders${path}`)
      await send('GET', `/ob/api/venues/${venue}/accounts/A/stocks/FOOBAR/orders${path}`)
    }
  }
  await send('GET', '/ob/api/venues/TESTEX/accounts/A/stocks/NOPE/orders')
  for (const path of ['/ob/api/heartbeat', '/ob/api/venues', '/gm/levels', '/health', '/metrics'])
    await send('GET', path)
  for (const level of ['first_steps', 'x'.repeat(101)]) await send('POST', `/gm/levels/${level}`)
  for (const id of [1, 99, 'x']) {
    for (const action of ['restart', 'resume', 'stop', 'judge']) {
      await send('POST', `/gm/instances/${id}/${action}`)
      await send('POST', `/gm/instances/${id}/${action}`, 'x'.repeat(17_000))
    }
    await send('GET', `/gm/instances/${id}`)
  }
  await send('POST', '/gm/levels/x', 'x'.repeat(17_000))

  const housed = await createTestApp(t, { commands: [...listing('TESTEX', 'FOOBAR'), houseAccount] })
  await housed.exchange.forHouse.submit({ ...sellCommand(5000), account: 'HOUSE' }, () => {})
  const outside = follow(createClient(housed.app))
  await outside('POST', orders, newOrder({ account: 'HOUSE' }))
  await outside('DELETE', `${orders}/1`)
  await outside('POST', `${orders}/1/cancel`)

  const strict = await createTestApp(t, {
    settings: { autoCreate: false },
    accounts: createTestAccounts({ ALICE: 'alice', BOB: 'bob' }),
  })
  const key = (name: string) => follow(createClient(strict.app, { 'x-starfighter-authorization': name }))
  for (const send of [key('alice'), key('bob'), key('wrong'), follow(createClient(strict.app))]) {
    await send('POST', orders, newOrder({ account: 'ALICE' }))
    await send('POST', '/ob/api/venues/TESTEX/stocks/NOPE/orders', newOrder({ account: 'ALICE' }))
    await send('POST', '/ob/api/venues/NOPE/stocks/FOOBAR/orders', newOrder({ account: 'ALICE' }))
    for (const path of [`${orders}/1`, `${orders}/1/fills`]) await send('GET', path)
    for (const stock of ['', '/stocks/FOOBAR'])
      await send('GET', `/ob/api/venues/TESTEX/accounts/ALICE${stock}/orders`)
    await send('POST', '/gm/levels/x')
    await send('POST', '/gm/instances/1/restart')
  }
  for (const send of [key('bob'), key('wrong'), follow(createClient(strict.app))]) {
    await send('DELETE', `${orders}/1`)
    await send('POST', `${orders}/1/cancel`)
  }

  const cash = await createTestApp(t, {
    settings: { autoCreate: false, closedVenues: new Set(['TESTEX']) },
    commands: [...cashVenue('ANN'), ...listing('TESTEX', 'FOOBAR')],
  })
  const trade = follow(createClient(cash.app))
  const state = (state: TradingState) =>
    cash.exchange.submit({ type: 'set-state', venue: 'CXGAME', state }, () => {})
  for (const change of [
    { price: 1000, qty: coin },
    { account: 'NOBODY' },
    { qty: 1 },
    { price: 1, qty: 100 },
    { price: 1, direction: 'sell' },
    { price: 100_000, qty: 100 * coin, direction: 'sell' },
  ])
    await trade('POST', `${crypto}/orders`, newOrder({ account: 'ANN', ...change }))
  await state('halted')
  await trade('POST', `${crypto}/orders`, newOrder({ account: 'ANN' }))
  await trade('DELETE', `${crypto}/orders/1`)
  await trade('POST', `${crypto}/orders/1/cancel`)
  await state('closed')
  await trade('POST', `${crypto}/orders`, newOrder({ account: 'ANN' }))
  await trade('POST', orders, newOrder())
  await trade('DELETE', `${orders}/1`)
  await trade('POST', `${orders}/1/cancel`)

  const games = await createTestApp(t, { accounts: createTestAccounts({ ALICE: 'alice', BOB: 'bob' }) })
  const player = (name: string) => follow(createClient(games.app, { 'x-starfighter-authorization': name }))
  const nobody = follow(createClient(games.app))
  const [alice, bob, wrong] = [player('alice'), player('bob'), player('wrong')]
  await wrong('GET', '/gm/levels')
  for (const url of ['/gm/levels/making_amends', '/gm/levels/first_steps', '/gm/instances/1/restart'])
    for (const body of ['', '{', { seed: 'x' }, { seed: -1 }, { seed: 7 }]) await alice('POST', url, body)
  const judge = '/gm/instances/1/judge'
  for (const body of ['', '{', '[]', {}, { account: 7 }, { account: 'a b' }, { account: 'NOBODY' }])
    await alice('POST', judge, body)
  await alice('POST', '/gm/instances/2/judge', { account: 'MM' })
  for (const ask of [bob, wrong, nobody]) {
    await ask('GET', '/gm/instances/1')
    for (const action of ['restart', 'resume', 'stop']) await ask('POST', `/gm/instances/1/${action}`)
    await ask('POST', judge, { account: 'NOBODY' })
  }
  const amends = levels.find(({ isJudged }) => isJudged)
  const [suspect] = amends?.accountsOf(amends.setup(7)) ?? []
  for (const id of [1, 1, 99, 'x']) await alice('POST', `/gm/instances/${id}/judge`, { account: suspect })

  const promised = operations.flatMap(({ path, method, operation }) =>
    Object.entries(operation.responses).flatMap(([status, { content = {} }]) => {
      const reasons = Object.values(content)
        .flatMap(examplesOf)
        .map((example) => (example as { reason?: string } | undefined)?.reason)
      return [...new Set(reasons.length === 0 ? [undefined] : reasons)].map((reason) =>
        [method, path, status, ...(reason === undefined ? [] : [reason])].join(' '),
      )
    }),
  )
  // These need a broken disk, a flood, a bug or a socket, and have tests of their own.
  const elsewhere =
    / (50\d|429|431|408|101|426) ?| (bad_url|bad_request|venue_full|depth_limit)$| \/(ob\/api\/)?ws\//
  t.strictSame(
    promised.filter((answer) => !elsewhere.test(answer) && !seen.has(answer)),
    [],
    'promised but never seen',
  )
})

t.test('the page to try the routes is served under a strict policy', async (t) => {
  const { get } = createClient(app)

  const page = await get('/docs')
  t.equal(page.status, 200)
  t.match(page.headers['content-type'], /^text\/html/)
  for (const path of ['/docs', '/docs/static/swagger-initializer.js', '/docs/json']) {
    const { status, headers } = await get(path)
    t.equal(status, 200)
    const policy = `${headers['content-security-policy']}`
    t.match(policy, /default-src 'none'/, path)
    t.match(policy, /script-src 'self';/, path)
    t.match(policy, /connect-src 'self'/, path)
    t.notMatch(policy, /unsafe-eval|https?:|\*/, path)
  }
  const scripts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path)
  t.ok(scripts.length >= 5)
  for (const path of scripts) t.equal((await get(path)).status, 200, path)
  t.notMatch(page.text, /<script>|onload=|<style/i, 'nothing inline')
  t.strictSame((await get('/docs/json')).body, document)
  t.match(document, { openapi: '3.1.0', servers: [{ url: '/' }] } as never)
})

t.test('keys can be tried in the page', async (t) => {
  const { components } = document as unknown as { components: { securitySchemes: object } }

  t.match(components.securitySchemes, {
    starfighter: { type: 'apiKey', in: 'header', name: 'X-Starfighter-Authorization' },
    stockfighter: { type: 'apiKey', in: 'header', name: 'X-Stockfighter-Authorization' },
    cookie: { type: 'apiKey', in: 'cookie', name: 'api_key' },
  })
  const keyed = operations.filter(
    ({ operation }) => '401' in operation.responses && !operation.tags?.includes('game master'),
  )
  t.ok(keyed.length >= 7)
  for (const { path, method, operation } of keyed) {
    t.match(
      operation,
      { security: [{ starfighter: [] }, { stockfighter: [] }, { cookie: [] }] } as never,
      `${method} ${path}`,
    )
  }
})

t.test('times are written as the language itself writes them, with microseconds', async () => {
  const latest = Math.floor(Number.MAX_SAFE_INTEGER / 1000) - 1
  fc.assert(
    fc.property(fc.integer({ min: 0, max: latest }), fc.integer({ min: 0, max: 999 }), (millis, micros) => {
      const text = new Date(millis).toISOString().replace('Z', `${String(micros).padStart(3, '0')}000Z`)
      return formatTime(millis * 1000 + micros) === text
    }),
  )
})
