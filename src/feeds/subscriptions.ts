import { Batch } from './batch.ts'
import {
  type ByteStream,
  closeCodes,
  type SlowPolicy,
  type Traffic,
  type WebSocketControl,
} from './connection.ts'
import type { FeedStats } from './feed.ts'
import { textFrame } from './frame.ts'
import { Subscriber, type SubscriberOptions } from './subscriber.ts'

export interface SubscriptionsOptions extends SubscriberOptions {
  /** The text of a heartbeat. */
  readonly heartbeat: () => string
}

/** What can be subscribed to: numbered messages, the same for everybody who has had those before. */
export interface Source {
  /** Tells it from all others. */
  readonly name: string
  /** The venue that it tells of. */
  readonly venue: string
  /** Whether it is about a single account. */
  readonly isPrivate: boolean
  /** What becomes of a reader that is too slow. */
  readonly slow: SlowPolicy
  /** Sources of a low rank are written first. */
  readonly rank: number
  /** A message with what happened after a number, or everything when that is not known any more; none if nothing has. */
  catchUp(after: number): string | undefined
}

/** One socket's interest in one source. */
export class Subscription {
  readonly subscriber: Subscriber
  readonly source: Source
  /** While it is behind: the last number that was sent. */
  sent: number | undefined

  constructor(subscriber: Subscriber, source: Source, sent: number | undefined) {
    this.subscriber = subscriber
    this.source = source
    this.sent = sent
  }
}

interface Topic {
  readonly source: Source
  readonly subscriptions: Set<Subscription>
  batch: Batch
  /** The number before the batch's first message. */
  before: number
}

/**
 * Sockets that each listen to sources of their choice, on one connection.
 *
 * A message is encoded once, and each socket gets what a batch of commands gave it in one write. A socket that does
 * not read fast enough falls behind in those sources that may be conflated: it is told what it missed, as one message
 * and from its own number on, when its stream has drained. Nothing is kept for it but that number.
 */
export class Subscriptions {
  readonly #options: SubscriptionsOptions
  readonly #onLeave: () => void
  readonly #topics = new Map<string, Topic>()
  /** Topics with messages that wait for the end of the batch. */
  #waiting: Topic[] = []
  readonly #behind = new Map<Subscriber, Set<Subscription>>()
  readonly #subscribers = new Set<Subscriber>()
  readonly #traffic: Traffic = { messages: 0, bytes: 0, conflations: 0, skipped: 0, slowCloses: 0 }
  #encoded = 0
  #closing: { readonly code: number; readonly reason: string } | undefined

  /** `onLeave` is called after each socket that has closed. */
  constructor(options: SubscriptionsOptions, onLeave: () => void = () => {}) {
    this.#options = options
    this.#onLeave = onLeave
  }

  get size(): number {
    return this.#subscribers.size
  }

  /** Takes a websocket; one that comes when the feed is closing is closed too. */
  open(stream: ByteStream, socket: WebSocketControl): Subscriber {
    const subscriber = new Subscriber(stream, socket, this.#options, this.#traffic)
    this.#subscribers.add(subscriber)
    socket.on('close', () => {
      this.#subscribers.delete(subscriber)
      this.#behind.delete(subscriber)
      this.#onLeave()
    })
    if (this.#closing !== undefined) subscriber.close(this.#closing.code, this.#closing.reason)
    return subscriber
  }

  /** Has a socket hear what comes from now on; with `sent`, only after `join`, and that is what it knows until then. */
  subscribe(subscriber: Subscriber, source: Source, sent?: number): Subscription {
    const subscription = new Subscription(subscriber, source, sent)
    let topic = this.#topics.get(source.name)
    if (topic === undefined) {
      topic = { source, subscriptions: new Set(), batch: new Batch(), before: 0 }
      this.#topics.set(source.name, topic)
    }
    topic.subscriptions.add(subscription)
    return subscription
  }

  /** Whether somebody listens to a source of that name. */
  has(name: string): boolean {
    return this.#topics.has(name)
  }

  /** Whether somebody listens to something of a venue. */
  isHeard(venue: string): boolean {
    for (const { source } of this.#topics.values()) if (source.venue === venue) return true
    return false
  }

  /** Closes the sockets that listen to something of a venue, after what was written to them before. */
  cut(venue: string, reason: string, onlyPrivate: boolean): void {
    for (const { source, subscriptions } of this.#topics.values()) {
      if (source.venue !== venue || (onlyPrivate && !source.isPrivate)) continue
      for (const { subscriber } of subscriptions) subscriber.close(closeCodes.goingAway, reason)
    }
  }

  /** Ends it; true when it was the last one of its source. */
  unsubscribe(subscription: Subscription): boolean {
    const { source, subscriber } = subscription
    const topic = this.#topics.get(source.name)
    topic?.subscriptions.delete(subscription)
    this.#behind.get(subscriber)?.delete(subscription)
    if (topic?.subscriptions.size !== 0) return false
    this.#topics.delete(source.name)
    return true
  }

  /** Adds a message to the batch: what happened in a source after the number `before`. */
  publish(source: Source, before: number, encode: () => string): void {
    const topic = this.#topics.get(source.name)
    if (topic === undefined) return
    if (topic.batch.count === 0) {
      this.#waiting.push(topic)
      topic.before = before
    }
    this.#encoded += 1
    topic.batch.add(textFrame(encode()), '')
  }

  /** Writes what was published: one write a socket. */
  release(): void {
    if (this.#waiting.length === 0) return
    const topics = this.#waiting.sort((a, b) => a.source.rank - b.source.rank)
    this.#waiting = []
    const told: Subscriber[] = []
    for (const topic of topics) {
      const { batch, subscriptions } = topic
      topic.batch = new Batch()
      for (const subscription of subscriptions) {
        if (this.#isTold(subscription, topic, batch) && subscription.subscriber.put(batch))
          told.push(subscription.subscriber)
      }
    }
    for (const subscriber of told) subscriber.flush()
  }

  beat(): void {
    if (this.#subscribers.size === 0) return
    const text = this.#options.heartbeat()
    for (const subscriber of this.#subscribers) subscriber.beat(text)
  }

  close(code: number, reason: string): void {
    this.#closing = { code, reason }
    for (const subscriber of this.#subscribers) subscriber.close(code, reason)
  }

  terminate(): void {
    for (const subscriber of this.#subscribers) subscriber.terminate()
  }

  stats(): FeedStats {
    return { sockets: this.size, encoded: this.#encoded, ...this.#traffic }
  }

  /** Whether a subscription gets a batch; one that falls behind does not. */
  #isTold(subscription: Subscription, { source, before }: Topic, batch: Batch): boolean {
    const { subscriber } = subscription
    if (subscription.sent !== undefined) {
      this.#traffic.skipped += batch.count
      return false
    }
    if (source.slow === 'close' || !subscriber.isSlow) return true
    subscription.sent = before
    this.#traffic.skipped += batch.count
    const behind = this.#behind.get(subscriber) ?? new Set()
    this.#behind.set(subscriber, behind.add(subscription))
    subscriber.whenDrained(() => this.#catchUp(subscriber))
    return false
  }

  #catchUp(subscriber: Subscriber): void {
    const behind = this.#behind.get(subscriber) ?? []
    this.#behind.delete(subscriber)
    for (const subscription of behind) {
      const text = subscription.source.catchUp(subscription.sent as number)
      subscription.sent = undefined
      if (text !== undefined) subscriber.send(text)
    }
  }
}
