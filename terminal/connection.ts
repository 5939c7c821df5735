import { randomUUID } from 'node:crypto'
import { WebSocket } from 'ws'
import { type Log, masked } from './log.ts'

/** What the server answered. */
export interface Answer {
  readonly code: number
  readonly data: unknown
  /** Of an answer that is no success. */
  readonly message: string | undefined
  /** How long it took, in milliseconds. */
  readonly latencyMs: number
}

/** The connection ended. */
export interface Ended {
  /** For people. */
  readonly reason: string
  /** Whether a new connection can help. */
  readonly canReconnect: boolean
}

export interface ConnectionOptions {
  readonly url: string
  readonly log: Log
  /** How long an answer may take. */
  readonly timeoutMs?: number
  /** Called for a frame that belongs to no request. */
  readonly unknown: (frame: unknown) => void
}

interface Waiting {
  readonly since: number
  resolve(answer: Answer): void
  reject(error: Error): void
}

/** No answer came, or there is no connection: nobody knows what became of the request. */
export class NoAnswer extends Error {}

/** One connection, from its welcome until it ends. */
export class Connection {
  /** Resolves when it has ended. */
  readonly ended: Promise<Ended>
  readonly #socket: WebSocket
  readonly #options: Required<ConnectionOptions>
  readonly #waiting = new Map<string, Waiting>()
  /** What the server said before it closed. */
  #reason: { readonly reason: string; readonly reconnect: boolean } | undefined
  #closedHere = false

  private constructor(socket: WebSocket, options: Required<ConnectionOptions>) {
    this.#socket = socket
    this.#options = options
    this.ended = new Promise((resolve) => {
      socket.on('close', (code) => {
        for (const { reject } of this.#waiting.values()) reject(new NoAnswer('the connection was lost'))
        this.#waiting.clear()
        resolve(this.#endOf(code))
      })
    })
  }

  /** Connects; resolves with the welcome. Rejects with what to tell a person. */
  static open(options: ConnectionOptions): Promise<Connection> {
    const all = { timeoutMs: 10_000, ...options }
    const { url, log, timeoutMs } = all
    const socket = new WebSocket(url, { handshakeTimeout: timeoutMs, maxPayload: 64 * 1024 * 1024 })
    const connection = new Connection(socket, all)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`${url} did not say welcome within ${timeoutMs / 1000} s`))
        socket.terminate()
      }, timeoutMs)
      socket.on('error', (error) => {
        log.error(`${url}: ${error.message}`)
        reject(new Error(`cannot connect to ${url}: ${error.message}`))
      })
      socket.on('close', () => {
        clearTimeout(timer)
        reject(new Error(`${url} closed the connection before it said welcome`))
      })
      socket.on('message', (data) => {
        if (connection.#take(`${data}`) !== 'welcome') return
        clearTimeout(timer)
        resolve(connection)
      })
    })
  }

  /** Sends a request; resolves with its answer, and rejects with `NoAnswer` when none comes. */
  ask(handler: string, action: string, args: object = {}, header?: object): Promise<Answer> {
    const uuid = randomUUID()
    const data = { action, uuid, args, ...(header && { header }) }
    const { timeoutMs } = this.#options
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(uuid)
        reject(new NoAnswer(`no answer within ${timeoutMs / 1000} s`))
      }, timeoutMs)
      const settle = <T>(next: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(timer)
          next(value)
        }
      }
      this.#waiting.set(uuid, {
        since: performance.now(),
        resolve: settle(resolve),
        reject: settle(reject),
      })
      this.send({ identifier: { handler }, command: 'message', data })
    })
  }

  /** Sends any frame. */
  send(frame: object): void {
    this.#options.log.debug(`sent ${masked(frame)}`)
    this.#socket.send(JSON.stringify(frame))
  }

  /** Closes it; resolves when it has ended. */
  async close(): Promise<void> {
    this.#closedHere = true
    this.#socket.close(1000)
    const timer = setTimeout(() => this.#socket.terminate(), 2000)
    await this.ended
    clearTimeout(timer)
  }

  #take(text: string): 'welcome' | undefined {
    const { log, unknown } = this.#options
    const frame = parse(text)
    log.debug(`received ${frame === undefined ? text : masked(frame)}`)
    switch (frame?.type) {
      case 'welcome':
        return 'welcome'
      case 'ping':
        this.send({ command: 'pong' })
        return undefined
      case 'disconnect':
        this.#reason = { reason: String(frame.reason), reconnect: frame.reconnect === true }
        return undefined
      default:
        if (!this.#answer(frame?.message)) unknown(frame ?? text)
        return undefined
    }
  }

  #answer(message: unknown): boolean {
    if (typeof message !== 'object' || message === null) return false
    const { uuid, code, data, message: text } = message as Record<string, unknown>
    const waiting = this.#waiting.get(String(uuid))
    if (waiting === undefined || typeof code !== 'number') return false
    this.#waiting.delete(String(uuid))
    this.#options.log.info(masked(message, 2))
    const latencyMs = performance.now() - waiting.since
    waiting.resolve({ code, data, message: typeof text === 'string' ? text : undefined, latencyMs })
    return true
  }

  #endOf(code: number): Ended {
    if (this.#closedHere) return { reason: 'closed', canReconnect: false }
    if (this.#reason === undefined) return { reason: `lost (${code})`, canReconnect: true }
    return { reason: this.#reason.reason, canReconnect: this.#reason.reconnect }
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
