import type { Batch } from './batch.ts'
import { type ByteStream, closeCodes, OPEN, type Traffic, type WebSocketControl } from './connection.ts'
import { textFrame } from './frame.ts'
import { Pulse } from './pulse.ts'

export interface SubscriberOptions {
  /** Unsent bytes beyond which a reader is given only the newest of what may be conflated. */
  readonly conflateBeyond: number
  /** Unsent bytes beyond which the socket is closed. */
  readonly closeBeyond: number
}

/**
 * One websocket that asks and listens. What a batch of commands gave it goes out in one write, as in `Connection`,
 * and under the same conditions: whole frames only, and none after a close frame.
 */
export class Subscriber {
  readonly #stream: ByteStream
  readonly #socket: WebSocketControl
  readonly #options: SubscriberOptions
  readonly #traffic: Traffic
  readonly #pulse: Pulse
  /** What the batch gave so far. */
  #frames: Buffer[] = []
  #count = 0
  #awaitsDrain = false

  constructor(stream: ByteStream, socket: WebSocketControl, options: SubscriberOptions, traffic: Traffic) {
    this.#stream = stream
    this.#socket = socket
    this.#options = options
    this.#traffic = traffic
    this.#pulse = new Pulse(socket)
  }

  get isOpen(): boolean {
    return this.#socket.readyState === OPEN
  }

  /** Whether earlier batches left so much unsent that some messages should be made one. */
  get isSlow(): boolean {
    return this.#stream.writableLength > this.#options.conflateBeyond
  }

  /** Writes a message at once. Closes the socket when too much is unsent already. */
  send(text: string): void {
    if (!this.#mayWrite()) return
    this.#write(textFrame(text), 1)
  }

  /** Puts messages with those of the batch; true for the first. */
  put(batch: Batch): boolean {
    const isFirst = this.#count === 0
    this.#frames.push(batch.joined())
    this.#count += batch.count
    return isFirst
  }

  /** Writes what the batch gave, whole, or closes the socket when earlier ones left too much unsent. */
  flush(): void {
    const frames = this.#frames
    const count = this.#count
    this.#frames = []
    this.#count = 0
    if (this.#mayWrite())
      this.#write(frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames), count)
  }

  /** Calls once everything unsent has gone; call it only when something is. */
  whenDrained(listener: () => void): void {
    if (this.#awaitsDrain) return
    this.#awaitsDrain = true
    this.#traffic.conflations += 1
    // The stream holds more than its high-water mark, so it is bound to drain or to be closed.
    this.#stream.once('drain', () => {
      this.#awaitsDrain = false
      if (this.isOpen) listener()
    })
  }

  /** Asks for a sign of life, and gives one that programs in browsers can see. */
  beat(text: string): void {
    if (this.isOpen && this.#pulse.beat()) this.send(text)
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  #mayWrite(): boolean {
    if (!this.isOpen) return false
    if (this.#stream.writableLength <= this.#options.closeBeyond) return true
    this.#traffic.slowCloses += 1
    this.close(closeCodes.tryAgainLater, 'Too slow: messages would have been lost')
    return false
  }

  #write(frames: Buffer, count: number): void {
    this.#stream.write(frames)
    this.#traffic.messages += count
    this.#traffic.bytes += frames.length
  }
}
