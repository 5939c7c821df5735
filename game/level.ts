import type { Side } from '../src/domain/order.ts'
import type { Lots, Micros, Ticks } from '../src/domain/units.ts'
import type { Trader } from '../traders/step.ts'

/**
 * How long a trading day is in level time, in microseconds. Everything here counts in level time: day n begins at n of
 * these, the player comes in with day 1, and day 0 is the warm-up. How much of a real second that is, and that a
 * paused game's clock stands still, is the game master's business alone.
 */
export const dayLength = 5_000_000

/** The levels in the order in which they are best played. */
export const levelNames = [
  'first_steps',
  'chock_a_block',
  'sell_side',
  'dueling_bulldozers',
  'irrational_exuberance',
  'making_amends',
  'first_in_line',
  'mind_the_gap',
] as const

export type LevelName = (typeof levelNames)[number]

/**
 * A level: what is drawn for one game of it, who trades there, and the rules as a fold over what happens. Pure: nothing
 * here has a clock, and everything it gives is plain JSON, so a game can be saved at any moment and gone on with.
 */
export interface Level {
  readonly name: LevelName
  /** Other names that it is asked for by. */
  readonly aliases: readonly string[]
  readonly title: string
  /** The last trading day. */
  readonly days: number
  /** What the player has to begin with, in cents. */
  readonly startingCash: number
  /** What its venue leaks, because the level is about it. */
  readonly venue: VenueLeaks
  /** Whether its rules want `quote` happenings; other levels need none. */
  readonly followsQuotes: boolean
  /** Whether it is decided by naming an account; elsewhere nobody may judge. */
  readonly isJudged: boolean

  /** Draws one game. The same seed gives the same game, for ever. */
  setup(seed: number): Setup
  /** What the player is told at the start: Markdown by heading. */
  instructions(names: Names): Readonly<Record<string, string>>
  /** How the executions sockets of the instance lose what they should say. */
  feedFaults(setup: Setup): FeedFaults | undefined
  /**
   * Everybody who trades there beside the player, as they are before the warm-up: their first wakes count from its
   * beginning. One of them may trade in the player's own account.
   */
  population(setup: Setup, player: string): readonly Trader[]
  /** Accounts of the population that may be named to the judge, whether or not they have traded. */
  accountsOf(setup: Setup): readonly string[]
  /** The game before the warm-up. */
  start(setup: Setup): Play
  /**
   * The game after one more thing happened, in the order in which it happened. Gives back the same object when nothing
   * changed; `flash` is a new object exactly when there is a new message. A decided game stays as it is.
   */
  apply(setup: Setup, play: Play, happening: Happening): Play
}

/** What was drawn for one game. Levels add to it; all of it is plain JSON. */
export interface Setup {
  readonly seed: number
  /** The price it all begins at. */
  readonly startPrice: Ticks
}

/** What the texts call things. */
export interface Names {
  readonly venue: string
  readonly symbol: string
  readonly account: string
}

export interface VenueLeaks {
  /** A refused cancel of somebody else's order says whose it is. */
  readonly revealOwnerOnCancel: boolean
  /** Everybody may follow everybody's executions. */
  readonly openExecutions: boolean
}

export interface FeedFaults {
  /** How likely it is that a frame is lost: between 0 and 1. */
  readonly drop: number
  /** Days on which all frames are lost. Sockets are cut as each of them begins. */
  readonly darkDays: readonly number[]
}

/** What the rules hear of. Times are level time. */
export type Happening =
  | {
      /** A trade on the instance's venue. A trade of the player with itself is none. */
      readonly type: 'trade'
      readonly time: Micros
      readonly price: Ticks
      readonly quantity: Lots
      /** The player's part in it, if it had one. */
      readonly player?: { readonly side: Side; readonly taker: boolean }
    }
  | {
      /** The best prices changed. Only for levels that follow quotes, after the trades of the same command. */
      readonly type: 'quote'
      readonly time: Micros
      readonly bid?: Ticks
      readonly ask?: Ticks
    }
  | {
      /** A day began: 1, 2, 3 … The one after the last ends the game. */
      readonly type: 'day'
      readonly time: Micros
      readonly day: number
    }
  | {
      /** The player named an account. It must have traded or be known on the venue: anything else is bad input. */
      readonly type: 'judge'
      readonly time: Micros
      readonly account: string
    }

/** Where a game stands: plain JSON. */
export interface Play {
  /** The day it is; 0 in the warm-up. */
  readonly day: number
  readonly books: Books
  /** What else the level's rules remember. */
  readonly notes: unknown
  /** The newest message of each kind; nothing before the first. */
  readonly flash: Flash | undefined
  /** How it ended, once it has. */
  readonly verdict: Verdict | undefined
}

/** What the player made of it, by its fills. Money is cents as text: prices have no upper end. */
export interface Books {
  readonly cash: string
  readonly position: number
  readonly bought: number
  /** For all that was bought. */
  readonly paid: string
  /** The last trade's price; null before the first. */
  readonly last: number | null
}

export type FlashKind = 'info' | 'success' | 'warning' | 'danger'
export type Flash = Readonly<Partial<Record<FlashKind, string>>>

export type Verdict =
  /** `score`: 1 to 100. */
  { readonly state: 'won'; readonly score: number } | { readonly state: 'lost'; readonly reason: LossReason }

/** Why a game was lost. */
export type LossReason =
  | 'average'
  | 'cash'
  | 'impact'
  | 'innocent'
  | 'markout'
  | 'money'
  | 'position'
  | 'short'
  | 'time'
