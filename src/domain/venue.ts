import type { Micros } from './units.ts'

/**
 * What happens when an order would trade with one of its own account.
 *
 * `allow`: it trades. `cancel-taker`: what is left of the arriving order is canceled. `cancel-maker`: the resting
 * order is canceled and the taker goes on. `cancel-both`: both are. `decrement`: both lose the smaller open quantity
 * without a trade; one left with none closes, the taker goes on. `skip`: the resting order stays and is passed over, so
 * an account's own orders may stand crossed in the book.
 */
export type SelfTrade = 'allow' | 'cancel-taker' | 'cancel-maker' | 'cancel-both' | 'decrement' | 'skip'

/** Every self-trade rule, for the edges that let a person choose one. */
export const selfTradeRules = [
  'allow',
  'cancel-taker',
  'cancel-maker',
  'cancel-both',
  'decrement',
  'skip',
] as const satisfies readonly SelfTrade[]

/** How a venue trades. Fixed by the command that creates it, for as long as it lives. */
export interface VenueRules {
  /** Which behavior of the engine holds here: an old venue keeps the rules it was made under. */
  readonly rulesVersion: 1
  readonly selfTrade: SelfTrade
  /**
   * What an account may spend. `cash`: what it has and no more, kept in a ledger. Without it nobody counts money, and
   * an account is whoever trades.
   */
  readonly credit?: 'cash'
  /**
   * How accounts of a cash venue come to be. `by-order`: the first order of somebody opens one, if it is taken. Without
   * it they are opened by a door that knows who they are.
   */
  readonly accounts?: 'by-order'
  /** `rest`: what a market order could not trade waits for counterparts. Without it, that is canceled. */
  readonly marketRemainder?: 'rest'
  /** A market order is refused where the other side of the book is empty. Without it, it ends with nothing traded. */
  readonly marketNeedsCounterpart?: true
  /** What each account is given when it is opened: amounts by asset, in smallest units as text. */
  readonly opening?: Readonly<Record<string, string>>
  /** Who tries to cancel an order of somebody else is told whose it is. Never said without it. */
  readonly revealOwnerOnCancel?: true
  /** Everybody may follow the executions of any account. Without it, who may act as the account. */
  readonly openExecutions?: true
}

/**
 * `open`: everybody trades. `halted`: no order and no cancel is taken. `closed`: the same, and all orders were
 * canceled; only a reset leads out of it.
 */
export type TradingState = 'open' | 'halted' | 'closed'

/** How long a venue goes on trading: until a moment while it is open, a span kept while it is halted. */
export type Closing = { readonly at: Micros } | { readonly after: Micros }

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
