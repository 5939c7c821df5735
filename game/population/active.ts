import type { Side } from '../../src/domain/order.ts'
import type { Random } from '../../traders/random.ts'
import { type Action, cancel, createTrader, limit, type MarketView, type Trader } from '../../traders/step.ts'
import { halfDay, momentIn } from './moment.ts'
import { atOnce } from './price.ts'

/** How many half days back the price is compared with. */
const trendOver = 8

/** What an account that trades of its own will goes by. */
export type Habit = 'at random' | 'with the trend' | 'against the trend'

export interface ActiveTerms {
  readonly account: string
  readonly habit: Habit
  /** What its orders are multiplied by: how rich it is. */
  readonly size: number
}

interface ActiveState {
  readonly half: number
  /** The last price at each of the newest half days, the oldest first. */
  readonly prices: readonly number[]
  /** How likely it takes what is offered rather than to wait. */
  readonly taking: number
}

/** An account that trades often and knows nothing. */
export function active({ account, habit, size }: ActiveTerms): Trader {
  return createTrader<ActiveState>({
    name: account,
    account,
    firstAfter: 0,
    begin: (random) => ({ half: -1, prices: [], taking: random.uniform(0.66, 0.96) }),
    step: (before, view, random) => {
      const half = before.half + 1
      const nextAt = momentIn(half, halfDay, view, random)
      const { last } = view
      const prices = last === undefined ? before.prices : [...before.prices, last].slice(-trendOver - 1)
      const state = { ...before, half, prices }
      if (half === 0 || !random.chance(0.3)) return { state, actions: [], nextAt }
      const side = sideOf(habit, prices, random)
      const quantity = random.between(10, 99) * size
      return { state, actions: tradeOrWait(view, random, side, quantity, before.taking), nextAt }
    },
  })
}

/** Takes what is offered, or else waits one tick inside the best price; what waited before is taken back. */
export function tradeOrWait(
  view: MarketView,
  random: Random,
  side: Side,
  quantity: number,
  taking: number,
): Action[] {
  const old = view.orders.map(cancel)
  if (random.chance(taking)) return [...old, ...atOnce(view, side, quantity)]
  const { bid, ask } = view
  if (side === 'buy') return bid === undefined ? old : [...old, limit(side, bid.price + 1, quantity)]
  return ask === undefined ? old : [...old, limit(side, Math.max(1, ask.price - 1), quantity)]
}

function sideOf(habit: Habit, prices: readonly number[], random: Random): Side {
  const trend = prices.length > trendOver ? (prices.at(-1) as number) - (prices[0] as number) : 0
  const coin = random.chance(0.5) ? 'buy' : 'sell'
  if (habit === 'at random' || trend === 0) return coin
  return trend > 0 === (habit === 'with the trend') ? 'buy' : 'sell'
}
