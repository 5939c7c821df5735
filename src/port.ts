import type { AccountEvent } from './domain/account-event.ts'
import type { Candle, CandleInterval, CandleQuery } from './domain/candle.ts'
import type { Command } from './domain/command.ts'
import type { Applied, Event } from './domain/event.ts'
import type { InstrumentTerms } from './domain/instrument.ts'
import type { Json } from './domain/note.ts'
import type { Fill, OrderRecord, Side } from './domain/order.ts'
import type { PageQuery } from './domain/page.ts'
import type { TradeRecord } from './domain/trade-record.ts'
import type { UnavailableReason } from './domain/unavailable.ts'
import type { Lots, Micros, Ticks } from './domain/units.ts'
import type { Closing, Limits, TradingState, VenueLimits, VenueRules } from './domain/venue.ts'

export type { Fill, OrderRecord, TradeRecord }

/** All that the edges see of the core. Everything readable here is durable. */
export interface Exchange {
  /**
   * Sends a command. `reply` runs right after the command was applied and sees the state as it then is, before any
   * later command changed it; encode the answer there. The promise resolves with its value once every feed has been
   * written; it rejects with `Unavailable` when the command was not taken or its fate is unknown, and with whatever
   * `reply` throws. A refusal by rule is no rejection: it is a `rejected` event.
   */
  submit<T>(command: Command, reply: (applied: Applied) => T): Promise<T>

  /** Lets a door follow everything that happens, from now on. Calling what is returned ends it. */
  attach(door: Door): () => void

  /** The venues in the order of creation. */
  venues(): Iterable<Venue>
  venue(name: string): Venue | undefined
  /** An order that is open or ever was, as far as the exchange remembers. */
  findOrder(venue: string, id: number): Promise<OrderRecord | undefined>
  /** As `Venue.orders`, and with all closed orders that the exchange remembers. */
  findOrders(
    venue: string,
    account: string,
    query: OrdersQuery,
  ): Promise<{ orders: OrderRecord[]; more: boolean }>
  /**
   * Fills of an order by ascending number: the newest `limit` below number `before`, the number of the first of them,
   * and whether there are older ones.
   */
  findFills(
    order: OrderRecord,
    query: FillsQuery,
  ): Promise<{ first: number; fills: readonly Fill[]; more: boolean }>

  /** The trades of an instrument by ascending id: the newest `limit` below id `before`, and whether there are older ones. */
  findTrades(
    venue: string,
    symbol: string,
    query: Omit<PageQuery, 'after'>,
  ): Promise<{ trades: readonly TradeRecord[]; more: boolean }>
  /**
   * The candles of an instrument that fit, by when they begin: the newest `limit` of them, and whether there are older
   * ones. The last one of all may still change.
   */
  findCandles(
    venue: string,
    symbol: string,
    interval: CandleInterval,
    query: CandleQuery,
  ): Promise<{ candles: readonly Candle[]; more: boolean }>
  /**
   * What happened to an account by ascending number. With `after` the first `limit` above that number, and whether
   * there are newer ones; else the newest `limit` below `before`, and whether there are older ones.
   */
  findAccountEvents(
    venue: string,
    account: string,
    query: PageQuery,
  ): Promise<{ events: readonly AccountEvent[]; more: boolean }>

  /** The notes of a topic that are about no venue, newest under each key, the one written last at the end. */
  notes(topic: string): Iterable<readonly [key: string, data: Json]>

  /** The newest of them under a topic and key. */
  note(topic: string, key: string): Json | undefined

  /** How each shard is. */
  status(): readonly Status[]
}

/** What follows the events of an exchange: the feeds of one protocol. Its methods must be quick and must not throw. */
export interface Door {
  /** Called for each event, when reads show it and do not yet show the next one. */
  event(event: Event, applied: Applied): void
  /** Called after the last event of a command. */
  applied(applied: Applied): void
  /** Called after the last command of a batch: the time to write. Replies resolve after it. */
  release(): void
}

export interface Venue {
  readonly name: string
  readonly rules: VenueRules
  readonly limits: VenueLimits
  readonly createdAt: Micros
  readonly state: TradingState
  /** When it first opened, after it was made or reset. */
  readonly openedAt: Micros | undefined
  /** When it closes by itself, if it does. */
  readonly closing: Closing | undefined
  /** The newest order's id; 0 before the first. */
  readonly lastOrderId: number
  /** Where the orders of the accounts that are there begin; 1 unless the venue was reset. */
  readonly firstOrderId: number
  account(name: string): Account | undefined
  /** The newest note about the venue under a topic and key. */
  note(topic: string, key: string): Json | undefined
  /** In the order of opening, or of first use. */
  accounts(): Iterable<Account>
  /** The number of the last event of an account; 0 before the first. */
  lastAccountEvent(account: string): number
  /** In the order of listing. */
  instruments(): Iterable<Instrument>
  instrument(symbol: string): Instrument | undefined
  /** An order that is in memory: open, or closed a while ago at the most. */
  order(id: number): OrderRecord | undefined
  /**
   * An account's orders that are in memory, by ascending id: the newest `limit` of those that fit, and whether there
   * are older ones.
   */
  orders(account: string, query: OrdersQuery): { orders: OrderRecord[]; more: boolean }
}

/** Somebody who trades on a venue. */
export interface Account {
  readonly name: string
  /** What the door that opened it keeps of its owner's key. */
  readonly keyHash: string | undefined
  /** Whether it belongs to a trader that is part of the venue. No client can act for it. */
  readonly isHouse: boolean
  /** By asset; empty where nobody counts money. */
  readonly balances: ReadonlyMap<string, Balance>
  readonly openOrders: number
}

/** What an account holds of one asset, in smallest units. */
export interface Balance {
  readonly available: bigint
  /** Reserved for open orders. */
  readonly held: bigint
  /** How many commands have changed it; the one that opened the account is the first. */
  readonly changes: number
}

export interface OrdersQuery {
  /** 1 or more. */
  readonly limit: number
  readonly symbol?: string | undefined
  /** Only orders with a lower id. */
  readonly before?: number | undefined
  readonly openOnly?: boolean | undefined
}

export interface FillsQuery {
  /** 1 or more. */
  readonly limit: number
  /** Only fills with a lower number; they count from 1. */
  readonly before?: number | undefined
}

export interface Instrument {
  readonly venue: string
  readonly symbol: string
  readonly listedAt: Micros
  readonly bids: BookSide
  readonly asks: BookSide
  /** On cash venues. */
  readonly terms: InstrumentTerms | undefined
  /** The venue's own price, where there is one. */
  readonly reference: Ticks | undefined
  /** Market orders that wait for counterparts beside the book, the oldest first. */
  readonly waiting: { readonly buy: Iterable<WaitingOrder>; readonly sell: Iterable<WaitingOrder> }
  /** When an order, a trade or a cancel last changed the book; `listedAt` before the first. */
  readonly changedAt: Micros
  readonly lastTrade: Fill | undefined
  readonly channels: Channels
  readonly candles: Candles
  /** Every account that traded, in the order of its first trade. */
  scores(): Iterable<Score>
}

interface WaitingOrder {
  readonly id: number
}

/** One side of a book. Sums are numbers as long as one holds them exactly, which they always are without money. */
export interface BookSide {
  readonly best: Level | undefined
  /** All open lots of the side. */
  readonly depth: Lots | bigint
  readonly orderCount: number
  /** Prices with resting orders, best first. Read it in one go: it follows the live book. */
  levels(): Iterable<Level>
  /** The level at a price, or undefined when there is none. */
  at(price: Ticks): Level | undefined
  /** Resting orders, best price first and oldest first within a price. Read it in one go: it follows the live book. */
  orders(): Iterable<{ readonly id: number; readonly price: Ticks; readonly open: Lots }>
}

/** All resting orders at one price. */
export interface Level {
  readonly price: Ticks
  /** Their open lots. */
  readonly quantity: Lots | bigint
  readonly orderCount: number
}

/** What changes of an instrument, counted from the journal alone: the numbers are the same after every start. */
export interface Channels {
  /** Each command that changes the book is one. */
  readonly book: Changes<OrderChange>
  readonly trades: Changes<PublicTrade>
  /** How often the quote changed: at each command that changes the book, or trades. */
  readonly quote: number
}

/** The newest of some numbered changes: 1, 2, 3 … */
export interface Changes<Change> {
  /** The number of the last one; 0 before the first. */
  readonly last: number
  /** Those after this number are kept. */
  readonly since: number
  /** What happened after a number that is not below `since`, in order. Read it in one go. */
  after(number: number): Iterable<Change>
}

/** The newest candles of an instrument, by their length: those in memory. */
export interface Candles {
  /** Those that are kept and fit, the oldest first, and whether there are older ones among them. */
  page(interval: CandleInterval, query: CandleQuery): { candles: readonly Candle[]; more: boolean }
  /** Candles that begin at this time or later are kept. */
  since(interval: CandleInterval): number
}

/** What became of one resting order; it has left the book when nothing of it is open. */
export interface OrderChange {
  readonly id: number
  readonly side: Side
  readonly price: Ticks
  readonly open: Lots
}

/** A trade as everybody may see it. */
export interface PublicTrade {
  /** Its place among the trades of the instrument: 1, 2, 3 … */
  readonly number: number
  /** Its place among the trades of the venue. */
  readonly id: number
  readonly price: Ticks
  readonly quantity: Lots
  readonly time: Micros
  readonly takerSide: Side
}

/** What an account made of one instrument, from nothing at the start. Trades with itself do not count. */
export interface Score {
  readonly account: string
  /** Money in ticks × lots: sells less buys. */
  readonly cash: bigint
  /** Lots held; below zero when sold short. */
  readonly position: bigint
  readonly lowest: bigint
  readonly highest: bigint
}

/** How a set of venues with one journal is. */
export interface Status {
  /** The commands applied so far. */
  readonly sequence: number
  /** The first command that the journal on disk still holds; undefined when that is all of them, or nothing is. */
  readonly historyFrom: number | undefined
  /** The last command up to which a part of the history is lost; undefined when none is. */
  readonly historyLost: number | undefined
  /** Whether closed orders of before the start are still being brought into the history. */
  readonly catchingUp: boolean
  readonly limits: Limits
  /** Commands that wait to be written. */
  readonly queued: number
  /** Closed orders that are not stored yet; 0 where nothing is on disk. */
  readonly waiting: number
  /** How far the clock is behind the newest command, in microseconds: times stand still until it has caught up. */
  readonly clockBehind: number
  /** Why no command is taken, if that is so. */
  readonly stopped: UnavailableReason | undefined
}
