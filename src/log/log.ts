import type { SequencedCommand } from '../domain/command.ts'
import type { Sequence } from '../domain/units.ts'

/** The journal of a shard: its commands, in order. Nothing is decided before its command is in here. */
export interface Log {
  /** The first command that can still be read; one behind `last` when none can. */
  readonly first: number

  /** The last command that is durable; 0 before the first. */
  readonly last: Sequence

  /**
   * Makes commands durable. They follow `last` without a gap, and there is at least one. One batch at a time: do not
   * call again before the promise has settled. After a failure nobody knows whether the batch is in the journal, and
   * no further append succeeds. Without a promise they are durable already.
   */
  append(batch: readonly SequencedCommand[]): Promise<void> | undefined

  /** Reads durable batches in order, from the one that holds `from`. Throws a RangeError for what is no longer held. */
  read(from: Sequence): AsyncIterable<readonly SequencedCommand[]>

  /** Waits for what is being written, and lets go of everything held. */
  close(): Promise<void>
}
