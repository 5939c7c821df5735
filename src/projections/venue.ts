import type { Micros } from '../domain/units.ts'
import type { VenueLimits, VenueRules } from '../domain/venue.ts'
import type { Instrument } from './instrument.ts'
import type { LinkedOrder, Orders } from './orders.ts'

/** One venue as it is read: its instruments and its orders. */
export class Venue<Side> {
  readonly name: string
  readonly rules: VenueRules
  limits: VenueLimits
  readonly createdAt: Micros
  readonly orderRecords: Orders
  readonly #instruments = new Map<string, Instrument<Side>>()

  constructor(name: string, rules: VenueRules, limits: VenueLimits, createdAt: Micros, orders: Orders) {
    this.name = name
    this.rules = rules
    this.limits = limits
    this.createdAt = createdAt
    this.orderRecords = orders
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
}
