import type { FeedRequest, SubscribeRequest, SubscriptionKey, Success } from '../../schemas/feed.ts'
import { feedLimits } from '../../schemas/feed-errors.ts'
import { closeCodes } from '../../src/feeds/connection.ts'
import type { Subscriber } from '../../src/feeds/subscriber.ts'
import type { Subscription, Subscriptions } from '../../src/feeds/subscriptions.ts'
import type { Arming } from './arming.ts'
import type { Credentials } from './credentials.ts'
import { failure, Refusal, toFailure } from './refusal.ts'
import { idOf } from './requests.ts'
import { AccountSource } from './sources/account.ts'
import type { InstrumentSource } from './sources/instrument-source.ts'
import { nameOf, type Sources } from './sources.ts'
import type { Trading } from './trading.ts'

export interface SessionOptions {
  readonly subscriber: Subscriber
  readonly feed: Subscriptions
  readonly sources: Sources
  readonly trading: Trading
  readonly credentials: Credentials
  readonly arming: Arming
  /** Reads a request; throws a `Refusal`. */
  readonly read: (text: string) => FeedRequest
  /** Whether the sender may ask for one more thing now. */
  readonly mayAsk: () => boolean
  /** Told of a bug that a request has met. */
  readonly failed: (error: unknown) => void
}

/** What a request comes to: an answer, and what follows it. */
interface Outcome {
  readonly answer: Omit<Success, 'type' | 'id' | 'ok'>
  readonly afterwards?: () => void
}

/** A request that waits for its turn to be answered. */
interface Waiting {
  readonly id: number | string | null
  /** Runs when all before it are answered; absent while the exchange has not decided. */
  run: (() => Outcome) | undefined
}

interface Listening {
  readonly venue: string
  readonly subscription: Subscription
  /** The account of a private channel. */
  readonly account: string | undefined
}

/**
 * One socket of the feed: takes its requests, and answers them in the order in which they came. Orders and cancels go
 * to the exchange at once, several at a time; everything else is done at its turn, so that what it answers is what
 * was true after all the requests before it.
 */
export class Session {
  readonly #options: SessionOptions
  readonly #listening = new Map<string, Listening>()
  readonly #waiting: Waiting[] = []
  #inFlight = 0

  constructor(options: SessionOptions) {
    this.#options = options
  }

  receive(text: string): void {
    const { subscriber, read, mayAsk } = this.#options
    if (!subscriber.isOpen) return
    if (this.#waiting.length >= feedLimits.waiting) {
      subscriber.close(closeCodes.policyViolation, 'Too many requests wait for their answer')
      return
    }
    // What has such a size is not even parsed for its id.
    const isTooLarge = text.length > feedLimits.requestBytes
    const waiting: Waiting = { id: isTooLarge ? null : idOf(text), run: undefined }
    this.#waiting.push(waiting)
    try {
      if (isTooLarge) throw new Refusal('request_too_large')
      const request = read(text)
      if (!mayAsk()) throw new Refusal('rate_limited')
      this.#take(request, waiting)
    } catch (error) {
      waiting.run = () => {
        throw error
      }
    }
    this.#answer()
  }

  /** Ends what the socket listens to, and begins the grace of what it has armed. */
  close(): void {
    this.#options.arming.lost()
    for (const { subscription } of this.#listening.values()) this.#stop(subscription)
    this.#listening.clear()
  }

  /** Closes the socket if it listens to an account that its key does not hold any more. */
  review(): void {
    const { subscriber, credentials } = this.#options
    for (const { venue, account } of this.#listening.values()) {
      if (account === undefined || credentials.allows(account, venue)) continue
      subscriber.close(closeCodes.policyViolation, 'The key no longer holds')
      return
    }
  }

  #take(request: FeedRequest, waiting: Waiting): void {
    const { trading, credentials, arming } = this.#options
    switch (request.op) {
      case 'place':
        this.#send(waiting, () => trading.place(request, credentials, arming.sessionOf(request)))
        return
      case 'cancel':
        this.#send(waiting, () => trading.cancel(request, credentials))
        return
      case 'replace':
        this.#send(waiting, () => trading.replace(request, credentials))
        return
      case 'cancel-all':
        this.#send(waiting, () => trading.cancelAll(request, credentials))
        return
      case 'arm':
      case 'disarm':
        this.#send(waiting, async () => {
          trading.requireOwner(request, credentials)
          return request.op === 'arm' ? arming.arm(request) : arming.disarm(request)
        })
        return
      case 'subscribe':
        waiting.run = () => this.#subscribe(request)
        return
      case 'unsubscribe':
        waiting.run = () => this.#unsubscribe(request)
        return
      case 'auth':
        waiting.run = () => ({ answer: { accounts: credentials.use(request.key) } })
        return
      case 'ping':
        waiting.run = () => ({ answer: {} })
        return
      default:
        request satisfies never
    }
  }

  /** Sends a command on its way. */
  #send(waiting: Waiting, command: () => Promise<Outcome['answer']>): void {
    if (this.#inFlight >= feedLimits.inFlight) throw new Refusal('too_many_in_flight')
    this.#inFlight += 1
    command()
      .then(
        (answer) => () => ({ answer }),
        (error: unknown) => () => {
          throw error
        },
      )
      .then((run) => {
        this.#inFlight -= 1
        waiting.run = run
        this.#answer()
      })
  }

  /** Answers what can be answered now. */
  #answer(): void {
    const { subscriber } = this.#options
    for (let next = this.#waiting[0]; next?.run !== undefined; next = this.#waiting[0]) {
      this.#waiting.shift()
      const { id, run } = next
      try {
        const { answer, afterwards } = run()
        subscriber.send(
          JSON.stringify({ type: 'answer', id: id as number, ok: true, ...answer } satisfies Success),
        )
        afterwards?.()
      } catch (error) {
        subscriber.send(JSON.stringify(toFailure(id, error) ?? this.#failure(id, error)))
      }
    }
  }

  #failure(id: number | string | null, error: unknown): object {
    this.#options.failed(error)
    return failure(id, 'internal_error')
  }

  #subscribe(request: SubscribeRequest): Outcome {
    const { sources, credentials, trading } = this.#options
    const name = nameOf(request)
    if (this.#listening.has(name)) throw new Refusal('already_subscribed')
    if (this.#listening.size >= feedLimits.subscriptions) throw new Refusal('too_many_subscriptions')
    if (request.channel === 'account') trading.requireOwner(request, credentials)
    const source = sources.open(request)
    return source instanceof AccountSource
      ? this.#listenToAccount(source, request)
      : this.#listenToInstrument(source, request)
  }

  #listenToInstrument(source: InstrumentSource, request: SubscribeRequest): Outcome {
    const { venue, from } = request
    const { feed, subscriber, sources } = this.#options
    const resumed = from !== undefined && source.reaches(from)
    if (!resumed && isTooDeep(source, request)) {
      if (!feed.has(source.name)) sources.close(source)
      throw new Refusal('book_too_deep')
    }
    const subscription = feed.subscribe(subscriber, source)
    this.#listening.set(source.name, { venue, subscription, account: undefined })
    return {
      answer: { seq: source.number, resumed },
      afterwards: () => {
        const text = from === undefined ? source.snapshot(0, false) : source.catchUp(from)
        if (text !== undefined) subscriber.send(text)
      },
    }
  }

  #listenToAccount(source: AccountSource, { venue, from }: SubscribeRequest): Outcome {
    const { feed, subscriber } = this.#options
    const resumed = from !== undefined && from <= source.number
    // What it says to all who listen to it comes when this one has caught up with them.
    const subscription = feed.subscribe(subscriber, source, resumed ? from : undefined)
    this.#listening.set(source.name, { venue, subscription, account: source.account })
    return {
      answer: { seq: source.number, resumed },
      afterwards: () => {
        if (resumed) void this.#readOn(source, subscription)
        else subscriber.send(source.snapshot(from ?? 0, from !== undefined))
      },
    }
  }

  /** Tells what happened to an account since a number, page by page, until there is nothing more. */
  async #readOn(source: AccountSource, subscription: Subscription): Promise<void> {
    const { subscriber, failed } = this.#options
    try {
      while (subscriber.isOpen && this.#listening.get(source.name)?.subscription === subscription) {
        const sent = subscription.sent as number
        if (sent === source.number) {
          subscription.sent = undefined
          return
        }
        const page = await source.page(sent)
        if (page === undefined) {
          subscription.sent = undefined
          subscriber.send(source.snapshot(sent, true))
          return
        }
        if (this.#listening.get(source.name)?.subscription !== subscription) return
        subscriber.send(page.text)
        subscription.sent = page.last
      }
    } catch (error) {
      if (toFailure(null, error) === undefined) failed(error)
      subscriber.close(closeCodes.tryAgainLater, 'The history cannot be read now')
    }
  }

  #unsubscribe(key: SubscriptionKey): Outcome {
    const name = nameOf(key)
    const listening = this.#listening.get(name)
    if (listening === undefined) throw new Refusal('not_subscribed')
    this.#listening.delete(name)
    this.#stop(listening.subscription)
    return { answer: {} }
  }

  #stop(subscription: Subscription): void {
    const { feed, sources } = this.#options
    if (feed.unsubscribe(subscription)) sources.close(subscription.source)
  }
}

/** Whether a snapshot would carry more than it should. */
function isTooDeep({ instrument: { bids, asks } }: InstrumentSource, key: SubscriptionKey): boolean {
  const isWhole = key.channel === 'orders' || (key.channel === 'book' && key.depth === undefined)
  if (!isWhole) return false
  return Math.max(bids.orderCount, asks.orderCount) > feedLimits.snapshotEntries
}
