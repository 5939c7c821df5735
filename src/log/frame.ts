import type { SequencedCommand } from '../domain/command.ts'
import { type Micros, micros, type Sequence, sequence } from '../domain/units.ts'
import { checksum } from './checksum.ts'
import type { RecordReader } from './record-reader.ts'
import { toRecord } from './records.ts'

/** `SYFR`, the first four bytes of every frame. */
const magic = 0x53594652
/** Bytes before the records: see `encodeFrame`. */
const frameHeaderSize = 40
/** Bytes behind the records. */
const trailerSize = 4
/** A frame that claims more is damaged: the sequencer's queue cannot fill half of it. */
const maxFrameSize = 64 * 2 ** 20

/** What the head of a frame says. */
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
  /** Its own. */
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
  frame.writeUInt32LE(checksum(frame, 0, 36), 36)
  frame.write(records, frameHeaderSize)
  frame.writeUInt32LE(checksum(frame, 0, length - trailerSize), length - trailerSize)
  return frame
}

/** The checksum of an encoded frame. */
export function checksumOf(frame: Buffer): number {
  return frame.readUInt32LE(frame.length - trailerSize)
}

/** Reads the head of a whole and sound frame at an offset; undefined when there is none. */
export function soundHeader(bytes: Buffer, offset: number): FrameHeader | undefined {
  const length = claimedLength(bytes, offset)
  // The checksum of the whole is over the head too: one of two checks is enough, and each costs as much as a record.
  return length !== undefined && isSound(bytes, offset, length) ? fieldsOf(bytes, offset, length) : undefined
}

/** Reads the head of a frame at an offset that was found whole and sound before. */
export function knownHeader(bytes: Buffer, offset: number): FrameHeader {
  return fieldsOf(bytes, offset, bytes.readUInt32LE(offset + 4))
}

/** Reads the records of a sound frame at an offset; undefined when there are not as many as its head says. */
export function readBatch(
  bytes: Buffer,
  offset: number,
  { length, count, first, time }: FrameHeader,
  reader: RecordReader,
): readonly SequencedCommand[] | undefined {
  const entries = reader.read(bytes, offset + frameHeaderSize, offset + length - trailerSize)
  if (entries.length !== count) return undefined
  return entries.map((command, i) => ({ sequence: (first + i) as Sequence, time, command }))
}

/** The length that a frame at an offset says it has; undefined when there is none, or it cannot be so long. */
function claimedLength(bytes: Buffer, offset: number): number | undefined {
  if (offset + frameHeaderSize > bytes.length || bytes.readUInt32BE(offset) !== magic) return undefined
  const length = bytes.readUInt32LE(offset + 4)
  return length < frameHeaderSize + trailerSize || length > maxFrameSize ? undefined : length
}

function isSound(bytes: Buffer, offset: number, length: number): boolean {
  const end = offset + length
  if (end > bytes.length) return false
  return bytes.readUInt32LE(end - trailerSize) === checksum(bytes, offset, end - trailerSize)
}

function fieldsOf(bytes: Buffer, offset: number, length: number): FrameHeader {
  return {
    length,
    count: bytes.readUInt32LE(offset + 8),
    first: sequence(readUInt64(bytes, offset + 12)),
    time: micros(readUInt64(bytes, offset + 20)),
    previous: bytes.readUInt32LE(offset + 28),
    checksum: bytes.readUInt32LE(offset + length - trailerSize),
  }
}

/** A number of eight bytes that is a safe integer. */
function readUInt64(bytes: Buffer, offset: number): number {
  return bytes.readUInt32LE(offset) + bytes.readUInt32LE(offset + 4) * 2 ** 32
}

/** Looks for a whole and sound frame from an offset on, byte by byte; the offset, or -1. */
export function findFrame(bytes: Buffer, from: number): number {
  const needle = Buffer.alloc(4)
  needle.writeUInt32BE(magic)
  for (let at = bytes.indexOf(needle, from); at !== -1; at = bytes.indexOf(needle, at + 1)) {
    const length = claimedLength(bytes, at)
    if (length === undefined) continue
    // The head first: what only looks like one may claim to be long, at every byte again.
    if (bytes.readUInt32LE(at + 36) !== checksum(bytes, at, at + 36)) continue
    if (isSound(bytes, at, length)) return at
  }
  return -1
}
