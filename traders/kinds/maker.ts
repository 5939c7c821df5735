import type { TraderOptions } from '../../schemas/population.ts'
import type { Side } from '../../src/domain/order.ts'
import {
  type Action,
  after,
  cancel,
  createTrader,
  limit,
  type MarketView,
  middle,
  netBought,
  type OwnOrder,
  type Trader,
} from '../step.ts'
import { forget } from './inventory.ts'
import type { Post } from './post.ts'

const sides = ['buy', 'sell'] as const

/** The tags of its two sorts of orders. */
const ladder = 0
const backstop = 1
/** What it holds counts less and less, in seconds: the skew of its quotes never stays. */
const memory = 600
/** How far the estimate goes to the middle of the market each time. */
const follow = 0.25
/** This many quotes may be missing before it puts them back. */
const mayMiss = 3
/** Actions at one wake, but for the first; quotes that are too good are taken back all the same. */
const mostActions = 5

interface State {
  readonly estimate: number
  readonly inventory: number
  readonly wokenAt: number | undefined
  /** Around which price it last quoted. */
  readonly quotedAt: number | undefined
}

/** What is to be done on a side. */
interface Plan {
  readonly side: Side
  /** The best price that is wanted, and the way from one quote to the next behind it. */
  readonly best: number
  readonly away: number
  readonly tooGood: readonly OwnOrder[]
  /** Places behind the best where a quote is missing, the nearest first. */
  readonly missing: readonly number[]
  /** Quotes where none is wanted, the farthest first. */
  readonly surplus: OwnOrder[]
}

/**
 * Keeps quotes on both sides around an estimate of its own, and shifts them against what it holds so that the next
 * trade brings it back (Avellaneda and Stoikov, made linear). Each trade with it is news to it (Glosten and Milgrom).
 */
export function createMaker(options: TraderOptions<'maker'>, post: Post): Trader {
  const { halfSpread, step, levels, inventoryLimit } = options

  function isLeftOut(side: Side, inventory: number): boolean {
    return side === 'buy' ? inventory > inventoryLimit : inventory < -inventoryLimit
  }

  /** Compares what a side has with what it should have around a price. */
  function plan(side: Side, center: number, inventory: number, view: MarketView): Plan {
    const best =
      side === 'buy'
        ? Math.floor((center - halfSpread) / step) * step
        : Math.ceil((center + halfSpread) / step) * step
    const away = side === 'buy' ? -step : step
    const leftOut = isLeftOut(side, inventory)
    const tooGood: OwnOrder[] = []
    const surplus: OwnOrder[] = []
    const isTaken: boolean[] = []
    for (const order of view.orders) {
      if (order.side !== side || order.tag !== ladder) continue
      // Its place behind the best quote that is wanted: a whole number when it stands where one is wanted.
      const place = (order.price - best) / away
      if (leftOut || place < 0) tooGood.push(order)
      else if (place >= levels || !Number.isInteger(place)) surplus.push(order)
      else isTaken[place] = true
    }
    const missing: number[] = []
    for (let place = 0; place < levels && !leftOut; place += 1) {
      const price = best + away * place
      if (isTaken[place] !== true && price > 0 && rests(side, price, view)) missing.push(place)
    }
    return { side, best, away, tooGood, missing, surplus: surplus.sort((a, b) => farther(side, a, b)) }
  }

  function quote(center: number, inventory: number, view: MarketView, isFirst: boolean): Action[] {
    const plans = sides.map((side) => plan(side, center, inventory, view))
    const actions: Action[] = []
    for (const { tooGood } of plans) for (const order of tooGood) actions.push(cancel(order))
    for (let round = 0; round < levels; round += 1) {
      for (const { side, best, away, missing, surplus } of plans) {
        const place = missing[round]
        if (place === undefined) continue
        if (round > 0 && !isFirst && actions.length >= mostActions) return actions
        const quantity = options.quantity + options.quantityStep * place
        actions.push(limit(side, best + away * place, quantity, ladder))
        const far = surplus.shift()
        if (far !== undefined) actions.push(cancel(far))
      }
    }
    return actions
  }

  /** One large order a side, far away: the book cannot be emptied. */
  function keepBackstops(center: number, { orders }: MarketView): Action[] {
    return sides.flatMap((side) => {
      const price = Math.max(1, Math.round(center + (side === 'buy' ? -options.backstop : options.backstop)))
      const there = orders.find((order) => order.side === side && order.tag === backstop)
      if (there !== undefined && Math.abs(there.price - price) <= options.backstop / 2) return []
      return [
        ...(there === undefined ? [] : [cancel(there)]),
        limit(side, price, options.backstopQuantity, backstop),
      ]
    })
  }

  function isComplete(inventory: number, orders: readonly OwnOrder[]): boolean {
    let wanted = 0
    for (const side of sides) if (!isLeftOut(side, inventory)) wanted += levels
    let there = 0
    for (const { tag } of orders) if (tag === ladder) there += 1
    return wanted - there <= mayMiss
  }

  return createTrader<State>({
    ...post,
    begin: () => ({ estimate: post.startPrice, inventory: 0, wokenAt: undefined, quotedAt: undefined }),
    step(state, view, random) {
      const { now, fills, orders } = view
      const got = netBought(fills)
      const inventory = forget(state.inventory + got, now, state.wokenAt, memory)
      const heard = state.estimate - options.impact * got
      const mid = middle(view)
      const estimate = mid === undefined ? heard : heard + follow * (mid - heard)
      const center = estimate - options.skew * inventory
      const nextAt = after(now, options.pause * random.uniform(0.8, 1.2))
      const { quotedAt } = state
      const isSettled =
        quotedAt !== undefined &&
        Math.abs(center - quotedAt) < options.deadBand &&
        isComplete(inventory, orders)
      if (isSettled) return { state: { estimate, inventory, wokenAt: now, quotedAt }, actions: [], nextAt }
      const actions = [
        ...quote(center, inventory, view, quotedAt === undefined),
        ...keepBackstops(center, view),
      ]
      return { state: { estimate, inventory, wokenAt: now, quotedAt: center }, actions, nextAt }
    },
  })
}

/** Whether an order would stay in the book: a maker never takes. */
function rests(side: Side, price: number, { bid, ask }: MarketView): boolean {
  return side === 'buy' ? ask === undefined || price < ask.price : bid === undefined || price > bid.price
}

function farther(side: Side, a: OwnOrder, b: OwnOrder): number {
  return side === 'buy' ? a.price - b.price : b.price - a.price
}
