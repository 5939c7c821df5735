import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command, Place } from '../../src/domain/command.ts'
import { lots, micros, ticks } from '../../src/domain/units.ts'
import { selfTradeRules } from '../../src/domain/venue.ts'
import { FileLog, openInlineWriter } from '../../src/log/file-log.ts'
import { nodeFileSystem } from '../../src/log/file-system.ts'
import { Shard } from '../../src/shard.ts'

// Recorded once, by `record` below, and never again for format 1. A build that comes to another digest than the one
// that wrote it has broken a promise.

/** Where the recording is. */
export const recording = fileURLToPath(new URL('journal-v1/', import.meta.url))

/** What the recording came to when it was made. */
export interface Recorded {
  readonly sequence: number
  readonly digest: string
}

export function readRecorded(): Recorded {
  return JSON.parse(readFileSync(`${recording}recorded.json`, 'utf8')) as Recorded
}

/** Every kind of command, orders of every type, each self-trade rule, client order ids, refusals; in small segments. */
export async function record(directory: string): Promise<Shard> {
  const writer = openInlineWriter(nodeFileSystem)
  const log = FileLog.open({ directory, segmentSize: 8000, openWriter: writer })
  let now = 1_700_000_000_000_000
  const clock = () => {
    now += 1000
    return micros(now)
  }
  const shard = new Shard({ log, clock })
  const submit = (command: Command) => shard.submit(command, () => undefined)
  await submit({ type: 'set-limits', limits: { books: 9, openOrdersPerAccount: 20 } })
  for (const selfTrade of selfTradeRules) {
    const venue = `V_${selfTrade.replaceAll('-', '_')}`
    await submit({ type: 'create-venue', venue, rules: { rulesVersion: 1, selfTrade } })
    await submit({ type: 'list-instrument', venue, symbol: 'FOO' })
    await submit({ type: 'set-limits', venue, limits: { openOrders: 30 } })
    await Promise.all(ordersOn(venue).map(submit))
  }
  await shard.close()
  return shard
}

function ordersOn(venue: string): Command[] {
  let state = venue.length
  const pick = (n: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % n
  }
  const terms = [
    ['limit', 'gtc'],
    ['limit', 'gtc'],
    ['limit', 'ioc'],
    ['limit', 'fok'],
    ['market', 'ioc'],
  ] as const
  return Array.from({ length: 60 }, (_, n): Command => {
    if (pick(6) === 0) return { type: 'cancel', venue, orderId: pick(n + 2) }
    const [orderType, timeInForce] = terms[pick(terms.length)] as (typeof terms)[number]
    const order: Place = {
      type: 'place',
      venue,
      symbol: pick(9) === 0 ? 'NEW' : 'FOO',
      account: `A${pick(3)}`,
      side: pick(2) === 0 ? 'buy' : 'sell',
      orderType,
      timeInForce,
      price: ticks(orderType === 'market' ? 0 : 98 + pick(5)),
      quantity: lots(1 + pick(40)),
      autoCreate: pick(4) !== 0,
    }
    return pick(3) === 0 ? { ...order, clientOrderId: `c${pick(12)}` } : order
  })
}
