import type {
  CancelAllRequest,
  CancelRequest,
  FeedOrder,
  PlaceRequest,
  ReplaceRequest,
} from '../../schemas/feed.ts'
import { feedLimits } from '../../schemas/feed-errors.ts'
import { most } from '../../schemas/order.ts'
import type { Command, Place } from '../../src/domain/command.ts'
import type { Applied } from '../../src/domain/event.ts'
import type { Lots, Ticks } from '../../src/domain/units.ts'
import type { Exchange, OrderRecord } from '../../src/port.ts'
import type { Credentials } from './credentials.ts'
import { toFeedOrder } from './orders.ts'
import { Refusal, throwIfRejected } from './refusal.ts'

export interface TradingSettings {
  readonly autoCreate: boolean
  /** Venues that only other doors trade on. */
  readonly closedVenues: ReadonlySet<string>
  /** Venues that are for one account, and for what is listed there. */
  readonly isReserved: (venue: string) => boolean
}

/** Places, replaces and cancels orders. What is refused throws a `Refusal`, what is not decided `Unavailable`. */
export class Trading {
  readonly #exchange: Exchange
  readonly #settings: TradingSettings

  constructor(exchange: Exchange, settings: TradingSettings) {
    this.#exchange = exchange
    this.#settings = settings
  }

  /** Throws a `Refusal` unless somebody may act as an account, and its venue is not another door's. */
  requireOwner({ venue, account }: { venue: string; account: string }, credentials: Credentials): void {
    this.#requireDoor(venue)
    credentials.require(account, venue)
  }

  /** `session`: what the order is covered by. */
  async place(
    request: PlaceRequest,
    credentials: Credentials,
    session: string | undefined,
  ): Promise<{ order: FeedOrder }> {
    const { venue } = request
    this.requireOwner(request, credentials)
    this.#requireSize(request)
    const command = {
      ...toPlace(request, this.#mayCreate(venue)),
      ...(session !== undefined && { session }),
    }
    const placed = await this.#exchange.submit(command, (applied) => {
      const id = placedId(applied)
      const order = this.#exchange.venue(venue)?.order(id)
      return order === undefined ? id : toFeedOrder(order)
    })
    // The first order under a client order id may have closed long ago.
    return { order: typeof placed === 'number' ? await this.#order(venue, placed) : placed }
  }

  async cancel({ venue, orderId }: CancelRequest, credentials: Credentials): Promise<{ order: FeedOrder }> {
    const order = await this.#own(venue, orderId, credentials)
    return { order: await this.#cancel(order) }
  }

  async replace(request: ReplaceRequest, credentials: Credentials): Promise<{ order: FeedOrder }> {
    const { venue, orderId, price, quantity } = request
    const order = await this.#own(venue, orderId, credentials)
    this.#requireSize(request)
    const terms = { price: price as Ticks, quantity: quantity as Lots }
    return { order: await this.#change(order, { type: 'replace', venue, orderId, ...terms }) }
  }

  async cancelAll(
    request: CancelAllRequest,
    credentials: Credentials,
  ): Promise<{ canceled: number[]; more: boolean }> {
    this.requireOwner(request, credentials)
    const { venue: name, account, symbol } = request
    const venue = this.#exchange.venue(name)
    if (venue === undefined) throw new Refusal('unknown_venue', 'venue')
    const { orders, more } = venue.orders(account, { limit: feedLimits.cancels, openOnly: true, symbol })
    const results = await Promise.allSettled(orders.map((order) => this.#cancel(order)))
    const canceled: number[] = []
    for (const [i, result] of results.entries()) {
      if (result.status === 'fulfilled') canceled.push(orders[i]?.id as number)
      else if (!isClosed(result.reason)) throw result.reason
    }
    return { canceled, more }
  }

  #mayCreate(venue: string): boolean {
    const { autoCreate, isReserved } = this.#settings
    return autoCreate && !isReserved(venue)
  }

  #requireDoor(venue: string): void {
    if (this.#settings.closedVenues.has(venue)) throw new Refusal('closed_door', 'venue')
  }

  /** Throws a `Refusal` for more lots than an order may have: where they are parts of a share, they may be many. */
  #requireSize({ venue, quantity }: { venue: string; quantity: number }): void {
    const isInParts = this.#exchange.venue(venue)?.rules.credit === 'cash'
    if (!isInParts && quantity > most) throw new Refusal('bad_request', 'quantity')
  }

  /** An order of somebody's own. */
  async #own(venue: string, orderId: number, credentials: Credentials): Promise<OrderRecord> {
    credentials.requireKey()
    this.#requireDoor(venue)
    if (this.#exchange.venue(venue) === undefined) throw new Refusal('unknown_venue', 'venue')
    const order = await this.#exchange.findOrder(venue, orderId)
    if (order === undefined) throw new Refusal('unknown_order', 'orderId')
    this.requireOwner(order, credentials)
    return order
  }

  #cancel(order: OrderRecord): Promise<FeedOrder> {
    return this.#change(order, { type: 'cancel', venue: order.venue, orderId: order.id })
  }

  #change({ venue, id }: OrderRecord, command: Command): Promise<FeedOrder> {
    return this.#exchange.submit(command, (applied) => {
      throwIfRejected(applied)
      return toFeedOrder(this.#exchange.venue(venue)?.order(id) as OrderRecord)
    })
  }

  async #order(venue: string, id: number): Promise<FeedOrder> {
    const order = await this.#exchange.findOrder(venue, id)
    if (order === undefined) throw new Refusal('unknown_order')
    return toFeedOrder(order)
  }
}

function toPlace(request: PlaceRequest, autoCreate: boolean): Place {
  const { venue, symbol, account, side, orderType, price, quantity, clientOrderId } = request
  const isMarket = orderType === 'market'
  if (isMarket !== (price === undefined)) throw new Refusal('bad_request', 'price')
  const timeInForce = request.timeInForce ?? (isMarket ? 'ioc' : 'gtc')
  if (isMarket && timeInForce !== 'ioc') throw new Refusal('bad_request', 'timeInForce')
  return {
    type: 'place',
    venue,
    symbol,
    account,
    side,
    orderType,
    timeInForce,
    price: (price ?? 0) as Ticks,
    quantity: quantity as Lots,
    ...(clientOrderId !== undefined && { clientOrderId }),
    autoCreate,
  }
}

/** The id of the order that a command placed, or of the first one under its client order id. */
function placedId(applied: Applied): number {
  throwIfRejected(applied)
  for (const event of applied.events) {
    if (event.type === 'order-accepted' || event.type === 'order-repeated') return event.orderId
  }
  throw new Error('an order that was neither taken nor refused')
}

function isClosed(error: unknown): boolean {
  return error instanceof Refusal && error.code === 'order_closed'
}
