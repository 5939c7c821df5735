import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { HistoryDamaged } from '../history/files.ts'
import { History, type HistoryOptions } from '../history/history.ts'
import { nodeFileSystem as files } from '../log/file-system.ts'
import { replaceFile } from '../log/replace-file.ts'
import { areMissing, untilRestart } from './advice.ts'

/** A file in the history that says that it was found to be damaged. */
const damageMark = 'DAMAGED'
const cannotBeMade = 'The journal does not reach back to make it anew: restore it from a backup'

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
export async function openHistory(directory: string, options: OpenHistoryOptions): Promise<History> {
  const ofHistory = toHistoryOptions(directory, options)
  try {
    return await openUsable(directory, options, ofHistory)
  } catch (error) {
    const { message } = error as Error
    // A full disk, say, is no reason to part with a history: the journal may not hold all of it any more.
    if (!(error instanceof HistoryDamaged || error instanceof HistoryOutdated))
      throw new Error(`${directory} cannot be used: ${message}`)
    const what = error instanceof HistoryDamaged ? 'damaged' : 'outdated'
    const aside = `${directory}.${what}-${Date.now()}`
    renameSync(directory, aside)
    options.warn(
      `${directory} is ${what} (${message}): set aside as ${aside}, and made anew from the journal; it can be deleted when that is done`,
    )
    return History.open(directory, { ...ofHistory, begin: true })
  }
}

function toHistoryOptions(directory: string, { isWhole, warn, stored }: OpenHistoryOptions): HistoryOptions {
  return {
    // Beside files that lack their list LevelDB would begin anew, and know nothing of what they hold.
    begin: !files.list(directory).some((name) => /\.(ldb|log)$/.test(name)),
    stored,
    failed: ({ message }) => warn(`${directory} cannot be written: ${message}. ${untilRestart}`),
    damaged({ message }) {
      const advice = isWhole ? 'The next start makes it anew from the journal' : cannotBeMade
      warn(`${directory} is damaged: ${message}. ${advice}`)
      try {
        replaceFile(files, join(directory, damageMark), [])
      } catch {
        // The disk is full as well, say: whoever reads it again after the next start says it again.
      }
    },
  }
}

/** Opens a history if it fits to the journal and is not known to be bad. */
async function openUsable(
  directory: string,
  { from, last, isWhole, warn }: OpenHistoryOptions,
  ofHistory: HistoryOptions,
): Promise<History> {
  if (files.list(directory).includes(damageMark)) {
    if (isWhole) throw new HistoryDamaged('it was found so while it was read')
    warn(`${directory} was found to be damaged. ${cannotBeMade}`)
  }
  const history = await History.open(directory, ofHistory)
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
