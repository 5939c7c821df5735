import { clock, shortDay } from './text.ts'

/** Where a line of a scale is, from 0 to 1, and what stands there. */
export interface Mark {
  readonly at: number
  readonly label: string
}

/** What an axis covers. */
export interface Range {
  readonly low: number
  readonly high: number
}

const day = 86_400_000_000
/** Steps of an axis of time, in microseconds. */
const timeSteps = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * 1e6),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60e6),
  ...[1, 2, 3, 6, 12].map((hours) => hours * 3600e6),
  ...[1, 2, 7, 14, 30, 90, 365].map((days) => days * day),
]

/** Round numbers within a range, about so many of them. */
export function marks(
  { low, high }: Range,
  count: number,
  label: (value: number) => string,
  least = 0,
): Mark[] {
  const step = Math.max(least, niceStep((high - low) / count))
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
    const value = (first + i) * step
    return { at: (value - low) / (high - low), label: label(value) }
  })
}

/** The round number, 1, 2 or 5 times a power of ten, that is not below a number above 0. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  return (([1, 2, 5].find((n) => n * power >= rough * (1 - 1e-9)) ?? 10) as number) * power
}

/** Round times between two moments, in microseconds; at most eight of them. */
export function timeMarks({ low, high }: Range): Mark[] {
  const step = timeSteps.find((n) => (high - low) / n <= 7) ?? (timeSteps.at(-1) as number)
  const label = (time: number) =>
    step >= day || time % day === 0 ? shortDay(time) : clock(time, step < 60e6)
  const count = Math.floor(high / step) - Math.ceil(low / step) + 1
  return Array.from({ length: count }, (_, i) => {
    const time = (Math.ceil(low / step) + i) * step
    return { at: (time - low) / (high - low), label: label(time) }
  })
}

/** A range around some numbers, with a little room; never empty. */
export function rangeOf(numbers: Iterable<number | undefined>, { fromZero = false } = {}): Range {
  let low = fromZero ? 0 : Number.POSITIVE_INFINITY
  let high = fromZero ? 0 : Number.NEGATIVE_INFINITY
  for (const n of numbers) {
    if (n === undefined || !Number.isFinite(n)) continue
    low = Math.min(low, n)
    high = Math.max(high, n)
  }
  if (low > high) return { low: 0, high: 1 }
  const room = (high - low) * 0.06 || Math.max(1, Math.abs(high) * 0.01)
  return { low: fromZero && low === 0 ? 0 : low - room, high: high + room }
}
