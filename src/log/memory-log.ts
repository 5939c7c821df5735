import type { SequencedCommand } from '../domain/command.ts'
import type { Sequence } from '../domain/units.ts'
import type { Log } from './log.ts'

/** A journal that ends with the process: for tests, and for venues that are not worth a disk. */
export class MemoryLog implements Log {
  readonly #keep: number
  readonly #atOnce: boolean
  #batches: (readonly SequencedCommand[])[] = []
  last = 0 as Sequence

  /**
   * `keep`: how many of the newest batches can still be read. A server that nobody asks for them keeps none. `atOnce`:
   * appends give no promise, so that a command is applied inside the call that submits it, if nothing defers that.
   */
  constructor({ keep = 0, atOnce = false }: { keep?: number; atOnce?: boolean } = {}) {
    this.#keep = keep
    this.#atOnce = atOnce
  }

  append(batch: readonly SequencedCommand[]): Promise<void> | undefined {
    const first = batch[0]
    const last = batch.at(-1)
    if (first === undefined || last === undefined) throw new Error('an empty batch')
    if (first.sequence !== this.last + 1)
      throw new Error(`command ${first.sequence} cannot follow ${this.last}`)
    this.last = last.sequence
    if (this.#keep > 0) {
      this.#batches.push(batch)
      if (this.#batches.length > this.#keep) this.#batches.shift()
    }
    return this.#atOnce ? undefined : Promise.resolve()
  }

  get first(): number {
    return this.#batches[0]?.[0]?.sequence ?? this.last + 1
  }

  async *read(from: Sequence): AsyncIterable<readonly SequencedCommand[]> {
    if (from < this.first) {
      throw new RangeError(`command ${from} is no longer held: the journal starts at ${this.first}`)
    }
    for (const batch of [...this.#batches]) {
      if ((batch.at(-1)?.sequence ?? 0) >= from) yield batch
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
