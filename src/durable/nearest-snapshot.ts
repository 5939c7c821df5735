import { nodeFileSystem as files } from '../log/file-system.ts'
import { listSnapshots, readSnapshot } from '../log/snapshot.ts'
import type { SavedShard, Shard } from '../shard.ts'

/**
 * A new shard, brought to the newest snapshot that is not after a command. One that turns out to be bad is passed over:
 * it is only a shorter way to the same state, and the start has warned of it.
 */
export function loadNearest(directory: string, sequence: number, create: () => Shard): Shard {
  for (const snapshot of listSnapshots(files, directory)) {
    if (snapshot.sequence > sequence) continue
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
