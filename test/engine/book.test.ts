import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import type { Event } from '../../src/domain/event.ts'
import { IdTable } from '../../src/domain/id-table.ts'
import type { Side } from '../../src/domain/order.ts'
import { type Lots, lots, micros, type Ticks, ticks } from '../../src/domain/units.ts'
import { defaultLimits } from '../../src/domain/venue.ts'
import { Account } from '../../src/engine/account.ts'
import { Book, type BookSide, Order } from '../../src/engine/book.ts'
import {
  ClientOrderIds,
  ClosedQueue,
  closedPerAccount,
  closedPerVenue,
  RememberedOrder,
} from '../../src/engine/client-order-ids.ts'
import { Digest } from '../../src/engine/digest.ts'
import { checkBook, checkEngine } from '../../src/engine/invariants.ts'
import { loadText, savedText } from './state-hash.ts'
import { ioc, plainTerms, TestVenue } from './test-venue.ts'

const seed = process.env.STOCKYARD_TEST_SEED
const seeded = seed === undefined ? {} : { seed: Number(seed) }
const ann = new Account('ann', 1)

function order(id: number, side: Side, price: number, quantity: number, account = ann): Order {
  return new Order(id, account, side, ticks(price), lots(quantity), undefined)
}

function pricesOf(side: BookSide): number[] {
  return [...side.levels()].map((level) => level.price)
}

function idsOf(side: BookSide): number[] {
  return [...side.orders()].map(({ id }) => id)
}

/** Whole numbers below a bound, always the same ones. */
function dice(): (bound: number) => number {
  let state = 1
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return Math.floor(((state >>> 0) / 2 ** 32) * bound)
  }
}

t.test('bids have the highest price first, asks the lowest', async (t) => {
  const { bids, asks } = new Book('FOOBAR')

  for (const price of [5, 9, 7, 0, 8]) {
    bids.add(order(price, 'buy', price, 1))
    asks.add(order(price, 'sell', price, 1))
  }

  t.strictSame(pricesOf(bids), [9, 8, 7, 5, 0])
  t.strictSame(pricesOf(asks), [0, 5, 7, 8, 9])
  t.equal(bids.best?.price, 9)
  t.equal(asks.best?.price, 0)
})

t.test('an empty side has no best level, before and after it held something', async (t) => {
  const { bids } = new Book('FOOBAR')
  const only = order(1, 'buy', 5, 10)

  t.equal(bids.best, undefined)
  bids.add(only)
  bids.remove(only)

  t.equal(bids.best, undefined)
  t.strictSame([bids.depth, bids.orderCount, pricesOf(bids)], [0, 0, []])
})

t.test('orders leave a level from the front, the middle and the end', async (t) => {
  const { asks } = new Book('FOOBAR')
  const orders = [1, 2, 3, 4, 5].map((id) => order(id, 'sell', 100, id * 10))
  for (const one of orders) asks.add(one)
  const [first, , middle, , last] = orders as [Order, Order, Order, Order, Order]

  asks.remove(middle)
  t.strictSame(idsOf(asks), [1, 2, 4, 5])
  asks.remove(first)
  t.strictSame(idsOf(asks), [2, 4, 5])
  asks.remove(last)
  t.strictSame(idsOf(asks), [2, 4])
  asks.add(order(6, 'sell', 100, 1))

  t.strictSame(idsOf(asks), [2, 4, 6])
  t.strictSame([asks.depth, asks.best?.quantity, asks.orderCount], [61, 61, 3])
  t.strictSame([middle.level, middle.previous, middle.next], [undefined, undefined, undefined])
})

t.test('reducing an order keeps its place, and lowers level and depth with it', async (t) => {
  const { asks } = new Book('FOOBAR')
  const first = order(1, 'sell', 100, 10)
  asks.add(first)
  asks.add(order(2, 'sell', 100, 10))
  asks.add(order(3, 'sell', 101, 10))

  asks.reduce(first, lots(4))

  t.strictSame(idsOf(asks), [1, 2, 3])
  t.strictSame([first.open, asks.best?.quantity, asks.depth], [6, 16, 26])
})

/** Does random things to a side of up to `most` levels, and says whether it is always what a sorted list is. */
function behavesLikeASortedList(side: Side, most: number, steps: number, looks: number): boolean {
  const random = dice()
  const book = new Book('FOOBAR')
  const bookSide = book.own(side)
  const kept: Order[] = []
  let growing = true
  for (let step = 1; step <= steps; step += 1) {
    if (kept.length >= most) growing = false
    if (kept.length === 0) growing = true
    if (random(10) < (growing ? 8 : 1)) {
      const one = order(step, side, random(most * 8), 1 + random(100))
      bookSide.add(one)
      kept.push(one)
    } else if (kept.length > 0) {
      const i = random(kept.length)
      bookSide.remove(kept[i] as Order)
      kept[i] = kept.at(-1) as Order
      kept.pop()
    }
    if (step % Math.floor(steps / looks) > 0) continue
    checkBook(book)
    const sorted = kept.toSorted(
      (a, b) => (side === 'buy' ? b.price - a.price : a.price - b.price) || a.id - b.id,
    )
    const ids = idsOf(bookSide)
    if (ids.length !== sorted.length || sorted.some(({ id }, i) => id !== ids[i])) return false
    if (bookSide.best?.first?.id !== ids[0]) return false
  }
  return true
}

t.test('a wide side stays sorted while tens of thousands of prices come and go', async (t) => {
  t.ok(behavesLikeASortedList('buy', 30_000, 150_000, 40), 'bids')
  t.ok(behavesLikeASortedList('sell', 30_000, 150_000, 40), 'asks')
})

t.test('a side of about one block stays sorted too', async (t) => {
  t.ok(behavesLikeASortedList('buy', 300, 20_000, 2_000), 'bids')
  t.ok(behavesLikeASortedList('sell', 300, 20_000, 2_000), 'asks')
})

t.test('prices in order, forwards and backwards, split blocks and empty them from either end', async (t) => {
  const count = 2_000
  const up = Array.from({ length: count }, (_, i) => i)
  for (const side of ['buy', 'sell'] as const) {
    for (const coming of [up, up.toReversed()]) {
      for (const going of [up, up.toReversed()]) {
        const book = new Book('FOOBAR')
        const orders = new Map(coming.map((price) => [price, order(price + 1, side, price, 1)]))
        for (const one of orders.values()) book.own(side).add(one)
        checkBook(book)
        const full = pricesOf(book.own(side))
        for (const price of going.slice(0, count - 1)) book.own(side).remove(orders.get(price) as Order)
        checkBook(book)

        t.strictSame(full, side === 'buy' ? up.toReversed() : up)
        t.strictSame(pricesOf(book.own(side)), going.slice(-1))
      }
    }
  }
})

/** Adds an order at a price, or takes one of those there are off. */
const anyMoves = fc.array(
  fc.tuple(fc.constantFrom('add', 'add', 'remove', 'reduce'), fc.nat(40), fc.integer({ min: 1, max: 50 })),
  { maxLength: 300, size: 'max' },
)

t.test('level quantities, depth and counts are the sums of what rests, whatever came and went', async () => {
  fc.assert(
    fc.property(fc.constantFrom('buy' as const, 'sell' as const), anyMoves, (side, moves) => {
      const book = new Book('FOOBAR')
      const bookSide = book.own(side)
      const kept: Order[] = []
      for (const [id, [move, price, quantity]] of moves.entries()) {
        const i = price % Math.max(kept.length, 1)
        const old = kept[i]
        if (move === 'add' || old === undefined) {
          kept.push(order(id, side, price, quantity))
          bookSide.add(kept.at(-1) as Order)
        } else if (move === 'reduce' && old.open > quantity) {
          bookSide.reduce(old, lots(quantity))
        } else {
          kept.splice(i, 1)
          bookSide.remove(old)
        }
      }
      checkBook(book)
      const depth = kept.reduce((sum, { open }) => sum + open, 0)
      return bookSide.depth === depth && bookSide.orderCount === kept.length
    }),
    { numRuns: 300, ...seeded },
  )
})

t.test('the check of a book finds what is wrong with it', async (t) => {
  const broken = (breakIt: (book: Book) => void, most?: number) => () => {
    const book = new Book('FOOBAR')
    for (const [id, price] of [10, 10, 8].entries()) book.bids.add(order(id + 1, 'buy', price, 5))
    for (const [id, price] of [12, 13, 13].entries()) book.asks.add(order(id + 4, 'sell', price, 5))
    breakIt(book)
    checkBook(book, most)
  }
  const bestBid = (book: Book) => book.bids.best as NonNullable<BookSide['best']>
  const deepBid = (book: Book) => [...book.bids.levels()][1] as NonNullable<BookSide['best']>

  t.doesNotThrow(broken(() => {}))
  t.throws(
    broken((book) => book.asks.add(order(9, 'sell', 10, 1, new Account('other', 9)))),
    /crossed/,
  )
  t.throws(
    broken((book) => bestBid(book).sum.add(lots(1))),
    /counted/,
  )
  t.throws(
    broken((book) => {
      bestBid(book).sum.add(lots(1))
      Object.assign(bestBid(book).first as Order, { open: 6 })
    }),
    /depth/,
  )
  t.throws(
    broken((book) => Object.assign(book.bids, { orderCount: 2 })),
    /orders counted/,
  )
  t.throws(
    broken((book) => Object.assign(bestBid(book).first as Order, { price: 11 })),
    /not at/,
  )
  t.throws(
    broken((book) => Object.assign(bestBid(book).first as Order, { open: 0 })),
    /nothing open/,
  )
  t.throws(
    broken((book) => Object.assign(deepBid(book), { price: 11 })),
    /stands before/,
  )
  t.throws(
    broken((book) => Object.assign(deepBid(book), { first: undefined })),
    /empty/,
  )
  t.doesNotThrow(
    broken((book) => deepBid(book).sum.add(lots(1)), 1),
    'a short look sees the best levels only',
  )
})

t.test('the check of an engine finds what is wrong with its tables', async (t) => {
  const broken = (breakIt: (exchange: TestVenue) => void) => () => {
    const exchange = new TestVenue()
    exchange.buy('ann', 10, 100)
    exchange.buy('bob', 10, 99)
    breakIt(exchange)
    checkEngine(exchange.engine)
  }
  const venueOf = ({ engine }: TestVenue) =>
    engine.venues.values().next().value as NonNullable<unknown> as {
      orders: IdTable<Order>
      accounts: Map<string, Account>
    }

  t.doesNotThrow(broken(() => {}))
  t.throws(
    broken((exchange) => venueOf(exchange).orders.delete(1)),
    /in books/,
  )
  t.throws(
    broken((exchange) => venueOf(exchange).orders.set(9, order(9, 'buy', 1, 1))),
    /in no book/,
  )
  t.throws(
    broken((exchange) => Object.assign(venueOf(exchange).accounts.get('ann') ?? {}, { openOrders: 2 })),
    /other open orders than it lists/,
  )
  t.throws(
    broken((exchange) => Object.assign(exchange.engine, { books: 2 })),
    /1 books, 2 counted/,
  )
})

t.test('an id table is a map by number, whose entries come in order', async () => {
  const anyChanges = fc.array(fc.tuple(fc.boolean(), fc.oneof(fc.nat(300), fc.nat(1_000_000))), {
    maxLength: 200,
    size: 'max',
  })
  fc.assert(
    fc.property(anyChanges, (changes) => {
      const table = new IdTable<string>()
      const map = new Map<number, string>()
      for (const [i, [add, id]] of changes.entries()) {
        if (add) {
          table.set(id, `value ${i}`)
          map.set(id, `value ${i}`)
        } else {
          table.delete(id)
          map.delete(id)
        }
        if (table.get(id) !== map.get(id) || table.size !== map.size) return false
      }
      const sorted = [...map].sort(([a], [b]) => a - b).map(([, value]) => value)
      return (
        [...map].every(([id, value]) => table.get(id) === value) &&
        sorted.join() === [...table.values()].join()
      )
    }),
    { numRuns: 300, ...seeded },
  )
})

t.test('an id table forgets at the edges of its pages, and knows nothing it was not told', async (t) => {
  const table = new IdTable<string>()
  for (const id of [0, 63, 64, 127, 128]) table.set(id, `${id}`)

  table.delete(64)
  table.delete(64)
  table.delete(127)
  table.delete(1_000)

  t.strictSame([...table.values()], ['0', '63', '128'])
  t.equal(table.size, 3)
  for (const id of [-1, 1, 64, 65, 127, 129, 1_000, 1.5]) t.equal(table.get(id), undefined, `${id}`)
  table.set(64, 'again')
  t.equal(table.get(64), 'again')
})

t.test('an id table keeps no memory for ids that are gone', async (t) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const table = new IdTable<string>()
  collect()
  const before = process.memoryUsage().heapUsed

  for (let id = 1; id <= 2_000_000; id += 1) {
    table.set(id, 'open')
    table.delete(id - 100)
  }

  collect()
  const grown = process.memoryUsage().heapUsed - before
  t.equal(table.size, 100)
  t.ok(grown < 5_000_000, `${grown} bytes more`)
})

function remembered(account: Account, orderId: number, clientOrderId = `id ${orderId}`): RememberedOrder {
  const terms = { symbol: 'FOOBAR', side: 'buy', orderType: 'limit', timeInForce: 'gtc' } as const
  return new RememberedOrder(account, clientOrderId, orderId, {
    ...terms,
    price: ticks(1),
    quantity: lots(1),
  })
}

t.test('orders leave the queue of closed ones from the front, the middle and the end', async (t) => {
  const orders = [1, 2, 3, 4, 5].map((id) => remembered(ann, id))
  const [first, second, middle, fourth, last] = orders as [
    RememberedOrder,
    RememberedOrder,
    RememberedOrder,
    RememberedOrder,
    RememberedOrder,
  ]
  const inVenue = new ClosedQueue('inVenue')
  const inAccount = new ClosedQueue('inAccount')
  const ids = (queue: ClosedQueue) => [...queue].map(({ orderId }) => orderId)
  for (const one of orders) for (const queue of [inVenue, inAccount]) queue.push(one)

  inVenue.remove(middle)
  t.strictSame(ids(inVenue), [1, 2, 4, 5])
  inVenue.remove(first)
  t.strictSame(ids(inVenue), [2, 4, 5])
  t.equal(inVenue.first, second)
  inVenue.remove(last)
  t.strictSame(ids(inVenue), [2, 4])
  inVenue.push(remembered(ann, 6))
  t.strictSame(ids(inVenue), [2, 4, 6])
  inVenue.remove(fourth)
  inVenue.remove(second)
  t.strictSame(ids(inVenue), [6])
  t.equal(inVenue.length, 1)

  t.strictSame(ids(inAccount), [1, 2, 3, 4, 5], 'the other queue is untouched')
})

t.test('an emptied queue starts anew', async (t) => {
  const queue = new ClosedQueue('inVenue')
  const only = remembered(ann, 1)
  queue.push(only)
  queue.remove(only)
  queue.push(remembered(ann, 2))
  queue.push(remembered(ann, 3))

  t.strictSame(
    [...queue].map(({ orderId }) => orderId),
    [2, 3],
  )
})

t.test('an account is remembered its newest 10,000 closed orders, however many others have', async (t) => {
  const ids = new ClientOrderIds()
  const bob = new Account('bob', 2)
  const close = (account: Account, orderId: number) => {
    const one = remembered(account, orderId)
    ids.remember(one)
    ids.close(one, orderId)
  }
  const open = remembered(ann, 1, 'open')
  ids.remember(open)
  close(bob, 2)
  for (let id = 3; id < 3 + closedPerAccount; id += 1) close(ann, id)

  t.equal(closedPerAccount, 10_000)
  t.equal(ids.find(ann, 'id 3')?.orderId, 3)
  close(ann, 20_000)
  t.equal(ids.find(ann, 'id 3'), undefined)
  t.equal(ids.find(ann, 'id 4')?.orderId, 4)
  t.equal(ids.find(ann, 'id 20000')?.orderId, 20_000)
  t.equal(ids.find(ann, 'open'), open)
  t.equal(ids.find(bob, 'id 2')?.orderId, 2)
  t.equal([...ids.closed()].length, closedPerAccount + 1)
})

t.test('a venue remembers its newest 200,000 closed orders of all accounts', async (t) => {
  const ids = new ClientOrderIds()
  const accounts = Array.from({ length: 50 }, (_, i) => new Account(`trader ${i}`, i + 1))
  const ownerOf = (orderId: number) => accounts[orderId % accounts.length] as Account
  const close = (orderId: number) => {
    const one = remembered(ownerOf(orderId), orderId)
    ids.remember(one)
    ids.close(one, orderId)
  }
  for (let id = 1; id <= closedPerVenue; id += 1) close(id)

  t.equal(closedPerVenue, 200_000)
  t.equal(ids.find(ownerOf(1), 'id 1')?.orderId, 1)
  close(closedPerVenue + 1)
  t.equal(ids.find(ownerOf(1), 'id 1'), undefined)
  t.equal(ids.find(ownerOf(2), 'id 2')?.orderId, 2)
  t.equal([...ids.closed()].length, closedPerVenue)
})

t.test('closed orders expire by their number among all that closed, not by how many had an id', async (t) => {
  const ids = new ClientOrderIds()
  const bob = new Account('bob', 2)
  for (const [account, orderId, closedAt] of [
    [ann, 1, 10],
    [bob, 2, 20],
    [ann, 3, 30],
  ] as const) {
    const one = remembered(account, orderId)
    ids.remember(one)
    ids.close(one, closedAt)
  }
  const left = () => [...ids.closed()].map(({ orderId }) => orderId)

  ids.expire(30, 21)
  t.strictSame(left(), [1, 2, 3])
  ids.expire(30, 20)
  t.strictSame(left(), [2, 3])
  ids.expire(1_000, 1)
  t.strictSame(left(), [])
  t.equal(ids.find(bob, 'id 2'), undefined)
})

t.test('an expired order no longer counts among the 10,000 of its account', async (t) => {
  const ids = new ClientOrderIds()
  ids.remember(remembered(ann, 1, 'open'))
  for (let id = 2; id < 2 + closedPerAccount; id += 1) {
    const one = remembered(ann, id)
    ids.remember(one)
    ids.close(one, id)
  }
  ids.expire(closedPerAccount + 1, 1)
  const again = remembered(ann, 20_000, 'id 2')
  ids.remember(again)
  ids.close(again, 20_000)

  t.strictSame(
    [...ids.closed()].map(({ orderId }) => orderId),
    [closedPerAccount + 1, 20_000],
  )
  t.equal(ids.find(ann, 'id 2'), again)
})

t.test('a forgotten id can be used again, and is then the new order', async (t) => {
  const ids = new ClientOrderIds()
  const first = remembered(ann, 1, 'mine')
  ids.remember(first)
  ids.close(first, 1)
  ids.expire(5, 4)
  const second = remembered(ann, 7, 'mine')
  ids.remember(second)

  t.equal(ids.find(ann, 'mine'), second)
})

t.test('saved records name what they miss', async (t) => {
  const exchange = new TestVenue()
  exchange.buy('ann', 10, 100, { clientOrderId: 'mine' })
  exchange.buy('ann', 10, 100, { ...ioc, clientOrderId: 'done' })
  const lines = savedText(exchange.engine).split('\n')

  t.strictSame(
    lines.map((line) => JSON.parse(line).type),
    ['engine', 'venue', 'order', 'closed'],
  )
  t.throws(() => loadText(lines.filter((line) => !line.includes('"venue"')).join('\n')), /without its venue/)
  t.throws(
    () => loadText(lines.join('\n').replace('"symbols":["FOOBAR"]', '"symbols":[]')),
    /unlisted FOOBAR/,
  )
  const loaded = loadText(lines.join('\n'))
  t.equal(savedText(loaded), lines.join('\n'))
})

const limits = { accounts: 1, openOrdersPerAccount: 2, openOrders: 3, closedOrders: 4 }
const where = { venue: 'TESTEX', symbol: 'FOOBAR' }
const anyLots = 7 as Lots
const anyTicks = 8 as Ticks

/** One event of each kind, and which of its fields the digest must tell apart. */
const digested: [Event, string[]][] = [
  [
    {
      ...{ type: 'order-accepted', ...where, orderId: 1, account: 'ann', side: 'buy', orderType: 'limit' },
      ...{ timeInForce: 'gtc', price: anyTicks, quantity: anyLots, clientOrderId: undefined },
    },
    ['venue', 'symbol', 'orderId', 'account', 'side', 'orderType', 'timeInForce', 'price', 'quantity'],
  ],
  [
    {
      ...{ type: 'trade', ...where, tradeId: 3, price: anyTicks, quantity: anyLots, makerId: 4, takerId: 5 },
      ...{ makerOpen: anyLots, takerOpen: anyLots },
    },
    ['tradeId', 'price', 'quantity', 'makerId', 'takerId'],
  ],
  [{ type: 'order-rested', ...where, orderId: 3, open: anyLots }, ['orderId', 'open']],
  [
    { type: 'order-reduced', ...where, orderId: 3, canceled: anyLots, open: anyLots, resting: true },
    ['orderId', 'canceled'],
  ],
  [
    { type: 'order-closed', ...where, orderId: 3, reason: 'user', canceled: anyLots, resting: true },
    ['venue', 'orderId', 'reason', 'canceled'],
  ],
  [{ type: 'order-repeated', ...where, orderId: 3 }, ['venue', 'orderId']],
  [{ type: 'rejected', reason: 'venue_full' }, ['reason']],
  [
    { type: 'venue-created', venue: 'TESTEX', rules: { rulesVersion: 1, selfTrade: 'allow' }, limits },
    ['venue', 'rules.rulesVersion', 'rules.selfTrade'],
  ],
  [{ type: 'instrument-listed', ...where }, ['venue', 'symbol']],
  [
    { type: 'limits-set', venue: undefined, limits: { ...limits, books: 9 } },
    [
      'limits.accounts',
      'limits.openOrdersPerAccount',
      'limits.openOrders',
      'limits.closedOrders',
      'limits.books',
    ],
  ],
  [
    {
      ...{ type: 'order-accepted', ...where, orderId: 1, account: 'ann', side: 'buy', orderType: 'market' },
      ...{ timeInForce: 'gtc', price: ticks(0), quantity: lots(0), clientOrderId: undefined },
      ...{ budget: 7n, reference: anyTicks },
    },
    ['budget', 'reference'],
  ],
  [
    {
      ...{ type: 'trade', ...where, tradeId: 3, price: anyTicks, quantity: anyLots, makerId: 4, takerId: 5 },
      ...{ makerOpen: anyLots, takerOpen: anyLots },
      money: { paid: 9, buyerFee: 1, sellerFee: 2, budgetLeft: 5 },
    },
    ['tradeId', 'money.paid', 'money.buyerFee', 'money.sellerFee', 'money.budgetLeft'],
  ],
  [
    {
      ...{ type: 'venue-created', venue: 'CASHEX', limits, state: 'halted' },
      rules: {
        ...{ rulesVersion: 1, selfTrade: 'allow', credit: 'cash', marketRemainder: 'rest' },
        opening: { USD: '5' },
      },
    },
    ['rules.credit', 'rules.marketRemainder', 'rules.opening.USD', 'state'],
  ],
  [
    {
      ...{ type: 'instrument-listed', ...where },
      terms: {
        ...plainTerms,
        fees: { maker: 1, taker: 2 },
        reference: { initial: anyTicks, bindsOrders: true },
      },
    },
    [
      ...['base', 'quote', 'tickSize', 'lotSize', 'unitsPerLot', 'worth.0', 'worth.1', 'notionalRounding'],
      ...['minQuantity', 'fees.maker', 'fees.taker', 'reference.initial'],
    ].map((name) => `terms.${name}`),
  ],
  [{ type: 'order-waiting', ...where, orderId: 3 }, ['orderId']],
  [
    { type: 'state-set', venue: 'TESTEX', state: 'halted', closing: { after: micros(5) } },
    ['venue', 'state', 'closing.after'],
  ],
  [{ type: 'state-set', venue: 'TESTEX', state: 'open', closing: { at: micros(5) } }, ['closing.at']],
  [{ type: 'venue-reset', venue: 'TESTEX' }, ['venue']],
  [
    { type: 'account-opened', venue: 'TESTEX', account: 'ann', keyHash: 'ab12' },
    ['venue', 'account', 'keyHash'],
  ],
  [
    { type: 'balance-changed', venue: 'TESTEX', account: 'ann', asset: 'USD', available: 5, held: 6 },
    ['venue', 'account', 'asset', 'available', 'held'],
  ],
  [{ type: 'reference-changed', ...where, price: anyTicks }, ['symbol', 'price']],
]

function digestOf(...events: Event[]): string {
  const digest = new Digest()
  for (const event of events) digest.fold(event)
  return digest.value
}

/** A copy in which one field, named by its path, has another value. */
function changed(event: Event, path: string, change: (value: unknown) => unknown): Event {
  const copy = structuredClone(event) as unknown as Record<string, unknown>
  const names = path.split('.')
  const name = names.pop() as string
  const holder = names.reduce((inner, key) => inner[key] as Record<string, unknown>, copy)
  holder[name] = change(holder[name])
  return copy as unknown as Event
}

/** Changes a number of any kind one way, a text another way; there are but two sides. */
function another(number: (n: number) => number, text: (text: string) => string) {
  return (value: unknown): unknown => {
    if (typeof value === 'number') return number(value)
    // What comes above 2^64 must be told apart too.
    if (typeof value === 'bigint') return BigInt(number(Number(value))) ** 3n
    return value === 'buy' ? 'sell' : text(value as string)
  }
}

t.test('the digest tells apart any two events that differ in one field it folds', async (t) => {
  const changes = [
    another(
      (n) => n + 1,
      (text) => `${text}x`,
    ),
    another(
      (n) => n + 2 ** 31,
      (text) => `x${text}`,
    ),
    another(
      (n) => n + 2 ** 32,
      () => 'ANN',
    ),
    another(
      (n) => n + 2 ** 52,
      () => '',
    ),
  ]
  for (const [event, paths] of digested) {
    const other = digested.map(([each]) => each).filter((each) => each !== event)
    for (const path of paths) {
      const values = [event, ...changes.map((change) => changed(event, path, change))]
      const digests = new Set(values.map((value) => digestOf(...other, value)))
      const wanted = path === 'side' ? 2 : values.length
      t.equal(digests.size, wanted, `${event.type}: ${path}`)
      t.equal(
        new Set(values.map((value) => digestOf(value, ...other))).size,
        wanted,
        'also with more behind it',
      )
    }
  }
})

t.test('the digest tells apart kinds, order and number of events', async (t) => {
  const events = digested.map(([event]) => event)
  const [one, two] = events as [Event, Event]

  t.equal(new Set(events.map((event) => digestOf(event))).size, events.length)
  t.not(digestOf(one, two), digestOf(two, one))
  t.not(digestOf(one), digestOf(one, one))
  t.not(digestOf(), digestOf(one))
})

t.test('a digest goes on from its text', async (t) => {
  const events = digested.map(([event]) => event)
  for (let cut = 0; cut <= events.length; cut += 1) {
    const digest = new Digest()
    digest.value = digestOf(...events.slice(0, cut))
    for (const event of events.slice(cut)) digest.fold(event)

    t.equal(digest.value, digestOf(...events))
    t.match(digest.value, /^[0-9a-f]{16}$/)
  }
})

t.test('an engine of another history has another digest', async (t) => {
  const digestAfter = (quantity: number) => {
    const exchange = new TestVenue()
    exchange.sell('ann', quantity, 100)
    exchange.buy('bob', 5, 100)
    exchange.limit(defaultLimits)
    return exchange.engine.digest.value
  }

  t.equal(digestAfter(10), digestAfter(10))
  t.not(digestAfter(10), digestAfter(11))
})
