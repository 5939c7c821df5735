import type { SequencedCommand } from '../domain/command.ts'
import type { FileSystem } from './file-system.ts'
import { knownHeader, readBatch, soundHeader } from './frame.ts'
import type { CheckedSegment } from './journal-scan.ts'
import { RecordReader } from './record-reader.ts'
import { listSegments, readSegment, segmentHeaderSize } from './segment.ts'

/**
 * Reads a journal's batches from the one that holds `from` up to `last`, one segment in memory at a time. It ends
 * early where the sound part of the journal does: a writer may be at work behind `last`. A segment that was read and
 * checked before is neither read nor checked again.
 */
export function* readJournal(
  files: FileSystem,
  directory: string,
  from: number,
  last: number,
  checked?: CheckedSegment,
): IterableIterator<readonly SequencedCommand[]> {
  const segments = listSegments(files, directory)
  const reader = new RecordReader()
  for (const [i, segment] of segments.entries()) {
    if ((segments[i + 1]?.first ?? Number.POSITIVE_INFINITY) <= from) continue
    const isChecked = segment.path === checked?.path
    const bytes = isChecked ? checked.bytes : readSegment(files, segment)
    let offset = segmentHeaderSize
    while (offset < bytes.length) {
      const frame = isChecked ? knownHeader(bytes, offset) : soundHeader(bytes, offset)
      if (frame === undefined || frame.first > last) return
      if (frame.first + frame.count > from) {
        const batch = readBatch(bytes, offset, frame, reader)
        if (batch === undefined) return
        yield batch
      }
      offset += frame.length
    }
  }
}
