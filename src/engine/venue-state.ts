import { IdTable } from '../domain/id-table.ts'
import type { Micros } from '../domain/units.ts'
import type { Closing, TradingState, VenueLimits, VenueRules } from '../domain/venue.ts'
import type { Account } from './account.ts'
import type { Book, Order } from './book.ts'
import { ClientOrderIds } from './client-order-ids.ts'
import { Ledger } from './credit/ledger.ts'
import { Sessions } from './sessions.ts'

/** All that the engine knows of one venue. Closed orders are not part of it. */
export class VenueState {
  readonly name: string
  readonly rules: VenueRules
  limits: VenueLimits
  state: TradingState = 'open'
  /** When it first opened, after it was made or reset. */
  openedAt: Micros | undefined
  closing: Closing | undefined
  readonly books = new Map<string, Book>()
  readonly accounts = new Map<string, Account>()
  /** The open orders. */
  readonly orders = new IdTable<Order>()
  clientOrderIds = new ClientOrderIds()
  /** Empty where nobody counts money. */
  readonly ledger = new Ledger()
  sessions = new Sessions()
  lastOrderId = 0
  lastTradeId = 0
  closedOrders = 0

  constructor(name: string, rules: VenueRules, limits: VenueLimits) {
    this.name = name
    this.rules = rules
    this.limits = limits
  }

  /** Whether somebody can hold an asset here: what is traded or paid with, or given to new accounts. */
  hasAsset(asset: string): boolean {
    if (this.opening(asset) !== undefined) return true
    return [...this.books.values()].some(({ terms }) => terms?.base === asset || terms?.quote === asset)
  }

  /** What an account is given of an asset when it is opened, in smallest units as text. */
  opening(asset: string): string | undefined {
    const { opening = {} } = this.rules
    return Object.hasOwn(opening, asset) ? opening[asset] : undefined
  }

  /** Whether somebody can do nothing here before an account was opened by a command of its own. */
  get wantsAccounts(): boolean {
    return this.hasMoney && this.rules.accounts === undefined
  }

  /** Whether accounts hold money here. */
  get hasMoney(): boolean {
    return this.rules.credit === 'cash'
  }
}
