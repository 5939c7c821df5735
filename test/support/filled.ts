import type { Command } from '../../src/domain/command.ts'
import { lots, micros, ticks } from '../../src/domain/units.ts'
import { unlimited } from '../../src/domain/venue.ts'
import { openData } from '../../src/durable/data-directory.ts'
import { openInlineWriter } from '../../src/log/file-log.ts'
import { nodeFileSystem } from '../../src/log/file-system.ts'

/** Commands that are given at once, and make a batch. */
const batchSize = 500

/** Makes a data directory with orders of accounts A0 to A3 on FOOBAR of TESTEX, as a server that was killed leaves it. */
export async function fillDirectory(directory: string, count: number): Promise<void> {
  const { shard, history, log, release } = await openData({
    directory,
    clock: () => micros(1_700_000_000_000_000),
    warn: (text) => {
      throw new Error(text)
    },
    openWriter: openInlineWriter(nodeFileSystem),
  })
  const submit = (command: Command) => shard.submit(command, () => undefined)
  await submit({ type: 'set-limits', limits: { closedOrders: unlimited } })
  for (let n = 0; n < count; n += batchSize) {
    await Promise.all(Array.from({ length: batchSize }, (_, i) => submit(numbered(n + i))))
  }
  await history.close()
  await log.close()
  await release()
}

function numbered(n: number): Command {
  return {
    type: 'place',
    venue: 'TESTEX',
    symbol: 'FOOBAR',
    account: `A${n % 4}`,
    side: (n >> 1) % 2 === 0 ? 'buy' : 'sell',
    orderType: 'limit',
    timeInForce: n % 5 === 0 ? 'ioc' : 'gtc',
    price: ticks(5000 + (n % 3)),
    quantity: lots(1 + (n % 11)),
    autoCreate: true,
  }
}
