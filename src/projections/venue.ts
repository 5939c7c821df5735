import type { AccountEvent } from '../domain/account-event.ts'
import type { TradeRecord } from '../domain/trade-record.ts'
import type { Micros } from '../domain/units.ts'
import type { VenueLimits, VenueRules } from '../domain/venue.ts'
import { AccountEvents } from './account-events.ts'
import type { Instrument } from './instrument.ts'
import type { LinkedOrder, Orders } from './orders.ts'
import type { RowStore } from './row-store.ts'

/** One venue as it is read: its instruments, its orders and its accounts. Keeps the newest rows where nobody else does. */
export class Venue<Side> implements RowStore {
  readonly name: string
  readonly rules: VenueRules
  limits: VenueLimits
  readonly createdAt: Micros
  readonly orderRecords: Orders
  readonly accountEvents: AccountEvents
  readonly #instruments = new Map<string, Instrument<Side>>()

  constructor(name: string, rules: VenueRules, limits: VenueLimits, createdAt: Micros, orders: Orders) {
    this.name = name
    this.rules = rules
    this.limits = limits
    this.createdAt = createdAt
    this.orderRecords = orders
    this.accountEvents = new AccountEvents(name)
  }

  get lastOrderId(): number {
    return this.orderRecords.lastId
  }

  instruments(): Iterable<Instrument<Side>> {
    return this.#instruments.values()
  }

  instrument(symbol: string): Instrument<Side> | undefined {
    return this.#instruments.get(symbol)
  }

  list(instrument: Instrument<Side>): void {
    this.#instruments.set(instrument.symbol, instrument)
  }

  order(id: number): LinkedOrder | undefined {
    return this.orderRecords.get(id)
  }

  orders(account: string, query: Parameters<Orders['ofAccount']>[1]): ReturnType<Orders['ofAccount']> {
    return this.orderRecords.ofAccount(account, query)
  }

  accountEvent(_venue: string, account: string, event: AccountEvent): void {
    this.accountEvents.keep(account, event)
  }

  trade(_venue: string, symbol: string, trade: TradeRecord): void {
    this.instrument(symbol)?.trades.keep(trade)
  }
}
