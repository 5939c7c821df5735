import t from 'tap'
import { levels } from '../../game/levels.ts'
import { createTestAccounts, createTestApp } from '../support/app.ts'
import { cashVenue, coin, limit } from '../support/cash.ts'
import { createClient, newOrder } from '../support/client.ts'

/** Who may call a route. */
type Access =
  /** Everybody, whatever key they send. */
  | 'open'
  /** Everybody who has a key. */
  | 'holder'
  /** Only who has the key of the account. */
  | 'owner'
  /** Everybody, but a key that is sent has to be somebody's. */
  | 'known'
  /** Websockets, which a plain request cannot open. */
  | 'websocket'

/** Every route with who may call it: a new one has to be put in here, or a test fails. */
const routes: Readonly<Record<string, Access>> = {
  'GET /': 'open',
  'GET /assets/:file': 'open',
  'GET /docs': 'open',
  'GET /docs/json': 'open',
  'GET /docs/asyncapi.json': 'open',
  'GET /docs/ws': 'open',
  'GET /docs/yaml': 'open',
  'GET /docs/static/*': 'open',
  'GET /docs/static/index.html': 'open',
  'GET /docs/static/swagger-initializer.js': 'open',
  'GET /health': 'open',
  'GET /metrics': 'open',
  'GET /ob/api/heartbeat': 'open',
  'GET /ob/api/venues': 'open',
  'GET /ob/api/venues/:venue': 'open',
  'GET /ob/api/venues/:venue/heartbeat': 'open',
  'GET /ob/api/venues/:venue/stocks': 'open',
  'GET /ob/api/venues/:venue/stocks/:stock': 'open',
  'GET /ob/api/venues/:venue/stocks/:stock/quote': 'open',
  'GET /ob/api/venues/:venue/stocks/:stock/scores': 'open',
  'GET /ob/api/venues/:venue/stocks/:stock/trades': 'open',
  'GET /ob/api/venues/:venue/stocks/:stock/candles': 'open',
  'POST /ob/api/venues/:venue/stocks/:stock/orders': 'owner',
  'GET /ob/api/venues/:venue/stocks/:stock/orders/:id': 'owner',
  'DELETE /ob/api/venues/:venue/stocks/:stock/orders/:id': 'owner',
  'GET /ob/api/venues/:venue/stocks/:stock/orders/:id/fills': 'owner',
  'POST /ob/api/venues/:venue/stocks/:stock/orders/:id/cancel': 'owner',
  'GET /ob/api/venues/:venue/accounts/:account/orders': 'owner',
  'GET /ob/api/venues/:venue/accounts/:account/stocks/:stock/orders': 'owner',
  'GET /ob/api/ws/:account/venues/:venue/executions': 'websocket',
  'GET /ob/api/ws/:account/venues/:venue/executions/stocks/:stock': 'websocket',
  'GET /ob/api/ws/:account/venues/:venue/tickertape': 'websocket',
  'GET /ob/api/ws/:account/venues/:venue/tickertape/stocks/:stock': 'websocket',
  'GET /ws/v1': 'websocket',
  'GET /gm/levels': 'known',
  'POST /gm/levels/:level': 'holder',
  'GET /gm/instances/:id': 'owner',
  'POST /gm/instances/:id/judge': 'owner',
  'POST /gm/instances/:id/restart': 'owner',
  'POST /gm/instances/:id/resume': 'owner',
  'POST /gm/instances/:id/stop': 'owner',
}

/** Who calls: with which key, and which carriers it may come in. */
const callers = {
  'no key': undefined,
  'a wrong key': 'nonsense',
  "another account's key": 'bob-key',
  'the right key': 'alice-key',
} as const
type Caller = keyof typeof callers

const carriers = {
  'the first header': (key: string) => ({ 'x-starfighter-authorization': key }),
  'the second header': (key: string) => ({ 'x-stockfighter-authorization': key }),
  'the cookie': (key: string) => ({ cookie: `api_key=${key}` }),
}

/** The statuses that a caller may get from a route. */
function expected(access: Access, caller: Caller): readonly number[] {
  switch (access) {
    case 'open':
      return [200, 302]
    case 'known':
      return caller === 'a wrong key' ? [401] : [200]
    case 'holder':
      return caller === 'no key' || caller === 'a wrong key' ? [401] : [200]
    case 'owner':
      return caller === 'the right key' ? [200] : [401]
    case 'websocket':
      return [426]
    default:
      return access satisfies never
  }
}

const accounts = createTestAccounts({ ALICE: 'alice-key', BOB: 'bob-key' })
const { app, exchange } = await createTestApp(t, { accounts })
await app.ready()
const alice = createClient(app, carriers['the first header']('alice-key'))
const existing = [...app.paths].flatMap(([path, methods]) =>
  [...methods].filter((method) => method !== 'HEAD').map((method) => `${method} ${path}`),
)

/** The level in which somebody is accused. */
const judged = levels.find(({ isJudged }) => isJudged)

/** A request to a route that succeeds if it is let through: on an open order of ALICE, an instance that is there. */
async function prepare(route: string): Promise<{ method: string; url: string; body: object | undefined }> {
  const [method = '', path = ''] = route.split(' ')
  const gm = path.startsWith('/gm')
  const judges = path.endsWith('/judge')
  const id = gm
    ? (await alice.send('POST', `/gm/levels/${judges ? judged?.name : 'first_steps'}`, { seed: 7 })).body
        .instanceId
    : (await alice.placed({ account: 'ALICE' })).id
  const names: Record<string, string> = {
    venue: 'TESTEX',
    stock: 'FOOBAR',
    account: 'ALICE',
    level: 'first_steps',
    file: 'licenses.md',
    id: `${id}`,
  }
  const url = path.replace('*', 'index.css').replace(/:(\w+)/g, (_, name: string) => names[name] ?? name)
  return {
    method,
    url,
    body:
      path.endsWith('/orders') && method === 'POST'
        ? newOrder({ account: 'ALICE' })
        : judges
          ? { account: judged?.accountsOf(judged.setup(7))[0] }
          : undefined,
  }
}

const origins = {
  'no origin': undefined,
  'its own origin': 'http://localhost:80',
  'a foreign origin': 'https://evil.example',
}

t.test('every route says who may call it', async (t) => {
  t.strictSame(Object.keys(routes).sort(), existing.sort())
})

for (const [route, access] of Object.entries(routes)) {
  t.test(`${route} is ${access}`, async (t) => {
    for (const [caller, key] of Object.entries(callers) as [Caller, string | undefined][]) {
      for (const [carrier, toHeaders] of Object.entries(carriers)) {
        const { method, url, body } = await prepare(route)
        const before = await stateOf()

        const client = createClient(app, key === undefined ? {} : toHeaders(key))
        const reply = await client.send(method, url, body)

        const name = `${caller} in ${carrier}: ${reply.status}`
        t.ok(expected(access, caller).includes(reply.status), name)
        if (reply.status === 401) {
          t.equal(reply.body.ok, false)
          t.notMatch(reply.text, /ALICE|alice-key|bob-key/, `${name} tells nothing`)
        }
        if (reply.status >= 400) t.equal(await stateOf(), before, `${name} changed nothing`)
        if (method === 'GET')
          t.equal((await client.send('HEAD', url)).status, access === 'websocket' ? 405 : reply.status, name)
      }
    }
  })
}

t.test(
  'on a venue of another door every key may read what it may elsewhere, and none may trade',
  async (t) => {
    const { app, exchange } = await createTestApp(t, {
      accounts,
      settings: { closedVenues: new Set(['CXGAME']) },
      commands: [...cashVenue('ALICE'), limit('ALICE', 'sell', 100_000, coin)],
    })
    const ofVenues = Object.entries(routes).filter(([route]) => route.includes('/ob/api/venues/:venue'))
    t.equal(ofVenues.filter(([route]) => !route.startsWith('GET')).length, 3)
    for (const [route, access] of ofVenues) {
      const [method = '', path = ''] = route.split(' ')
      const names: Record<string, string> = { venue: 'CXGAME', stock: 'CRYPTO', account: 'ALICE', id: '1' }
      const url = path.replace(/:(\w+)/g, (_, name: string) => names[name] ?? name)
      for (const [caller, key] of Object.entries(callers) as [Caller, string | undefined][]) {
        const client = createClient(app, key === undefined ? {} : carriers['the first header'](key))
        const body =
          path.endsWith('/orders') && method === 'POST' ? newOrder({ account: 'ALICE' }) : undefined
        const { status, body: reply } = await client.send(method, url, body)

        const isKnown = caller === 'the right key' || caller === "another account's key"
        const trades = method !== 'GET' && isKnown
        t.ok((trades ? [403] : expected(access, caller)).includes(status), `${route}, ${caller}: ${status}`)
        if (trades) t.equal(reply.reason, 'closed_door')
      }
    }
    t.match(exchange.venue('CXGAME'), { lastOrderId: 1 })
    t.equal(exchange.venue('CXGAME')?.order(1)?.open, coin)
  },
)

t.test('without keys everything is open to everybody', async (t) => {
  const { app } = await createTestApp(t)
  const anybody = createClient(app)
  await anybody.placed({ account: 'ALICE' })
  await anybody.send('POST', '/gm/levels/first_steps')
  for (const [route, access] of Object.entries(routes)) {
    // The instance there is of a level that judges nobody.
    if (access === 'websocket' || route.endsWith('/judge')) continue
    const { method, url, body } = await prepare(route)
    const { status, text } = await anybody.send(method, url.replace(/(orders|instances)\/\d+/, '$1/1'), body)
    t.ok([200, 302].includes(status), `${route}: ${status} ${text.slice(0, 100)}`)
  }
})

/** What a refused request must leave as it is. */
async function stateOf(): Promise<string> {
  const orders = await alice.get('/ob/api/venues/TESTEX/accounts/ALICE/orders?limit=3')
  return `${exchange.venue('TESTEX')?.lastOrderId} ${orders.text}`
}

for (const [route, access] of Object.entries(routes)) {
  t.test(`${route} is called by pages of its own only, unless it is a plain read`, async (t) => {
    for (const [name, origin] of Object.entries(origins)) {
      const { method, url, body } = await prepare(route)
      const before = await stateOf()
      const key = carriers['the first header']('alice-key')

      const client = createClient(app, origin === undefined ? key : { ...key, origin })
      const reply = await client.send(method, url, body)

      const refused = name === 'a foreign origin' && method !== 'GET'
      t.ok(
        (refused ? [403] : expected(access, 'the right key')).includes(reply.status),
        `${name}: ${reply.status}`,
      )
      if (refused) t.equal(await stateOf(), before, `${name} changed nothing`)
    }
  })
}
