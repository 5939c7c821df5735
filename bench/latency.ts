import type { Bench, BenchOptions } from './bench.ts'
import type { HttpServerInput } from './http-server.ts'
import type { LatencyInput, LatencyResult } from './latency-load.ts'
import { message, run, start, stop } from './process.ts'
import { type Measure, median, number } from './report.ts'
import type { SyncResult } from './sync-worker.ts'

export const ordersPerSecond = 3000

/**
 * How long an order waits for its answer when orders come at a steady rate, whether or not earlier ones have been
 * answered: with everything on disk, of what memory and the device itself take.
 */
export const latency: Bench = {
  name: 'latency',
  async run(options) {
    return [
      await compare('', { who: 'stockyard-durable' }, options),
      await compare(
        ', while snapshots are made',
        { who: 'stockyard-durable', snapshotEvery: 10_000 },
        options,
      ),
    ]
  },
}

async function compare(
  when: string,
  durable: HttpServerInput,
  { rounds, quick, progress }: BenchOptions,
): Promise<Measure> {
  const seconds = quick ? 3 : 10
  const onDisk: number[] = []
  const inMemory: number[] = []
  const syncs: number[] = []
  for (let round = 1; round <= rounds; round += 1) {
    progress(`the device, round ${round}`)
    syncs.push((await run<SyncResult>('sync-worker', { count: quick ? 500 : 2000 })).p99)
    progress(`orders in memory${when}, round ${round}`)
    inMemory.push((await sampleLatency({ who: 'stockyard' }, { seconds })).answers.p99)
    progress(`orders on disk${when}, round ${round}`)
    onDisk.push((await sampleLatency(durable, { seconds })).answers.p99)
  }
  return {
    what: `p99 of orders at ${number(ordersPerSecond)}/s${when}, of 2 × memory + 2 × sync`,
    unit: '×',
    must: 1,
    atMost: true,
    rounds: onDisk.map((ms, i) => ms / (2 * (inMemory[i] as number) + 2 * (syncs[i] as number))),
    note: `${number(median(onDisk))} ms, memory ${number(median(inMemory))} ms, sync ${number(median(syncs))} ms`,
  }
}

/** Orders at a steady rate to a server of their own, with readers of its book if wanted. */
export async function sampleLatency(
  server: HttpServerInput,
  { seconds, readers = 0 }: { readonly seconds: number; readonly readers?: number },
): Promise<LatencyResult> {
  const child = start('http-server', server)
  try {
    const { port } = await message<{ port: number }>(child)
    const task: LatencyInput = { port, perSecond: ordersPerSecond, seconds, connections: 64, readers }
    return await run<LatencyResult>('latency-load', task, { role: 'load' })
  } finally {
    await stop(child)
  }
}
