import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { createBookSource } from '../gateways/feed/sources/book.ts'
import { toQuoteView } from '../routes/views.ts'
import type { Event } from '../src/domain/event.ts'
import type { Door, Exchange, Instrument } from '../src/port.ts'
import { symbol, venue } from './commands.ts'
import { type StreamName, streams } from './streams.ts'

/** The plain way to serve a stream: for each message and each socket one `send` of its JSON. */
export async function sendEach(follow: Exchange, stream: StreamName): Promise<number> {
  const sockets = new Set<WebSocket>()
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, backlog: 2048 })
  const { opening } = streams[stream]
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    for (let i = 0; i < (opening?.answers ?? 0); i += 1) socket.send('{}')
  })
  follow.attach(new SendEach(follow, sockets, createMessage[stream]))
  await new Promise((resolve) => server.once('listening', resolve))
  return (server.address() as AddressInfo).port
}

/** For each stream: how the message about a change is made. */
const createMessage: Readonly<Record<StreamName, (instrument: Instrument) => () => object>> = {
  tape: (instrument) => () => ({ ok: true, quote: toQuoteView(instrument) }),
  book(instrument) {
    const source = createBookSource(instrument, 'book')
    let told = 0
    return () => {
      const message = JSON.parse(source.next(told))
      told = source.number
      return message
    }
  },
}

class SendEach implements Door {
  readonly #exchange: Exchange
  readonly #sockets: ReadonlySet<WebSocket>
  readonly #createMessage: (instrument: Instrument) => () => object
  #message: (() => object) | undefined
  #changed = false

  constructor(
    exchange: Exchange,
    sockets: ReadonlySet<WebSocket>,
    createMessage: (instrument: Instrument) => () => object,
  ) {
    this.#exchange = exchange
    this.#sockets = sockets
    this.#createMessage = createMessage
  }

  event(event: Event): void {
    if (event.type === 'order-rested' || event.type === 'trade') this.#changed = true
    if (event.type === 'order-closed' && event.resting) this.#changed = true
  }

  applied(): void {
    const instrument = this.#exchange.venue(venue)?.instrument(symbol)
    if (!this.#changed || instrument === undefined) return
    this.#changed = false
    this.#message ??= this.#createMessage(instrument)
    const message = this.#message()
    for (const socket of this.#sockets) socket.send(JSON.stringify(message))
  }

  release(): void {}
}
