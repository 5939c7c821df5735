import type { Lots, Micros } from '../domain/units.ts'
import { Engine } from '../engine/engine.ts'
import { EngineLoader, type SavedRecord } from '../engine/saved-state.ts'
import type { FileSystem } from '../log/file-system.ts'
import { readJournal } from '../log/journal-reader.ts'
import { scanJournal } from '../log/journal-scan.ts'
import { listSnapshots, readSnapshot, type Snapshot } from '../log/snapshot.ts'
import { readVoids } from '../log/voids.ts'
import type { BookRecord } from './book-record.ts'
import { Recorder, type Wanted } from './recorder.ts'

export interface Replayed {
  /** The busiest first. */
  readonly books: readonly BookRecord[]
  /** Some books that had orders, wanted or not. */
  readonly seen: readonly string[]
  readonly commands: number
  /** When the record begins, if older commands are not in the journal any more. */
  readonly cutAt: Micros | undefined
}

interface Replay {
  readonly files: FileSystem
  readonly journal: string
  readonly snapshots: string
  readonly wanted: Wanted
  /** Told after each batch how many commands of how many are done. */
  readonly progress: (done: number, all: number) => void
}

/**
 * Replays a journal from its beginning, and takes down what became of the books. Where the journal begins later, it
 * goes on from the oldest snapshot that fits. It only reads, and may run beside a server: what is written after it
 * began is left out, and a frame that is half-written too. Throws an Error that says what is wrong.
 */
export function replayForReport({ files, journal, snapshots, wanted, progress }: Replay): Replayed {
  const { first, end } = scanJournal(files, journal)
  const voided = readVoids(files, journal)
  const engine = first === 1 ? new Engine() : loadOldest(files, snapshots, journal, first)
  const cutAt = first === 1 ? undefined : engine.time
  const begin = engine.sequence + 1
  const last = end.next - 1
  const recorder = new Recorder(engine, wanted)
  for (const batch of readJournal(files, journal, begin, last)) {
    for (const command of batch) {
      if (command.sequence >= begin) recorder.apply(command, voided.has(command.sequence))
    }
    progress(engine.sequence - begin + 1, end.next - begin)
  }
  const commands = engine.sequence - begin + 1
  return { books: recorder.finish(), seen: [...recorder.seen], commands, cutAt }
}

function loadOldest(files: FileSystem, directory: string, journal: string, first: number): Engine {
  const fitting = listSnapshots(files, directory).filter(({ sequence }) => sequence >= first - 1)
  for (const snapshot of fitting.reverse()) {
    try {
      return loadSnapshot(files, snapshot)
    } catch {
      // The next newer one serves too.
    }
  }
  throw new Error(`${journal} begins with command ${first}, and no sound snapshot has what came before it`)
}

function loadSnapshot(files: FileSystem, snapshot: Snapshot): Engine {
  const loader = new EngineLoader()
  for (const record of readSnapshot(files, snapshot) as Iterable<SavedForReport>) {
    if ('engine' in record) loader.add(record.engine)
    else if ('market' in record && record.market.type === 'order')
      loader.fill(record.market.venue, record.market.order.id, record.market.order.filled)
  }
  return loader.engine
}

/** What of a saved shard is of use here. */
type SavedForReport =
  | { readonly engine: SavedRecord }
  | { readonly market: { readonly type: 'order'; readonly venue: string; readonly order: SavedOrder } }
  | { readonly market: { readonly type: 'other' } }
  | { readonly time: Micros }

interface SavedOrder {
  readonly id: number
  readonly filled: Lots
}
