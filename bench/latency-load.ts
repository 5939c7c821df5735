import { connect, type Socket } from 'node:net'
import { mixedOrders, ordersPath } from './orders.ts'
import { answer, input } from './process.ts'
import { openStream } from './stream-socket.ts'
import { streams } from './streams.ts'

export interface LatencyInput {
  readonly port: number
  readonly perSecond: number
  readonly seconds: number
  readonly connections: number
  /** Sockets that read the changes of the book. */
  readonly readers: number
}
/** In milliseconds, from when an order was due to be sent. */
export interface LatencyResult {
  /** To the end of its answer. */
  readonly answers: Times
  /** To the change of the book that it made, at each of the readers. */
  readonly messages: Times | undefined
}
interface Times {
  readonly p50: number
  readonly p99: number
  readonly most: number
}

/** Orders of the first moments find a server that has not warmed up. */
const warmUpSeconds = 1

const { port, perSecond, seconds, connections, readers } = input<LatencyInput>()
const requests = mixedOrders().map((body) => {
  const json = JSON.stringify(body)
  return Buffer.from(
    `POST ${ordersPath} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`,
  )
})
const idle: Connection[] = []
/** When orders were due for which no connection was free. */
const late: number[] = []
const times: number[] = []
/** When each order was due, by its id. */
const dueOf: number[] = []
let sent = 0
let begin = 0

/** Sends one order at a time. */
class Connection {
  readonly #socket: Socket
  #due = 0
  #reply = ''

  constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (bytes) => this.#received(bytes))
    idle.push(this)
  }

  send(due: number): void {
    this.#due = due
    this.#socket.write(requests[sent % requests.length] as Buffer)
    sent += 1
  }

  #received(bytes: Buffer): void {
    this.#reply += bytes.toString('latin1')
    const head = this.#reply.indexOf('\r\n\r\n')
    const size = Number(/content-length: (\d+)/i.exec(this.#reply)?.[1])
    if (head < 0 || this.#reply.length < head + 4 + size) return
    const id = Number(/"id":(\d+)/.exec(this.#reply)?.[1])
    if (!this.#reply.startsWith('HTTP/1.1 200') || !(id > 0))
      throw new Error(`an order was answered with ${this.#reply}`)
    this.#reply = ''
    if (counts(this.#due)) times.push(performance.now() - this.#due)
    dueOf[id] = this.#due
    const next = late.shift()
    if (next === undefined) idle.push(this)
    else this.send(next)
  }
}

/**
 * When a reader has had which message. Each order changes the book once, and they are numbered alike: so the messages
 * need only be counted, but by the first reader, which looks at the numbers.
 */
class Reader {
  readonly at: number[] = []

  open(isFirst: boolean): Promise<void> {
    const { path, opening, createCheck } = streams.book
    const isNext = isFirst ? createCheck() : undefined
    return openStream({
      port,
      path,
      ...(opening && { opening }),
      ...(isNext && {
        inspect(text) {
          if (!isNext(text)) throw new Error(`a message is missing before ${text}`)
        },
      }),
      read: (_bytes, messages) => {
        const now = performance.now()
        for (let i = 0; i < messages; i += 1) this.at.push(now)
      },
    })
  }
}

await Promise.all(Array.from({ length: connections }, open))
const reading = Array.from({ length: readers }, () => new Reader())
await Promise.all(reading.map((reader, i) => reader.open(i === 0)))
begin = performance.now()
await sendAll()
const patience = performance.now() + 30_000
while (reading.some(({ at }) => at.length < sent) && performance.now() < patience)
  await new Promise((resolve) => setTimeout(resolve, 5))
answer({
  answers: summary(times),
  messages: readers === 0 ? undefined : summary(reading.flatMap(waits)),
} satisfies LatencyResult)
process.once('disconnect', () => process.exit())

/** How long each message took that counts. */
function waits({ at }: Reader): number[] {
  if (at.length !== sent) throw new Error(`${at.length} messages of ${sent} orders`)
  const taken: number[] = []
  for (const [i, time] of at.entries()) {
    const due = dueOf[i + 1] as number
    if (counts(due)) taken.push(time - due)
  }
  return taken
}

function counts(due: number): boolean {
  return due > begin + warmUpSeconds * 1000
}

function summary(values: readonly number[]): Times {
  const sorted = Float64Array.from(values).sort()
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] as number
  return { p50: at(0.5), p99: at(0.99), most: at(1) }
}

/** Sends each order when it is due; one that cannot be sent then still counts from then. */
async function sendAll(): Promise<void> {
  const count = perSecond * (seconds + warmUpSeconds)
  for (let due = 0; due < count; ) {
    const now = performance.now()
    for (; due < count && begin + (due * 1000) / perSecond <= now; due += 1) {
      const dueAt = begin + (due * 1000) / perSecond
      const connection = idle.pop()
      if (connection === undefined) late.push(dueAt)
      else connection.send(dueAt)
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  while (idle.length < connections) await new Promise((resolve) => setTimeout(resolve, 5))
}

function open(): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('error', reject)
    socket.once('connect', () => resolve(new Connection(socket)))
  })
}
