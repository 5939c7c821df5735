import { levelNames } from '../game/level.ts'
import type { Bench } from './bench.ts'
import type { LevelRun, LevelTask } from './levels-worker.ts'
import { run } from './process.ts'
import type { Measure } from './report.ts'

/** How long a whole game of each level takes in virtual time: the exchange and the population, without sockets. */
export const levels: Bench = {
  name: 'levels',
  async run({ rounds, progress }) {
    const measures: Measure[] = []
    for (const level of levelNames) {
      const runs: LevelRun[] = []
      for (let round = 0; round < rounds; round += 1) {
        progress(`${level}, round ${round + 1}`)
        const task: LevelTask = { level, seed: round + 1 }
        runs.push(await run<LevelRun>('levels-worker', task))
      }
      measures.push({
        what: `${level}, to its last day`,
        unit: 's of CPU',
        must: 5,
        stretch: 1,
        atMost: true,
        rounds: runs.map(({ seconds }) => seconds),
        note: `${runs[0]?.days} days`,
      })
    }
    return measures
  },
}
