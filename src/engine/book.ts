import type { Amount } from '../domain/amount.ts'
import type { InstrumentTerms } from '../domain/instrument.ts'
import type { Side } from '../domain/order.ts'
import type { Lots, Ticks } from '../domain/units.ts'
import type { Account, OpenOrder } from './account.ts'
import type { RememberedOrder } from './client-order-ids.ts'
import type { Asset } from './credit/asset.ts'
import { type FeeRatesByTaker, feeRates } from './credit/fees.ts'
import type { Ledger } from './credit/ledger.ts'
import { Notional } from './credit/notional.ts'
import { LotSum } from './lot-sum.ts'
import type { Session } from './sessions.ts'

/** What is open of an order that has a budget in place of a quantity: it ends when its money is spent. */
const asMuchAsPossible = Number.MAX_SAFE_INTEGER as Lots

/** An open order. While it rests it is a link in the list of its level. */
export class Order implements OpenOrder {
  readonly id: number
  readonly account: Account
  readonly side: Side
  /** The worst acceptable price; of a market order the worst there is. */
  readonly price: Ticks
  open: Lots
  /** What is open and what is filled, together; 0 with a budget. */
  total: Lots
  /** Set while the order rests. */
  level: Level | undefined = undefined
  previous: Order | undefined = undefined
  next: Order | undefined = undefined
  olderOwn: OpenOrder | undefined = undefined
  newerOwn: OpenOrder | undefined = undefined
  /** What is remembered under its client order id, if it came with one. */
  readonly remembered: RememberedOrder | undefined
  /** The session whose end is its own too. */
  session: Session | undefined = undefined
  /** Whether it has a budget in place of a quantity. */
  readonly isByBudget: boolean
  /** What is reserved for it on a cash venue: money of an order to buy, of one to sell the base asset. */
  hold: Amount = 0

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
    this.isByBudget = quantity === 0
    this.total = quantity
    this.open = this.isByBudget ? asMuchAsPossible : quantity
    this.remembered = remembered
  }

  /**
   * Whether roundings of many trades can come to all that it has reserved while lots are open: one to buy at a price.
   * What one without a price reserves is rounded trade by trade.
   */
  get mayRunOutOfHold(): boolean {
    return this.side === 'buy' && !this.isByBudget && this.price !== Number.MAX_SAFE_INTEGER
  }
}

/** All resting orders at one price, oldest first. Never empty. */
export class Level {
  readonly side: BookSide
  readonly price: Ticks
  /** The sum of its orders' open lots. */
  readonly sum = new LotSum()
  orderCount = 0
  first: Order | undefined = undefined
  last: Order | undefined = undefined

  constructor(side: BookSide, price: Ticks) {
    this.side = side
    this.price = price
  }

  /** The sum of its orders' open lots; a number as long as one holds it exactly. */
  get quantity(): Lots | bigint {
    return this.sum.total
  }
}

/** A block of levels is split in two when it would hold more than this. */
const blockSize = 256

/**
 * A run of levels, the best last. Their ranks stand beside them as plain numbers: a search reads a few cache lines
 * there, where the levels themselves are spread over the whole heap.
 */
interface Block {
  readonly ranks: number[]
  readonly levels: Level[]
}

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
  readonly #blocks: Block[] = []
  /** The rank of each block's first level. */
  readonly #firsts: number[] = []
  /** A price times this is its rank: the higher, the better. */
  readonly #sign: 1 | -1
  /** The sum of all open lots on this side. */
  readonly #sum = new LotSum()
  /** Orders resting on this side. */
  orderCount = 0
  #best: Level | undefined = undefined

  constructor(book: Book, side: Side) {
    this.book = book
    this.side = side
    this.#sign = side === 'buy' ? 1 : -1
  }

  /** The sum of all open lots on this side; a number as long as one holds it exactly. */
  get depth(): Lots | bigint {
    return this.#sum.total
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
    level.orderCount += 1
    level.sum.add(order.open)
    this.#sum.add(order.open)
    this.orderCount += 1
  }

  /** Takes open lots off a resting order, which stays where it is; at none left use `remove` after it. */
  reduce(order: Order, quantity: Lots): void {
    order.open = (order.open - quantity) as Lots
    const level = order.level as Level
    level.sum.subtract(quantity)
    this.#sum.subtract(quantity)
  }

  /** Takes an order out of the book, whatever it still has open, and its level with it when that was the last. */
  remove(order: Order): void {
    const level = order.level as Level
    level.orderCount -= 1
    level.sum.subtract(order.open)
    this.#sum.subtract(order.open)
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
      const { levels } = this.#blocks[b] as Block
      for (let i = levels.length - 1; i >= 0; i -= 1) yield levels[i] as Level
    }
  }

  /** The level at a price, or undefined when there is none. */
  at(price: Ticks): Level | undefined {
    if (this.#best?.price === price) return this.#best
    const rank = this.#sign * price
    const block = this.#blocks[lastNotAbove(this.#firsts, rank)]
    const level = block?.levels[lastNotAbove(block.ranks, rank)]
    return level?.price === price ? level : undefined
  }

  /** The best level that is worse than a price, or undefined when there is none. */
  worse(price: Ticks): Level | undefined {
    const rank = this.#sign * price
    const b = lastNotAbove(this.#firsts, rank - 1)
    const block = this.#blocks[b]
    return block?.levels[lastNotAbove(block.ranks, rank - 1)]
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
    const rank = this.#sign * price
    const b = Math.max(0, lastNotAbove(this.#firsts, rank))
    const block = this.#blocks[b] ?? this.#firstBlock()
    const i = lastNotAbove(block.ranks, rank)
    if (block.ranks[i] === rank) return block.levels[i] as Level
    const level = new Level(this, price)
    if (this.#best === undefined || rank > this.#sign * this.#best.price) this.#best = level
    insert(block.ranks, i + 1, rank)
    insert(block.levels, i + 1, level)
    this.#firsts[b] = block.ranks[0] as number
    if (block.ranks.length > blockSize) this.#split(b)
    return level
  }

  #firstBlock(): Block {
    const block = { ranks: [], levels: [] }
    this.#blocks.push(block)
    return block
  }

  #split(b: number): void {
    const { ranks, levels } = this.#blocks[b] as Block
    const middle = ranks.length >> 1
    const upper = { ranks: ranks.splice(middle), levels: levels.splice(middle) }
    insert(this.#blocks, b + 1, upper)
    insert(this.#firsts, b + 1, upper.ranks[0] as number)
  }

  #drop(level: Level): void {
    const isBest = level === this.#best
    const rank = this.#sign * level.price
    const b = isBest ? this.#blocks.length - 1 : lastNotAbove(this.#firsts, rank)
    const { ranks, levels } = this.#blocks[b] as Block
    const i = isBest ? ranks.length - 1 : lastNotAbove(ranks, rank)
    remove(ranks, i)
    remove(levels, i)
    if (ranks.length > 0) {
      this.#firsts[b] = ranks[0] as number
    } else {
      remove(this.#blocks, b)
      remove(this.#firsts, b)
    }
    if (isBest) this.#best = this.#blocks.at(-1)?.levels.at(-1)
  }
}

/** The index of the last of some ascending numbers that is not above `n`; -1 when all are. */
function lastNotAbove(numbers: readonly number[], n: number): number {
  let low = -1
  let high = numbers.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((numbers[middle] as number) > n) high = middle - 1
    else low = middle
  }
  return low
}

/** At the end, where nearly everything happens, `push` and `pop` cost much less than `splice`. */
function insert<T>(items: T[], i: number, item: T): void {
  if (i === items.length) items.push(item)
  else items.splice(i, 0, item)
}

function remove<T>(items: T[], i: number): void {
  if (i === items.length - 1) items.pop()
  else items.splice(i, 1)
}

/** One instrument: its resting orders, and what its listing says. */
export class Book {
  readonly symbol: string
  readonly bids: BookSide
  readonly asks: BookSide
  /** What market orders left, which waits for counterparts beside the book: the oldest first. */
  readonly waiting: { readonly buy: Set<Order>; readonly sell: Set<Order> } = {
    buy: new Set(),
    sell: new Set(),
  }
  readonly terms: InstrumentTerms | undefined
  /** What lots are worth here; this and what follows on cash venues only. */
  readonly notional: Notional | undefined
  readonly feeRates: FeeRatesByTaker | undefined
  /** What is traded, and what it is paid with. */
  readonly base: Asset | undefined
  readonly quote: Asset | undefined
  /** The venue's own price, where there is one. */
  reference: Ticks | undefined

  /** `money`: what the listing says on a cash venue, and the ledger there. */
  constructor(symbol: string, money?: { readonly terms: InstrumentTerms; readonly ledger: Ledger }) {
    this.symbol = symbol
    this.bids = new BookSide(this, 'buy')
    this.asks = new BookSide(this, 'sell')
    const { terms, ledger } = money ?? {}
    this.terms = terms
    this.notional = terms && new Notional(terms)
    this.feeRates = terms && feeRates(terms.fees)
    this.base = terms && ledger?.asset(terms.base)
    this.quote = terms && ledger?.asset(terms.quote)
    this.reference = terms?.reference?.initial
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
