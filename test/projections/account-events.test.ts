import t from 'tap'
import type { AccountEvent } from '../../src/domain/account-event.ts'
import type { Command, Place } from '../../src/domain/command.ts'
import { lots, micros, ticks } from '../../src/domain/units.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { eventsPerVenue } from '../../src/projections/account-events.ts'
import { tradesPerInstrument } from '../../src/projections/trades.ts'
import { Shard } from '../../src/shard.ts'

const place = (
  account: string,
  side: 'buy' | 'sell',
  quantity: number,
  changes: Partial<Place> = {},
): Place => ({
  type: 'place',
  venue: 'TESTEX',
  symbol: 'FOO',
  account,
  side,
  orderType: 'limit',
  timeInForce: 'gtc',
  price: ticks(100),
  quantity: lots(quantity),
  autoCreate: true,
  ...changes,
})

/** A shard in memory that has taken some commands, one a microsecond. */
async function shardAfter(...commands: Command[]): Promise<Shard> {
  let now = 0
  const clock = () => {
    now += 1
    return micros(now)
  }
  const shard = new Shard({ log: new MemoryLog(), clock })
  for (const command of commands) await shard.submit(command, () => undefined)
  return shard
}

async function eventsOf(shard: Shard, account: string): Promise<readonly AccountEvent[]> {
  const { events, more } = await shard.findAccountEvents('TESTEX', account, { limit: 100, after: 0 })
  t.equal(more, false)
  return events
}

const inWords = (event: AccountEvent): string => {
  const { number, time, symbol, orderId, type } = event
  const of = `${number} at ${time}: ${symbol} ${orderId} ${type}`
  switch (type) {
    case 'accepted':
      return of
    case 'traded': {
      const { otherOrderId, tradeId, side, isTaker, price, quantity, open } = event
      return `${of} ${side} ${quantity} at ${price} with ${otherOrderId}, trade ${tradeId}, ${isTaker ? 'taker' : 'maker'}, ${open} open`
    }
    case 'reduced':
      return `${of} by ${event.canceled} to ${event.open}`
    case 'replaced':
      return `${of} with ${event.quantity} at ${event.price}, ${event.open} open`
    case 'closed':
      return `${of} ${event.reason}, ${event.canceled} canceled`
    default:
      return event satisfies never
  }
}

t.test('each account hears what happened to its orders, in numbers without a gap', async (t) => {
  const shard = await shardAfter(
    place('MAKER', 'sell', 5),
    place('MAKER', 'sell', 10, { price: ticks(101) }),
    place('TAKER', 'buy', 8, { price: ticks(101) }),
    place('TAKER', 'buy', 20, { symbol: 'BAR', price: ticks(7) }),
    { type: 'cancel', venue: 'TESTEX', orderId: 2 },
    place('TAKER', 'sell', 1, { timeInForce: 'ioc' }),
    { type: 'cancel', venue: 'TESTEX', orderId: 77 },
  )

  t.strictSame((await eventsOf(shard, 'MAKER')).map(inWords), [
    '1 at 1: FOO 1 accepted',
    '2 at 2: FOO 2 accepted',
    '3 at 3: FOO 1 traded sell 5 at 100 with 3, trade 1, maker, 0 open',
    '4 at 3: FOO 1 closed filled, 0 canceled',
    '5 at 3: FOO 2 traded sell 3 at 101 with 3, trade 2, maker, 7 open',
    '6 at 5: FOO 2 closed user, 7 canceled',
  ])
  t.strictSame((await eventsOf(shard, 'TAKER')).map(inWords), [
    '1 at 3: FOO 3 accepted',
    '2 at 3: FOO 3 traded buy 5 at 100 with 1, trade 1, taker, 3 open',
    '3 at 3: FOO 3 traded buy 3 at 101 with 2, trade 2, taker, 0 open',
    '4 at 3: FOO 3 closed filled, 0 canceled',
    '5 at 4: BAR 4 accepted',
    '6 at 6: FOO 5 accepted',
    '7 at 6: FOO 5 closed ioc, 1 canceled',
  ])
  t.strictSame(await eventsOf(shard, 'NOBODY'), [])
  t.strictSame(await shard.findAccountEvents('NOWHERE', 'MAKER', { limit: 1 }), { events: [], more: false })
})

t.test("a trade with oneself is two events, the taker's first", async (t) => {
  const shard = await shardAfter(place('A', 'sell', 5), place('A', 'buy', 5))

  t.strictSame((await eventsOf(shard, 'A')).map(inWords).slice(2), [
    '3 at 2: FOO 2 traded buy 5 at 100 with 1, trade 1, taker, 0 open',
    '4 at 2: FOO 1 traded sell 5 at 100 with 2, trade 1, maker, 0 open',
    '5 at 2: FOO 1 closed filled, 0 canceled',
    '6 at 2: FOO 2 closed filled, 0 canceled',
  ])
})

t.test('lots that the self-trade rule takes are told of', async (t) => {
  const shard = await shardAfter(
    { type: 'create-venue', venue: 'TESTEX', rules: { rulesVersion: 1, selfTrade: 'decrement' } },
    place('A', 'sell', 5),
    place('A', 'buy', 3),
  )

  t.strictSame((await eventsOf(shard, 'A')).map(inWords).slice(2), [
    '3 at 3: FOO 1 reduced by 3 to 2',
    '4 at 3: FOO 2 closed self_trade, 3 canceled',
  ])
})

t.test('trades are read page by page, with their two orders and the side that took', async (t) => {
  const shard = await shardAfter(
    place('A', 'sell', 9),
    ...[1, 2, 3].map((quantity) => place('B', 'buy', quantity)),
    place('B', 'buy', 1, { symbol: 'BAR' }),
    place('A', 'sell', 1, { symbol: 'BAR' }),
    place('B', 'buy', 3),
  )
  const page = async (symbol: string, limit: number, before?: number) => {
    const { trades, more } = await shard.findTrades('TESTEX', symbol, { limit, before })
    return [more, ...trades.map(({ id }) => id)]
  }

  t.strictSame(await page('FOO', 10), [false, 1, 2, 3, 5])
  t.strictSame(await page('FOO', 2), [true, 3, 5])
  t.strictSame(await page('FOO', 2, 3), [false, 1, 2])
  t.strictSame(await page('FOO', 2, 1), [false])
  t.strictSame(await page('BAR', 2), [false, 4])
  t.strictSame(await page('NONE', 2), [false])
  t.strictSame((await shard.findTrades('TESTEX', 'BAR', { limit: 1 })).trades, [
    {
      ...{ id: 4, price: ticks(100), quantity: lots(1), time: micros(6), takerSide: 'sell' },
      ...{ makerId: 5, takerId: 6 },
    },
  ])
})

t.test(
  'where nothing is on disk a venue keeps its newest events, and a stock its newest trades',
  async (t) => {
    const shard = await shardAfter(place('OLD', 'buy', 1, { price: ticks(1) }), place('MAKER', 'sell', 1e9))
    const rounds = eventsPerVenue / 4 + 100
    let sent = 0
    while (sent < rounds) {
      await Promise.all(
        Array.from({ length: 500 }, () => shard.submit(place('TAKER', 'buy', 1), () => undefined)),
      )
      sent += 500
    }

    const { events } = await shard.findAccountEvents('TESTEX', 'TAKER', { limit: 1e9 })
    const makers = await shard.findAccountEvents('TESTEX', 'MAKER', { limit: 1e9, after: 0 })
    t.equal(events.length + makers.events.length, eventsPerVenue)
    t.equal(events.at(-1)?.number, 3 * sent)
    t.equal(makers.events.at(-1)?.number, 1 + sent)
    t.ok(makers.events.every(({ number }, i) => number === (makers.events[0]?.number ?? 0) + i))
    t.strictSame(await eventsOf(shard, 'OLD'), [], 'the oldest go first, whose they may be')
    const { trades, more } = await shard.findTrades('TESTEX', 'FOO', { limit: 1e9 })
    t.strictSame([trades.length, trades.at(-1)?.id, more], [tradesPerInstrument, sent, false])

    const again = new Shard({ log: new MemoryLog(), clock: () => micros(1) })
    again.load(JSON.parse(JSON.stringify([...shard.save()])))
    t.equal(JSON.stringify([...again.save()]), JSON.stringify([...shard.save()]), 'saved and loaded')
    t.strictSame(
      (await again.findAccountEvents('TESTEX', 'MAKER', { limit: 1e9, after: 0 })).events,
      makers.events,
    )
    t.strictSame((await again.findTrades('TESTEX', 'FOO', { limit: 1e9 })).trades, trades)
  },
)
