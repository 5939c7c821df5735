import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import type { Cancel, Command, Place } from '../../src/domain/command.ts'
import type { OrderAccepted } from '../../src/domain/event.ts'
import { lots, micros, ticks } from '../../src/domain/units.ts'
import { createExchange } from '../../src/exchange.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { IdQueue } from '../../src/projections/id-queue.ts'
import { fillsPerOrder, fillsPerVenue, Orders } from '../../src/projections/orders.ts'
import { Scores } from '../../src/projections/scores.ts'
import { Shard } from '../../src/shard.ts'

const accepted = (orderId: number, account = 'A', symbol = 'FOO'): OrderAccepted => ({
  type: 'order-accepted',
  venue: 'TESTEX',
  symbol,
  orderId,
  account,
  side: 'buy',
  orderType: 'limit',
  timeInForce: 'gtc',
  price: ticks(100),
  quantity: lots(1_000_000_000),
  clientOrderId: undefined,
})
const fill = (n: number) => ({ tradeId: n, price: ticks(n), quantity: lots(1), time: micros(n) })
const ids = ({ orders }: { orders: readonly { id: number }[] }) => orders.map(({ id }) => id)

t.test('an id queue is first in, first out, across its pages', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1500, max: 1500 }), { maxLength: 20 }), (steps) => {
      const queue = new IdQueue()
      const expected: number[] = []
      let next = 1
      for (const step of steps) {
        for (let i = 0; i < Math.abs(step); i += 1) {
          if (step > 0) {
            queue.push(next)
            expected.push(next)
            next += 1
          } else if (queue.shift() !== expected.shift()) return false
        }
        if (queue.length !== expected.length) return false
      }
      return JSON.stringify([...queue]) === JSON.stringify(expected)
    }),
  )
})

t.test(
  'an account reads its orders by ascending id, the newest ones first to be chosen, page by page',
  async (t) => {
    const orders = new Orders(100)
    for (let id = 1; id <= 9; id += 1) {
      orders.accept(accepted(id, id % 3 === 0 ? 'B' : 'A', id % 2 === 0 ? 'BAR' : 'FOO'), micros(id))
    }
    for (const id of [1, 5]) orders.close(orders.get(id) as never, 'user')

    t.strictSame(orders.ofAccount('A', { limit: 3 }).more, true)
    t.strictSame(ids(orders.ofAccount('A', { limit: 3 })), [5, 7, 8])
    t.strictSame(ids(orders.ofAccount('A', { limit: 3, before: 5 })), [1, 2, 4])
    t.equal(orders.ofAccount('A', { limit: 3, before: 5 }).more, false)
    t.strictSame(ids(orders.ofAccount('A', { limit: 9, before: 6 })), [1, 2, 4, 5])
    t.strictSame(ids(orders.ofAccount('A', { limit: 9, symbol: 'FOO' })), [1, 5, 7])
    t.strictSame(ids(orders.ofAccount('A', { limit: 9, openOnly: true })), [2, 4, 7, 8])
    t.strictSame(ids(orders.ofAccount('B', { limit: 9 })), [3, 6, 9])
    t.strictSame(ids(orders.ofAccount('C', { limit: 9 })), [])
  },
)

t.test('the oldest closed orders are purged, wherever they stand in their account', async (t) => {
  const orders = new Orders(2)
  for (let id = 1; id <= 6; id += 1) orders.accept(accepted(id), micros(id))

  for (const id of [3, 6, 1, 5]) orders.close(orders.get(id) as never, 'user')

  t.strictSame(ids(orders.ofAccount('A', { limit: 9 })), [1, 2, 4, 5])
  t.equal(orders.get(3), undefined)
  t.equal(orders.size, 4)
  t.equal(orders.lastId, 6)
  orders.keepClosed(0)
  t.strictSame(ids(orders.ofAccount('A', { limit: 9 })), [2, 4])
})

t.test('an order keeps its newest fills and counts them all', async (t) => {
  const orders = new Orders(2)
  const order = orders.accept(accepted(1), micros(1))

  for (let n = 1; n <= fillsPerOrder + 5; n += 1) orders.fill(order, fill(n))

  t.equal(order.fills.length, fillsPerOrder)
  t.equal(order.fills[0]?.price, 6)
  t.equal(order.fillCount, fillsPerOrder + 5)
  t.equal(order.filled, fillsPerOrder + 5)
})

t.test('a venue keeps its newest fills, over all orders', async (t) => {
  const orders = new Orders(2)
  const first = orders.accept(accepted(1), micros(1))
  const second = orders.accept(accepted(2), micros(1))
  for (let n = 1; n <= fillsPerOrder + 10; n += 1) orders.fill(first, fill(n))
  orders.fill(second, fill(1))

  // Enough orders with enough fills to push out all but the newest ten of the first order's.
  let id = 2
  for (let more = fillsPerVenue - 1 - 10; more > 0; more -= fillsPerOrder) {
    id += 1
    const order = orders.accept(accepted(id), micros(1))
    for (let n = 0; n < Math.min(more, fillsPerOrder); n += 1) orders.fill(order, fill(n))
  }

  t.strictSame(
    first.fills.map(({ price }) => price as number),
    Array.from({ length: 10 }, (_, i) => fillsPerOrder + 1 + i),
  )
  t.equal(first.fillCount, fillsPerOrder + 10)
  t.equal(second.fills.length, 1)
})

t.test('scores are exact beyond what a float can hold', async (t) => {
  const scores = new Scores()
  const big = 2 ** 31 - 1

  for (let i = 0; i < 10_000; i += 1) scores.trade('A', 'B', big, big)

  const [buyer, seller] = scores.values()
  t.equal(buyer?.cash, -10_000n * BigInt(big) * BigInt(big))
  t.equal(seller?.cash, 10_000n * BigInt(big) * BigInt(big))
  t.equal(buyer?.position, 10_000n * BigInt(big))
  t.equal(seller?.lowest, -10_000n * BigInt(big))
})

t.test('scores keep the extremes of a position, and a trade with oneself moves nothing', async (t) => {
  const scores = new Scores()

  scores.trade('A', 'B', 10, 100)
  scores.trade('B', 'A', 12, 150)
  scores.trade('A', 'B', 12, 50)
  scores.trade('C', 'C', 12, 50)

  t.strictSame(
    [...scores.values()],
    [
      { account: 'A', cash: 200n, position: 0n, lowest: -50n, highest: 100n },
      { account: 'B', cash: -200n, position: 0n, lowest: -100n, highest: 50n },
      { account: 'C', cash: 0n, position: 0n, lowest: 0n, highest: 0n },
    ],
  )
})

const place = (changes: Partial<Place>): Place => ({
  type: 'place',
  venue: 'TESTEX',
  symbol: 'FOO',
  account: 'A',
  side: 'buy',
  orderType: 'limit',
  timeInForce: 'gtc',
  price: ticks(100),
  quantity: lots(10),
  autoCreate: true,
  ...changes,
})

t.test('a shard keeps nothing per closed order beyond its window', { timeout: 200_000 }, async (t) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const shard = new Shard({ log: new MemoryLog(), clock: () => micros(1) })
  // A buy that a sell then fills, and one that is canceled: three orders closed a round.
  let lastId = 0
  const round = (): Command[] => {
    lastId += 3
    return [
      place({ account: `A${lastId % 50}`, clientOrderId: `c${lastId}` }),
      place({ account: 'B', side: 'sell' }),
      place({ account: 'C', price: ticks(1 + (lastId % 1000)) }),
      { type: 'cancel', venue: 'TESTEX', orderId: lastId } satisfies Cancel,
    ]
  }
  const close = async (orders: number) => {
    const until = lastId + orders
    while (lastId < until) {
      await Promise.all(
        Array.from({ length: 500 }, round).flatMap((commands) =>
          commands.map((command) => shard.submit(command, () => undefined)),
        ),
      )
    }
    // What the first collection frees may hold what only the second one can.
    collect()
    collect()
    return process.memoryUsage().heapUsed / 2 ** 20
  }

  const early = await close(250_000)
  const late = await close(750_000)

  const venue = shard.venue('TESTEX')
  t.equal(venue?.lastOrderId, lastId)
  t.equal(venue?.order(lastId - 99_999)?.open, 0)
  t.equal(venue?.order(lastId - 100_000), undefined)
  // Orders that stayed would take 200 bytes each or more, all of them 150 MiB; a heap breathes by ten.
  t.ok(late - early < 40, `heap grew from ${early.toFixed(1)} to ${late.toFixed(1)} MiB over 750,000 orders`)
})

t.test('venues of other shards are read and traded through the one exchange', async (t) => {
  const clock = () => micros(1)
  const home = new Shard({ log: new MemoryLog(), clock })
  const demo = new Shard({ log: new MemoryLog(), clock })
  const exchange = createExchange(home, new Map([['DEMOEX', demo]]))
  const heard: string[] = []
  exchange.attach({
    event: (event) => heard.push(event.type),
    applied: () => heard.push('applied'),
    release: () => heard.push('release'),
  })

  await exchange.submit(place({}), () => undefined)
  await exchange.submit(place({ venue: 'DEMOEX' }), () => undefined)

  t.strictSame(
    [...exchange.venues()].map(({ name }) => name),
    ['TESTEX', 'DEMOEX'],
  )
  t.equal(exchange.venue('DEMOEX')?.order(1)?.account, 'A')
  t.equal(home.venue('DEMOEX'), undefined)
  t.strictSame(
    exchange.status().map(({ sequence }) => sequence),
    [1, 1],
  )
  const once = ['venue-created', 'instrument-listed', 'order-accepted', 'order-rested', 'applied', 'release']
  t.strictSame(heard, [...once, ...once])
  await exchange.close()
  await t.rejects(
    exchange.submit(place({}), () => undefined),
    /stopping/,
  )
})
