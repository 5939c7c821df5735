import { createExchange, type RunningExchange } from '../../src/exchange.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { Shard } from '../../src/shard.ts'
import { createTestClock, type TestClock } from './app.ts'

export interface TestCore {
  readonly exchange: RunningExchange
  readonly shard: Shard
  readonly log: MemoryLog
  readonly clock: TestClock
}

/** An exchange whose journal can be read again; `log` is one that is there already. */
export async function openCore(
  log = new MemoryLog({ keep: 1_000_000 }),
  clock = createTestClock(),
): Promise<TestCore> {
  const shard = new Shard({ log, clock })
  await shard.replay()
  return { exchange: createExchange(shard), shard, log, clock }
}
