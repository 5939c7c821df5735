import { type Batch, putLast } from './batch.ts'
import { Pulse } from './pulse.ts'

/** The stream of bytes under a websocket: a TCP or TLS socket. */
export interface ByteStream {
  /** Bytes that were written and that the system has not taken yet. */
  readonly writableLength: number
  write(bytes: Buffer): boolean
  once(event: 'drain', listener: () => void): unknown
}

/** What is needed of the websocket itself, as the package `ws` has it. */
export interface WebSocketControl {
  readonly readyState: number
  ping(): void
  close(code: number, reason: string): void
  /** Ends the stream at once, without a close frame. */
  terminate(): void
  on(event: 'pong' | 'close', listener: () => void): unknown
}

/** What becomes of a socket whose reader is too slow: closed, or told only the newest of each subject. */
export type SlowPolicy = 'close' | 'conflate'

export interface ConnectionOptions {
  readonly slow: SlowPolicy
  /** Unsent bytes beyond which the reader is too slow; far more than the stream's own high-water mark. */
  readonly unsentLimit: number
}

/** What a connection counts, for all connections of its feed together. */
export interface Traffic {
  messages: number
  bytes: number
  conflations: number
  skipped: number
  slowCloses: number
}

/** Websocket close codes in use here. */
export const closeCodes = { goingAway: 1001, policyViolation: 1008, tryAgainLater: 1013 } as const

/** What `readyState` says of a socket that neither side has begun to close. */
export const OPEN = 1

/**
 * One websocket that only listens.
 *
 * Frames go straight to the stream below `ws`, a batch of them in one write: that is what makes many subscribers
 * cheap. It is safe because a write to a stream is never split up by another one. What is written here are whole
 * frames; what `ws` itself writes (pings, pongs, close) is one whole frame in one synchronous step each, since no
 * compression is agreed on and nobody calls `send`. So frames follow each other and never mix. After a close frame no
 * other may follow: `readyState` says so from the moment on that either side has begun to close.
 *
 * Memory is bounded by `unsentLimit`, one batch and, for a conflated reader, one frame a subject; the frames are
 * shared between all connections of a topic.
 */
export class Connection {
  readonly #stream: ByteStream
  readonly #socket: WebSocketControl
  readonly #options: ConnectionOptions
  readonly #traffic: Traffic
  /** While the reader is too slow: the newest frame of each subject, to be written when the stream has drained. */
  #newest: Map<string, Buffer> | undefined
  readonly #pulse: Pulse

  constructor(stream: ByteStream, socket: WebSocketControl, options: ConnectionOptions, traffic: Traffic) {
    this.#stream = stream
    this.#socket = socket
    this.#options = options
    this.#traffic = traffic
    this.#pulse = new Pulse(socket)
  }

  /** Writes a batch whole, or not at all if earlier ones left too much unsent. */
  deliver(batch: Batch): void {
    if (this.#socket.readyState !== OPEN) return
    if (this.#newest !== undefined) this.#conflate(this.#newest, batch)
    else if (this.#stream.writableLength <= this.#options.unsentLimit)
      this.#write(batch.joined(), batch.count)
    else this.#tooSlow(batch)
  }

  /** Asks for a sign of life; gives the peer up if it owes too many. */
  beat(): void {
    if (this.#socket.readyState === OPEN) this.#pulse.beat()
  }

  /** Starts to close; what was written before still goes out first. */
  close(code: number, reason: string): void {
    this.#newest = undefined
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  #tooSlow(batch: Batch): void {
    const { slow } = this.#options
    switch (slow) {
      case 'close':
        this.#traffic.slowCloses += 1
        this.close(closeCodes.tryAgainLater, 'Too slow: messages would have been lost')
        return
      case 'conflate':
        this.#traffic.conflations += 1
        this.#newest = new Map()
        this.#conflate(this.#newest, batch)
        // The stream holds more than its high-water mark, so it is bound to drain or to be closed.
        this.#stream.once('drain', () => this.#catchUp())
        return
      default:
        slow satisfies never
    }
  }

  #conflate(newest: Map<string, Buffer>, batch: Batch): void {
    const before = newest.size
    for (const [subject, frame] of batch.newest()) putLast(newest, subject, frame)
    this.#traffic.skipped += batch.count - (newest.size - before)
  }

  #catchUp(): void {
    const newest = this.#newest
    this.#newest = undefined
    if (newest === undefined || this.#socket.readyState !== OPEN) return
    this.#write(Buffer.concat([...newest.values()]), newest.size)
  }

  #write(frames: Buffer, count: number): void {
    this.#stream.write(frames)
    this.#traffic.messages += count
    this.#traffic.bytes += frames.length
  }
}
