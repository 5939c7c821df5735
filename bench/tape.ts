import { alternate, type Bench, type BenchOptions, ratios } from './bench.ts'
import { ask, message, start, stop } from './process.ts'
import { type Measure, median, number } from './report.ts'
import type { TapeReaderInput, TapeReaderResult } from './tape-reader.ts'
import type { TapeServerInput, TapeServerReady } from './tape-server.ts'

const targets = [
  { subscribers: 100, must: 3, stretch: 5 },
  { subscribers: 1000, must: 5, stretch: 12 },
] as const

/** The tape to many subscribers while orders flow, against a `send` for each message and socket. */
export const tape: Bench = {
  name: 'tape',
  async run(options) {
    const measures: Measure[] = []
    for (const target of targets) measures.push(...(await to(target, options)))
    return measures
  },
}

interface Sample {
  readonly perSecond: number
  /** Microseconds of the server's CPU for a message to one subscriber. */
  readonly cpuPerDelivery: number
}

async function to(
  { subscribers, ...target }: (typeof targets)[number],
  { rounds, quick, progress }: BenchOptions,
): Promise<Measure[]> {
  const of = (who: TapeServerInput['who']) => () => {
    progress(`${subscribers} subscribers, ${who}`)
    return sample(who, subscribers, quick ? 2 : 5)
  }
  const [ours, theirs] = await alternate(rounds, [of('stockyard'), of('send each')])
  const rate = (samples: readonly Sample[]) => samples.map((one) => one.perSecond)
  const cpu = (samples: readonly Sample[]) => samples.map((one) => one.cpuPerDelivery)
  return [
    {
      what: `messages a second to ${subscribers}, of a send each`,
      unit: '×',
      ...target,
      rounds: ratios(rate(ours), rate(theirs)),
      note: `${number(median(rate(ours)))}/s, send each ${number(median(rate(theirs)))}/s`,
    },
    {
      what: `server CPU a message to ${subscribers}, of a send each`,
      unit: '×',
      ...target,
      rounds: ratios(cpu(theirs), cpu(ours)),
      note: `${number(median(cpu(ours)))} µs a message and socket, send each ${number(median(cpu(theirs)))} µs`,
    },
  ]
}

async function sample(who: TapeServerInput['who'], subscribers: number, seconds: number): Promise<Sample> {
  const server = start('tape-server', { who } satisfies TapeServerInput)
  const ready = await message<TapeServerReady>(server)
  const task: TapeReaderInput = { ...ready, subscribers, connections: 32, seconds }
  const reader = start('tape-reader', task, { role: 'load' })
  try {
    await message(reader)
    const before = await ask<NodeJS.CpuUsage>(server, 'cpu')
    const result = await ask<TapeReaderResult>(reader, 'go')
    const after = await ask<NodeJS.CpuUsage>(server, 'cpu')
    if (result.astray > 0 || result.disorder > 0) {
      const { astray, disorder } = result
      throw new Error(`${who}: ${astray} subscribers differ, ${disorder} messages lost or out of order`)
    }
    const cpu = after.user - before.user + after.system - before.system
    return {
      perSecond: result.messages / result.seconds,
      cpuPerDelivery: cpu / result.messages / subscribers,
    }
  } finally {
    reader.kill()
    await stop(server)
  }
}
