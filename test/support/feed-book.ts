import { crc32 } from 'node:zlib'
import type { ChangeOf, SnapshotOf } from '../../schemas/feed.ts'

type Level = readonly [price: number, quantity: number, orders: number]
type BookMessage = SnapshotOf<'book'> | ChangeOf<'book'>

/** A book that is kept by the messages of the feed alone, as a client does. */
export class FeedBook {
  seq = 0
  readonly #depth: number
  #bids = new Map<number, Level>()
  #asks = new Map<number, Level>()

  constructor(depth = Number.POSITIVE_INFINITY) {
    this.#depth = depth
  }

  /** Takes a message; throws when it does not follow the ones before, or does not come to its checksum. */
  take(message: BookMessage): void {
    if (message.type === 'snapshot') {
      this.#bids = new Map()
      this.#asks = new Map()
    } else if (message.prev !== this.seq) {
      throw new Error(`a change from ${message.prev} on cannot follow ${this.seq}`)
    }
    for (const level of message.bids) put(this.#bids, level)
    for (const level of message.asks) put(this.#asks, level)
    this.#bids = new Map(this.bids.map((level) => [level[0], level]))
    this.#asks = new Map(this.asks.map((level) => [level[0], level]))
    this.seq = message.seq
    if (this.checksum !== message.checksum)
      throw new Error(`checksum ${this.checksum} in place of ${message.checksum} at ${message.seq}`)
  }

  /** Highest price first. */
  get bids(): Level[] {
    return [...this.#bids.values()].sort((a, b) => b[0] - a[0]).slice(0, this.#depth)
  }

  /** Lowest price first. */
  get asks(): Level[] {
    return [...this.#asks.values()].sort((a, b) => a[0] - b[0]).slice(0, this.#depth)
  }

  get checksum(): number {
    const textOf = (levels: Level[]) =>
      levels
        .slice(0, 10)
        .map((level) => level.join(':'))
        .join(',')
    return crc32(`${textOf(this.bids)};${textOf(this.asks)}`)
  }
}

function put(side: Map<number, Level>, level: Level): void {
  if (level[1] === 0) side.delete(level[0])
  else side.set(level[0], level)
}
