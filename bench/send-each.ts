import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { toQuoteView } from '../routes/views.ts'
import type { Event } from '../src/domain/event.ts'
import type { Door, Exchange } from '../src/port.ts'
import { symbol, venue } from './commands.ts'

/** The plain way to serve a tape: for each message and each socket one `send` of its JSON. */
export async function sendEach(follow: Exchange): Promise<number> {
  const sockets = new Set<WebSocket>()
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, backlog: 2048 })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  follow.attach(new SendEach(follow, sockets))
  await new Promise((resolve) => server.once('listening', resolve))
  return (server.address() as AddressInfo).port
}

class SendEach implements Door {
  readonly #exchange: Exchange
  readonly #sockets: ReadonlySet<WebSocket>
  #changed = false

  constructor(exchange: Exchange, sockets: ReadonlySet<WebSocket>) {
    this.#exchange = exchange
    this.#sockets = sockets
  }

  event(event: Event): void {
    if (event.type === 'order-rested' || event.type === 'trade') this.#changed = true
    if (event.type === 'order-closed' && event.resting) this.#changed = true
  }

  applied(): void {
    const instrument = this.#exchange.venue(venue)?.instrument(symbol)
    if (!this.#changed || instrument === undefined) return
    this.#changed = false
    const message = { ok: true, quote: toQuoteView(instrument) }
    for (const socket of this.#sockets) socket.send(JSON.stringify(message))
  }

  release(): void {}
}
