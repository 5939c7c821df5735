import { join } from 'node:path'
import { crc32, gunzipSync } from 'node:zlib'
import { type Sequence, sequence } from '../domain/units.ts'
import type { FileSystem } from './file-system.ts'

/** The version of everything under `journal/`. A later one reads this one; this one refuses a later one. */
export const formatVersion = 1
/** A segment is closed, and the next one made, before it would grow past this. */
export const segmentSize = 64 * 2 ** 20
export const segmentHeaderSize = 32

/** `SYSG`, the first four bytes of every segment. */
const magic = 0x53595347

/** One file of the journal. */
export interface Segment {
  readonly path: string
  /** The sequence of its first command; its name says so too. */
  readonly first: Sequence
  readonly gzipped: boolean
}

/** What a segment says of itself. */
export interface SegmentHeader {
  readonly version: number
  readonly first: Sequence
  /** The checksum of the last frame before it; 0 in the first segment. */
  readonly previous: number
}

/** The segments of a journal, oldest first. */
export function listSegments(files: FileSystem, directory: string): Segment[] {
  const segments: Segment[] = []
  const names = files.list(directory)
  for (const name of names) {
    const match = /^(\d{16})\.log(\.gz)?$/.exec(name)
    // For a moment a segment is there twice: as it was, and packed.
    if (match === null || names.includes(`${name}.gz`)) continue
    segments.push({
      path: join(directory, name),
      first: sequence(Number(match[1])),
      gzipped: match[2] !== undefined,
    })
  }
  return segments.sort((a, b) => a.first - b.first)
}

export function segmentPath(directory: string, first: number): string {
  return join(directory, `${String(first).padStart(16, '0')}.log`)
}

/** A segment's bytes, unpacked if need be. */
export function readSegment(files: FileSystem, { path, gzipped }: Segment): Buffer {
  if (gzipped) return gunzipSync(files.read(path))
  try {
    return files.read(path)
  } catch (error) {
    // Another process may have packed it since it was listed.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return gunzipSync(files.read(`${path}.gz`))
  }
}

/**
 * The head of a segment as bytes. Numbers are little-endian.
 *
 * | offset | size | |
 * | --- | --- | --- |
 * | 0 | 4 | magic `SYSG` (big-endian) |
 * | 4 | 4 | format version |
 * | 8 | 8 | sequence of the first command |
 * | 16 | 4 | checksum of the last frame of the segment before, 0 in the first |
 * | 20 | 8 | 0, kept for later |
 * | 28 | 4 | CRC-32 of bytes 0 to 27 |
 */
export function encodeSegmentHeader({ version, first, previous }: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(segmentHeaderSize)
  bytes.writeUInt32BE(magic, 0)
  bytes.writeUInt32LE(version, 4)
  bytes.writeBigUInt64LE(BigInt(first), 8)
  bytes.writeUInt32LE(previous, 16)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 28)), 28)
  return bytes
}

/** Reads the head of a segment; undefined when it is not whole and sound. */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < segmentHeaderSize || bytes.readUInt32BE(0) !== magic) return undefined
  if (bytes.readUInt32LE(28) !== crc32(bytes.subarray(0, 28))) return undefined
  return {
    version: bytes.readUInt32LE(4),
    first: sequence(Number(bytes.readBigUInt64LE(8))),
    previous: bytes.readUInt32LE(16),
  }
}
