import type { Socket } from 'node:net'
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
    drained: () =>
      new Promise((resolve) => {
        // Nothing may be left of it when it is over: a connection can wait very often.
        const settle = (isDrained: boolean) => {
          clearTimeout(timer)
          stream.off('drain', onDrain)
          socket.off('close', onEnd)
          if (!isDrained) socket.terminate()
          resolve(isDrained)
        }
        const onDrain = () => settle(true)
        const onEnd = () => settle(false)
        const timer = setTimeout(onEnd, drainMs)
        timer.unref()
        stream.once('drain', onDrain)
        socket.once('close', onEnd)
      }),
    close(code, reason) {
      socket.resume()
      socket.close(code, reason)
      return gone
    },
  }
}
