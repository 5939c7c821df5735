import type { Micros } from '../src/domain/units.ts'
import { dayLength } from './level.ts'

/**
 * The time of one game, in level time: it goes on with the time of day at the game's own pace, can stand still, and
 * never goes back.
 */
export class LevelClock {
  readonly #wall: () => Micros
  readonly #microsPerDay: number
  #since: number | undefined
  #level: number

  /** Stands still at a level time until it is started. */
  constructor(wall: () => Micros, secondsPerDay: number, level: number) {
    this.#wall = wall
    this.#microsPerDay = secondsPerDay * 1_000_000
    this.#level = level
  }

  get now(): Micros {
    return this.at(this.#wall())
  }

  /** The level time at a time of day. */
  at(wall: number): Micros {
    if (this.#since === undefined) return this.#level as Micros
    const passed = Math.max(0, wall - this.#since)
    return (this.#level + Math.floor((passed * dayLength) / this.#microsPerDay)) as Micros
  }

  /** Milliseconds of the day that some of level time take. */
  realMs(levelMs: number): number {
    return Math.ceil((levelMs * this.#microsPerDay) / dayLength)
  }

  start(): void {
    this.#since ??= this.#wall()
  }

  stop(): void {
    this.#level = this.now
    this.#since = undefined
  }

  /** Takes back time that passed while nobody could play. */
  rewind(by: number): void {
    this.#level = this.now - by
    if (this.#since !== undefined) this.#since = this.#wall()
  }
}
