import { accessSync, constants, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Micros, Sequence } from './domain/units.ts'
import { FileLog, type FileLogOptions } from './log/file-log.ts'
import { nodeFileSystem as files } from './log/file-system.ts'
import { lockDirectory } from './log/lock.ts'
import { checkSnapshot, listSnapshots, readSnapshot, type Snapshot } from './log/snapshot.ts'
import { readVoids } from './log/voids.ts'
import { type SavedShard, Shard } from './shard.ts'

/** Where what is in a data directory. */
export interface DataPaths {
  readonly root: string
  readonly journal: string
  readonly snapshots: string
}

export function dataPaths(directory: string): DataPaths {
  const root = resolve(directory)
  return { root, journal: join(root, 'journal'), snapshots: join(root, 'snapshots') }
}

export interface OpenDataOptions {
  readonly directory: string
  readonly clock: () => Micros
  /** Told what a person should know: a torn tail that was cut, a snapshot that could not be used. */
  readonly warn: (text: string) => void
  /** Told now and then how far a replay has come. */
  readonly progress?: (done: number, all: number) => void
  /** Writes the journal; without it a thread of its own does. */
  readonly openWriter?: FileLogOptions['openWriter']
}

export interface OpenData {
  readonly shard: Shard
  readonly paths: DataPaths
  readonly log: FileLog
  /** Gives the directory free, after the shard was closed. */
  release(): Promise<void>
}

/**
 * Opens a data directory, and brings back the shard that lives in it: newest sound snapshot, then the journal behind
 * it. Throws an Error with one clear sentence when the directory cannot be used.
 */
export async function openData(options: OpenDataOptions): Promise<OpenData> {
  const paths = dataPaths(options.directory)
  ensureWritable(paths.root)
  const release = await lockDirectory(paths.root)
  try {
    return { ...(await recover(paths, options)), paths, release }
  } catch (error) {
    await release()
    throw error
  }
}

function ensureWritable(root: string): void {
  try {
    mkdirSync(root, { recursive: true })
    accessSync(root, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new Error(
      `${root} cannot be written (${(error as NodeJS.ErrnoException).code}): choose another --data`,
    )
  }
}

async function recover(
  paths: DataPaths,
  { clock, warn, progress, openWriter }: OpenDataOptions,
): Promise<{ shard: Shard; log: FileLog }> {
  const voided = readVoids(files, paths.journal)
  const snapshots = listSnapshots(files, paths.snapshots)
  // A snapshot is only a shorter way to the same state: when one is bad, the one before or the whole journal serves.
  for (const snapshot of [...snapshots, undefined]) {
    const state = snapshot === undefined ? [] : readState(snapshot, warn)
    if (state === undefined) continue
    const from = (snapshot?.sequence ?? 0) + 1
    const log = FileLog.open({ directory: paths.journal, from: from as Sequence, ...(openWriter && { openWriter }) })
    try {
      if (from < log.first)
        throw new Error(`${paths.journal} starts at command ${log.first}; ${from} is needed`)
      if (log.last < from - 1) {
        throw new Error(`${paths.journal} ends at command ${log.last}, before the snapshot ${snapshot?.path}`)
      }
      for (const { path, offset, bytes } of log.torn) {
        warn(
          `${path}: cut ${bytes} bytes at ${offset} that a crash had left half-written; nothing acknowledged is lost`,
        )
      }
      const shard = new Shard({ log, clock, voided })
      shard.load(state)
      await shard.replay(progress)
      return { shard, log }
    } catch (error) {
      await log.close()
      throw error
    }
  }
  throw new Error('unreachable: the last candidate is no snapshot')
}

/** The records of a snapshot that is sound to its end; undefined, with a warning, when it is not. */
function readState(snapshot: Snapshot, warn: (text: string) => void): Iterable<SavedShard> | undefined {
  try {
    checkSnapshot(files, snapshot)
  } catch (error) {
    warn(`${(error as Error).message}: it is not used`)
    return undefined
  }
  return readSnapshot(files, snapshot) as Iterable<SavedShard>
}
