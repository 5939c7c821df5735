import type { FastifyInstance } from 'fastify'
import { buildApp } from '../src/app.ts'
import { createWallClock } from '../src/clock.ts'
import { loadConfig } from '../src/config/config.ts'
import { openDurableShard } from '../src/durable/durable-shard.ts'
import { createExchange, type RunningExchange } from '../src/exchange.ts'
import { MemoryLog } from '../src/log/memory-log.ts'
import { prepare } from '../src/prepare.ts'
import { Shard } from '../src/shard.ts'

interface StockyardApp {
  readonly app: FastifyInstance
  readonly exchange: RunningExchange
}

/** The same with everything on disk. */
export async function durableApp(
  directory: string,
  snapshotEvery = 1_000_000,
): Promise<StockyardApp & { close: () => Promise<void> }> {
  const durable = await openDurableShard(
    { directory, snapshotEvery, keepJournal: Number.POSITIVE_INFINITY },
    { clock: createWallClock(), warn: console.error, info: () => {} },
  )
  const built = await build(createExchange(durable.shard), [])
  durable.startWork()
  return { ...built, close: () => durable.close(0) }
}

/** What the server makes when nothing is configured, with everything in memory, and one book. */
export function stockyardApp(): Promise<StockyardApp> {
  return build(createExchange(new Shard({ log: new MemoryLog(), clock: createWallClock() })), ['memory'])
}

/** With more open orders than an account may have, so that a load can go on. */
async function build(exchange: RunningExchange, flags: readonly 'memory'[]): Promise<StockyardApp> {
  const texts = new Map(flags.map((flag) => [flag, ['on']]))
  const config = await loadConfig({ texts, notices: [], wants: 'start' }, {})
  await prepare(exchange, { ...config, limits: { ...config.limits, openOrdersPerAccount: 2_000_000 } })
  return { exchange, app: await buildApp({ exchange, settings: { ...config.edge, logLevel: 'warn' } }) }
}
