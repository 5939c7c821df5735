import type { Random } from '../../traders/random.ts'
import { type Action, createTrader, type MarketView, netBought, type Trader } from '../../traders/step.ts'
import { halfDay, momentIn } from './moment.ts'

interface Holder {
  readonly half: number
  readonly position: number
}

/** An account that decides something once in each half day, and knows what it holds. */
export function holder(
  account: string,
  decide: (position: number, view: MarketView, random: Random) => Action[],
): Trader {
  return createTrader<Holder>({
    name: account,
    account,
    firstAfter: 0,
    begin: () => ({ half: -1, position: 0 }),
    step: (before, view, random) => {
      const half = before.half + 1
      const position = before.position + netBought(view.fills)
      const nextAt = momentIn(half, halfDay, view, random)
      return { state: { half, position }, actions: decide(position, view, random), nextAt }
    },
  })
}
