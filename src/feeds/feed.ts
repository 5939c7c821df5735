import { Batch } from './batch.ts'
import {
  type ByteStream,
  Connection,
  type ConnectionOptions,
  closeCodes,
  type Traffic,
  type WebSocketControl,
} from './connection.ts'
import { textFrame } from './frame.ts'

export interface FeedOptions extends ConnectionOptions {
  /** Bytes of one topic in one batch beyond which messages are made brief. */
  readonly briefBeyond?: number
  /** The venue that a topic is about, where topics are about venues. */
  readonly venueOf?: (topic: string) => string
  /** Whether what it tells is about single accounts. */
  readonly isPrivate?: boolean
}

/** What a feed has done since the start, and how many sockets it serves now. */
export interface FeedStats extends Readonly<Traffic> {
  readonly sockets: number
  /** Messages made; each is written to every socket of its topics. */
  readonly encoded: number
}

interface Topic {
  readonly connections: Set<Connection>
  batch: Batch
}

/**
 * One stream of messages, by topic: who listens to what, and what waits for the end of the batch.
 *
 * A connection listens to one topic. A message may be for several; it is encoded once for all of them, and not at all
 * when nobody listens. At the end of the batch the messages of a topic are joined once, and each of its connections
 * writes those same bytes in one go.
 */
export class Feed {
  readonly #options: FeedOptions
  readonly #briefBeyond: number
  readonly #topics = new Map<string, Topic>()
  /** Topics with messages that wait for the end of the batch. */
  readonly #waiting: Topic[] = []
  readonly #connections = new Map<Connection, (() => boolean) | undefined>()
  readonly #traffic: Traffic = { messages: 0, bytes: 0, conflations: 0, skipped: 0, slowCloses: 0 }
  #encoded = 0
  #closing: { readonly code: number; readonly reason: string } | undefined
  readonly #onLeave: () => void

  /** `onLeave` is called after each socket that has closed. */
  constructor(options: FeedOptions, onLeave: () => void = () => {}) {
    this.#options = options
    this.#briefBeyond = options.briefBeyond ?? Number.POSITIVE_INFINITY
    this.#onLeave = onLeave
  }

  /** Whether nobody listens: then there is nothing to publish. */
  get idle(): boolean {
    return this.#topics.size === 0
  }

  /** How many sockets there are, those that are closing included. */
  get size(): number {
    return this.#connections.size
  }

  /**
   * Lets a websocket listen to a topic until it closes; one that comes when the feed is closing is closed too.
   * `mayStay`, if given, is asked again at each `review`.
   */
  listen(topic: string, stream: ByteStream, socket: WebSocketControl, mayStay?: () => boolean): void {
    const connection = new Connection(stream, socket, this.#options, this.#traffic)
    const { connections } = this.#topic(topic)
    connections.add(connection)
    this.#connections.set(connection, mayStay)
    socket.on('close', () => {
      this.#connections.delete(connection)
      connections.delete(connection)
      if (connections.size === 0 && this.#topics.get(topic)?.connections === connections) {
        this.#topics.delete(topic)
      }
      this.#onLeave()
    })
    if (this.#closing !== undefined) connection.close(this.#closing.code, this.#closing.reason)
  }

  /**
   * Adds a message to the batch of each of the topics that has listeners. `encode` is called at most once for its full
   * form, and once for a brief one if a topic already has more in this batch than a socket should be given at once.
   * Of messages about the same `subject` a slow reader may be given only the newest.
   */
  publish(topics: readonly string[], subject: string, encode: (brief: boolean) => string): void {
    let full: Buffer | undefined
    let brief: Buffer | undefined
    for (const name of topics) {
      const topic = this.#topics.get(name)
      if (topic === undefined) continue
      const { batch } = topic
      if (batch.count === 0) this.#waiting.push(topic)
      if (batch.bytes <= this.#briefBeyond) {
        full ??= this.#frame(encode(false))
        batch.add(full, subject)
      } else {
        brief ??= this.#frame(encode(true))
        batch.add(brief, subject)
      }
    }
  }

  /** Writes what was published: one write a socket. */
  release(): void {
    for (const topic of this.#waiting) {
      const { batch } = topic
      topic.batch = new Batch()
      for (const connection of topic.connections) connection.deliver(batch)
    }
    this.#waiting.length = 0
  }

  /** Asks every peer for a sign of life. */
  beat(): void {
    for (const connection of this.#connections.keys()) connection.beat()
  }

  /** Closes the sockets that may not stay, now that the rules for it changed. */
  review(): void {
    for (const [connection, mayStay] of this.#connections) {
      if (mayStay?.() === false) connection.close(closeCodes.policyViolation, 'The key no longer holds')
    }
  }

  /** Whether somebody listens to a topic of a venue. */
  isHeard(venue: string): boolean {
    for (const name of this.#topics.keys()) if (this.#options.venueOf?.(name) === venue) return true
    return false
  }

  /** Closes the sockets that listen to a venue, after what was written to them before. */
  cut(venue: string, reason: string, onlyPrivate: boolean): void {
    if (onlyPrivate && this.#options.isPrivate !== true) return
    for (const [name, { connections }] of this.#topics) {
      if (this.#options.venueOf?.(name) !== venue) continue
      for (const connection of connections) connection.close(closeCodes.goingAway, reason)
    }
  }

  /** Closes every socket, after what was written to it before. */
  close(code: number, reason: string): void {
    this.#closing = { code, reason }
    for (const connection of this.#connections.keys()) connection.close(code, reason)
  }

  terminate(): void {
    for (const connection of this.#connections.keys()) connection.terminate()
  }

  stats(): FeedStats {
    return { sockets: this.size, encoded: this.#encoded, ...this.#traffic }
  }

  #frame(text: string): Buffer {
    this.#encoded += 1
    return textFrame(text)
  }

  #topic(name: string): Topic {
    let topic = this.#topics.get(name)
    if (topic === undefined) {
      topic = { connections: new Set(), batch: new Batch() }
      this.#topics.set(name, topic)
    }
    return topic
  }
}
