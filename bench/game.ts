import { alternate, type Bench, type BenchOptions, ratios } from './bench.ts'
import type { GameLoadInput, GameLoadResult } from './game-load.ts'
import type { GameServerInput, GameServerReady } from './game-server.ts'
import { ask, message, start, stop } from './process.ts'
import { type Measure, median, number } from './report.ts'

const players = 50
const readers = 1000

/** The cxgame with everything on disk: commands of many players, and its feed to many readers. */
export const game: Bench = {
  name: 'game',
  async run(options) {
    return [await commands(options), ...(await feed(options))]
  },
}

interface Sample {
  readonly perSecond: number
  /** Microseconds of the server's CPU for a message to one reader. */
  readonly cpuPerDelivery: number
}

async function commands({ rounds, quick, progress }: BenchOptions): Promise<Measure> {
  const samples: Sample[] = []
  for (let round = 1; round <= rounds; round += 1) {
    progress(`commands of ${players} players, round ${round}`)
    samples.push(await sample('stockyard', 0, quick ? 2 : 5))
  }
  const perSecond = samples.map((one) => one.perSecond)
  return {
    what: `commands a second of ${players} players, on disk`,
    unit: '/s',
    must: 5000,
    rounds: perSecond,
    note: 'each player waits for its reply',
  }
}

async function feed({ rounds, quick, progress }: BenchOptions): Promise<Measure[]> {
  const of = (who: GameServerInput['who']) => () => {
    progress(`${readers} readers of the feed, ${who}`)
    return sample(who, readers, quick ? 2 : 5)
  }
  const [ours, theirs] = await alternate(rounds, [of('stockyard'), of('send each')])
  const rate = (samples: readonly Sample[]) => samples.map((one) => one.perSecond)
  const cpu = (samples: readonly Sample[]) => samples.map((one) => one.cpuPerDelivery)
  return [
    {
      what: `feed messages a second to ${readers}, of a send each`,
      unit: '×',
      must: 3,
      rounds: ratios(rate(ours), rate(theirs)),
      note: `${number(median(rate(ours)))}/s, send each ${number(median(rate(theirs)))}/s`,
    },
    {
      what: `server CPU a feed message to ${readers}, of a send each`,
      unit: '×',
      must: 3,
      rounds: ratios(cpu(theirs), cpu(ours)),
      note: `${number(median(cpu(ours)))} µs a message and reader, send each ${number(median(cpu(theirs)))} µs`,
    },
  ]
}

async function sample(who: GameServerInput['who'], subscribers: number, seconds: number): Promise<Sample> {
  const server = start('game-server', { who } satisfies GameServerInput)
  const ready = await message<GameServerReady>(server)
  const task: GameLoadInput = { ...ready, players, subscribers, seconds }
  const load = start('game-load', task, { role: 'load' })
  try {
    await message(load)
    const before = await ask<NodeJS.CpuUsage>(server, 'cpu')
    const result = await ask<GameLoadResult>(load, 'go')
    const after = await ask<NodeJS.CpuUsage>(server, 'cpu')
    if (result.missing > 0) throw new Error(`${who}: readers missed ${result.missing} messages`)
    const cpu = after.user - before.user + after.system - before.system
    const messages = subscribers === 0 ? result.commands : result.messages
    return {
      perSecond: messages / result.seconds,
      cpuPerDelivery: cpu / Math.max(1, result.messages * subscribers),
    }
  } finally {
    load.kill()
    await stop(server)
  }
}
