import type { Side } from '../../src/domain/order.ts'
import { immediate, type MarketView, type PlaceAction } from '../../traders/step.ts'

/** How far from what it sees somebody in a hurry still trades, as a share of the price. */
const patience = 0.1

/** No trader bids more than this, whatever the player made of the market: some room is left below the safe integers. */
const highest = 1e12

/** The price of a bid at or just under a value, in whole ticks; at least 1. */
export function bidPrice(value: number): number {
  return Math.max(1, Math.min(highest, Math.floor(value)))
}

/** The price of an ask at or just over a value. */
export function askPrice(value: number): number {
  return Math.max(1, Math.min(highest, Math.ceil(value)))
}

/**
 * Trades at once with what is there, but not at a price that nobody would pay: when the book has been emptied, what
 * somebody left far away is not taken.
 */
export function atOnce(view: MarketView, side: Side, quantity: number): PlaceAction[] {
  const seen = [view.bid?.price, view.ask?.price, view.last].filter((price) => price !== undefined)
  if (seen.length === 0) return []
  const price =
    side === 'buy'
      ? askPrice(Math.min(...seen) * (1 + patience))
      : bidPrice(Math.max(...seen) * (1 - patience))
  return [immediate(side, price, quantity)]
}
