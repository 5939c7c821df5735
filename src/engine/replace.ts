import { minus } from '../domain/amount.ts'
import type { Replace } from '../domain/command.ts'
import type { Event } from '../domain/event.ts'
import type { RejectReason } from '../domain/reject.ts'
import type { Lots } from '../domain/units.ts'
import { type Book, type Level, Order } from './book.ts'
import { closeOpen } from './close.ts'
import { heldAsset, isCash, refuseReference, refuseSize, releaseExcess, reservation } from './credit/cash.ts'
import { arrive, wouldOverflowBeside } from './place.ts'
import { moveReference } from './reference.ts'
import type { VenueState } from './venue-state.ts'

/**
 * Gives a resting order another price and total quantity, or says why not and changes nothing. `from` is the command's
 * first event.
 */
export function replace(
  venue: VenueState,
  order: Order,
  command: Replace,
  events: Event[],
  from: number,
): RejectReason | undefined {
  const { level } = order
  // What a market order left has neither a price nor, with a budget, a quantity.
  if (level === undefined) return 'not_replaceable'
  const { book } = level.side
  const { price, quantity } = command
  const open = (quantity - (order.total - order.open)) as Lots
  const refusal = open > 0 && isCash(book) ? refuseSize(book, order.side, price, open) : undefined
  if (refusal !== undefined) return refusal
  if (open <= 0) {
    closeOpen(venue, book, order, 'user', events)
  } else if (price === order.price && open <= order.open) {
    shrink(venue, level, order, command, open, events)
  } else {
    const unable = requeue(venue, level, order, command, open, events)
    if (unable !== undefined) return unable
  }
  moveReference(venue, book, events, from)
  venue.ledger.report(venue.name, events)
  return undefined
}

/** Takes lots off an order, which stays where it is, and gives back what they needed. */
function shrink(
  venue: VenueState,
  { side }: Level,
  order: Order,
  command: Replace,
  open: Lots,
  events: Event[],
): void {
  side.reduce(order, (order.open - open) as Lots)
  order.total = command.quantity
  const { book } = side
  if (isCash(book)) releaseExcess(venue.ledger, book, order)
  report(venue, book, command, open, false, events)
}

/** Takes an order out of the book and lets it arrive again, with its id. */
function requeue(
  venue: VenueState,
  { side }: Level,
  order: Order,
  command: Replace,
  open: Lots,
  events: Event[],
): RejectReason | undefined {
  const { book } = side
  const { id, account, remembered } = order
  const again = new Order(id, account, order.side, command.price, open, remembered)
  again.total = command.quantity
  again.session = order.session
  if (isCash(book)) {
    const refusal = refuseReference(book, again.side, again.price)
    if (refusal !== undefined) return refusal
    again.hold = reservation(book, again.side, again.price, open)
    const more = minus(again.hold, order.hold)
    if (!account.covers(heldAsset(book, again.side), more)) return 'insufficient_funds'
  } else if (wouldOverflowBeside(venue, book, again, Number(side.depth) - order.open)) {
    return 'depth_limit'
  }

  side.remove(order)
  venue.orders.delete(id)
  account.removeOrder(order)
  if (isCash(book) && again.hold !== order.hold) {
    venue.ledger.hold(account, heldAsset(book, again.side), minus(again.hold, order.hold))
  }
  report(venue, book, command, open, true, events)
  arrive(venue, book, again, 'limit', 'gtc', events)
  return undefined
}

function report(
  venue: VenueState,
  { symbol }: Book,
  { orderId, price, quantity }: Replace,
  open: Lots,
  requeued: boolean,
  events: Event[],
): void {
  events.push({
    type: 'order-replaced',
    venue: venue.name,
    symbol,
    orderId,
    price,
    quantity,
    open,
    requeued,
  })
}
