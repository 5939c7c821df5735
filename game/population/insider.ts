import type { Trader } from '../../traders/step.ts'
import { dayLength } from '../level.ts'
import { tradeOrWait } from './active.ts'
import { holder } from './holder.ts'
import type { News } from './news.ts'

/** Days before an announcement in which it uses what it knows, and days after it in which it takes its gain. */
const near = 3

/**
 * Knows the news before everybody: buys before the good, sells what it has before the bad, is out soon after, and
 * trades a little in between so as not to be noticed. It never sells what it has not.
 */
export function insider(account: string, news: readonly News[]): Trader {
  return holder(account, (position, view, random) => {
    const day = Math.floor(view.now / dayLength)
    const coming = news.find((item) => item.day > day && item.day <= day + near)
    const past = news.find((item) => item.day <= day && item.day > day - near)
    const knows = coming !== undefined || past !== undefined
    if (!random.chance(knows ? 0.8 : 0.12)) return []
    const buys = knows ? coming !== undefined && coming.factor > 1 : random.chance(0.5)
    const wanted = random.between(50, 150)
    const quantity = buys ? wanted : Math.min(position, wanted)
    return quantity === 0 ? [] : tradeOrWait(view, random, buys ? 'buy' : 'sell', quantity, 0.7)
  })
}
