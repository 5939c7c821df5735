import { StockyardError, toError } from './errors.ts'
import type { Socket, Timers } from './surroundings.ts'
import type { Message, Success, Welcome } from './types.ts'

export interface ConnectionOptions {
  readonly timers: Timers
  /** How long the server may take to open the socket, and to answer a request. */
  readonly timeoutMs: number
}

export interface ConnectionEvents {
  welcomed(welcome: Welcome): void
  heard(message: Message): void
  /** Called once, whoever ended it. */
  lost(): void
}

type Answered = (error: StockyardError | undefined, success?: Success) => void
interface Waiting {
  readonly answered: Answered
  readonly timer: unknown
}

/** Requests that may wait for their answer; the server gives a socket up that has 1,024 of them. */
const mostWaiting = 512

/**
 * One websocket from its opening to its end: requests and their answers, and a watch on whether the server is there.
 * A connection that owes an answer, or a sign of life, is given up as a whole. What was missed is asked for on the next
 * one, so there is nothing to repair here.
 */
export class Connection {
  readonly #socket: Socket
  readonly #options: ConnectionOptions
  readonly #events: ConnectionEvents
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  #isOpen = true
  #heardSince = false
  #watch: unknown

  constructor(socket: Socket, options: ConnectionOptions, events: ConnectionEvents) {
    this.#socket = socket
    this.#options = options
    this.#events = events
    socket.addEventListener('message', ({ data }) => this.#receive(data))
    socket.addEventListener('close', () => this.drop())
    // A close follows. Without a listener `ws` would throw.
    socket.addEventListener('error', () => {})
    this.#expect(options.timeoutMs)
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  request(op: string, fields: object = {}): Promise<Success> {
    return new Promise((resolve, reject) => {
      this.ask(op, fields, (error, success) =>
        error === undefined ? resolve(success as Success) : reject(error),
      )
    })
  }

  /**
   * As `request`, but calls back before the next message is looked at. A promise would be too late: what follows the
   * answer may be in the same packet.
   */
  ask(op: string, fields: object, answered: Answered): void {
    if (!this.#isOpen) {
      answered(new StockyardError('disconnected', 'There is no connection', { outcome: 'refused' }))
      return
    }
    if (this.#waiting.size >= mostWaiting) {
      const text = `${mostWaiting} requests wait for their answer already`
      answered(new StockyardError('too_many_in_flight', text, { outcome: 'refused' }))
      return
    }
    this.#lastId += 1
    const id = this.#lastId
    const timer = this.#options.timers.setTimeout(() => {
      this.#waiting.delete(id)
      this.drop()
      answered(new StockyardError('timeout', 'The server did not answer in time', { outcome: 'unknown' }))
    }, this.#options.timeoutMs)
    this.#waiting.set(id, { answered, timer })
    this.#socket.send(JSON.stringify({ id, op, ...fields }))
  }

  /** Ends it, for whatever reason. Requests that wait fail: `reason` says how. */
  drop(reason: 'connection_lost' | 'closed' = 'connection_lost'): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    const { timers } = this.#options
    timers.clearTimeout(this.#watch)
    if (reason === 'connection_lost' && this.#socket.terminate !== undefined) this.#socket.terminate()
    else this.#socket.close()
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { answered, timer } of waiting) {
      timers.clearTimeout(timer)
      answered(new StockyardError(reason, 'The connection ended before the answer', { outcome: 'unknown' }))
    }
    this.#events.lost()
  }

  #receive(data: unknown): void {
    if (!this.#isOpen || typeof data !== 'string') return
    this.#heardSince = true
    const message = parse(data)
    if (message === undefined) {
      this.drop()
      return
    }
    switch (message.type) {
      case 'answer':
        this.#answer(message)
        return
      case 'snapshot':
      case 'change':
        this.#events.heard(message)
        return
      case 'welcome':
        this.#options.timers.clearTimeout(this.#watch)
        // One heartbeat may be late; two cannot be missing.
        this.#expect(message.heartbeatSeconds * 1500)
        this.#events.welcomed(message)
        return
      default:
        // A heartbeat, or something that a later server says.
        message satisfies { type: 'heartbeat' }
    }
  }

  #answer(answer: Success | Refused): void {
    const waiting = this.#waiting.get(answer.id as number)
    if (waiting === undefined) return
    this.#waiting.delete(answer.id as number)
    this.#options.timers.clearTimeout(waiting.timer)
    if (answer.ok) waiting.answered(undefined, answer)
    else waiting.answered(toError(answer))
  }

  /** Looks from time to time whether anything was heard: cheaper than a new timer for each message. */
  #expect(withinMs: number): void {
    this.#heardSince = false
    this.#watch = this.#options.timers.setTimeout(() => {
      if (this.#heardSince) this.#expect(withinMs)
      else this.drop()
    }, withinMs)
  }
}

interface Refused {
  readonly type: 'answer'
  readonly id: number | null
  readonly ok: false
}

function parse(text: string): Welcome | Success | Refused | Message | { type: 'heartbeat' } | undefined {
  try {
    return JSON.parse(text) ?? undefined
  } catch {
    return undefined
  }
}
