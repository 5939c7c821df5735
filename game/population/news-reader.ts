import type { Trader } from '../../traders/step.ts'
import { dayLength } from '../level.ts'
import { holder } from './holder.ts'
import type { News } from './news.ts'
import { atOnce } from './price.ts'

/** Trades right after each announcement, as anybody may, and gets rid of it at leisure. It looks guilty and is not. */
export function newsReader(account: string, news: readonly News[]): Trader {
  return holder(account, (position, view, random) => {
    const today = news.find(({ day }) => day * dayLength <= view.now && view.now < (day + 0.5) * dayLength)
    if (today !== undefined) return atOnce(view, today.factor > 1 ? 'buy' : 'sell', 280)
    if (position === 0 || !random.chance(0.3)) return []
    const quantity = Math.min(Math.abs(position), random.between(10, 99))
    return atOnce(view, position > 0 ? 'sell' : 'buy', quantity)
  })
}
