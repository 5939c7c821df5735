import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import type { Side } from '../../src/domain/order.ts'

const idPattern = /^[0-9a-f]{64}$/
/** What an id is of. */
const kinds = { order: 0, buy: 1, sell: 2 } as const

/**
 * The ids of a game: 64 hex digits, made of the venue's name and the number that the exchange knows an order or a
 * trade by. So they are the same after a restart, and lead back to their number without a table.
 *
 * A number is written into two blocks, and each is enciphered under a key made of the venue's name. That hides
 * nothing from somebody who knows how: it makes ids that look like the ones bots are used to, and that are never met
 * twice. Whose order it is, is checked wherever an id comes in.
 */
export class Ids {
  readonly #cipher: ReturnType<typeof createCipheriv>
  readonly #decipher: ReturnType<typeof createDecipheriv>

  constructor(venue: string) {
    const key = createHash('sha256').update(`cxgame ids of ${venue}`).digest()
    // Block by block, and never finished: each call gives the blocks that it was given.
    this.#cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false)
    this.#decipher = createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false)
  }

  order(number: number): string {
    return this.#cipher.update(blocks(kinds.order, number)).toString('hex')
  }

  /** The fill that the order of one side has by a trade. */
  fill(trade: number, side: Side): string {
    return this.#cipher.update(blocks(kinds[side], trade)).toString('hex')
  }

  /** The order that an id is of; undefined when it is no id of one. */
  orderNumber(id: string): number | undefined {
    if (!idPattern.test(id)) return undefined
    const plain = this.#decipher.update(Buffer.from(id, 'hex'))
    const number = Number(plain.readBigUInt64BE(8))
    return Number.isSafeInteger(number) && plain.equals(blocks(kinds.order, number)) ? number : undefined
  }
}

/** A number twice, each time with its kind and its place in front. */
function blocks(kind: number, number: number): Buffer {
  const plain = Buffer.alloc(32)
  for (const place of [0, 1]) {
    plain.writeUInt8(kind, place * 16)
    plain.writeUInt8(place, place * 16 + 1)
    plain.writeBigUInt64BE(BigInt(number), place * 16 + 8)
  }
  return plain
}
