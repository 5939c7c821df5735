import type { Place } from '../domain/command.ts'
import type { OrderType, Side, TimeInForce } from '../domain/order.ts'
import type { Lots, Ticks } from '../domain/units.ts'
import type { Account } from './account.ts'

/** The newest closed orders of one account whose client order ids are remembered. */
export const closedPerAccount = 10_000
/** The same of a whole venue. */
export const closedPerVenue = 200_000

/** What came under a client order id, and which order it made. */
export class RememberedOrder {
  readonly account: Account
  readonly clientOrderId: string
  readonly orderId: number
  readonly symbol: string
  readonly side: Side
  readonly orderType: OrderType
  readonly timeInForce: TimeInForce
  readonly price: Ticks
  readonly quantity: Lots
  readonly budget: bigint | undefined
  /** How many orders of the venue had closed when this one had; 0 while it is open. */
  closedAt = 0
  readonly inAccount: Links = { previous: undefined, next: undefined }
  readonly inVenue: Links = { previous: undefined, next: undefined }

  constructor(account: Account, clientOrderId: string, orderId: number, order: OrderTerms) {
    this.account = account
    this.clientOrderId = clientOrderId
    this.orderId = orderId
    this.symbol = order.symbol
    this.side = order.side
    this.orderType = order.orderType
    this.timeInForce = order.timeInForce
    this.price = order.price
    this.quantity = order.quantity
    this.budget = order.budget
  }

  /** Whether an order is the one that came first: the same terms, to the letter. */
  isSame(order: Place): boolean {
    return (
      order.symbol === this.symbol &&
      order.side === this.side &&
      order.orderType === this.orderType &&
      order.timeInForce === this.timeInForce &&
      order.price === this.price &&
      order.quantity === this.quantity &&
      order.budget === this.budget
    )
  }
}

/** The terms of an order that a repetition must share. */
export type OrderTerms = Pick<
  Place,
  'symbol' | 'side' | 'orderType' | 'timeInForce' | 'price' | 'quantity' | 'budget'
>

interface Links {
  previous: RememberedOrder | undefined
  next: RememberedOrder | undefined
}

/** Closed orders with a client order id, the oldest first; either an account's or a venue's. */
export class ClosedQueue {
  readonly #links: 'inAccount' | 'inVenue'
  #last: RememberedOrder | undefined = undefined
  first: RememberedOrder | undefined = undefined
  length = 0

  constructor(links: 'inAccount' | 'inVenue') {
    this.#links = links
  }

  push(order: RememberedOrder): void {
    const links = order[this.#links]
    links.previous = this.#last
    if (this.#last === undefined) this.first = order
    else this.#last[this.#links].next = order
    this.#last = order
    this.length += 1
  }

  remove(order: RememberedOrder): void {
    const { previous, next } = order[this.#links]
    if (previous === undefined) this.first = next
    else previous[this.#links].next = next
    if (next === undefined) this.#last = previous
    else next[this.#links].previous = previous
    this.length -= 1
  }

  *[Symbol.iterator](): IterableIterator<RememberedOrder> {
    for (let order = this.first; order !== undefined; order = order[this.#links].next) yield order
  }
}

/** What is remembered of one account. */
interface AccountIds {
  readonly orders: Map<string, RememberedOrder>
  readonly closed: ClosedQueue
}

/**
 * Which order a client order id stands for: every open order, and the newest closed ones within three bounds (an
 * account's, the venue's, and the number of closed orders that the venue remembers at all). Past them an id is new.
 */
export class ClientOrderIds {
  readonly #accounts = new Map<Account, AccountIds>()
  readonly #closed = new ClosedQueue('inVenue')

  /** The order that an account sent under an id, if it is remembered. */
  find(account: Account, clientOrderId: string): RememberedOrder | undefined {
    return this.#accounts.get(account)?.orders.get(clientOrderId)
  }

  /** Remembers an order that was just accepted. */
  remember(order: RememberedOrder): void {
    let ids = this.#accounts.get(order.account)
    if (ids === undefined) {
      ids = { orders: new Map(), closed: new ClosedQueue('inAccount') }
      this.#accounts.set(order.account, ids)
    }
    ids.orders.set(order.clientOrderId, order)
  }

  /** Puts an order among the closed ones. `closedAt` counts the venue's closed orders, this one included. */
  close(order: RememberedOrder, closedAt: number): void {
    const { closed } = this.#accounts.get(order.account) as AccountIds
    order.closedAt = closedAt
    this.#closed.push(order)
    closed.push(order)
    if (closed.length > closedPerAccount) this.#forget(closed.first)
    if (this.#closed.length > closedPerVenue) this.#forget(this.#closed.first)
  }

  /** Forgets what closed too long ago: `kept` is the number of closed orders that the venue remembers. */
  expire(closedAt: number, kept: number): void {
    let oldest = this.#closed.first
    while (oldest !== undefined && oldest.closedAt <= closedAt - kept) {
      this.#forget(oldest)
      oldest = this.#closed.first
    }
  }

  /** Everything remembered of closed orders, the oldest first. */
  closed(): Iterable<RememberedOrder> {
    return this.#closed
  }

  #forget(order: RememberedOrder | undefined): void {
    if (order === undefined) return
    const ids = this.#accounts.get(order.account) as AccountIds
    this.#closed.remove(order)
    ids.closed.remove(order)
    ids.orders.delete(order.clientOrderId)
    if (ids.orders.size === 0) this.#accounts.delete(order.account)
  }
}
