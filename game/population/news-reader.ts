import { createTrader, type Trader } from '../../traders/step.ts'
import { dayLength } from '../level.ts'
import { momentIn } from './active.ts'
import { netBought } from './fills.ts'
import type { News } from './news.ts'
import { atOnce } from './price.ts'

interface Reader {
  readonly half: number
  readonly position: number
}

/** Trades right after each announcement, as anybody may, and gets rid of it at leisure. It looks guilty and is not. */
export function newsReader(account: string, news: readonly News[]): Trader {
  return createTrader<Reader>({
    name: account,
    account,
    firstAfter: 0,
    begin: () => ({ half: -1, position: 0 }),
    step: (before, view, random) => {
      const half = before.half + 1
      const position = before.position + netBought(view.fills)
      const state = { half, position }
      const nextAt = momentIn(half, view, random)
      const today = news.find(({ day }) => day * dayLength <= view.now && view.now < (day + 0.5) * dayLength)
      if (today !== undefined) {
        return { state, actions: atOnce(view, today.factor > 1 ? 'buy' : 'sell', 280), nextAt }
      }
      if (position === 0 || !random.chance(0.3)) return { state, actions: [], nextAt }
      const quantity = Math.min(Math.abs(position), random.between(10, 99))
      return { state, actions: atOnce(view, position > 0 ? 'sell' : 'buy', quantity), nextAt }
    },
  })
}
