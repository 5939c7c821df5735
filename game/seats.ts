import type { Micros } from '../src/domain/units.ts'
import type { Instance, Schedule } from './instance.ts'

const minute = 60_000_000
/** Nobody asks or listens for so long: the game is paused. */
const idleAfter = 5 * minute
/** And so long after that: stopped. */
const stoppedAfter = 60 * minute
/** How long a venue can be looked at after its game has ended. */
const goneAfter = 10 * minute
/** Milliseconds between two looks at all that. */
const lookEveryMs = 15_000

/** A game as the master keeps it, until its venue is gone. */
export interface Seat {
  readonly instance: Instance
  /** Resolves when the player may trade. */
  readonly ready: Promise<void>
  /** When somebody last asked for something of it. */
  seenAt: number
}

export interface SeatsOptions {
  readonly clock: () => Micros
  readonly schedule: Schedule
  /** Whether somebody listens to something of a venue. */
  readonly isHeard: (venue: string) => boolean
  /** Called when it is time to take a venue away. */
  readonly drop: (seat: Seat) => void
}

/** The games that have a venue. Every now and then it looks after them: pauses and stops who is not there, and clears away. */
export class Seats {
  readonly #options: SeatsOptions
  readonly #byId = new Map<number, Seat>()
  readonly #byVenue = new Map<string, Seat>()
  #cancelLook: (() => void) | undefined
  #closed = false

  constructor(options: SeatsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#byId.size
  }

  [Symbol.iterator](): IterableIterator<Seat> {
    return this.#byId.values()
  }

  of(id: number): Seat | undefined {
    return this.#byId.get(id)
  }

  at(venue: string): Seat | undefined {
    return this.#byVenue.get(venue)
  }

  /** Keeps a game, and then has it begin or go on: by then it is heard what happens on its venue. */
  add(instance: Instance, begin: () => Promise<void>): Seat {
    const { id, venue } = instance.record
    const seat = { instance, ready: Promise.resolve(), seenAt: this.#options.clock() as number }
    this.#byId.set(id, seat)
    this.#byVenue.set(venue, seat)
    seat.ready = begin()
    // Who waits for it hears of it; nobody has to.
    seat.ready.catch(() => {})
    this.#lookLater()
    return seat
  }

  /** Forgets a game whose venue is gone. Its instance may have another one by now. */
  delete(seat: Seat): void {
    const { id, venue } = seat.instance.record
    this.#byVenue.delete(venue)
    if (this.#byId.get(id) === seat) this.#byId.delete(id)
  }

  /** The games that have ended, but for so many of the newest. */
  longEnded(newest: number): Seat[] {
    const ended = [...this.#byVenue.values()].filter(({ instance }) => !instance.isOpen)
    ended.sort((a, b) => endOf(b) - endOf(a))
    return ended.slice(newest)
  }

  /** Somebody is there. */
  seen(seat: Seat | undefined): void {
    if (seat !== undefined) seat.seenAt = this.#options.clock()
  }

  /** Looks after nobody any more. */
  close(): void {
    this.#closed = true
    this.#cancelLook?.()
  }

  #lookLater(): void {
    if (this.#closed || this.#cancelLook !== undefined || this.#byVenue.size === 0) return
    this.#cancelLook = this.#options.schedule(() => {
      this.#cancelLook = undefined
      for (const seat of [...this.#byVenue.values()]) this.#look(seat)
      this.#lookLater()
    }, lookEveryMs)
  }

  /** Pauses, stops or takes away a game if it is time for it. */
  #look(seat: Seat): void {
    const { clock, isHeard, drop } = this.#options
    const now = clock()
    const { ended, pausedAt, record, isRunning } = seat.instance
    if (ended !== undefined) {
      if (now - ended.at >= goneAfter) drop(seat)
    } else if (pausedAt !== undefined) {
      if (now - pausedAt >= stoppedAfter) seat.instance.stop('idle')
    } else if (isHeard(record.venue)) {
      seat.seenAt = now
    } else if (isRunning && now - seat.seenAt >= idleAfter) {
      void seat.instance.pause('idle')
    }
  }
}

function endOf({ instance: { ended } }: Seat): number {
  return ended?.at ?? 0
}
