import type { Checkpoint, Command, JournalEntry, SequencedCommand } from './domain/command.ts'
import type { Applied, Event } from './domain/event.ts'
import { Unavailable } from './domain/unavailable.ts'
import type { Micros, Sequence } from './domain/units.ts'
import type { Book, BookSide } from './engine/book.ts'
import { DigestDiffers, Engine, engineVersion } from './engine/engine.ts'
import { checkBook } from './engine/invariants.ts'
import { EngineLoader, type SavedRecord, saveEngine } from './engine/saved-state.ts'
import type { Log } from './log/log.ts'
import { Sequencer } from './log/sequencer.ts'
import type { Door, Status, Venue } from './port.ts'
import { Market, type SavedMarket } from './projections/market.ts'

/** Commands between two looks at a book that was just traded on, and the levels looked at. */
const checkEvery = 4096
const checkLevels = 64

export interface ShardOptions {
  readonly log: Log
  readonly clock: () => Micros
  readonly defer?: (task: () => void) => void
  readonly queueLimit?: number
  /** Commands that a replay treats as refused, because the engine once could not decide them. */
  readonly voided?: ReadonlySet<number>
}

/** One record of a saved shard: first the engine's, then the market's, last the time. */
export type SavedShard =
  | { readonly engine: SavedRecord }
  | { readonly market: SavedMarket }
  | { readonly time: Micros }

/** The engine threw for a command that is in the journal. */
export class ReplayFailed extends Error {
  constructor(sequence: number, command: JournalEntry, cause: unknown) {
    super(
      `command ${sequence} cannot be replayed: ${cause}. It is ${JSON.stringify(command)}. ` +
        `'stockyard journal void ${sequence}' has it replayed as refused`,
      { cause },
    )
  }
}

/** A set of venues with one log and one engine: the whole way through, from a command to feeds and reply. */
export class Shard {
  #engine = new Engine()
  readonly #market = new Market<BookSide>((venue, symbol) => this.#book(venue, symbol))
  readonly #doors: Door[] = []
  readonly #log: Log
  readonly #sequencer: Sequencer
  readonly #voided: ReadonlySet<number>

  constructor({ log, clock, voided = new Set(), ...queue }: ShardOptions) {
    this.#log = log
    this.#voided = voided
    this.#sequencer = new Sequencer({
      ...queue,
      log,
      clock,
      apply: (command) => this.#apply(command),
      release: () => {
        for (const door of this.#doors) door.release()
      },
    })
  }

  submit<T>(command: Command, reply: (applied: Applied) => T): Promise<T> {
    return this.#sequencer.submit(command, reply)
  }

  attach(door: Door): void {
    this.#doors.push(door)
  }

  venues(): Iterable<Venue> {
    return this.#market.venues()
  }

  venue(name: string): Venue | undefined {
    return this.#market.venue(name)
  }

  status(): Status {
    const { queued, stopped } = this.#sequencer
    return { sequence: this.#engine.sequence, queued, stopped }
  }

  /**
   * Applies what the log holds already; call it once, before the first command. `progress` is told now and then how
   * many commands of how many are done. Doors hear nothing of it: it was all told before.
   */
  async replay(progress: (done: number, all: number) => void = () => {}): Promise<void> {
    const all = this.#log.last
    for await (const batch of this.#log.read((this.#engine.sequence + 1) as Sequence)) {
      for (const command of batch) {
        if (command.sequence > this.#engine.sequence) this.replayOne(command)
      }
      progress(this.#engine.sequence, all)
    }
  }

  /** Applies the next command of a journal. Throws `ReplayFailed` or `DigestDiffers`. */
  replayOne(sequenced: SequencedCommand): void {
    for (const event of this.#replayed(sequenced)) this.#market.fold(event, sequenced.time)
    this.#sequencer.resume(sequenced.time)
  }

  #replayed(sequenced: SequencedCommand): readonly Event[] {
    const { sequence, command } = sequenced
    if (this.#voided.has(sequence)) return this.#engine.void(sequence)
    try {
      return this.#engine.apply(sequenced)
    } catch (error) {
      if (error instanceof DigestDiffers) throw error
      throw new ReplayFailed(sequence, command, error)
    }
  }

  /** The whole state as plain JSON records. Do not let anything be applied while reading it. */
  *save(): IterableIterator<SavedShard> {
    for (const record of saveEngine(this.#engine)) yield { engine: record }
    for (const record of this.#market.save()) yield { market: record }
    yield { time: this.#sequencer.lastTime }
  }

  /** Takes over a state that was saved; only before the replay and the first command. */
  load(records: Iterable<SavedShard>): void {
    const loader = new EngineLoader()
    for (const record of records) {
      if ('engine' in record) {
        loader.add(record.engine)
        this.#engine = loader.engine
      } else if ('market' in record) {
        this.#market.load(record.market)
      } else {
        this.#sequencer.resume(record.time)
      }
    }
  }

  /** The last command applied. */
  get sequence(): Sequence {
    return this.#engine.sequence
  }

  /** A fingerprint of everything that happened here; see `Digest`. */
  get digest(): string {
    return this.#engine.digest.value
  }

  /** Answers what was taken, takes no more, and closes the log. */
  async close(): Promise<void> {
    await this.#sequencer.close(() => checkpoint({ at: this.#engine.sequence, digest: this.digest }))
    await this.#log.close()
  }

  #apply(sequenced: SequencedCommand): Applied {
    const { sequence, time } = sequenced
    const applied = { sequence, time, events: this.#engine.apply(sequenced) }
    for (const event of applied.events) {
      this.#market.fold(event, time)
      for (const door of this.#doors) door.event(event, applied)
    }
    for (const door of this.#doors) door.applied(applied)
    if (sequence % checkEvery === 0) this.#check(sequenced.command)
    if (this.#engine.noted?.at === sequence) this.#checkpoint(this.#engine.noted)
    return applied
  }

  /** Leaves a mark in the journal for replays. When the queue is full it is left out: the next one will do. */
  #checkpoint(noted: Pick<Checkpoint, 'at' | 'digest'>): void {
    this.#sequencer
      .submit(checkpoint(noted), () => undefined)
      .catch((error: unknown) => {
        if (!(error instanceof Unavailable)) throw error
      })
  }

  #check(command: JournalEntry): void {
    if (command.type !== 'place') return
    const book = this.#engine.venues.get(command.venue)?.books.get(command.symbol)
    if (book !== undefined) checkBook(book, checkLevels)
  }

  #book(venue: string, symbol: string): Book {
    return this.#engine.venues.get(venue)?.books.get(symbol) as Book
  }
}

function checkpoint({ at, digest }: Pick<Checkpoint, 'at' | 'digest'>): Checkpoint {
  return { type: 'checkpoint', at, digest, engineVersion }
}
