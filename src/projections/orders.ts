import type { OrderAccepted, OrderReplaced } from '../domain/event.ts'
import { IdTable } from '../domain/id-table.ts'
import {
  type CloseReason,
  type Fill,
  loadOrderCash,
  type OrderCash,
  type OrderRecord,
  type OrderType,
  type SavedOrderCash,
  type Side,
  saveOrderCash,
  type TimeInForce,
} from '../domain/order.ts'
import type { Lots, Micros, Ticks } from '../domain/units.ts'
import { unlimited } from '../domain/venue.ts'
import { IdQueue } from './id-queue.ts'
import { piecesOf } from './pieces.ts'

/** Fills that one order keeps; older ones are counted but gone. */
export const fillsPerOrder = 10_000
/** Fills that all orders of a venue keep together. */
export const fillsPerVenue = 1_000_000

const noFills: readonly Fill[] = []

/** An order from its acceptance on, and a link in the list of its account's orders. */
export class LinkedOrder implements OrderRecord {
  readonly id: number
  readonly venue: string
  readonly symbol: string
  readonly account: string
  readonly side: Side
  readonly orderType: OrderType
  readonly timeInForce: TimeInForce
  price: Ticks
  quantity: Lots
  readonly clientOrderId: string | undefined
  readonly time: Micros
  open: Lots
  cash: OrderCash | undefined
  original: OrderRecord['original'] = undefined
  filled: Lots = 0 as Lots
  closedBy: CloseReason | undefined = undefined
  fillCount = 0
  // Most orders never trade: they share one empty list.
  fills: readonly Fill[] = noFills
  /** Fills that have left the venue's queue of fills. */
  expiredFills = 0
  older: LinkedOrder | undefined = undefined
  newer: LinkedOrder | undefined = undefined

  constructor(accepted: OrderAccepted, time: Micros) {
    this.id = accepted.orderId
    this.venue = accepted.venue
    this.symbol = accepted.symbol
    this.account = accepted.account
    this.side = accepted.side
    this.orderType = accepted.orderType
    this.timeInForce = accepted.timeInForce
    this.price = accepted.price
    this.quantity = accepted.quantity
    this.clientOrderId = accepted.clientOrderId
    this.time = time
    this.open = accepted.quantity
    const { budget, reference } = accepted
    if (budget !== undefined || reference !== undefined) this.cash = { budget, budgetLeft: budget, reference }
  }

  /** Counts a fill. */
  fill(fill: Fill): void {
    this.filled = (this.filled + fill.quantity) as Lots
    // With a budget nobody knows what is open.
    if (this.quantity > 0) this.open = (this.open - fill.quantity) as Lots
    this.fillCount += 1
    if (this.fills === noFills) this.fills = [fill]
    else (this.fills as Fill[]).push(fill)
    if (this.fills.length > fillsPerOrder) (this.fills as Fill[]).shift()
  }

  /** Lets one more of the oldest fills go; it may have gone already. */
  expireFill(): void {
    this.expiredFills += 1
    if (this.fills.length > this.fillCount - this.expiredFills) (this.fills as Fill[]).shift()
  }
}

/** An account's orders: the ends of a list by ascending id. */
interface OrderList {
  oldest: LinkedOrder | undefined
  newest: LinkedOrder | undefined
}

/**
 * The orders of one venue: all open ones and the newest closed ones, by id and by account.
 *
 * Three bounds keep it from growing: closed orders (a limit of the venue), fills of one order, fills of all. Where the
 * venue's limit is `unlimited`, closed orders are stored elsewhere: each stays until `forget` is called for it.
 */
export class Orders {
  readonly #byId = new IdTable<LinkedOrder>()
  readonly #byAccount = new Map<string, OrderList>()
  /** Ids of closed orders, the first to close first. */
  readonly #closed = new IdQueue()
  /** For each fill kept the id of its order, the oldest fill first. */
  readonly #filled = new IdQueue()
  #keepClosed: number
  lastId = 0
  /** The first id of the accounts that are there: orders below it were others' of the same names. */
  firstId = 1

  constructor(keepClosed: number) {
    this.#keepClosed = keepClosed
  }

  /** Whether closed orders are somebody else's to keep, who calls `forget` for each. */
  get storedElsewhere(): boolean {
    return this.#keepClosed === unlimited
  }

  get(id: number): LinkedOrder | undefined {
    return this.#byId.get(id)
  }

  /** How many orders are kept. */
  get size(): number {
    return this.#byId.size
  }

  accept(accepted: OrderAccepted, time: Micros): LinkedOrder {
    const record = new LinkedOrder(accepted, time)
    this.#add(record)
    return record
  }

  fill(record: LinkedOrder, fill: Fill): void {
    record.fill(fill)
    if (this.storedElsewhere) return
    this.#filled.push(record.id)
    for (;;) {
      // The fills of an order that was purged have gone with it.
      const oldest = this.#byId.get(this.#filled.first as number)
      if (oldest !== undefined && this.#filled.length <= fillsPerVenue) return
      this.#filled.shift()
      oldest?.expireFill()
    }
  }

  reduce(record: LinkedOrder, canceled: Lots): void {
    record.open = (record.open - canceled) as Lots
  }

  replace(record: LinkedOrder, { price, quantity, open }: OrderReplaced): void {
    record.original ??= { price: record.price, quantity: record.quantity }
    record.price = price
    record.quantity = quantity
    record.open = open
  }

  close(record: LinkedOrder, reason: CloseReason): void {
    record.open = 0 as Lots
    record.closedBy = reason
    if (this.storedElsewhere) return
    this.#closed.push(record.id)
    this.#purge()
  }

  /** Belongs to other accounts from now on; every order has closed. */
  beginAnew(): void {
    this.firstId = this.lastId + 1
  }

  keepClosed(count: number): void {
    this.#keepClosed = count
    this.#purge()
  }

  /** An account's orders by ascending id: the newest `limit` that fit, and whether there are older ones. */
  ofAccount(
    account: string,
    query: {
      readonly limit: number
      readonly symbol?: string | undefined
      readonly before?: number | undefined
      readonly openOnly?: boolean | undefined
    },
  ): { orders: LinkedOrder[]; more: boolean } {
    const { limit, symbol, before = Number.POSITIVE_INFINITY, openOnly = false } = query
    const orders: LinkedOrder[] = []
    let more = false
    for (let record = this.#newestBefore(account, before); record !== undefined; record = record.older) {
      if (record.id < this.firstId) break
      if (openOnly && record.closedBy !== undefined) continue
      if (symbol !== undefined && record.symbol !== symbol) continue
      more = orders.length === limit
      if (more) break
      orders.push(record)
    }
    return { orders: orders.reverse(), more }
  }

  /** The newest order of an account below an id. A page that starts where the last one ended is found at once. */
  #newestBefore(account: string, before: number): LinkedOrder | undefined {
    const last = this.#byId.get(before)
    if (last?.account === account) return last.older
    let record = this.#byAccount.get(account)?.newest
    while (record !== undefined && record.id >= before) record = record.older
    return record
  }

  #add(record: LinkedOrder): void {
    this.lastId = record.id
    this.#byId.set(record.id, record)
    const list = this.#byAccount.get(record.account)
    if (list === undefined) {
      this.#byAccount.set(record.account, { oldest: record, newest: record })
      return
    }
    record.older = list.newest
    if (list.newest === undefined) list.oldest = record
    else list.newest.newer = record
    list.newest = record
  }

  #purge(): void {
    while (this.#closed.length > this.#keepClosed) this.forget(this.#closed.shift() as number)
  }

  /** Lets an order go that closed and is kept elsewhere. */
  forget(id: number): void {
    const record = this.#byId.get(id)
    if (record === undefined) return
    this.#byId.delete(id)
    const { older, newer } = record
    const list = this.#byAccount.get(record.account) as OrderList
    if (older === undefined) list.oldest = newer
    else older.newer = newer
    if (newer === undefined) list.newest = older
    else newer.older = older
    // A page that is being read may still hold the record: it must not lead back into the list.
    record.older = undefined
    record.newer = undefined
  }

  /** The whole state as plain JSON records, orders by ascending id first. */
  *save(): IterableIterator<SavedOrders> {
    yield { type: 'orders', lastId: this.lastId, firstId: this.firstId, keepClosed: this.#keepClosed }
    for (const record of this.#byId.values()) {
      const { older: _older, newer: _newer, cash, ...order } = record
      yield { type: 'order', order: cash === undefined ? order : { ...order, cash: saveOrderCash(cash) } }
    }
    for (const ids of piecesOf(this.#closed)) yield { type: 'closed', ids }
    for (const ids of piecesOf(this.#filled)) yield { type: 'filled', ids }
  }

  load(saved: SavedOrders): void {
    switch (saved.type) {
      case 'orders':
        this.lastId = saved.lastId
        this.firstId = saved.firstId
        this.#keepClosed = saved.keepClosed
        return
      case 'order': {
        const { id, cash, ...order } = saved.order
        const record = new LinkedOrder(
          { ...order, type: 'order-accepted', orderId: id } as OrderAccepted,
          order.time,
        )
        const { lastId } = this
        this.#add(Object.assign(record, order, { fills: loadFills(order.fills) }))
        if (cash !== undefined) record.cash = loadOrderCash(cash)
        this.lastId = lastId
        return
      }
      case 'closed':
        for (const id of saved.ids) this.#closed.push(id)
        return
      case 'filled':
        for (const id of saved.ids) this.#filled.push(id)
        return
      default:
        saved satisfies never
    }
  }
}

/** Fills as they were saved; before a fill knew its trade it had no `tradeId`. */
function loadFills(fills: readonly (Omit<Fill, 'tradeId'> & { tradeId?: number })[]): readonly Fill[] {
  const [first] = fills
  if (first === undefined) return noFills
  return first.tradeId === undefined ? fills.map((fill) => ({ tradeId: 0, ...fill })) : (fills as Fill[])
}

/** One record of saved orders. */
export type SavedOrders =
  | {
      readonly type: 'orders'
      readonly lastId: number
      readonly firstId: number
      readonly keepClosed: number
    }
  | { readonly type: 'order'; readonly order: SavedOrder }
  | { readonly type: 'closed' | 'filled'; readonly ids: readonly number[] }

type SavedOrder = Omit<LinkedOrder, 'older' | 'newer' | 'cash' | 'fill' | 'expireFill'> & {
  readonly cash?: SavedOrderCash
}
