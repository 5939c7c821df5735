import { Unavailable } from './domain/unavailable.ts'
import type { Shard } from './shard.ts'

/**
 * Time passes in a shard only with its commands. While one of its timers runs, this is the longest that the journal is
 * silent: after a crash no more running time than that is unknown.
 */
const mostSilentMs = 5000

/** Lets time pass in a shard when nothing else does, so that timers fire. */
export class Scheduler {
  readonly #shard: Shard
  /** In microseconds. */
  readonly #clock: () => number
  #timer: ReturnType<typeof setTimeout> | undefined
  /** When the timer goes off, by the clock. */
  #armedFor = Number.POSITIVE_INFINITY
  #stopped = false

  constructor(shard: Shard, clock: () => number) {
    this.#shard = shard
    this.#clock = clock
    shard.attach({ event() {}, applied() {}, release: () => this.#arm() })
    this.#arm()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  #arm(): void {
    const { nextDue } = this.#shard
    if (this.#stopped || nextDue === Number.POSITIVE_INFINITY || nextDue >= this.#armedFor) return
    const now = this.#clock()
    const wait = Math.min(mostSilentMs, Math.max(0, Math.ceil((nextDue - now) / 1000)))
    this.#armedFor = now + wait * 1000
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#fire(), wait)
    // It must not keep a process alive that has nothing else to do.
    this.#timer.unref()
  }

  async #fire(): Promise<void> {
    const now = this.#clock()
    const { nextDue, time } = this.#shard
    try {
      if (nextDue <= now || now - time >= mostSilentMs * 1000) await this.#shard.tick()
    } catch (error) {
      // A shard that takes nothing has no time that passes either.
      if (!(error instanceof Unavailable)) throw error
    }
    this.#armedFor = Number.POSITIVE_INFINITY
    this.#arm()
  }
}
