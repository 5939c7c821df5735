import { immediate, market, middle, netBought, type Player, type Seen, type Wish } from './player.ts'

const fortune = 1500
const bet = 400
/** Nobody notices who buys so little at a time; who sells has no time for that. */
const bite = 15
const gulp = 100

interface Rider {
  /** `in`: buying and holding. `out`: selling everything. `short`: betting on the fall. `home`: closing that bet. */
  readonly stage: 'in' | 'out' | 'short' | 'home'
  readonly position: number
  readonly first: number | undefined
  readonly peak: number
}

/**
 * Buys early and in small pieces, stays in while it rises, leaves when it has fallen a tenth from a high that is worth
 * it, bets on the rest of the fall, and goes home when half of it is gone.
 */
export const rideAndLeave: Player<Rider> = {
  start: { stage: 'in', position: 0, first: undefined, peak: 0 },
  every: 0.5,
  decide(before, seen) {
    const position = before.position + netBought(seen.fills)
    const { last } = seen
    if (last === undefined) return { memory: { ...before, position }, wishes: [] }
    const first = before.first ?? last
    const peak = Math.max(before.peak, last)
    const stage = stageAfter({ ...before, position, first, peak }, last, first)
    return { memory: { stage, position, first, peak }, wishes: toward(targets[stage], position, seen) }
  },
}

const targets = { in: fortune, out: 0, short: -bet, home: 0 } as const

function stageAfter({ stage, position, peak }: Rider, last: number, first: number): Rider['stage'] {
  switch (stage) {
    case 'in': {
      const isRich = last >= 5 * first
      const hasTurned = peak > 2 * first && last <= 0.9 * peak
      return isRich || hasTurned ? 'out' : 'in'
    }
    case 'out':
      return position === 0 && last <= 0.9 * peak ? 'short' : 'out'
    case 'short':
      return last <= 0.5 * peak ? 'home' : 'short'
    default:
      return stage
  }
}

/** An order in the right direction. */
function toward(target: number, position: number, { bid, ask }: Seen): Wish[] {
  const missing = target - position
  if (missing > 0 && ask !== undefined) return [immediate('buy', ask.price, Math.min(bite, missing))]
  return missing < 0 && bid !== undefined
    ? [immediate('sell', bid.price * 0.99, Math.min(gulp, -missing))]
    : []
}

/** Buys early and never sells. */
export const holdForever: Player<number> = {
  start: 0,
  every: 0.5,
  decide(before, seen) {
    const position = before + netBought(seen.fills)
    return { memory: position, wishes: toward(fortune, position, seen) }
  },
}

interface Short {
  readonly first: number | undefined
  readonly isDone: boolean
}

/** Knows that it is a bubble, and bets against it as soon as it is a quarter up. */
export const shortTooEarly: Player<Short> = {
  start: { first: undefined, isDone: false },
  every: 0.5,
  decide({ first, isDone }, seen) {
    const now = middle(seen)
    if (now === undefined) return { memory: { first, isDone }, wishes: [] }
    const begin = first ?? now
    const acts = !isDone && now >= 1.25 * begin
    return { memory: { first: begin, isDone: isDone || acts }, wishes: acts ? [market('sell', 1000)] : [] }
  },
}
