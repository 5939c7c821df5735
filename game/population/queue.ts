import type { Side } from '../../src/domain/order.ts'
import type { Micros } from '../../src/domain/units.ts'
import type { Random } from '../../traders/random.ts'
import {
  type Action,
  after,
  cancel,
  createTrader,
  immediate,
  limit,
  type MarketView,
  middle,
  type Trader,
} from '../../traders/step.ts'

/** A market one tick wide, in which what counts is who stands first. */

const levels = 6
const lotsPerLevel = 300
/** Nobody joins a price at which so much waits already. */
const full = 500
/** Orders further from the middle than this are taken back. */
const tooFar = 12

/** Somebody who leaves orders in the book for a while. Its first wake makes its share of the opening book. */
export function provider(name: string, startPrice: number, ofMany: number): Trader {
  return createTrader<{ readonly hasOpened: boolean }>({
    name,
    account: name,
    firstAfter: 0,
    begin: () => ({ hasOpened: false }),
    step: ({ hasOpened }, view, random) => ({
      state: { hasOpened: true },
      actions: hasOpened ? provide(view, random) : opening(startPrice, lotsPerLevel / ofMany, view, random),
      nextAt: after(view.now, random.exponential(0.7)),
    }),
  })
}

/** The tag of an order is the second in which its life ends. */
function lifeEnd(now: number, random: Random): number {
  return Math.ceil(now / 1e6 + random.exponential(45))
}

function opening(startPrice: number, quantity: number, { now }: MarketView, random: Random): Action[] {
  const away = Array.from({ length: levels }, (_, i) => i)
  return away.flatMap((i) => [
    limit('buy', startPrice - i, quantity, lifeEnd(now, random)),
    limit('sell', startPrice + 1 + i, quantity, lifeEnd(now, random)),
  ])
}

function provide(view: MarketView, random: Random): Action[] {
  const mid = middle(view) ?? view.last ?? 0
  const old = view.orders
    .filter(({ tag, price }) => view.now >= tag * 1e6 || Math.abs(price - mid) > tooFar)
    .map(cancel)
  const side: Side = random.chance(0.5) ? 'buy' : 'sell'
  const price = priceFor(side, view, random)
  const quantity = random.between(20, 60)
  if (price === undefined || price < 1 || quantityAt(view, side, price) >= full) return old
  return [...old, limit(side, price, quantity, lifeEnd(view.now, random))]
}

function priceFor(side: Side, { bid, ask, last }: MarketView, random: Random): number | undefined {
  const away = side === 'buy' ? -1 : 1
  const [own, other] = side === 'buy' ? [bid, ask] : [ask, bid]
  // On an empty side somebody begins anew, next to what is known.
  if (own === undefined) return other === undefined ? last : other.price + away
  const isWide = other !== undefined && Math.abs(other.price - own.price) > 1
  if (isWide && random.chance(0.7)) return own.price - away
  return own.price + away * random.pick([0, 0, 1, 1, 2, 3, 4, 5])
}

function quantityAt(view: MarketView, side: Side, price: number): number {
  return view.levels(side, tooFar).find((level) => level.price === price)?.quantity ?? 0
}

/** Somebody who trades a little with the best price, in no direction. */
export function smallTaker(name: string): Trader {
  return createTrader<null>({
    name,
    account: name,
    firstAfter: 300_000,
    begin: () => null,
    step: (state, view, random) => {
      const side: Side = random.chance(0.5) ? 'buy' : 'sell'
      const best = side === 'buy' ? view.ask : view.bid
      const quantity = random.between(5, 40)
      return {
        state,
        actions: best === undefined ? [] : [immediate(side, best.price, quantity)],
        nextAt: after(view.now, random.exponential(2.2)),
      }
    },
  })
}

interface Informed {
  readonly side: Side
  /** Sweeps that are still to come of this visit. */
  readonly left: number
}

/** Knows something now and then, and takes whole levels: who stands there last is glad to be filled, and should not be. */
export function informed(name: string, startPrice: number): Trader {
  return createTrader<Informed>({
    name,
    account: name,
    firstAfter: 5_000_000,
    begin: () => ({ side: 'buy', left: 0 }),
    step: (before, view, random) => {
      const visit = before.left > 0 ? before : arrive(view, random, startPrice)
      const left = visit.left - 1
      const best = visit.side === 'buy' ? view.ask : view.bid
      const pause = left > 0 ? random.uniform(0.6, 1.5) : random.exponential(14)
      return {
        state: { side: visit.side, left },
        actions: best === undefined ? [] : [immediate(visit.side, best.price, best.quantity)],
        nextAt: after(view.now, pause) satisfies Micros,
      }
    },
  })
}

function arrive(view: MarketView, random: Random, startPrice: number): Informed {
  const side: Side = random.chance(0.5) ? 'buy' : 'sell'
  const left = random.between(1, 3)
  const off = (middle(view) ?? startPrice) - startPrice
  if (Math.abs(off) <= 60) return { side, left }
  return { side: off > 0 ? 'sell' : 'buy', left }
}
