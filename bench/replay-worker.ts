import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createWallClock } from '../src/clock.ts'
import { unlimited } from '../src/domain/venue.ts'
import { dataPaths } from '../src/durable/data-paths.ts'
import { openDurableShard } from '../src/durable/durable-shard.ts'
import { MixedMarket, RestingIds, venue } from './commands.ts'
import { answer, input } from './process.ts'
import { seeded } from './random.ts'

export interface ReplayTask {
  readonly directory: string
  readonly commands: number
  /** Writes the commands first. */
  readonly fill?: boolean
  /** Puts the snapshots aside for this start. */
  readonly withoutSnapshots?: boolean
}

export interface Replayed {
  readonly commands: number
  /** From the call to ready. */
  readonly seconds: number
  readonly journalBytes: number
  readonly historyBytes: number
  /** Bytes of RSS from a tenth of the commands to all. */
  readonly growth: number
  /** Milliseconds to read one of the first orders, which closed long ago. */
  readonly earlyReadMs: number
}

const task = input<ReplayTask>()
const paths = dataPaths(task.directory)
const aside = `${paths.snapshots}-aside`
if (task.withoutSnapshots === true) renameSync(paths.snapshots, aside)
const start = performance.now()
const durable = await openDurableShard(
  { directory: task.directory, snapshotEvery: 1_000_000_000, keepJournal: Number.POSITIVE_INFINITY },
  { clock: createWallClock(), warn: console.error, info: () => {} },
)
const seconds = (performance.now() - start) / 1000
const commands = durable.shard.sequence
const growth = task.fill === true ? await fill() : 0
const earlyReadMs = task.fill === true ? await readEarly() : 0
await durable.close(task.fill === true ? Number.POSITIVE_INFINITY : 0)
if (task.withoutSnapshots === true) {
  rmSync(paths.snapshots, { recursive: true, force: true })
  renameSync(aside, paths.snapshots)
}
answer({
  ...{ commands, seconds, growth, earlyReadMs },
  journalBytes: sizeOf(paths.journal),
  historyBytes: sizeOf(paths.history),
} satisfies Replayed)

/** Trades until the journal has as many commands as were asked for; gives how much RSS grew meanwhile. */
async function fill(): Promise<number> {
  const { shard } = durable
  const limits = { closedOrders: unlimited, openOrdersPerAccount: 2_000_000 }
  await shard.submit({ type: 'set-limits', limits }, () => {})
  const market = new MixedMarket(seeded(3), 10_000)
  const resting = new RestingIds()
  let early: number | undefined
  while (shard.sequence < task.commands) {
    const replies = Array.from({ length: 256 }, () =>
      shard.submit(market.next(resting), ({ events }) => resting.follow(events)),
    )
    await Promise.all(replies)
    if (shard.sequence >= task.commands / 10) early ??= process.memoryUsage.rss()
  }
  return process.memoryUsage.rss() - (early ?? 0)
}

/** The median of reading a hundred of the first orders, each for the first time. */
async function readEarly(): Promise<number> {
  const { shard } = durable
  const times: number[] = []
  for (let id = 1; id <= 100; id += 1) {
    const from = performance.now()
    const order = await shard.findOrder(venue, id)
    if (order === undefined) throw new Error(`order ${id} is gone`)
    times.push(performance.now() - from)
  }
  return times.sort((a, b) => a - b)[50] as number
}

function sizeOf(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0)
}
