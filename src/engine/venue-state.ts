import { IdTable } from '../domain/id-table.ts'
import type { VenueLimits, VenueRules } from '../domain/venue.ts'
import type { Account } from './account.ts'
import type { Book, Order } from './book.ts'
import { ClientOrderIds } from './client-order-ids.ts'

/** All that the engine knows of one venue. Closed orders are not part of it. */
export class VenueState {
  readonly name: string
  readonly rules: VenueRules
  limits: VenueLimits
  readonly books = new Map<string, Book>()
  readonly accounts = new Map<string, Account>()
  /** The open orders. */
  readonly orders = new IdTable<Order>()
  readonly clientOrderIds = new ClientOrderIds()
  lastOrderId = 0
  lastTradeId = 0
  closedOrders = 0

  constructor(name: string, rules: VenueRules, limits: VenueLimits) {
    this.name = name
    this.rules = rules
    this.limits = limits
  }
}
