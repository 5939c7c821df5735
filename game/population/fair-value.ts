import { createRandom } from '../../traders/random.ts'
import { dayLength, type Setup } from '../level.ts'

/** What the thing traded is worth at a moment of level time. No client can read it. */
export type FairValue = (time: number) => number

export interface FairTerms {
  readonly days: number
  /** How far it moves in a day, as a share of the start price. */
  readonly sigma: number
  /** What share of its distance to the start price it goes back in a day. */
  readonly pull: number
  /** What it jumps to on some days, as a share of what it was. */
  readonly news?: ReadonlyMap<number, number>
}

/** A hidden value that moves once a day. It depends on the setup alone: the market does not move it. */
export function fairValue({ seed, startPrice }: Setup, { days, sigma, pull, news }: FairTerms): FairValue {
  const random = createRandom(seed, 'fair')
  const values = [startPrice as number]
  for (let day = 1; day <= days; day += 1) {
    const last = values[day - 1] as number
    const moved = last + pull * (startPrice - last) + sigma * startPrice * random.normal()
    values.push(Math.max(startPrice / 10, moved * (news?.get(day) ?? 1)))
  }
  return (time) => values[Math.min(days, Math.floor(time / dayLength))] as number
}
