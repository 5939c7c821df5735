import type { AccountEvent } from '../domain/account-event.ts'
import type { Json } from '../domain/note.ts'
import type { TradeRecord } from '../domain/trade-record.ts'
import type { Micros } from '../domain/units.ts'
import type { Closing, TradingState, VenueLimits, VenueRules } from '../domain/venue.ts'
import { AccountEvents } from './account-events.ts'
import type { Instrument } from './instrument.ts'
import { Notes } from './notes.ts'
import type { LinkedOrder, Orders } from './orders.ts'
import type { RowStore } from './row-store.ts'

/** What an account holds of one asset, in smallest units. */
export interface BalanceReader {
  readonly available: bigint
  readonly held: bigint
  /** How many commands have changed it; the one that opened the account is the first. */
  readonly changes: number
}

/** An account as it is read; it is the engine's own. */
export interface AccountReader {
  readonly name: string
  readonly keyHash: string | undefined
  readonly isHouse: boolean
  /** By asset; empty where nobody counts money. */
  readonly balances: ReadonlyMap<string, BalanceReader>
  readonly openOrders: number
}

/** What is read of a venue where the engine has it, which holds durable state only. */
export interface VenueReader {
  readonly state: TradingState
  readonly openedAt: Micros | undefined
  readonly closing: Closing | undefined
  readonly accounts: ReadonlyMap<string, AccountReader>
}

/** One venue as it is read: its instruments, its orders and its accounts. Keeps the newest rows where nobody else does. */
export class Venue<Side> implements RowStore {
  readonly name: string
  readonly rules: VenueRules
  limits: VenueLimits
  readonly createdAt: Micros
  readonly orderRecords: Orders
  readonly accountEvents: AccountEvents
  readonly notes = new Notes()
  readonly #instruments = new Map<string, Instrument<Side>>()
  // Most often it is the same one again.
  #lastInstrument: Instrument<Side> | undefined
  readonly #reader: () => VenueReader

  constructor(
    { name, rules, limits, createdAt }: Pick<Venue<Side>, 'name' | 'rules' | 'limits' | 'createdAt'>,
    orders: Orders,
    reader: () => VenueReader,
  ) {
    this.name = name
    this.rules = rules
    this.limits = limits
    this.createdAt = createdAt
    this.orderRecords = orders
    this.accountEvents = new AccountEvents(name)
    this.#reader = reader
  }

  get state(): TradingState {
    return this.#reader().state
  }

  get openedAt(): Micros | undefined {
    return this.#reader().openedAt
  }

  get closing(): Closing | undefined {
    return this.#reader().closing
  }

  get lastOrderId(): number {
    return this.orderRecords.lastId
  }

  get firstOrderId(): number {
    return this.orderRecords.firstId
  }

  account(name: string): AccountReader | undefined {
    return this.#reader().accounts.get(name)
  }

  accounts(): Iterable<AccountReader> {
    return this.#reader().accounts.values()
  }

  lastAccountEvent(account: string): number {
    return this.accountEvents.last(account)
  }

  instruments(): Iterable<Instrument<Side>> {
    return this.#instruments.values()
  }

  instrument(symbol: string): Instrument<Side> | undefined {
    if (symbol !== this.#lastInstrument?.symbol) this.#lastInstrument = this.#instruments.get(symbol)
    return this.#lastInstrument
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

  /** Begins anew: accounts of the same name are others. */
  reset(time: Micros, step: number): void {
    this.orderRecords.beginAnew()
    for (const instrument of this.#instruments.values()) instrument.beginAnew(time, step)
  }

  note(topic: string, key: string): Json | undefined {
    return this.notes.get(topic, key)
  }

  /** Gives up the room of what is kept beside it. */
  drop(): void {
    for (const { channels } of this.#instruments.values()) channels.drop()
  }

  accountEvent(_venue: string, account: string, event: AccountEvent): void {
    this.accountEvents.keep(account, event)
  }

  trade(_venue: string, symbol: string, trade: TradeRecord): void {
    this.instrument(symbol)?.trades.keep(trade)
  }
}
