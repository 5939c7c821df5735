import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Event } from '../src/domain/event.ts'
import type { Exchange } from '../src/port.ts'

/** The plain way to serve the game's feed: for each message and each socket one `send` of its JSON. */
export async function gameSendEach(follow: Exchange): Promise<string> {
  const sockets = new Set<WebSocket>()
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, backlog: 2048 })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  follow.attach({
    event(event) {
      const message = messageOf(event)
      if (message === undefined) return
      for (const socket of sockets) socket.send(JSON.stringify(message))
    },
    applied() {},
    release() {},
  })
  await new Promise((resolve) => server.once('listening', resolve))
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function messageOf(event: Event): object | undefined {
  if (event.type === 'order-closed') return { type: 'cancel', message: `${event.orderId}`.padStart(64, '0') }
  if (event.type !== 'order-accepted') return undefined
  const { side, orderId, price, quantity, account } = event
  return {
    type: side,
    message: {
      ...{ timestamp: 1764000000.517, id: `${orderId}`.padStart(64, '0'), size: `${quantity / 1e10}` },
      ...{ price: `${price / 100}`, side, status: 'open', filled_size: '0.00', user: account },
    },
  }
}
