import type { TraderOptions } from '../../schemas/population.ts'
import type { Random } from '../random.ts'
import { after, cancel, createTrader, limit, type MarketView, type Trader } from '../step.ts'
import type { Post } from './post.ts'

/** Has no opinion and time: leaves an order somewhere behind the best price of its side, mostly near, and waits. */
export function createPatientTrader(options: TraderOptions<'patient'>, post: Post): Trader {
  /** Behind the best of the own side; without one, in front of the other side, or at the price of the start. */
  function priceOf(side: 'buy' | 'sell', { bid, ask }: MarketView, random: Random): number {
    const distance = Math.min(options.farthest, Math.floor(2 / (1 - 0.98 * random.uniform())) - 2)
    const price =
      side === 'buy'
        ? (bid?.price ?? (ask?.price ?? post.startPrice) - 1) - distance
        : (ask?.price ?? (bid?.price ?? post.startPrice) + 1) + distance
    return Math.max(1, price)
  }

  return createTrader<undefined>({
    ...post,
    begin: () => undefined,
    step(state, view, random) {
      const { now, orders } = view
      const side = random.chance(0.5) ? 'buy' : 'sell'
      const price = priceOf(side, view, random)
      const until = after(now, random.exponential(options.life))
      return {
        state,
        // The tag is when it has waited long enough.
        actions: [
          ...orders.filter(({ tag }) => tag <= now).map(cancel),
          limit(side, price, random.pick(options.quantities), until),
        ],
        nextAt: after(now, random.exponential(options.pause)),
      }
    },
  })
}
