import { ClassicLevel } from 'classic-level'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { AccountEvent } from '../../src/domain/account-event.ts'
import { type PageQuery, pageOf } from '../../src/domain/page.ts'
import type { TradeRecord } from '../../src/domain/trade-record.ts'
import { lots, micros, ticks } from '../../src/domain/units.ts'
import { History } from '../../src/history/history.ts'

async function open(t: Test, directory: string): Promise<History> {
  const options = {
    begin: true,
    stored() {},
    damaged() {},
    failed: (error: Error) => void t.fail(error.message),
  }
  const history = await History.open(directory, options)
  t.teardown(() => history.close())
  return history
}

/** Events of every type, with numbers small and large and times that stand still or jump. */
function event(number: number): AccountEvent {
  const of = {
    number,
    time: micros(1_700_000_000_000_000 + Math.floor(number / 3) * 1_000_003),
    symbol: number % 7 === 0 ? 'BAR' : 'FOO',
    orderId: 1_000_000 - (number % 50) * number,
  }
  switch (number % 4) {
    case 0:
      return { type: 'accepted', ...of }
    case 1:
      return {
        type: 'traded',
        ...of,
        otherOrderId: number % 3 === 0 ? 1 : of.orderId + 5,
        tradeId: number * 2,
        side: number % 8 === 1 ? 'buy' : 'sell',
        isTaker: number % 8 === 5,
        price: ticks(number % 16 === 1 ? Number.MAX_SAFE_INTEGER : 0),
        quantity: lots(Number.MAX_SAFE_INTEGER),
        open: lots(number),
      }
    case 2:
      return { type: 'reduced', ...of, canceled: lots(3), open: lots(number) }
    default:
      return { type: 'closed', ...of, reason: number % 8 === 3 ? 'fok_killed' : 'user', canceled: lots(0) }
  }
}

const trade = (id: number): TradeRecord => ({
  id,
  price: ticks(5000 - (id % 9)),
  quantity: lots(1 + (id % 5)),
  time: micros(1_700_000_000_000_000 + id),
  takerSide: id % 2 === 0 ? 'buy' : 'sell',
  makerId: 10 * id - (id % 7),
  takerId: 10 * id,
})

const numberOf = ({ number }: AccountEvent) => number
const idOf = ({ id }: TradeRecord) => id
const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1)

async function keysOf(directory: string, prefix: string): Promise<string[]> {
  const db = new ClassicLevel(directory)
  const keys = await db.keys({ gte: prefix, lt: `${prefix}~` }).all()
  await db.close()
  return keys
}

t.test('rows are read page by page, whether they are stored, being written or waiting', async (t) => {
  const history = await open(t, t.testdir())
  const events = upTo(730).map(event)
  const trades = upTo(730).map((n) => trade(n * 3 - (n % 3)))
  const give = (from: number, to: number) => {
    for (let n = from; n < to; n += 1) {
      for (const account of ['A', 'AB', 'B'])
        history.rows.accountEvent('TESTEX', account, events[n] as AccountEvent)
      history.rows.trade('TESTEX', n % 2 === 0 ? 'FOO' : 'BAR', trades[n] as TradeRecord)
    }
    history.applied(to)
  }
  const sameAs = async (query: PageQuery) => {
    t.strictSame(
      await history.accountEvents('TESTEX', 'AB', query),
      pageOf(events.slice(0, given), numberOf, query),
    )
    const foo = trades.slice(0, given).filter((_, n) => n % 2 === 0)
    t.strictSame(await history.trades('TESTEX', 'FOO', query), pageOf(foo, idOf, query))
  }
  let given = 0
  for (const to of [1, 2, 130, 330, 331, 600]) {
    give(given, to)
    given = to
    await history.flush()
  }
  give(given, 700)
  const written = history.flush()
  give(700, 730)
  given = 730

  const place = fc.integer({ min: 0, max: 2300 })
  const query = fc.record(
    { limit: fc.integer({ min: 1, max: 900 }), after: place, before: place },
    { requiredKeys: ['limit'] },
  )
  await fc.assert(fc.asyncProperty(query, sameAs), { numRuns: 200 })
  await written
  await history.flush()
  await fc.assert(fc.asyncProperty(query, sameAs), { numRuns: 50 })
  t.strictSame(await history.accountEvents('TESTEX', 'C', { limit: 9 }), [])
  t.strictSame(await history.trades('OTHER', 'FOO', { limit: 9 }), [])
})

t.test('a hundred rows stand under one key', async (t) => {
  const directory = t.testdir()
  const history = await open(t, directory)
  for (const n of upTo(250)) history.rows.accountEvent('TESTEX', 'A', event(n))
  for (const n of upTo(3)) history.rows.trade('TESTEX', 'FOO', trade(n * 4))
  history.applied(1)
  await history.close()

  const keys = (await keysOf(directory, 'e')).concat(await keysOf(directory, 't'))
  t.strictSame(keys, [
    'e!TESTEX!A!0000000000000001',
    'e!TESTEX!A!0000000000000101',
    'e!TESTEX!A!0000000000000201',
    't!TESTEX!FOO!0000000000000004',
  ])
})

t.test('what comes late stands in chunks of its own, and is never given or stored twice', async (t) => {
  const directory = t.testdir()
  const first = await open(t, directory)
  first.openGap(10)
  const [one, other] = [upTo(150).map(event), upTo(60).map((n) => event(n + 150))]
  for (const [i, late] of one.slice(0, 50).entries()) {
    first.lateRows.accountEvent('TESTEX', 'A', late)
    first.rows.accountEvent('TESTEX', 'A', other[i] as AccountEvent)
  }
  first.applied(12)
  first.fillGap(5)
  await first.close()

  const again = await open(t, directory)
  t.strictSame([again.synced, again.gapEnd, again.reach], [5, 10, 12])
  t.strictSame(
    [10, 12, 13].map((n) => again.covers(n)),
    [true, true, false],
  )
  for (const late of one.slice(50)) again.lateRows.accountEvent('TESTEX', 'A', late)
  for (const now of other.slice(50)) again.rows.accountEvent('TESTEX', 'A', now)
  again.applied(13)
  again.fillGap(10)
  await again.flush()
  t.strictSame([again.synced, again.gapEnd], [13, undefined])
  t.strictSame(await again.accountEvents('TESTEX', 'A', { limit: 1000 }), [...one, ...other])
  await again.close()

  t.strictSame(
    (await keysOf(directory, 'e')).map((key) => Number(key.slice(-4))),
    [1, 51, 151, 201],
  )
})

t.test('no more is taken when too many rows wait', async (t) => {
  const history = await open(t, t.testdir())
  const one = event(4)
  for (let n = 1; n < 500_000; n += 1) history.rows.accountEvent('TESTEX', 'A', one)
  t.strictSame([history.isFull, history.isBusy], [false, true])
  history.rows.accountEvent('TESTEX', 'A', one)
  t.equal(history.isFull, true)
  history.applied(1)
  t.equal(history.isFull, true, 'what is being written still waits')
  await history.flush()
  t.strictSame([history.isFull, history.isBusy], [false, false])
})
