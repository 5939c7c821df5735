import type { Bench } from './bench.ts'
import type { Footprint, MemoryTask } from './memory-worker.ts'
import { run } from './process.ts'
import { number } from './report.ts'

const megabyte = 1024 * 1024

/** Whether memory follows what is open and not what ever was: the whole core with a journal in memory. */
export const memory: Bench = {
  name: 'memory',
  async run({ rounds, quick, progress }) {
    const task: MemoryTask = quick ? { every: 200_000, upTo: 600_000 } : { every: 200_000, upTo: 2_000_000 }
    const all: Footprint[][] = []
    // Nothing to compare with, and it hardly varies: three rounds say enough.
    for (let round = 0; round < Math.min(rounds, 3); round += 1) {
      progress(`${number(task.upTo)} closed orders, round ${round + 1}`)
      all.push(await run<Footprint[]>('memory-worker', task, { nodeArgs: ['--expose-gc'] }))
    }
    const growth = (of: 'heap' | 'rss') =>
      all.map((footprints) => {
        const [first, ...later] = footprints.map((footprint) => footprint[of] / megabyte)
        return Math.max(...later) - (first as number)
      })
    const last = all[0]?.at(-1) as Footprint
    const first = all[0]?.[0] as Footprint
    const note = (of: 'heap' | 'rss') =>
      `${number(first[of] / megabyte)} → ${number(last[of] / megabyte)} MB; resting ${first.resting} → ${last.resting}`
    const what = `most growth from ${number(task.every)} to ${number(task.upTo)} closed orders`
    return [
      {
        what: `RSS, ${what}`,
        unit: 'MB',
        must: 60,
        stretch: 20,
        atMost: true,
        rounds: growth('rss'),
        note: note('rss'),
      },
      {
        what: `heap, ${what}`,
        unit: 'MB',
        must: 60,
        stretch: 20,
        atMost: true,
        rounds: growth('heap'),
        note: note('heap'),
      },
    ]
  },
}
