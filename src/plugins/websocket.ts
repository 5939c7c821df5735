import { type IncomingMessage, type Server, ServerResponse, STATUS_CODES } from 'node:http'
import { Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import { Problem } from '../../schemas/errors.ts'

export interface WebsocketOptions {
  /** What every websocket's path begins with, one of these; an upgrade anywhere else is refused. */
  readonly under: readonly string[]
  /** How long a peer has to take what is unsent and to answer a close frame. */
  readonly closeTimeoutMs?: number
}

/** Opens the websocket that a request asks for, or gives false if it asks for none. */
export type AcceptWebsocket = (
  request: FastifyRequest,
  opened: (socket: WebSocket, stream: Socket) => void,
) => boolean

/**
 * Lets routes accept websockets.
 *
 * An upgrade goes through Fastify as any request does, so hooks, schema and handler can refuse it with a plain JSON
 * reply before it is one. Nothing is hooked into requests that are no upgrades.
 */
export function acceptWebsockets(
  app: FastifyInstance,
  { under, closeTimeoutMs = 3000 }: WebsocketOptions,
): AcceptWebsocket {
  const heads = new WeakMap<IncomingMessage, { head: Buffer; response: ServerResponse }>()
  const options: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    // Requests of the feed are smaller; elsewhere what clients send is dropped unread.
    maxPayload: 64 * 1024,
    skipUTF8Validation: true,
    // Answered by hand, below.
    autoPong: false,
    closeTimeout: closeTimeoutMs,
  }
  const websockets = new WebSocketServer(options)
  websockets.on('wsClientError', (_error, socket) => refuse(socket, new Problem('bad_handshake')))

  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', destroy)
    const response = takeSocket(request)
    if (response === undefined) return
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      response.detachSocket(request.socket)
      socket.removeListener('error', destroy)
      serveWithoutUpgrade(app.server, request, socket, head)
      return
    }
    if (!under.some((start) => request.url?.startsWith(start) === true)) {
      response.detachSocket(request.socket)
      refuse(socket, new Problem('unknown_path'))
      return
    }
    response.on('finish', () => request.socket.destroySoon())
    heads.set(request, { head, response })
    app.routing(request, response)
  })

  return ({ raw }, opened) => {
    const upgrade = heads.get(raw)
    if (upgrade === undefined) return false
    upgrade.response.detachSocket(raw.socket)
    raw.socket.removeListener('error', destroy)
    websockets.handleUpgrade(raw, raw.socket, upgrade.head, (socket) => {
      // `ws` closes the socket itself; what went wrong with it is the peer's affair.
      socket.on('error', () => {})
      socket.on('ping', (data) => {
        if (raw.socket.writableLength <= pongLimit) socket.pong(data)
      })
      opened(socket, raw.socket)
    })
    return true
  }
}

/** Unsent bytes beyond which pings are not answered: a peer that reads nothing must not pile up pongs. */
const pongLimit = 1024 * 1024

/**
 * Makes the response to an upgrade, which Node leaves to us. The socket is still another one's if the request came
 * without waiting for the answer to the one before; no client does that, so such a connection is cut.
 */
function takeSocket(request: IncomingMessage): ServerResponse | undefined {
  const response = new ServerResponse(request)
  try {
    response.assignSocket(request.socket)
  } catch {
    request.socket.destroy()
    return undefined
  }
  response.shouldKeepAlive = false
  return response
}

function destroy(this: Duplex): void {
  this.destroy()
}

function refuse(socket: Duplex, problem: Problem): void {
  const body = JSON.stringify(problem.toView())
  socket.once('finish', () => socket.destroy())
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      'Connection: close',
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Sec-WebSocket-Version: 13, 8',
      '',
      body,
    ].join('\r\n'),
  )
}

/**
 * Serves a request that offers to speak something else than websocket as if it had not offered it, as HTTP allows.
 *
 * Node hands every request with an `Upgrade` header over as soon as anybody listens for upgrades, and Java's HttpClient
 * offers HTTP/2 in this way with the first request of each connection, orders included. By then Node has taken its
 * parser off the connection; so the request is put back in front of what was read, without the offer, and the
 * connection handed to the server as a new one.
 */
function serveWithoutUpgrade(
  server: Server | TlsServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  if (head.length > 0) socket.unshift(head)
  socket.unshift(Buffer.from(withoutOffer(request), 'latin1'))
  // Later, so that whoever else follows upgrades has seen this one before the connection comes anew.
  process.nextTick(() => server.emit(server instanceof TlsServer ? 'secureConnection' : 'connection', socket))
}

const offer = new Set(['connection', 'upgrade', 'http2-settings'])

function withoutOffer({ method, url, httpVersion, rawHeaders, headers }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (!offer.has(name.toLowerCase())) lines.push(`${name}: ${rawHeaders[i + 1]}`)
  }
  const connection = (headers.connection ?? '')
    .split(',')
    .filter((token) => !offer.has(token.trim().toLowerCase()))
  if (connection.length > 0) lines.push(`Connection: ${connection.join(',')}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
