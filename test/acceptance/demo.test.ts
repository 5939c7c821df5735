import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { Value } from 'typebox/value'
import { traderKinds } from '../../schemas/population.ts'
import { micros } from '../../src/domain/units.ts'
import { autocorrelation, excessKurtosis, returnsOf } from '../../src/report/statistics.ts'
import { VirtualFloor } from '../../src/virtual-floor.ts'
import { demoPopulation } from '../../traders/demo.ts'
import { Driver } from '../../traders/driver.ts'
import type { FloorInstrument } from '../../traders/floor.ts'
import { createPopulation, founding } from '../../traders/population.ts'
import { runVirtual } from '../../traders/virtual-time.ts'
import { MarketWatch, median, quantile } from '../support/market-watch.ts'

/** How many seeds from 1 on are looked at; more of them by the environment. The bounds are those of 20. */
const seeds = Number(process.env.STOCKYARD_TEST_SEEDS ?? 20)
const days = 5
const daySeconds = 23_400
const dayMinutes = daySeconds / 60
const start = micros(1_800_000_000_000_000)
const at = (seconds: number) => micros(start + seconds * 1_000_000)

/** The demo venue in virtual time, with nothing around it. */
function open(seed: number) {
  const { venue, symbol } = demoPopulation
  const traders = createPopulation(demoPopulation)
  const floor = new VirtualFloor(start)
  for (const command of founding(demoPopulation, traders)) floor.run(command)
  const watch = new MarketWatch(floor, venue, symbol, start)
  const driver = new Driver({ exchange: floor, venue, symbol, traders, seed, start })
  const run = (seconds: number) => runVirtual([driver], floor.clock, at(seconds))
  return { floor, watch, driver, run, instrument: floor.venue(venue)?.instrument(symbol) as FloorInstrument }
}

/** What a run of some days shows. */
async function measure(seed: number) {
  const { watch, driver, run, instrument } = open(seed)
  await run(2)
  const levels = [instrument.bids, instrument.asks].map((side) => [...side.levels()].length)
  await run(days * daySeconds)
  const returns = returnsOf(watch.mids)
  const day = returns.slice(0, dayMinutes - 1)
  return {
    ...{ seed, watch, driver, levels },
    kurtosis: excessKurtosis(returns) ?? Number.NaN,
    memory: autocorrelation(returns, 1) ?? Number.NaN,
    clusters: autocorrelation(returns.map(Math.abs), 1) ?? Number.NaN,
    kurtosisOfDay: excessKurtosis(day) ?? Number.NaN,
    memoryOfDay: autocorrelation(day, 1) ?? Number.NaN,
    clustersOfDay: autocorrelation(day.map(Math.abs), 1) ?? Number.NaN,
  }
}

// A hundred days of a whole market take a minute of a quiet processor, and several of a busy one. So this file is
// where it is run first: nothing waits for it in the end.
t.setTimeout(600_000)

t.test(
  'every seed gives a market that lives, and whose returns are like real ones',
  { timeout: 600_000 },
  async (t) => {
    const runs: Awaited<ReturnType<typeof measure>>[] = []
    for (let seed = 1; seed <= seeds; seed += 1) {
      const run = await measure(seed)
      runs.push(run)
      const { watch, driver, levels, kurtosis, memory, clusters } = run
      const seconds = days * daySeconds
      const { leastTrades, mostCommands } = watch.extremes
      const facts: [string, number, number, number][] = [
        ['bid levels after two seconds', levels[0] ?? 0, 10, 100],
        ['ask levels after two seconds', levels[1] ?? 0, 10, 100],
        ['trades a second', watch.trades / seconds, 1, 10],
        ['trades in the worst minute', leastTrades, 60, 1000],
        ['orders a second', watch.orders / seconds, 1, 30],
        ['commands in the busiest second', mostCommands, 1, 70],
        ['median spread', quantile(watch.spreads, 0.5), 1, 5],
        ['longest empty side in microseconds', watch.longestEmpty, 0, 1_000_000],
        ['lowest middle', watch.lowest, 5000, 10_000],
        ['highest middle', watch.highest, 10_000, 20_000],
        ['excess kurtosis', kurtosis, 1, 100],
        ['autocorrelation', memory, -0.1, 0.1],
        ['autocorrelation of absolute returns', clusters, 0.1, 1],
        ['jumps of time', driver.counts.skips, 0, 0],
      ]
      const outside = facts.filter(([, value, least, most]) => !(value >= least && value <= most))
      t.strictSame(outside, [], `seed ${seed}`)
    }
    // One day is short: its figures scatter, so most days are as they should be, and the middle one is.
    const most = (fits: (run: (typeof runs)[number]) => boolean) =>
      runs.filter(fits).length >= 0.75 * runs.length
    t.ok(median(runs.map(({ kurtosisOfDay }) => kurtosisOfDay)) > 1)
    t.ok(Math.abs(median(runs.map(({ memoryOfDay }) => memoryOfDay))) < 0.1)
    t.ok(median(runs.map(({ clustersOfDay }) => clustersOfDay)) > 0.1)
    t.ok(most(({ kurtosisOfDay }) => kurtosisOfDay > 1))
    t.ok(most(({ memoryOfDay }) => Math.abs(memoryOfDay) < 0.1))
    t.ok(most(({ clustersOfDay }) => clustersOfDay > 0.1))
  },
)

t.test('a buyer who does not stop cannot push the market to its ceiling', async (t) => {
  const { floor, watch, run } = open(3)
  const { venue, symbol } = demoPopulation
  await run(600)

  for (let second = 601; second <= 1200; second += 1) {
    await run(second)
    floor.run({
      ...{ type: 'place', venue, symbol, account: 'BUYER', side: 'buy', orderType: 'market' },
      ...{ timeInForce: 'ioc', price: 0 as never, quantity: 20 as never, autoCreate: false },
    })
  }

  t.ok(watch.highest < 10_400, `${watch.highest}`)
})

t.test('after a sweep of the whole book both sides are back within a second', async (t) => {
  const { floor, run, instrument } = open(4)
  const { venue, symbol } = demoPopulation
  await run(600)

  floor.run({
    ...{ type: 'place', venue, symbol, account: 'BUYER', side: 'buy', orderType: 'market' },
    ...{ timeInForce: 'ioc', price: 0 as never, quantity: 2000 as never, autoCreate: false },
  })
  await run(602)

  t.ok([...instrument.asks.levels()].length >= 5)
  t.ok([...instrument.bids.levels()].length >= 5)
})

t.test('the same seed gives the same fills in another process', async (t) => {
  const script = fileURLToPath(new URL('../support/demo-digest.ts', import.meta.url))
  const digest = async (seed: number) => {
    // TypeScript is run as this test itself is.
    const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, script, `${seed}`])
    return stdout.trim()
  }

  const [one, same, other] = await Promise.all([digest(1), digest(1), digest(2)])

  t.match(one, /^[0-9a-f]{64}$/)
  t.equal(one, same)
  t.not(one, other)
})

t.test('the demo says all that there is to say, and examples/population.json is the same', async (t) => {
  const file = new URL('../../examples/population.json', import.meta.url)

  for (const trader of demoPopulation.traders)
    t.ok(Value.Check(traderKinds[trader.kind], trader), trader.kind)
  t.strictSame(JSON.parse(readFileSync(file, 'utf8')), demoPopulation)
})
