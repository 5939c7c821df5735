import { connect, type Socket } from 'node:net'
import { crc32 } from 'node:zlib'
import { FrameReader } from './frames.ts'
import { ordersPath, restingOrders } from './orders.ts'
import { answer, input } from './process.ts'
import type { TapeServerReady } from './tape-server.ts'

export interface TapeReaderInput extends TapeServerReady {
  readonly subscribers: number
  readonly connections: number
  readonly seconds: number
}
export interface TapeReaderResult {
  readonly messages: number
  readonly seconds: number
  /** Subscribers that did not get the same bytes as the first one, message for message. */
  readonly astray: number
  /** Messages that the first one missed, or got twice or out of order. */
  readonly disorder: number
}

/** Messages sent ahead of what has been read: far below what a server may hold for a slow reader. */
const window = 512

const { subscribers, connections, seconds, ordersPort, tapePort, tapePath } = input<TapeReaderInput>()
// One buffer for all: what is in it is looked at before the next read.
const shared = Buffer.alloc(256 * 1024)
const requests = restingOrders().map((body) => {
  const json = JSON.stringify(body)
  return Buffer.from(
    `POST ${ordersPath} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`,
  )
})

let sent = 0
let received = 0
let sending = false
let depth = 0
let disorder = 0
const waiting: Socket[] = []
const readers: FrameReader[] = []
const checks: number[] = []

for (let i = 0; i < subscribers; i += 1) await subscribe(i)
const senders = await Promise.all(Array.from({ length: connections }, openSender))
process.once('message', () => void flow())
answer('ready')

async function flow(): Promise<void> {
  const start = performance.now()
  sending = true
  for (const sender of senders) post(sender)
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  sending = false
  const patience = performance.now() + 30_000
  while (received < sent * subscribers && performance.now() < patience) {
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const took = (performance.now() - start) / 1000
  const astray = readers.filter((reader, i) => reader.messages !== sent || checks[i] !== checks[0]).length
  answer({ messages: sent, seconds: took, astray, disorder } satisfies TapeReaderResult)
}

function post(sender: Socket): void {
  if (!sending) return
  if (sent - received / subscribers >= window) {
    waiting.push(sender)
    return
  }
  sender.write(requests[sent % requests.length] as Buffer)
  sent += 1
}

function openSender(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    let reply = ''
    const socket: Socket = connect({
      host: '127.0.0.1',
      port: ordersPort,
      noDelay: true,
      onread: {
        buffer: shared,
        callback: (length, bytes) => {
          reply += Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1')
          const head = reply.indexOf('\r\n\r\n')
          const size = Number(/content-length: (\d+)/i.exec(reply)?.[1])
          if (head < 0 || reply.length < head + 4 + size) return true
          if (!reply.startsWith('HTTP/1.1 200')) throw new Error(`an order was answered with ${reply}`)
          reply = ''
          post(socket)
          return true
        },
      },
    })
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
}

/** Opens a websocket by hand: all there is to do with what comes is to count it and to compare it. */
function subscribe(index: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let open = false
    const reader = new FrameReader(index === 0 ? inspect : undefined)
    readers.push(reader)
    checks.push(0)
    const socket = connect({
      host: '127.0.0.1',
      port: tapePort,
      onread: {
        buffer: shared,
        callback: (length, buffer) => {
          let bytes = Buffer.from(buffer.buffer, buffer.byteOffset, length)
          if (!open) {
            const head = bytes.indexOf('\r\n\r\n')
            if (head < 0 || !bytes.toString('latin1', 0, 12).startsWith('HTTP/1.1 101'))
              throw new Error(`no websocket: ${bytes.toString('latin1', 0, 200)}`)
            open = true
            bytes = bytes.subarray(head + 4)
            resolve()
          }
          const before = reader.messages
          reader.read(bytes)
          checks[index] = crc32(bytes, checks[index])
          received += reader.messages - before
          while (waiting.length > 0 && sent - received / subscribers < window) post(waiting.pop() as Socket)
          return true
        },
      },
    })
    socket.once('error', reject)
    socket.write(
      `GET ${tapePath} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    )
  })
}

/** Each order makes the bids deeper by one lot, so the depth counts the messages. */
function inspect(text: string): void {
  const { quote } = JSON.parse(text) as { quote: { bidDepth: number } }
  if (quote.bidDepth !== depth + 1) disorder += 1
  depth = quote.bidDepth
}
