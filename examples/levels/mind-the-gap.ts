import { cancel, market, netBought, type Player, type Seen, type Wish } from './player.ts'

const much = 60

/** Asks every second for the list of the account's orders, which never lies, and trades the excess away. */
export const askForOrders: Player<null> = {
  start: null,
  every: 1,
  asksForOrders: true,
  decide: (_memory, seen) => ({ memory: null, wishes: hedge(seen, seen.booked ?? 0) }),
}

/** Adds up what it hears. It does not hear everything. */
export const addUpFills: Player<number> = {
  start: 0,
  every: 1,
  decide(before, seen) {
    const position = before + netBought(seen.fills)
    return { memory: position, wishes: hedge(seen, position) }
  },
}

/** Lets the desk do as it likes. */
export const neverHedge: Player<null> = {
  start: null,
  every: 1,
  decide: () => ({ memory: null, wishes: [] }),
}

/** Own quotes on the other side go first: who trades with himself has hedged nothing. */
function hedge({ open }: Seen, position: number): Wish[] {
  if (Math.abs(position) <= much) return []
  const side = position > 0 ? 'sell' : 'buy'
  const inTheWay = open.filter((order) => order.side !== side)
  return [...inTheWay.map(cancel), market(side, Math.abs(position))]
}
