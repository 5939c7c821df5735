import type { SequencedCommand } from '../domain/command.ts'
import type { FileSystem } from './file-system.ts'
import { decodeFrame } from './frame.ts'
import { RecordReader } from './record-reader.ts'
import { listSegments, readSegment, segmentHeaderSize } from './segment.ts'

/**
 * Reads a journal's batches from the one that holds `from` up to `last`, one segment in memory at a time. It ends
 * early where the sound part of the journal does: a writer may be at work behind `last`.
 */
export function* readJournal(
  files: FileSystem,
  directory: string,
  from: number,
  last: number,
): IterableIterator<readonly SequencedCommand[]> {
  const segments = listSegments(files, directory)
  const reader = new RecordReader()
  for (const [i, segment] of segments.entries()) {
    if ((segments[i + 1]?.first ?? Number.POSITIVE_INFINITY) <= from) continue
    const bytes = readSegment(files, segment)
    let offset = segmentHeaderSize
    while (offset < bytes.length) {
      const frame = decodeFrame(bytes, offset, reader)
      if (frame === undefined || frame.first > last) return
      if (frame.first + frame.count > from) yield frame.batch
      offset += frame.length
    }
  }
}
