import type { TraderOptions } from '../../schemas/population.ts'
import { after, createTrader, immediate, type Trader } from '../step.ts'
import type { Post } from './post.ts'

/** Buys or sells at once, as a coin falls, and pays what it takes up to a point. */
export function createNoiseTrader(
  { pause, through, quantities }: TraderOptions<'noise'>,
  post: Post,
): Trader {
  return createTrader<undefined>({
    ...post,
    begin: () => undefined,
    step(state, { now, bid, ask }, random) {
      const buys = random.chance(0.5)
      const quantity = random.pick(quantities)
      const best = buys ? ask : bid
      const actions =
        best === undefined
          ? []
          : buys
            ? [immediate('buy', best.price + through, quantity)]
            : [immediate('sell', Math.max(1, best.price - through), quantity)]
      return { state, actions, nextAt: after(now, random.exponential(pause)) }
    },
  })
}
