import { setImmediate } from 'node:timers/promises'
import type { Micros } from '../domain/units.ts'
import type { History } from '../history/history.ts'
import { nodeFileSystem as files } from '../log/file-system.ts'
import { readJournal } from '../log/journal-reader.ts'
import { MemoryLog } from '../log/memory-log.ts'
import { listSegments } from '../log/segment.ts'
import { Shard } from '../shard.ts'
import type { DataPaths } from './data-paths.ts'
import { loadNearest, loadOldest } from './nearest-snapshot.ts'

/** How long trading may have to wait for a piece of this work, in milliseconds. */
const sliceMs = 5

export interface CatchUpOptions {
  readonly paths: Pick<DataPaths, 'journal' | 'snapshots'>
  readonly voided: ReadonlySet<number>
  readonly history: History
  /** Says when to give up: the rest is then done after the next start. */
  readonly isOpen: () => boolean
  /** Told what a person should know. */
  readonly warn: (text: string) => void
}

/**
 * Fills the gap of a history that ends before the start: replays the journal once more, beside the trading, and stores
 * what closed in it. Where the journal does not reach back far enough, what ended before it is lost, and told so.
 */
export async function catchUp({ paths, voided, history, isOpen, warn }: CatchUpOptions): Promise<void> {
  const { gapEnd } = history
  if (gapEnd === undefined) return
  const shard = begin(paths, history, warn, () => {
    return new Shard({ log: new MemoryLog(), clock: () => 0 as Micros, voided, history, fillsGap: true })
  })
  let start = performance.now()
  for (const batch of readJournal(files, paths.journal, shard.sequence + 1, gapEnd)) {
    for (const command of batch) {
      if (command.sequence > shard.sequence && command.sequence <= gapEnd) shard.replayOne(command)
    }
    if (performance.now() - start < sliceMs) continue
    history.fillGap(shard.sequence)
    while (history.isBusy) await history.flush()
    await setImmediate()
    if (!isOpen() || history.hasFailed) return
    start = performance.now()
  }
  history.fillGap(shard.sequence)
  if (shard.sequence < gapEnd) {
    throw new Error(
      `the history cannot be completed: ${paths.journal} is not sound behind command ${shard.sequence}. 'stockyard journal verify' says where; restore it from a backup`,
    )
  }
}

/** A shard at the command from which the journal is replayed. */
function begin(
  { journal, snapshots }: CatchUpOptions['paths'],
  history: History,
  warn: CatchUpOptions['warn'],
  create: () => Shard,
): Shard {
  const nearest = loadNearest(snapshots, history.synced, create)
  const first = listSegments(files, journal)[0]?.first ?? 1
  if (first <= nearest.sequence + 1) return nearest
  const shard = loadOldest(snapshots, first, create)
  const { sequence, time } = shard
  if (first > sequence + 1) {
    throw new Error(
      `the history cannot be completed: no snapshot is left from which the journal goes on, which starts at ${first}`,
    )
  }
  warn(
    `the history reaches to command ${history.synced}, and the journal starts at ${first}: what ended in between, and up to command ${sequence}, is lost, and reading it is answered by history_lost. A backup of the history would bring it back`,
  )
  history.lose({ sequence, time })
  return shard
}
