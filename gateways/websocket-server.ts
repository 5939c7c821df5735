import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import { type AddressInfo, isIP, type Socket } from 'node:net'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'

/** The longest message that is read; after a longer one the connection is closed with 1009. */
const longestMessage = 1024 * 1024
const maxConnections = 10_000
/** How long a peer has to send its request to upgrade, and to answer a close frame. */
const headersTimeoutMs = 10_000
const closeTimeoutMs = 3000
/** How long a connection is silent before TCP looks whether the peer is still there. */
const keepAliveMs = 60_000
/** Unsent bytes beyond which pings are not answered. */
const pongLimit = 1024 * 1024

/** A port of a door that speaks websocket. */
export interface WebsocketServer {
  readonly url: string
  /** Takes no more connections; resolves when the last one is gone. */
  close(): Promise<void>
  /** Cuts every connection that is still there. */
  terminate(): void
}

export interface ListenOptions {
  /** For error messages: whose port it is, and which. */
  readonly door: string
  readonly name: string
  readonly bind: string
  readonly port: number
  /** Certificate chain and key; the port then speaks TLS only. */
  readonly pem: string | undefined
  /** Answers requests that are no upgrade; without it they are told that this port speaks websocket. */
  readonly onRequest?: RequestListener
  /** Whether there is a websocket at a path; without it there is one at each. */
  readonly hasPath?: (path: string) => boolean
}

export type OnConnection = (socket: WebSocket, stream: Socket, path: string) => void

/** Listens on a port. Rejects with one line that says why it cannot. */
export async function listen(options: ListenOptions, onConnection: OnConnection): Promise<WebsocketServer> {
  const { door, name, bind, port, pem } = options
  const server = createHttpServer(options)
  server.headersTimeout = headersTimeoutMs
  server.maxConnections = maxConnections
  acceptWebsockets(server, options, onConnection)
  // Those too that have not said yet what they want, and that the server forgets when they become websockets.
  const streams = new Set<Socket>()
  server.on('connection', (stream: Socket) => {
    streams.add(stream)
    stream.once('close', () => streams.delete(stream))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Error(`${door} cannot listen on ${bind}:${port} (${name}): ${error.message}`)),
    )
    server.listen(port, bind, resolve)
  })
  const { address, port: actual } = server.address() as AddressInfo
  const host = isIP(address) === 6 ? `[${address}]` : address
  return {
    url: `${pem === undefined ? 'ws' : 'wss'}://${host}:${actual}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
    terminate() {
      for (const stream of streams) stream.destroy()
    },
  }
}

function createHttpServer({ door, pem, onRequest = refusePlain }: ListenOptions): Server | TlsServer {
  if (pem === undefined) return createServer(onRequest)
  try {
    // Node takes an empty text for none at all.
    if (pem.trim() === '') throw new Error('it is empty')
    return createTlsServer({ cert: pem, key: pem }, onRequest)
  } catch (error) {
    throw new Error(
      `the PEM file of ${door} must hold a certificate chain and its key: ${(error as Error).message}`,
    )
  }
}

/** Says to a browser or a curl what is spoken here. */
const refusePlain: RequestListener = (_request, response) => {
  response.writeHead(426, { Connection: 'close', 'Content-Type': 'text/plain', Upgrade: 'websocket' })
  response.end('This port speaks websocket.\n')
}

function acceptWebsockets(
  server: Server | TlsServer,
  { bind, pem, hasPath }: ListenOptions,
  onConnection: OnConnection,
): void {
  const isTls = pem !== undefined
  const options: ServerOptions & { closeTimeout: number } = {
    server,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: longestMessage,
    // Answered by hand, below.
    autoPong: false,
    closeTimeout: closeTimeoutMs,
    verifyClient: ({ req }, answer) => {
      if (hasPath?.(pathOf(req)) === false) answer(false, 404, 'Not Found')
      else if (isOwnPage(req, { isTls, isLoopback: isLoopback(bind) })) answer(true)
      else answer(false, 403, 'Forbidden')
    },
  }
  const websockets = new WebSocketServer(options)
  // It repeats what goes wrong with the server, which `listen` hears from the server itself.
  websockets.on('error', () => {})
  websockets.on('connection', (socket, request) => {
    const stream = request.socket
    stream.setNoDelay(true)
    stream.setKeepAlive(true, keepAliveMs)
    // `ws` closes the socket itself; what went wrong with it is the peer's affair.
    socket.on('error', () => {})
    socket.on('ping', (data) => {
      if (stream.writableLength <= pongLimit) socket.pong(data)
    })
    onConnection(socket, stream, pathOf(request))
  })
}

/** The path that a request is for, without what follows a question mark. */
function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? url
}

/**
 * Whether a request comes from no page at all, as those of bots do, or from one of this server.
 *
 * A browser says which page asks. A page can also have its own name point at this machine, and is then of the same
 * origin; so where nobody but this machine can reach us, the name has to be one of this machine's own.
 */
function isOwnPage(
  { headers }: IncomingMessage,
  { isTls, isLoopback: isLocal }: { isTls: boolean; isLoopback: boolean },
): boolean {
  const { origin, host = '' } = headers
  if (origin === undefined) return true
  const own = `${isTls ? 'https' : 'http'}://${host}`.toLowerCase()
  return origin.toLowerCase() === own && (!isLocal || isLoopback(nameOf(host)))
}

/** The name in a `Host` header, without its port. */
function nameOf(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}
