import type { InstrumentTerms } from './instrument.ts'
import type { Json } from './note.ts'
import type { OrderType, Side, TimeInForce } from './order.ts'
import type { SessionKey } from './session.ts'
import type { Lots, Micros, Sequence, Ticks } from './units.ts'
import type { Limits, TradingState, VenueRules } from './venue.ts'

/** Makes a venue, with no instrument yet. Refused when it exists. */
export interface CreateVenue {
  readonly type: 'create-venue'
  readonly venue: string
  readonly rules: VenueRules
  /** Open when nothing is said. */
  readonly state?: TradingState
}

/** Makes a book. Refused when the venue is unknown, the symbol is listed, or the shard has no room for a book. */
export interface ListInstrument {
  readonly type: 'list-instrument'
  readonly venue: string
  readonly symbol: string
  /** Cash venues need them; other venues have none. */
  readonly terms?: InstrumentTerms
}

/** Opens, halts or closes a venue. Refused when it is closed: only a reset leads out of that. */
export interface SetState {
  readonly type: 'set-state'
  readonly venue: string
  readonly state: TradingState
  /**
   * How long the venue may be open from now on, in microseconds of running time: neither a halt nor a time when no
   * process runs counts. Then it closes. Without it, what was said before goes on.
   */
  readonly openFor?: Micros
}

/** Takes a venue back to its beginning: orders are canceled, accounts and what they hold are gone. Ids go on. */
export interface ResetVenue {
  readonly type: 'reset-venue'
  readonly venue: string
}

/** Takes a venue away with all that is in it. Its name is not given again. */
export interface DropVenue {
  readonly type: 'drop-venue'
  readonly venue: string
}

/**
 * Writes something down that is none of the engine's business, for whoever trades by it: in its place among the
 * commands, and as durable. Refused when it is too long, or the venue that it is about is unknown.
 */
export interface Note {
  readonly type: 'note'
  /** Without it the note is about the shard. */
  readonly venue?: string
  readonly topic: string
  /** A note takes the place of the one before it under the same topic and key. */
  readonly key: string
  readonly data: Json
}

/**
 * Opens an account on a cash venue and gives it what the venue's rules say. Elsewhere accounts open by themselves, and
 * only those of the house are opened.
 */
export interface OpenAccount {
  readonly type: 'open-account'
  readonly venue: string
  readonly account: string
  /** A hash of what proves who the owner is, for the door that made it; the engine only keeps it. */
  readonly keyHash?: string
  /** It belongs to a trader that is part of the venue: no client can act for it. */
  readonly house?: true
}

/** Gives an account of a cash venue something from outside. */
export interface Deposit {
  readonly type: 'deposit'
  readonly venue: string
  readonly account: string
  readonly asset: string
  /** In smallest units of the asset; 1 or more. */
  readonly amount: bigint
}

/** Changes the limits of one venue or, without `venue`, those of the shard and of venues made from now on. */
export interface SetLimits {
  readonly type: 'set-limits'
  readonly venue?: string
  readonly limits: Partial<Limits>
}

/** Places an order. */
export interface Place {
  readonly type: 'place'
  readonly venue: string
  readonly symbol: string
  readonly account: string
  readonly side: Side
  readonly orderType: OrderType
  /** On a market order `gtc` only where the venue's rules let its remainder wait. */
  readonly timeInForce: TimeInForce
  /** The worst acceptable price; 0 on a market order. */
  readonly price: Ticks
  /** 1 or more; 0 when there is a budget instead. */
  readonly quantity: Lots
  /** Of a market order to buy on a cash venue: money to spend, in smallest units, in place of a quantity. */
  readonly budget?: bigint
  /** The sender's own id, unique in its account: the same order again is answered with the first one. */
  readonly clientOrderId?: string
  /** Covers the order by the account's armed session of that name, if there is one. */
  readonly session?: string
  /** Makes venue and instrument where they are missing, if and only if the order is accepted. */
  readonly autoCreate: boolean
}

/** Cancels an open order. Whether the sender may do so is the edge's check: ownership never changes. */
export interface Cancel {
  readonly type: 'cancel'
  readonly venue: string
  readonly orderId: number
}

/**
 * Gives an open limit order another price and total quantity; it keeps its id. With no more lots at the same price it
 * keeps its place too, else it goes to the back and may trade at once. A total that is filled already closes it.
 */
export interface Replace {
  readonly type: 'replace'
  readonly venue: string
  readonly orderId: number
  readonly price: Ticks
  /** What is filled and what shall be open, together. */
  readonly quantity: Lots
}

/**
 * Has orders canceled some time after their owner's connection was lost. Said again it changes the grace, and takes
 * back the loss.
 */
export interface Arm extends SessionKey {
  readonly type: 'arm'
  /** How long after the loss, in microseconds of any time; after a start of the process from then on. */
  readonly grace: Micros
}

/** Takes that back. */
export interface Disarm extends SessionKey {
  readonly type: 'disarm'
}

/** Says that the connection is lost: the grace begins. */
export interface Disconnect extends SessionKey {
  readonly type: 'disconnect'
}

/** What somebody asks for. */
export type Command =
  | CreateVenue
  | ListInstrument
  | SetLimits
  | SetState
  | ResetVenue
  | DropVenue
  | Note
  | OpenAccount
  | Deposit
  | Place
  | Cancel
  | Replace
  | Arm
  | Disarm
  | Disconnect

/**
 * The first entry of a process that goes on with a journal: timers by running time are put off by the time since
 * the last entry, when no process ran, and whoever was connected is no longer. Nothing is due before it.
 */
export interface Started {
  readonly type: 'started'
}

/** Says that time has passed, when nothing else does: what was due by now happens. */
export interface Tick {
  readonly type: 'tick'
}

/**
 * Says what had come of the journal so far; changes nothing. A replay that comes to something else has met a bug or a
 * build that behaves differently, and stops there.
 */
export interface Checkpoint {
  readonly type: 'checkpoint'
  /** The command after which the digest was taken. */
  readonly at: Sequence
  readonly digest: string
  /** The engine that took it. */
  readonly engineVersion: string
}

/** What a journal holds: what was asked for, and the marks that the exchange leaves in it itself. */
export type JournalEntry = Command | Checkpoint | Started | Tick

/** An entry that has its place in the journal. */
export interface SequencedCommand {
  readonly sequence: Sequence
  /** Never earlier than that of the command before. */
  readonly time: Micros
  readonly command: JournalEntry
}
