import * as fs from 'node:fs'
import { dirname } from 'node:path'

/** The few calls that the journal makes of a file system; tests put one beneath it that fails and forgets. */
export interface FileSystem {
  /** The names in a directory, in any order; none when it does not exist. */
  list(directory: string): string[]
  /** Makes a directory, and those above it; durably. */
  makeDirectory(directory: string): void
  read(path: string): Buffer
  /** Reads up to `length` bytes at `position`; fewer at the end of the file. */
  readAt(path: string, position: number, length: number): Buffer
  size(path: string): number
  /** Opens a file to write at its end; makes it when it does not exist. */
  openToAppend(path: string): number
  /** Writes some of the bytes, at least one, and says how many. */
  write(file: number, bytes: Uint8Array): number
  /** Returns when what was written to the file is on the disk. */
  sync(file: number): void
  /** Returns when what was made, renamed or removed in the directory is on the disk. */
  syncDirectory(directory: string): void
  truncate(path: string, length: number): void
  rename(from: string, to: string): void
  remove(path: string): void
  close(file: number): void
}

/** The machine's own file system. All calls block: they run on the journal's thread, or before the ports open. */
export const nodeFileSystem: FileSystem = {
  list: (directory) => (fs.existsSync(directory) ? fs.readdirSync(directory) : []),
  makeDirectory,
  read: (path) => fs.readFileSync(path),
  readAt(path, position, length) {
    const file = fs.openSync(path, 'r')
    try {
      const bytes = Buffer.allocUnsafe(length)
      let filled = 0
      while (filled < length) {
        const count = fs.readSync(file, bytes, filled, length - filled, position + filled)
        if (count === 0) break
        filled += count
      }
      return bytes.subarray(0, filled)
    } finally {
      fs.closeSync(file)
    }
  },
  size: (path) => fs.statSync(path).size,
  openToAppend: (path) => fs.openSync(path, 'a'),
  write: (file, bytes) => fs.writeSync(file, bytes),
  sync: (file) => fs.fdatasyncSync(file),
  syncDirectory,
  truncate(path, length) {
    const file = fs.openSync(path, 'r+')
    try {
      fs.ftruncateSync(file, length)
      fs.fsyncSync(file)
    } finally {
      fs.closeSync(file)
    }
  },
  rename: (from, to) => fs.renameSync(from, to),
  remove: (path) => fs.rmSync(path, { force: true }),
  close: (file) => fs.closeSync(file),
}

// Node's own way to make those above it too never ends where one cannot be made in another that is there, as in /proc.
function makeDirectory(directory: string): void {
  try {
    fs.mkdirSync(directory)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && fs.statSync(directory).isDirectory()) return
    if (code !== 'ENOENT') throw error
    makeDirectory(dirname(directory))
    fs.mkdirSync(directory)
  }
  syncDirectory(dirname(directory))
}

function syncDirectory(directory: string): void {
  const handle = fs.openSync(directory, 'r')
  try {
    fs.fsyncSync(handle)
  } finally {
    fs.closeSync(handle)
  }
}
