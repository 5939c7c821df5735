import type { Random } from '../../traders/random.ts'
import {
  type Action,
  after,
  cancel,
  createTrader,
  limit,
  type MarketView,
  netBought,
  type Trader,
} from '../../traders/step.ts'
import { askPrice, bidPrice } from './price.ts'

/** A market maker that takes its quotes back and makes new ones at fixed times, round a center of its own. */
export interface MakerTerms {
  readonly name: string
  /** Quotes a side. */
  readonly quotes: number
  /** From the center to the first quote, as a share of it; then from each quote to the next, growing by `bend`. */
  readonly half: number
  readonly step: number
  readonly bend?: number
  readonly smallest: number
  readonly largest: number
  /** In seconds of level time: between two rounds, and before the first. */
  readonly every: number
  readonly first?: number
  /** What a share bought or sold moves its center by, in ticks. */
  readonly impact: number
  /** What share of the impact it still remembers at the next round. */
  readonly memory: number
  /**
   * Where the center is before impact: from where it was, and what is seen. With `impact` in it, the center goes where
   * trading pushes it, and the impact is forgotten with `memory` 0.
   */
  center(before: number, view: MarketView, impact: number): number
  readonly start: number
}

interface MakerState {
  readonly center: number
  readonly impact: number
}

export function dayMaker(terms: MakerTerms): Trader {
  return createTrader<MakerState>({
    name: terms.name,
    account: terms.name,
    firstAfter: (terms.first ?? 0) * 1e6,
    begin: () => ({ center: terms.start, impact: 0 }),
    step: (state, view, random) => {
      const pushed = state.impact - terms.impact * netBought(view.fills)
      const center = terms.center(state.center, view, pushed)
      const impact = pushed * terms.memory
      return {
        state: { center, impact },
        actions: [...view.orders.map(cancel), ...quotes(terms, center + impact, random)],
        nextAt: after(view.now, terms.every),
      }
    },
  })
}

function quotes(terms: MakerTerms, center: number, random: Random): Action[] {
  const { half, step, bend = 0, smallest, largest } = terms
  const actions: Action[] = []
  for (let i = 0; i < terms.quotes; i += 1) {
    const away = half + step * i + bend * i * i
    actions.push(limit('buy', bidPrice(center * (1 - away)), random.between(smallest, largest)))
    actions.push(limit('sell', askPrice(center * (1 + away)), random.between(smallest, largest)))
  }
  return actions
}
