import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { WebSocket } from 'ws'

/** The websocket of a client, as a session uses it. */
export interface Peer {
  readonly address: string
  /** Bytes that were sent and that the system has not taken yet. */
  readonly unsent: number
  send(text: string): void
  /** Stops and goes on reading. */
  pause(): void
  resume(): void
  /** Resolves when what was sent is taken, or never will be; says which. */
  drained(): Promise<boolean>
  /** Resolves when it is gone. */
  close(code: number, reason: string): Promise<void>
}

/** How long a client has to read what it was sent, before more is done for it. */
const drainMs = 30_000

export function toPeer(socket: WebSocket, stream: Socket): Peer {
  const gone = new Promise<void>((resolve) => {
    socket.once('close', () => resolve())
  })
  return {
    address: stream.remoteAddress ?? '',
    get unsent() {
      return stream.writableLength
    },
    send(text) {
      if (socket.readyState === socket.OPEN) socket.send(text)
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    async drained() {
      const drained = new Promise<boolean>((resolve) => stream.once('drain', () => resolve(true)))
      const tooLate = wait(drainMs, false, { ref: false })
      const isDrained = await Promise.race([drained, tooLate, gone.then(() => false)])
      if (!isDrained) socket.terminate()
      return isDrained
    },
    close(code, reason) {
      socket.resume()
      socket.close(code, reason)
      return gone
    },
  }
}
