import { fork } from 'node:child_process'
import type { History } from '../history/history.ts'
import { nodeFileSystem as files } from '../log/file-system.ts'
import { listSnapshots } from '../log/snapshot.ts'
import type { Shard } from '../shard.ts'
import type { DataPaths } from './data-paths.ts'
import type { SnapshotResult, SnapshotTask } from './snapshot-child.ts'

export interface SnapshotsOptions {
  readonly shard: Shard
  readonly paths: DataPaths
  readonly history: History
  /** Commands between two snapshots. */
  readonly every: number
  /** Told when one was made, with its sequence number. */
  readonly made: (sequence: number) => void
  /** Told when one could not be made: a bug, or a disk that is full. Nothing is lost by it. */
  readonly failed: (error: Error) => void
}

/**
 * Has snapshots made by a child process, which replays the journal by itself: the trading thread never pauses, and
 * each snapshot proves that a replay comes to what the server has.
 */
export class Snapshots {
  readonly #options: SnapshotsOptions
  #next: number
  #running: Promise<void> | undefined
  #stop = new AbortController()

  constructor(options: SnapshotsOptions) {
    this.#options = options
    // Not from the start on: a server that is often started anew would never come to make one.
    this.#next = (listSnapshots(files, options.paths.snapshots)[0]?.sequence ?? 0) + options.every
  }

  /** Call it after a batch was applied. Starts a snapshot when one is due and none is being made. */
  batchApplied(): void {
    const { shard, every } = this.#options
    if (shard.sequence < this.#next || this.#running !== undefined) return
    this.#next = shard.sequence + every
    void this.make()
  }

  /** Makes a snapshot of the state as it is now, unless one is being made. */
  make(): Promise<void> {
    this.#running ??= this.#make().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Ends a child that is at work; what it was making is thrown away. */
  close(): Promise<void> {
    this.#stop.abort()
    return this.#running ?? Promise.resolve()
  }

  async #make(): Promise<void> {
    const { shard, paths, history, made, failed } = this.#options
    const { sequence, digest } = shard
    try {
      // A snapshot holds no closed orders: it counts only where the history has them all.
      await history.flush()
      if (history.synced < sequence) throw new Error(`the history reaches only to command ${history.synced}`)
      await runChild(
        { server: process.pid, journal: paths.journal, snapshots: paths.snapshots, sequence, digest },
        this.#stop.signal,
      )
      made(sequence)
    } catch (error) {
      if (!this.#stop.signal.aborted) failed(error as Error)
    }
  }
}

function runChild(task: SnapshotTask, signal: AbortSignal): Promise<void> {
  const entry = new URL(import.meta.url.replace(/snapshots(\.[jt]s)$/, 'snapshot-child$1'))
  return new Promise((resolve, reject) => {
    const child = fork(entry, { signal, serialization: 'advanced' })
    let result: SnapshotResult | undefined
    child.on('message', (message) => {
      result = message as SnapshotResult
    })
    child.on('error', reject)
    child.on('exit', (code, killed) => {
      if (result?.error !== undefined) reject(new Error(result.error))
      else if (result === undefined) reject(new Error(`the snapshot process ended with ${killed ?? code}`))
      else resolve()
    })
    child.send(task)
  })
}
