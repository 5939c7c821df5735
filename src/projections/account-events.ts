import type { AccountEvent } from '../domain/account-event.ts'
import type { OrderClosed, OrderReduced, OrderReplaced, Trade } from '../domain/event.ts'
import type { PageQuery } from '../domain/page.ts'
import type { Micros } from '../domain/units.ts'
import { IdQueue } from './id-queue.ts'
import type { LinkedOrder } from './orders.ts'
import { piecesOf } from './pieces.ts'
import { RowQueue } from './row-queue.ts'
import type { RowStore } from './row-store.ts'

/** Events that a venue keeps in memory where nothing is on disk; the oldest go first, whose account they may be of. */
export const eventsPerVenue = 200_000

/** One account: how many events it had, and those of them that are kept. */
interface AccountLog {
  readonly index: number
  readonly account: string
  last: number
  readonly kept: RowQueue<AccountEvent>
}

/**
 * What happens to each account of one venue, numbered. Makes the events and counts them; each goes to the store that
 * comes with it, and where there is none it is only counted.
 */
export class AccountEvents {
  readonly #venue: string
  readonly #accounts = new Map<string, AccountLog>()
  readonly #byIndex: AccountLog[] = []
  /** For each event kept the index of its account, the oldest event first. */
  readonly #kept = new IdQueue()

  constructor(venue: string) {
    this.#venue = venue
  }

  accepted({ account, symbol, id: orderId }: LinkedOrder, time: Micros, store: RowStore | undefined): void {
    const number = this.#next(account)
    store?.accountEvent(this.#venue, account, { type: 'accepted', number, time, symbol, orderId })
  }

  /** One trade: an event for each of its two orders. */
  traded(
    trade: Trade,
    taker: LinkedOrder,
    maker: LinkedOrder,
    time: Micros,
    store: RowStore | undefined,
  ): void {
    this.#traded(trade, taker, maker, time, store)
    this.#traded(trade, maker, taker, time, store)
  }

  reduced(
    { orderId, symbol, canceled, open }: OrderReduced,
    { account }: LinkedOrder,
    time: Micros,
    store: RowStore | undefined,
  ): void {
    const number = this.#next(account)
    store?.accountEvent(this.#venue, account, {
      type: 'reduced',
      number,
      time,
      symbol,
      orderId,
      canceled,
      open,
    })
  }

  replaced(
    { orderId, symbol, price, quantity, open }: OrderReplaced,
    { account }: LinkedOrder,
    time: Micros,
    store: RowStore | undefined,
  ): void {
    const number = this.#next(account)
    store?.accountEvent(this.#venue, account, {
      type: 'replaced',
      number,
      time,
      symbol,
      orderId,
      price,
      quantity,
      open,
    })
  }

  closed(
    { orderId, symbol, reason, canceled }: OrderClosed,
    { account }: LinkedOrder,
    time: Micros,
    store: RowStore | undefined,
  ): void {
    const number = this.#next(account)
    store?.accountEvent(this.#venue, account, {
      type: 'closed',
      number,
      time,
      symbol,
      orderId,
      reason,
      canceled,
    })
  }

  /** The number of an account's last event; 0 before the first. */
  last(account: string): number {
    return this.#accounts.get(account)?.last ?? 0
  }

  /** Keeps an event in memory. */
  keep(account: string, event: AccountEvent): void {
    const log = this.#log(account)
    log.kept.push(event)
    this.#kept.push(log.index)
    if (this.#kept.length > eventsPerVenue) this.#byIndex[this.#kept.shift() as number]?.kept.shift()
  }

  /** Events of an account that are kept in memory, by ascending number. */
  page(account: string, query: PageQuery): AccountEvent[] {
    return this.#accounts.get(account)?.kept.page(query) ?? []
  }

  /** The counts and what is kept, as plain JSON records. */
  *save(): IterableIterator<SavedAccountEvents> {
    const all = this.#byIndex.map(({ account, last }) => [account, last] as const)
    for (const counts of piecesOf(all)) yield { type: 'account-counts', counts }
    for (const events of piecesOf(this.#keptInOrder())) yield { type: 'account-events', events }
  }

  load(saved: SavedAccountEvents): void {
    if (saved.type === 'account-counts') {
      for (const [account, last] of saved.counts) this.#log(account).last = last
    } else {
      for (const [account, event] of saved.events) this.keep(account, event)
    }
  }

  *#keptInOrder(): IterableIterator<readonly [account: string, event: AccountEvent]> {
    const events = this.#byIndex.map(({ kept }) => kept[Symbol.iterator]())
    for (const index of this.#kept) {
      const { account } = this.#byIndex[index] as AccountLog
      yield [account, (events[index] as Iterator<AccountEvent>).next().value]
    }
  }

  #traded(
    { symbol, tradeId, price, quantity, takerId, makerOpen, takerOpen }: Trade,
    own: LinkedOrder,
    other: LinkedOrder,
    time: Micros,
    store: RowStore | undefined,
  ): void {
    const { account, id: orderId, side } = own
    const number = this.#next(account)
    const isTaker = orderId === takerId
    store?.accountEvent(this.#venue, account, {
      type: 'traded',
      number,
      time,
      symbol,
      orderId,
      otherOrderId: other.id,
      tradeId,
      side,
      isTaker,
      price,
      quantity,
      open: isTaker ? takerOpen : makerOpen,
    })
  }

  #next(account: string): number {
    const log = this.#log(account)
    log.last += 1
    return log.last
  }

  #log(account: string): AccountLog {
    let log = this.#accounts.get(account)
    if (log === undefined) {
      log = { index: this.#byIndex.length, account, last: 0, kept: new RowQueue(({ number }) => number) }
      this.#accounts.set(account, log)
      this.#byIndex.push(log)
    }
    return log
  }
}

/** One record of saved account events. */
export type SavedAccountEvents =
  | {
      readonly type: 'account-counts'
      readonly counts: readonly (readonly [account: string, last: number])[]
    }
  | {
      readonly type: 'account-events'
      readonly events: readonly (readonly [account: string, event: AccountEvent])[]
    }
