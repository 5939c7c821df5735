import { dirname, join } from 'node:path'
import type { FileSystem } from './file-system.ts'

/** What the names of files end with that are being written. */
const draftEnding = '.draft'

/** Writes a file as a whole and durably: after a crash there is either the old one or the new one. */
export function replaceFile(files: FileSystem, path: string, chunks: Iterable<Uint8Array>): void {
  const draft = path + draftEnding
  files.remove(draft)
  const file = files.openToAppend(draft)
  try {
    for (const chunk of chunks) writeAll(files, file, chunk)
    files.sync(file)
  } catch (error) {
    files.remove(draft)
    throw error
  } finally {
    files.close(file)
  }
  files.rename(draft, path)
  files.syncDirectory(dirname(path))
}

/** Removes what whoever was killed while writing files has left of them. */
export function removeDrafts(files: FileSystem, directory: string): void {
  for (const name of files.list(directory)) {
    if (name.endsWith(draftEnding)) files.remove(join(directory, name))
  }
}

/** Writes all bytes to a file, however few the system takes at a time. */
export function writeAll(files: FileSystem, file: number, bytes: Uint8Array): void {
  let written = 0
  while (written < bytes.length) written += files.write(file, bytes.subarray(written))
}
