import type { ChildProcess } from 'node:child_process'
import { alternate, type Bench, type BenchOptions, ratios } from './bench.ts'
import type { HttpServerInput } from './http-server.ts'
import { type LoadResult, loadTool, postOrders } from './load.ts'
import { ask, message, start, stop } from './process.ts'
import { type Measure, median, number } from './report.ts'

/** What is compared at so many connections: what must be reached, and by which number. */
interface Target {
  readonly connections: number
  readonly must: number
  readonly stretch?: number
}

type Who = HttpServerInput['who']

/** Orders over HTTP with everything in memory, against bare Fastify with the same schemas and a constant answer. */
export const http: Bench = {
  name: 'http',
  run: (options) =>
    each(
      [
        { connections: 32, must: 0.7, stretch: 0.9 },
        { connections: 256, must: 0.6, stretch: 0.9 },
        { connections: 1, must: 0.5 },
      ],
      (target) => compare('stockyard', 'bare', 'of bare Fastify', target, options),
    ),
}

/**
 * Orders over HTTP with everything on disk, against bare Fastify that answers a constant once the order is on the disk
 * too, by the same journal and the same group commit; and against bare Fastify that has no disk, by CPU only.
 */
export const durable: Bench = {
  name: 'durable',
  async run(options) {
    const committed = await each(
      [
        { connections: 32, must: 0.8, stretch: 0.95 },
        { connections: 256, must: 0.65, stretch: 0.9 },
        { connections: 1, must: 0.75, stretch: 0.9 },
      ],
      (target) =>
        compare('stockyard-durable', 'bare-commit', 'of bare Fastify that commits', target, options),
    )
    const target = { connections: 32, must: 0.6, stretch: 0.8 }
    const [cpu] = await compare(
      'stockyard-durable',
      'bare',
      'of bare Fastify without a disk',
      target,
      options,
    )
    return [...committed, cpu as Measure]
  },
}

async function each(
  targets: readonly Target[],
  measure: (target: Target) => Promise<Measure[]>,
): Promise<Measure[]> {
  const measures: Measure[] = []
  for (const target of targets) measures.push(...(await measure(target)))
  return measures
}

interface Sample extends LoadResult {
  /** Microseconds of the server's CPU, all its threads. */
  readonly cpuPerRequest: number
}

/** Two processes of one program can differ by a tenth for as long as they live, so each is started several times. */
const starts = 3

async function compare(
  who: Who,
  against: Who,
  rivalName: string,
  { connections, ...target }: Target,
  { rounds, quick, progress }: BenchOptions,
): Promise<Measure[]> {
  const own: Sample[] = []
  const rival: Sample[] = []
  for (let i = 1; i <= (quick ? 1 : starts); i += 1) {
    const [ours, theirs] = await pair([who, against], connections, { rounds, quick, progress })
    own.push(...ours)
    rival.push(...theirs)
  }
  const cpu = (samples: readonly Sample[]) => samples.map((one) => one.cpuPerRequest)
  const rate = (samples: readonly Sample[]) => samples.map((one) => one.perSecond)
  const what = `${rivalName}, ${connections} connection${connections === 1 ? '' : 's'}`
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
  [who, against]: readonly [Who, Who],
  connections: number,
  { rounds, quick, progress }: BenchOptions,
): Promise<readonly [Sample[], Sample[]]> {
  const ours = await serve(who)
  const bare = await serve(against)
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
  readonly who: Who
  readonly child: ChildProcess
  readonly port: number
}

async function serve(who: Who): Promise<Server> {
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
