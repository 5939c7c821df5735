import type { Arm, Disarm, Disconnect } from '../domain/command.ts'
import type { Event, SessionChanged } from '../domain/event.ts'
import type { RejectReason } from '../domain/reject.ts'
import { sessionLimits } from '../domain/session.ts'
import type { Micros } from '../domain/units.ts'
import type { Book, Order } from './book.ts'
import { bookOf, closeOpen } from './close.ts'
import { moveReference } from './reference.ts'
import { Session } from './sessions.ts'
import type { VenueState } from './venue-state.ts'

/** Arms a session, or one that is armed already anew, or says why not. */
export function arm(
  venue: VenueState,
  { account, session: name, grace }: Arm,
  events: Event[],
): RejectReason | undefined {
  const { sessions } = venue
  if (venue.state === 'closed') return 'venue_closed'
  if (venue.wantsAccounts && !venue.accounts.has(account)) return 'unknown_account'
  if (grace > sessionLimits.grace) return 'grace_too_long'
  let session = sessions.find(account, name)
  if (session === undefined) {
    const isFull =
      sessions.size >= sessionLimits.perVenue || sessions.count(account) >= sessionLimits.perAccount
    if (isFull) return 'too_many_sessions'
    session = new Session(account, name, grace)
    sessions.add(session)
  }
  session.grace = grace
  sessions.connect(session)
  report(venue, session, 'armed', events)
  return undefined
}

export function disarm(
  venue: VenueState,
  { account, session: name }: Disarm,
  events: Event[],
): RejectReason | undefined {
  const session = venue.sessions.find(account, name)
  if (session === undefined) return 'unknown_session'
  venue.sessions.delete(session)
  report(venue, session, 'ended', events)
  return undefined
}

/** Begins the grace of a session; of one that is lost already it goes on. */
export function disconnect(
  venue: VenueState,
  { account, session: name }: Disconnect,
  now: Micros,
  events: Event[],
): RejectReason | undefined {
  const session = venue.sessions.find(account, name)
  if (session === undefined) return 'unknown_session'
  if (session.due === undefined) venue.sessions.lose(session, now)
  report(venue, session, 'lost', events)
  return undefined
}

/** Ends a session with its grace: cancels what it covers, book by book and the oldest first. */
export function endSession(venue: VenueState, session: Session, events: Event[]): void {
  venue.sessions.delete(session)
  report(venue, session, 'ended', events)
  for (const [book, orders] of coveredBy(venue, session)) {
    const from = events.length
    for (const order of orders) closeOpen(venue, book, order, 'disconnected', events)
    moveReference(venue, book, events, from)
  }
  venue.ledger.report(venue.name, events)
}

/** The open orders of a session by book, the oldest first. */
function coveredBy(venue: VenueState, session: Session): Map<Book, Order[]> {
  const books = new Map<Book, Order[]>()
  for (const id of venue.accounts.get(session.account)?.openOrderIds() ?? []) {
    const order = venue.orders.get(id) as Order
    if (session.name !== undefined && order.session !== session) continue
    const book = bookOf(venue, order)
    const orders = books.get(book)
    if (orders === undefined) books.set(book, [order])
    else orders.push(order)
  }
  return books
}

function report(
  { name: venue }: VenueState,
  { account, name: session, due }: Session,
  state: SessionChanged['state'],
  events: Event[],
): void {
  events.push({
    type: 'session-changed',
    venue,
    account,
    session,
    state,
    due: state === 'lost' ? due : undefined,
  })
}
