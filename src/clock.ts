import { performance } from 'node:perf_hooks'
import type { Micros } from './domain/units.ts'

/** How far the fine clock may run from the system's before it is set again, in milliseconds. */
const tolerance = 5

/**
 * A clock of the system's time in microseconds. `Date.now` knows only milliseconds, so the fraction comes from the
 * process's own timer, which is set by the system's clock whenever the two have come apart.
 */
export function createWallClock(): () => Micros {
  let offset = Date.now() - performance.now()
  return () => {
    const now = Date.now()
    let fine = performance.now() + offset
    if (Math.abs(fine - now) > tolerance) {
      offset = now - performance.now()
      fine = now
    }
    return Math.floor(fine * 1000) as Micros
  }
}

/** Calls a task after some milliseconds, unless what it returns is called before. */
export function setTimer(task: () => void, ms: number): () => void {
  const timer = setTimeout(task, ms)
  // It must not keep a process alive that has nothing else to do.
  timer.unref()
  return () => clearTimeout(timer)
}
