import { connect, type Socket } from 'node:net'
import { mixedOrders, ordersPath } from './orders.ts'
import { answer, input } from './process.ts'

export interface LatencyInput {
  readonly port: number
  readonly perSecond: number
  readonly seconds: number
  readonly connections: number
}
/** In milliseconds, from when an order was due to be sent to the end of its answer. */
export interface LatencyResult {
  readonly p50: number
  readonly p99: number
  readonly most: number
}

/** Orders of the first moments find a server that has not warmed up. */
const warmUpSeconds = 1

const { port, perSecond, seconds, connections } = input<LatencyInput>()
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

  close(): void {
    this.#socket.destroy()
  }

  #received(bytes: Buffer): void {
    this.#reply += bytes.toString('latin1')
    const head = this.#reply.indexOf('\r\n\r\n')
    const size = Number(/content-length: (\d+)/i.exec(this.#reply)?.[1])
    if (head < 0 || this.#reply.length < head + 4 + size) return
    if (!this.#reply.startsWith('HTTP/1.1 200')) throw new Error(`an order was answered with ${this.#reply}`)
    this.#reply = ''
    if (this.#due > begin + warmUpSeconds * 1000) times.push(performance.now() - this.#due)
    const next = late.shift()
    if (next === undefined) idle.push(this)
    else this.send(next)
  }
}

const all = await Promise.all(Array.from({ length: connections }, open))
begin = performance.now()
await sendAll()
times.sort((a, b) => a - b)
const at = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))] as number
answer({ p50: at(0.5), p99: at(0.99), most: at(1) } satisfies LatencyResult)
for (const connection of all) connection.close()

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
