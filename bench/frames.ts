/** Counts the text frames in what a websocket server sends, however it is cut up, and can give their texts. */
export class FrameReader {
  messages = 0
  readonly #inspect: ((text: string) => void) | undefined
  /** The bytes of a header that has not come whole, or of the whole frame where its text is wanted. */
  #rest: Buffer = Buffer.alloc(0)
  /** Bytes of the current frame's payload that are still to come. */
  #skip = 0

  constructor(inspect?: (text: string) => void) {
    this.#inspect = inspect
  }

  read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = Buffer.alloc(0)
    let at = Math.min(this.#skip, bytes.length)
    this.#skip -= at
    while (at < bytes.length) {
      const header = headerLength(bytes, at)
      if (header === undefined || at + header > bytes.length) {
        this.#rest = Buffer.from(bytes.subarray(at))
        return
      }
      const size = payloadLength(bytes, at, header)
      const end = at + header + size
      const isText = bytes[at] === 0x81
      if (isText && this.#inspect !== undefined) {
        if (end > bytes.length) {
          this.#rest = Buffer.from(bytes.subarray(at))
          return
        }
        this.#inspect(bytes.toString('utf8', at + header, end))
      }
      if (isText) this.messages += 1
      at = Math.min(end, bytes.length)
      this.#skip = end - at
    }
  }
}

function headerLength(bytes: Buffer, at: number): number | undefined {
  const length = bytes[at + 1]
  if (length === undefined) return undefined
  return length === 127 ? 10 : length === 126 ? 4 : 2
}

function payloadLength(bytes: Buffer, at: number, header: number): number {
  if (header === 2) return bytes[at + 1] as number
  return header === 4 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
}
