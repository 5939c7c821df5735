import type { Floor, FloorInstrument, FloorVenue } from '../traders/floor.ts'
import { createVirtualClock, type VirtualClock } from '../traders/virtual-time.ts'
import type { Command, JournalEntry, SequencedCommand } from './domain/command.ts'
import type { Applied, Event } from './domain/event.ts'
import type { Fill } from './domain/order.ts'
import type { Micros, Sequence } from './domain/units.ts'
import { Engine, engineVersion } from './engine/engine.ts'
import type { VenueState } from './engine/venue-state.ts'
import type { Door } from './port.ts'

/**
 * An engine and those who trade on it, in virtual time: a command is applied inside the call that submits it. There are
 * neither journal nor projections, so it is the fastest exchange there is; `written` is given each command to keep.
 */
export class VirtualFloor implements Floor {
  readonly clock: VirtualClock
  readonly #engine = new Engine()
  readonly #venues = new Map<string, Venue>()
  readonly #written: (command: SequencedCommand) => void
  #doors: readonly Door[] = []

  constructor(start: Micros, written: (command: SequencedCommand) => void = () => {}) {
    this.clock = createVirtualClock(start)
    this.#written = written
  }

  /** A fingerprint of everything that happened. */
  digest(): string {
    return this.#engine.digest.value
  }

  submit<T>(command: Command, reply: (applied: Applied) => T): undefined {
    reply(this.#apply(command))
  }

  /** Runs a command. Throws when it is refused. */
  run(command: Command): void {
    const { events } = this.#apply(command)
    const refused = events.find((event) => event.type === 'rejected')
    if (refused !== undefined) throw new Error(`${command.type}: ${refused.reason}`)
  }

  attach(door: Door): () => void {
    this.#doors = [...this.#doors, door]
    return () => {
      this.#doors = this.#doors.filter((other) => other !== door)
    }
  }

  venue(name: string): FloorVenue | undefined {
    return this.#venues.get(name)
  }

  /** Leaves a mark of what has come of everything so far, as a journal has them. */
  checkpoint(): void {
    this.#mark(this.#engine.sequence, this.digest())
  }

  #mark(at: Sequence, digest: string): void {
    this.#apply({ type: 'checkpoint', at, digest, engineVersion })
  }

  #apply(command: JournalEntry): Applied {
    const time = this.clock()
    const sequenced = { sequence: (this.#engine.sequence + 1) as Sequence, time, command }
    this.#written(sequenced)
    const applied = { sequence: sequenced.sequence, time, events: this.#engine.apply(sequenced) }
    for (const event of applied.events) {
      this.#fold(event, time)
      for (const door of this.#doors) door.event(event, applied)
    }
    for (const door of this.#doors) door.applied(applied)
    for (const door of this.#doors) door.release()
    const { noted } = this.#engine
    if (noted?.at === applied.sequence) this.#mark(noted.at, noted.digest)
    return applied
  }

  #fold(event: Event, time: Micros): void {
    if (event.type === 'trade') {
      const { tradeId, price, quantity } = event
      this.#venues.get(event.venue)?.trade(event.symbol, { tradeId, price, quantity, time })
    } else if (event.type === 'venue-created') {
      this.#venues.set(event.venue, new Venue(this.#engine.venues.get(event.venue) as VenueState))
    } else if (event.type === 'venue-dropped') {
      this.#venues.delete(event.venue)
    } else if (event.type === 'instrument-listed') {
      this.#venues.get(event.venue)?.list(event.symbol)
    }
  }
}

/** What is read of a venue, in the engine's own books. */
class Venue implements FloorVenue {
  readonly #state: VenueState
  readonly #instruments = new Map<string, { -readonly [K in keyof FloorInstrument]: FloorInstrument[K] }>()

  constructor(state: VenueState) {
    this.#state = state
  }

  instrument(symbol: string): FloorInstrument | undefined {
    return this.#instruments.get(symbol)
  }

  order(id: number): ReturnType<FloorVenue['order']> {
    return this.#state.orders.get(id)
  }

  list(symbol: string): void {
    const book = this.#state.books.get(symbol)
    if (book !== undefined)
      this.#instruments.set(symbol, { bids: book.bids, asks: book.asks, lastTrade: undefined })
  }

  trade(symbol: string, fill: Fill): void {
    const instrument = this.#instruments.get(symbol)
    if (instrument !== undefined) instrument.lastTrade = fill
  }
}
