import Type from 'typebox'

export const Timestamp = Type.String({
  description: 'UTC, RFC 3339, always nine fraction digits, so that the texts sort by time.',
  examples: ['2026-11-21T09:30:00.000123000Z'],
})

const microsPerDay = 86_400_000_000

/** Writes whole microseconds since 1970 as a `Timestamp`. */
export function formatTime(micros: number): string {
  const days = Math.floor(micros / microsPerDay)
  const ofDay = micros - days * microsPerDay
  const seconds = Math.floor(ofDay / 1_000_000)
  const fraction = ofDay - seconds * 1_000_000
  return `${date(days)}T${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${six(fraction)}000Z`
}

/** Whole microseconds since 1970 of a time in UTC as RFC 3339 writes it; NaN when there is no such time. */
export function parseTime(text: string): number {
  const [seconds = '', fraction = ''] = text.slice(0, -1).split('.')
  return Date.parse(`${seconds}Z`) * 1000 + Number(fraction.slice(0, 6).padEnd(6, '0'))
}

/** The Gregorian date of a day since 1970, by Howard Hinnant's `civil_from_days` (chrono-compatible low-level date algorithms). */
function date(days: number): string {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`
}

function two(n: number): string {
  return n < 10 ? `0${n}` : `${n}`
}

function six(n: number): string {
  return String(n).padStart(6, '0')
}
