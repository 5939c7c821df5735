import { nodeFileSystem as files } from '../log/file-system.ts'
import { listSnapshots, readSnapshot, type Snapshot } from '../log/snapshot.ts'
import type { SavedShard, Shard } from '../shard.ts'

/** A new shard, brought to the oldest snapshot from which a journal goes on that begins with a command. */
export function loadOldest(directory: string, first: number, create: () => Shard): Shard {
  const usable = listSnapshots(files, directory).filter(({ sequence }) => sequence >= first - 1)
  return load(usable.toReversed(), create)
}

/**
 * A new shard, brought to the newest snapshot that is not after a command. One that turns out to be bad is passed over:
 * it is only a shorter way to the same state, and the start has warned of it.
 */
export function loadNearest(directory: string, sequence: number, create: () => Shard): Shard {
  return load(
    listSnapshots(files, directory).filter((snapshot) => snapshot.sequence <= sequence),
    create,
  )
}

/** The first of some snapshots that is sound; without one the shard is as at the beginning. */
function load(snapshots: readonly Snapshot[], create: () => Shard): Shard {
  for (const snapshot of snapshots) {
    const shard = create()
    try {
      shard.load(readSnapshot(files, snapshot) as Iterable<SavedShard>)
      return shard
    } catch {
      // The one before it serves, or the whole journal.
    }
  }
  return create()
}
