import { EventEmitter } from 'node:events'
import { Duplex } from 'node:stream'

/** A stream whose reader can stop and go on; notes each write. */
export class FakeStream extends Duplex {
  readonly writes: Buffer[] = []
  readonly #taken: Buffer[] = []
  #stopped = false
  #held: (() => void) | undefined

  override write(chunk: Buffer): boolean {
    this.writes.push(chunk)
    return super.write(chunk)
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const take = () => {
      this.#taken.push(chunk)
      done()
    }
    if (this.#stopped) this.#held = take
    else take()
  }

  override _read(): void {}

  stop(): void {
    this.#stopped = true
  }

  /** Reads on, and resolves when nothing is left unsent. */
  async goOn(): Promise<void> {
    this.#stopped = false
    const held = this.#held
    this.#held = undefined
    held?.()
    while (this.writableLength > 0) await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** The texts that the reader has got. */
  get texts(): string[] {
    return readFrames(Buffer.concat(this.#taken))
  }
}

/** A websocket that notes what it is told. */
export class FakeSocket extends EventEmitter {
  readyState = 1
  readonly notes: string[] = []

  ping(): void {
    this.notes.push('ping')
  }

  close(code: number): void {
    this.notes.push(`close ${code}`)
    this.readyState = 2
  }

  terminate(): void {
    this.notes.push('terminate')
    this.leave()
  }

  /** What happens when the peer is gone. */
  leave(): void {
    this.readyState = 3
    this.emit('close')
  }
}

/** The texts of a stream of whole, unmasked text frames; throws at anything else. */
export function readFrames(bytes: Buffer): string[] {
  const texts: string[] = []
  let at = 0
  while (at < bytes.length) {
    if (bytes[at] !== 0x81) throw new Error(`byte ${at} begins no text frame: ${bytes[at]}`)
    let length = bytes[at + 1] as number
    at += 2
    if (length === 126) {
      length = bytes.readUInt16BE(at)
      at += 2
    } else if (length === 127) {
      length = Number(bytes.readBigUInt64BE(at))
      at += 8
    } else if (length > 127) throw new Error('a masked frame')
    if (at + length > bytes.length) throw new Error('a frame is cut short')
    texts.push(bytes.toString('utf8', at, at + length))
    at += length
  }
  return texts
}
