import type { TraderOptions } from '../../schemas/population.ts'
import type { Random } from '../random.ts'
import {
  type Action,
  after,
  createTrader,
  immediate,
  type MarketView,
  middle,
  netBought,
  type Trader,
} from '../step.ts'
import type { Post } from './post.ts'

interface State {
  readonly fast: number
  readonly slow: number
  readonly position: number
}

/** Follows the price: buys what has been rising, sells what has been falling, and gets out when neither is. */
export function createMomentumTrader(options: TraderOptions<'momentum'>, post: Post): Trader {
  const { enter, exit, inventoryLimit, quantities } = options

  function decide(
    { fast, slow, position }: State,
    { bid, ask }: MarketView,
    random: Random,
  ): readonly Action[] {
    const trend = fast - slow
    const quantity = random.pick(quantities)
    if (trend > enter && position < inventoryLimit && ask !== undefined)
      return [immediate('buy', ask.price, quantity)]
    if (trend < -enter && position > -inventoryLimit && bid !== undefined)
      return [immediate('sell', bid.price, quantity)]
    if (trend > exit || trend < -exit) return []
    if (position > 0 && bid !== undefined) return [immediate('sell', bid.price, Math.min(quantity, position))]
    if (position < 0 && ask !== undefined) return [immediate('buy', ask.price, Math.min(quantity, -position))]
    return []
  }

  return createTrader<State>({
    ...post,
    begin: () => ({ fast: post.startPrice, slow: post.startPrice, position: 0 }),
    step(before, view, random) {
      const mid = middle(view)
      const state = {
        fast: toward(mid, before.fast, options.fast),
        slow: toward(mid, before.slow, options.slow),
        position: before.position + netBought(view.fills),
      }
      return {
        state,
        actions: decide(state, view, random),
        nextAt: after(view.now, random.exponential(options.pause)),
      }
    },
  })
}

/** An average after one more price, if there is one. */
function toward(mid: number | undefined, average: number, weight: number): number {
  return mid === undefined ? average : average + weight * (mid - average)
}
