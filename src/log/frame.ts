import { crc32 } from 'node:zlib'
import type { SequencedCommand } from '../domain/command.ts'
import { type Micros, micros, type Sequence, sequence } from '../domain/units.ts'
import { fromRecord, type JournalRecord, toRecord } from './records.ts'

/** `SYFR`, the first four bytes of every frame. */
const magic = 0x53594652
/** Bytes before the records: see `encodeFrame`. */
const frameHeaderSize = 40
/** Bytes behind the records. */
const trailerSize = 4
/** A frame that claims more is damaged: the sequencer's queue cannot fill half of it. */
const maxFrameSize = 64 * 2 ** 20

/** What the head of a frame says. Its checksum was right. */
export interface FrameHeader {
  /** The whole frame's size in bytes. */
  readonly length: number
  /** Records in it. */
  readonly count: number
  readonly first: Sequence
  /** The time of all its commands. */
  readonly time: Micros
  /** The checksum of the frame before; chains them. */
  readonly previous: number
}

/** A frame that was read. */
export interface Frame extends FrameHeader {
  readonly batch: readonly SequencedCommand[]
  /** Its own checksum, that the next frame names. */
  readonly checksum: number
}

/**
 * A batch as bytes. Numbers are little-endian.
 *
 * | offset | size | |
 * | --- | --- | --- |
 * | 0 | 4 | magic `SYFR` (big-endian) |
 * | 4 | 4 | length of the whole frame |
 * | 8 | 4 | count of records |
 * | 12 | 8 | sequence of the first |
 * | 20 | 8 | time in microseconds |
 * | 28 | 4 | checksum of the frame before, 0 at the start |
 * | 32 | 4 | 0, kept for later |
 * | 36 | 4 | CRC-32 of bytes 0 to 35 |
 * | 40 | … | records: each a line of JSON, see `toRecord` |
 * | last 4 | 4 | CRC-32 of everything before |
 *
 * The head has a checksum of its own, so that a damaged length cannot hide a good frame behind it.
 */
export function encodeFrame(batch: readonly SequencedCommand[], previous: number): Buffer {
  const first = batch[0]
  if (first === undefined) throw new Error('an empty batch')
  let records = ''
  for (const { command } of batch) records += `${JSON.stringify(toRecord(command))}\n`
  const length = frameHeaderSize + Buffer.byteLength(records) + trailerSize
  // Memory of its own, not of Node's pool, so that it can be handed to a thread without a copy.
  const frame = Buffer.allocUnsafeSlow(length)
  frame.writeUInt32BE(magic, 0)
  frame.writeUInt32LE(length, 4)
  frame.writeUInt32LE(batch.length, 8)
  frame.writeBigUInt64LE(BigInt(first.sequence), 12)
  frame.writeBigUInt64LE(BigInt(first.time), 20)
  frame.writeUInt32LE(previous, 28)
  frame.writeUInt32LE(0, 32)
  frame.writeUInt32LE(crc32(frame.subarray(0, 36)), 36)
  frame.write(records, frameHeaderSize)
  frame.writeUInt32LE(crc32(frame.subarray(0, length - trailerSize)), length - trailerSize)
  return frame
}

/** The checksum of an encoded frame. */
export function checksumOf(frame: Buffer): number {
  return frame.readUInt32LE(frame.length - trailerSize)
}

/** Reads the head of a frame at an offset; undefined when there is none, or it is not whole and sound. */
export function decodeHeader(bytes: Buffer, offset: number): FrameHeader | undefined {
  if (offset + frameHeaderSize > bytes.length) return undefined
  if (bytes.readUInt32BE(offset) !== magic) return undefined
  if (bytes.readUInt32LE(offset + 36) !== crc32(bytes.subarray(offset, offset + 36))) return undefined
  const length = bytes.readUInt32LE(offset + 4)
  if (length < frameHeaderSize + trailerSize || length > maxFrameSize) return undefined
  return {
    length,
    count: bytes.readUInt32LE(offset + 8),
    first: sequence(Number(bytes.readBigUInt64LE(offset + 12))),
    time: micros(Number(bytes.readBigUInt64LE(offset + 20))),
    previous: bytes.readUInt32LE(offset + 28),
  }
}

/** Whether the frame with this head is whole and sound. */
export function isSound(bytes: Buffer, offset: number, { length }: FrameHeader): boolean {
  const end = offset + length
  if (end > bytes.length) return false
  return bytes.readUInt32LE(end - trailerSize) === crc32(bytes.subarray(offset, end - trailerSize))
}

/** Reads the frame at an offset; undefined when there is none, or it is not whole and sound. */
export function decodeFrame(bytes: Buffer, offset: number): Frame | undefined {
  const header = decodeHeader(bytes, offset)
  if (header === undefined || !isSound(bytes, offset, header)) return undefined
  const { length, count, first, time } = header
  const end = offset + length - trailerSize
  // One parse of one array is twice as fast as a parse of each line.
  const lines = bytes.toString('utf8', offset + frameHeaderSize, end - 1)
  const records = JSON.parse(`[${lines.replaceAll('\n', ',')}]`) as JournalRecord[]
  if (records.length !== count) return undefined
  const batch = records.map((record, i) => ({
    sequence: (first + i) as Sequence,
    time,
    command: fromRecord(record),
  }))
  return { ...header, batch, checksum: bytes.readUInt32LE(end) }
}

/** Looks for a whole and sound frame from an offset on, byte by byte; the offset, or -1. */
export function findFrame(bytes: Buffer, from: number): number {
  const needle = Buffer.alloc(4)
  needle.writeUInt32BE(magic)
  for (let at = bytes.indexOf(needle, from); at !== -1; at = bytes.indexOf(needle, at + 1)) {
    const header = decodeHeader(bytes, at)
    if (header !== undefined && isSound(bytes, at, header)) return at
  }
  return -1
}
