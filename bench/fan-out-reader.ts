import { connect, type Socket } from 'node:net'
import { crc32 } from 'node:zlib'
import type { FanOutServerReady } from './fan-out-server.ts'
import { ordersPath } from './orders.ts'
import { answer, input } from './process.ts'
import { openStream } from './stream-socket.ts'
import { type StreamName, streams } from './streams.ts'

export interface FanOutReaderInput extends FanOutServerReady {
  readonly stream: StreamName
  readonly subscribers: number
  readonly connections: number
  readonly seconds: number
}
export interface FanOutReaderResult {
  readonly messages: number
  readonly seconds: number
  /** Subscribers that did not get the same bytes as the first one, message for message. */
  readonly astray: number
  /** Messages that the first one missed, or got twice or out of order. */
  readonly disorder: number
}

/** Messages sent ahead of what has been read: far below what a server may hold for a slow reader. */
const window = 512

const { stream, subscribers, connections, seconds, ordersPort, streamPort } = input<FanOutReaderInput>()
const { path, opening, orders, createCheck } = streams[stream]
const requests = orders().map((body) => {
  const json = JSON.stringify(body)
  return Buffer.from(
    `POST ${ordersPath} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`,
  )
})

let sent = 0
let received = 0
let sending = false
let disorder = 0
const waiting: Socket[] = []
const counts: number[] = []
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
  const astray = counts.filter((count, i) => count !== sent || checks[i] !== checks[0]).length
  answer({ messages: sent, seconds: took, astray, disorder } satisfies FanOutReaderResult)
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
    const socket: Socket = connect({ host: '127.0.0.1', port: ordersPort, noDelay: true })
    socket.on('data', (bytes) => {
      reply += bytes.toString('latin1')
      const head = reply.indexOf('\r\n\r\n')
      const size = Number(/content-length: (\d+)/i.exec(reply)?.[1])
      if (head < 0 || reply.length < head + 4 + size) return
      if (!reply.startsWith('HTTP/1.1 200')) throw new Error(`an order was answered with ${reply}`)
      reply = ''
      post(socket)
    })
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
}

function subscribe(index: number): Promise<void> {
  counts.push(0)
  checks.push(0)
  const isNext = index === 0 ? createCheck() : undefined
  return openStream({
    port: streamPort,
    path,
    ...(opening && { opening }),
    ...(isNext && {
      inspect(text) {
        if (!isNext(text)) disorder += 1
      },
    }),
    read(bytes, messages) {
      counts[index] = (counts[index] as number) + messages
      checks[index] = crc32(bytes, checks[index])
      received += messages
      while (waiting.length > 0 && sent - received / subscribers < window) post(waiting.pop() as Socket)
    },
  })
}
