import type { ResetVenue, SetState } from '../domain/command.ts'
import type { Event } from '../domain/event.ts'
import type { RejectReason } from '../domain/reject.ts'
import type { Micros } from '../domain/units.ts'
import type { Closing } from '../domain/venue.ts'
import { ClientOrderIds } from './client-order-ids.ts'
import { closeAll } from './close.ts'
import { Sessions } from './sessions.ts'
import type { VenueState } from './venue-state.ts'

/** Opens, halts or closes a venue. */
export function setState(
  venue: VenueState,
  { state, openFor }: SetState,
  time: Micros,
  events: Event[],
): RejectReason | undefined {
  if (venue.state === 'closed') return 'venue_closed'
  if (state === 'closed') {
    closeVenue(venue, events)
    return undefined
  }
  venue.state = state
  if (state === 'open') venue.openedAt ??= time
  const left = openFor ?? timeLeft(venue.closing, time)
  venue.closing = left === undefined ? undefined : closingAfter(left, venue, time)
  reportState(venue, events)
  return undefined
}

/** Ends trading: nothing is taken any more, and what is open is canceled. */
export function closeVenue(venue: VenueState, events: Event[]): void {
  venue.state = 'closed'
  venue.closing = undefined
  reportState(venue, events)
  closeAll(venue, events)
}

/** Takes a venue back to its beginning: halted, and without accounts. Ids go on. */
export function resetVenue(venue: VenueState, { venue: name }: ResetVenue, events: Event[]): void {
  closeAll(venue, events)
  venue.accounts.clear()
  venue.ledger.reset()
  venue.sessions = new Sessions()
  venue.clientOrderIds = new ClientOrderIds()
  for (const book of venue.books.values()) book.reference = book.terms?.reference?.initial
  venue.state = 'halted'
  venue.openedAt = undefined
  venue.closing = undefined
  events.push({ type: 'venue-reset', venue: name })
}

/** Puts off a venue's closing by a time when no process ran. */
export function putOff(venue: VenueState, by: number): void {
  if (venue.closing !== undefined && 'at' in venue.closing) {
    venue.closing = { at: (venue.closing.at + by) as Micros }
  }
}

function timeLeft(closing: Closing | undefined, now: Micros): Micros | undefined {
  if (closing === undefined) return undefined
  return 'after' in closing ? closing.after : (Math.max(0, closing.at - now) as Micros)
}

function closingAfter(left: Micros, { state }: VenueState, now: Micros): Closing {
  return state === 'open' ? { at: (now + left) as Micros } : { after: left }
}

function reportState({ name, state, closing }: VenueState, events: Event[]): void {
  events.push({ type: 'state-set', venue: name, state, closing })
}
