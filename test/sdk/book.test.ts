import { crc32 as zlibCrc32 } from 'node:zlib'
import t from 'tap'
import { crc32 } from '../../sdk/crc32.ts'
import { Feed, type FollowedBook, followBook, type Message, OrderBook } from '../../sdk/index.ts'
import type { Instrument } from '../../src/port.ts'
import { startFeedServer } from '../support/feed-server.ts'
import { startLossyProxy } from '../support/lossy-proxy.ts'
import { createRandom, createTrading } from '../support/random-trading.ts'
import { until } from '../support/until.ts'

const stock = { venue: 'TESTEX', symbol: 'FOOBAR' }
const quick = { firstMs: 1, mostMs: 5 }

function levelsOf({ bids, asks }: Instrument, depth = Number.POSITIVE_INFINITY) {
  return [bids, asks].map((side) =>
    [...side.levels()]
      .slice(0, depth)
      .map(({ price, quantity, orderCount }) => ({ price, quantity: Number(quantity), orders: orderCount })),
  )
}

const sides = ({ book }: FollowedBook) => [book.bids, book.asks]

t.test('the checksum is that of zlib', async (t) => {
  t.equal(crc32(''), 0)
  t.equal(crc32('123456789'), 0xcbf43926)
  t.equal(crc32('5000:10:1;5010:5:1'), zlibCrc32('5000:10:1;5010:5:1'))
  const random = createRandom(1)
  for (let n = 0; n < 200; n += 1) {
    const text = Array.from({ length: n }, () => String.fromCharCode(32 + Math.floor(random() * 95))).join('')
    t.equal(crc32(text), zlibCrc32(text))
  }
})

t.test(
  'the checksum of a book covers price, quantity and number of orders of ten levels a side',
  async (t) => {
    const take = (bids: number[][], asks: number[][]) => {
      const book = new OrderBook()
      book.take({ type: 'snapshot', bids, asks, checksum: 0 } as unknown as Message<'book'>)
      return book.checksum
    }
    const twelve = Array.from({ length: 12 }, (_, i) => [5000 - i, 10, 1])

    t.equal(take([], []), 1661535913) // of ';'
    const [bids, asks] = [
      [
        [4980, 35, 2],
        [4970, 200, 1],
      ],
      [[5010, 40, 1]],
    ]
    t.equal(take(bids, asks), 1041853504) // of '4980:35:2,4970:200:1;5010:40:1'
    t.equal(take([[5000, 100, 2]], []), 0x160df405) // of '5000:100:2;'
    t.equal(
      take(
        [
          [4990, 30, 2],
          [4980, 5, 1],
        ],
        [[5010, 40, 3]],
      ),
      0xe4587813,
    ) // of '4990:30:2,4980:5:1;5010:40:3'
    t.equal(take(twelve, twelve), take(twelve.slice(0, 10), twelve.slice(0, 10)))
  },
)

t.test('levels come, change and go in their place, and what is deeper than the depth goes', async (t) => {
  const book = new OrderBook(2)
  const take = (type: string, seq: number, bids: number[][], asks: number[][]) =>
    book.take({ type, seq, bids, asks, time: 'T', checksum: 0 } as unknown as Message<'book'>)
  const prices = () => [book.bids, book.asks].map((side) => side.map(({ price }) => price))

  t.equal(book.seq, undefined)
  take(
    'snapshot',
    1,
    [
      [50, 1, 1],
      [48, 1, 1],
    ],
    [[51, 1, 1]],
  )
  take(
    'change',
    2,
    [[49, 1, 1]],
    [
      [53, 2, 1],
      [50, 1, 1],
    ],
  )
  t.strictSame(prices(), [
    [50, 49],
    [50, 51],
  ])
  take(
    'change',
    3,
    [
      [50, 0, 0],
      [47, 0, 0],
    ],
    [[51, 7, 3]],
  )
  t.strictSame(prices(), [[49], [50, 51]])
  t.strictSame(book.asks[1], { price: 51, quantity: 7, orders: 3 })
  t.match(book, { seq: 3, time: 'T' })
})

t.test('books that lose frames and are cut end as the book of the server, without a snapshot', async (t) => {
  const server = await startFeedServer(t)
  const proxy = await startLossyProxy(t, server.url)
  const random = createRandom(5)
  let lost = 0
  const snapshots = new Map<unknown, number>()
  proxy.toClient = (text) => {
    const { type, channel, depth } = JSON.parse(text)
    if (type === 'snapshot') snapshots.set(depth, (snapshots.get(depth) ?? 0) + 1)
    if (type !== 'change' || random() >= 0.1) return text
    t.equal(channel, 'book')
    lost += 1
    return undefined
  }
  const feed = new Feed({ url: proxy.url, backoff: quick })
  t.teardown(() => feed.close())
  const depths = [undefined, 5, 1]
  let wrong = 0
  const books = depths.map((depth) =>
    followBook(feed, { ...stock, ...(depth !== undefined && { depth }) }, (book) => {
      if (book.bids[0] && book.asks[0] && book.bids[0].price >= book.asks[0].price) wrong += 1
    }),
  )
  const next = createTrading(random)
  await until(() => books.every(({ isLive }) => isLive))
  // On a quick machine a cut comes before most frames do: then it takes more of them until enough were lost.
  for (let round = 0; round < 200 || (lost <= 10 && round < 5000); round += 1) {
    for (let n = 0; n < 5; n += 1) await server.submit(next())
    if (round % 4 === 0) {
      await feed.opened()
      proxy.cut()
      await until(() => feed.state !== 'open')
    }
  }
  proxy.toClient = (text) => text
  proxy.cut()
  await until(() => feed.state !== 'open')
  const { channels } = server.instrument()
  await until(() => books.every(({ isLive, book }) => isLive && book.seq === channels.book.last))

  for (const [i, depth] of depths.entries())
    t.strictSame(sides(books[i] as FollowedBook), levelsOf(server.instrument(), depth))
  t.strictSame(
    [...snapshots],
    depths.map((depth) => [depth, 1]),
  )
  t.ok(lost > 10, `${lost} frames were lost`)
  t.ok(proxy.opened > 40, `${proxy.opened} connections`)
  t.ok(books.some(({ subscription }) => subscription.heals > 0))
  t.equal(wrong, 0)
})

t.test(
  'a change that does not come to its checksum is not shown, and the book is asked for anew',
  async (t) => {
    const server = await startFeedServer(t)
    const proxy = await startLossyProxy(t, server.url)
    const next = createTrading(createRandom(7))
    const feed = new Feed({ url: proxy.url, backoff: quick })
    t.teardown(() => feed.close())
    let seen = 0
    const followed = followBook(feed, stock, (book) => {
      seen += 1
      t.ok([...book.bids, ...book.asks].every(({ price }) => price > 1))
    })
    for (let n = 0; n < 20; n += 1) await server.submit(next())
    const { book: numbers } = server.instrument().channels
    await until(() => followed.isLive && followed.book.seq === numbers.last)

    const asked: object[] = []
    proxy.toServer = (text) => {
      asked.push(JSON.parse(text))
      return text
    }
    proxy.toClient = (text) => {
      if (!text.includes('"change"')) return text
      proxy.toClient = (after) => after
      const change = JSON.parse(text)
      return JSON.stringify({ ...change, asks: [...change.asks, [1, 1, 1]] })
    }
    const before = seen
    while (asked.length === 0) {
      await server.submit(next())
      await until(() => followed.isLive || asked.length > 0)
    }
    await until(() => followed.isLive && followed.book.seq === numbers.last)

    t.match(asked, [{ op: 'unsubscribe' }, { op: 'subscribe' }])
    t.notOk('from' in (asked[1] as object))
    t.equal(followed.subscription.heals, 1)
    t.ok(seen > before)
    t.strictSame(sides(followed), levelsOf(server.instrument()))
  },
)

for (const by of ['replay', 'snapshot'] as const) {
  t.test(`a book goes on after a restart of the server by ${by}`, async (t) => {
    const server = await startFeedServer(t)
    const proxy = await startLossyProxy(t, server.url)
    const next = createTrading(createRandom(9))
    let snapshots = 0
    proxy.toClient = (text) => {
      if (text.includes('"type":"snapshot"')) snapshots += 1
      return text
    }
    const feed = new Feed({ url: proxy.url, backoff: quick })
    t.teardown(() => feed.close())
    const followed = followBook(feed, stock)
    for (let n = 0; n < 50; n += 1) await server.submit(next())
    await until(() => followed.isLive)

    await server.restart(by)
    for (let n = 0; n < 50; n += 1) await server.submit(next())
    const { channels } = server.instrument()
    await until(() => followed.isLive && followed.book.seq === channels.book.last)

    t.strictSame(sides(followed), levelsOf(server.instrument()))
    t.equal(snapshots, 1)
  })
}

t.test('a book that was closed hears no more, and can be followed again', async (t) => {
  const server = await startFeedServer(t)
  const next = createTrading(createRandom(13))
  const feed = new Feed({ url: server.url() as string })
  t.teardown(() => feed.close())
  const first = followBook(feed, stock)
  t.throws(() => followBook(feed, stock), /subscribed already/)
  for (let n = 0; n < 20; n += 1) await server.submit(next())
  await until(() => first.isLive)
  first.close()
  const { seq } = first.book
  const second = followBook(feed, stock)
  for (let n = 0; n < 20; n += 1) await server.submit(next())
  const { channels } = server.instrument()
  await until(() => second.isLive && second.book.seq === channels.book.last)

  t.equal(first.book.seq, seq)
  t.notOk(first.isLive)
  t.equal(await first.subscription.ended, undefined)
  t.strictSame(sides(second), levelsOf(server.instrument()))
})
