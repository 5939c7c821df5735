import type { JournalEntry, SequencedCommand } from '../domain/command.ts'
import type { Applied } from '../domain/event.ts'
import { lengthOf } from '../domain/note.ts'
import { Unavailable, type UnavailableReason } from '../domain/unavailable.ts'
import type { Micros, Sequence } from '../domain/units.ts'
import type { Log } from './log.ts'

export interface SequencerOptions {
  readonly log: Log
  /** The time now. May step back; the sequencer never does. */
  readonly clock: () => Micros
  /** Decides one durable command and folds what came of it. Must not throw. */
  readonly apply: (command: SequencedCommand) => Applied
  /** Sends out what a batch gave, before its replies resolve. Must not throw. */
  readonly release: () => void
  /** Told why the journal cannot be written; once, for no more is written then. */
  readonly failed?: (error: Error) => void
  /** Runs a task soon, after the input that is waiting now was read: what arrives together makes one batch. */
  readonly defer?: (task: () => void) => void
  /** Commands that may wait; each but a note is under a kilobyte, its strings being bounded at the edge. */
  readonly queueLimit?: number
  /** Characters that the notes among them may have together: a frame is no longer than it can be read. */
  readonly notesLimit?: number
}

interface Pending {
  readonly command: JournalEntry
  /** Runs the caller's `reply`, and keeps its value for `settle`. */
  readonly apply: (applied: Applied) => void
  readonly settle: () => void
  readonly reject: (error: Unavailable) => void
}

/**
 * Gives commands their order: stamps them, appends them to the log in batches, and when a batch is durable has it
 * applied, released and answered, in that order.
 *
 * One batch is in the log's hands at a time; what arrives meanwhile is the next one. A durable batch is applied only
 * after its successor was handed over, so that the disk and this thread work side by side.
 */
export class Sequencer {
  readonly #options: Required<SequencerOptions>
  #queue: Pending[] = []
  /** Characters of the notes in it. */
  #noted = 0
  #writing = false
  #scheduled = false
  #lastSequence: Sequence
  #lastTime = 0 as Micros
  #stopped: UnavailableReason | undefined
  #idle: (() => void) | undefined

  constructor(options: SequencerOptions) {
    const defaults = { failed: () => {}, defer: setImmediate, queueLimit: 8192, notesLimit: 2 ** 23 }
    this.#options = { ...defaults, ...options }
    this.#lastSequence = options.log.last
  }

  /** Commands that wait for their batch. */
  get queued(): number {
    return this.#queue.length
  }

  /** The time of the last command. */
  get lastTime(): Micros {
    return this.#lastTime
  }

  /** Why no command is taken any more, if that is so. */
  get stopped(): UnavailableReason | undefined {
    return this.#stopped
  }

  /** Goes on from a journal's last command: no later one is stamped with an earlier time. */
  resume(time: Micros): void {
    this.#lastTime = time
  }

  /**
   * Takes a command. `reply` runs right after the command was applied, before the next one is, so it sees the state
   * that its own command made; the promise resolves with its value when the batch has been released, and rejects with
   * what it throws. Rejects with `Unavailable` when the command cannot be taken or its fate is unknown.
   */
  submit<T>(command: JournalEntry, reply: (applied: Applied) => T): Promise<T> {
    if (this.#stopped !== undefined) return Promise.reject(new Unavailable('refused', this.#stopped))
    const { queueLimit, notesLimit } = this.#options
    const noted = command.type === 'note' ? lengthOf(command.topic, command.key, command.data) : 0
    if (this.#queue.length >= queueLimit || this.#noted + noted > notesLimit) {
      return Promise.reject(new Unavailable('refused', 'queue_full'))
    }
    this.#noted += noted
    return new Promise<T>((resolve, reject) => {
      let settle: () => void
      this.#queue.push({
        command,
        apply: (applied) => {
          try {
            const value = reply(applied)
            settle = () => resolve(value)
          } catch (error) {
            settle = () => reject(error)
          }
        },
        settle: () => settle(),
        reject,
      })
      this.#schedule()
    })
  }

  /**
   * Takes no more commands, and resolves when all that were taken have been answered. `last` may then give one more
   * command to end the journal with; it is left out when the journal has failed.
   */
  async close(last?: () => JournalEntry): Promise<void> {
    this.#stopped ??= 'stopping'
    await this.#untilIdle()
    if (last === undefined || this.#stopped !== 'stopping') return
    this.#queue.push({ command: last(), apply: () => {}, settle: () => {}, reject: () => {} })
    this.#write()
    await this.#untilIdle()
  }

  async #untilIdle(): Promise<void> {
    if (!this.#writing && this.#queue.length === 0) return
    await new Promise<void>((resolve) => {
      this.#idle = resolve
    })
  }

  #schedule(): void {
    if (this.#scheduled || this.#writing) return
    this.#scheduled = true
    this.#options.defer(() => {
      this.#scheduled = false
      if (!this.#writing) this.#write()
    })
  }

  #write(): void {
    if (this.#queue.length === 0) return
    const pending = this.#queue
    this.#queue = []
    this.#noted = 0
    this.#lastTime = Math.max(this.#lastTime, this.#options.clock()) as Micros
    const time = this.#lastTime
    const batch = pending.map(({ command }) => {
      this.#lastSequence = (this.#lastSequence + 1) as Sequence
      return { sequence: this.#lastSequence, time, command }
    })
    this.#writing = true
    const written = this.#options.log.append(batch)
    if (written === undefined) this.#durable(batch, pending)
    else
      written.then(
        () => this.#durable(batch, pending),
        (error: Error) => this.#failed(error, pending),
      )
  }

  #durable(batch: readonly SequencedCommand[], pending: readonly Pending[]): void {
    this.#writing = false
    this.#write()
    try {
      for (let i = 0; i < batch.length; i += 1) {
        pending[i]?.apply(this.#options.apply(batch[i] as SequencedCommand))
      }
      this.#options.release()
    } catch (error) {
      // A bug: the state can no longer be trusted, and must not go out of here as an unhandled rejection of a caller.
      this.#stopped = 'stopping'
      process.nextTick(() => {
        throw error
      })
      return
    }
    for (const { settle } of pending) settle()
    this.#rest()
  }

  #failed(error: Error, pending: readonly Pending[]): void {
    this.#writing = false
    this.#stopped = 'journal_failed'
    this.#options.failed(error)
    for (const { reject } of pending) reject(new Unavailable('unknown', 'journal_failed'))
    for (const { reject } of this.#queue.splice(0)) reject(new Unavailable('refused', 'journal_failed'))
    this.#rest()
  }

  #rest(): void {
    if (!this.#writing && this.#queue.length === 0) this.#idle?.()
  }
}
