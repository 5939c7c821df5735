import type { DataSettings } from '../config/config.ts'
import type { Micros } from '../domain/units.ts'
import { nodeFileSystem as files } from '../log/file-system.ts'
import { trimJournal } from '../log/retention.ts'
import { listSnapshots, writeSnapshot } from '../log/snapshot.ts'
import type { Shard } from '../shard.ts'
import { type OpenData, openData } from './data-directory.ts'
import { Snapshots } from './snapshots.ts'

/** The clock may be this far behind the journal before somebody is told, in microseconds. */
const clockTolerance = 60_000_000

export interface DurableShardOptions {
  readonly clock: () => Micros
  /** Told what a person should know. */
  readonly warn: (text: string) => void
  /** Told what may interest a person. */
  readonly info: (text: string) => void
}

/** A shard that lives in a data directory. */
export interface DurableShard {
  readonly shard: Shard
  /** Begins what goes on beside the trading: snapshots, and completing a history that lags. Call it when ready. */
  startWork(): void
  /** Closes the shard and leaves a snapshot if that is done by then, in milliseconds of `performance.now`. */
  close(snapshotUntil: number): Promise<void>
}

/** Opens a data directory, brings its shard back, and keeps it in order from then on. */
export async function openDurableShard(
  { directory, snapshotEvery, keepJournal }: DataSettings,
  { clock, warn, info }: DurableShardOptions,
): Promise<DurableShard> {
  const data = await openData({ directory, clock, warn, progress: createProgress(info) })
  const { shard, paths, history, log } = data
  try {
    await shard.resume()
  } catch (error) {
    await shard.close()
    await data.release()
    throw error
  }
  const behind = log.lastTime - clock()
  if (behind > clockTolerance) {
    warn(
      `the clock is ${Math.round(behind / 1e6)} s behind the journal: times stand still until it has caught up`,
    )
  }
  const snapshots = new Snapshots({
    ...{ shard, paths, history, every: snapshotEvery },
    made(sequence) {
      info(`snapshot after command ${sequence}`)
      const older = listSnapshots(files, paths.snapshots)[1]?.sequence ?? 0
      const covered = Math.min(older, history.synced)
      if (keepJournal < Number.POSITIVE_INFINITY) {
        log.first = trimJournal(files, paths.journal, { keepBytes: keepJournal, covered })
      }
    },
    failed: (error) => warn(`no snapshot: ${error.message}`),
  })
  return {
    shard,
    startWork() {
      shard.attach({ event() {}, applied() {}, release: () => snapshots.batchApplied() })
      if (history.gapEnd !== undefined) info(`completing the history from command ${history.synced + 1}`)
      data.completeHistory().catch((error: Error) => warn(error.message))
    },
    async close(snapshotUntil) {
      await snapshots.close()
      await shard.close()
      try {
        saveLast(data, snapshotUntil)
      } catch (error) {
        // The disk may be what made somebody stop the server.
        warn(`no snapshot: ${(error as Error).message}`)
      }
      await data.release()
    },
  }
}

/** Saves the state at the end, so that the next start has nothing to replay. Left out when it would take too long. */
function saveLast({ shard, paths, history }: OpenData, until: number): void {
  const newest = listSnapshots(files, paths.snapshots)[0]?.sequence ?? 0
  // What the history lacks has left the state: then only the journal has it.
  if (newest >= shard.sequence || history.synced < shard.sequence) return
  try {
    writeSnapshot(files, paths.snapshots, shard.sequence, inTime(shard.save(), until))
  } catch (error) {
    if (!(error instanceof OutOfTime)) throw error
  }
}

class OutOfTime extends Error {}

function* inTime<T>(records: Iterable<T>, until: number): IterableIterator<T> {
  let count = 0
  for (const record of records) {
    count += 1
    if (count % 1000 === 0 && performance.now() > until) throw new OutOfTime()
    yield record
  }
}

/** Says how far a replay has come, once a second. */
function createProgress(info: (text: string) => void): (done: number, all: number) => void {
  let first: number | undefined
  let start = 0
  let looked = 0
  let told = 0
  return (done, all) => {
    if (first === undefined) {
      first = done
      start = performance.now()
      told = start
    }
    // Not at the clock for each order that came alone.
    if (done - looked < 1000) return
    looked = done
    const now = performance.now()
    if (now - told < 1000) return
    told = now
    const rate = (done - first) / ((now - start) / 1000)
    const left = Math.ceil((all - done) / rate)
    info(`replaying: ${done} of ${all} commands, ${Math.round(rate)} a second, ${left} s left`)
  }
}
