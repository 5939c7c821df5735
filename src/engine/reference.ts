import type { Event } from '../domain/event.ts'
import type { Ticks } from '../domain/units.ts'
import type { Book } from './book.ts'
import type { VenueState } from './venue-state.ts'

/**
 * Moves the venue's own price of an instrument once, if what a command did changed its limit orders: to the middle of
 * the best prices, or halfway from where it is to the only one. `from` is the command's first event about the book.
 */
export function moveReference(venue: VenueState, book: Book, events: Event[], from: number): void {
  if (book.reference === undefined || !changesLimitOrders(events, from)) return
  const bid = book.bids.best?.price
  const ask = book.asks.best?.price
  if (bid === undefined && ask === undefined) return
  const price = middle(bid ?? book.reference, ask ?? book.reference)
  if (price === book.reference) return
  book.reference = price
  events.push({ type: 'reference-changed', venue: venue.name, symbol: book.symbol, price })
}

function changesLimitOrders(events: readonly Event[], from: number): boolean {
  for (let i = from; i < events.length; i += 1) {
    const event = events[i] as Event
    if (event.type === 'trade' || event.type === 'order-rested') return true
    if (event.type === 'order-closed' && event.resting) return true
    if (event.type === 'order-replaced' && event.requeued) return true
  }
  return false
}

/** Half of two prices' sum, half to even; no step leaves the safe numbers. */
function middle(a: Ticks, b: Ticks): Ticks {
  const low = Math.min(a, b)
  const distance = Math.abs(a - b)
  const odd = distance % 2
  const floor = low + (distance - odd) / 2
  return (odd === 1 && floor % 2 === 1 ? floor + 1 : floor) as Ticks
}
