import type { AccountEvent, Traded } from '../../src/domain/account-event.ts'
import type { Exchange, OrderRecord, Venue } from '../../src/port.ts'
import type { Views } from './views.ts'

/** The longest list that is sent; of longer ones it is the newest part. */
export const longestList = 10_000
/** Events that are read at once, and that are looked through for one list. */
const pageSize = 5000
const mostEvents = 200_000

/** What players ask of what has been: both lists are oldest first. */
export class Past {
  readonly #exchange: Exchange
  readonly #views: Views

  constructor(exchange: Exchange, views: Views) {
    this.#exchange = exchange
    this.#views = views
  }

  /** The fills of a player in this game. */
  async fills(venue: Venue, player: string): Promise<object[]> {
    const fills: object[] = []
    for await (const events of this.#pages(venue, player)) {
      for (const event of events) if (event.type === 'traded') fills.push(this.#fill(event))
      if (fills.length >= longestList) break
    }
    return fills.slice(0, longestList).reverse()
  }

  /** The orders of players that have traded and ended, in the order in which they ended. */
  async completed(venue: Venue, players: readonly string[]): Promise<object[]> {
    const lists = await Promise.all(players.map((player) => this.#completedOf(venue, player)))
    const all = lists.flat()
    if (lists.length > 1) all.sort((a, b) => a.time - b.time || a.order.id - b.order.id)
    return all.slice(-longestList).map(({ order }) => this.#views.order(order))
  }

  async #completedOf(venue: Venue, player: string): Promise<{ time: number; order: OrderRecord }[]> {
    const completed: { time: number; order: OrderRecord }[] = []
    for await (const events of this.#pages(venue, player)) {
      const closed = events.filter(({ type }) => type === 'closed')
      const orders = await Promise.all(closed.map(({ orderId }) => this.#order(venue, orderId)))
      for (const [i, { time }] of closed.entries()) {
        const order = orders[i]
        if (order !== undefined && order.filled > 0) completed.push({ time, order })
      }
      if (completed.length >= longestList) break
    }
    return completed.slice(0, longestList).reverse()
  }

  #order(venue: Venue, id: number): OrderRecord | undefined | Promise<OrderRecord | undefined> {
    return venue.order(id) ?? this.#exchange.findOrder(venue.name, id)
  }

  #fill({ tradeId, side, orderId, otherOrderId, quantity, price }: Traded): object {
    const [buyId, sellId] = side === 'buy' ? [orderId, otherOrderId] : [otherOrderId, orderId]
    return {
      fill_id: this.#views.ids.fill(tradeId, side),
      filled_size: this.#views.crypto(quantity),
      ...this.#views.trade(price, buyId, sellId),
    }
  }

  /** What happened to a player in this game, the newest first, a page at a time. */
  async *#pages({ name, firstOrderId }: Venue, player: string): AsyncIterable<AccountEvent[]> {
    let before: number | undefined
    for (let seen = 0; seen < mostEvents; ) {
      const page = await this.#exchange.findAccountEvents(name, player, { limit: pageSize, before })
      // What is older was of somebody of the same name, in a game before.
      const own = page.events.filter(({ orderId }) => orderId >= firstOrderId)
      yield own.reverse()
      if (!page.more || own.length < page.events.length) return
      seen += page.events.length
      before = page.events[0]?.number
    }
  }
}
