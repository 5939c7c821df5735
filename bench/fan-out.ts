import { alternate, type BenchOptions, ratios } from './bench.ts'
import type { FanOutReaderInput, FanOutReaderResult } from './fan-out-reader.ts'
import type { FanOutServerInput, FanOutServerReady } from './fan-out-server.ts'
import { ask, message, start, stop } from './process.ts'
import { type Measure, median, number, type Target } from './report.ts'
import type { StreamName } from './streams.ts'

interface Sample {
  readonly perSecond: number
  /** Microseconds of the server's CPU for a message to one subscriber. */
  readonly cpuPerDelivery: number
}

/** A stream to many subscribers while orders flow, against a `send` for each message and socket. */
export async function fanOut(
  stream: StreamName,
  subscribers: number,
  target: Target,
  { rounds, quick, progress }: BenchOptions,
): Promise<Measure[]> {
  const of = (who: FanOutServerInput['who']) => () => {
    progress(`${stream} to ${subscribers} subscribers, ${who}`)
    return sample({ who, stream }, subscribers, quick ? 2 : 5)
  }
  const [ours, theirs] = await alternate(rounds, [of('stockyard'), of('send each')])
  const rate = (samples: readonly Sample[]) => samples.map((one) => one.perSecond)
  const cpu = (samples: readonly Sample[]) => samples.map((one) => one.cpuPerDelivery)
  return [
    {
      what: `${stream} messages a second to ${subscribers}, of a send each`,
      unit: '×',
      ...target,
      rounds: ratios(rate(ours), rate(theirs)),
      note: `${number(median(rate(ours)))}/s, send each ${number(median(rate(theirs)))}/s`,
    },
    {
      what: `server CPU a ${stream} message to ${subscribers}, of a send each`,
      unit: '×',
      ...target,
      rounds: ratios(cpu(theirs), cpu(ours)),
      note: `${number(median(cpu(ours)))} µs a message and socket, send each ${number(median(cpu(theirs)))} µs`,
    },
  ]
}

async function sample(task: FanOutServerInput, subscribers: number, seconds: number): Promise<Sample> {
  const server = start('fan-out-server', task)
  const ready = await message<FanOutServerReady>(server)
  const { who, stream } = task
  const load: FanOutReaderInput = { ...ready, stream, subscribers, connections: 32, seconds }
  const reader = start('fan-out-reader', load, { role: 'load' })
  try {
    await message(reader)
    const before = await ask<NodeJS.CpuUsage>(server, 'cpu')
    const result = await ask<FanOutReaderResult>(reader, 'go')
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
