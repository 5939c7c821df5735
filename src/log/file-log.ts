import { Worker } from 'node:worker_threads'
import type { SequencedCommand } from '../domain/command.ts'
import type { Micros, Sequence } from '../domain/units.ts'
import { type FileSystem, nodeFileSystem } from './file-system.ts'
import { checksumOf, encodeFrame } from './frame.ts'
import { readJournal } from './journal-reader.ts'
import {
  type CheckedSegment,
  cutTornTails,
  type JournalScan,
  scanJournal,
  type TornTail,
} from './journal-scan.ts'
import type { JournalAnswer, JournalRequest, JournalThreadData } from './journal-thread.ts'
import { type JournalEnd, JournalWriter } from './journal-writer.ts'
import type { Log } from './log.ts'
import { segmentSize } from './segment.ts'

/** Puts frames on the disk, one at a time. */
export interface FrameWriter {
  /** Resolves when the frame is on the disk. The frame is the writer's from then on. */
  append(frame: Buffer, count: number): Promise<void>
  close(): Promise<void>
}

export interface FileLogOptions {
  /** Where the segments are; made when it does not exist. */
  readonly directory: string
  /** The first command that will be read: what comes before it is not checked. */
  readonly from?: Sequence
  /** What a scan from there has just found, if it was made before. */
  readonly scan?: JournalScan
  readonly files?: FileSystem
  readonly segmentSize?: number
  /** Makes the writer; without it one that runs on a thread of its own. */
  readonly openWriter?: (directory: string, end: JournalEnd, segmentSize: number) => FrameWriter
}

/** A journal in append-only files. */
export class FileLog implements Log {
  readonly #files: FileSystem
  readonly #directory: string
  readonly #writer: FrameWriter
  #checksum: number
  /** What was checked last, for whoever reads the journal right after: most often there is no other to read. */
  #newest: CheckedSegment | undefined
  last: Sequence
  /** The first command that is still held; whoever deletes segments moves it. */
  first: number
  /** The time of the last command when the log was opened. */
  readonly lastTime: Micros
  /** What a crash had left half-written; it has been cut. */
  readonly torn: readonly TornTail[]

  /** Checks the journal, cuts a torn tail and opens it. Throws `JournalDamaged` for what a crash cannot explain. */
  static open(options: FileLogOptions): FileLog {
    const {
      directory,
      files = nodeFileSystem,
      from,
      openWriter = startThread,
      segmentSize: size = segmentSize,
    } = options
    files.makeDirectory(directory)
    const { scan = scanJournal(files, directory, from) } = options
    cutTornTails(files, directory, scan)
    return new FileLog(files, directory, scan, openWriter(directory, scan.end, size))
  }

  private constructor(
    files: FileSystem,
    directory: string,
    { end, first, time, torn, newest }: JournalScan,
    writer: FrameWriter,
  ) {
    this.#files = files
    this.#directory = directory
    this.#writer = writer
    this.#checksum = end.checksum
    this.last = (end.next - 1) as Sequence
    this.first = first
    this.lastTime = time as Micros
    this.torn = torn
    this.#newest = newest
  }

  async append(batch: readonly SequencedCommand[]): Promise<void> {
    const first = batch[0]
    const last = batch.at(-1)
    if (first === undefined || last === undefined) throw new Error('an empty batch')
    if (first.sequence !== this.last + 1)
      throw new Error(`command ${first.sequence} cannot follow ${this.last}`)
    this.#newest = undefined
    const frame = encodeFrame(batch, this.#checksum)
    const checksum = checksumOf(frame)
    await this.#writer.append(frame, batch.length)
    this.#checksum = checksum
    this.last = last.sequence
  }

  async *read(from: Sequence): AsyncIterable<readonly SequencedCommand[]> {
    if (from < this.first)
      throw new RangeError(`command ${from} is no longer held: the journal starts at ${this.first}`)
    const newest = this.#newest
    this.#newest = undefined
    // Not `yield*`: handing on what is not asynchronous takes it twice the time.
    for (const batch of readJournal(this.#files, this.#directory, from, this.last, newest)) yield batch
  }

  close(): Promise<void> {
    return this.#writer.close()
  }
}

/** A writer on this thread, for tests and for tools that may block. */
export function openInlineWriter(files: FileSystem) {
  return (directory: string, end: JournalEnd, size: number): FrameWriter => {
    const writer = new JournalWriter(files, directory, end, size)
    return {
      append: async (frame, count) => writer.append(frame, count),
      close: async () => writer.close(),
    }
  }
}

/**
 * A writer on a thread of its own, which blocks in the system's calls: they do not wait behind others in the pool,
 * where a busy disk or DNS made a sync of microseconds take a thousand times as long.
 */
function startThread(directory: string, end: JournalEnd, size: number): FrameWriter {
  const entry = new URL(import.meta.url.replace(/file-log(\.[jt]s)$/, 'journal-thread$1'))
  const workerData: JournalThreadData = { directory, end, segmentSize: size }
  const worker = new Worker(entry, { workerData })
  let waiting: { resolve: () => void; reject: (error: Error) => void } | undefined
  let failure: Error | undefined
  const fail = (error: Error) => {
    failure ??= error
    waiting?.reject(failure)
    waiting = undefined
  }
  worker.on('message', ({ error }: JournalAnswer) => {
    if (error !== undefined) return fail(new Error(error))
    waiting?.resolve()
    waiting = undefined
  })
  worker.on('error', fail)
  const ended = new Promise<void>((resolve) => {
    worker.on('exit', () => {
      fail(new Error('the journal thread has ended'))
      resolve()
    })
  })
  return {
    append(frame, count) {
      if (failure !== undefined) return Promise.reject(failure)
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        worker.postMessage({ frame, count } satisfies JournalRequest, [frame.buffer as ArrayBuffer])
      })
    },
    close() {
      worker.postMessage(undefined satisfies JournalRequest)
      return ended
    },
  }
}
