import { mkdtempSync, rmSync } from 'node:fs'
import type { Bench } from './bench.ts'
import { buildDir, run } from './process.ts'
import type { Replayed, ReplayTask } from './replay-worker.ts'
import { median, number } from './report.ts'

/**
 * How long a start takes after a million commands: from the journal alone, from the journal with the history gone, and
 * from a snapshot. And what the disk takes, and how much memory a process has that closes orders for long.
 */
export const replay: Bench = {
  name: 'replay',
  async run({ rounds, quick, progress }) {
    const directory = mkdtempSync(`${buildDir}data-`)
    const commands = quick ? 100_000 : 1_000_000
    const at = (task: Omit<ReplayTask, 'directory' | 'commands'>, what: string) => {
      progress(what)
      return run<Replayed>('replay-worker', { directory, commands, ...task } satisfies ReplayTask, {
        role: 'alone',
      })
    }
    const long = mkdtempSync(`${buildDir}data-`)
    try {
      progress(`writing ${number(2 * commands)} commands`)
      const task: ReplayTask = { directory: long, commands: 2 * commands, fill: true }
      const { growth, earlyReadMs } = await run<Replayed>('replay-worker', task)
      const filled = await at({ fill: true }, `writing ${number(commands)} commands`)
      const bare: Replayed[] = []
      const fromSnapshot: Replayed[] = []
      for (let round = 1; round <= Math.min(rounds, 3); round += 1) {
        fromSnapshot.push(await at({}, `a start from a snapshot, round ${round}`))
        bare.push(await at({ withoutSnapshots: true }, `a start without a snapshot, round ${round}`))
      }
      const rates = bare.map(({ commands, seconds }) => commands / seconds / 1e6)
      const note = `disk: journal ${number(filled.journalBytes / commands)}, history ${number(filled.historyBytes / commands)} bytes a command`
      return [
        {
          what: 'replay, million records a second',
          unit: 'M/s',
          must: 0.3,
          stretch: 0.5,
          rounds: rates,
          note,
        },
        {
          what: `ready after ${number(commands)} commands without a snapshot`,
          unit: 's',
          must: 5,
          atMost: true,
          rounds: bare.map(({ seconds }) => seconds),
        },
        {
          what: 'ready with a snapshot of them all',
          unit: 's',
          must: 2,
          atMost: true,
          rounds: fromSnapshot.map(({ seconds }) => seconds),
          note: `${number(median(fromSnapshot.map(({ commands }) => commands)))} commands`,
        },
        {
          what: `RSS, growth from ${number(commands / 5)} to ${number(2 * commands)} commands, everything on disk`,
          unit: 'MB',
          must: 60,
          stretch: 20,
          atMost: true,
          rounds: [growth / 2 ** 20],
        },
        {
          what: 'reading an order that closed long ago',
          unit: 'ms',
          must: 5,
          atMost: true,
          rounds: [earlyReadMs],
        },
      ]
    } finally {
      for (const folder of [directory, long]) rmSync(folder, { recursive: true })
    }
  },
}
