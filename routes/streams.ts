import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { Problem, type ProblemKind } from '../schemas/errors.ts'
import { ExecutionMessage } from '../schemas/execution.ts'
import { AccountName, SymbolName, VenueName } from '../schemas/names.ts'
import { TapeMessage } from '../schemas/tape.ts'
import { formatTime } from '../schemas/time.ts'
import type { Applied, Event, Trade } from '../src/domain/event.ts'
import type { CloseReason } from '../src/domain/order.ts'
import type { ByteStream, WebSocketControl } from '../src/feeds/connection.ts'
import type { Feed } from '../src/feeds/feed.ts'
import type { Hub } from '../src/feeds/hub.ts'
import type { Door, Exchange, Instrument, OrderRecord } from '../src/port.ts'
import { findVenue } from './find.ts'
import { toOrderView, toQuoteView } from './views.ts'

export interface StreamsOptions {
  readonly exchange: Exchange
  readonly hub: Hub
  readonly settings: { readonly autoCreate: boolean; readonly openExecutions: boolean }
  /** Opens the websocket that a request asks for; false if it asks for none. */
  readonly accept: (request: FastifyRequest, opened: Opened) => boolean
}

type Opened = (socket: WebSocketControl, stream: ByteStream) => void

/** The websockets of executions and quotes. What clients send there is dropped unread. */
export const streams: FastifyPluginAsyncTypebox<StreamsOptions> = async (app, options) => {
  const { exchange, hub, settings, accept } = options
  const { keys } = app
  const door = new StreamDoor(exchange, hub)
  exchange.attach(door)
  keys.onChange(() => door.review())
  app.addHook('preClose', () => hub.close())
  app.addHook('onRequest', async ({ headers }) => {
    if (headers.upgrade === undefined) throw new Problem('upgrade_required')
  })

  /** Whether the executions of a venue are only for who may act as the account. */
  const isGuarded = (venue: string) =>
    (keys.on || keys.isReserved(venue)) &&
    !settings.openExecutions &&
    exchange.venue(venue)?.rules.openExecutions !== true
  const requireKey: typeof keys.required = (request, reply, done) => {
    const { venue } = request.params as { venue: string }
    if (isGuarded(venue)) keys.required(request, reply, done)
    else done()
  }
  const checkVenue = (venue: string) => {
    if (!settings.autoCreate) findVenue(exchange, venue)
  }
  const open = (request: FastifyRequest, reply: FastifyReply, opened: Opened) => {
    if (!accept(request, opened)) throw new Problem('upgrade_required')
    reply.hijack()
  }

  for (const { suffix, operation, what } of scopes) {
    app.route({
      method: 'GET',
      url: `/ws/:account/venues/:venue/executions${suffix}`,
      exposeHeadRoute: false,
      schema: {
        operationId: `${operation}Executions`,
        summary: `Websocket: fills of an account's orders ${what}`,
        description:
          'Each text frame is one message. A fill gives one to the account whose order was standing, then one to that whose order came in. None is ever skipped: a reader that leaves more than 8 MiB unread is closed with 1013. The key may also come in the query, as `api_key`. What is sent here is ignored.',
        tags: ['streams'],
        params: ExecutionsPath,
        response: { 101: ExecutionMessage },
        security: app.keySecurity,
      },
      config: { problems: ['key_required', 'wrong_key', ...refusals] },
      preValidation: requireKey,
      handler(request, reply) {
        const { account, venue } = request.params
        checkVenue(venue)
        const isKept = isGuarded(venue)
        if (isKept && !keys.mayActAs(request, account, venue)) throw new Problem('wrong_key')
        const key = keys.keyOf(request)
        const mayStay = isKept ? () => keys.allows(key, account, venue) : undefined
        open(request, reply, (socket, stream) =>
          door.listenToExecutions(request.params, stream, socket, mayStay),
        )
      },
    })
    app.route({
      method: 'GET',
      url: `/ws/:account/venues/:venue/tickertape${suffix}`,
      exposeHeadRoute: false,
      schema: {
        operationId: `${operation}Tape`,
        summary: `Websocket: quotes ${what}`,
        description:
          'Each text frame is one message: the quote after an order or a cancel that changed the book, once it was done with. A reader that leaves more than 1 MiB unread is given only the newest quote of each stock when it reads on. What is sent here is ignored.',
        tags: ['streams'],
        params: TapePath,
        response: { 101: TapeMessage },
      },
      config: { problems: refusals },
      handler(request, reply) {
        checkVenue(request.params.venue)
        open(request, reply, (socket, stream) => door.listenToTape(request.params, stream, socket))
      },
    })
  }
}

const scopes = [
  { suffix: '', operation: 'venue', what: 'in all stocks on a venue' },
  { suffix: '/stocks/:stock', operation: 'stock', what: 'in one stock' },
] as const

const refusals = ['bad_name', 'unknown_venue', 'upgrade_required'] as const satisfies ProblemKind[]

const ExecutionsPath = Type.Object({
  account: AccountName,
  venue: VenueName,
  stock: Type.Optional(SymbolName),
})
const TapePath = Type.Object({
  account: Type.String({ description: 'Anything: the tape is for everybody.' }),
  venue: VenueName,
  stock: Type.Optional(SymbolName),
})

const MiB = 1024 * 1024

/** The newest fills an execution message carries: the sum over a long sweep grows with their square. */
const fillsPerMessage = 100

/** Follows an exchange and tells its executions and its tape to those who listen. */
class StreamDoor implements Door {
  readonly #exchange: Exchange
  readonly #hub: Hub
  readonly #executions: Feed
  readonly #tape: Feed
  /** The books that the current command has changed. */
  readonly #changed = new Set<Instrument>()
  /** Venues that the batch has dropped. */
  readonly #gone = new Set<string>()
  /** The place of the current event among those of its command. */
  #index = 0

  constructor(exchange: Exchange, hub: Hub) {
    this.#exchange = exchange
    this.#hub = hub
    // A fill must not be skipped, so who cannot follow is sent away; a quote is made good by the next one.
    const whole = { slow: 'close', unsentLimit: 8 * MiB, briefBeyond: MiB } as const
    this.#executions = hub.add('executions', { ...whole, venueOf, isPrivate: true })
    this.#tape = hub.add('tape', { slow: 'conflate', unsentLimit: MiB, venueOf })
  }

  /** Sends a socket the fills of an account's orders on a venue, or only those in one stock. */
  listenToExecutions(
    { venue, stock, account }: { venue: string; stock?: string | undefined; account: string },
    stream: ByteStream,
    socket: WebSocketControl,
    mayStay?: () => boolean,
  ): void {
    this.#executions.listen(topic(venue, stock, account), stream, socket, mayStay)
  }

  /** Sends a socket the quotes of a venue, or only those of one stock. */
  listenToTape(
    { venue, stock }: { venue: string; stock?: string | undefined },
    stream: ByteStream,
    socket: WebSocketControl,
  ): void {
    this.#tape.listen(topic(venue, stock), stream, socket)
  }

  /** Closes the executions sockets that may not stay any more. */
  review(): void {
    this.#executions.review()
  }

  event(event: Event, applied: Applied): void {
    switch (event.type) {
      case 'trade':
        this.#bookChanged(event)
        if (!this.#executions.idle && !this.#hub.loses(event.venue, applied.sequence))
          this.#tellExecutions(event, applied)
        break
      case 'order-rested':
      case 'order-replaced':
        this.#bookChanged(event)
        break
      case 'order-reduced':
      case 'order-closed':
        if (event.resting) this.#bookChanged(event)
        break
      case 'venue-dropped':
        this.#gone.add(event.venue)
        break
      case 'noted':
      case 'order-accepted':
      case 'order-waiting':
      case 'order-repeated':
      case 'session-changed':
      case 'state-set':
      case 'venue-reset':
      case 'account-opened':
      case 'balance-changed':
      case 'reference-changed':
      case 'venue-created':
      case 'instrument-listed':
      case 'limits-set':
      case 'rejected':
        break
      default:
        event satisfies never
    }
    this.#index += 1
  }

  applied(): void {
    this.#index = 0
    if (this.#changed.size === 0) return
    for (const instrument of this.#changed) {
      const { venue, symbol } = instrument
      const encode = () => JSON.stringify({ ok: true, quote: toQuoteView(instrument) } satisfies TapeMessage)
      this.#tape.publish([topic(venue), topic(venue, symbol)], symbol, encode)
    }
    this.#changed.clear()
  }

  release(): void {
    this.#hub.release()
    for (const venue of this.#gone) this.#hub.cut(venue, 'The venue is gone')
    this.#gone.clear()
  }

  #bookChanged({ venue, symbol }: { venue: string; symbol: string }): void {
    if (this.#tape.idle) return
    this.#changed.add(this.#exchange.venue(venue)?.instrument(symbol) as Instrument)
  }

  /** To the maker's account first, then to the taker's: two messages even if it is the same one. */
  #tellExecutions(trade: Trade, applied: Applied): void {
    const venue = this.#exchange.venue(trade.venue)
    const maker = venue?.order(trade.makerId) as OrderRecord
    const taker = venue?.order(trade.takerId) as OrderRecord
    const ends = { maker: this.#endOf(trade.makerId, applied), taker: this.#endOf(trade.takerId, applied) }
    this.#tellExecution(trade, maker, ends, applied)
    this.#tellExecution(trade, taker, ends, applied)
  }

  #tellExecution(trade: Trade, order: OrderRecord, ends: Ends, applied: Applied): void {
    const { venue, symbol, account } = order
    this.#executions.publish(
      [topic(venue, undefined, account), topic(venue, symbol, account)],
      symbol,
      (brief) => JSON.stringify(toExecutionMessage(trade, order, ends, applied, brief ? 1 : fillsPerMessage)),
    )
  }

  /**
   * Why an order closes in the same command, if this was its last trade. Nothing will be sent about that, so the
   * message of the trade must not claim that the order is open. What the trade leaves open does not say it: a rest may
   * be canceled, and of an order that spends a budget nobody knows it.
   */
  #endOf(orderId: number, { events }: Applied): End {
    for (let i = this.#index + 1; i < events.length; i += 1) {
      const event = events[i] as Event
      if (event.type === 'trade' && (event.takerId === orderId || event.makerId === orderId)) return undefined
      if (event.type === 'order-closed' && event.orderId === orderId) return event.reason
    }
    return undefined
  }
}

/** Why an order closes with a trade; undefined when it does not. */
type End = CloseReason | undefined

interface Ends {
  readonly maker: End
  readonly taker: End
}

function toExecutionMessage(
  trade: Trade,
  order: OrderRecord,
  ends: Ends,
  { time }: Applied,
  mostFills: number,
): ExecutionMessage {
  const view = toOrderView(order, mostFills)
  const end = order.id === trade.makerId ? ends.maker : ends.taker
  return {
    ok: true,
    account: order.account,
    venue: trade.venue,
    symbol: trade.symbol,
    order: end === undefined ? view : { ...view, qty: 0, open: false },
    standingId: trade.makerId,
    incomingId: trade.takerId,
    price: trade.price,
    filled: trade.quantity,
    filledAt: formatTime(time),
    standingComplete: ends.maker === 'filled',
    incomingComplete: ends.taker === 'filled',
  }
}

/** A topic's name. A line break is in no name of any door, so no two topics share one. */
function topic(venue: string, symbol = '', account = ''): string {
  return `${venue}\n${symbol}\n${account}`
}

function venueOf(topic: string): string {
  return topic.slice(0, topic.indexOf('\n'))
}
