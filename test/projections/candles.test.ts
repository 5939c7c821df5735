import fc from 'fast-check'
import t from 'tap'
import { type Candle, candleIntervals, candleLengths } from '../../src/domain/candle.ts'
import { lots, micros, ticks } from '../../src/domain/units.ts'
import { Candles, candlesPerInterval } from '../../src/projections/candles.ts'
import { createTestApp } from '../support/app.ts'
import { createClient, foobar } from '../support/client.ts'
import { startFeedServer } from '../support/feed-server.ts'

const start = Date.UTC(2026, 10, 21, 23, 59) * 1000

t.test('candles are what the trades of each interval come to, also after saving', async () => {
  const trades = fc.array(
    fc.record({
      wait: fc.oneof(fc.nat(2_000_000), fc.nat(4_000_000_000)),
      price: fc.integer({ min: 0, max: 50 }),
      quantity: fc.integer({ min: 1, max: 9 }),
    }),
    { minLength: 1, maxLength: 60 },
  )
  fc.assert(
    fc.property(trades, fc.nat(60), (all, savedAt) => {
      let candles = new Candles()
      let time = start
      const told = all.map(({ wait, price, quantity }, i) => {
        time += wait
        candles.trade(ticks(price), lots(quantity), micros(time))
        if (i === savedAt) {
          const saved = JSON.parse(JSON.stringify([...candles.save()]))
          candles = new Candles()
          for (const record of saved) candles.load(record)
        }
        return { time, price, quantity }
      })
      for (const interval of candleIntervals) {
        const length = candleLengths[interval]
        const byStart = new Map<number, typeof told>()
        for (const trade of told) {
          const start = Math.floor(trade.time / length) * length
          byStart.set(start, [...(byStart.get(start) ?? []), trade])
        }
        const expected = [...byStart].map(([start, group]) => {
          const prices = group.map(({ price }) => price)
          return {
            start,
            open: prices[0],
            high: Math.max(...prices),
            low: Math.min(...prices),
            close: prices.at(-1),
            volume: group.reduce((sum, { quantity }) => sum + quantity, 0),
            trades: group.length,
          }
        })
        const { candles: found, more } = candles.page(interval, { limit: 1000 })
        const same = JSON.stringify(found) === JSON.stringify(expected)
        if (!same || more) throw new Error(`${interval}: ${JSON.stringify([found, expected])}`)
      }
    }),
    { numRuns: 300 },
  )
})

t.test('the newest candles are kept, and it is known since when', async (t) => {
  const candles = new Candles()
  for (let n = 0; n < candlesPerInterval + 5; n += 1) {
    candles.trade(ticks(1), lots(1), micros(start + n * 1_000_000))
  }
  const { candles: found, more } = candles.page('1s', { limit: candlesPerInterval + 5 })
  t.strictSame([found.length, more, found[0]?.start], [candlesPerInterval, false, start + 5_000_000])
  t.equal(candles.since('1s'), start + 5_000_000)
  t.equal(candles.since('1m'), 0)
  const of = (query: object) =>
    candles
      .page('1s', { limit: 2, ...query })
      .candles.map((candle: Candle) => (candle.start - start) / 1_000_000)
  t.strictSame(of({}), [1003, 1004])
  t.strictSame(of({ to: start + 1_003_000_000 }), [1001, 1002])
  t.strictSame(of({ from: start + 1_004_000_000 }), [1004])
})

t.test('candles are read page by page', async (t) => {
  const { app, clock } = await createTestApp(t)
  const client = createClient(app)
  for (const price of [5000, 5010, 4990]) {
    await client.sell(price, 10)
    await client.buy(price, 10)
    clock.now += 60_000_000
  }
  const { body } = await client.get(`${foobar}/candles?limit=2`)
  t.match(body, { ok: true, interval: '1m', more: true })
  t.strictSame(body.candles, [
    {
      start: '2026-11-21T09:31:00.000000000Z',
      open: 5010,
      high: 5010,
      low: 5010,
      close: 5010,
      volume: 10,
      trades: 1,
    },
    {
      start: '2026-11-21T09:32:00.000000000Z',
      open: 4990,
      high: 4990,
      low: 4990,
      close: 4990,
      volume: 10,
      trades: 1,
    },
  ])
  const before = await client.get(`${foobar}/candles?to=${body.candles[0].start}`)
  t.match(before.body, { more: false, candles: [{ open: 5000 }] })
  const hour = await client.get(`${foobar}/candles?interval=1h&from=2026-11-21T09:00:00Z`)
  t.match(hour.body.candles, [{ open: 5000, high: 5010, low: 4990, close: 4990, volume: 30, trades: 3 }])
  for (const query of ['interval=2m', 'from=yesterday', 'to=2026-13-01T00:00:00Z', 'limit=0', 'limit=1001']) {
    const { status, body } = await client.get(`${foobar}/candles?${query}`)
    t.match([status, body.reason, body.field], [400, 'bad_query', query.split('=')[0]])
  }
})

t.test('a subscription to candles is told those that change, and resumes after a restart', async (t) => {
  const server = await startFeedServer(t)
  const trade = async (price: number) => {
    for (const side of ['sell', 'buy'] as const) {
      await server.submit({
        ...{ type: 'place', venue: 'TESTEX', symbol: 'FOOBAR', account: side, side, orderType: 'limit' },
        ...{ timeInForce: 'gtc', price: ticks(price), quantity: lots(5), autoCreate: false },
      })
    }
  }
  const client = await server.connect()
  await client.subscribe('candles', { interval: '1m' })
  await trade(5000)
  await trade(5005)
  await client.sync()
  t.match(client.messages, [
    { type: 'snapshot', interval: '1m', seq: 0, prev: 0, candles: [] },
    { type: 'change', seq: 1, prev: 0, candles: [{ open: 5000, close: 5000, volume: 5 }] },
    { type: 'change', seq: 2, prev: 1, candles: [{ open: 5000, close: 5005, volume: 10, trades: 2 }] },
  ])
  await server.restart('snapshot')
  await trade(4995)
  const later = await server.connect()
  t.match(await later.subscribe('candles', { interval: '1m', from: 2 }), { seq: 3, resumed: true })
  t.match(await later.got(1), [{ type: 'change', seq: 3, prev: 2, candles: [{ low: 4995, volume: 15 }] }])
})
