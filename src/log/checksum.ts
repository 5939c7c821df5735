import { crc32 } from 'node:zlib'

/** Below so many bytes a call of zlib, and the view of the bytes that it needs, cost more than the sum itself. */
const fewBytes = 256

const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1
  return rest
})

/** The CRC-32 of the bytes from one offset to another, as zlib has it. */
export function checksum(bytes: Buffer, start: number, end: number): number {
  if (end - start > fewBytes) return crc32(bytes.subarray(start, end))
  let sum = -1
  for (let i = start; i < end; i += 1) {
    sum = (sum >>> 8) ^ (table[(sum ^ (bytes[i] as number)) & 0xff] as number)
  }
  return ~sum >>> 0
}
