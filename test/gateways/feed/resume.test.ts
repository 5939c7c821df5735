import t, { type Test } from 'tap'
import type { Instrument } from '../../../src/port.ts'
import { BookMirror, type Mirror, OrdersMirror, TradesMirror } from '../../support/feed-mirror.ts'
import { startFeedServer } from '../../support/feed-server.ts'
import { createRandom, createTrading } from '../../support/random-trading.ts'

t.setTimeout(300_000)

const cuts = 1000

function levelsOf({ bids, asks }: Instrument, depth = Number.POSITIVE_INFINITY) {
  return [bids, asks].map((side) =>
    [...side.levels()]
      .slice(0, depth)
      .map(({ price, quantity, orderCount }) => [price, quantity, orderCount]),
  )
}

function checkAll(t: Test, instrument: Instrument, mirrors: Mirrors): void {
  const { whole, shallow, best, orders, trades } = mirrors
  t.strictSame([whole.book.bids, whole.book.asks], levelsOf(instrument))
  t.strictSame([shallow.book.bids, shallow.book.asks], levelsOf(instrument, 5))
  t.strictSame([best.book.bids, best.book.asks], levelsOf(instrument, 1))
  const ordersOf = (side: Instrument['bids']) =>
    Array.from(side.orders(), ({ id, price, open }) => ({ id, price, open }))
  t.strictSame([orders.bids, orders.asks], [ordersOf(instrument.bids), ordersOf(instrument.asks)])
  t.equal(trades.ids.length, instrument.channels.trades.last)
  t.equal(new Set(trades.ids).size, trades.ids.length)
}

interface Mirrors {
  whole: BookMirror
  shallow: BookMirror
  best: BookMirror
  orders: OrdersMirror
  trades: TradesMirror
}

function createMirrors(): Mirrors {
  return {
    whole: new BookMirror(),
    shallow: new BookMirror(5),
    best: new BookMirror(1),
    orders: new OrdersMirror(),
    trades: new TradesMirror(),
  }
}

t.test(
  'a client that loses one frame in twenty and is cut a thousand times ends with the book of the server',
  async (t) => {
    const server = await startFeedServer(t)
    const random = createRandom(11)
    const next = createTrading(random)
    const mirrors = createMirrors()
    const all: Mirror[] = Object.values(mirrors)
    let client = await server.connect()
    const follow = async () => {
      // Whatever a socket still brings after the cut must not be heard.
      const current = client
      current.heard = (message) => {
        if (current !== client || random() < 0.05) return
        for (const mirror of all) mirror.hear(message)
      }
      await Promise.all(all.map((mirror) => mirror.follow(current)))
    }
    await follow()
    for (const mirror of all) await mirror.settle()

    for (let cut = 0; cut < cuts; cut += 1) {
      const batch = Array.from({ length: 1 + Math.floor(random() * 3) }, next)
      if (random() < 0.5) await Promise.all(batch.map((command) => server.submit(command)))
      else for (const command of batch) await server.submit(command)
      if (random() < 0.3) await client.sync()
      const old = client
      client = await server.connect()
      old.socket.terminate()
      await follow()
    }
    client.heard = (message) => {
      for (const mirror of all) mirror.hear(message)
    }
    for (const mirror of all) await mirror.settle()

    checkAll(t, server.instrument(), mirrors)
    // The first one may have been lost itself.
    for (const { fields, snapshots, missed } of all)
      t.ok(snapshots <= 2 && missed === 0, `${JSON.stringify(fields)}: ${snapshots} snapshots`)
  },
)

for (const by of ['replay', 'snapshot'] as const) {
  t.test(`after a restart by ${by} a client goes on from its number`, async (t) => {
    const server = await startFeedServer(t)
    const next = createTrading(createRandom(23))
    const mirrors = createMirrors()
    const all: Mirror[] = Object.values(mirrors)
    const follow = async () => {
      const client = await server.connect()
      client.heard = (message) => {
        for (const mirror of all) mirror.hear(message)
      }
      await Promise.all(all.map((mirror) => mirror.follow(client)))
      await client.sync()
      return client
    }
    await follow()
    for (let round = 0; round < 5; round += 1) {
      for (let n = 0; n < 100; n += 1) await server.submit(next())
      for (const mirror of all) await mirror.settle()
      // What happens now, the client does not hear.
      await server.restart(by)
      for (let n = 0; n < 50; n += 1) await server.submit(next())
      await server.restart(by)
      const client = await follow()
      await client.sync()
      checkAll(t, server.instrument(), mirrors)
    }
    for (const { snapshots, missed } of all) t.strictSame([snapshots, missed], [1, 0])
  })
}

t.test('a number that is not kept any more, or never was, gives a snapshot that says so', async (t) => {
  const server = await startFeedServer(t)
  const next = createTrading(createRandom(3))
  for (let n = 0; n < 16_000; n += 500) {
    await Promise.all(
      Array.from({ length: 500 }, () => server.submit({ ...next(), symbol: 'FOOBAR' } as never)),
    )
  }
  const { book } = server.instrument().channels
  t.ok(book.since > 0, `${book.last} changes, those after ${book.since} are kept`)
  for (const [from, missed] of [
    [book.since, undefined],
    [book.since - 1, true],
    [book.last + 1, true],
  ] as const) {
    const client = await server.connect()
    const answer = await client.subscribe('book', { from })
    const mirror = new BookMirror()
    const [message] = await client.got(1)
    t.match([answer.resumed, message?.type], missed ? [false, 'snapshot'] : [true, 'change'])
    t.match([message?.prev, message?.seq], [from, book.last])
    if (message?.type !== 'snapshot') continue
    t.equal(message.missed, true)
    mirror.hear(message)
    t.strictSame([mirror.book.bids, mirror.book.asks], levelsOf(server.instrument()))
  }
  const client = await server.connect()
  t.match(await client.subscribe('book', { from: book.last }), { seq: book.last, resumed: true })
  await client.sync()
  t.strictSame(client.messages, [])
})
