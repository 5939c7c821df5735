import type { FileSystem } from './file-system.ts'
import { checksumOf } from './frame.ts'
import { writeAll } from './replace-file.ts'
import { encodeSegmentHeader, formatVersion, segmentHeaderSize, segmentPath, segmentSize } from './segment.ts'

/** Where a journal goes on. */
export interface JournalEnd {
  /** The sequence of the next command. */
  readonly next: number
  /** The checksum of the last frame; 0 before the first. */
  readonly checksum: number
  /** The newest segment and its size in bytes; none before the first. */
  readonly segment?: { readonly path: string; readonly size: number }
}

/**
 * Appends frames to the newest segment of a journal, and makes segments. Every call blocks until the bytes are on
 * the disk, so it lives on a thread of its own.
 */
export class JournalWriter {
  readonly #files: FileSystem
  readonly #directory: string
  readonly #segmentSize: number
  #file: number | undefined
  #size = 0
  #next: number
  #checksum: number
  #failed = false

  constructor(files: FileSystem, directory: string, end: JournalEnd, size = segmentSize) {
    this.#files = files
    this.#directory = directory
    this.#segmentSize = size
    this.#next = end.next
    this.#checksum = end.checksum
    if (end.segment === undefined) return
    this.#file = files.openToAppend(end.segment.path)
    this.#size = end.segment.size
  }

  /**
   * Returns when a frame of `count` commands is on the disk. After it threw once it never writes again: what a failed
   * sync left in the system's cache may look written and not be.
   */
  append(frame: Buffer, count: number): void {
    if (this.#failed) throw new Error('the journal failed before')
    try {
      if (this.#file === undefined || this.#size + frame.length > this.#segmentSize) this.#startSegment()
      writeAll(this.#files, this.#file as number, frame)
      this.#files.sync(this.#file as number)
    } catch (error) {
      this.#failed = true
      throw error
    }
    this.#size += frame.length
    this.#next += count
    this.#checksum = checksumOf(frame)
  }

  close(): void {
    if (this.#file !== undefined) this.#files.close(this.#file)
    this.#file = undefined
  }

  #startSegment(): void {
    this.close()
    this.#file = this.#files.openToAppend(segmentPath(this.#directory, this.#next))
    writeAll(
      this.#files,
      this.#file,
      encodeSegmentHeader({ version: formatVersion, first: this.#next as never, previous: this.#checksum }),
    )
    // The frame that follows is synced with the header; the name must be there for it to be found.
    this.#files.syncDirectory(this.#directory)
    this.#size = segmentHeaderSize
  }
}
