import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocket } from 'ws'
import { toOrderView, toQuoteView } from '../../routes/views.ts'
import type { ErrorView } from '../../schemas/errors.ts'
import type { OrderView } from '../../schemas/order.ts'
import type { QuoteView } from '../../schemas/quote.ts'
import type { Accounts } from '../../src/accounts.ts'
import { buildApp } from '../../src/app.ts'
import type { EdgeSettings } from '../../src/config/config.ts'
import type { Command, Place } from '../../src/domain/command.ts'
import { lots, ticks } from '../../src/domain/units.ts'
import { createExchange } from '../../src/exchange.ts'
import { Hub } from '../../src/feeds/hub.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import type { Instrument, OrderRecord } from '../../src/port.ts'
import { Shard } from '../../src/shard.ts'
import { createTestClock, defaultSettings, listing } from './app.ts'

export interface StreamServerOptions {
  readonly settings?: Partial<EdgeSettings>
  readonly accounts?: Accounts
  readonly commands?: readonly Command[]
}

/** An order of which only what matters is given. */
export type Draft = Partial<Omit<Place, 'type' | 'price' | 'quantity'>> & {
  price?: number
  quantity?: number
}

/** A listening server over an exchange in memory. */
export async function startStreams(
  t: { teardown(task: () => unknown): unknown },
  { settings, accounts, commands = listing('TESTEX', 'FOOBAR', 'BARFOO') }: StreamServerOptions = {},
) {
  const clock = createTestClock()
  const exchange = createExchange(new Shard({ log: new MemoryLog(), clock }))
  for (const command of commands) await exchange.submit(command, () => {})
  let beat = () => {}
  const hub = new Hub({
    every: (task) => {
      beat = task
      return () => {}
    },
  })
  const app = await buildApp({
    exchange,
    clock,
    hub,
    settings: { ...defaultSettings, ...settings },
    ...(accounts && { accounts }),
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const base = `${settings?.tls === undefined ? 'ws' : 'wss'}://127.0.0.1:${port}/ob/api/ws/`
  const clients: WebSocket[] = []
  const writes: { socket: Socket; bytes: Buffer | string }[] = []
  app.server.on(settings?.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    const { write } = socket
    socket.write = (...args: unknown[]) => {
      writes.push({ socket, bytes: args[0] as Buffer | string })
      return Reflect.apply(write, socket, args)
    }
  })
  t.teardown(async () => {
    for (const client of clients) client.terminate()
    await app.close()
    await exchange.close()
  })

  const view = (venue: string, id: number) =>
    toOrderView(exchange.venue(venue)?.order(id) as OrderRecord, 10_000)
  const place = (draft: Draft): Promise<OrderView> => {
    const { price = 5000, quantity = 10, ...rest } = draft
    clock.now += 1000
    const command: Place = {
      type: 'place',
      venue: 'TESTEX',
      symbol: 'FOOBAR',
      account: 'MAKER',
      side: 'sell',
      orderType: 'limit',
      timeInForce: 'gtc',
      autoCreate: true,
      price: ticks(price),
      quantity: lots(quantity),
      ...rest,
    }
    return exchange.submit(command, ({ events }) => {
      const [accepted] = events.filter((event) => event.type === 'order-accepted')
      if (accepted === undefined) throw new Error(JSON.stringify(events))
      return view(accepted.venue, accepted.orderId)
    })
  }
  return {
    app,
    port,
    exchange,
    hub,
    place,
    buy: (draft: Draft) => place({ account: 'TAKER', side: 'buy', ...draft }),
    cancel: (orderId: number, venue = 'TESTEX') =>
      exchange.submit({ type: 'cancel', venue, orderId }, ({ events }) => events),
    status: (id: number, venue = 'TESTEX') => view(venue, id),
    quote: (symbol = 'FOOBAR', venue = 'TESTEX'): QuoteView =>
      toQuoteView(exchange.venue(venue)?.instrument(symbol) as Instrument),
    /** Rings the heartbeat. */
    beat: () => beat(),
    /** Everything written to any socket, in order. */
    writes,
    connect: async <T>(path: string, options: ClientOptions = {}) => {
      const client = new Client<T>(`${base}${path}`, options)
      clients.push(client.socket)
      await client.opened
      return client
    },
    /** Why a websocket is refused. */
    refusal: async (path: string, options: ClientOptions = {}): Promise<Refused> => {
      const client = new Client(`${base}${path}`, options)
      clients.push(client.socket)
      try {
        await client.opened
      } catch (error) {
        if (error instanceof Refused) return error
        throw error
      }
      throw new Error(`${path} was accepted`)
    },
    tape: (suffix = '') => `EXB123456/venues/TESTEX/tickertape${suffix}`,
    executions: (account: string, suffix = '') => `${account}/venues/TESTEX/executions${suffix}`,
  }
}

export interface ClientOptions {
  readonly headers?: Record<string, string>
  readonly autoPong?: boolean
  /** The authority of the server's certificate. */
  readonly ca?: string
}

/** Why a handshake was refused. */
export class Refused extends Error {
  readonly status: number
  readonly body: ErrorView
  readonly headers: Record<string, unknown>

  constructor(status: number, headers: Record<string, unknown>, text: string) {
    super(`${status} ${text}`)
    this.status = status
    this.headers = headers
    this.body = JSON.parse(text)
  }
}

/** A websocket client that keeps what it is told. */
class Client<T> {
  readonly socket: WebSocket
  readonly opened: Promise<void>
  readonly closed: Promise<number>
  readonly messages: T[] = []
  readonly texts: string[] = []
  #marks = 0

  constructor(url: string, options: ClientOptions) {
    this.socket = new WebSocket(url, { ...options, perMessageDeflate: true })
    this.socket.on('message', (data, isBinary) => {
      if (isBinary) throw new Error('a binary message')
      const text = `${data}`
      this.texts.push(text)
      this.messages.push(JSON.parse(text))
    })
    this.closed = new Promise((resolve) => this.socket.once('close', resolve))
    this.opened = new Promise((resolve, reject) => {
      this.socket.once('open', resolve)
      this.socket.on('error', reject)
      this.socket.once('unexpected-response', (_request, response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => reject(new Refused(response.statusCode ?? 0, response.headers, text)))
      })
    })
  }

  /** Waits until there are as many messages. */
  async got(count: number): Promise<readonly T[]> {
    while (this.messages.length < count) {
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error(`closed after ${this.messages.length}`)
      await Promise.race([once(this.socket, 'message'), this.closed])
    }
    return this.messages
  }

  /** Waits until everything that was written before has come. */
  async sync(): Promise<void> {
    this.#marks += 1
    const mark = `sync ${this.#marks}`
    let listener = (_data: Buffer) => {}
    const answered = new Promise<void>((resolve) => {
      listener = (data) => {
        if (`${data}` === mark) resolve()
      }
      this.socket.on('pong', listener)
    })
    this.socket.ping(mark)
    const code = await Promise.race([answered, this.closed])
    this.socket.off('pong', listener)
    if (code !== undefined) throw new Error(`closed with ${code}`)
  }
}
