import { accessSync, constants, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Micros } from '../domain/units.ts'
import { HistoryDamaged } from '../history/files.ts'
import { History, type HistoryOptions } from '../history/history.ts'
import { FileLog, type FileLogOptions } from '../log/file-log.ts'
import { nodeFileSystem as files } from '../log/file-system.ts'
import { scanJournal } from '../log/journal-scan.ts'
import { lockDirectory } from '../log/lock.ts'
import { removeDrafts, replaceFile } from '../log/replace-file.ts'
import { checkSnapshot, listSnapshots, readSnapshot, type Snapshot } from '../log/snapshot.ts'
import { readVoids } from '../log/voids.ts'
import { type SavedShard, Shard } from '../shard.ts'
import { type DataPaths, dataPaths } from './data-paths.ts'
import { catchUp } from './history-catch-up.ts'

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

/** What a person should know and do when the disk has failed. */
const untilRestart = 'No orders are taken from now on: make room or mend the disk, then restart'
/** A file in the history that says that it was found to be damaged. */
const damageMark = 'DAMAGED'
const cannotBeMade = 'The journal does not reach back to make it anew: restore it from a backup'
/** What it means when something else knows of later commands than the journal, and what a person may do. */
const areMissing = 'commands that were answered are missing. Restore the journal from a backup'
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

interface OpenHistoryOptions {
  /** The first and the last command that are replayed. */
  readonly from: number
  readonly last: number
  /** Whether the journal has all commands from the first one on. */
  readonly isWhole: boolean
  readonly warn: (text: string) => void
  readonly stored: HistoryOptions['stored']
}

/** Opens the history; one that cannot be used is set aside, and a new one begun, to be filled from the journal. */
async function openHistory(
  directory: string,
  { from, last, isWhole, warn, stored }: OpenHistoryOptions,
): Promise<History> {
  const options = {
    // Beside files that lack their list LevelDB would begin anew, and know nothing of what they hold.
    begin: !files.list(directory).some((name) => /\.(ldb|log)$/.test(name)),
    stored,
    failed: ({ message }: Error) => warn(`${directory} cannot be written: ${message}. ${untilRestart}`),
    damaged({ message }: Error) {
      warn(
        `${directory} is damaged: ${message}. ${isWhole ? 'The next start makes it anew from the journal' : cannotBeMade}`,
      )
      try {
        replaceFile(files, join(directory, damageMark), [])
      } catch {
        // The disk is full as well, say: whoever reads it again after the next start says it again.
      }
    },
  }
  try {
    if (files.list(directory).includes(damageMark)) {
      if (isWhole) throw new HistoryDamaged('it was found so while it was read')
      warn(`${directory} was found to be damaged. ${cannotBeMade}`)
    }
    const history = await History.open(directory, options)
    try {
      checkHistory(history, from, last)
      if (history.lacksCandles) {
        if (isWhole) throw new HistoryOutdated('it has no candles')
        warn(`${directory} has no candles of before, and the journal does not reach back to make them`)
      }
      return history
    } catch (error) {
      await history.close()
      throw error
    }
  } catch (error) {
    const { message } = error as Error
    // A full disk, say, is no reason to part with a history: the journal may not hold all of it any more.
    if (!(error instanceof HistoryDamaged || error instanceof HistoryOutdated))
      throw new Error(`${directory} cannot be used: ${message}`)
    const what = error instanceof HistoryDamaged ? 'damaged' : 'outdated'
    const aside = `${directory}.${what}-${Date.now()}`
    renameSync(directory, aside)
    warn(
      `${directory} is ${what} (${message}): set aside as ${aside}, and made anew from the journal; it can be deleted when that is done`,
    )
    return History.open(directory, { ...options, begin: true })
  }
}

/** Throws when a history does not fit to what will be replayed. */
function checkHistory({ reach, gapEnd }: History, from: number, last: number): void {
  if (reach > last) {
    // It is only given what the journal has on the disk.
    throw new Error(
      `it reaches to command ${reach}, but the journal only to ${last}: ${areMissing}; to go on without them, move the history away`,
    )
  }
  if (gapEnd !== undefined && reach < from - 1)
    throw new HistoryDamaged(`it has a gap and reaches only to command ${reach}, the snapshot to ${from - 1}`)
}

/** A history that an earlier build began, which stored less. */
class HistoryOutdated extends Error {}
