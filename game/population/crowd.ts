import { createTrader, netBought, type Trader } from '../../traders/step.ts'
import { dayLength } from '../level.ts'
import { momentIn } from './moment.ts'
import { atOnce } from './price.ts'

const quarterDay = dayLength / 4
/** How long who fled stays away, in quarters of a day. */
const awayFor = 30 * 4

interface Fan {
  /** The quarter of a day it is woken in next, counted from its first. */
  readonly quarter: number
  readonly held: number
  /** The price as it remembers it: the newest weigh most. */
  readonly usual: number
  /** The highest price since it holds something. */
  readonly peak: number
  readonly isFleeing: boolean
  /** The quarter in which it may buy again. */
  readonly backAt: number
  /** How far under the peak it loses its nerve. */
  readonly nerve: number
}

/**
 * Buys because the price rises, and as soon as it has fallen far enough sells everything because it falls. After the
 * mania's last day hardly anybody buys any more.
 */
export function fan(name: string, startPrice: number, lastDay: number): Trader {
  return createTrader<Fan>({
    name,
    account: name,
    firstAfter: 0,
    begin: (random) => ({
      quarter: -1,
      held: 0,
      usual: startPrice,
      peak: 0,
      isFleeing: false,
      backAt: 0,
      nerve: random.uniform(0.18, 0.35),
    }),
    step: (before, view, random) => {
      const quarter = before.quarter + 1
      const nextAt = momentIn(quarter, quarterDay, view, random)
      const held = before.held + netBought(view.fills)
      const last = view.last
      if (last === undefined) return { state: { ...before, quarter, held }, actions: [], nextAt }
      const isNewDay = quarter % 4 === 0
      const usual = isNewDay ? before.usual + 0.35 * (last - before.usual) : before.usual
      const peak = held > 0 ? Math.max(before.peak, last) : 0
      const isFleeing = held > 0 && (before.isFleeing || last < peak * (1 - before.nerve))
      const backAt = isFleeing ? quarter + awayFor : before.backAt
      const state = { ...before, quarter, held, usual, peak, isFleeing, backAt }
      if (isFleeing) return { state, actions: atOnce(view, 'sell', Math.min(40, held)), nextAt }
      const isOver = view.now >= (lastDay + 1) * dayLength
      const sells = isOver && isNewDay && held > 0 && random.chance(0.25)
      if (sells) return { state, actions: atOnce(view, 'sell', Math.min(30, held)), nextAt }
      const likes = isNewDay && quarter >= backAt && last >= 0.995 * usual
      const buys = likes && random.chance(isOver ? 0.06 : 0.6)
      return { state, actions: buys ? atOnce(view, 'buy', random.between(1, 9)) : [], nextAt }
    },
  })
}
