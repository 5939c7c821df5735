import { alternate, type Bench, type BenchOptions, ratios } from './bench.ts'
import type { EngineTask, MixedResult, RestingResult, StreamResult } from './engine-worker.ts'
import { buildDir, run } from './process.ts'
import { type Measure, median, number } from './report.ts'

/** How many orders rest in a deep book. */
const deepBook = 10_000

/** The engine alone, in process: against another order book, with a large book, and what an order weighs. */
export const engine: Bench = {
  name: 'engine',
  async run(options) {
    return [
      ...(await mixed(deepBook, options)),
      ...(await mixed(500, options)),
      ...(await cash(options)),
      ...(await resting(options)),
    ]
  },
}

function worker<T>(task: EngineTask): Promise<T> {
  return run<T>('engine-worker', task, { nodeArgs: ['--expose-gc', '--max-old-space-size=6000'] })
}

async function mixed(depth: number, { rounds, quick, progress }: BenchOptions): Promise<Measure[]> {
  const file = `${buildDir}stream.jsonl`
  const commands = quick ? 100_000 : 1_000_000
  progress(`making ${number(commands)} commands`)
  const made = await worker<StreamResult>({ task: 'write-stream', file, commands, depth })
  const of = (who: 'stockyard' | 'nodejs-order-book') => () => {
    progress(`${number(commands)} mixed commands, ${depth} resting, ${who}`)
    return worker<MixedResult>({ task: 'mixed', file, who })
  }
  const [ours, theirs] = await alternate(rounds, [of('stockyard'), of('nodejs-order-book')])
  const books = new Set([...ours, ...theirs].map(({ book }) => book))
  if (books.size !== 1) throw new Error('the two order books came to different ends')
  const speeds = ours.map((result) => result.perSecond)
  const rivals = theirs.map((result) => result.perSecond)
  // How much faster depends on the book: the rival's work grows with it. The target is for a deep one.
  const deep = depth >= deepBook
  const what = `mixed commands, ${depth} resting`
  return [
    {
      what: `${what}, of nodejs-order-book`,
      unit: '×',
      ...(deep && { must: 10 }),
      rounds: ratios(speeds, rivals),
      note: `it ${number(median(rivals))}/s; ${number(made.cancels)} cancels, ${number(made.trades)} trades`,
    },
    { what: `${what}, a second`, unit: '/s', must: 500_000, stretch: 1_000_000, rounds: speeds },
  ]
}

/** What it costs that trades move money: the same commands on a cash venue and on one where nobody counts it. */
async function cash({ rounds, quick, progress }: BenchOptions): Promise<Measure[]> {
  const file = `${buildDir}stream-cash.jsonl`
  const commands = quick ? 100_000 : 1_000_000
  await worker<StreamResult>({ task: 'write-stream', file, commands, depth: deepBook })
  const of = (who: 'stockyard' | 'stockyard-cash') => () => {
    progress(`${number(commands)} mixed commands, ${who}`)
    return worker<MixedResult>({ task: 'mixed', file, who })
  }
  const [withMoney, without] = await alternate(rounds, [of('stockyard-cash'), of('stockyard')])
  const books = new Set([...withMoney, ...without].map(({ book }) => book))
  if (books.size !== 1) throw new Error('with and without money the books came to different ends')
  const speeds = withMoney.map((result) => result.perSecond)
  const plain = without.map((result) => result.perSecond)
  return [
    {
      what: 'a cash venue of a venue without money, mixed commands',
      unit: '×',
      must: 0.5,
      stretch: 0.6,
      rounds: ratios(speeds, plain),
      note: `${number(median(speeds))}/s with money, ${number(median(plain))}/s without`,
    },
  ]
}

async function resting({ rounds, quick, progress }: BenchOptions): Promise<Measure[]> {
  const many = quick ? 100_000 : 1_000_000
  const commands = quick ? 100_000 : 500_000
  const measures: Measure[] = []
  for (const where of ['top', 'anywhere'] as const) {
    const of = (orders: number, ordersPerLevel: number) => () => {
      progress(`${number(orders)} resting, ${ordersPerLevel} a level, activity ${where}`)
      return worker<RestingResult>({ task: 'resting', orders, ordersPerLevel, commands, where })
    }
    const [few, full, wide] = await alternate(rounds, [of(1000, 100), of(many, 100), of(many, 1)])
    const perSecond = (results: readonly RestingResult[]) => results.map((result) => result.perSecond)
    const activity = where === 'top' ? 'near the best prices' : 'anywhere in the book'
    // What happens anywhere in a large book misses the caches nearly every time; it is here to be seen.
    const target = where === 'top' ? { must: 0.5, stretch: 0.8 } : {}
    measures.push(
      {
        what: `${number(many)} resting of 1000 resting, ${activity}`,
        unit: '×',
        ...target,
        rounds: ratios(perSecond(full), perSecond(few)),
        note: `with 1000 ${number(median(perSecond(few)))}/s`,
      },
      {
        what: `the same at ${number(many)} prices`,
        unit: '×',
        ...target,
        rounds: ratios(perSecond(wide), perSecond(few)),
        note: `built at ${number(median(wide.map((result) => result.builtPerSecond)))}/s in random order`,
      },
    )
    if (where === 'anywhere') continue
    const bytes = (results: readonly RestingResult[]) => results.map((result) => result.bytesPerOrder)
    measures.push(
      { what: 'bytes an order, 100 a level', unit: 'B', must: 200, atMost: true, rounds: bytes(full) },
      {
        what: `bytes an order, ${number(many)} levels`,
        unit: 'B',
        must: 400,
        atMost: true,
        rounds: bytes(wide),
      },
    )
  }
  return measures
}
