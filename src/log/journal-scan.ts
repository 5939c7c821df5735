import type { FileSystem } from './file-system.ts'
import { findFrame, soundHeader } from './frame.ts'
import type { JournalEnd } from './journal-writer.ts'
import {
  decodeSegmentHeader,
  formatVersion,
  listSegments,
  readSegment,
  type Segment,
  segmentHeaderSize,
} from './segment.ts'

/** A journal that cannot be trusted: bytes in the middle of it are not what was written. */
class JournalDamaged extends Error {
  readonly path: string
  readonly offset: number

  constructor(path: string, offset: number, what: string) {
    super(`${path} is damaged at byte ${offset}: ${what}. Restore it from a backup; nothing was changed`)
    this.path = path
    this.offset = offset
  }
}

/** Bytes at the end that were never acknowledged: a crash cut their writing short. */
export interface TornTail {
  readonly path: string
  /** Where the sound part ends. */
  readonly offset: number
  readonly bytes: number
}

/** A segment that was read and found sound. */
export interface CheckedSegment {
  readonly path: string
  /** As far as it is sound. */
  readonly bytes: Buffer
}

export interface JournalScan {
  readonly end: JournalEnd
  /** The first command that is still held; `end.next` when there is none. */
  readonly first: number
  /** The time of the last command, in microseconds; 0 when there is none. */
  readonly time: number
  readonly torn: readonly TornTail[]
  /** The last segment that has a frame. */
  readonly newest: CheckedSegment | undefined
}

/**
 * Checks a journal from the segment that holds command `from` on: that every frame is whole, sound and chained to the
 * one before. Reads only. Throws `JournalDamaged` for anything that a crash cannot explain.
 *
 * A frame is written only after the one before it was synced. So a bad frame with nothing sound behind it is a torn
 * tail, never acknowledged; one with a sound frame behind it is damage.
 */
export function scanJournal(files: FileSystem, directory: string, from = 1): JournalScan {
  const segments = listSegments(files, directory)
  const start = startOf(files, segments, from)
  const state = new Scan(segments[start]?.first ?? 1)
  const torn: TornTail[] = []
  let newest: CheckedSegment | undefined
  for (let i = start; i < segments.length; i += 1) {
    const segment = segments[i] as Segment
    const bytes = readSegment(files, segment)
    const offset = state.read(segment, bytes, i === start)
    const hasFrame = offset > segmentHeaderSize
    if (hasFrame) newest = { path: segment.path, bytes: bytes.subarray(0, offset) }
    if (hasFrame && offset === bytes.length) continue
    const sound = findFrame(bytes, offset)
    if (sound !== -1) throw new JournalDamaged(segment.path, offset, `a sound frame follows at byte ${sound}`)
    for (const later of segments.slice(i + 1)) {
      if (findFrame(readSegment(files, later), 0) === -1) continue
      throw new JournalDamaged(segment.path, offset, `sound frames follow in ${later.path}`)
    }
    // One that was only begun goes as a whole: a head that is left would stand before that of the next one of its name.
    const keep = hasFrame ? offset : 0
    torn.push({ path: segment.path, offset: keep, bytes: bytes.length - keep })
    for (const later of segments.slice(i + 1))
      torn.push({ path: later.path, offset: 0, bytes: files.size(later.path) })
    break
  }
  return { ...state.result(), first: segments[0]?.first ?? state.next, torn, newest }
}

/** Which segment to begin with: the one that holds a command, if it says what it follows. */
function startOf(files: FileSystem, segments: readonly Segment[], from: number): number {
  const start = Math.max(
    0,
    segments.findLastIndex(({ first }) => first <= from),
  )
  const segment = segments[start]
  // Only the newest one can be without a whole head, and is not packed.
  if (start === 0 || start < segments.length - 1 || segment === undefined) return start
  const head = files.readAt(segment.path, 0, segmentHeaderSize)
  return decodeSegmentHeader(head) === undefined ? start - 1 : start
}

/** Cuts what a crash left half-written. A segment with no sound frame goes as a whole. */
export function cutTornTails(files: FileSystem, directory: string, { torn }: JournalScan): void {
  for (const { path, offset } of torn.toReversed()) {
    if (offset === 0) files.remove(path)
    else files.truncate(path, offset)
  }
  if (torn.length > 0) files.syncDirectory(directory)
}

class Scan {
  next: number
  #checksum = 0
  #time = 0
  #segment: { path: string; size: number } | undefined

  constructor(next: number) {
    this.next = next
  }

  /** Reads a segment; returns where its sound part ends. */
  read(segment: Segment, bytes: Buffer, isFirst: boolean): number {
    const header = decodeSegmentHeader(bytes)
    if (header === undefined) return 0
    if (header.version > formatVersion) {
      throw new Error(
        `${segment.path} has format ${header.version}; this build knows up to ${formatVersion}: use a newer one`,
      )
    }
    if (isFirst) this.#checksum = header.previous
    if (header.first !== segment.first || header.first !== this.next || header.previous !== this.#checksum) {
      throw new JournalDamaged(segment.path, 0, `it does not follow command ${this.next - 1}`)
    }
    let offset = segmentHeaderSize
    while (offset < bytes.length) {
      const frame = soundHeader(bytes, offset)
      if (frame === undefined) break
      if (frame.first !== this.next || frame.previous !== this.#checksum) {
        throw new JournalDamaged(
          segment.path,
          offset,
          `a frame of command ${frame.first} follows ${this.next - 1}`,
        )
      }
      this.next += frame.count
      this.#checksum = frame.checksum
      this.#time = frame.time
      offset += frame.length
    }
    if (offset > segmentHeaderSize) this.#segment = { path: segment.path, size: offset }
    return offset
  }

  result(): { end: JournalEnd; time: number } {
    const end = { next: this.next, checksum: this.#checksum }
    return { end: this.#segment === undefined ? end : { ...end, segment: this.#segment }, time: this.#time }
  }
}
