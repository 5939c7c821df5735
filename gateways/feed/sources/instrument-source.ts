import type { Source } from '../../../src/feeds/subscriptions.ts'
import type { Instrument } from '../../../src/port.ts'

/** One channel of one instrument, as it is sent. */
export interface InstrumentSource extends Source {
  readonly instrument: Instrument
  /** The number of the last change. */
  readonly number: number
  /** Whether every change after a number can be told. */
  reaches(after: number): boolean
  /** A message that says it all anew, to who has had the number `prev`, 0 for nothing. */
  snapshot(prev: number, missed: boolean): string
  /** A message with what changed after a number that it reaches back to. */
  changes(after: number): string
  /** The same when everybody has had everything up to that number; may be cheaper. */
  next(after: number): string
}

/** Everything after a number in one message: the changes if they are kept, else a snapshot. */
export function catchUp(
  source: Pick<InstrumentSource, 'number' | 'reaches' | 'snapshot' | 'changes'>,
  after: number,
): string | undefined {
  if (after === source.number) return undefined
  return source.reaches(after) ? source.changes(after) : source.snapshot(after, true)
}
