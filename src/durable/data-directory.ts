import { accessSync, constants, statSync } from 'node:fs'
import type { Micros } from '../domain/units.ts'
import type { History } from '../history/history.ts'
import { FileLog, type FileLogOptions } from '../log/file-log.ts'
import { nodeFileSystem as files } from '../log/file-system.ts'
import { scanJournal } from '../log/journal-scan.ts'
import { lockDirectory } from '../log/lock.ts'
import { removeDrafts } from '../log/replace-file.ts'
import { checkSnapshot, listSnapshots, readSnapshot, type Snapshot } from '../log/snapshot.ts'
import { readVoids } from '../log/voids.ts'
import { type SavedShard, Shard } from '../shard.ts'
import { areMissing, untilRestart } from './advice.ts'
import { type DataPaths, dataPaths } from './data-paths.ts'
import { catchUp } from './history-catch-up.ts'
import { openHistory } from './open-history.ts'

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
  readonly history: History
  /** Completes a history that ends before the start; resolves when it is whole, or the shard closes. Throws when it cannot be. */
  completeHistory(): Promise<void>
  /** Gives the directory free, after the shard was closed. */
  release(): Promise<void>
}

/** Commands that the history may be behind for the start to complete it; more of them are left for later. */
const mostToCatchUp = 20_000

/**
 * Opens a data directory, and brings back the shard that lives in it: newest sound snapshot, then the journal behind
 * it. Throws an Error with one clear sentence when the directory cannot be used.
 */
export async function openData(options: OpenDataOptions): Promise<OpenData> {
  const paths = dataPaths(options.directory)
  ensureWritable(paths.root, '--data')
  const release = await lockDirectory(paths.root)
  try {
    return { ...(await recover(paths, options)), paths, release }
  } catch (error) {
    await release()
    throw error
  }
}

/** Makes a data directory where there is none. Throws an Error with one clear sentence when nothing can be written there. */
export function ensureWritable(root: string, flag: string): void {
  try {
    if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) files.makeDirectory(root)
    accessSync(root, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new Error(
      `${root} cannot be written (${(error as NodeJS.ErrnoException).code}): choose another ${flag}`,
    )
  }
}

async function recover(
  paths: DataPaths,
  { clock, warn, progress, openWriter }: OpenDataOptions,
): Promise<Omit<OpenData, 'paths' | 'release'>> {
  for (const directory of [paths.journal, paths.snapshots]) removeDrafts(files, directory)
  const voided = readVoids(files, paths.journal)
  const snapshot = newestSound(paths.snapshots, warn)
  const from = (snapshot?.sequence ?? 0) + 1
  const scan = scanJournal(files, paths.journal, from)
  const { first } = scan
  const last = scan.end.next - 1
  checkReach(paths, { first, last, from })
  let shard: Shard
  const history = await openHistory(paths.history, {
    ...{ from, last, isWhole: first === 1, warn },
    stored: (orders) => shard.forget(orders),
  })
  let log: FileLog | undefined
  try {
    // Only now that nothing speaks against it is anything cut.
    log = FileLog.open({ directory: paths.journal, scan, ...(openWriter && { openWriter }) })
    files.syncDirectory(paths.root)
    for (const { path, offset, bytes } of log.torn) {
      warn(
        `${path}: cut ${bytes} bytes at ${offset} that a crash had left half-written; nothing acknowledged is lost`,
      )
    }
    shard = new Shard({
      ...{ log, clock, voided, history },
      failed: ({ message }) => warn(`${paths.journal} cannot be written: ${message}. ${untilRestart}`),
    })
    if (snapshot !== undefined) shard.load(readSnapshot(files, snapshot) as Iterable<SavedShard>)
    // What it lacks of the time before the snapshot, or a lot, is stored beside the trading: the start does not wait.
    // A gap that an earlier process did not come to fill stays what it is.
    const lacksMuch = history.synced < shard.sequence || history.synced < log.last - mostToCatchUp
    if (history.gapEnd === undefined && lacksMuch) history.openGap(log.last)
    await shard.replay(progress)
    const completeHistory = () => catchUp({ paths, voided, history, isOpen: () => shard.isOpen, warn })
    return { shard, log, history, completeHistory }
  } catch (error) {
    await history.close()
    await log?.close()
    throw error
  }
}

/** Refuses a journal that does not go on where the snapshot ends. */
function checkReach(
  paths: DataPaths,
  { first, last, from }: { readonly first: number; readonly last: number; readonly from: number },
): void {
  if (from < first) {
    throw new Error(
      `${paths.journal} starts at command ${first}, but ${from} is needed: restore what is missing from a backup, the journal or the snapshots`,
    )
  }
  if (last < from - 1) {
    throw new Error(
      `${paths.journal} ends at command ${last}, before the snapshot of ${from - 1} in ${paths.snapshots}: ${areMissing}; to go on without them, move the newer snapshots and the history away`,
    )
  }
}

/**
 * The newest snapshot that is sound to its end. It is only a shorter way to the same state: when one is bad, the one
 * before it or the whole journal serves.
 */
function newestSound(directory: string, warn: (text: string) => void): Snapshot | undefined {
  for (const snapshot of listSnapshots(files, directory)) {
    try {
      checkSnapshot(files, snapshot)
      return snapshot
    } catch (error) {
      warn(`${(error as Error).message}: it is not used`)
    }
  }
  return undefined
}
