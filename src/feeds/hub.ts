import { closeCodes } from './connection.ts'
import { Feed, type FeedOptions, type FeedStats } from './feed.ts'
import { Subscriptions, type SubscriptionsOptions } from './subscriptions.ts'

export interface HubOptions {
  /** Calls a function again and again; gives back what stops it. Tests put their own in. */
  readonly every?: (task: () => void, intervalMs: number) => () => void
  /** How long sockets have, once the hub closes, to take their last bytes. */
  readonly closeGraceMs?: number
}

/** Milliseconds between two signs of life. */
export const beatEveryMs = 20_000

/** What the hub needs of each of its feeds. */
interface HubFeed {
  /** How many sockets there are, those that are closing included. */
  readonly size: number
  release(): void
  beat(): void
  isHeard(venue: string): boolean
  cut(venue: string, reason: string, onlyPrivate: boolean): void
  close(code: number, reason: string): void
  terminate(): void
  stats(): FeedStats
}

/**
 * What the private feeds of a venue lose, where readers are to show that they can live with it: everything that one
 * command would have told, or nothing of it.
 */
export interface Losses {
  loses(sequence: number): boolean
}

/** All feeds of a server, in the order in which they are written, with one heartbeat for all sockets. */
export class Hub {
  readonly #feeds = new Map<string, HubFeed>()
  /** What private feeds of some venues do not say. */
  readonly #losses = new Map<string, Losses>()
  readonly #stopBeating: () => void
  readonly #closeGraceMs: number
  #closed: Promise<void> | undefined
  #lastLeft: (() => void) | undefined

  constructor({ every = repeat, closeGraceMs = 2000 }: HubOptions = {}) {
    this.#closeGraceMs = closeGraceMs
    this.#stopBeating = every(() => this.#beat(), beatEveryMs)
  }

  /** Makes a feed; it is written after those that were made before it. */
  add(name: string, options: FeedOptions): Feed {
    return this.#add(name, new Feed(options, () => this.#left()))
  }

  /** Makes a feed whose sockets choose what they listen to. */
  addSubscriptions(name: string, options: SubscriptionsOptions): Subscriptions {
    return this.#add(name, new Subscriptions(options, () => this.#left()))
  }

  /** Ends a batch: one write a socket, all of a feed before those of the next. */
  release(): void {
    for (const feed of this.#feeds.values()) feed.release()
  }

  /** Whether somebody listens to something of a venue. */
  isHeard(venue: string): boolean {
    for (const feed of this.#feeds.values()) if (feed.isHeard(venue)) return true
    return false
  }

  /** Closes the sockets that listen to a venue with 1001, or only those that listen to an account there. */
  cut(venue: string, reason: string, { onlyPrivate = false } = {}): void {
    for (const feed of this.#feeds.values()) feed.cut(venue, reason, onlyPrivate)
  }

  /** Has the private feeds of a venue lose messages from now on; `undefined` has them whole again. */
  setLosses(venue: string, losses: Losses | undefined): void {
    if (losses === undefined) this.#losses.delete(venue)
    else this.#losses.set(venue, losses)
  }

  /** Whether the private feeds of a venue lose what a command would have told. */
  loses(venue: string, sequence: number): boolean {
    return this.#losses.size > 0 && this.#losses.get(venue)?.loses(sequence) === true
  }

  /** Closes every socket with 1001, after what was written before; resolves when the last one is gone. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  /** Counts by feed, for metrics. */
  stats(): Record<string, FeedStats> {
    return Object.fromEntries([...this.#feeds].map(([name, feed]) => [name, feed.stats()]))
  }

  async #close(): Promise<void> {
    this.#stopBeating()
    for (const feed of this.#feeds.values()) feed.close(closeCodes.goingAway, 'The server is stopping')
    if (this.#sockets() === 0) return
    const left = new Promise<void>((resolve) => {
      this.#lastLeft = resolve
    })
    const timer = setTimeout(() => {
      for (const feed of this.#feeds.values()) feed.terminate()
    }, this.#closeGraceMs)
    await left
    clearTimeout(timer)
  }

  #add<T extends HubFeed>(name: string, feed: T): T {
    if (this.#feeds.has(name)) throw new Error(`there is a feed ${name} already`)
    this.#feeds.set(name, feed)
    return feed
  }

  #left(): void {
    if (this.#sockets() === 0) this.#lastLeft?.()
  }

  #beat(): void {
    for (const feed of this.#feeds.values()) feed.beat()
  }

  #sockets(): number {
    let sockets = 0
    for (const feed of this.#feeds.values()) sockets += feed.size
    return sockets
  }
}

function repeat(task: () => void, intervalMs: number): () => void {
  const timer = setInterval(task, intervalMs)
  timer.unref()
  return () => clearInterval(timer)
}
