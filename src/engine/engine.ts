import { toAmount } from '../domain/amount.ts'
import type {
  Arm,
  Cancel,
  Checkpoint,
  CreateVenue,
  Deposit,
  Disarm,
  Disconnect,
  DropVenue,
  JournalEntry,
  ListInstrument,
  Note,
  OpenAccount,
  Place,
  Replace,
  ResetVenue,
  SequencedCommand,
  SetLimits,
  SetState,
} from '../domain/command.ts'
import type { Event } from '../domain/event.ts'
import type { InstrumentTerms } from '../domain/instrument.ts'
import { lengthOf, noteLimit } from '../domain/note.ts'
import type { RejectReason } from '../domain/reject.ts'
import type { Micros, Sequence } from '../domain/units.ts'
import {
  defaultLimits,
  defaultRules,
  type Limits,
  type TradingState,
  type VenueLimits,
  type VenueRules,
} from '../domain/venue.ts'
import { Account } from './account.ts'
import { Book } from './book.ts'
import { refuseListing, refusePlace, refuseRules, refuseState } from './checks.ts'
import { bookOf, closeAll, closeOpen } from './close.ts'
import { Digest } from './digest.ts'
import { arm, disarm, disconnect, endSession } from './disconnect.ts'
import { closeVenue, putOff, resetVenue, setState } from './lifecycle.ts'
import { openAccount } from './open-account.ts'
import { accept, isWithoutMarket, placeForMoney, repeat, takerOf, wouldOverflow } from './place.ts'
import { moveReference } from './reference.ts'
import { replace } from './replace.ts'
import { VenueState } from './venue-state.ts'

/** Names a behavior of the engine: journals carry it beside their digests. */
export const engineVersion = '1'
/** Commands between two notes of the digest, for the checkpoints. */
const checkpointEvery = 100_000
/** Names of dropped venues that are remembered; then the oldest is free again. */
const mostDropped = 100_000

/**
 * Decides: the state of a shard's venues, and the one function that changes it.
 *
 * Pure and synchronous. It sees durable commands only, in order, and the same commands give the same events, digest
 * and state on any machine at any time.
 */
export class Engine {
  /** In the order of creation. */
  readonly venues = new Map<string, VenueState>()
  readonly digest = new Digest()
  limits: Limits = defaultLimits
  /** Names of venues that are gone, the oldest first: what was told of one must not seem to be about another. */
  readonly dropped = new Set<string>()
  /** Books on all venues. */
  books = 0
  /** The last command applied; 0 before the first. */
  sequence = 0 as Sequence
  /** The time of the last command. */
  time = 0 as Micros
  /** When the next timer is due; infinite when none is. */
  nextDue = Number.POSITIVE_INFINITY
  /** How many events of the last command came of timers that were due before it. They stand first. */
  timedEvents = 0
  /** The digest as it was at the last multiple of `checkpointEvery`. */
  noted: { readonly at: Sequence; readonly digest: string } | undefined

  /**
   * Applies the next command and says what happened, in order. A command that is refused gives one `rejected` event
   * and changes nothing else. Timers that were due by its time go first. Throws when the command is not the next one:
   * that is a bug of the caller.
   */
  apply({ sequence, time, command }: SequencedCommand): Event[] {
    if (sequence !== this.sequence + 1) throw new Error(`command ${sequence} cannot follow ${this.sequence}`)
    this.sequence = sequence
    const events: Event[] = []
    if (command.type === 'started') this.#startTimers(time)
    else if (time >= this.nextDue) this.#fireTimers(time, events)
    this.time = time
    this.timedEvents = events.length
    const refusal = this.#decide(command, events)
    if (refusal !== undefined) events.push({ type: 'rejected', reason: refusal })
    for (const event of events) this.digest.fold(event)
    if (sequence % checkpointEvery === 0) this.noted = { at: sequence, digest: this.digest.value }
    return events
  }

  /** Passes over a command that no engine can decide, as refused. */
  void(sequence: Sequence): Event[] {
    if (sequence !== this.sequence + 1) throw new Error(`command ${sequence} cannot follow ${this.sequence}`)
    this.sequence = sequence
    this.timedEvents = 0
    return [{ type: 'rejected', reason: 'voided' }]
  }

  #decide(command: JournalEntry, events: Event[]): RejectReason | undefined {
    switch (command.type) {
      case 'place':
        return this.#place(command, events)
      case 'cancel':
        return this.#cancel(command, events)
      case 'replace':
        return this.#replace(command, events)
      case 'arm':
      case 'disarm':
      case 'disconnect':
        return this.#changeSession(command, events)
      case 'create-venue':
        return this.#createVenue(command, events)
      case 'list-instrument':
        return this.#listInstrument(command, events)
      case 'set-limits':
        return this.#setLimits(command, events)
      case 'set-state':
        return this.#setState(command, events)
      case 'reset-venue':
        return this.#resetVenue(command, events)
      case 'drop-venue':
        return this.#dropVenue(command, events)
      case 'note':
        return this.#note(command, events)
      case 'open-account':
        return this.#openAccount(command, events)
      case 'deposit':
        return this.#deposit(command, events)
      case 'checkpoint':
        return this.#checkpoint(command)
      case 'started':
      case 'tick':
        return undefined
      default:
        return command satisfies never
    }
  }

  #place(command: Place, events: Event[]): RejectReason | undefined {
    const knownVenue = this.venues.get(command.venue)
    const knownAccount = knownVenue?.accounts.get(command.account)
    if (knownVenue !== undefined && knownAccount !== undefined && command.clientOrderId !== undefined) {
      const first = knownVenue.clientOrderIds.find(knownAccount, command.clientOrderId)
      if (first !== undefined) return repeat(command, first, events)
    }
    if (this.dropped.has(command.venue)) return 'venue_dropped'
    const refusal = refusePlace(command, knownVenue, knownAccount, this.books, this.limits)
    if (refusal !== undefined) return refusal
    if (knownVenue?.hasMoney === true) return placeForMoney(knownVenue, knownAccount, command, events)
    if (command.budget !== undefined) return 'budget_only'
    const knownBook = knownVenue?.books.get(command.symbol)
    if (knownVenue !== undefined && isWithoutMarket(knownVenue, knownBook, command))
      return 'no_opposite_orders'
    if (knownVenue !== undefined && wouldOverflow(knownVenue, knownBook, knownAccount, command))
      return 'depth_limit'

    const venue = knownVenue ?? this.#addVenue(command.venue, defaultRules, undefined, events)
    const book = knownBook ?? this.#addBook(venue, command.symbol, undefined, events)
    const account = knownAccount ?? addAccount(venue, command.account)
    accept(venue, book, takerOf(venue, account, command), command, events)
    return undefined
  }

  #cancel({ venue: name, orderId }: Cancel, events: Event[]): RejectReason | undefined {
    const venue = this.venues.get(name)
    if (venue === undefined) return 'unknown_venue'
    const order = venue.orders.get(orderId)
    if (order === undefined) return missing(venue, orderId)
    const refusal = refuseState(venue)
    if (refusal !== undefined) return refusal
    const book = bookOf(venue, order)
    closeOpen(venue, book, order, 'user', events)
    moveReference(venue, book, events, this.timedEvents)
    venue.ledger.report(name, events)
    return undefined
  }

  #replace(command: Replace, events: Event[]): RejectReason | undefined {
    const venue = this.venues.get(command.venue)
    if (venue === undefined) return 'unknown_venue'
    const order = venue.orders.get(command.orderId)
    if (order === undefined) return missing(venue, command.orderId)
    return refuseState(venue) ?? replace(venue, order, command, events, this.timedEvents)
  }

  #changeSession(command: Arm | Disarm | Disconnect, events: Event[]): RejectReason | undefined {
    const venue = this.venues.get(command.venue)
    if (venue === undefined) return 'unknown_venue'
    const refusal =
      command.type === 'arm'
        ? arm(venue, command, events)
        : command.type === 'disarm'
          ? disarm(venue, command, events)
          : disconnect(venue, command, this.time, events)
    this.findNextDue()
    return refusal
  }

  #createVenue({ venue, rules, state }: CreateVenue, events: Event[]): RejectReason | undefined {
    if (this.venues.has(venue)) return 'venue_exists'
    if (this.dropped.has(venue)) return 'venue_dropped'
    const refusal = refuseRules(rules)
    if (refusal !== undefined) return refusal
    this.#addVenue(venue, rules, state, events)
    return undefined
  }

  #listInstrument({ venue: name, symbol, terms }: ListInstrument, events: Event[]): RejectReason | undefined {
    const venue = this.venues.get(name)
    if (venue === undefined) return 'unknown_venue'
    if (venue.books.has(symbol)) return 'symbol_exists'
    if (this.books >= this.limits.books) return 'too_many_books'
    const refusal = refuseListing(venue, terms)
    if (refusal !== undefined) return refusal
    this.#addBook(venue, symbol, terms, events)
    return undefined
  }

  #setState(command: SetState, events: Event[]): RejectReason | undefined {
    const venue = this.venues.get(command.venue)
    if (venue === undefined) return 'unknown_venue'
    const refusal = setState(venue, command, this.time, events)
    this.findNextDue()
    return refusal
  }

  #resetVenue(command: ResetVenue, events: Event[]): RejectReason | undefined {
    const venue = this.venues.get(command.venue)
    if (venue === undefined) return 'unknown_venue'
    resetVenue(venue, command, events)
    this.findNextDue()
    return undefined
  }

  #dropVenue({ venue: name }: DropVenue, events: Event[]): RejectReason | undefined {
    const venue = this.venues.get(name)
    if (venue === undefined) return 'unknown_venue'
    closeAll(venue, events)
    this.venues.delete(name)
    this.books -= venue.books.size
    this.dropped.add(name)
    const [oldest = name] = this.dropped
    if (this.dropped.size > mostDropped) this.dropped.delete(oldest)
    events.push({ type: 'venue-dropped', venue: name })
    this.findNextDue()
    return undefined
  }

  #note({ venue, topic, key, data }: Note, events: Event[]): RejectReason | undefined {
    if (venue !== undefined && !this.venues.has(venue)) return 'unknown_venue'
    if (lengthOf(topic, key, data) > noteLimit) return 'note_too_large'
    events.push({ type: 'noted', venue, topic, key, data })
    return undefined
  }

  #openAccount(command: OpenAccount, events: Event[]): RejectReason | undefined {
    const { venue: name, account, keyHash, house } = command
    const venue = this.venues.get(name)
    if (venue === undefined) return 'unknown_venue'
    if (!venue.hasMoney && house !== true) return 'no_accounts'
    if (venue.state === 'closed') return 'venue_closed'
    if (venue.accounts.has(account)) return 'account_exists'
    if (venue.accounts.size >= venue.limits.accounts) return 'too_many_accounts'
    const ledger = venue.hasMoney ? { keyHash } : undefined
    openAccount(venue, new Account(account, venue.accounts.size + 1, { ledger, house }), events)
    return undefined
  }

  #deposit({ venue: name, account, asset, amount }: Deposit, events: Event[]): RejectReason | undefined {
    const venue = this.venues.get(name)
    if (venue === undefined) return 'unknown_venue'
    if (!venue.hasMoney) return 'no_accounts'
    const to = venue.accounts.get(account)
    if (to === undefined) return 'unknown_account'
    if (!venue.hasAsset(asset)) return 'unknown_asset'
    if (amount < 1n) return 'value_too_small'
    venue.ledger.deposit(to, venue.ledger.asset(asset), toAmount(amount))
    venue.ledger.report(name, events)
    return undefined
  }

  #setLimits({ venue: name, limits }: SetLimits, events: Event[]): RejectReason | undefined {
    if (name === undefined) {
      this.limits = { ...this.limits, ...limits }
      events.push({ type: 'limits-set', venue: undefined, limits: this.limits })
      return undefined
    }
    const venue = this.venues.get(name)
    if (venue === undefined) return 'unknown_venue'
    venue.limits = venueLimits({ ...venue.limits, ...limits })
    venue.clientOrderIds.expire(venue.closedOrders, venue.limits.closedOrders)
    events.push({ type: 'limits-set', venue: name, limits: venue.limits })
    return undefined
  }

  #checkpoint({ at, digest, engineVersion: writer }: Checkpoint): undefined {
    const found =
      at === this.sequence - 1 ? this.digest.value : at === this.noted?.at ? this.noted.digest : digest
    if (found !== digest) throw new DigestDiffers(at, digest, writer, found)
  }

  #addVenue(name: string, rules: VenueRules, state: TradingState | undefined, events: Event[]): VenueState {
    const venue = new VenueState(name, rules, venueLimits(this.limits))
    if (state !== undefined) venue.state = state
    if (venue.state === 'open') venue.openedAt = this.time
    this.venues.set(name, venue)
    events.push({
      type: 'venue-created',
      venue: name,
      rules,
      limits: venue.limits,
      ...(state !== undefined && { state }),
    })
    return venue
  }

  #addBook(venue: VenueState, symbol: string, terms: InstrumentTerms | undefined, events: Event[]): Book {
    const book = new Book(symbol, terms && { terms, ledger: venue.ledger })
    venue.books.set(symbol, book)
    this.books += 1
    events.push({ type: 'instrument-listed', venue: venue.name, symbol, ...(terms && { terms }) })
    return book
  }

  /** Looks for the timer that is due next. Call it when one may have changed. */
  findNextDue(): void {
    this.nextDue = Number.POSITIVE_INFINITY
    for (const { closing, sessions } of this.venues.values()) {
      if (closing !== undefined && 'at' in closing) this.nextDue = Math.min(this.nextDue, closing.at)
      this.nextDue = Math.min(this.nextDue, sessions.nextDue)
    }
  }

  /** A process goes on: its time did not pass while there was none, and nobody is connected yet. */
  #startTimers(now: Micros): void {
    for (const venue of this.venues.values()) {
      putOff(venue, now - this.time)
      for (const session of venue.sessions) venue.sessions.lose(session, now)
    }
    this.findNextDue()
  }

  /** Whether a session is armed: then a start of the process is the loss of its connection. */
  get isArmed(): boolean {
    return [...this.venues.values()].some(({ sessions }) => sessions.size > 0)
  }

  /** Everything that is due by now, in the order of due time and then of the venues' creation. */
  #fireTimers(now: Micros, events: Event[]): void {
    while (this.nextDue <= now) {
      for (const venue of this.venues.values()) {
        const { closing } = venue
        if (closing !== undefined && 'at' in closing && closing.at === this.nextDue) closeVenue(venue, events)
        for (const session of venue.sessions.dueAt(this.nextDue)) endSession(venue, session, events)
      }
      this.findNextDue()
    }
  }
}

/** The same commands gave something else than they once did. */
export class DigestDiffers extends Error {
  constructor(at: number, recorded: string, writer: string, found: string) {
    super(
      `after command ${at} the digest is ${found} with engine ${engineVersion}, but was ${recorded} with engine ${writer}: ` +
        'the same commands come to something else. Use the version that wrote them; nothing was changed',
    )
  }
}

/** Why an order that is not open is none. */
function missing({ lastOrderId }: VenueState, orderId: number): RejectReason {
  return orderId >= 1 && orderId <= lastOrderId ? 'order_closed' : 'unknown_order'
}

function addAccount(venue: VenueState, name: string): Account {
  const account = new Account(name, venue.accounts.size + 1)
  venue.accounts.set(name, account)
  return account
}

function venueLimits({ accounts, openOrdersPerAccount, openOrders, closedOrders }: VenueLimits): VenueLimits {
  return { accounts, openOrdersPerAccount, openOrders, closedOrders }
}
