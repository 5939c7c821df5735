import type { Connection } from './connection.ts'
import type { StockyardError } from './errors.ts'
import { type Backoff, type Timers, waitMs } from './surroundings.ts'
import type { Message, Numbered, SubscriptionKey } from './types.ts'

export interface SubscriptionOptions {
  readonly timers: Timers
  readonly backoff: Backoff
  readonly random: () => number
  /** Messages that may wait for a `for await` loop. */
  readonly queueLimit: number
}

/**
 * One channel of one stock or account, over as many connections as it takes.
 *
 * It knows the number of the last message. A message that does not go on from there, or a new connection, makes it
 * ask for what came after that number; the server then sends just that, or a snapshot. So what is handed on is always
 * a snapshot and then each change after it, with nothing missing in between.
 */
export class Subscription<M extends Numbered = Message> implements AsyncIterable<M> {
  readonly key: SubscriptionKey
  /** Resolves at the end: with the error when the server refused it, with nothing when it was closed here. */
  readonly ended: Promise<StockyardError | undefined>
  readonly #options: SubscriptionOptions
  readonly #onMessage: ((message: M) => void) | undefined
  readonly #onClose: () => void
  #end: (error: StockyardError | undefined) => void = () => {}
  #state: 'asking' | 'live' | 'ended' = 'asking'
  #error: StockyardError | undefined
  #connection: Connection | undefined
  /** Tells the newest question from earlier ones, whose answers do not count any more. */
  #question = 0
  #timer: unknown
  #seq: number | undefined
  /** The server's last number when it took the question: what is not seen up to there is on its way. */
  #target = 0
  #isCaughtUp = false
  #heals = 0
  /** Heals and refusals since the last good message. */
  #failures = 0
  readonly #queue: M[] = []
  #isBehind = false
  #wake: () => void = () => {}

  /** Made by `Feed.subscribe`. */
  constructor(
    key: SubscriptionKey,
    options: SubscriptionOptions,
    onMessage: ((message: M) => void) | undefined,
    onClose: () => void,
  ) {
    this.key = key
    this.#options = options
    this.#onMessage = onMessage
    this.#onClose = onClose
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  /** The number of the last message; undefined before the first snapshot. */
  get seq(): number | undefined {
    return this.#seq
  }

  /** Whether it hears the server now, and has missed nothing that it knows of. */
  get isLive(): boolean {
    return this.#state === 'live' && this.#isCaughtUp && !this.#isBehind
  }

  /** How often it had to ask again on an open connection. */
  get heals(): number {
    return this.#heals
  }

  /**
   * Each message. There is one such loop for a subscription, and none for one with a callback; leaving the loop closes
   * the subscription. A loop that falls too far behind is caught up: what it missed comes in fewer, larger messages.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<M, void, undefined> {
    try {
      for (;;) {
        const message = this.#queue.shift()
        if (message !== undefined) {
          yield message
          continue
        }
        if (this.#state === 'ended') {
          if (this.#error !== undefined) throw this.#error
          return
        }
        if (this.#isBehind) {
          this.#isBehind = false
          this.heal()
        }
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    } finally {
      this.close()
    }
  }

  /** Asks for what was missed; with `anew` for a snapshot, since what is known here cannot be right. */
  heal({ anew = false } = {}): void {
    if (anew) this.#seq = undefined
    if (this.#state !== 'live') return
    this.#heals += 1
    this.#askAgain()
  }

  close(): void {
    if (this.#state === 'ended') return
    this.#connection?.ask('unsubscribe', this.key, () => {})
    this.finish(undefined)
  }

  /** For the feed: goes on with a connection that has opened. */
  follow(connection: Connection): void {
    this.#connection = connection
    this.#ask()
  }

  /** For the feed: the connection is gone, another one may come. */
  pause(): void {
    this.#connection = undefined
    this.#question += 1
    this.#options.timers.clearTimeout(this.#timer)
    if (this.#state === 'live') this.#state = 'asking'
  }

  /** For the feed: a message with this subscription's key. */
  hear(message: M): void {
    // What was sent before the server had the last question is of no use.
    if (this.#state !== 'live') return
    if (this.#onMessage === undefined && this.#queue.length >= this.#options.queueLimit) this.#isBehind = true
    if (this.#isBehind) return
    if (message.type === 'change' && message.prev !== this.#seq) {
      this.heal()
      return
    }
    this.#seq = message.seq
    this.#isCaughtUp = message.seq >= this.#target
    if (this.#onMessage === undefined) this.#queue.push(message)
    else this.#onMessage(message)
    // The callback may have asked to heal.
    if (this.#seq !== undefined) this.#failures = 0
    this.#wake()
  }

  /** For the feed: the end of it. */
  finish(error: StockyardError | undefined): void {
    if (this.#state === 'ended') return
    this.pause()
    this.#state = 'ended'
    this.#error = error
    this.#onClose()
    this.#end(error)
    this.#wake()
  }

  #ask(): void {
    this.#question += 1
    const question = this.#question
    const from = this.#seq === undefined ? {} : { from: this.#seq }
    this.#connection?.ask('subscribe', { ...this.key, ...from }, (error, success) => {
      if (question !== this.#question) return
      if (error === undefined) {
        this.#state = 'live'
        this.#target = success?.seq ?? 0
        this.#isCaughtUp = this.#target === this.#seq
      } else if (!error.isTemporary) this.finish(error)
      else if (this.#connection?.isOpen === true) this.#askAgain()
    })
  }

  /** At once the first time, and ever more slowly while it does not help. */
  #askAgain(): void {
    this.#state = 'asking'
    const { timers, backoff, random } = this.#options
    const again = () => {
      // It may refuse, when it has no such subscription: then there is nothing to end.
      this.#connection?.ask('unsubscribe', this.key, () => {})
      this.#ask()
    }
    this.#failures += 1
    if (this.#failures === 1) again()
    else this.#timer = timers.setTimeout(again, waitMs(backoff, this.#failures - 2, random))
  }
}
