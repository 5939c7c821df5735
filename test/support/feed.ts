import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { ChangeOf, ChannelName, Failure, SnapshotOf, Success } from '../../schemas/feed.ts'

export type Answer = Success | Failure
export type ChannelMessage = {
  [Name in ChannelName]: SnapshotOf<Name> | ChangeOf<Name>
}[ChannelName]

/** A socket of the feed that keeps what it is told. */
export class FeedClient {
  readonly socket: WebSocket
  readonly closed: Promise<number>
  readonly opened: Promise<void>
  readonly messages: ChannelMessage[] = []
  readonly answers: Answer[] = []
  readonly others: { type: string }[] = []
  readonly texts: string[] = []
  /** Called for each message of a channel. */
  heard: (message: ChannelMessage) => void = () => {}
  readonly #awaited = new Map<number | string, (answer: Answer) => void>()
  #lastId = 0

  constructor(url: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url, { headers })
    this.socket.on('message', (data) => this.#take(`${data}`))
    this.closed = new Promise((resolve) => this.socket.once('close', resolve))
    this.opened = new Promise((resolve, reject) => {
      this.socket.once('open', resolve)
      this.socket.once('error', reject)
    })
  }

  /** Sends a request and waits for its answer. */
  async ask(op: string, fields: object = {}): Promise<Answer> {
    return this.request({ op, ...fields })
  }

  /** The same of an answer that has to be a success. */
  async done(op: string, fields: object = {}): Promise<Success> {
    const answer = await this.ask(op, fields)
    if (!answer.ok) throw new Error(JSON.stringify(answer))
    return answer
  }

  request(fields: object): Promise<Answer> {
    this.#lastId += 1
    const id = this.#lastId
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#awaited.set(id, resolve)
      void this.closed.then((code) => reject(new Error(`closed with ${code}`)))
    })
    this.socket.send(JSON.stringify({ id, ...fields }))
    return answer
  }

  /** Has everything that is sent in a function go out in one piece. */
  atOnce<T>(send: () => T): T {
    const { _socket: stream } = this.socket as unknown as { _socket: { cork(): void; uncork(): void } }
    stream.cork()
    try {
      return send()
    } finally {
      stream.uncork()
    }
  }

  subscribe(channel: ChannelName, fields: object = {}): Promise<Success> {
    return this.done('subscribe', { channel, venue: 'TESTEX', symbol: 'FOOBAR', ...fields })
  }

  /** Waits until there are as many messages of channels. */
  async got(count: number): Promise<readonly ChannelMessage[]> {
    while (this.messages.length < count) {
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error(`closed after ${this.messages.length}`)
      await Promise.race([once(this.socket, 'message'), this.closed])
    }
    return this.messages
  }

  /** Waits until everything that was written before has come. */
  async sync(): Promise<void> {
    await this.done('ping')
  }

  async close(): Promise<void> {
    this.socket.terminate()
    await this.closed
  }

  #take(text: string): void {
    this.texts.push(text)
    const message = JSON.parse(text)
    if (message.type === 'answer') {
      this.answers.push(message)
      this.#awaited.get(message.id)?.(message)
    } else if ('channel' in message) {
      this.messages.push(message)
      this.heard(message)
    } else {
      this.others.push(message)
    }
  }
}
