import type { Micros } from '../src/domain/units.ts'
import { MemoryLog } from '../src/log/memory-log.ts'
import { Shard } from '../src/shard.ts'
import { MixedMarket, RestingIds } from './commands.ts'
import { answer, input } from './process.ts'
import { seeded } from './random.ts'

export interface MemoryTask {
  /** Looks at memory whenever so many orders have closed. */
  readonly every: number
  readonly upTo: number
}

export interface Footprint {
  readonly closed: number
  readonly resting: number
  readonly heap: number
  readonly rss: number
}

const { every, upTo } = input<MemoryTask>()
let time = 1_700_000_000_000_000
const clock = () => {
  time += 100
  return time as Micros
}
const shard = new Shard({ log: new MemoryLog(), clock })
const market = new MixedMarket(seeded(3), 10_000)
const resting = new RestingIds()
const footprints: Footprint[] = []
let closed = 0
while (closed < upTo) {
  const replies: Promise<void>[] = []
  for (let i = 0; i < 32; i += 1) {
    const reply = shard.submit(market.next(resting), ({ events }) => {
      resting.follow(events)
      for (const event of events) if (event.type === 'order-closed') closed += 1
    })
    replies.push(reply)
  }
  await Promise.all(replies)
  if (closed >= (footprints.length + 1) * every) {
    globalThis.gc?.()
    const { heapUsed, rss } = process.memoryUsage()
    footprints.push({ closed, resting: resting.ids.length, heap: heapUsed, rss })
  }
}
answer(footprints)
await shard.close()
