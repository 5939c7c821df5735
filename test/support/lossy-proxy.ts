import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'

/** A websocket server before the real one: it hands everything on, but for what it is told to lose or to change. */
export interface LossyProxy {
  readonly url: string
  /** What becomes of a message of the server: handed on as it is given back, and not at all when that is undefined. */
  toClient: (text: string) => string | undefined
  toServer: (text: string) => string | undefined
  /** How many sockets were opened. */
  readonly opened: number
  /** Cuts all connections. */
  cut(): void
}

export async function startLossyProxy(
  t: { teardown(task: () => unknown): unknown },
  /** Where the real one is; undefined while there is none. */
  target: () => string | undefined,
): Promise<LossyProxy> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  let opened = 0
  const cut = () => {
    for (const socket of server.clients) socket.terminate()
  }
  t.teardown(() => {
    cut()
    server.close()
  })
  const proxy: LossyProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    toClient: (text) => text,
    toServer: (text) => text,
    get opened() {
      return opened
    },
    cut,
  }
  server.on('connection', (near, { url = '' }) => {
    opened += 1
    const to = target()
    if (to === undefined) {
      near.terminate()
      return
    }
    const far = new WebSocket(to.replace(/^http/, 'ws') + url)
    const early: string[] = []
    const send = (text: string) => {
      const kept = proxy.toServer(text)
      if (kept !== undefined) far.send(kept)
    }
    far.on('open', () => {
      for (const text of early.splice(0)) send(text)
    })
    near.on('message', (data) => {
      if (far.readyState === WebSocket.OPEN) send(`${data}`)
      else early.push(`${data}`)
    })
    far.on('message', (data) => {
      const kept = proxy.toClient(`${data}`)
      if (kept !== undefined) near.send(kept)
    })
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.on('error', () => {})
      socket.on('close', () => other.terminate())
    }
  })
  return proxy
}
