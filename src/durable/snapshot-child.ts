import { constants, setPriority } from 'node:os'
import type { Micros } from '../domain/units.ts'
import { nodeFileSystem as files } from '../log/file-system.ts'
import { readJournal } from '../log/journal-reader.ts'
import { MemoryLog } from '../log/memory-log.ts'
import { compressSegments } from '../log/retention.ts'
import { listSnapshots, writeSnapshot } from '../log/snapshot.ts'
import { readVoids } from '../log/voids.ts'
import { Shard } from '../shard.ts'
import { loadNearest } from './nearest-snapshot.ts'

/** What the child is sent to make a snapshot. */
export interface SnapshotTask {
  /** The process that it is made for. */
  readonly server: number
  readonly journal: string
  readonly snapshots: string
  /** The command after which the state is to be saved. */
  readonly sequence: number
  /** The digest that the server had after it. */
  readonly digest: string
}

/** What it answers: nothing went wrong, or what did. */
export interface SnapshotResult {
  readonly error?: string
}

process.once('message', (task: SnapshotTask) => {
  let result: SnapshotResult = {}
  try {
    setPriority(constants.priority.PRIORITY_LOW)
    makeSnapshot(task)
  } catch (error) {
    result = { error: (error as Error).message }
  }
  process.send?.(result, () => {
    if (process.connected) process.disconnect()
  })
})

/**
 * Brings the newest sound snapshot up to a command by the journal, and saves what came of it. Throws, and keeps no
 * snapshot, when that is not what the server has: then one of the two has met a bug.
 */
function makeSnapshot({ server, journal, snapshots, sequence, digest }: SnapshotTask): void {
  const voided = readVoids(files, journal)
  const shard = loadNearest(
    snapshots,
    sequence,
    () => new Shard({ log: new MemoryLog(), clock: () => 0 as Micros, voided }),
  )
  for (const batch of readJournal(files, journal, shard.sequence + 1, sequence)) {
    ensureServed(server)
    for (const command of batch) {
      if (command.sequence > shard.sequence && command.sequence <= sequence) shard.replayOne(command)
    }
  }
  if (shard.sequence !== sequence)
    throw new Error(`the journal ends at command ${shard.sequence}, before ${sequence}`)
  if (shard.digest !== digest) {
    throw new Error(`after command ${sequence} the digest is ${shard.digest}, but the server has ${digest}`)
  }
  writeSnapshot(files, snapshots, shard.sequence, whileServed(shard.save(), server))
  ensureServed(server)
  compressSegments(files, journal, listSnapshots(files, snapshots)[1]?.sequence ?? 0)
}

/** Throws when the server has ended: the next one has a child of its own, and two must not write the same files. */
function ensureServed(server: number): void {
  if (process.ppid !== server) throw new Error('the server has ended')
}

function* whileServed<T>(records: Iterable<T>, server: number): IterableIterator<T> {
  let count = 0
  for (const record of records) {
    count += 1
    if (count % 1000 === 0) ensureServed(server)
    yield record
  }
}
