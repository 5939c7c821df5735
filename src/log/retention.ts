import { gzipSync } from 'node:zlib'
import type { FileSystem } from './file-system.ts'
import { replaceFile } from './replace-file.ts'
import { listSegments, type Segment } from './segment.ts'

/** Sealed segments that end at or before a command, oldest first. The newest segment is never one of them. */
function sealedUpTo(segments: readonly Segment[], covered: number): Segment[] {
  return segments.filter((_, i) => (segments[i + 1]?.first ?? Number.POSITIVE_INFINITY) <= covered + 1)
}

/** Packs the segments that end at or before a command: no start needs them any more, but people and replays may. */
export function compressSegments(files: FileSystem, directory: string, covered: number): void {
  for (const { path, gzipped } of sealedUpTo(listSegments(files, directory), covered)) {
    if (gzipped) {
      // A crash may have left it as it was, too.
      files.remove(path.slice(0, -'.gz'.length))
      continue
    }
    replaceFile(files, `${path}.gz`, [gzipSync(files.read(path))])
    files.remove(path)
  }
}

/**
 * Deletes the oldest segments until the journal fits into `keepBytes`, but none that ends behind `covered`, the command
 * up to which snapshots and history know everything. Returns the first command that is still held.
 */
export function trimJournal(
  files: FileSystem,
  directory: string,
  { keepBytes, covered }: { keepBytes: number; covered: number },
): number {
  const segments = listSegments(files, directory)
  let bytes = segments.reduce((sum, { path }) => sum + files.size(path), 0)
  let gone = 0
  for (const { path } of sealedUpTo(segments, covered)) {
    if (bytes <= keepBytes) break
    bytes -= files.size(path)
    files.remove(path)
    gone += 1
  }
  if (gone > 0) files.syncDirectory(directory)
  return segments[gone]?.first ?? 1
}
