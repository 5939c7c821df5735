import { market, middle, netBought, type Player, type Quote, requote } from './player.ts'

interface Maker {
  readonly position: number
  /** The middle of the market, smoothed. */
  readonly mid: number | undefined
}

interface Manner {
  readonly quantity: number
  /** How much of what it sees it believes at each look: 1 follows the market, 0 stays with its first thought. */
  readonly following: number
  /** How far it leans against each share that it holds, as a share of the price. */
  readonly lean: number
  /** Where it stops quoting the side that would make its position larger. */
  readonly most: number
}

/** Quotes round a smoothed middle, leans against what it holds, and knows when to stop. */
export const leanAgainstPosition = makeMarket({ quantity: 100, following: 0.1, lean: 0.000006, most: 700 })

/** The same with more courage, for level 4: it earns what a market maker earns, which is not enough there. */
export const leanWithRoom = makeMarket({ quantity: 100, following: 0.1, lean: 0.000006, most: 4000 })

/** Never looks again after the first time. */
export const fixedQuotes = makeMarket({
  quantity: 200,
  following: 0,
  lean: 0,
  most: Number.POSITIVE_INFINITY,
})

/** Follows the market, and forgets what it holds. */
export const noInventoryRule = makeMarket({
  quantity: 200,
  following: 0.1,
  lean: 0,
  most: Number.POSITIVE_INFINITY,
})

/** Buys a thousand shares and hopes. */
export const buyAndHope: Player<boolean> = {
  start: false,
  every: 0.5,
  decide: (isDone) => ({ memory: true, wishes: isDone ? [] : [market('buy', 1000)] }),
}

function makeMarket({ quantity, following, lean, most }: Manner): Player<Maker> {
  return {
    start: { position: 0, mid: undefined },
    every: 0.5,
    decide(before, seen) {
      const position = before.position + netBought(seen.fills)
      const now = middle(seen)
      const mid =
        before.mid === undefined || now === undefined ? now : before.mid + following * (now - before.mid)
      if (mid === undefined) return { memory: { ...before, position }, wishes: [] }
      const center = mid * (1 - lean * position)
      const quotes: Quote[] = []
      if (position < most) quotes.push({ side: 'buy', price: Math.floor(center * 0.996), quantity })
      if (position > -most) quotes.push({ side: 'sell', price: Math.ceil(center * 1.004), quantity })
      return { memory: { position, mid }, wishes: requote(seen.open, quotes) }
    },
  }
}
