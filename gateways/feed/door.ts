import type { Applied, Event, Trade } from '../../src/domain/event.ts'
import type { Hub } from '../../src/feeds/hub.ts'
import type { Subscriptions } from '../../src/feeds/subscriptions.ts'
import type { Door, Exchange, Instrument } from '../../src/port.ts'
import type { AccountSource } from './sources/account.ts'
import type { Sources } from './sources.ts'

/** Follows an exchange, and publishes what somebody listens to: one message for each command and source. */
export class FeedDoor implements Door {
  readonly #exchange: Exchange
  readonly #feed: Subscriptions
  readonly #sources: Sources
  /** What the current command has changed. */
  readonly #instruments = new Set<Instrument>()
  readonly #accounts = new Set<AccountSource>()
  readonly #loses: Hub['loses']

  /** `loses` says which messages are not told. */
  constructor(exchange: Exchange, feed: Subscriptions, sources: Sources, loses: Hub['loses']) {
    this.#exchange = exchange
    this.#feed = feed
    this.#sources = sources
    this.#loses = loses
  }

  event(event: Event, applied: Applied): void {
    if (this.#sources.isIdle) return
    switch (event.type) {
      case 'trade':
        this.#changed(event)
        this.#noteTrade(event, applied)
        return
      case 'order-reduced':
      case 'order-closed':
        if (event.resting) this.#changed(event)
        this.#note(event, event.orderId, applied)
        return
      case 'order-rested':
        this.#changed(event)
        return
      case 'order-replaced':
        this.#changed(event)
        this.#note(event, event.orderId, applied)
        return
      case 'order-accepted':
        this.#note(event, event.orderId, applied)
        return
      case 'venue-reset':
        for (const { symbol } of this.#exchange.venue(event.venue)?.instruments() ?? [])
          this.#changed({ venue: event.venue, symbol })
        return
      case 'balance-changed': {
        const source = this.#sources.ofAccount(event.venue, event.account)
        if (source === undefined) return
        source.noteBalance(event)
        this.#accounts.add(source)
        return
      }
      case 'venue-dropped':
      case 'noted':
      case 'order-waiting':
      case 'order-repeated':
      case 'session-changed':
      case 'state-set':
      case 'account-opened':
      case 'reference-changed':
      case 'venue-created':
      case 'instrument-listed':
      case 'limits-set':
      case 'rejected':
        return
      default:
        event satisfies never
    }
  }

  applied({ sequence }: Applied): void {
    for (const source of this.#accounts) {
      if (this.#loses(source.venue, sequence)) source.next()
      else this.#feed.publish(source, source.told, () => source.next())
    }
    this.#accounts.clear()
    for (const instrument of this.#instruments) {
      for (const told of this.#sources.of(instrument)) {
        const { source, number: before } = told
        const { number } = source
        if (number === before) continue
        told.number = number
        this.#feed.publish(source, before, () => source.next(before))
      }
    }
    this.#instruments.clear()
  }

  /** The hub writes. */
  release(): void {}

  #changed({ venue, symbol }: { venue: string; symbol: string }): void {
    const instrument = this.#exchange.venue(venue)?.instrument(symbol)
    if (instrument !== undefined && this.#sources.isHeard(instrument)) this.#instruments.add(instrument)
  }

  #note(event: Event & { readonly venue: string }, orderId: number, { time }: Applied): void {
    if (!this.#sources.hasAccounts) return
    // Undefined on a venue that keeps no closed order at all.
    const order = this.#exchange.venue(event.venue)?.order(orderId)
    const source = order && this.#sources.ofAccount(event.venue, order.account)
    if (order === undefined || source === undefined) return
    source.note(event, order, time)
    this.#accounts.add(source)
  }

  /** To the taker's account first: so the events are numbered. */
  #noteTrade(trade: Trade, applied: Applied): void {
    this.#note(trade, trade.takerId, applied)
    this.#note(trade, trade.makerId, applied)
  }
}
