import { type Answer, Connection, NoAnswer } from './connection.ts'
import { type Credentials, loginHeader } from './credentials.ts'
import type { Log } from './log.ts'

export interface SessionOptions {
  readonly url: string
  readonly credentials: Credentials
  readonly log: Log
  readonly timeoutMs?: number
  /** Tells a person something that nobody asked for just now. */
  readonly tell: (text: string) => void
  /** Tests put their own in. */
  readonly wait?: (ms: number) => Promise<void>
  readonly random?: () => number
  readonly now?: () => number
}

/** The first and the longest wait before a lost connection is made again. */
const firstWaitMs = 500
const longestWaitMs = 30_000

/**
 * Keeps a connection: what is lost is made again after a while, each time a longer one, and logged in again if it was.
 * What was closed by a person, or by a server that says a new one cannot help, is not.
 */
export class Session {
  readonly #options: Required<Omit<SessionOptions, 'timeoutMs'>> & Pick<SessionOptions, 'timeoutMs'>
  #connection: Connection | undefined
  #isLoggedIn = false
  /** Whether a connection that is made again is to be logged in. */
  #wantsLogin = false
  /** Goes up when a person connects or disconnects: what was on its way before is in vain. */
  #turn = 0
  #lastNonce = 0

  constructor(options: SessionOptions) {
    this.#options = { wait: sleep, random: Math.random, now: Date.now, ...options }
  }

  get isUp(): boolean {
    return this.#connection !== undefined
  }

  get isLoggedIn(): boolean {
    return this.#isLoggedIn
  }

  /** Connects anew. Whoever had logged in has to do so again. */
  async connect(): Promise<void> {
    await this.disconnect()
    this.#turn += 1
    await this.#open()
  }

  /** Closes the connection, if there is one. */
  async disconnect(): Promise<void> {
    this.#turn += 1
    this.#isLoggedIn = false
    this.#wantsLogin = false
    const connection = this.#connection
    this.#connection = undefined
    await connection?.close()
  }

  async logIn(): Promise<Answer> {
    const { credentials, now } = this.#options
    this.#lastNonce = Math.max(this.#lastNonce + 1, now())
    const answer = await this.#up().ask('AuthHandler', 'login', {}, loginHeader(credentials, this.#lastNonce))
    this.#isLoggedIn = answer.code === 0
    this.#wantsLogin = this.#isLoggedIn
    return answer
  }

  ask(handler: string, action: string, args: object = {}): Promise<Answer> {
    return this.#up().ask(handler, action, args)
  }

  /** Sends any frame; what comes of it is told as what nobody asked for. */
  send(frame: object): void {
    this.#up().send(frame)
  }

  #up(): Connection {
    if (this.#connection === undefined) throw new NoAnswer('not connected')
    return this.#connection
  }

  async #open(): Promise<void> {
    const { url, log, timeoutMs, tell } = this.#options
    const turn = this.#turn
    const connection = await Connection.open({
      ...{ url, log, ...(timeoutMs !== undefined && { timeoutMs }) },
      unknown: (frame) => tell(`Unknown message: ${JSON.stringify(frame)}`),
    })
    if (turn !== this.#turn) return connection.close()
    this.#connection = connection
    tell('Session up')
    void connection.ended.then(({ reason, canReconnect }) => {
      if (turn !== this.#turn) return
      this.#connection = undefined
      this.#isLoggedIn = false
      tell(`Session down: ${reason}`)
      if (canReconnect) void this.#comeBack(turn)
      else tell('It is not made again by itself: 17 (reconnect) does')
    })
  }

  async #comeBack(turn: number): Promise<void> {
    const { wait, random, tell, log } = this.#options
    for (let longest = firstWaitMs; ; longest = Math.min(2 * longest, longestWaitMs)) {
      // Not all clients of a server that comes back should come at once.
      await wait(longest / 2 + (random() * longest) / 2)
      if (turn !== this.#turn) return
      try {
        await this.#open()
        break
      } catch (error) {
        log.warn((error as Error).message)
      }
    }
    if (!this.#wantsLogin || turn !== this.#turn) return
    try {
      const { code, message } = await this.logIn()
      tell(code === 0 ? 'Logged in again' : `The login failed: ${code} ${message ?? ''}`)
    } catch (error) {
      tell(`The login failed: ${(error as Error).message}`)
    }
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}
