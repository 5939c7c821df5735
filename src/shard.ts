import type { Command, SequencedCommand } from './domain/command.ts'
import type { Applied } from './domain/event.ts'
import type { Micros } from './domain/units.ts'
import type { Book, BookSide } from './engine/book.ts'
import { Engine } from './engine/engine.ts'
import { checkBook } from './engine/invariants.ts'
import type { Log } from './log/log.ts'
import { Sequencer } from './log/sequencer.ts'
import type { Door, Status, Venue } from './port.ts'
import { Market } from './projections/market.ts'

/** Commands between two looks at a book that was just traded on, and the orders a side looked at. */
const checkEvery = 4096
const checkOrders = 256

export interface ShardOptions {
  readonly log: Log
  readonly clock: () => Micros
  readonly defer?: (task: () => void) => void
  readonly queueLimit?: number
}

/** A set of venues with one log and one engine: the whole way through, from a command to feeds and reply. */
export class Shard {
  readonly #engine = new Engine()
  readonly #market = new Market<BookSide>((venue, symbol) => this.#book(venue, symbol))
  readonly #doors: Door[] = []
  readonly #log: Log
  readonly #sequencer: Sequencer

  constructor({ log, clock, ...queue }: ShardOptions) {
    this.#log = log
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

  /** Answers what was taken, takes no more, and closes the log. */
  async close(): Promise<void> {
    await this.#sequencer.close()
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
    return applied
  }

  #check(command: Command): void {
    if (command.type !== 'place') return
    const book = this.#engine.venues.get(command.venue)?.books.get(command.symbol)
    if (book !== undefined) checkBook(book, checkOrders)
  }

  #book(venue: string, symbol: string): Book {
    return this.#engine.venues.get(venue)?.books.get(symbol) as Book
  }
}
