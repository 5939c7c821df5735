import type { Place } from '../domain/command.ts'
import { type Fees, feeScale, type InstrumentTerms } from '../domain/instrument.ts'
import type { RejectReason } from '../domain/reject.ts'
import type { Limits, VenueRules } from '../domain/venue.ts'
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
  const refusal = venue && refuseState(venue)
  if (refusal !== undefined) return refusal
  if (venue?.books.has(order.symbol) !== true) {
    // Nobody could say what is traded there.
    if (!order.autoCreate || venue?.hasMoney === true)
      return venue === undefined ? 'unknown_venue' : 'unknown_symbol'
    if (books >= limits.books) return 'too_many_books'
  }
  if (venue?.wantsAccounts === true && account === undefined) return 'unknown_account'
  const venueLimits = venue?.limits ?? limits
  if (account === undefined && (venue?.accounts.size ?? 0) >= venueLimits.accounts) return 'too_many_accounts'
  // Only an order that can rest takes a place among the open ones.
  if (order.timeInForce !== 'gtc') return undefined
  if ((account?.openOrders ?? 0) >= venueLimits.openOrdersPerAccount) return 'too_many_open_orders'
  if ((venue?.orders.size ?? 0) >= venueLimits.openOrders) return 'venue_full'
  return undefined
}

/** Says why a venue takes neither orders nor cancels, or undefined when it does. */
export function refuseState({ state }: VenueState): RejectReason | undefined {
  switch (state) {
    case 'open':
      return undefined
    case 'halted':
      return 'venue_halted'
    case 'closed':
      return 'venue_closed'
    default:
      return state satisfies never
  }
}

/** Says why a venue cannot have these rules, or undefined when it can. */
export function refuseRules({
  selfTrade,
  credit,
  accounts,
  marketRemainder,
  opening,
}: VenueRules): RejectReason | undefined {
  // Lots that nobody gave a price cannot be taken off both sides of a trade that does not happen.
  if (credit === 'cash' && selfTrade === 'decrement') return 'rules_conflict'
  // The other self-trade rules say nothing of an order that stands in no line by price.
  if (marketRemainder === 'rest' && selfTrade !== 'skip' && selfTrade !== 'allow') return 'rules_conflict'
  if (credit !== 'cash' && (accounts !== undefined || opening !== undefined)) return 'rules_conflict'
  // What is given is counted in whole units, and nobody can be given less than nothing.
  const areAmounts = Object.values(opening ?? {}).every((amount) => /^[0-9]+$/.test(amount))
  return areAmounts ? undefined : 'rules_conflict'
}

/** Says why an instrument cannot be listed on a venue, or undefined when it can. */
export function refuseListing(
  venue: VenueState,
  terms: InstrumentTerms | undefined,
): RejectReason | undefined {
  if (terms === undefined) return venue.hasMoney ? 'terms_missing' : undefined
  if (!venue.hasMoney) return 'terms_missing'
  const { base, quote, unitsPerLot, worth, minQuantity, minValue = 1, fees } = terms
  const counts = [unitsPerLot, ...worth, minQuantity, minValue]
  if (base === quote || !counts.every((count) => Number.isSafeInteger(count) && count >= 1))
    return 'bad_terms'
  return fees !== undefined && !ratesOf(fees).every(isRate) ? 'bad_terms' : undefined
}

function ratesOf(fees: Fees): number[] {
  return 'buy' in fees ? [fees.buy, fees.sell] : [fees.maker, fees.taker]
}

function isRate(rate: number): boolean {
  return Number.isSafeInteger(rate) && rate >= 0 && rate < feeScale
}
