import type { Book, BookSide, Level, Order } from './book.ts'
import { bookOf } from './close.ts'
import { heldAsset, isCash, unitsOf } from './credit/cash.ts'
import type { Engine } from './engine.ts'
import type { VenueState } from './venue-state.ts'

/** Checks everything that must hold of an engine's state; throws an Error that names what does not. Reads it all. */
export function checkEngine(engine: Engine): void {
  let books = 0
  for (const venue of engine.venues.values()) {
    let orders = 0
    const idsOf = new Map<string, number[]>()
    for (const book of venue.books.values()) {
      checkBook(book)
      orders += book.bids.orderCount + book.asks.orderCount + book.waiting.buy.size + book.waiting.sell.size
      books += 1
    }
    for (const order of venue.orders.values()) {
      bookOf(venue, order)
      const ids = idsOf.get(order.account.name)
      if (ids === undefined) idsOf.set(order.account.name, [order.id])
      else ids.push(order.id)
    }
    if (orders !== venue.orders.size) fail(`${venue.name}: ${orders} in books, ${venue.orders.size} open`)
    for (const account of venue.accounts.values()) {
      const ids = idsOf.get(account.name) ?? []
      const listed = account.openOrderIds()
      if (
        account.openOrders !== ids.length ||
        listed.some((id, i) => id !== ids[i]) ||
        listed.length !== ids.length
      )
        fail(`${account.name}: has other open orders than it lists`)
    }
    checkLedger(venue)
    checkHolds(venue)
  }
  if (books !== engine.books) fail(`${books} books, ${engine.books} counted`)
}

/** Checks that nothing was made or lost: all that came in is somebody's, or was taken as fees. */
export function checkLedger({ name, accounts, ledger }: VenueState): void {
  const found = new Map(ledger.fees)
  for (const account of accounts.values()) {
    for (const { asset, available, held } of account.balances.values()) {
      if (available < 0n || held < 0n)
        fail(`${name}: ${account.name} holds ${available} and ${held} ${asset}`)
      found.set(asset, (found.get(asset) ?? 0n) + available + held)
    }
  }
  for (const asset of new Set([...found.keys(), ...ledger.deposited.keys()])) {
    const [sum, deposited] = [found.get(asset) ?? 0n, ledger.deposited.get(asset) ?? 0n]
    if (sum !== deposited) fail(`${name}: ${sum} ${asset} are held, ${deposited} came in`)
  }
}

/** Checks that what is held is what open orders have reserved. Reads them all. */
function checkHolds(venue: VenueState): void {
  if (!venue.hasMoney) return
  const held = new Map<string, bigint>()
  for (const order of venue.orders.values()) {
    const book = bookOf(venue, order)
    if (!isCash(book)) fail(`order ${order.id} is on a cash venue in a book without terms`)
    if (order.side === 'sell' && order.hold !== unitsOf(book, order.open)) {
      fail(`order ${order.id} holds ${order.hold} for ${order.open} lots`)
    }
    const key = `${order.account.name} ${heldAsset(book, order.side).name}`
    held.set(key, (held.get(key) ?? 0n) + BigInt(order.hold))
  }
  for (const account of venue.accounts.values()) {
    for (const balance of account.balances.values()) {
      const reserved = held.get(`${account.name} ${balance.asset}`) ?? 0n
      if (balance.held !== reserved) fail(`${account.name}: ${balance.held} held, ${reserved} reserved`)
    }
  }
}

/**
 * Checks a book: not crossed but by orders of one account, levels sorted, quantities and depth equal to the sums of
 * their orders. Looks at no more than `most` orders a side, so that it can run in production too; what was not seen
 * whole is not compared.
 */
export function checkBook(book: Book, most = Number.POSITIVE_INFINITY): void {
  const bid = book.bids.best?.price
  const ask = book.asks.best?.price
  if (bid !== undefined && ask !== undefined && bid >= ask) checkCrossing(book, bid, ask, most)
  checkSide(book.bids, most)
  checkSide(book.asks, most)
}

/** Under the rule `skip` an account's own orders may cross each other, and nobody else's. */
function checkCrossing(book: Book, bid: number, ask: number, most: number): void {
  const bids = [...crossing(book.bids, (price) => price >= ask, most)]
  const asks = [...crossing(book.asks, (price) => price <= bid, most)]
  for (const buy of bids) {
    for (const sell of asks) {
      if (buy.price >= sell.price && buy.account !== sell.account) {
        fail(`${book.symbol} is crossed: ${buy.price} over ${sell.price}`)
      }
    }
  }
}

function* crossing(side: BookSide, isCrossing: (price: number) => boolean, most: number): Iterable<Order> {
  let count = 0
  for (const order of side.orders()) {
    if (!isCrossing(order.price) || count >= most) return
    count += 1
    yield order
  }
}

function checkSide(side: BookSide, most: number): void {
  const name = `${side.book.symbol} ${side.side}`
  let depth = 0n
  let orders = 0
  let better: Level | undefined
  for (const level of side.levels()) {
    if (better === undefined && level !== side.best) fail(`${name}: ${level.price} is first but not the best`)
    if (
      better !== undefined &&
      (side.side === 'buy' ? better.price <= level.price : better.price >= level.price)
    ) {
      fail(`${name}: ${better.price} stands before ${level.price}`)
    }
    better = level
    orders += checkLevel(level, name, most - orders)
    depth += BigInt(level.quantity)
    if (orders >= most) return
  }
  if (depth !== BigInt(side.depth)) fail(`${name}: depth is ${side.depth}, its levels hold ${depth}`)
  if (orders !== side.orderCount) fail(`${name}: ${side.orderCount} orders counted, ${orders} found`)
}

/** Checks a level, or the first `most` orders of it; says how many it has seen. */
function checkLevel(level: Level, name: string, most: number): number {
  let quantity = 0n
  let orders = 0
  for (let order = level.first; order !== undefined; order = order.next) {
    if (orders === most) return orders
    if (order.open <= 0) fail(`${name}: order ${order.id} rests with nothing open`)
    if (order.level !== level) fail(`${name}: order ${order.id} does not know its level`)
    if ((order.next?.previous ?? level.last) !== order) fail(`${name}: order ${order.id} is linked one way`)
    if (order.price !== level.price)
      fail(`${name}: order ${order.id} rests at ${level.price}, not at ${order.price}`)
    quantity += BigInt(order.open)
    orders += 1
  }
  if (orders === 0) fail(`${name}: ${level.price} is empty`)
  if (quantity !== BigInt(level.quantity))
    fail(`${name}: ${level.price} holds ${quantity}, counted ${level.quantity}`)
  return orders
}

function fail(what: string): never {
  throw new Error(`invariant broken: ${what}`)
}
