import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { createWallClock } from '../../src/clock.ts'
import { loadConfig } from '../../src/config/config.ts'
import { readFlags } from '../../src/config/flags.ts'
import { defaultLimits } from '../../src/domain/venue.ts'
import { dataPaths } from '../../src/durable/data-paths.ts'
import { createExchange } from '../../src/exchange.ts'
import { createHouseVenue } from '../../src/house-venue.ts'
import { nodeFileSystem } from '../../src/log/file-system.ts'
import { readJournal } from '../../src/log/journal-reader.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { Shard } from '../../src/shard.ts'
import { runSimulateCommand } from '../../src/simulate-cli.ts'
import { demoPopulation } from '../../traders/demo.ts'
import { startServer } from '../support/server.ts'
import { until } from '../support/until.ts'

const demo = '/ob/api/venues/DEMOEX/stocks/ACME'

// biome-ignore lint/suspicious/noExplicitAny: what is expected of a reply is what the tests say
async function get(url: string): Promise<any> {
  return (await fetch(url)).json()
}

async function venuesOf(url: string): Promise<string[]> {
  const { venues } = await get(`${url}/ob/api/venues`)
  return venues.map(({ venue }: { venue: string }) => venue)
}

t.test(
  'a server has a market that lives, where people trade, and nothing of it is on the disk',
  async (t) => {
    const data = join(t.testdir(), 'data')
    const { url, stop } = await startServer(t, ['--data', data])

    t.strictSame(await venuesOf(url), ['TESTEX', 'DEMOEX'])
    while ((await get(`${url}${demo}/quote`)).last === undefined) await setImmediate()
    const placed = await fetch(`${url}${demo}/orders`, {
      method: 'POST',
      body: JSON.stringify({ account: 'ME', price: 20_000, qty: 3, direction: 'buy', orderType: 'limit' }),
    })
    t.match(await placed.json(), { ok: true, totalFilled: 3 })
    t.match((await get(`${url}${demo}/scores?format=json&house=0`)).scores, [{ account: 'ME', shares: 3 }])
    t.match(
      await (await fetch(`${url}/metrics`)).text(),
      /stockyard_house_open_orders\{venue="DEMOEX"\} [1-9]/,
    )
    t.strictSame(await stop(), { code: 0, signal: null })

    const batches = [...readJournal(nodeFileSystem, dataPaths(data).journal, 1, 1000)]
    t.ok(batches.length > 0)
    t.notMatch(JSON.stringify(batches), /DEMOEX|ACME|HOUSE/)
  },
)

t.test('a venue that the data holds is shown as it was left, without house traders', async (t) => {
  const out = join(t.testdir(), 'simulated')
  const quiet = () => undefined
  await runSimulateCommand(['--hours', '0.02', '--out', out], quiet, quiet)

  const server = await startServer(t, ['--data', out])

  t.match(
    server.stderr(),
    /the data has a venue DEMOEX: it is shown as it was left, and no house traders are on it/,
  )
  t.strictSame(await venuesOf(server.url), ['DEMOEX', 'TESTEX'])
  t.match(await get(`${server.url}${demo}/quote`), { ok: true, venue: 'DEMOEX', last: Number })
  t.notMatch(await (await fetch(`${server.url}/metrics`)).text(), /stockyard_house_open_orders\{/)
})

t.test('--demo off leaves no account, no order and no venue of it', async (t) => {
  const { url } = await startServer(t, ['--demo', 'off'])

  t.strictSame(await venuesOf(url), ['TESTEX'])
  t.equal((await fetch(`${url}${demo}/quote`)).status, 404)
})

t.test('the demo is on unless there are accounts or a competition, or somebody says otherwise', async (t) => {
  const accounts = join(t.testdir({ 'accounts.json': '{"ANN":"open sesame 12"}' }), 'accounts.json')
  const mine = join(
    t.testdir({ 'mine.json': '{"venue":"MINE","symbol":"XYZ","traders":[{"kind":"noise"}]}' }),
    'mine.json',
  )
  const venueOf = async (...words: string[]) => (await loadConfig(readFlags(words), {})).demo?.venue

  t.equal(await venueOf(), 'DEMOEX')
  t.equal(await venueOf('--demo', 'off'), undefined)
  t.equal(await venueOf('--population', mine), 'MINE')
  t.equal((await loadConfig(readFlags([]), {}, new Map())).demo, undefined)
  t.equal(await venueOf('--accounts', accounts), undefined)
  t.equal(await venueOf('--accounts', accounts, '--demo'), 'DEMOEX')
  await t.rejects(
    venueOf('--listing', 'DEMOEX/X'),
    /venue DEMOEX: house traders have it; switch it off with --demo off/,
  )
  await t.rejects(venueOf('--population', mine, '--listing', 'MINE/X'), /--population can name another/)
})

t.test('a population that makes no sense is refused with its place in the file', async (t) => {
  const refusal = async (population: unknown) => {
    const file = join(t.testdir({ 'p.json': JSON.stringify(population) }), 'p.json')
    const error = await loadConfig(readFlags(['--population', file]), {}).catch((error: Error) => error)
    return error instanceof Error ? error.message.replace(/^.*p\.json: /, '') : 'none'
  }
  const withTrader = (...traders: unknown[]) => ({ venue: 'A', symbol: 'B', traders })

  t.equal(await refusal(demoPopulation), 'none')
  t.equal(await refusal({}), 'venue is missing')
  t.match(await refusal([]), '[] is not an object that describes a population')
  t.match(
    await refusal({ ...withTrader({ kind: 'noise' }), venue: 'a b' }),
    'venue: "a b" is not a venue name',
  )
  t.match(await refusal(withTrader()), 'traders: [] is not an array of 1 to 100 objects')
  t.match(await refusal(withTrader(3)), 'traders.0: 3 is not an object')
  t.equal(await refusal(withTrader({})), 'traders.0.kind is missing')
  t.match(
    await refusal(withTrader({ kind: 'noise' }, { kind: 'x' })),
    'traders.1.kind: "x" is not one of value-process',
  )
  t.match(
    await refusal(withTrader({ kind: 'maker', pause: -1 })),
    'traders.0.pause: -1 is not a number from 0.05',
  )
  t.equal(
    await refusal(withTrader({ kind: 'maker', pauze: 1 })),
    'there is no option traders.0.pauze; did you mean pause?',
  )
  t.match(
    await refusal(withTrader({ kind: 'noise', quantities: [1, 0] })),
    'traders.0.quantities.1: 0 is not a whole',
  )
  t.match(
    await refusal(withTrader(...Array.from({ length: 4 }, () => ({ kind: 'noise', count: 150 })))),
    'traders.3.count: there are more than 500 traders',
  )
  t.match(
    await refusal(withTrader({ kind: 'value-process' }, { kind: 'value-process' })),
    'traders.1: a venue has one',
  )
  t.match(
    await refusal(withTrader({ kind: 'value-process', newsMost: 1 })),
    'traders.0.newsMost: 1 is less than',
  )
})

t.test('SIGUSR2 stops the house traders, and the server goes on', async (t) => {
  const server = await startServer(t)
  const bookOf = () => get(`${server.url}${demo}`)
  while ((await bookOf()).bids.length === 0) await setImmediate()

  server.process.kill('SIGUSR2')

  await server.logged(/the house traders of DEMOEX have stopped/)
  t.match(await bookOf(), { ok: true, bids: [], asks: [] })
})

t.test('house traders that are told to stop have canceled everything, and wake no more', async (t) => {
  const clock = createWallClock()
  const house = await createHouseVenue(demoPopulation, clock, { ...defaultLimits, accounts: 1 })
  const home = new Shard({ log: new MemoryLog(), clock })
  const exchange = createExchange(home, new Map([[house.name, house.shard]]))
  t.teardown(() => exchange.close())
  house.start(exchange.forHouse)
  await until(() => house.status().openOrders > 10)

  await house.stop()

  t.equal(house.status().openOrders, 0)
  const instrument = exchange.venue('DEMOEX')?.instrument('ACME')
  t.equal(instrument?.bids.orderCount, 0)
  t.equal(instrument?.asks.orderCount, 0)
  await house.stop()
})
