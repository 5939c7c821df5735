import type { Applied, Event } from '../../src/domain/event.ts'
import { type ByteStream, OPEN, type WebSocketControl } from '../../src/feeds/connection.ts'
import { textFrame } from '../../src/feeds/frame.ts'
import type { Door } from '../../src/port.ts'
import { type Context, secondsOf, venueOf } from './context.ts'
import type { Market } from './market.ts'
import { bookView, tickersView } from './market-data.ts'
import type { Every } from './session.ts'

/** Milliseconds between two books of a market, and between two of all tickers. */
const booksEveryMs = 100
const tickersEveryMs = 1000
/** Seconds of silence after which a client should ask for a sign of life. */
const activityTimeout = 120
/** Channels that one connection may listen to. */
const mostChannels = 200
/** Unsent bytes beyond which a reader gets no books, and beyond which it is let go. */
const unsentLimit = 1024 * 1024
const slowLimit = 4 * 1024 * 1024
const tickersChannel = 'market-global'
const tryAgainLater = 1013
const goingAway = 1001

/** What is told on a channel: `update`, `trades` or `tickers`. */
type Subject = 'book' | 'trades' | 'tickers'

interface Channel {
  readonly name: string
  readonly subject: Subject
  /** Undefined where it is about all markets. */
  readonly market: Market | undefined
  readonly readers: Set<Reader>
}

/** A connection that listens. */
interface Reader {
  readonly stream: ByteStream
  readonly socket: WebSocketControl
  readonly channels: Set<Channel>
}

/**
 * The old feed in the Pusher protocol, version 7: what was asked for, whole books at most ten times a second, every
 * trade, and all tickers once a second when one of them changed. A message is encoded once, however many listen.
 */
export class PusherFeed implements Door {
  readonly #context: Context
  readonly #channels: ReadonlyMap<string, Channel>
  readonly #byMarket: ReadonlyMap<string, { readonly book: Channel; readonly trades: Channel }>
  readonly #tickers: Channel = channel(tickersChannel, 'tickers')
  readonly #readers = new Set<Reader>()
  /** Books, and markets whose tickers, changed since they were told. */
  readonly #changed = new Set<Channel>()
  #areTickersOld = false
  /** Trades of the batch, by market. */
  readonly #trades = new Map<Channel, object[]>()
  readonly #ends: readonly (() => void)[]
  #connections = 0

  constructor(context: Context, every: Every) {
    this.#context = context
    this.#byMarket = new Map(
      [...context.markets.values()].map((market) => [
        market.symbol,
        {
          book: channel(`market-${market.id}-global`, 'book', market),
          trades: channel(`market-${market.id}-trade-global`, 'trades', market),
        },
      ]),
    )
    const all = [...this.#byMarket.values()].flatMap(({ book, trades }) => [book, trades])
    this.#channels = new Map([this.#tickers, ...all].map((one) => [one.name, one]))
    this.#ends = [
      context.exchange.attach(this),
      every(booksEveryMs, () => this.#tellBooks()),
      every(tickersEveryMs, () => this.#tellTickers()),
    ]
  }

  /** Takes a connection; calling what is returned gives it a message. */
  open(stream: ByteStream, socket: WebSocketControl): (text: string) => void {
    const reader: Reader = { stream, socket, channels: new Set() }
    this.#readers.add(reader)
    socket.on('close', () => {
      this.#readers.delete(reader)
      for (const { readers } of reader.channels) readers.delete(reader)
    })
    this.#connections += 1
    const data = { socket_id: `${process.pid}.${this.#connections}`, activity_timeout: activityTimeout }
    send(reader, frameOf({ event: 'pusher:connection_established', data: JSON.stringify(data) }))
    return (text) => this.#take(reader, text)
  }

  event(event: Event, { time }: Applied): void {
    if (!('venue' in event) || event.venue !== this.#context.settings.venue || !('symbol' in event)) return
    const channels = this.#byMarket.get(event.symbol)
    if (channels === undefined) return
    if (channels.book.readers.size > 0) this.#changed.add(channels.book)
    this.#areTickersOld = true
    if (event.type !== 'trade' || channels.trades.readers.size === 0) return
    const { tradeId: tid, price, quantity, takerId } = event
    const market = channels.trades.market as Market
    const side = venueOf(this.#context).order(takerId)?.side
    const trade = {
      tid,
      type: side,
      date: secondsOf(time),
      price: market.price(price),
      amount: market.volume(quantity),
    }
    const trades = this.#trades.get(channels.trades)
    if (trades === undefined) this.#trades.set(channels.trades, [trade])
    else trades.push(trade)
  }

  applied(): void {}

  release(): void {
    for (const [channel, trades] of this.#trades) tell(channel, frameOfChannel(channel, { trades }))
    this.#trades.clear()
  }

  /** Lets everybody go. */
  close(): void {
    for (const end of this.#ends) end()
    for (const { socket } of this.#readers) socket.close(goingAway, 'The server is stopping')
  }

  #tellBooks(): void {
    for (const channel of this.#changed) {
      if (channel.readers.size > 0) tell(channel, this.#bookFrame(channel))
    }
    this.#changed.clear()
  }

  #tellTickers(): void {
    if (!this.#areTickersOld || this.#tickers.readers.size === 0) return
    this.#areTickersOld = false
    tell(this.#tickers, this.#tickersFrame())
  }

  #bookFrame(channel: Channel): Buffer {
    return frameOfChannel(channel, bookView(this.#context, { market: channel.market?.id }))
  }

  #tickersFrame(): Buffer {
    return frameOfChannel(this.#tickers, tickersView(this.#context, {}))
  }

  #take(reader: Reader, text: string): void {
    const message = parse(text)
    switch (message?.event) {
      case 'pusher:ping':
        send(reader, frameOf({ event: 'pusher:pong', data: {} }))
        return
      case 'pusher:subscribe':
        this.#subscribe(reader, message.data?.channel)
        return
      case 'pusher:unsubscribe': {
        const channel = this.#channels.get(`${message.data?.channel}`)
        channel?.readers.delete(reader)
        if (channel !== undefined) reader.channels.delete(channel)
        return
      }
      // Events of clients go nowhere here, as at the old server.
      default:
        if (message === undefined) refuse(reader, 'The message is no JSON object with an event')
    }
  }

  #subscribe(reader: Reader, name: unknown): void {
    const channel = typeof name === 'string' ? this.#channels.get(name) : undefined
    if (channel === undefined) {
      refuse(reader, `There is no channel ${JSON.stringify(name)}`)
      return
    }
    if (reader.channels.size >= mostChannels) {
      refuse(reader, `A connection may listen to ${mostChannels} channels`)
      return
    }
    reader.channels.add(channel)
    channel.readers.add(reader)
    send(reader, frameOf({ event: 'pusher_internal:subscription_succeeded', channel: name, data: '{}' }))
    if (channel.subject === 'book') send(reader, this.#bookFrame(channel))
    if (channel.subject === 'tickers') send(reader, this.#tickersFrame())
  }
}

const eventOf: Readonly<Record<Subject, string>> = { book: 'update', trades: 'trades', tickers: 'tickers' }

function channel(name: string, subject: Subject, market?: Market): Channel {
  return { name, subject, market, readers: new Set() }
}

/** The inner data is a text. */
function frameOfChannel({ name, subject }: Channel, data: object): Buffer {
  return frameOf({ event: eventOf[subject], channel: name, data: JSON.stringify(data) })
}

function frameOf(message: object): Buffer {
  return textFrame(JSON.stringify(message))
}

/** Writes a frame to everybody who listens. Who is behind waits for a newer book; who is far behind is let go. */
function tell({ subject, readers }: Channel, frame: Buffer): void {
  for (const reader of readers) {
    const unsent = reader.stream.writableLength
    if (unsent > slowLimit) reader.socket.close(tryAgainLater, 'The reader is too slow')
    else if (unsent <= unsentLimit || subject === 'trades') send(reader, frame)
  }
}

/** What stands in a frame goes to the stream below `ws`, which itself sends only whole frames. */
function send({ socket, stream }: Reader, frame: Buffer): void {
  if (socket.readyState === OPEN) stream.write(frame)
}

function refuse(reader: Reader, message: string): void {
  send(reader, frameOf({ event: 'pusher:error', data: { code: null, message } }))
}

function parse(text: string): { event?: unknown; data?: { channel?: unknown } } | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('event' in value)) return undefined
    return value
  } catch {
    return undefined
  }
}
