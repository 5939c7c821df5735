/** What is needed of the websocket for it. */
interface Pingable {
  ping(): void
  terminate(): void
  on(event: 'pong', listener: () => void): unknown
}

/** Pings without an answer after which a peer counts as gone. */
const missedPongsAllowed = 2

/** Whether a peer is still there: asks for signs of life, and gives it up when it owes too many. */
export class Pulse {
  readonly #socket: Pingable
  #unanswered = 0

  constructor(socket: Pingable) {
    this.#socket = socket
    socket.on('pong', () => {
      this.#unanswered = 0
    })
  }

  /** Call it for open sockets only. False when the peer was given up. */
  beat(): boolean {
    if (this.#unanswered >= missedPongsAllowed) {
      this.#socket.terminate()
      return false
    }
    this.#unanswered += 1
    this.#socket.ping()
    return true
  }
}
