import type { Applied, Event, OrderAccepted, OrderReplaced, StateSet, Trade } from '../../src/domain/event.ts'
import type { Door, Exchange, Venue } from '../../src/port.ts'
import { letsBegin } from './admin-word.ts'
import type { FeedMessage, GameFeed } from './feed.ts'
import { crypto } from './market.ts'
import { countStandings, type Standings } from './standings.ts'
import { feedTexts } from './texts.ts'
import { endedByTrading, type Views } from './views.ts'

/** What the rest of the door wants to know. */
export interface GameEvents {
  /** Trading has begun, or goes on. */
  opened(): void
  /** An admin lets a game begin that has to wait. */
  allowed(): void
  /** Nobody is a player any more. Called before anything that comes later. */
  reset(): void
  /** The game is over, and all of it was told. */
  ended(standings: Standings): void
}

/**
 * Tells the feed what happens to the game, and sees to the order in which things leave: what was placed, then the
 * replies, then the trades. So a bot has the answer to its order before anybody hears of a trade with it.
 */
export class Announcer implements Door {
  readonly #exchange: Exchange
  readonly #venue: string
  readonly #views: Views
  readonly #feed: GameFeed
  readonly #events: GameEvents
  /** What is said after the replies: everything from the batch's first trade on. */
  #late: FeedMessage[] = []
  #isLate = false
  #replies: (() => void)[] = []
  /** When the venue closes by itself, as it was before the current command. */
  #closesAt: number | undefined
  /** What the last messages of a game that ends just now say. */
  #lastText: string | undefined
  #standings: Standings | undefined

  constructor(
    exchange: Exchange,
    { venue, views, feed, events }: { venue: string; views: Views; feed: GameFeed; events: GameEvents },
  ) {
    this.#exchange = exchange
    this.#venue = venue
    this.#views = views
    this.#feed = feed
    this.#events = events
  }

  /** Follows the venue from now on. */
  attach(): void {
    this.#closesAt = closingOf(this.#venueNow().closing)
    this.#exchange.attach(this)
  }

  /** Sends a reply when the batch of its command goes out. */
  reply(send: () => void): void {
    this.#replies.push(send)
  }

  event(event: Event, applied: Applied): void {
    if (!('venue' in event) || event.venue !== this.#venue) return
    switch (event.type) {
      case 'order-accepted':
        this.#placed(event, applied)
        return
      case 'trade':
        this.#isLate = true
        this.#traded(event)
        return
      case 'order-replaced':
        this.#replaced(event)
        return
      case 'order-closed':
        // By another door an order can end in more ways than players have; to them all of those are cancels.
        if (!endedByTrading(event.reason))
          this.#say({ type: 'cancel', message: this.#views.ids.order(event.orderId) })
        return
      case 'account-opened':
        this.#say({ type: 'info', message: `Registered: ${event.account}` })
        return
      case 'state-set':
        this.#stateSet(event, applied)
        return
      case 'noted':
        if (letsBegin(event)) this.#events.allowed()
        return
      case 'venue-reset':
        this.#closesAt = undefined
        this.#feed.forget()
        this.#events.reset()
        return
      default:
      // Wallets, and what has no place in a game.
    }
  }

  applied(): void {
    if (this.#lastText === undefined) return
    const { accounts, price } = this.#market()
    const standings = countStandings(accounts, price, this.#views)
    const { finalPrice, csv, ranking } = standings
    this.#say({ type: 'csv', message: this.#lastText, data: csv })
    this.#say({ type: 'result', message: this.#lastText, data: { final_price: finalPrice, ranking } })
    this.#lastText = undefined
    this.#standings = standings
  }

  release(): void {
    this.#feed.release()
    const replies = this.#replies
    this.#replies = []
    for (const send of replies) send()
    for (const message of this.#late) this.#feed.publish(message)
    this.#late = []
    this.#isLate = false
    this.#feed.release()
    const standings = this.#standings
    this.#standings = undefined
    if (standings !== undefined) this.#events.ended(standings)
  }

  #placed(event: OrderAccepted, { time }: Applied): void {
    const type = event.orderType === 'limit' ? event.side : `${event.side}_market`
    this.#say({ type, message: this.#views.accepted(event, time) })
  }

  /** The game has no word for it: players hear of a cancel, and of an order with the same id. */
  #replaced({ orderId }: OrderReplaced): void {
    const order = this.#venueNow().order(orderId)
    if (order === undefined) return
    this.#say({ type: 'cancel', message: this.#views.ids.order(orderId) })
    this.#say({ type: order.side, message: this.#views.order(order) })
  }

  #traded({ price, quantity, makerId, takerId }: Trade): void {
    const isBuyerTaker = this.#venueNow().order(takerId)?.side === 'buy'
    const [buyId, sellId] = isBuyerTaker ? [takerId, makerId] : [makerId, takerId]
    const size = this.#views.crypto(quantity)
    this.#say({ type: 'match', message: { size, ...this.#views.trade(price, buyId, sellId) } })
  }

  #stateSet({ state, closing }: StateSet, { time }: Applied): void {
    const closesAt = this.#closesAt
    this.#closesAt = closingOf(closing)
    switch (state) {
      case 'open':
        this.#say({ type: 'start', message: feedTexts.open })
        this.#events.opened()
        return
      case 'halted':
        this.#say({ type: 'pause', message: feedTexts.paused })
        return
      case 'closed': {
        // Timers fire before the command that finds them due, so it was the timer wherever there was one.
        const isByTimer = closesAt !== undefined && time >= closesAt
        if (!isByTimer) this.#say({ type: 'shutdown', message: feedTexts.shutdownCommand })
        this.#say({ type: 'shutdown', message: feedTexts.timeLimit })
        this.#lastText = feedTexts.timeLimit
        return
      }
      default:
        state satisfies never
    }
  }

  #say(message: FeedMessage): void {
    if (this.#isLate) this.#late.push(message)
    else this.#feed.publish(message)
  }

  #market(): { accounts: ReturnType<Venue['accounts']>; price: number } {
    const venue = this.#venueNow()
    return { accounts: venue.accounts(), price: venue.instrument(crypto)?.reference ?? 0 }
  }

  #venueNow(): Venue {
    return this.#exchange.venue(this.#venue) as Venue
  }
}

function closingOf(closing: Venue['closing']): number | undefined {
  return closing !== undefined && 'at' in closing ? closing.at : undefined
}
