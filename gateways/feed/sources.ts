import type { SubscriptionKey } from '../../schemas/feed.ts'
import type { Exchange, Instrument, Venue } from '../../src/port.ts'
import { Refusal } from './refusal.ts'
import { AccountSource } from './sources/account.ts'
import { createBookSource, createShallowBookSource } from './sources/book.ts'
import { createCandlesSource } from './sources/candles.ts'
import type { InstrumentSource } from './sources/instrument-source.ts'
import { createOrdersSource } from './sources/orders.ts'
import { createQuoteSource } from './sources/quote.ts'
import { createTradesSource } from './sources/trades.ts'

/** A source with what its readers have been told so far. */
export interface Told {
  readonly source: InstrumentSource
  /** The number of the last message. */
  number: number
}

/**
 * The sources that somebody listens to, and only those: what nobody listens to costs nothing. A source is made for its
 * first reader and goes with its last one.
 */
export class Sources {
  readonly #exchange: Exchange
  readonly #byName = new Map<string, InstrumentSource | AccountSource>()
  readonly #ofInstruments = new Map<Instrument, Map<string, Told>>()
  readonly #ofAccounts = new Map<string, AccountSource>()

  constructor(exchange: Exchange) {
    this.#exchange = exchange
  }

  get isIdle(): boolean {
    return this.#byName.size === 0
  }

  get hasAccounts(): boolean {
    return this.#ofAccounts.size > 0
  }

  /** Those of an instrument. */
  of(instrument: Instrument): Iterable<Told> {
    return this.#ofInstruments.get(instrument)?.values() ?? []
  }

  isHeard(instrument: Instrument): boolean {
    return this.#ofInstruments.has(instrument)
  }

  /** That of an account, if somebody listens. */
  ofAccount(venue: string, account: string): AccountSource | undefined {
    return this.#ofAccounts.get(accountName(venue, account))
  }

  /** The source that a request names; throws a `Refusal` when there is none. */
  open(key: SubscriptionKey): InstrumentSource | AccountSource {
    const name = nameOf(key)
    const open = this.#byName.get(name)
    if (open !== undefined) return open
    const venue = this.#exchange.venue(key.venue)
    if (venue === undefined) throw new Refusal('unknown_venue', 'venue')
    return key.channel === 'account'
      ? this.#openAccount(venue, key.account, name)
      : this.#openInstrument(venue, key, name)
  }

  /** Lets a source go that nobody listens to any more. */
  close({ name }: { readonly name: string }): void {
    const source = this.#byName.get(name)
    this.#byName.delete(name)
    this.#ofAccounts.delete(name)
    if (source === undefined || source instanceof AccountSource) return
    const told = this.#ofInstruments.get(source.instrument)
    told?.delete(name)
    if (told?.size === 0) this.#ofInstruments.delete(source.instrument)
  }

  #openAccount(venue: Venue, account: string, name: string): AccountSource {
    const source = new AccountSource(this.#exchange, venue, account, name)
    this.#byName.set(name, source)
    this.#ofAccounts.set(name, source)
    return source
  }

  #openInstrument(venue: Venue, key: InstrumentKey, name: string): InstrumentSource {
    const instrument = venue.instrument(key.symbol)
    if (instrument === undefined) throw new Refusal('unknown_symbol', 'symbol')
    const source = createSource(instrument, key, name)
    this.#byName.set(name, source)
    const told = this.#ofInstruments.get(instrument) ?? new Map<string, Told>()
    this.#ofInstruments.set(instrument, told.set(name, { source, number: source.number }))
    return source
  }
}

type InstrumentKey = Exclude<SubscriptionKey, { channel: 'account' }>

function createSource(instrument: Instrument, key: InstrumentKey, name: string): InstrumentSource {
  const { channel } = key
  switch (channel) {
    case 'quote':
      return createQuoteSource(instrument, name)
    case 'trades':
      return createTradesSource(instrument, name)
    case 'orders':
      return createOrdersSource(instrument, name)
    case 'book':
      return key.depth === undefined
        ? createBookSource(instrument, name)
        : createShallowBookSource(instrument, name, key.depth)
    case 'candles':
      return createCandlesSource(instrument, name, key.interval)
    default:
      return channel satisfies never
  }
}

/** A name for each thing that can be subscribed to. A line break is in no name, so no two are the same. */
export function nameOf(key: SubscriptionKey): string {
  switch (key.channel) {
    case 'account':
      return accountName(key.venue, key.account)
    case 'book':
      return [key.channel, key.venue, key.symbol, key.depth ?? ''].join('\n')
    case 'candles':
      return [key.channel, key.venue, key.symbol, key.interval].join('\n')
    default:
      return [key.channel, key.venue, key.symbol].join('\n')
  }
}

function accountName(venue: string, account: string): string {
  return ['account', venue, account].join('\n')
}
