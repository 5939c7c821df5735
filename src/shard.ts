import type { CandleInterval, CandleQuery } from './domain/candle.ts'
import type { Checkpoint, Command, JournalEntry, SequencedCommand } from './domain/command.ts'
import type { Applied, Event } from './domain/event.ts'
import type { PageQuery } from './domain/page.ts'
import { Unavailable } from './domain/unavailable.ts'
import type { Micros, Sequence } from './domain/units.ts'
import type { Book, BookSide } from './engine/book.ts'
import { DigestDiffers, Engine, engineVersion } from './engine/engine.ts'
import { checkBook, checkLedger } from './engine/invariants.ts'
import { EngineLoader, type SavedRecord, saveEngine } from './engine/saved-state.ts'
import type { History } from './history/history.ts'
import type { Log } from './log/log.ts'
import { toRecord } from './log/records.ts'
import { Sequencer } from './log/sequencer.ts'
import { findFills, findOrder, findOrders } from './past-orders.ts'
import { findAccountEvents, findCandles, findTrades } from './past-rows.ts'
import type { Door, Exchange, FillsQuery, OrderRecord, OrdersQuery, Status, Venue } from './port.ts'
import { Market, type SavedMarket } from './projections/market.ts'
import type { CandleStore, RowStore } from './projections/row-store.ts'
import type { VenueReader } from './projections/venue.ts'

/** How many commands are shown when something is wrong with the state. */
const recentCommands = 16
/** Commands between two looks at a book that was just traded on, and the orders a side looked at. */
const checkEvery = 4096
const checkOrders = 256
/** What is read of a venue that the engine has dropped, while what came of its orders is still being told. */
const gone: VenueReader = { state: 'closed', openedAt: undefined, closing: undefined, accounts: new Map() }

export interface ShardOptions {
  readonly log: Log
  readonly clock: () => Micros
  readonly defer?: (task: () => void) => void
  readonly queueLimit?: number
  /** Told why the journal cannot be written. */
  readonly failed?: (error: Error) => void
  /** Commands that a replay treats as refused, because the engine once could not decide them. */
  readonly voided?: ReadonlySet<number>
  /** Where closed orders go; without it the newest of them stay in memory. Its `stored` must call `forget`. */
  readonly history?: History
  /** Gives the history what lies in its gap; without it what lies behind the gap. */
  readonly fillsGap?: boolean
}

/** One record of a saved shard: first the engine's, then the market's, last the time. */
export type SavedShard =
  | { readonly engine: SavedRecord }
  | { readonly market: SavedMarket }
  | { readonly time: Micros }

/** The engine threw for a command that is in the journal. */
class ReplayFailed extends Error {
  constructor(sequence: number, command: JournalEntry, cause: unknown) {
    super(
      `command ${sequence} cannot be replayed: ${cause}. It is ${JSON.stringify(toRecord(command))}. ` +
        `'stockyard journal void ${sequence} --data DIR' has it replayed as refused`,
      { cause },
    )
  }
}

/** A set of venues with one log and one engine: the whole way through, from a command to feeds and reply. */
export class Shard {
  #engine = new Engine()
  readonly #market = new Market<BookSide>(
    (venue, symbol) => this.#book(venue, symbol),
    (venue) => this.#engine.venues.get(venue) ?? gone,
  )
  #doors: readonly Door[] = []
  readonly #log: Log
  readonly #clock: () => Micros
  readonly #sequencer: Sequencer
  readonly #voided: ReadonlySet<number>
  readonly #history: History | undefined
  readonly #fillsGap: boolean
  /** The newest commands, for whoever has to find out what went wrong. */
  readonly #recent: SequencedCommand[] = []
  #closed = false

  constructor({ log, clock, voided = new Set(), history, fillsGap = false, ...queue }: ShardOptions) {
    this.#log = log
    this.#clock = clock
    this.#history = history
    this.#fillsGap = fillsGap
    this.#voided = voided
    this.#sequencer = new Sequencer({
      ...queue,
      log,
      clock,
      apply: (command) => this.#apply(command),
      release: () => {
        this.#history?.applied(this.#engine.sequence)
        for (const door of this.#doors) door.release()
      },
    })
  }

  submit<T>(command: Command, reply: (applied: Applied) => T): Promise<T> {
    if (this.#history?.isFull === true)
      return Promise.reject(new Unavailable('refused', 'history_unavailable'))
    return this.#sequencer.submit(command, reply)
  }

  /** Lets time pass: timers that are due by now fire. */
  tick(): Promise<void> {
    return this.#sequencer.submit({ type: 'tick' }, () => undefined)
  }

  /**
   * Notes that a process goes on with the journal, when there is a timer that must not count the time since its last
   * entry, or somebody whose connection is lost by it. Call it after the replay, before anything else.
   */
  async resume(): Promise<void> {
    if (this.nextDue < Number.POSITIVE_INFINITY || this.#engine.isArmed) {
      await this.#sequencer.submit({ type: 'started' }, () => undefined)
    }
  }

  attach(door: Door): () => void {
    this.#doors = [...this.#doors, door]
    return () => {
      this.#doors = this.#doors.filter((other) => other !== door)
    }
  }

  venues(): Iterable<Venue> {
    return this.#market.venues()
  }

  venue(name: string): Venue | undefined {
    return this.#market.venue(name)
  }

  notes(topic: string): ReturnType<Exchange['notes']> {
    return this.#market.notes.of(topic)
  }

  note(topic: string, key: string): ReturnType<Exchange['note']> {
    return this.#market.notes.get(topic, key)
  }

  findOrder(venue: string, id: number): ReturnType<typeof findOrder> {
    return findOrder(this.venue(venue), this.#history, id)
  }

  findOrders(venue: string, account: string, query: OrdersQuery): ReturnType<typeof findOrders> {
    return findOrders(this.venue(venue), this.#history, account, query)
  }

  findFills(order: OrderRecord, query: FillsQuery): ReturnType<typeof findFills> {
    return findFills(this.#history, order, query)
  }

  findTrades(venue: string, symbol: string, query: PageQuery): ReturnType<typeof findTrades> {
    return findTrades(this.#market.venue(venue), this.#history, symbol, query)
  }

  findCandles(
    venue: string,
    symbol: string,
    interval: CandleInterval,
    query: CandleQuery,
  ): ReturnType<typeof findCandles> {
    return findCandles(this.#market.venue(venue), this.#history, [symbol, interval], query)
  }

  findAccountEvents(venue: string, account: string, query: PageQuery): ReturnType<typeof findAccountEvents> {
    return findAccountEvents(this.#market.venue(venue), this.#history, account, query)
  }

  status(): Status {
    const { queued, stopped } = this.#sequencer
    const full = this.#history?.isFull === true ? 'history_unavailable' : undefined
    return {
      sequence: this.#engine.sequence,
      historyFrom: this.#history !== undefined && this.#log.first > 1 ? this.#log.first : undefined,
      historyLost: this.#history?.lost?.sequence,
      catchingUp: this.#history?.gapEnd !== undefined,
      limits: this.#engine.limits,
      queued,
      waiting: this.#history?.waiting ?? 0,
      clockBehind: Math.max(0, this.#sequencer.lastTime - this.#clock()),
      stopped: stopped ?? full,
    }
  }

  /** Lets closed orders go from memory that are stored durably. */
  forget(orders: readonly OrderRecord[]): void {
    for (const { venue, id } of orders) this.#market.venue(venue)?.orderRecords.forget(id)
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
      this.#history?.applied(this.#engine.sequence)
      if (this.#history?.isBusy === true) await this.#history.flush()
      progress(this.#engine.sequence, all)
    }
  }

  /** Applies the next command of a journal. Throws `ReplayFailed` or `DigestDiffers`. */
  replayOne(sequenced: SequencedCommand): void {
    const events = this.#replayed(sequenced)
    const isStored = this.#isStored()
    const rows = isStored ? undefined : this.#rows()
    const { timedEvents } = this.#engine
    for (let i = 0; i < events.length; i += 1) {
      // As in `#apply`: what timers did is a step of its own.
      if (i === 0 || i === timedEvents) this.#market.begin()
      const event = events[i] as Event
      this.#market.fold(event, sequenced.time, rows)
      this.#keep(event, isStored)
    }
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
        const { market } = record
        this.#market.load(market)
        if (market.type === 'order') loader.fill(market.venue, market.order.id, market.order.filled)
      } else {
        this.#sequencer.resume(record.time)
      }
    }
  }

  /** The time of the last command. */
  get time(): Micros {
    return this.#engine.time
  }

  /** When the next timer is due; infinite when none is. */
  get nextDue(): number {
    return this.#engine.nextDue
  }

  /** The last command applied. */
  get sequence(): Sequence {
    return this.#engine.sequence
  }

  /** A fingerprint of everything that happened here; see `Digest`. */
  get digest(): string {
    return this.#engine.digest.value
  }

  /** Whether it has not been closed. */
  get isOpen(): boolean {
    return !this.#closed
  }

  /** Answers what was taken, takes no more, and closes the log. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#sequencer.close(() => checkpoint({ at: this.#engine.sequence, digest: this.digest }))
    await this.#history?.close()
    await this.#log.close()
  }

  #apply(sequenced: SequencedCommand): Applied {
    const { sequence } = sequenced
    this.#recent[sequence % recentCommands] = sequenced
    const events = this.#engine.apply(sequenced)
    const { timedEvents } = this.#engine
    if (timedEvents > 0) this.#announce(sequenced, events.slice(0, timedEvents))
    const applied = this.#announce(sequenced, timedEvents > 0 ? events.slice(timedEvents) : events)
    if (sequence % checkEvery === 0) this.#check(sequenced.command)
    if (this.#engine.noted?.at === sequence) this.#checkpoint(this.#engine.noted)
    return applied
  }

  /** Folds what happened, and tells the doors. */
  #announce({ sequence, time }: SequencedCommand, events: readonly Event[]): Applied {
    const applied = { sequence, time, events }
    this.#market.begin()
    const isStored = this.#isStored()
    const rows = isStored ? undefined : this.#rows()
    for (const event of events) {
      this.#market.fold(event, time, rows)
      this.#keep(event, isStored)
      for (const door of this.#doors) door.event(event, applied)
    }
    for (const door of this.#doors) door.applied(applied)
    return applied
  }

  /** Gives the history what it has not yet of an event's orders. What it has, memory need not keep. */
  #keep(event: Event, isStored: boolean): void {
    if (event.type === 'venue-dropped') this.#history?.drop(event.venue)
    if (event.type !== 'order-closed' && (event.type !== 'trade' || isStored)) return
    const records = this.#market.venue(event.venue)?.orderRecords
    if (records === undefined || !records.storedElsewhere) return
    if (event.type === 'order-closed') {
      if (!isStored) this.#history?.closed(records.get(event.orderId) as OrderRecord)
      // Of what fills a gap nobody reads in memory.
      if (isStored || this.#fillsGap) records.forget(event.orderId)
    } else {
      this.#history?.filled(records.get(event.makerId) as OrderRecord)
      this.#history?.filled(records.get(event.takerId) as OrderRecord)
    }
  }

  /** Where account events, trades and candles go that the history has not got. */
  #rows(): (RowStore & CandleStore) | undefined {
    return this.#fillsGap ? this.#history?.lateRows : this.#history?.rows
  }

  /** Whether what the last command gave is in the history, or there is none. */
  #isStored(): boolean {
    const history = this.#history
    if (history === undefined) return true
    const { sequence } = this.#engine
    return this.#fillsGap ? sequence <= history.synced : history.covers(sequence)
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
    const venue = this.#engine.venues.get(command.venue)
    const book = venue?.books.get(command.symbol)
    try {
      if (book !== undefined) checkBook(book, checkOrders)
      if (venue !== undefined) checkLedger(venue)
    } catch (error) {
      const last = this.#recent
        .sort((a, b) => a.sequence - b.sequence)
        .map((entry) => JSON.stringify({ ...entry, command: toRecord(entry.command) }))
      throw new Error(`${(error as Error).message}. The last commands: ${last.join(' ')}`, { cause: error })
    }
  }

  #book(venue: string, symbol: string): Book {
    return this.#engine.venues.get(venue)?.books.get(symbol) as Book
  }
}

function checkpoint({ at, digest }: Pick<Checkpoint, 'at' | 'digest'>): Checkpoint {
  return { type: 'checkpoint', at, digest, engineVersion }
}
