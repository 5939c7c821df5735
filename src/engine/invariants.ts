import type { Book, BookSide, Level } from './book.ts'
import type { Engine } from './engine.ts'

/** Checks everything that must hold of an engine's state; throws an Error that names what does not. Reads it all. */
export function checkEngine(engine: Engine): void {
  let books = 0
  for (const venue of engine.venues.values()) {
    let orders = 0
    const openOrders = new Map<string, number>()
    for (const book of venue.books.values()) {
      checkBook(book)
      orders += book.bids.orderCount + book.asks.orderCount
      books += 1
    }
    for (const order of venue.orders.values()) {
      if (order.level === undefined) fail(`order ${order.id} is open but not in a book`)
      openOrders.set(order.account.name, (openOrders.get(order.account.name) ?? 0) + 1)
    }
    if (orders !== venue.orders.size) fail(`${venue.name}: ${orders} in books, ${venue.orders.size} open`)
    for (const account of venue.accounts.values()) {
      if (account.openOrders !== (openOrders.get(account.name) ?? 0))
        fail(`${account.name}: open orders miscounted`)
    }
  }
  if (books !== engine.books) fail(`${books} books, ${engine.books} counted`)
}

/**
 * Checks a book: not crossed, levels sorted, quantities and depth equal to the sums of their orders. Looks at no more
 * than `most` orders a side, so that it can run in production too; what was not seen whole is not compared.
 */
export function checkBook(book: Book, most = Number.POSITIVE_INFINITY): void {
  const bid = book.bids.best?.price
  const ask = book.asks.best?.price
  if (bid !== undefined && ask !== undefined && bid >= ask)
    fail(`${book.symbol} is crossed: ${bid} over ${ask}`)
  checkSide(book.bids, most)
  checkSide(book.asks, most)
}

function checkSide(side: BookSide, most: number): void {
  const name = `${side.book.symbol} ${side.side}`
  let depth = 0
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
    depth += level.quantity
    if (orders >= most) return
  }
  if (depth !== side.depth) fail(`${name}: depth is ${side.depth}, its levels hold ${depth}`)
  if (orders !== side.orderCount) fail(`${name}: ${side.orderCount} orders counted, ${orders} found`)
}

/** Checks a level, or the first `most` orders of it; says how many it has seen. */
function checkLevel(level: Level, name: string, most: number): number {
  let quantity = 0
  let orders = 0
  for (let order = level.first; order !== undefined; order = order.next) {
    if (orders === most) return orders
    if (order.open <= 0) fail(`${name}: order ${order.id} rests with nothing open`)
    if (order.level !== level) fail(`${name}: order ${order.id} does not know its level`)
    if ((order.next?.previous ?? level.last) !== order) fail(`${name}: order ${order.id} is linked one way`)
    if (order.price !== level.price)
      fail(`${name}: order ${order.id} rests at ${level.price}, not at ${order.price}`)
    quantity += order.open
    orders += 1
  }
  if (orders === 0) fail(`${name}: ${level.price} is empty`)
  if (quantity !== level.quantity)
    fail(`${name}: ${level.price} holds ${quantity}, counted ${level.quantity}`)
  return orders
}

function fail(what: string): never {
  throw new Error(`invariant broken: ${what}`)
}
