import { after, cancel, createTrader, limit, type Trader } from '../../traders/step.ts'
import { dayLength } from '../level.ts'
import type { FairValue } from './fair-value.ts'
import { askPrice } from './price.ts'

/** As many shares at the best bid tell everybody that somebody wants very much. */
const loud = 5000
const secondsPerDay = dayLength / 1e6

/** A fund that has a block to sell, and asks for more from a buyer who shouts. Every few days it makes a new offer. */
export function fundSeller(fair: FairValue): Trader {
  return createTrader<null>({
    name: 'FUND',
    account: 'FUND',
    firstAfter: 10_000,
    begin: () => null,
    step: (state, view, random) => {
      const hears = view.bid !== undefined && view.bid.quantity > loud
      const share = hears ? 1.012 + random.uniform(0, 0.006) : 1.001 - random.uniform(0, 0.006)
      const offer = limit('sell', askPrice(fair(view.now) * share), random.between(1500, 4000))
      return {
        state,
        actions: [...view.orders.map(cancel), offer],
        nextAt: after(view.now, random.between(2, 5) * secondsPerDay),
      }
    },
  })
}
