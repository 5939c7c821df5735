import { createVirtualClock, type VirtualClock } from '../traders/virtual-time.ts'
import type { Command } from './domain/command.ts'
import type { Micros } from './domain/units.ts'
import { createExchange, type RunningExchange } from './exchange.ts'
import { MemoryLog } from './log/memory-log.ts'
import { Shard } from './shard.ts'

/** An exchange whose time somebody sets. */
export interface VirtualExchange {
  readonly exchange: RunningExchange
  readonly clock: VirtualClock
  /** A fingerprint of everything that happened. */
  digest(): string
  /** Runs a command. Throws when it is refused. */
  run(command: Command): void
}

/**
 * An exchange in memory that applies each command inside the call that submits it, feeds and reply included, by a clock
 * that stands still until somebody sets it.
 */
export function createVirtualExchange(start: Micros): VirtualExchange {
  const clock = createVirtualClock(start)
  const shard = new Shard({ log: new MemoryLog({ atOnce: true }), clock, defer: (task) => task() })
  const exchange = createExchange(shard)
  return {
    exchange,
    clock,
    digest: () => shard.digest,
    run(command) {
      let reason: string | undefined
      void exchange.submit(command, ({ events }) => {
        for (const event of events) if (event.type === 'rejected') reason = event.reason
      })
      if (reason !== undefined) throw new Error(`${command.type}: ${reason}`)
    },
  }
}
