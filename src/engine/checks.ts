import type { Place } from '../domain/command.ts'
import type { RejectReason } from '../domain/reject.ts'
import type { Limits } from '../domain/venue.ts'
import type { Account } from './account.ts'
import type { VenueState } from './venue-state.ts'

/** Says why an order may not be placed, or undefined when it may. Depth is checked apart: it depends on what trades. */
export function refusePlace(
  order: Place,
  venue: VenueState | undefined,
  account: Account | undefined,
  books: number,
  limits: Limits,
): RejectReason | undefined {
  if (venue?.books.has(order.symbol) !== true) {
    if (!order.autoCreate) return venue === undefined ? 'unknown_venue' : 'unknown_symbol'
    if (books >= limits.books) return 'too_many_books'
  }
  const venueLimits = venue?.limits ?? limits
  if (account === undefined && (venue?.accounts.size ?? 0) >= venueLimits.accounts) return 'too_many_accounts'
  // Only an order that can rest takes a place among the open ones.
  if (order.timeInForce !== 'gtc') return undefined
  if ((account?.openOrders ?? 0) >= venueLimits.openOrdersPerAccount) return 'too_many_open_orders'
  if ((venue?.orders.size ?? 0) >= venueLimits.openOrders) return 'venue_full'
  return undefined
}
