import type { Server } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'

/** How long requests have to be answered at a stop. */
const drainMs = 2000
/** How long after the last request idle connections are kept at a stop: another one may be on its way. */
const idleMs = 500

export interface Connections {
  /** Those on which requests come; one that became a websocket is none any more. */
  readonly requests: ReadonlySet<Socket>
  readonly all: ReadonlySet<Socket>
}

export function followConnections(server: Server, tls: boolean): Connections {
  const requests = new Set<Socket>()
  const all = new Set<Socket>()
  const follow = (set: Set<Socket>) => (socket: Socket) => {
    set.add(socket)
    socket.once('close', () => set.delete(socket))
  }
  server.on('connection', follow(all))
  server.on(tls ? 'secureConnection' : 'connection', follow(requests))
  server.on('upgrade', (_request, socket) => requests.delete(socket as Socket))
  return { requests, all }
}

/**
 * Accepts no more connections and waits until those that are open have been answered. Each answer says that its
 * connection ends. After a while idle connections are closed too, and in the end all.
 */
export async function drain(server: Server, connections: ReadonlySet<Socket>): Promise<void> {
  const start = performance.now()
  let lastRequest = start
  server.prependListener('request', (_request, response) => {
    lastRequest = performance.now()
    response.setHeader('Connection', 'close')
  })
  // As a plain server: one for HTTP would close idle connections at once, and lose what is just arriving on them.
  NetServer.prototype.close.call(server)
  while (connections.size > 0) {
    const now = performance.now()
    if (now - start >= drainMs) destroyAll(connections)
    else if (now - lastRequest >= idleMs) server.closeIdleConnections()
    await setTimeout(10)
  }
}

export function destroyAll(connections: ReadonlySet<Socket>): void {
  for (const socket of connections) socket.destroy()
}
