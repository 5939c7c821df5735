import { immediate, limit, market, netBought, type Player, type Seen } from './player.ts'

const block = 100_000

/** Buys one share to hear the target, and then whatever is offered at or under it. */
export const takeUnderTarget: Player<{ readonly bought: number; readonly hasAsked: boolean }> = {
  start: { bought: 0, hasAsked: false },
  every: 0.5,
  decide(before, seen) {
    const bought = before.bought + netBought(seen.fills)
    if (!before.hasAsked) return { memory: { bought, hasAsked: true }, wishes: [market('buy', 1)] }
    const target = targetOf(seen)
    const isCheap = target !== undefined && seen.ask !== undefined && seen.ask.price <= target
    return {
      memory: { bought, hasAsked: true },
      wishes: isCheap && bought < block ? [immediate('buy', target, block - bought)] : [],
    }
  },
}

/** Buys four hundred shares a day at any price: not a lot, so the price has time to come back. */
export const littleByLittle: Player<number> = eachDay(400)

/** A thousand a day is too much for this market. */
export const muchEachDay: Player<number> = eachDay(1000)

/** Shows all it wants, at the target price, and waits. */
export const oneLargeBid: Player<{ readonly hasAsked: boolean; readonly hasBid: boolean }> = {
  start: { hasAsked: false, hasBid: false },
  every: 0.5,
  decide(before, seen) {
    if (!before.hasAsked) return { memory: { ...before, hasAsked: true }, wishes: [market('buy', 1)] }
    const target = targetOf(seen)
    if (before.hasBid || target === undefined) return { memory: before, wishes: [] }
    return { memory: { ...before, hasBid: true }, wishes: [limit('buy', target, block - 1)] }
  },
}

/** Wants it all now. */
export const allAtOnce: Player<boolean> = {
  start: false,
  every: 0.5,
  decide: (isDone) => ({ memory: true, wishes: isDone ? [] : [market('buy', block)] }),
}

function eachDay(quantity: number): Player<number> {
  return {
    start: 0,
    every: 0.5,
    decide: (lastDay, { day }) => ({
      memory: day,
      wishes: day > lastDay ? [market('buy', quantity)] : [],
    }),
  }
}

/** The target price in cents, once the back office has named it. */
function targetOf({ info }: Seen): number | undefined {
  const dollars = info?.match(/target price is \$(\d+\.\d\d)/)?.[1]
  return dollars === undefined ? undefined : Math.round(Number(dollars) * 100)
}
