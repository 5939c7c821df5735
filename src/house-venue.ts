import { randomInt } from 'node:crypto'
import type { Population } from '../schemas/population.ts'
import { Driver } from '../traders/driver.ts'
import { createPopulation, founding } from '../traders/population.ts'
import { WallClock } from '../traders/wall-clock.ts'
import { setTimer } from './clock.ts'
import type { Micros } from './domain/units.ts'
import { defaultLimits, type Limits } from './domain/venue.ts'
import { MemoryLog } from './log/memory-log.ts'
import type { HouseStatus } from './plugins/metrics.ts'
import type { Exchange } from './port.ts'
import { Shard } from './shard.ts'

/** Commands that wait anywhere before house traders keep quiet. */
const busyFrom = 256

/** A venue that lives in memory, and its traders. */
export interface HouseVenue {
  readonly name: string
  readonly shard: Shard
  /** Wakes the traders from now on, who trade through the exchange that the shard is part of, as the house may. */
  start(exchange: Exchange): void
  /** Wakes nobody any more, and cancels what the traders have open. Resolves when that is done; called again, too. */
  stop(): Promise<void>
  status(): HouseStatus
}

/** Makes a venue with the accounts of its population. Nobody is awake yet. */
export async function createHouseVenue(
  population: Population,
  clock: () => Micros,
  limits: Limits,
): Promise<HouseVenue> {
  const { venue, symbol } = population
  const traders = createPopulation(population)
  const shard = new Shard({ log: new MemoryLog(), clock })
  // Nothing of it is on disk, so the newest closed orders stay in memory.
  const { closedOrders } = defaultLimits
  const accounts = limits.accounts + traders.length
  await shard.submit({ type: 'set-limits', limits: { ...limits, accounts, closedOrders } }, () => undefined)
  for (const command of founding(population, traders)) await shard.submit(command, () => undefined)
  let driver: Driver | undefined
  let time: WallClock | undefined
  let stopped: Promise<void> | undefined
  return {
    name: venue,
    shard,
    start(exchange) {
      const seed = randomInt(2 ** 32)
      driver = new Driver({ exchange, venue, symbol, traders, seed, start: clock() })
      const isBusy = () =>
        exchange.status().some(({ queued, stopped }) => queued > busyFrom || stopped !== undefined)
      time = new WallClock(driver, { clock, isBusy, schedule: setTimer })
      time.start()
    },
    stop() {
      time?.stop()
      stopped ??= driver?.stop() ?? Promise.resolve()
      return stopped
    },
    status: () => ({
      venue,
      openOrders: driver?.openOrders ?? 0,
      skips: driver?.counts.skips ?? 0,
      postponed: driver?.counts.postponed ?? 0,
    }),
  }
}
