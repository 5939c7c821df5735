import type { Micros } from '../src/domain/units.ts'
import type { Driver } from './driver.ts'

/** Wakes in one turn of the event loop: whoever waits for the process meanwhile has theirs next. */
const wakesPerTurn = 50
/** Traders that are later than this, in microseconds, do not catch up: their time jumps. */
const tooLate = 2_000_000
/** How long traders keep quiet when the exchange has too much to do, in milliseconds. */
const quietMs = 100
/** A timer waits no longer than this. */
const longestMs = 60_000

export interface WallClockOptions {
  /** The traders' time now: the time of day, or that of a game which can stand still. */
  readonly clock: () => Micros
  /** Whether traders had better keep quiet, because people wait for their answers. */
  readonly isBusy: () => boolean
  /** Calls a task after some milliseconds, unless what it returns is called before. */
  readonly schedule: (task: () => void, ms: number) => () => void
}

/** What is woken: a driver, or what stands in for one. */
export type Woken = Pick<Driver, 'nextAt' | 'wake' | 'skip'>

/** Runs a driver by a clock that goes on by itself. One timer, for whoever is due first; nothing between. */
export class WallClock {
  readonly #driver: Woken
  readonly #options: WallClockOptions
  #cancel: (() => void) | undefined

  constructor(driver: Woken, options: WallClockOptions) {
    this.#driver = driver
    this.#options = options
  }

  /** Lets time pass. */
  start(): void {
    if (this.#cancel === undefined) this.#arm()
  }

  /** Lets the time stand still, and releases the timer. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #arm(atLeastMs = 0): void {
    const { nextAt } = this.#driver
    if (nextAt === Number.POSITIVE_INFINITY) {
      this.#cancel = undefined
      return
    }
    const ms = Math.ceil((nextAt - this.#options.clock()) / 1000)
    this.#cancel = this.#options.schedule(() => this.#fire(), Math.min(longestMs, Math.max(atLeastMs, ms)))
  }

  #fire(): void {
    const now = this.#options.clock()
    const late = now - this.#driver.nextAt
    if (late > tooLate) this.#driver.skip(late)
    if (this.#options.isBusy()) {
      this.#arm(quietMs)
    } else {
      this.#driver.wake(now, wakesPerTurn)
      this.#arm()
    }
  }
}
