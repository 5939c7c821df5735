/** The frames that one batch of commands gave one topic, in order. */
export class Batch {
  readonly #frames: Buffer[] = []
  readonly #subjects: string[] = []
  #bytes = 0
  #joined: Buffer | undefined
  #newest: ReadonlyMap<string, Buffer> | undefined

  get count(): number {
    return this.#frames.length
  }

  get bytes(): number {
    return this.#bytes
  }

  add(frame: Buffer, subject: string): void {
    this.#frames.push(frame)
    this.#subjects.push(subject)
    this.#bytes += frame.length
  }

  /** All frames in one piece, made once for all who get it. Add no more after it. */
  joined(): Buffer {
    this.#joined ??= this.#frames.length === 1 ? this.#frames[0] : Buffer.concat(this.#frames, this.#bytes)
    return this.#joined as Buffer
  }

  /** The last frame of each subject, the subject that was heard of last at the end. Add no more after it. */
  newest(): ReadonlyMap<string, Buffer> {
    if (this.#newest === undefined) {
      const newest = new Map<string, Buffer>()
      for (let i = 0; i < this.#frames.length; i += 1) {
        putLast(newest, this.#subjects[i] as string, this.#frames[i] as Buffer)
      }
      this.#newest = newest
    }
    return this.#newest
  }
}

/** Sets an entry of a map and makes it the last one. */
export function putLast(map: Map<string, Buffer>, subject: string, frame: Buffer): void {
  map.delete(subject)
  map.set(subject, frame)
}
