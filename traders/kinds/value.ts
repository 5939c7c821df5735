import type { TraderOptions } from '../../schemas/population.ts'
import type { Random } from '../random.ts'
import {
  type Action,
  after,
  createTrader,
  immediate,
  type MarketView,
  netBought,
  type Trader,
} from '../step.ts'
import { forget } from './inventory.ts'
import type { Post } from './post.ts'

/** How much more it trades the more there is to gain: [more than so many ticks, times]. */
const eagerness = [
  [24, 6],
  [12, 3],
  [6, 2],
] as const
/** How far the opinion goes each time to a new one. */
const change = 0.02
/** What it holds counts less and less, in seconds. */
const memory = 3600

interface State {
  readonly opinion: number
  readonly inventory: number
  readonly wokenAt: number | undefined
}

/** Knows the hidden value, more or less, and takes whatever is offered too far from it. */
export function createValueTrader(options: TraderOptions<'value'>, post: Post): Trader {
  const { edge, quantities } = options

  function quantity(gap: number, random: Random): number {
    return random.pick(quantities) * (eagerness.find(([more]) => gap > more)?.[1] ?? 1)
  }

  function decide(fair: number, { bid, ask }: MarketView, random: Random): readonly Action[] {
    if (ask !== undefined && fair - ask.price > edge)
      return [immediate('buy', Math.floor(fair - edge), quantity(fair - ask.price, random))]
    if (bid !== undefined && bid.price - fair > edge)
      return [immediate('sell', Math.max(1, Math.ceil(fair + edge)), quantity(bid.price - fair, random))]
    return []
  }

  return createTrader<State>({
    ...post,
    begin: (random) => ({ opinion: options.opinion * random.normal(), inventory: 0, wokenAt: undefined }),
    step(state, view, random) {
      const inventory = forget(state.inventory + netBought(view.fills), view.now, state.wokenAt, memory)
      const opinion = state.opinion + change * (options.opinion * random.normal() - state.opinion)
      const value = view.signals.value ?? post.startPrice
      const fair = value + opinion + options.noise * random.normal() - inventory / options.caution
      return {
        state: { opinion, inventory, wokenAt: view.now },
        actions: decide(fair, view, random),
        nextAt: after(view.now, random.exponential(options.pause)),
      }
    },
  })
}
