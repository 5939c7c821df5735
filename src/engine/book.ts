import type { Side } from '../domain/order.ts'
import type { Lots, Ticks } from '../domain/units.ts'
import type { Account } from './account.ts'
import type { RememberedOrder } from './client-order-ids.ts'

/** An open order. While it rests it is a link in the list of its level. */
export class Order {
  readonly id: number
  readonly account: Account
  readonly side: Side
  /** The worst acceptable price; of a market order the worst there is. */
  readonly price: Ticks
  open: Lots
  /** Set while the order rests. */
  level: Level | undefined = undefined
  previous: Order | undefined = undefined
  next: Order | undefined = undefined
  /** What is remembered under its client order id, if it came with one. */
  readonly remembered: RememberedOrder | undefined

  constructor(
    id: number,
    account: Account,
    side: Side,
    price: Ticks,
    quantity: Lots,
    remembered: RememberedOrder | undefined,
  ) {
    this.id = id
    this.account = account
    this.side = side
    this.price = price
    this.open = quantity
    this.remembered = remembered
  }
}

/** All resting orders at one price, oldest first. Never empty. */
export class Level {
  readonly side: BookSide
  readonly price: Ticks
  /** The sum of its orders' open lots. */
  quantity: Lots = 0 as Lots
  first: Order | undefined = undefined
  last: Order | undefined = undefined

  constructor(side: BookSide, price: Ticks) {
    this.side = side
    this.price = price
  }
}

/** A block of levels is split in two when it would hold more than this. */
const blockSize = 256

/**
 * One side of a book: levels sorted by price, the best **last**.
 *
 * Near the best price, where nearly everything happens, adding and removing then moves nothing. The levels stand in
 * blocks, so that in a book of a million prices an insertion moves a few hundred entries and not half a million.
 */
export class BookSide {
  readonly book: Book
  readonly side: Side
  /** No block is empty. */
  readonly #blocks: Level[][] = []
  /** The sum of all open lots on this side. */
  depth: Lots = 0 as Lots
  /** Orders resting on this side. */
  orderCount = 0
  #best: Level | undefined = undefined

  constructor(book: Book, side: Side) {
    this.book = book
    this.side = side
  }

  /** The best level, or undefined when the side is empty. */
  get best(): Level | undefined {
    return this.#best
  }

  /** Puts an order behind all others at its price. */
  add(order: Order): void {
    const level = this.#levelAt(order.price)
    order.level = level
    order.previous = level.last
    if (level.last === undefined) level.first = order
    else level.last.next = order
    level.last = order
    level.quantity = (level.quantity + order.open) as Lots
    this.depth = (this.depth + order.open) as Lots
    this.orderCount += 1
  }

  /** Takes open lots off a resting order, which stays where it is; at none left use `remove` after it. */
  reduce(order: Order, quantity: Lots): void {
    order.open = (order.open - quantity) as Lots
    const level = order.level as Level
    level.quantity = (level.quantity - quantity) as Lots
    this.depth = (this.depth - quantity) as Lots
  }

  /** Takes an order out of the book, whatever it still has open, and its level with it when that was the last. */
  remove(order: Order): void {
    const level = order.level as Level
    level.quantity = (level.quantity - order.open) as Lots
    this.depth = (this.depth - order.open) as Lots
    this.orderCount -= 1
    if (order.previous === undefined) level.first = order.next
    else order.previous.next = order.next
    if (order.next === undefined) level.last = order.previous
    else order.next.previous = order.previous
    order.previous = undefined
    order.next = undefined
    order.level = undefined
    if (level.first === undefined) this.#drop(level)
  }

  /** The levels, best first. Do not change the side while reading. */
  *levels(): IterableIterator<Level> {
    for (let b = this.#blocks.length - 1; b >= 0; b -= 1) {
      const block = this.#blocks[b] as Level[]
      for (let i = block.length - 1; i >= 0; i -= 1) yield block[i] as Level
    }
  }

  /** The resting orders, best price first and oldest first within a price. Do not change the side while reading. */
  *orders(): IterableIterator<Order> {
    for (const level of this.levels()) {
      for (let order = level.first; order !== undefined; order = order.next) yield order
    }
  }

  /** The level at a price, made when there is none. */
  #levelAt(price: Ticks): Level {
    if (this.#best?.price === price) return this.#best
    const blocks = this.#blocks
    if (blocks.length === 0) {
      const only = new Level(this, price)
      blocks.push([only])
      this.#best = only
      return only
    }
    const b = this.#blockOf(price)
    const block = blocks[b] as Level[]
    const i = this.#indexIn(block, price)
    const found = block[i]
    if (found !== undefined && found.price === price) return found
    const level = new Level(this, price)
    if (i === block.length) block.push(level)
    else block.splice(i, 0, level)
    if (block.length > blockSize) blocks.splice(b + 1, 0, block.splice(block.length >> 1))
    if (this.#best === undefined || !this.#worse(price, this.#best.price)) this.#best = level
    return level
  }

  #drop(level: Level): void {
    const blocks = this.#blocks
    const b = this.#blockOf(level.price)
    const block = blocks[b] as Level[]
    if (level === block[block.length - 1]) block.pop()
    else block.splice(this.#indexIn(block, level.price), 1)
    if (block.length === 0) {
      if (b === blocks.length - 1) blocks.pop()
      else blocks.splice(b, 1)
    }
    if (level === this.#best) this.#best = blocks.at(-1)?.at(-1)
  }

  /** The block that holds, or would hold, a price: the last whose first level is not better than it. */
  #blockOf(price: Ticks): number {
    const blocks = this.#blocks
    let low = 0
    let high = blocks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#worse(price, ((blocks[middle] as Level[])[0] as Level).price)) high = middle - 1
      else low = middle
    }
    return low
  }

  /** The index of the first level in a block that is not worse than a price; the block's length if all are. */
  #indexIn(block: Level[], price: Ticks): number {
    let low = 0
    let high = block.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#worse((block[middle] as Level).price, price)) low = middle + 1
      else high = middle
    }
    return low
  }

  #worse(a: Ticks, b: Ticks): boolean {
    return this.side === 'buy' ? a < b : a > b
  }
}

/** One instrument's resting orders. */
export class Book {
  readonly symbol: string
  readonly bids: BookSide
  readonly asks: BookSide

  constructor(symbol: string) {
    this.symbol = symbol
    this.bids = new BookSide(this, 'buy')
    this.asks = new BookSide(this, 'sell')
  }

  /** The side where orders of a side rest. */
  own(side: Side): BookSide {
    return side === 'buy' ? this.bids : this.asks
  }

  /** The side that orders of a side trade with. */
  opposite(side: Side): BookSide {
    return side === 'buy' ? this.asks : this.bids
  }
}
