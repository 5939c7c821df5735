import type { FastifyInstance } from 'fastify'
import { buildApp } from '../src/app.ts'
import { createWallClock } from '../src/clock.ts'
import { loadConfig } from '../src/config/config.ts'
import { openDurableShard } from '../src/durable/durable-shard.ts'
import { createExchange, type RunningExchange } from '../src/exchange.ts'
import { MemoryLog } from '../src/log/memory-log.ts'
import { Shard } from '../src/shard.ts'

/** The same with everything on disk. */
export async function durableApp(
  directory: string,
  snapshotEvery = 1_000_000,
): Promise<{ app: FastifyInstance; close: () => Promise<void> }> {
  const { edge, limits } = await loadConfig({ texts: new Map(), notices: [], wants: 'start' }, {})
  const durable = await openDurableShard(
    { directory, snapshotEvery, keepJournal: Number.POSITIVE_INFINITY },
    { clock: createWallClock(), warn: console.error, info: () => {} },
  )
  const exchange = createExchange(durable.shard)
  await exchange.submit(
    { type: 'set-limits', limits: { ...limits, openOrdersPerAccount: 2_000_000 } },
    () => {},
  )
  const app = await buildApp({ exchange, settings: { ...edge, logLevel: 'warn' } })
  durable.startWork()
  return { app, close: () => durable.close(0) }
}

/** What the server makes when nothing is configured, with everything in memory, and one book. */
export async function stockyardApp(): Promise<{ app: FastifyInstance; exchange: RunningExchange }> {
  const { edge } = await loadConfig({ texts: new Map(), notices: [], wants: 'start' }, {})
  const exchange = createExchange(new Shard({ log: new MemoryLog(), clock: createWallClock() }))
  await exchange.submit({ type: 'set-limits', limits: { openOrdersPerAccount: 2_000_000 } }, () => {})
  const app = await buildApp({ exchange, settings: { ...edge, logLevel: 'warn' } })
  return { app, exchange }
}
