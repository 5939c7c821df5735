import { WebSocket } from 'ws'
import type { GameServerReady } from './game-server.ts'
import { answer, input } from './process.ts'
import { openStream } from './stream-socket.ts'

export interface GameLoadInput extends GameServerReady {
  readonly players: number
  /** Readers of the feed. */
  readonly subscribers: number
  readonly seconds: number
}
export interface GameLoadResult {
  readonly commands: number
  /** Feed messages that these commands gave. */
  readonly messages: number
  /** What readers did not get of them. */
  readonly missing: number
  readonly seconds: number
}

/** Messages sent ahead of what has been read: far below what a server may hold for a slow reader. */
const window = 512

const { commandUrl, feedUrl, players, subscribers, seconds } = input<GameLoadInput>()
let commands = 0
let received = 0
let sending = false
const waiting: Player[] = []

/** Places an order far from the price, takes it back, and so on; each time when the reply is there. */
class Player {
  readonly #socket: WebSocket
  #order: string | undefined

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data) => this.#replied(JSON.parse(String(data))))
  }

  next(): void {
    if (!sending) return
    if (subscribers > 0 && commands - received / subscribers >= window) {
      waiting.push(this)
      return
    }
    commands += 1
    this.#socket.send(
      this.#order === undefined
        ? '{"cmd":"buy","params":{"price":"500.00","size":"0.01"}}'
        : `{"cmd":"cancel","params":{"order_id":"${this.#order}"}}`,
    )
  }

  #replied({
    status,
    message,
    data,
  }: {
    status: boolean
    message: string
    data: { id: string } | null
  }): void {
    if (!status) throw new Error(message)
    this.#order = data?.id
    this.next()
  }
}

const sockets = await Promise.all(Array.from({ length: players }, (_, i) => register(i)))
// Orders on both sides that stay hold the middle where it is.
await ask(sockets[0], { cmd: 'buy', params: { price: '500.00', size: '0.01' } })
await ask(sockets[0], { cmd: 'sell', params: { price: '1500.00', size: '0.01' } })
for (let i = 0; i < subscribers; i += 1) await subscribe()
process.once('message', () => void play())
answer('ready')

async function play(): Promise<void> {
  received = 0
  const start = performance.now()
  sending = true
  for (const socket of sockets) new Player(socket).next()
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  sending = false
  const patience = performance.now() + 30_000
  while (received < commands * subscribers && performance.now() < patience) {
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const took = (performance.now() - start) / 1000
  const missing = commands * subscribers - received
  answer({ commands, messages: commands, missing, seconds: took } satisfies GameLoadResult)
}

async function register(number: number): Promise<WebSocket> {
  const socket = new WebSocket(commandUrl, { perMessageDeflate: false, rejectUnauthorized: false })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  await ask(socket, { cmd: 'register', params: { username: `player${number}` } })
  return socket
}

async function ask(socket: WebSocket | undefined, request: object): Promise<void> {
  socket?.send(JSON.stringify(request))
  await new Promise((resolve) => socket?.once('message', resolve))
}

/** Counts what a reader of the feed is sent. */
function subscribe(): Promise<void> {
  const { hostname, port } = new URL(feedUrl)
  return openStream({
    host: hostname,
    port: Number(port),
    path: '/',
    read(_bytes, messages) {
      received += messages
      while (waiting.length > 0 && commands - received / subscribers < window) waiting.pop()?.next()
    },
  })
}
