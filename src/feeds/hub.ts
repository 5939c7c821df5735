import { closeCodes } from './connection.ts'
import { Feed, type FeedOptions, type FeedStats } from './feed.ts'

export interface HubOptions {
  /** Calls a function again and again; gives back what stops it. Tests put their own in. */
  readonly every?: (task: () => void, intervalMs: number) => () => void
  /** How long sockets have, once the hub closes, to take their last bytes. */
  readonly closeGraceMs?: number
}

const beatEveryMs = 20_000

/** All feeds of a server, in the order in which they are written, with one heartbeat for all sockets. */
export class Hub {
  readonly #feeds = new Map<string, Feed>()
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
    if (this.#feeds.has(name)) throw new Error(`there is a feed ${name} already`)
    const feed = new Feed(options, () => {
      if (this.#sockets() === 0) this.#lastLeft?.()
    })
    this.#feeds.set(name, feed)
    return feed
  }

  /** Ends a batch: one write a socket, all of a feed before those of the next. */
  release(): void {
    for (const feed of this.#feeds.values()) feed.release()
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
