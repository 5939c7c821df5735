import { connect } from 'node:net'
import { FrameReader } from './frames.ts'

export interface StreamSocketOptions {
  readonly port: number
  /** A message to send first, and how many the server sends before the stream itself begins. */
  readonly opening?: { readonly text: string; readonly answers: number }
  readonly host?: string
  readonly path: string
  /** Told the text of each message of the stream. */
  readonly inspect?: (text: string) => void
  /** Told the bytes that were read, and how many messages of the stream ended in them. */
  readonly read: (bytes: Buffer, messages: number) => void
}

// One buffer for all: what is in it is looked at before the next read.
const shared = Buffer.alloc(256 * 1024)

/** Opens a websocket by hand, since all there is to do with what comes is to count it. Resolves when the stream begins. */
export function openStream(options: StreamSocketOptions): Promise<void> {
  const { host = '127.0.0.1', port, path, opening, inspect, read } = options
  return new Promise((resolve, reject) => {
    let isOpen = false
    let before = opening?.answers ?? 0
    const reader = new FrameReader(inspect && ((text) => before === 0 && inspect(text)))
    const received = (chunk: Buffer) => {
      let bytes = chunk
      if (!isOpen) {
        const head = bytes.indexOf('\r\n\r\n')
        if (head < 0 || !bytes.toString('latin1', 0, 12).startsWith('HTTP/1.1 101'))
          throw new Error(`no websocket: ${bytes.toString('latin1', 0, 200)}`)
        isOpen = true
        bytes = bytes.subarray(head + 4)
        if (opening !== undefined) socket.write(maskedFrame(opening.text))
        else resolve()
      }
      reader.read(bytes)
      const { messages } = reader
      reader.messages = 0
      if (before === 0) {
        read(bytes, messages)
        return
      }
      before -= messages
      if (before < 0) throw new Error('the stream began before anything was sent')
      if (before === 0) resolve()
    }
    const socket = connect({
      host,
      port,
      onread: {
        buffer: shared,
        callback: (length, buffer) => {
          received(Buffer.from(buffer.buffer, buffer.byteOffset, length))
          return true
        },
      },
    })
    socket.once('error', reject)
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    )
  })
}

/** A short text as a client sends it. The mask is all zeros, which changes nothing. */
function maskedFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const head = length < 126 ? [0x81, 0x80 | length] : [0x81, 0x80 | 126, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), Buffer.from(text)])
}
