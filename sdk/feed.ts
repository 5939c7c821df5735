import { Connection } from './connection.ts'
import { StockyardError } from './errors.ts'
import { Subscription } from './subscription.ts'
import {
  type Backoff,
  findWebSocket,
  type SocketConstructor,
  systemTimers,
  type Timers,
  toBase,
  waitMs,
} from './surroundings.ts'
import type { ChannelName, Message, SubscriptionKey, Success } from './types.ts'

export interface FeedOptions {
  /** Where the exchange is, e.g. `http://127.0.0.1:8000`. */
  readonly url: string
  /** Needed for orders and private channels where the exchange has keys. */
  readonly key?: string | undefined
  /** How long the server may take to open a socket or to answer; 10 seconds if absent. */
  readonly timeoutMs?: number
  /** Between connections; from a quarter of a second to 30 seconds if absent. */
  readonly backoff?: Backoff
  /** Messages that may wait for a `for await` loop; 10,000 if absent. */
  readonly queueLimit?: number
  readonly WebSocket?: SocketConstructor
  readonly timers?: Timers
  readonly random?: () => number
}

/** Which orders are canceled when the connection is lost, and how long after. */
export interface Arming {
  readonly venue: string
  readonly account: string
  /** Of these alone, and not all of the account: orders that are placed by this feed from now on. */
  readonly session?: string
  /** At most an hour. Coming back within it keeps the orders. */
  readonly graceMs: number
}

/** `waiting`: it was cut off, and tries again soon. */
export type FeedState = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed'
type StateListener = (state: FeedState, error: StockyardError | undefined) => void

/** How long a connection has to last so that the next loss of it is the first again. */
const stableMs = 5000

/** The socket `/ws/v1`: subscriptions and requests, connected again whenever it is cut off, until `close`. */
export class Feed {
  readonly #options: FeedOptions
  readonly #url: string
  readonly #timers: Timers
  readonly #backoff: Backoff
  readonly #random: () => number
  readonly #subscriptions = new Map<string, Subscription>()
  /** What is to be armed on every connection, and what is on this one. */
  readonly #armings = new Map<string, Arming>()
  readonly #armed = new Map<string, Promise<void>>()
  readonly #listeners = new Set<StateListener>()
  #state: FeedState = 'idle'
  #error: StockyardError | undefined
  #connection: Connection | undefined
  #attempt = 0
  #timer: unknown
  #hasKeys: boolean | undefined
  #accounts: readonly string[] = []

  constructor(options: FeedOptions) {
    this.#options = options
    this.#url = `${toBase(options.url).replace(/^http/, 'ws')}/ws/v1`
    this.#timers = options.timers ?? systemTimers
    this.#backoff = options.backoff ?? { firstMs: 250, mostMs: 30_000 }
    this.#random = options.random ?? Math.random
  }

  get state(): FeedState {
    return this.#state
  }

  /** Whether orders and private channels need a key here; undefined before the server has said so. */
  get hasKeys(): boolean | undefined {
    return this.#hasKeys
  }

  /** The accounts of the key, once the server has taken it. */
  get accounts(): readonly string[] {
    return this.#accounts
  }

  /** Connects; subscribing or asking does it too. */
  connect(): void {
    if (this.#state === 'idle') void this.#open()
  }

  /**
   * Listens to a channel: with a callback for each message, or without one as `for await (const message of …)`. The
   * first message is a snapshot, and so is any that has to begin anew. There can be one of each kind at a time.
   */
  subscribe<K extends SubscriptionKey>(
    key: K,
    onMessage?: (message: Message<K['channel']>) => void,
  ): Subscription<Message<K['channel']>> {
    if (this.#state === 'closed') throw this.#closedError()
    const name = nameOf(key)
    if (this.#subscriptions.has(name)) {
      throw new StockyardError('already_subscribed', `It is subscribed already: ${JSON.stringify(key)}`)
    }
    const subscription = new Subscription<Message<K['channel']>>(
      key,
      {
        timers: this.#timers,
        backoff: this.#backoff,
        random: this.#random,
        queueLimit: this.#options.queueLimit ?? 10_000,
      },
      onMessage,
      () => this.#subscriptions.delete(name),
    )
    this.#subscriptions.set(name, subscription as unknown as Subscription)
    if (this.#state === 'open') subscription.follow(this.#connection as Connection)
    else this.connect()
    return subscription
  }

  /**
   * Has orders canceled when the server has lost this connection for `graceMs`: all open ones of the account or, with a
   * `session`, those that are placed here from now on. Armed again on every connection, until `disarm`. Resolves when
   * the connection as it is has it; said again it costs nothing.
   */
  arm(arming: Arming): Promise<void> {
    const name = armingName(arming)
    const known = this.#armings.get(name)
    if (known?.graceMs === arming.graceMs && this.#armed.has(name))
      return this.#armed.get(name) as Promise<void>
    this.#armings.set(name, arming)
    if (this.#state === 'open') return this.#arm(this.#connection as Connection, arming)
    return this.opened().then(() => this.arm(arming))
  }

  /** Takes it back: the orders stay, whatever becomes of the connection. */
  async disarm({ venue, account, session }: Omit<Arming, 'graceMs'>): Promise<void> {
    const of = { venue, account, ...(session !== undefined && { session }) }
    this.#armings.delete(armingName(of))
    this.#armed.delete(armingName(of))
    await this.request('disarm', of)
  }

  /** Sends a request on the connection as it is; fails at once when there is none. */
  request(op: string, fields: object = {}): Promise<Success> {
    if (this.#state === 'closed') return Promise.reject(this.#closedError())
    if (this.#state === 'open') return (this.#connection as Connection).request(op, fields)
    this.connect()
    const text = 'There is no connection now'
    return Promise.reject(new StockyardError('disconnected', text, { outcome: 'refused' }))
  }

  /** Resolves when it is open, at once if it is. Fails when it is closed, or not open after `withinMs`. */
  opened(withinMs = 30_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (state: FeedState) => {
        if (state !== 'open' && state !== 'closed') return false
        if (state === 'open') resolve()
        else reject(this.#closedError())
        return true
      }
      if (look(this.#state)) return
      this.connect()
      const late = this.#timers.setTimeout(() => {
        stop()
        const text = `There was no connection to ${this.#url} within ${withinMs} ms`
        reject(new StockyardError('disconnected', text, { outcome: 'refused' }))
      }, withinMs)
      const stop = this.onState((state) => {
        if (!look(state)) return
        stop()
        this.#timers.clearTimeout(late)
      })
    })
  }

  /** Calls back at each change of the state, with the error when the feed ended by itself. Returns a way to stop it. */
  onState(listener: StateListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Ends all subscriptions and the connection, for good. */
  close(): void {
    this.#end(undefined)
  }

  async #open(): Promise<void> {
    this.#setState('connecting')
    try {
      const WebSocket = this.#options.WebSocket ?? (await findWebSocket())
      if (this.#state !== 'connecting') return
      const connection: Connection = new Connection(
        new WebSocket(this.#url),
        { timers: this.#timers, timeoutMs: this.#options.timeoutMs ?? 10_000 },
        {
          welcomed: ({ keys }) => {
            this.#hasKeys = keys
            this.#enter(connection)
          },
          heard: (message) => this.#subscriptions.get(nameOf(message))?.hear(message),
          lost: () => this.#lost(connection),
        },
      )
      this.#connection = connection
    } catch (cause) {
      const text = `No socket can be opened to ${this.#url}`
      this.#end(cause instanceof StockyardError ? cause : new StockyardError('no_websocket', text, { cause }))
    }
  }

  /** The key goes in a message of its own: in the address it would be in the logs of everything on the way. */
  #enter(connection: Connection): void {
    const { key } = this.#options
    if (key === undefined) {
      this.#entered(connection)
      return
    }
    connection.ask('auth', { key }, (error, success) => {
      if (error === undefined) {
        this.#accounts = success?.accounts ?? []
        this.#entered(connection)
      } else if (error.isTemporary) connection.drop()
      else this.#end(error)
    })
  }

  #entered(connection: Connection): void {
    this.#timer = this.#timers.setTimeout(() => {
      this.#attempt = 0
    }, stableMs)
    // Before anything else: so no order goes out that is not covered.
    for (const arming of this.#armings.values()) this.#arm(connection, arming).catch(() => {})
    for (const subscription of [...this.#subscriptions.values()]) subscription.follow(connection)
    this.#setState('open')
  }

  /** A refusal is told to who asks next. */
  #arm(connection: Connection, arming: Arming): Promise<void> {
    const name = armingName(arming)
    const armed = connection.request('arm', arming).then(
      () => {},
      (error: StockyardError) => {
        if (this.#armed.get(name) === armed) this.#armed.delete(name)
        // A connection that does not arm must not be taken for one that has.
        if (error.isTemporary) connection.drop()
        throw error
      },
    )
    this.#armed.set(name, armed)
    return armed
  }

  #lost(connection: Connection): void {
    if (connection !== this.#connection) return
    this.#connection = undefined
    this.#armed.clear()
    this.#timers.clearTimeout(this.#timer)
    for (const subscription of this.#subscriptions.values()) subscription.pause()
    this.#timer = this.#timers.setTimeout(
      () => void this.#open(),
      waitMs(this.#backoff, this.#attempt, this.#random),
    )
    this.#attempt += 1
    this.#setState('waiting')
  }

  #end(error: StockyardError | undefined): void {
    if (this.#state === 'closed') return
    this.#error = error
    this.#timers.clearTimeout(this.#timer)
    const connection = this.#connection
    this.#connection = undefined
    this.#setState('closed')
    for (const subscription of [...this.#subscriptions.values()]) subscription.finish(error)
    connection?.drop('closed')
    this.#listeners.clear()
  }

  #setState(state: FeedState): void {
    this.#state = state
    for (const listener of [...this.#listeners]) listener(state, this.#error)
  }

  #closedError(): StockyardError {
    return this.#error ?? new StockyardError('closed', 'The feed is closed', { outcome: 'refused' })
  }
}

function armingName({ venue, account, session = '' }: Omit<Arming, 'graceMs'>): string {
  return [venue, account, session].join('\n')
}

/** A name for what is subscribed to, of a key and of the messages under it. No name has a line break in it. */
function nameOf(of: { readonly channel: ChannelName; readonly venue: string } | Message): string {
  const { channel, venue, symbol, account, depth, interval } = of as {
    [field: string]: string | number | undefined
  }
  return [channel, venue, symbol, account, depth, interval].join('\n')
}
