import type { Json } from '../src/domain/note.ts'
import type { SavedDriver } from '../traders/driver.ts'
import type { Flash, LevelName, LossReason, Play } from './level.ts'

// What the game master writes into the journal: notes, by topic. A finished game can be told from them and the trades.

/** One game on its own venue. Note `instance_started`, about no venue, by the instance's id. */
export interface InstanceRecord {
  readonly id: number
  readonly level: LevelName
  readonly seed: number
  readonly secondsPerDay: number
  /** The first of the accounts whose key started it; none where there are no keys. */
  readonly owner?: string
  readonly venue: string
  readonly symbol: string
  readonly account: string
}

/** How a game ended. Note `instance_ended`, about no venue, by the instance's id. */
export interface EndRecord {
  /** Which of the instance's games it was: each has its own venue. */
  readonly venue: string
  readonly state: 'won' | 'lost' | 'stopped'
  /** Microseconds since 1970. */
  readonly at: number
  readonly day: number
  readonly reason?: LossReason | 'idle' | 'restarted'
  readonly score?: number
  readonly flash?: Flash
  readonly judged?: Judgment
}

/** What the player handed in. Note `judged`, about the venue. */
export interface Judgment {
  readonly account: string
  readonly explanationLink?: string
  readonly executiveSummary?: string
}

/**
 * A game at a moment: what it takes to go on from there. Notes `day_began` and `paused`, about the venue; the later one
 * counts.
 */
export interface Checkpoint {
  /** Level time. */
  readonly at: number
  /** The same moment by the clock on the wall, in microseconds since 1970. */
  readonly wall: number
  readonly play: Play
  readonly driver: SavedDriver
  /** The last trade of the venue, and the last event of the player's account, that `play` has heard of. */
  readonly trade: number
  readonly event: number
  /** Only when it was paused: nobody was there, or the server stopped. */
  readonly why?: 'idle' | 'stopping'
}

/** What a key made of a level at best. Note `best`, about no venue, by owner and level. */
export interface BestRecord {
  readonly score: number
  readonly day: number
}

/** A record as a note holds it. All records are plain JSON. */
export function toJson(record: InstanceRecord | EndRecord | Judgment | Checkpoint): Json {
  return record as unknown as Json
}

/** What was written under a topic once. */
export function fromJson<Record>(data: Json | undefined): Record | undefined {
  return data as unknown as Record | undefined
}
