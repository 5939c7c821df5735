import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t, { type Test } from 'tap'
import { levels } from '../../game/levels.ts'
import type { Json } from '../../src/domain/note.ts'
import { sequence } from '../../src/domain/units.ts'
import { createExchange } from '../../src/exchange.ts'
import { Hub } from '../../src/feeds/hub.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { Shard } from '../../src/shard.ts'
import { createTestAccounts, listing } from '../support/app.ts'
import { FeedClient } from '../support/feed.ts'
import { createGameApp, type GameAppOptions, TestTime } from '../support/game.ts'

t.setTimeout(180_000)

const firstSteps = '/gm/levels/first_steps'
type Game = Awaited<ReturnType<typeof createGameApp>>

/** Where the stock of a game is. */
const stockOf = ({ venues, tickers }: { venues: string[]; tickers: string[] }) =>
  `/ob/api/venues/${venues[0]}/stocks/${tickers[0]}`

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes that are in use. */
function heap(): number {
  // What the first collection frees may hold what only the second one can.
  collect()
  collect()
  return process.memoryUsage().heapUsed
}

/** Buys at any price, in the game's own account. */
function buy(
  game: Pick<Game, 'send'>,
  start: Parameters<typeof stockOf>[0] & { account: string },
  qty: number,
) {
  const { account } = start
  return game.send('POST', `${stockOf(start)}/orders`, {
    account,
    qty,
    direction: 'buy',
    orderType: 'market',
  })
}

t.test(
  'SF-103 SF-104 a level is started, played and won; started again while it is open it is the same one',
  async (t) => {
    const game = await createGameApp(t, { commands: listing('TESTEX', 'FOOBAR') })
    const start = (await game.send('POST', firstSteps, { seed: 7 })).body
    t.match(start, {
      ok: true,
      instanceId: 1,
      account: /^[A-Z]{3}\d{8}$/,
      venues: [/^[A-Z]{5}EX$/],
      tickers: [/^[A-Z]{3,4}$/],
      secondsPerTradingDay: 5,
      balances: { USD: 0 },
    })
    t.ok(start.instructions.Instructions.length > 50)
    const book = (await game.get(stockOf(start))).body
    t.ok(book.bids.length > 0 && book.asks.length > 0, 'the book is never empty')
    t.match((await game.get('/gm/instances/1')).body, {
      ...{ ok: true, done: false, id: 1, state: 'open', level: 'first_steps' },
      details: { tradingDay: 1, endOfTheWorldDay: 500 },
    })

    t.strictSame((await game.send('POST', firstSteps)).body, start)
    await game.pass(12)
    t.equal((await game.get('/gm/instances/1')).body.details.tradingDay, 3)
    await buy(game, start, 60)
    const half = (await game.get('/gm/instances/1')).body
    t.match(half, { done: false, flash: { info: /^\d+ of 100 bought/ } })
    for (let i = 0; i < 20 && !(await game.get('/gm/instances/1')).body.done; i += 1) {
      await buy(game, start, 40)
      await game.pass(5)
    }

    const { scores } = (await game.get(`${stockOf(start)}/scores?format=json`)).body
    t.strictSame(
      scores
        .filter(({ house }: { house?: true }) => house === undefined)
        .map(({ account }: typeof start) => account),
      [start.account],
      'its traders are of the house',
    )
    const won = (await game.get('/gm/instances/1')).body
    t.match(won, { done: true, state: 'won', score: 100, flash: { success: /\S/ } })
    t.ok(won.details.tradingDay <= won.details.endOfTheWorldDay)
    await game.pass(30)
    const { levels: listed } = (await game.get('/gm/levels')).body
    t.strictSame(
      listed.map(({ name }: { name: string }) => name),
      levels.map(({ name }) => name),
    )
    t.match(listed[0], { name: 'first_steps', title: /\S/, days: 500, best: 100 })
    const judged = listed.filter(({ byAccusation }: { byAccusation?: true }) => byAccusation)
    t.match(judged, [{ name: 'making_amends' }])
    t.equal(listed[1].best, undefined)
    t.strictSame((await game.get('/gm/instances/1')).body, won, 'what is decided stays')
    t.equal((await game.send('POST', firstSteps)).body.instanceId, 2, 'and then a start is a new one')
  },
)

t.test(
  'SF-105 stop ends a game, restart begins it anew on another venue, and both work later too',
  async (t) => {
    const game = await createGameApp(t)
    const start = (await game.send('POST', firstSteps, { seed: 7, secondsPerDay: 2 })).body
    t.equal(start.secondsPerTradingDay, 2)
    t.equal((await game.get('/gm/instances/1')).body.details.seed, 7)

    t.strictSame((await game.send('POST', '/gm/instances/1/stop')).body, { ok: true, error: '' })
    t.match((await game.get('/gm/instances/1')).body, { done: true, state: 'stopped' })
    t.strictSame((await game.send('POST', '/gm/instances/1/stop')).body, { ok: true, error: '' })
    t.strictSame((await game.send('POST', '/gm/instances/1/resume')).body, start)
    const again = (await game.send('POST', '/gm/instances/1/restart')).body

    t.equal(again.instanceId, 1)
    t.not(again.account, start.account)
    t.not(again.venues[0], start.venues[0])
    t.equal(game.exchange.venue(start.venues[0]), undefined)
    t.match((await game.get('/gm/instances/1')).body, { done: false, state: 'open' })
    const third = (await game.send('POST', '/gm/instances/1/restart', { seed: 8 })).body
    t.match(await game.get('/gm/instances/1'), { body: { done: false, details: { seed: 8 } } })
    t.strictSame((await game.send('POST', '/gm/instances/1/resume')).body, third)
  },
)

t.test('what cannot be understood is answered with what is wrong', async (t) => {
  const game = await createGameApp(t)
  t.match(await game.send('POST', '/gm/levels/nothing'), {
    status: 404,
    body: { reason: 'unknown_level', field: 'level', error: /first_steps, chock_a_block, .*mind_the_gap/ },
  })
  t.match((await game.send('POST', '/gm/levels/dueling_bulldogs')).status, 200)
  for (const [method, suffix] of [
    ['GET', ''],
    ...(['stop', 'restart', 'resume'] as const).map((suffix) => ['POST', `/${suffix}`] as const),
  ] as const) {
    t.match(await game.send(method, `/gm/instances/7${suffix}`), {
      status: 404,
      body: { ok: false, error: 'No instance exists with the id 7', reason: 'unknown_instance' },
    })
    t.match(await game.send(method, `/gm/instances/x${suffix}`), { status: 400, body: { field: 'id' } })
  }
  for (const [body, field] of [
    [{ seed: -1 }, 'seed'],
    [{ seed: 'x' }, 'seed'],
    [{ secondsPerDay: 0 }, 'secondsPerDay'],
    [{ secondsPerDay: 1.5 }, 'secondsPerDay'],
    [{ secondsPerDay: 3601 }, 'secondsPerDay'],
  ] as const) {
    t.match(await game.send('POST', firstSteps, body), { status: 400, body: { field } }, JSON.stringify(body))
  }
  t.equal((await game.send('POST', firstSteps, '{"seed": 7')).body.reason, 'malformed_json')
  // What old clients send.
  for (const body of ['', 'null', 'x=1']) t.equal((await game.send('POST', firstSteps, body)).status, 200)
  t.match(await game.send('POST', '/gm/instances/2/judge', { account: 'MM' }), {
    status: 400,
    body: { reason: 'not_judged' },
  })
})

t.test('the first account that is named decides, and a second judgment changes nothing', async (t) => {
  const game = await createGameApp(t)
  const start = (await game.send('POST', '/gm/levels/making_amends', { seed: 7 })).body
  await game.pass(20)
  const judge = (body: object) => game.send('POST', '/gm/instances/1/judge', body)

  t.match(await judge({ account: 'NOBODY' }), {
    status: 400,
    body: { reason: 'unknown_account', field: 'account' },
  })
  t.match(await judge({}), { status: 400, body: { field: 'account' } })
  t.equal((await game.get('/gm/instances/1')).body.done, false)
  const { scores } = (await game.get(`${stockOf(start)}/scores?format=json`)).body
  t.ok(scores.length > 3)
  t.notMatch(JSON.stringify(scores), /house/, 'nobody is told who belongs to the house')
  const [suspect] = levels.find(({ name }) => name === 'making_amends')?.accountsOf({ ...setupOf(7) }) ?? []
  const body = { account: suspect, explanation_link: 'https://example.org', executive_summary: 'It knew.' }
  const verdict = await judge(body)
  t.equal(verdict.status, 200)
  t.match(verdict.body, {
    done: true,
    state: /won|lost/,
    judged: { account: suspect, executiveSummary: 'It knew.' },
  })
  t.match(await judge({ account: start.account }), { status: 400, body: { reason: 'already_ended' } })
  t.strictSame((await game.get('/gm/instances/1')).body, verdict.body)

  function setupOf(seed: number) {
    return levels.find(({ name }) => name === 'making_amends')?.setup(seed) as ReturnType<
      (typeof levels)[0]['setup']
    >
  }
})

t.test('with keys a game belongs to the key that started it', async (t) => {
  const accounts = createTestAccounts({ ALICE: 'alice-key', ALICIA: 'alice-key', BOB: 'bob-key' })
  const game = await createGameApp(t, { accounts, settings: { maxInstances: 2 } })
  const [alice, bob, nobody] = [game.as('alice-key'), game.as('bob-key'), game.as()]
  const start = (await alice.send('POST', firstSteps)).body

  t.match(await nobody.send('POST', firstSteps), { status: 401, body: { reason: 'key_required' } })
  t.equal((await bob.send('POST', firstSteps)).body.instanceId, 2)
  t.equal((await alice.send('POST', firstSteps)).body.instanceId, 1)
  t.match(await bob.send('POST', '/gm/levels/sell_side'), {
    status: 429,
    body: { reason: 'too_many_instances' },
  })
  for (const [method, suffix] of [
    ['GET', ''],
    ...['stop', 'restart', 'resume'].map((suffix) => ['POST', `/${suffix}`] as const),
  ] as const) {
    const answer = await bob.send(method, `/gm/instances/1${suffix}`)
    t.match(answer, { status: 401, body: { reason: 'not_instance_owner' } }, suffix)
  }
  t.equal((await buy(bob, start, 10)).status, 401)
  t.equal((await buy(alice, { ...start, account: 'ALICE' }, 10)).status, 401)
  t.equal((await buy(alice, start, 10)).status, 200)
  t.equal((await alice.get('/ob/api/venues')).body.venues.length, 1)
  for (let i = 0; i < 20 && !(await alice.get('/gm/instances/1')).body.done; i += 1) {
    await buy(alice, start, 100)
    await game.pass(5)
  }
  const best = async (client: Game) => (await client.get('/gm/levels')).body.levels[0].best
  t.equal(await best(alice as Game), 100)
  t.equal(await best(bob as Game), undefined)
})

t.test('a game that nobody looks at is paused, later stopped, and its venue taken away', async (t) => {
  const game = await createGameApp(t)
  const start = (await game.send('POST', firstSteps)).body
  const venue = start.venues[0]
  const status = async () => (await game.get('/gm/instances/1')).body

  await game.pass(270)
  await game.get(`${stockOf(start)}/quote`)
  await game.pass(270)
  t.equal((await status()).paused, undefined, 'a request for its venue is a sign of life')
  await game.pass(330)
  const paused = await status()
  t.match(paused, { paused: true, state: 'open' })
  await game.pass(600)
  t.equal((await status()).details.tradingDay, paused.details.tradingDay, 'its clock stands still')
  t.strictSame((await game.send('POST', firstSteps)).body, start)
  await game.pass(5)
  const resumed = await status()
  t.equal(resumed.paused, undefined)
  t.ok(resumed.details.tradingDay > paused.details.tradingDay)

  await game.pass(330 + 3600 + 30)
  const stopped = await status()
  t.match(stopped, { done: true, state: 'stopped', details: { reason: 'idle' } })
  t.ok(game.exchange.venue(venue))
  await game.pass(630)
  t.equal(game.exchange.venue(venue), undefined)
  t.equal((await game.get(stockOf(start))).status, 404)
  t.strictSame(await status(), stopped, 'what became of it stays known')
  t.equal((await buy(game, start, 1)).status, 404, 'and nobody makes a venue of that name')
})

t.test('who trades over a socket is there, even one that listens to nothing', async (t) => {
  const game = await createGameApp(t)
  const { account, venues, tickers } = (await game.send('POST', firstSteps)).body
  await game.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = game.app.server.address() as AddressInfo
  const client = new FeedClient(`ws://127.0.0.1:${port}/ws/v1`)
  t.teardown(() => client.socket.terminate())
  await client.opened
  const order = { account, venue: venues[0], symbol: tickers[0], side: 'buy', quantity: 1, price: 1 }

  for (let i = 0; i < 2; i += 1) {
    await game.pass(270)
    await client.done('place', { ...order, orderType: 'limit' })
  }

  t.ok(game.exchange.venue(venues[0])?.note('day_began', ''))
  t.equal(game.exchange.venue(venues[0])?.note('paused', ''), undefined)
})

t.test('a game stays known while it is played, however many others begin', async (t) => {
  const game = await createGameApp(t)
  await game.send('POST', firstSteps)
  const known = () => game.exchange.note('instance_started', '1')
  const data = 'x'.repeat(60_000)
  for (let i = 2; i < 20; i += 1)
    await game.exchange.submit({ type: 'note', topic: 'instance_started', key: `${i}`, data }, () => {})
  t.equal(known(), undefined)

  await game.pass(5)

  t.match(known(), { id: 1, level: 'first_steps' })
})

t.test('who starts and stops all the time fills no exchange with venues', async (t) => {
  const game = await createGameApp(t, { settings: { maxInstances: 2 } })
  for (let id = 1; id <= 5; id += 1) {
    t.equal((await game.send('POST', firstSteps)).body.instanceId, id)
    await game.pass(1)
    await game.send('POST', `/gm/instances/${id}/stop`)
  }
  await game.pass(20)

  const { body } = await game.get('/ob/api/venues')
  const left = await Promise.all([4, 5].map(async (id) => (await game.get(`/gm/instances/${id}`)).body.venue))
  t.strictSame(body.venues.map(({ venue }: { venue: string }) => venue).sort(), left.sort())
  t.match((await game.get('/gm/instances/1')).body, { done: true, state: 'stopped' })
})

/** A game app over a journal, as a process has it. */
async function processOn(t: Test, log: MemoryLog, time: TestTime, more: GameAppOptions = {}) {
  const shard = new Shard({ log, clock: time.clock })
  await shard.replay()
  await shard.resume()
  const exchange = createExchange(shard)
  return { ...(await createGameApp(t, { ...more, exchange, time })), shard }
}

/** What is in a journal now: what its process writes from now on is not there. */
async function copyOf(log: MemoryLog): Promise<MemoryLog> {
  const copy = new MemoryLog({ keep: Number.POSITIVE_INFINITY })
  for await (const batch of log.read(sequence(1))) copy.append(batch)
  return copy
}

t.test('a game that a later build cannot go on with is stopped, and another can be started', async (t) => {
  const log = new MemoryLog({ keep: Number.POSITIVE_INFINITY })
  const first = await processOn(t, log, new TestTime())
  const { venues } = (await first.send('POST', firstSteps)).body
  const noted = first.exchange.venue(venues[0])?.note('day_began', '') as Record<string, Json>
  const data = { ...noted, driver: { signals: {}, traders: [] } }
  await first.exchange.submit({ type: 'note', venue: venues[0], topic: 'day_began', key: '', data }, () => {})

  const second = await processOn(t, await copyOf(log), new TestTime(first.clock))

  t.match((await second.get('/gm/instances/1')).body, { done: true, state: 'stopped' })
  t.match((await second.send('POST', firstSteps)).body, { ok: true, instanceId: 2 })
})

for (const way of ['crash', 'stop'] as const) {
  t.test(`after a ${way} in the middle of a day every level goes on where it was`, async (t) => {
    const log = new MemoryLog({ keep: Number.POSITIVE_INFINITY })
    const before = new TestTime()
    const first = await processOn(t, log, before)
    const starts = []
    for (const { name } of levels)
      starts.push((await first.send('POST', `/gm/levels/${name}`, { seed: 3 })).body)
    await first.pass(7)
    for (const start of starts) {
      await buy(first, start, 1)
      const { account } = start
      const resting = { account, qty: 7, price: 1, direction: 'buy', orderType: 'limit' }
      t.equal((await first.send('POST', `${stockOf(start)}/orders`, resting)).status, 200)
    }
    await first.pass(1)
    const told = []
    for (let id = 1; id <= levels.length; id += 1) told.push((await first.get(`/gm/instances/${id}`)).body)
    if (way === 'stop') await first.app.close()

    const again = new TestTime()
    again.clock.now = before.clock.now + 60_000_000
    const second = await processOn(t, await copyOf(log), again)
    await second.pass(0.001)
    for (const [i, { name }] of levels.entries()) {
      t.strictSame((await second.get(`/gm/instances/${i + 1}`)).body, told[i], name)
      const start = starts[i]
      const { orders } = (
        await second.get(`/ob/api/venues/${start.venues[0]}/accounts/${start.account}/orders?open=true`)
      ).body
      t.ok(
        orders.some(({ qty, price }: { qty: number; price: number }) => qty === 7 && price === 1),
        name,
      )
      const quotes = orders.filter(({ qty }: { qty: number }) => qty === 150)
      t.ok(quotes.length <= 2, `${name}: no quotes are left of the program that quotes in the account`)
      const noted = second.exchange.venue(start.venues[0])?.note('day_began', '') as { at: number }
      t.equal(noted.at, 10_000_000, `${name}: all that it takes to go on fits into a note`)
    }
    await second.pass(6)
    const { body } = await second.get('/gm/instances/1')
    t.equal(body.details.tradingDay, told[0].details.tradingDay + 1)
    for (let i = 0; i < 20 && !(await second.get('/gm/instances/1')).body.done; i += 1) {
      await buy(second, starts[0], 100)
      await second.pass(5)
    }
    t.match((await second.get('/gm/instances/1')).body, { state: 'won' })
  })
}

t.test('in the level of lost messages the executions lose some, and the calls none', async (t) => {
  const time = new TestTime()
  const exchange = createExchange(new Shard({ log: new MemoryLog(), clock: time.clock }))
  const hub = new Hub({ every: () => () => {} })
  const game = await createGameApp(t, { exchange, time, hub })
  const start = (await game.send('POST', '/gm/levels/mind_the_gap', { seed: 7 })).body
  const [venue] = start.venues
  const lost: boolean[] = []
  for (let sequence = 1; sequence <= 2000; sequence += 1) lost.push(hub.loses(venue, sequence))

  const share = lost.filter(Boolean).length / lost.length
  t.ok(share > 0.2 && share < 0.3, `${share}`)
  t.equal(hub.loses('TESTEX', 1), false)
  await game.pass(5 * 50)
  t.equal((await game.get(`/gm/instances/${start.instanceId}`)).body.done, true, 'nobody hedged')
  await exchange.close()
})

t.test('fifty games at once each have their own market and their own time', async (t) => {
  const keys = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`P${i}`, `key-${i}`]))
  const game = await createGameApp(t, { accounts: createTestAccounts(keys), settings: { maxInstances: 50 } })
  const before = heap()
  const starts = await Promise.all(
    Object.values(keys).map(async (key) => (await game.as(key).send('POST', firstSteps, { seed: 5 })).body),
  )

  t.equal(new Set(starts.map(({ venues }) => venues[0])).size, 50)
  const each = Math.round((heap() - before) / 50 / 1024)
  t.ok(each < 1024, `${each} KiB each`)
  await game.pass(10)
  const books = new Set<string>()
  for (const [i, start] of starts.entries()) {
    const status = (await game.as(`key-${i}`).get(`/gm/instances/${start.instanceId}`)).body
    t.equal(status.details.tradingDay, 3)
    const { bids, asks } = (await game.get(stockOf(start))).body
    books.add(JSON.stringify([bids, asks]))
  }
  t.equal(books.size, 1, 'the same seed is the same market')
})

t.test('a thousand games that were started and ended leave next to nothing in memory', async (t) => {
  const time = new TestTime()
  const log = new MemoryLog({ atOnce: true })
  const shard = new Shard({ log, clock: time.clock, defer: (task) => task() })
  const game = await createGameApp(t, { exchange: createExchange(shard), time })
  const play = async (count: number) => {
    for (let i = 0; i < count; i += 1) await game.send('POST', '/gm/instances/1/restart', { seed: i })
  }
  await game.send('POST', firstSteps)
  await play(100)
  const before = heap()
  await play(900)
  const grown = heap() - before
  t.comment(`${Math.round(grown / 900)} bytes a game`)
  // What is left is the game's name, which is not given again, and how it ended: a kilobyte. A heap breathes by more.
  t.ok(grown < 900 * 8192, `${Math.round(grown / 1024)} KiB`)
  t.equal([...game.exchange.venues()].length, 1)
})
