import type { Micros } from '../src/domain/units.ts'

/** What is woken as time goes on: a driver, or whatever else acts in virtual time. */
export interface Sleeper {
  /** When it is to be woken next; infinite when never. */
  readonly nextAt: number
  /** Wakes what is due. */
  wake(now: Micros, most?: number): unknown
  /** Whether something that it sent is on its way. */
  readonly isSending: boolean
  /** Resolves when nothing is. */
  settled(): Promise<void>
}

/** A clock that somebody sets. */
export interface VirtualClock {
  (): Micros
  now: Micros
}

export function createVirtualClock(now: Micros): VirtualClock {
  const clock = Object.assign(() => clock.now, { now })
  return clock
}

/** Wakes between two breaths, in which promises and the process's other work get their turn. */
const breathEvery = 2000

/**
 * Lets virtual time pass as fast as the machine goes, up to a moment: sets the clock to when somebody is due, wakes
 * them, waits for what they send, and so on. Of two that are due at the same time the first of the list goes first.
 * `isOver` is asked before each wake, and ends it early.
 */
export async function runVirtual(
  sleepers: readonly Sleeper[],
  clock: VirtualClock,
  until: Micros,
  isOver: () => boolean = () => false,
): Promise<void> {
  for (let woken = 1; ; woken += 1) {
    const next = earliest(sleepers)
    if (next === undefined || next.nextAt > until || isOver()) break
    clock.now = Math.max(clock.now, next.nextAt) as Micros
    next.wake(clock.now, 1)
    if (next.isSending) await next.settled()
    else if (woken % breathEvery === 0) await breath()
  }
  if (!isOver()) clock.now = Math.max(clock.now, until) as Micros
}

function earliest(sleepers: readonly Sleeper[]): Sleeper | undefined {
  let first: Sleeper | undefined
  for (const sleeper of sleepers) {
    if (sleeper.nextAt < (first?.nextAt ?? Number.POSITIVE_INFINITY)) first = sleeper
  }
  return first
}

function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
