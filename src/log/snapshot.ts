import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { type Sequence, sequence } from '../domain/units.ts'
import type { FileSystem } from './file-system.ts'
import { removeDrafts, replaceFile } from './replace-file.ts'

/** Snapshots that are kept. The older one serves when the newer one turns out to be bad. */
const kept = 2
/** A block of records is written when it has grown to this. */
const blockSize = 2 ** 16
const blockHeaderSize = 8
/** What the last block ends with. */
const endRecord = '"end"\n'
/** A block that claims more is damaged. */
const maxBlockSize = 2 ** 28

/** The first record of a snapshot file. */
interface Head {
  readonly format: number
  readonly sequence: number
}

/** The version of the snapshot files. */
const formatVersion = 1

/** State as it was after a command, in a file. */
export interface Snapshot {
  readonly path: string
  readonly sequence: Sequence
}

/** The snapshots in a directory, newest first. Whether they are sound shows when they are read. */
export function listSnapshots(files: FileSystem, directory: string): Snapshot[] {
  return files
    .list(directory)
    .flatMap((name) => {
      const match = /^(\d{16})\.snapshot$/.exec(name)
      return match === null ? [] : [{ path: join(directory, name), sequence: sequence(Number(match[1])) }]
    })
    .sort((a, b) => b.sequence - a.sequence)
}

/**
 * Writes a snapshot durably, and removes all but the newest two.
 *
 * The file is a row of blocks: length of the records and their CRC-32, four bytes each, little-endian, then the
 * records, each a line of JSON. The first record says format and sequence, the last one is `"end"`.
 */
export function writeSnapshot(
  files: FileSystem,
  directory: string,
  at: Sequence,
  records: Iterable<unknown>,
): Snapshot {
  files.makeDirectory(directory)
  removeDrafts(files, directory)
  const path = join(directory, `${String(at).padStart(16, '0')}.snapshot`)
  replaceFile(files, path, blocksOf(at, records))
  for (const old of listSnapshots(files, directory).slice(kept)) files.remove(old.path)
  return { path, sequence: at }
}

/** Throws an Error that says so when a snapshot is damaged, cut short or of another command than its name says. */
export function checkSnapshot(files: FileSystem, { path, sequence }: Snapshot): void {
  let last: Buffer | undefined
  for (const block of readBlocks(files, path)) {
    if (last === undefined) checkSequence(path, headOf(block), sequence)
    last = block
  }
  if (last?.subarray(-endRecord.length).toString() !== endRecord) throw new Error(`${path} is cut short`)
}

/** Reads the records of a snapshot. Throws an Error that says so when it is damaged or cut short. */
export function* readSnapshot(files: FileSystem, { path, sequence }: Snapshot): IterableIterator<unknown> {
  let isFirst = true
  let ended = false
  for (const block of readBlocks(files, path)) {
    const lines = block.toString('utf8', 0, block.length - 1)
    for (const record of JSON.parse(`[${lines.replaceAll('\n', ',')}]`)) {
      if (isFirst) checkHead(path, record as Head, sequence)
      else if (record === 'end') ended = true
      else yield record
      isFirst = false
    }
  }
  if (!ended) throw new Error(`${path} is cut short`)
}

function* readBlocks(files: FileSystem, path: string): IterableIterator<Buffer> {
  const size = files.size(path)
  let offset = 0
  while (offset < size) {
    const header = files.readAt(path, offset, blockHeaderSize)
    const length = header.length < blockHeaderSize ? Number.POSITIVE_INFINITY : header.readUInt32LE(0)
    if (length > maxBlockSize) throw new Error(`${path} is damaged at byte ${offset}`)
    const block = files.readAt(path, offset + blockHeaderSize, length)
    if (block.length < length || crc32(block) !== header.readUInt32LE(4)) {
      throw new Error(`${path} is damaged at byte ${offset}`)
    }
    yield block
    offset += blockHeaderSize + length
  }
}

function headOf(block: Buffer): Head {
  return JSON.parse(block.toString('utf8', 0, block.indexOf('\n')))
}

function checkHead(path: string, head: Head, expected: number): void {
  const { format } = head
  if (format > formatVersion) {
    throw new Error(`${path} has format ${format}; this build knows up to ${formatVersion}: use a newer one`)
  }
  checkSequence(path, head, expected)
}

function checkSequence(path: string, { sequence }: Head, expected: number): void {
  if (sequence !== expected) throw new Error(`${path} is of command ${sequence}, not of the one in its name`)
}

function* blocksOf(at: Sequence, records: Iterable<unknown>): IterableIterator<Uint8Array> {
  let lines = `${JSON.stringify({ format: formatVersion, sequence: at } satisfies Head)}\n`
  for (const record of records) {
    lines += `${JSON.stringify(record)}\n`
    if (lines.length < blockSize) continue
    yield block(lines)
    lines = ''
  }
  yield block(`${lines}${endRecord}`)
}

function block(lines: string): Uint8Array {
  const length = Buffer.byteLength(lines)
  const bytes = Buffer.allocUnsafe(blockHeaderSize + length)
  bytes.write(lines, blockHeaderSize)
  bytes.writeUInt32LE(length, 0)
  bytes.writeUInt32LE(crc32(bytes.subarray(blockHeaderSize)), 4)
  return bytes
}
