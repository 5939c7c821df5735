import type { AccountEventView, ChangeOf, FeedOrder, SnapshotOf } from '../../../schemas/feed.ts'
import { formatTime } from '../../../schemas/time.ts'
import type { AccountEvent } from '../../../src/domain/account-event.ts'
import type { BalanceChanged, Event } from '../../../src/domain/event.ts'
import type { Micros } from '../../../src/domain/units.ts'
import type { Source } from '../../../src/feeds/subscriptions.ts'
import type { Exchange, OrderRecord, Venue } from '../../../src/port.ts'
import { toFeedOrder } from '../orders.ts'

/** Open orders in a snapshot. */
const mostOrders = 1000
/** Events that are read of the history at once. */
const pageSize = 500

/**
 * What happens to one account on one venue, by the numbers of its events. Those that happen now are noted as they
 * come; older ones are read of the history, however long ago they were.
 */
export class AccountSource implements Source {
  readonly name: string
  readonly isPrivate = true
  readonly slow = 'close'
  /** Before everything that is public. */
  readonly rank = 0
  readonly #venue: Venue
  readonly account: string
  readonly #exchange: Exchange
  #noted: AccountEventView[] = []
  /** By asset: only what there is at last is told. */
  #balances = new Map<string, BalanceChanged>()
  /** The number of the last event that was noted. */
  #number: number

  constructor(exchange: Exchange, venue: Venue, account: string, name: string) {
    this.#exchange = exchange
    this.#venue = venue
    this.account = account
    this.name = name
    this.#number = venue.lastAccountEvent(account)
  }

  get venue(): string {
    return this.#venue.name
  }

  /** The number of the last event. */
  get number(): number {
    return this.#venue.lastAccountEvent(this.account)
  }

  /** Whether something is noted that was not told. */
  get hasNews(): boolean {
    return this.#noted.length > 0 || this.#balances.size > 0
  }

  /** Notes an event of one of the account's orders, or of a trade's other order when that is its own too. */
  note(event: Event, order: OrderRecord, time: Micros): void {
    const noted = toNoted(event, order, this.#number + 1, time)
    if (noted === undefined) return
    this.#number += 1
    this.#noted.push(noted)
  }

  noteBalance(event: BalanceChanged): void {
    this.#balances.set(event.asset, event)
  }

  /** The number before what is noted. */
  get told(): number {
    return this.#number - this.#noted.length
  }

  /** A message with what was noted, which is then told. */
  next(): string {
    const prev = this.told
    const events = this.#noted
    const balances = [...this.#balances.values()]
    this.#noted = []
    this.#balances.clear()
    return this.#toChange(prev, events, balances)
  }

  snapshot(prev: number, missed: boolean): string {
    const { orders, more } = this.#venue.orders(this.account, { limit: mostOrders, openOnly: true })
    return JSON.stringify({
      type: 'snapshot',
      ...(missed && { missed }),
      channel: 'account',
      venue: this.#venue.name,
      account: this.account,
      seq: this.number,
      prev,
      orders: orders.map((order) => toFeedOrder(order)),
      more,
      positions: [...this.#positions()],
      balances: Array.from(this.#venue.account(this.account)?.balances ?? [], ([asset, balance]) => ({
        asset,
        available: `${balance.available}`,
        held: `${balance.held}`,
      })),
    } satisfies SnapshotOf<'account'>)
  }

  /** A message with the next events after a number; undefined when there are none, or when they are gone. */
  async page(after: number): Promise<{ text: string; last: number } | undefined> {
    const venue = this.#venue.name
    const { events } = await this.#exchange.findAccountEvents(venue, this.account, { after, limit: pageSize })
    const [first] = events
    const last = events.at(-1)
    if (first?.number !== after + 1 || last === undefined) return undefined
    const views: AccountEventView[] = []
    for (const event of events) {
      const order =
        event.type === 'accepted' ? await this.#exchange.findOrder(venue, event.orderId) : undefined
      views.push(toView(event, order))
    }
    return { text: this.#toChange(after, views, []), last: last.number }
  }

  /** Never: a reader that is too slow is sent away. */
  catchUp(): undefined {
    return undefined
  }

  #toChange(prev: number, events: AccountEventView[], balances: readonly BalanceChanged[]): string {
    return JSON.stringify({
      type: 'change',
      channel: 'account',
      venue: this.#venue.name,
      account: this.account,
      seq: prev + events.length,
      prev,
      events,
      ...(balances.length > 0 && {
        balances: balances.map(({ asset, available, held }) => ({
          asset,
          available: `${available}`,
          held: `${held}`,
        })),
      }),
    } satisfies ChangeOf<'account'>)
  }

  *#positions() {
    for (const instrument of this.#venue.instruments()) {
      for (const { account, position, cash } of instrument.scores()) {
        if (account !== this.account) continue
        yield { symbol: instrument.symbol, position: `${position}`, cash: `${cash}` }
      }
    }
  }
}

function toView(event: AccountEvent, order: OrderRecord | undefined): AccountEventView {
  const view = { ...event, time: formatTime(event.time) }
  return event.type === 'accepted' && order !== undefined ? { ...view, ...termsOf(order) } : view
}

type Terms = Pick<FeedOrder, 'side' | 'orderType' | 'timeInForce' | 'price' | 'quantity' | 'clientOrderId'>

/** What was asked for at first. */
function termsOf(order: OrderRecord): Terms {
  const { side, orderType, timeInForce, clientOrderId, original = order } = order
  return {
    side,
    orderType,
    timeInForce,
    price: original.price,
    quantity: original.quantity,
    ...(clientOrderId !== undefined && { clientOrderId }),
  }
}

/** The account's view of an event about an order of its own. */
function toNoted(
  event: Event,
  order: OrderRecord,
  number: number,
  time: Micros,
): AccountEventView | undefined {
  const of = { number, time, symbol: order.symbol, orderId: order.id }
  switch (event.type) {
    case 'order-accepted':
      return toView({ type: 'accepted', ...of }, order)
    case 'trade': {
      const isTaker = order.id === event.takerId
      const { tradeId, price, quantity } = event
      return toView(
        {
          type: 'traded',
          ...of,
          otherOrderId: isTaker ? event.makerId : event.takerId,
          tradeId,
          side: order.side,
          isTaker,
          price,
          quantity,
          open: isTaker ? event.takerOpen : event.makerOpen,
        },
        undefined,
      )
    }
    case 'order-reduced':
      return toView({ type: 'reduced', ...of, canceled: event.canceled, open: event.open }, undefined)
    case 'order-replaced': {
      const { price, quantity, open } = event
      return toView({ type: 'replaced', ...of, price, quantity, open }, undefined)
    }
    case 'order-closed':
      return toView({ type: 'closed', ...of, reason: event.reason, canceled: event.canceled }, undefined)
    default:
      return undefined
  }
}
