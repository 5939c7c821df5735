import { limit, market, middle, netBought, type Player } from './player.ts'

const goal = 100

/** Buys at whatever it costs until it has a hundred: there may be fewer in the book at first. */
export const takeIt: Player<number> = {
  start: 0,
  every: 0.5,
  decide(before, seen) {
    const bought = before + netBought(seen.fills)
    return { memory: bought, wishes: bought < goal ? [market('buy', goal - bought)] : [] }
  },
}

/** Bids half of what everybody asks, and waits. */
export const waitForHalf: Player<boolean> = {
  start: false,
  every: 0.5,
  decide(isDone, seen) {
    const mid = middle(seen)
    if (isDone || mid === undefined) return { memory: isDone, wishes: [] }
    return { memory: true, wishes: [limit('buy', mid / 2, goal)] }
  },
}
