import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { createTestApp } from '../support/app.ts'
import { createCaller } from '../support/caller.ts'
import { createClient, foobar } from '../support/client.ts'
import { startServer } from '../support/server.ts'

t.test('the trades of a stock, oldest first, with the side that took', async (t) => {
  const { app, clock } = await createTestApp(t)
  const client = createClient(app)
  await client.sell(5000, 30)
  clock.now += 1_500_000
  await client.buy(5010, 10)
  await client.buy(5000, 5, {}, '/ob/api/venues/TESTEX/stocks/OTHER')
  await client.sell(4000, 5, {}, '/ob/api/venues/TESTEX/stocks/OTHER')
  await client.buy(5000, 60)
  await client.sell(4990, 1)

  t.strictSame(await client.get(`${foobar}/trades`).then(({ status, body }) => [status, body]), [
    200,
    {
      ok: true,
      venue: 'TESTEX',
      symbol: 'FOOBAR',
      trades: [
        { id: 1, price: 5000, qty: 10, ts: '2026-11-21T09:30:01.500000000Z', direction: 'buy' },
        { id: 3, price: 5000, qty: 20, ts: '2026-11-21T09:30:01.500000000Z', direction: 'buy' },
        { id: 4, price: 5000, qty: 1, ts: '2026-11-21T09:30:01.500000000Z', direction: 'sell' },
      ],
      more: false,
    },
  ])
})

t.test('a page at a time, a hundred unless asked otherwise', async (t) => {
  const { app } = await createTestApp(t)
  const client = createClient(app)
  await client.sell(5000, 1000)
  for (let n = 0; n < 120; n += 1) await client.buy(5000, 1)
  const page = async (query: string) => {
    const { body } = await client.get(`${foobar}/trades${query}`)
    const ids = body.trades.map(({ id }: { id: number }) => id)
    return [ids[0], ids.length, body.more]
  }

  t.strictSame(await page(''), [21, 100, true])
  t.strictSame(await page('?before=21'), [1, 20, false])
  t.strictSame(await page('?limit=1000'), [1, 120, false])
  t.strictSame(await page('?limit=7&before=9'), [2, 7, true])
  t.strictSame(await page('?before=1'), [undefined, 0, false])
})

t.test('what cannot be asked', async (t) => {
  const { app } = await createTestApp(t)
  const client = createClient(app)
  for (const query of [
    'limit=0',
    'limit=1001',
    'limit=x',
    'limit=1.5',
    'before=0',
    'before=-1',
    'before=y',
  ]) {
    const { status, body } = await client.get(`${foobar}/trades?${query}`)
    t.match([status, body], [400, { ok: false, reason: 'bad_query', field: query.split('=')[0] }], query)
  }
  for (const [url, status, reason] of [
    ['/ob/api/venues/NOPE/stocks/FOOBAR/trades', 404, 'unknown_venue'],
    ['/ob/api/venues/TESTEX/stocks/NOPE/trades', 404, 'unknown_symbol'],
    ['/ob/api/venues/TESTEX/stocks/N-O/trades', 400, 'bad_name'],
  ] as const) {
    const reply = await client.get(url)
    t.match([reply.status, reply.body], [status, { ok: false, reason }])
  }
})

t.test('all trades are there after a kill, and again when the history is gone', async (t) => {
  const directory = join(t.testdir(), 'data')
  const start = async () => {
    const server = await startServer(t, ['--data', directory, '--log-level', 'warn'])
    const caller = createCaller(server.url)
    t.teardown(() => caller.close())
    return { ...server, caller }
  }
  const first = await start()
  await first.caller.place({ direction: 'sell', qty: 1000, account: 'SELLER' })
  for (let n = 0; n < 30; n += 1) await first.caller.place({ qty: 1 + (n % 3) })
  const wanted = (await first.caller.get(`${foobar}/trades`)).body
  t.strictSame([wanted.trades.length, wanted.more], [30, false])
  first.process.kill('SIGKILL')

  const second = await start()
  t.strictSame((await second.caller.get(`${foobar}/trades`)).body, wanted)
  t.strictSame(
    (await second.caller.get(`${foobar}/trades?limit=10&before=21`)).body.trades,
    wanted.trades.slice(10, 20),
  )
  await second.stop()
  rmSync(join(directory, 'history'), { recursive: true })

  const third = await start()
  let reply = await third.caller.get(`${foobar}/trades`)
  while (reply.status === 503) {
    t.match(reply.body, { ok: false, reason: 'history_catching_up', outcome: 'refused' })
    await setTimeout(10)
    reply = await third.caller.get(`${foobar}/trades`)
  }
  t.strictSame(reply.body, wanted)
  await third.stop()
})
