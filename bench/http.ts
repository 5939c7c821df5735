import type { ChildProcess } from 'node:child_process'
import { alternate, type Bench, type BenchOptions, ratios } from './bench.ts'
import type { HttpServerInput } from './http-server.ts'
import { type LoadResult, loadTool, postOrders } from './load.ts'
import { ask, message, start, stop } from './process.ts'
import { type Measure, median, number } from './report.ts'

/** Of a bare Fastify at so many connections: what must be reached, and by which number. */
const targets = [
  { connections: 32, must: 0.7, stretch: 0.9 },
  { connections: 256, must: 0.6, stretch: 0.9 },
  { connections: 1, must: 0.5 },
] as const

/** Orders over HTTP with everything in memory, against bare Fastify with the same schemas and a constant answer. */
export const http: Bench = {
  name: 'http',
  async run(options) {
    const measures: Measure[] = []
    for (const target of targets) measures.push(...(await at(target, options)))
    return measures
  },
}

interface Sample extends LoadResult {
  /** Microseconds of the server's CPU, all its threads. */
  readonly cpuPerRequest: number
}

/** Two processes of one program can differ by a tenth for as long as they live, so each is started several times. */
const starts = 3

async function at(
  { connections, ...target }: { connections: number; must: number; stretch?: number },
  { rounds, quick, progress }: BenchOptions,
): Promise<Measure[]> {
  const own: Sample[] = []
  const rival: Sample[] = []
  for (let i = 1; i <= (quick ? 1 : starts); i += 1) {
    const [ours, bare] = await pair(connections, { rounds, quick, progress })
    own.push(...ours)
    rival.push(...bare)
  }
  const cpu = (samples: readonly Sample[]) => samples.map((one) => one.cpuPerRequest)
  const rate = (samples: readonly Sample[]) => samples.map((one) => one.perSecond)
  const what = `of bare Fastify, ${connections} connection${connections === 1 ? '' : 's'}`
  return [
    {
      what: `CPU per request, ${what}`,
      unit: '×',
      ...target,
      rounds: ratios(cpu(rival), cpu(own)),
      note: `${number(median(cpu(own)))} µs, bare ${number(median(cpu(rival)))} µs`,
    },
    {
      what: `requests a second, ${what}`,
      unit: '×',
      ...target,
      rounds: ratios(rate(own), rate(rival)),
      note: `${number(median(rate(own)))}/s, bare ${number(median(rate(rival)))}/s, by ${loadTool}`,
    },
  ]
}

async function pair(
  connections: number,
  { rounds, quick, progress }: BenchOptions,
): Promise<readonly [Sample[], Sample[]]> {
  const ours = await serve('stockyard')
  const bare = await serve('bare')
  const seconds = quick ? 1 : 2
  const of = (server: Server, what: string) => () => {
    progress(`${connections} connections, ${server.who}${what}`)
    return sample(server, connections, seconds)
  }
  try {
    await alternate(2, [of(ours, ', warming up'), of(bare, ', warming up')])
    return await alternate(rounds, [of(ours, ''), of(bare, '')])
  } finally {
    await Promise.all([stop(ours.child), stop(bare.child)])
  }
}

interface Server {
  readonly who: HttpServerInput['who']
  readonly child: ChildProcess
  readonly port: number
}

async function serve(who: HttpServerInput['who']): Promise<Server> {
  const child = start('http-server', { who } satisfies HttpServerInput)
  const { port } = await message<{ port: number }>(child)
  return { who, child, port }
}

async function sample({ child, port }: Server, connections: number, seconds: number): Promise<Sample> {
  const before = await ask<NodeJS.CpuUsage>(child, 'cpu')
  const result = await postOrders({ port, connections, seconds })
  const after = await ask<NodeJS.CpuUsage>(child, 'cpu')
  const cpu = after.user - before.user + after.system - before.system
  return { ...result, cpuPerRequest: cpu / result.requests }
}
