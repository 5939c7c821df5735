import { immediate, market, middle, netBought, type Player, type Seen, type Wish } from './player.ts'

interface Fade {
  readonly position: number
  /** A slow mean of the price. */
  readonly usual: number | undefined
}

/** How far from its mean a price has to be, as a share of it. */
const far = 0.11

/** Waits until a giant has pushed the price far from where it usually is, and takes the other side of its wall. */
export const fadeTheWall: Player<Fade> = {
  start: { position: 0, usual: undefined },
  every: 0.5,
  decide(before, seen) {
    const position = before.position + netBought(seen.fills)
    const now = middle(seen)
    if (now === undefined) return { memory: { ...before, position }, wishes: [] }
    const usual = before.usual === undefined ? now : before.usual + 0.002 * (now - before.usual)
    return { memory: { position, usual }, wishes: trade(seen, position, usual, 2500) }
  },
}

function trade({ bid, ask }: Seen, position: number, usual: number, most: number): Wish[] {
  if (ask !== undefined && ask.price < usual * (1 - far) && position < most) {
    return [immediate('buy', ask.price, most - position)]
  }
  if (bid !== undefined && bid.price > usual * (1 + far) && position > -most) {
    return [immediate('sell', bid.price, position + most)]
  }
  return []
}

interface Chase {
  readonly position: number
  /** The last price at each look of the newest two days, the oldest first. */
  readonly prices: readonly number[]
}

const looks = 20
const chaseCap = 2000

/** Goes along with whoever pushes, at any price: it has moved, so it moves. */
export const chaseTheMove: Player<Chase> = {
  start: { position: 0, prices: [] },
  every: 0.5,
  decide(before, seen) {
    const position = before.position + netBought(seen.fills)
    const { last } = seen
    if (last === undefined) return { memory: { ...before, position }, wishes: [] }
    const prices = [...before.prices, last].slice(-looks - 1)
    const then = prices[0] as number
    const wishes: Wish[] = []
    if (last > then * 1.05 && position < chaseCap) {
      wishes.push(market('buy', Math.min(500, chaseCap - position)))
    }
    if (last < then * 0.95 && position > -chaseCap) {
      wishes.push(market('sell', Math.min(500, chaseCap + position)))
    }
    return { memory: { position, prices }, wishes }
  },
}
