import { crc32 } from 'node:zlib'
import type { BookSide } from '../../src/port.ts'

/** Levels a side that a checksum covers. */
const covered = 10

/**
 * A checksum over the best levels: CRC-32 of the text `PRICE:QUANTITY:ORDERS` for each bid, the best first and
 * joined by commas, then `;`, then the same for the asks. A reader that keeps fewer levels covers those.
 */
export function checksumOf(bids: BookSide, asks: BookSide, depth = covered): number {
  const levels = Math.min(depth, covered)
  return crc32(`${textOf(bids, levels)};${textOf(asks, levels)}`)
}

function textOf(side: BookSide, depth: number): string {
  let text = ''
  let left = depth
  for (const { price, quantity, orderCount } of side.levels()) {
    text += `${text === '' ? '' : ','}${price}:${Number(quantity)}:${orderCount}`
    left -= 1
    if (left === 0) break
  }
  return text
}

/** What others can test their checksums by. */
export const checksumVectors = [
  { text: ';', checksum: 1_661_535_913 },
  { text: '4980:35:2,4970:200:1;5010:40:1', checksum: 1_041_853_504 },
] as const
