/**
 * What happens when an order would trade with one of its own account.
 *
 * `allow`: it trades. `cancel-taker`: what is left of the arriving order is canceled. `cancel-maker`: the resting
 * order is canceled and the taker goes on. `cancel-both`: both are. `decrement`: both lose the smaller open quantity
 * without a trade; one left with none closes, the taker goes on.
 */
export type SelfTrade = 'allow' | 'cancel-taker' | 'cancel-maker' | 'cancel-both' | 'decrement'

/** Every self-trade rule, for the edges that let a person choose one. */
export const selfTradeRules = [
  'allow',
  'cancel-taker',
  'cancel-maker',
  'cancel-both',
  'decrement',
] as const satisfies readonly SelfTrade[]

/** How a venue trades. Fixed by the command that creates it, for as long as it lives. */
export interface VenueRules {
  /** Which behavior of the engine holds here: an old venue keeps the rules it was made under. */
  readonly rulesVersion: 1
  readonly selfTrade: SelfTrade
}

/** What a venue has when nobody says otherwise: the rules of the Stockfighter game. */
export const defaultRules: VenueRules = { rulesVersion: 1, selfTrade: 'allow' }

/** A limit that is none. */
export const unlimited = Number.MAX_SAFE_INTEGER

/** Bounds of one venue. They can be changed by a `set-limits` command; nothing that exists is taken away by it. */
export interface VenueLimits {
  /** Accounts that may ever place an order. */
  readonly accounts: number
  /** Orders of one account that may be open at once. */
  readonly openOrdersPerAccount: number
  /** Orders of all accounts that may be open at once. */
  readonly openOrders: number
  /**
   * Closed orders that are remembered, the newest ones; a client order id is forgotten with its order. `unlimited`
   * where they are stored on disk.
   */
  readonly closedOrders: number
}

/** Bounds of a shard: how many books it may hold, and the limits that a new venue starts with. */
export interface Limits extends VenueLimits {
  /** Books (instruments) on all venues together. */
  readonly books: number
}

/** The bounds of a new shard. */
export const defaultLimits: Limits = {
  books: 100,
  accounts: 5000,
  openOrdersPerAccount: 200_000,
  openOrders: 2_000_000,
  closedOrders: 100_000,
}
