import type { TraderOptions } from '../../schemas/population.ts'
import type { Random } from '../random.ts'
import { after, createTrader, type Trader } from '../step.ts'
import type { Post } from './post.ts'

/** How lively the market is over a day, at thirteen moments of it: both ends are, the middle is not. */
const liveliness = [1.9, 1.5, 1.25, 1.05, 0.9, 0.8, 0.75, 0.75, 0.8, 0.9, 1.05, 1.3, 1.6]
/** Two levels of agitation that last, the one for minutes and the other for less; each switches by chance. */
const moods = { calm: 0.6, busy: 1.55, meanSeconds: 720 }
const gusts = { weak: 0.8, strong: 1.2, meanSeconds: 300 }

interface State {
  readonly value: number
  readonly isBusy: boolean
  readonly isStrong: boolean
  /** When the first day began. */
  readonly since: number | undefined
}

/** What the stock is worth, which only value traders know: a slow random walk with moods, news, and a pull to its start. */
export function createValueProcess(options: TraderOptions<'value-process'>, post: Post): Trader {
  const { startPrice } = post
  const lowest = options.lowest * startPrice
  const highest = options.highest * startPrice

  function jump(agitation: number, random: Random): number {
    if (!random.chance((agitation * options.newsPerHour) / 3600)) return 0
    const size = random.uniform(options.newsLeast, options.newsMost)
    return random.chance(0.5) ? size : -size
  }

  return createTrader<State>({
    name: post.name,
    account: undefined,
    firstAfter: post.firstAfter,
    begin: (random) => ({
      value: startPrice,
      isBusy: random.chance(0.5),
      isStrong: random.chance(0.5),
      since: undefined,
    }),
    step(state, { now }, random) {
      const since = state.since ?? now
      const season = livelinessAt((now - since) / 1e6 / options.cycle)
      const isBusy = random.chance(1 / moods.meanSeconds) !== state.isBusy
      const isStrong = random.chance(1 / gusts.meanSeconds) !== state.isStrong
      const agitation = season * (isBusy ? moods.busy : moods.calm) * (isStrong ? gusts.strong : gusts.weak)
      const pulled = options.pull * (startPrice - state.value)
      const moved =
        state.value + pulled + options.volatility * agitation * random.normal() + jump(season, random)
      const value = Math.min(highest, Math.max(lowest, moved))
      return {
        state: { value, isBusy, isStrong, since },
        actions: [],
        nextAt: after(now, 1),
        signals: { value },
      }
    },
  })
}

/** How lively it is at a moment, in days since the first began. */
function livelinessAt(days: number): number {
  const place = (days - Math.floor(days)) * (liveliness.length - 1)
  const knot = Math.floor(place)
  const [from, to] = [liveliness[knot] as number, liveliness[knot + 1] as number]
  return from + (to - from) * (place - knot)
}
