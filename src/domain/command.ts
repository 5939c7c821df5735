import type { OrderType, Side, TimeInForce } from './order.ts'
import type { Lots, Micros, Sequence, Ticks } from './units.ts'
import type { Limits, VenueRules } from './venue.ts'

/** Makes a venue, with no instrument yet. Refused when it exists. */
export interface CreateVenue {
  readonly type: 'create-venue'
  readonly venue: string
  readonly rules: VenueRules
}

/** Makes a book. Refused when the venue is unknown, the symbol is listed, or the shard has no room for a book. */
export interface ListInstrument {
  readonly type: 'list-instrument'
  readonly venue: string
  readonly symbol: string
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
  /** Never `gtc` on a market order: it has no price to rest at. */
  readonly timeInForce: TimeInForce
  /** The worst acceptable price; 0 on a market order. */
  readonly price: Ticks
  /** 1 or more. */
  readonly quantity: Lots
  /** The sender's own id, unique in its account: the same order again is answered with the first one. */
  readonly clientOrderId?: string
  /** Makes venue and instrument where they are missing, if and only if the order is accepted. */
  readonly autoCreate: boolean
}

/** Cancels an open order. Whether the sender may do so is the edge's check: ownership never changes. */
export interface Cancel {
  readonly type: 'cancel'
  readonly venue: string
  readonly orderId: number
}

/** What somebody asks for. */
export type Command = CreateVenue | ListInstrument | SetLimits | Place | Cancel

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
export type JournalEntry = Command | Checkpoint

/** An entry that has its place in the journal. */
export interface SequencedCommand {
  readonly sequence: Sequence
  /** Never earlier than that of the command before. */
  readonly time: Micros
  readonly command: JournalEntry
}
