import type { Micros } from '../../src/domain/units.ts'
import { createRandom } from '../../traders/random.ts'
import { cancel, createTrader, limit, type MarketView, middle, type Trader } from '../../traders/step.ts'
import { halfDay } from './moment.ts'
import { askPrice, bidPrice } from './price.ts'

/** What a giant puts at one price. Nobody has as much. */
const wallSize = 60_000
export const giantNames = ['GIANT_1', 'GIANT_2'] as const

/** One giant's walk: it pushes the price, stands for a while, and leaves. */
export interface Campaign {
  readonly giant: (typeof giantNames)[number]
  /** The half day, counted from the warm-up's beginning, in which the wall appears. It is the first of a day. */
  readonly from: number
  /** How far each half day's move goes, as a share of the price; upward for the one giant, downward for the other. */
  readonly moves: readonly number[]
  /** The half day in which the wall goes away. */
  readonly until: number
}

/** Who walks when, and how far. It is all settled before the first trade; only where a walk begins, the market says. */
export function campaignsOf(seed: number, days: number): readonly Campaign[] {
  const random = createRandom(seed, 'giants')
  const plans: Campaign[] = []
  const first = random.below(2)
  for (let day = 1 + random.between(5, 12); day <= days; ) {
    const isUp = (plans.length + first) % 2 === 0
    let travel = random.uniform(0.16, 0.26)
    const moves: number[] = []
    while (travel > 0) {
      const move = Math.min(travel, random.uniform(0.006, 0.014))
      moves.push(isUp ? move : -move)
      travel -= move
    }
    const from = day * 2
    const until = from + moves.length + random.between(4, 9)
    plans.push({ giant: giantNames[isUp ? 0 : 1], from, moves, until })
    day = Math.ceil(until / 2) + random.between(5, 12)
  }
  return plans
}

/** One of the two. Its memory is where its wall stands. */
export function giant(name: Campaign['giant'], plans: readonly Campaign[], startPrice: number): Trader {
  const own = plans.filter((plan) => plan.giant === name)
  return createTrader<number | null>({
    name,
    account: name,
    firstAfter: 1000,
    begin: () => null,
    step: (wall, view) => {
      const half = Math.floor(view.now / halfDay)
      const nextAt = ((half + 1) * halfDay + 1000) as Micros
      const plan = own.find(({ from, until }) => half >= from && half < until)
      if (plan === undefined) return { state: null, actions: view.orders.map(cancel), nextAt }
      const move = plan.moves[half - plan.from]
      if (move === undefined) return { state: wall, actions: [], nextAt }
      const price = (wall ?? middle(view) ?? view.last ?? startPrice) * (1 + move)
      const order =
        move > 0 ? limit('buy', bidPrice(price), wallSize) : limit('sell', askPrice(price), wallSize)
      return { state: price, actions: [...view.orders.map(cancel), order], nextAt }
    },
  })
}

/** Whether somebody stands in the market with far more than anybody needs. */
export function hasWall({ bid, ask }: MarketView): boolean {
  return (bid?.quantity ?? 0) > 5000 || (ask?.quantity ?? 0) > 5000
}
