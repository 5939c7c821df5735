import type { BookRecord } from './book-record.ts'
import { autocorrelation, excessKurtosis, returnsOf } from './statistics.ts'
import { decimal, duration, percent, type Units } from './text.ts'

/** Returns of one trading day of 6.5 hours have 390 minutes; a few may be missing at its ends. */
const returnsOfDay = 385
/** What holds at any moment can be judged after so many minutes. */
const minutesOfMoment = 10
const longestEmptyWanted = 1_000_000

/** Whether a figure is within its band, or there is too little to say so. */
export type Verdict = 'within' | 'outside' | 'short'

/** A stylised fact: what was measured, and within which band a market that lives has it. */
export interface Fact {
  readonly name: string
  readonly measured: string
  /** What there is to add to the measured figure. */
  readonly more?: string | undefined
  readonly wanted: string
  readonly verdict: Verdict
}

/** The facts of a book, as the acceptance table of the living market has them. */
export function factsOf(record: BookRecord, units: Units): Fact[] {
  return [...returnFacts(record), ...spreadFacts(record), ...paceFacts(record), ...bookFacts(record, units)]
}

function returnFacts({ mids }: BookRecord): Fact[] {
  const returns = returnsOf(mids)
  const enough = returns.length >= returnsOfDay
  const fact = (
    name: string,
    value: number | undefined,
    wanted: string,
    isWithin: (x: number) => boolean,
  ) => ({
    name,
    measured: value === undefined ? '–' : decimal(value, 3),
    wanted,
    verdict: judge(enough ? value : undefined, isWithin),
  })
  const absolute = returns.map(Math.abs)
  return [
    fact('Excess kurtosis of one-minute returns', excessKurtosis(returns), 'above 1', (x) => x > 1),
    fact(
      'Autocorrelation of returns, lag 1',
      autocorrelation(returns, 1),
      'within ±0.1',
      (x) => Math.abs(x) <= 0.1,
    ),
    fact(
      'Autocorrelation of absolute returns, lag 1',
      autocorrelation(absolute, 1),
      'above 0.1',
      (x) => x > 0.1,
    ),
  ]
}

function spreadFacts(record: BookRecord): Fact[] {
  const median = record.spreads.quantile(0.5)
  const most = record.spreads.quantile(0.95)
  return [
    {
      name: 'Median spread',
      measured: median === undefined ? '–' : inTicks(median),
      more: most === undefined ? undefined : `95% of the time up to ${decimal(most)}`,
      wanted: 'up to 5 ticks',
      verdict: judge(ofMoment(record, median), (x) => x <= 5),
    },
  ]
}

function paceFacts(record: BookRecord): Fact[] {
  const { trades, start, end, leastTrades } = record
  const seconds = (end - start) / 1e6
  const pace = seconds > 0 ? trades / seconds : undefined
  const least = leastTrades === undefined ? undefined : leastTrades / 60
  return [
    {
      name: 'Trades a second',
      measured: pace === undefined ? '–' : decimal(pace, 2),
      wanted: 'at least 1',
      verdict: judge(ofMoment(record, pace), (x) => x >= 1),
    },
    {
      name: 'Trades a second in the quietest minute',
      measured: least === undefined ? '–' : decimal(least, 2),
      wanted: 'at least 1',
      verdict: judge(ofMoment(record, least), (x) => x >= 1),
    },
  ]
}

function bookFacts(record: BookRecord, units: Units): Fact[] {
  const { longestEmpty, bidLevels, askLevels, firstMid, lowestMid, highestMid } = record
  const bids = bidLevels.quantile(0.5)
  const asks = askLevels.quantile(0.5)
  const levels = bids === undefined || asks === undefined ? undefined : Math.min(bids, asks)
  const tenOrMore = Math.min(bidLevels.shareFrom(10), askLevels.shareFrom(10))
  const lowest = Math.min(bidLevels.quantile(0) ?? 0, askLevels.quantile(0) ?? 0)
  const factor = firstMid === undefined ? undefined : Math.max(highestMid / firstMid, firstMid / lowestMid)
  return [
    {
      name: 'Longest time with an empty side',
      measured: firstMid === undefined ? '–' : longestEmpty === 0 ? 'never empty' : duration(longestEmpty),
      wanted: `up to ${duration(longestEmptyWanted)}`,
      verdict: judge(
        ofMoment(record, firstMid === undefined ? undefined : longestEmpty),
        (x) => x <= longestEmptyWanted,
      ),
    },
    {
      name: 'Levels a side',
      measured: levels === undefined ? '–' : `bids ${bids}, asks ${asks}`,
      more:
        levels === undefined ? undefined : `10 or more in ${percent(tenOrMore)} of seconds, lowest ${lowest}`,
      wanted: 'at least 10, by the median',
      verdict: judge(ofMoment(record, levels), (x) => x >= 10),
    },
    {
      name: 'Range of the mid price',
      measured: firstMid === undefined ? '–' : `${units.price(lowestMid)} to ${units.price(highestMid)}`,
      more: firstMid === undefined ? undefined : `it began at ${units.price(firstMid)}`,
      wanted: 'half to twice the first one',
      verdict: judge(ofMoment(record, factor), (x) => x <= 2),
    },
  ]
}

/** The figure, if there was time enough for one that holds at any moment. */
function ofMoment({ start, end }: BookRecord, value: number | undefined): number | undefined {
  return end - start >= minutesOfMoment * 60e6 ? value : undefined
}

function judge(value: number | undefined, isWithin: (value: number) => boolean): Verdict {
  if (value === undefined) return 'short'
  return isWithin(value) ? 'within' : 'outside'
}

function inTicks(n: number): string {
  return n === 1 ? '1 tick' : `${decimal(n)} ticks`
}
