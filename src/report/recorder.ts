import type { SequencedCommand } from '../domain/command.ts'
import type { Event, Trade } from '../domain/event.ts'
import type { Side } from '../domain/order.ts'
import type { Micros } from '../domain/units.ts'
import type { Account } from '../engine/account.ts'
import type { Engine } from '../engine/engine.ts'
import { BookRecord } from './book-record.ts'

/** Books of venues that were dropped or reset are remembered up to this number; then the least busy one goes. */
const mostEnded = 200

/** Names of books that are kept for who asked for one that is not there. */
const mostSeen = 10

interface OpenOrder {
  readonly account: Account
  readonly side: Side
}

/** What is followed of a venue. */
class VenueRecord {
  readonly books = new Map<string, BookRecord>()
  /** Whose order it is, of all that are open. */
  readonly orders = new Map<number, OpenOrder>()
}

/** Which books are wanted; all of them where nothing is said. */
export interface Wanted {
  readonly venue?: string | undefined
  readonly symbol?: string | undefined
}

/** Drives an engine through commands, and takes down what becomes of its books. */
export class Recorder {
  /** Some books that had orders, wanted or not. */
  readonly seen = new Set<string>()
  readonly #engine: Engine
  readonly #wanted: Wanted
  readonly #venues = new Map<string, VenueRecord>()
  readonly #ended = new Map<string, BookRecord>()

  /** An engine that has books already is followed from where it stands. */
  constructor(engine: Engine, wanted: Wanted = {}) {
    this.#engine = engine
    this.#wanted = wanted
    for (const { name, books, orders } of engine.venues.values()) {
      for (const symbol of books.keys()) this.#book(name, symbol, engine.time)?.see(engine.time)
      for (const { id, account, side } of orders.values()) this.#venue(name).orders.set(id, { account, side })
    }
  }

  /** Applies the next command, or passes over one that counts as refused. */
  apply(sequenced: SequencedCommand, isVoided: boolean): void {
    const { sequence, time, command } = sequenced
    // What timers do may be on any venue.
    const venue = time < this.#engine.nextDue && 'venue' in command ? command.venue : undefined
    for (const book of this.#books(venue)) book.pass(time)
    const events = isVoided ? this.#engine.void(sequence) : this.#engine.apply(sequenced)
    for (const event of events) this.#fold(event, time)
    for (const book of this.#books(venue)) book.see(time)
  }

  /** Ends the record. The books come with the busiest first. */
  finish(): BookRecord[] {
    const { time } = this.#engine
    const records = new Map(this.#ended)
    for (const record of this.#books(undefined)) {
      record.pass(time)
      record.finish()
      records.set(keyOf(record), record)
    }
    return [...records.values()].sort(
      (a, b) => b.trades - a.trades || b.orders - a.orders || (keyOf(a) < keyOf(b) ? -1 : 1),
    )
  }

  #fold(event: Event, time: Micros): void {
    switch (event.type) {
      case 'order-accepted': {
        const { venue, symbol, orderId, side } = event
        const account = this.#engine.venues.get(venue)?.accounts.get(event.account) as Account
        this.#venue(venue).orders.set(orderId, { account, side })
        const book = this.#book(venue, symbol, time)
        if (book !== undefined) book.orders += 1
        return
      }
      case 'trade':
        this.#trade(event)
        return
      case 'order-closed':
        this.#venue(event.venue).orders.delete(event.orderId)
        return
      case 'venue-reset':
      case 'venue-dropped':
        this.#end(event.venue)
        return
      default:
        return
    }
  }

  #trade(event: Trade): void {
    const { books, orders } = this.#venue(event.venue)
    const book = books.get(event.symbol)
    if (book === undefined) return
    book.trade(event)
    for (const id of [event.makerId, event.takerId]) {
      const { account, side } = orders.get(id) as OpenOrder
      book.accounts.fill(account, side, event.price, event.quantity)
    }
  }

  #end(venue: string): void {
    for (const record of this.#venue(venue).books.values()) {
      record.finish()
      this.#ended.set(keyOf(record), record)
    }
    this.#venues.delete(venue)
    while (this.#ended.size > mostEnded) {
      const [least] = [...this.#ended.values()].sort((a, b) => a.trades - b.trades)
      this.#ended.delete(keyOf(least as BookRecord))
    }
  }

  /** The books of a venue, or of all of them. */
  *#books(venue: string | undefined): IterableIterator<BookRecord> {
    if (venue !== undefined) yield* this.#venues.get(venue)?.books.values() ?? []
    else for (const { books } of this.#venues.values()) yield* books.values()
  }

  #venue(name: string): VenueRecord {
    const known = this.#venues.get(name)
    if (known !== undefined) return known
    const made = new VenueRecord()
    this.#venues.set(name, made)
    return made
  }

  #book(venue: string, symbol: string, time: Micros): BookRecord | undefined {
    if (this.seen.size < mostSeen) this.seen.add(`${venue}/${symbol}`)
    if ((this.#wanted.venue ?? venue) !== venue || (this.#wanted.symbol ?? symbol) !== symbol)
      return undefined
    const { books } = this.#venue(venue)
    const known = books.get(symbol)
    if (known !== undefined) return known
    const book = this.#engine.venues.get(venue)?.books.get(symbol)
    if (book === undefined) return undefined
    const made = new BookRecord(venue, book, time)
    books.set(symbol, made)
    return made
  }
}

function keyOf({ venue, symbol }: BookRecord): string {
  return `${venue}/${symbol}`
}
