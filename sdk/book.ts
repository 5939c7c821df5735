import { crc32 } from './crc32.ts'
import type { Feed } from './feed.ts'
import type { Subscription } from './subscription.ts'
import type { BestLevel, Message, Stock, WireLevel } from './types.ts'

/** Levels a side that a checksum covers. */
const covered = 10

/** The two sides of a book by price, kept by the messages of the channel `book`. */
export class OrderBook {
  /** How many levels a side are kept; all if undefined. */
  readonly depth: number | undefined
  #bids: BestLevel[] = []
  #asks: BestLevel[] = []
  #seq: number | undefined
  #time: string | undefined

  constructor(depth?: number) {
    this.depth = depth
  }

  /** Highest price first. */
  get bids(): readonly BestLevel[] {
    return this.#bids
  }

  /** Lowest price first. */
  get asks(): readonly BestLevel[] {
    return this.#asks
  }

  /** The number of the last change that is in it; undefined before the first snapshot. */
  get seq(): number | undefined {
    return this.#seq
  }

  /** When the book last changed, by the clock of the server. */
  get time(): string | undefined {
    return this.#time
  }

  /** CRC-32 of `PRICE:QUANTITY:ORDERS` of the ten best bids, joined by commas, then `;`, then the same of the asks. */
  get checksum(): number {
    return crc32(`${textOf(this.#bids)};${textOf(this.#asks)}`)
  }

  /** Takes the next message; false when the book then does not come to the checksum in it. */
  take(message: Message<'book'>): boolean {
    if (message.type === 'snapshot') {
      this.#bids = message.bids.map(toLevel)
      this.#asks = message.asks.map(toLevel)
    } else {
      for (const level of message.bids) put(this.#bids, level, -1)
      for (const level of message.asks) put(this.#asks, level, 1)
      // What is deeper than the depth is not told of any more, and would grow old.
      if (this.depth !== undefined) {
        this.#bids.splice(this.depth)
        this.#asks.splice(this.depth)
      }
    }
    this.#seq = message.seq
    this.#time = message.time
    return this.checksum === message.checksum
  }
}

/** A book that follows the server's, and mends itself. */
export interface FollowedBook {
  readonly book: OrderBook
  readonly subscription: Subscription<Message<'book'>>
  /** Whether it is the server's book, but for what is on its way. */
  readonly isLive: boolean
  close(): void
}

/**
 * Keeps a book. `onChange` is called after each message that made it right. When the checksum says that it is wrong it
 * is asked for anew, and until then `isLive` is false and `onChange` silent.
 */
export function followBook(
  feed: Feed,
  { venue, symbol, depth }: Stock & { readonly depth?: number },
  onChange: (book: OrderBook) => void = () => {},
): FollowedBook {
  const book = new OrderBook(depth)
  const key = { channel: 'book', venue, symbol, ...(depth !== undefined && { depth }) } as const
  const subscription = feed.subscribe(key, (message) => {
    if (book.take(message)) onChange(book)
    else subscription.heal({ anew: true })
  })
  return {
    book,
    subscription,
    get isLive() {
      return subscription.isLive && book.seq === subscription.seq
    },
    close: () => subscription.close(),
  }
}

function toLevel([price, quantity, orders]: WireLevel): BestLevel {
  return { price, quantity, orders }
}

/** Puts a level into a side, or takes it out. `direction` is 1 where prices ascend and -1 where they descend. */
function put(side: BestLevel[], wire: WireLevel, direction: 1 | -1): void {
  const level = toLevel(wire)
  let low = 0
  let high = side.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (((side[middle] as BestLevel).price - level.price) * direction < 0) low = middle + 1
    else high = middle
  }
  const isKnown = side[low]?.price === level.price
  if (level.quantity === 0) side.splice(low, isKnown ? 1 : 0)
  else side.splice(low, isKnown ? 1 : 0, level)
}

function textOf(side: readonly BestLevel[]): string {
  return side
    .slice(0, covered)
    .map(({ price, quantity, orders }) => `${price}:${quantity}:${orders}`)
    .join(',')
}
