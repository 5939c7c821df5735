import { cancel, limit, netBought, type Player, type Seen, type Wish } from './player.ts'

const quantity = 60
/** Holding or owing more than this, it adds no more to it. */
const most = 1000

/** Joins the best price and three behind it, and never moves: by the time the price arrives, it stands first. */
export const standAndWait = joinOnce(4)

/** Joins each new best price once, and stays there. */
export const joinAndStay = joinOnce(1)

/** Goes to the back of the queue every second, so as to be always at the best price and nowhere else. */
export const alwaysRejoin: Player<number> = {
  start: 0,
  every: 1,
  decide(before, seen) {
    const position = before + netBought(seen.fills)
    const wishes = joinMissing({ ...seen, open: [] }, 1, position)
    return { memory: position, wishes: [...seen.open.map(cancel), ...wishes] }
  },
}

function joinOnce(levels: number): Player<number> {
  return {
    start: 0,
    every: 0.5,
    decide(before, seen) {
      const position = before + netBought(seen.fills)
      return { memory: position, wishes: joinMissing(seen, levels, position) }
    },
  }
}

/** Orders at the best prices and behind them, where none of its own stands yet. */
function joinMissing({ bid, ask, open }: Seen, levels: number, position: number): Wish[] {
  const wishes: Wish[] = []
  for (let i = 0; i < levels; i += 1) {
    const prices = [
      { side: 'buy', price: bid && bid.price - i, isTooMuch: position > most },
      { side: 'sell', price: ask && ask.price + i, isTooMuch: position < -most },
    ] as const
    for (const { side, price, isTooMuch } of prices) {
      if (price === undefined || isTooMuch) continue
      const stands = open.some((order) => order.side === side && order.price === price)
      if (!stands) wishes.push(limit(side, price, quantity))
    }
  }
  return wishes
}
