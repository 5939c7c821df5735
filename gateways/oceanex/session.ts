import { Unavailable } from '../../src/domain/unavailable.ts'
import { RateLimit } from '../feed/rate-limit.ts'
import type { Peer } from '../peer.ts'
import {
  answerText,
  type DisconnectReason,
  disconnectText,
  failureText,
  pingText,
  type Query,
  readFrame,
  welcomeText,
} from './codec.ts'
import { type Context, secondsOf } from './context.ts'
import { codes, Failure, overLimit, unavailable } from './errors.ts'
import { answer, Unauthorized } from './handlers.ts'
import type { UserSettings } from './settings.ts'
import { scopesView } from './views.ts'

/** Frames, and characters of them, that may wait while one is answered; with more, nothing is read from the connection. */
const mostWaiting = 64
const mostWaitingText = 1024 * 1024
/** Unsent bytes beyond which requests wait until the peer has read. */
const unsentLimit = 1024 * 1024
/** Broken frames in a row, and refusals for coming too fast in a row, before the connection ends. */
const mostBroken = 10
const mostTooFast = 500
/** Pings in a row that may stay without an answer. */
const mostUnanswered = 3
const policyViolation = 1008

const login = { handler: 'AuthHandler', action: 'login' }
/** What an answer belongs to that belongs to no request. */
const nothing = { handler: 'ErrorHandler', action: 'error', uuid: null }

/** Calls a function again and again; calling what is returned ends it. */
export type Every = (ms: number, run: () => void) => () => void

/** A connection of a client: one request at a time, answered in the order of arrival. */
export class Session {
  readonly #context: Context
  readonly #peer: Peer
  readonly #number: number
  readonly #rate: RateLimit
  readonly #endPings: () => void
  /** What has been read and not answered. */
  readonly #waiting: string[] = []
  #waitingText = 0
  #user: UserSettings | undefined
  #unanswered = 0
  #broken = 0
  #tooFast = 0
  #isOver = false
  #work: Promise<void> | undefined

  constructor(context: Context, peer: Peer, { number, every }: { number: number; every: Every }) {
    const { settings, clock } = context
    this.#context = context
    this.#peer = peer
    this.#number = number
    this.#rate = new RateLimit(settings.requestsPerSecond, clock)
    peer.send(welcomeText(settings.pingInterval))
    this.#endPings = every(settings.pingInterval * 1000, () => this.#ping())
  }

  /** Takes a frame. */
  receive(text: string): void {
    if (this.#isOver) return
    this.#waiting.push(text)
    this.#waitingText += text.length
    if (this.#waiting.length >= mostWaiting || this.#waitingText >= mostWaitingText) this.#peer.pause()
    this.#work ??= this.#workOff()
  }

  /** The peer is gone. */
  left(): void {
    this.#isOver = true
    this.#waiting.length = 0
    this.#endPings()
  }

  /** Answers the request that is being answered, says that the connection ends, and closes it. */
  async finish(reason: DisconnectReason, code: number): Promise<void> {
    this.#waiting.length = 0
    this.#isOver = true
    await this.#work
    await this.#end(reason, code)
  }

  #ping(): void {
    if (this.#unanswered === mostUnanswered) {
      void this.#end('ping_timeout', policyViolation)
      return
    }
    this.#unanswered += 1
    this.#peer.send(pingText(secondsOf(this.#context.clock())))
  }

  async #workOff(): Promise<void> {
    for (let text = this.#waiting.shift(); text !== undefined; text = this.#waiting.shift()) {
      this.#waitingText -= text.length
      await this.#take(text)
      if (this.#peer.unsent > unsentLimit && !(await this.#peer.drained())) break
      if (this.#waiting.length === 0) this.#peer.resume()
    }
    this.#work = undefined
  }

  async #take(text: string): Promise<void> {
    const frame = readFrame(text)
    switch (frame.kind) {
      case 'pong':
        this.#unanswered = 0
        return
      case 'broken':
        this.#refuseBroken(frame.message)
        return
      case 'query':
        this.#broken = 0
        await this.#answer(frame.query)
        return
      default:
        frame satisfies never
    }
  }

  #refuseBroken(message: string): void {
    this.#peer.send(failureText(nothing, new Failure(codes.badRequest, message)))
    this.#broken += 1
    if (this.#broken === mostBroken) void this.#end('invalid_request', policyViolation)
  }

  async #answer(query: Query): Promise<void> {
    const { settings, log } = this.#context
    let code = 0
    try {
      this.#checkRate()
      if (query.fault !== undefined) throw new Failure(codes.badRequest, query.fault)
      this.#peer.send(answerText(query, await this.#run(query)))
    } catch (error) {
      const failure = this.#toFailure(error, query)
      code = failure.code
      this.#peer.send(failureText(query, failure))
      if (error instanceof Unauthorized && settings.unauthorized === 'close')
        void this.#end('unauthorized', policyViolation)
      else if (isLogin(query) && code !== codes.wrapped && settings.loginFailure === 'close')
        void this.#end('unauthorized', policyViolation)
      else if (this.#tooFast === mostTooFast) void this.#end('rate_limit', policyViolation)
    }
    const { handler, action } = query
    log.debug?.({ connection: this.#number, uid: this.#user?.uid, handler, action, code }, 'request')
  }

  async #run(query: Query): Promise<unknown> {
    if (!isLogin(query)) return answer(this.#context, query, this.#user)
    this.#user = await this.#context.keys.logIn(query.header, this.#peer.address)
    return { scopes: scopesView(this.#user.scopes) }
  }

  #checkRate(): void {
    if (this.#rate.count('')) {
      this.#tooFast = 0
      return
    }
    this.#tooFast += 1
    throw overLimit('requests', this.#context.settings.requestsPerSecond)
  }

  #toFailure(error: unknown, { handler, action }: Query): Failure {
    if (error instanceof Failure) return error
    if (error instanceof Unavailable) return unavailable(error)
    this.#context.log.error({ connection: this.#number, handler, action, err: error }, 'a request failed')
    return new Failure(codes.internal, 'Something went wrong here')
  }

  /** Says why, and closes. */
  async #end(reason: DisconnectReason, code: number): Promise<void> {
    this.left()
    this.#peer.send(disconnectText(reason))
    await this.#peer.close(code, reason)
  }
}

function isLogin({ handler, action }: Query): boolean {
  return handler === login.handler && action === login.action
}
