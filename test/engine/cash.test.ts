import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { type Amount, minus, plus, times, wholes } from '../../src/domain/amount.ts'
import { lots, micros, ticks } from '../../src/domain/units.ts'
import { feeOf } from '../../src/engine/credit/fees.ts'
import { Notional } from '../../src/engine/credit/notional.ts'
import { checkEngine } from '../../src/engine/invariants.ts'
import { LotSum } from '../../src/engine/lot-sum.ts'
import { loadText, savedText, stateHash } from './state-hash.ts'
import { cashVenue, fok, ioc, market, plainTerms, TestVenue, waits } from './test-venue.ts'

const seed = process.env.STOCKYARD_TEST_SEED
const seeded = seed === undefined ? {} : { seed: Number(seed) }
const most = Number.MAX_SAFE_INTEGER
/** Market orders that found too little wait. */
const rests = { marketRemainder: 'rest' } as const

function changes(events: string[]): string[] {
  return events.filter((event) => event.includes(' has '))
}

function trades(events: string[]): string[] {
  return events.filter((event) => event.startsWith('trade'))
}

t.test('an account is opened with what the rules of the venue say', async (t) => {
  const venue = cashVenue()

  t.strictSame(venue.open('dee'), ['opened dee', 'dee has 1000 USD, 0 held', 'dee has 100 GLD, 0 held'])
  t.strictSame(venue.open('dee'), ['rejected: account_exists'])
})

t.test('the venue keeps the hash that proves whose an account is', async (t) => {
  const venue = cashVenue()

  const events = venue.submit({ type: 'open-account', venue: 'TESTEX', account: 'dee', keyHash: 'ab12' })

  t.match(events[0], { type: 'account-opened', keyHash: 'ab12' })
  t.equal(loadText(savedText(venue.engine)).venues.get('TESTEX')?.accounts.get('dee')?.keyHash, 'ab12')
})

t.test('where accounts open by order, the first order that is taken opens one', async (t) => {
  const venue = cashVenue({}, { ...rests, accounts: 'by-order' })
  const dee = () => venue.engine.venues.get('TESTEX')?.accounts.get('dee')

  t.strictSame(venue.buy('dee', 101, 10), ['rejected: insufficient_funds'])
  t.strictSame(venue.spend('dee', 10n), ['rejected: no_opposite_orders'])
  t.equal(dee(), undefined, 'a refusal opens none')
  t.strictSame(venue.buy('dee', 10, 7), [
    'opened dee',
    'dee has 1000 USD, 0 held',
    'dee has 100 GLD, 0 held',
    'accepted 1',
    'rested 1: 10',
    'dee has 930 USD, 70 held',
  ])
  t.equal(dee()?.number, 4)
  t.strictSame(venue.sell('dee', 1, 9), ['accepted 2', 'rested 2: 1', 'dee has 99 GLD, 1 held'])
  t.strictSame(venue.open('dee'), ['rejected: account_exists'])
  venue.limit({ accounts: 4 })
  t.strictSame(venue.buy('eve', 1, 1), ['rejected: too_many_accounts'])
  checkEngine(venue.engine)
})

t.test('where nothing is given, who is new has nothing to spend', async (t) => {
  const venue = new TestVenue({ selfTrade: 'allow', credit: 'cash', accounts: 'by-order' }, plainTerms)

  t.strictSame(venue.sell('constructor', 1, 1), ['rejected: insufficient_funds'])
  t.strictSame(venue.buy('ann', 1, 1), ['rejected: insufficient_funds'])
  t.strictSame(venue.buy('ann', 1, 0).at(0), 'rejected: value_too_small')
})

t.test('an order to buy holds the money that it may cost, one to sell its lots', async (t) => {
  const venue = cashVenue({ unitsPerLot: 5 })

  const buy = venue.buy('ann', 10, 7)
  const sell = venue.sell('bob', 4, 9)

  t.strictSame(buy, ['accepted 1', 'rested 1: 10', 'ann has 930 USD, 70 held'])
  t.strictSame(sell, ['accepted 2', 'rested 2: 4', 'bob has 80 GLD, 20 held'])
})

t.test('what an order to buy holds is rounded up', async (t) => {
  const venue = cashVenue({ worth: [1, 7] })

  t.match(venue.buy('ann', 1, 15).at(-1), 'ann has 997 USD, 3 held')
  t.match(venue.buy('ann', 1, 14).at(-1), 'ann has 995 USD, 5 held')
})

t.test('a cancel gives back what the order held', async (t) => {
  const venue = cashVenue()
  venue.buy('ann', 10, 7)
  venue.sell('ann', 10, 8)

  t.strictSame(venue.cancel(1), ['closed 1: user, 10 canceled', 'ann has 1000 USD, 0 held'])
  t.strictSame(venue.cancel(2), ['closed 2: user, 10 canceled', 'ann has 100 GLD, 0 held'])
})

t.test('an immediate order gives back what it could not use', async (t) => {
  const venue = cashVenue()
  venue.sell('ann', 3, 10)

  const events = venue.buy('bob', 5, 10, ioc)

  t.strictSame(events.slice(1), [
    'trade 1: 2 takes 3 of 1 at 10 for 30',
    'closed 1: filled, 0 canceled',
    'closed 2: ioc, 2 canceled',
    'bob has 970 USD, 0 held',
    'ann has 1030 USD, 0 held',
    'ann has 97 GLD, 0 held',
    'bob has 103 GLD, 0 held',
  ])
})

t.test('a balance is reported once, in the order in which the command first touched it', async (t) => {
  const venue = cashVenue()
  venue.sell('ann', 1, 10)
  venue.sell('bob', 1, 10)
  venue.sell('ann', 1, 10)

  const events = venue.buy('cy', 3, 12)

  t.strictSame(changes(events), [
    'cy has 970 USD, 0 held',
    'ann has 1020 USD, 0 held',
    'ann has 98 GLD, 0 held',
    'cy has 103 GLD, 0 held',
    'bob has 1010 USD, 0 held',
    'bob has 99 GLD, 0 held',
  ])
})

t.test('nobody spends what is not there, or is held already', async (t) => {
  const venue = cashVenue()

  t.strictSame(venue.buy('ann', 101, 10), ['rejected: insufficient_funds'])
  t.strictSame(venue.sell('ann', 101, 10), ['rejected: insufficient_funds'])
  venue.buy('ann', 100, 10)
  venue.sell('ann', 100, 11)
  t.strictSame(venue.buy('ann', 1, 1), ['rejected: insufficient_funds'])
  t.strictSame(venue.sell('ann', 1, 12), ['rejected: insufficient_funds'])
  t.equal(venue.has('ann'), '0+1000 USD, 0+100 GLD')
})

t.test('a trade moves its worth to the nearest unit, and a half to the even one', async (t) => {
  const paidAt = (price: number) => {
    const venue = cashVenue({ worth: [1, 2] })
    venue.sell('ann', 1, price)
    return trades(venue.buy('bob', 1, price))
      .join()
      .match(/for .*/)?.[0]
  }

  t.strictSame([2, 3, 4, 5, 7].map(paidAt), ['for 1', 'for 2', 'for 2', 'for 2', 'for 4'])
})

t.test('thirds go to the nearest unit', async (t) => {
  const venue = cashVenue({ worth: [1, 3] })
  venue.sell('ann', 1, 4)
  venue.sell('ann', 1, 5)

  t.match(trades(venue.buy('bob', 2, 5)), [/at 4 for 1$/, /at 5 for 2$/])
})

t.test('where a venue rounds down, so does every trade', async (t) => {
  const venue = cashVenue({ worth: [1, 2], notionalRounding: 'down' })
  venue.sell('ann', 1, 3)
  venue.sell('ann', 1, 7)

  t.match(trades(venue.buy('bob', 2, 7)), [/at 3 for 1$/, /at 7 for 3$/])
})

t.test('an order to buy whose money roundings have eaten up ends, with lots open', async (t) => {
  const venue = cashVenue({ worth: [1, 10] })
  // Reserves 3.
  venue.buy('ann', 5, 6)
  venue.sell('bob', 1, 6)
  venue.sell('bob', 1, 6)

  const events = venue.sell('bob', 1, 6)

  t.strictSame(events.slice(0, 4), [
    'accepted 4',
    'trade 3: 4 takes 1 of 1 at 6 for 1',
    'closed 1: remainder, 2 canceled',
    'closed 4: filled, 0 canceled',
  ])
  t.equal(venue.has('ann'), '997+0 USD, 103+0 GLD')
})

t.test('a trade is clipped to what is reserved', async (t) => {
  const venue = cashVenue({ worth: [1, 2] })
  // Reserves 5 for 4.5; trades are worth 1.5, so 2, and the last 1.5 finds 1.
  venue.buy('ann', 3, 3)

  const paid = [1, 2, 3].flatMap(() => trades(venue.sell('bob', 1, 3)))

  t.match(paid, [/for 2$/, /for 2$/, /for 1$/])
  checkEngine(venue.engine)
})

t.test('a better price is free again at once, while the order is open', async (t) => {
  const venue = cashVenue()
  venue.sell('ann', 4, 5)

  const events = venue.buy('bob', 10, 8)

  t.match(changes(events)[0], 'bob has 932 USD, 48 held')
})

t.test('fees by side are rounded down and taken from what each receives', async (t) => {
  const venue = cashVenue({ unitsPerLot: 10, fees: { buy: 25_000_000, sell: 10_000_000 } })
  venue.buy('ann', 9, 33)

  const events = venue.sell('bob', 9, 33)

  t.strictSame(trades(events), ['trade 1: 2 takes 9 of 1 at 33 for 297, fees 2 and 2'])
  t.equal(venue.has('ann'), '703+0 USD, 188+0 GLD')
  t.equal(venue.has('bob'), '1295+0 USD, 10+0 GLD')
  t.strictSame([venue.fees('GLD'), venue.fees('USD')], [2n, 2n])
  checkEngine(venue.engine)
})

t.test('fees by role follow who was there first', async (t) => {
  const fees = { maker: 100_000_000, taker: 200_000_000 }
  const venue = cashVenue({ fees })
  venue.sell('ann', 10, 10)
  t.match(trades(venue.buy('bob', 10, 10)), [/for 100, fees 2 and 10$/])

  venue.buy('ann', 10, 10)
  t.match(trades(venue.sell('bob', 10, 10)), [/for 100, fees 1 and 20$/])
})

t.test('a budget that covers all of a sell order keeps what is left of it', async (t) => {
  const venue = cashVenue({}, rests)
  venue.sell('ann', 3, 10)

  const events = venue.spend('bob', 50n)

  t.strictSame(events.slice(1, 4), [
    'trade 1: 2 takes 3 of 1 at 10 for 30, 20 left',
    'closed 1: filled, 0 canceled',
    'waiting 2',
  ])
  t.match(changes(events)[0], 'bob has 950 USD, 20 held')
})

t.test('of a budget it is what is left that is rounded', async (t) => {
  const left = (price: number, notionalRounding: 'half-even' | 'down') => {
    const venue = cashVenue({ worth: [1, 2], notionalRounding }, rests)
    venue.sell('ann', 1, price)
    return trades(venue.spend('bob', 10n))
      .join()
      .match(/for .*/)?.[0]
  }

  // 8.5 and 7.5 are left.
  t.equal(left(3, 'half-even'), 'for 2, 8 left')
  t.equal(left(5, 'half-even'), 'for 2, 8 left')
  t.equal(left(3, 'down'), 'for 2, 8 left')
  t.equal(left(5, 'down'), 'for 3, 7 left')
})

t.test('a budget that covers less buys the nearest number of lots, and is done', async (t) => {
  const venue = cashVenue({ worth: [1, 10] }, rests)
  venue.sell('ann', 100, 30)

  // 20 dollars are worth 6.67 lots; 7 of them 21 dollars, of which there are 20.
  t.strictSame(trades(venue.spend('bob', 20n)), ['trade 1: 2 takes 7 of 1 at 30 for 20, 0 left'])
  // 19 dollars: 6.33 lots, 18 dollars.
  const events = venue.spend('bob', 19n)
  t.strictSame(events.slice(1, 3), [
    'trade 2: 3 takes 6 of 1 at 30 for 18, 1 left',
    'closed 3: filled, 0 canceled',
  ])
  t.match(changes(events)[0], 'bob has 962 USD, 0 held')
})

t.test('half a lot goes to the even number of lots', async (t) => {
  const venue = cashVenue({ worth: [1, 1] }, rests)
  venue.sell('ann', 100, 2)

  t.match(trades(venue.spend('bob', 5n)), [/takes 2 of 1 at 2 for 4, 1 left/])
  t.match(trades(venue.spend('bob', 7n)), [/takes 4 of 1 at 2 for 7, 0 left/])
})

t.test('a budget that is spent to the last unit is filled', async (t) => {
  const venue = cashVenue({}, rests)
  venue.sell('ann', 3, 10)

  t.strictSame(venue.spend('bob', 30n).slice(1, 4), [
    'trade 1: 2 takes 3 of 1 at 10 for 30, 0 left',
    'closed 1: filled, 0 canceled',
    'closed 2: filled, 0 canceled',
  ])
})

t.test('a budget takes several prices, the best first', async (t) => {
  const venue = cashVenue({}, rests)
  venue.sell('ann', 2, 12)
  venue.sell('ann', 2, 10)

  t.strictSame(trades(venue.spend('bob', 33n)), [
    'trade 1: 3 takes 2 of 2 at 10 for 20, 13 left',
    'trade 2: 3 takes 1 of 1 at 12 for 12, 1 left',
  ])
})

t.test('a budget that buys less than the smallest order at the next price ends', async (t) => {
  const venue = cashVenue({ minQuantity: lots(2) }, rests)
  venue.sell('ann', 2, 10)
  venue.sell('ann', 2, 20)

  const events = venue.spend('bob', 40n)

  t.strictSame(events.slice(1, 4), [
    'trade 1: 3 takes 2 of 1 at 10 for 20, 20 left',
    'closed 1: filled, 0 canceled',
    'closed 3: remainder, 0 canceled',
  ])
  t.match(changes(events)[0], 'bob has 980 USD, 0 held')
})

t.test('an immediate budget gives back what is left of it', async (t) => {
  const venue = cashVenue()
  venue.sell('ann', 2, 10)

  const events = venue.spend('bob', 50n, ioc)

  t.equal(events[3], 'closed 2: ioc, 0 canceled')
  t.match(changes(events)[0], 'bob has 980 USD, 0 held')
})

t.test('where no market order waits, the remainder of one is canceled whatever it says', async (t) => {
  const venue = cashVenue()
  venue.sell('ann', 2, 10)

  t.equal(venue.spend('bob', 50n)[3], 'closed 2: ioc, 0 canceled')
  t.equal(venue.sell('bob', 50, 0, waits)[1], 'closed 3: ioc, 50 canceled')
})

t.test('an order that is left with less than the smallest quantity ends', async (t) => {
  const venue = cashVenue({ minQuantity: lots(3) })
  venue.sell('ann', 5, 10)

  const events = venue.buy('bob', 3, 10)

  t.strictSame(events.slice(1, 4), [
    'trade 1: 2 takes 3 of 1 at 10 for 30',
    'closed 1: remainder, 2 canceled',
    'closed 2: filled, 0 canceled',
  ])
  t.equal(venue.has('ann'), '1030+0 USD, 97+0 GLD')
  venue.sell('ann', 3, 10)
  t.strictSame(venue.buy('bob', 4, 10).slice(1, 4), [
    'trade 2: 4 takes 3 of 3 at 10 for 30',
    'closed 3: filled, 0 canceled',
    'closed 4: remainder, 1 canceled',
  ])
})

t.test('a market order by quantity holds no more than it can come to cost', async (t) => {
  const venue = cashVenue({ worth: [1, 2] })
  venue.sell('bob', 1, 999)
  venue.sell('ann', 1, 5)
  venue.sell('ann', 2, 5)

  // 2.5 and 5 are rounded up one by one; 50 lots are not there.
  const events = venue.buy('bob', 50, 0, market)

  t.strictSame(trades(events), ['trade 1: 4 takes 1 of 2 at 5 for 2', 'trade 2: 4 takes 2 of 3 at 5 for 5'])
  t.match(events.join(), 'closed 4: ioc, 47 canceled')
  t.match(changes(events)[0], 'bob has 993 USD, 0 held')
})

t.test('a market order by quantity that has paid for all there was is not a remainder', async (t) => {
  const venue = cashVenue()
  venue.sell('ann', 2, 5)

  t.match(venue.buy('bob', 5, 0, market), ['accepted', 'trade', 'closed 1', 'closed 2: ioc, 3 canceled'])
})

t.test('a market order by quantity that would cost too much is refused', async (t) => {
  const venue = cashVenue()
  venue.sell('ann', 1, 900)
  venue.sell('ann', 1, 101)

  t.strictSame(venue.buy('bob', 2, 0, market), ['rejected: insufficient_funds'])
  t.match(venue.buy('bob', 1, 0, market), ['accepted 3'])
})

t.test('what a market order by quantity may cost ends where its own orders end it', async (t) => {
  for (const [selfTrade, isTaken] of [
    ['skip', false],
    ['cancel-maker', false],
    ['cancel-taker', true],
    ['cancel-both', true],
    ['allow', false],
  ] as const) {
    const venue = cashVenue({}, { selfTrade })
    venue.sell('bob', 1, 5)
    venue.sell('ann', 2, 700)

    // With the second price it would cost 1400.
    const events = venue.buy('bob', 3, 0, market)

    t.equal(events[0]?.startsWith('accepted'), isTaken, selfTrade)
  }
})

t.test('a market order waits, and the next limit order trades with it at its price', async (t) => {
  const venue = cashVenue({}, rests)
  venue.sell('ann', 1, 50)
  venue.spend('bob', 72n)

  t.strictSame(venue.sell('ann', 9, 11), [
    'accepted 3',
    'trade 2: 3 takes 2 of 2 at 11 for 22, 0 left',
    'closed 2: filled, 0 canceled',
    'rested 3: 7',
    'ann has 90 GLD, 7 held',
    'bob has 928 USD, 0 held',
    'ann has 1072 USD, 0 held',
    'bob has 103 GLD, 0 held',
  ])
})

t.test('of those that wait the oldest trades first', async (t) => {
  const venue = cashVenue({}, rests)
  venue.sell('ann', 1, 50)
  venue.spend('bob', 70n)
  venue.sell('bob', 1, 50)
  venue.spend('cy', 71n)

  t.strictSame(trades(venue.sell('ann', 4, 10)), [
    'trade 3: 5 takes 2 of 2 at 10 for 20, 0 left',
    'trade 4: 5 takes 2 of 4 at 10 for 20, 1 left',
  ])
})

t.test('limit orders trade with those that wait before the book, and rest behind', async (t) => {
  const venue = cashVenue({}, rests)
  venue.buy('ann', 1, 10)
  venue.sell('bob', 5, 0, waits)
  venue.sell('cy', 3, 20)

  const events = venue.buy('ann', 9, 20)

  t.strictSame(trades(events), [
    'trade 2: 4 takes 4 of 2 at 20 for 80',
    'trade 3: 4 takes 3 of 3 at 20 for 60',
  ])
  t.match(events.join(), 'rested 4: 2')
})

t.test('a waiting order of the same account is passed over, under skip', async (t) => {
  const venue = cashVenue({}, rests)
  venue.buy('cy', 1, 10)
  venue.sell('ann', 5, 0, waits)
  venue.buy('ann', 1, 9)
  venue.sell('bob', 5, 0, waits)

  t.strictSame(trades(venue.buy('ann', 7, 12)), ['trade 3: 5 takes 4 of 4 at 12 for 48'])

  const allowing = cashVenue({}, { ...rests, selfTrade: 'allow' })
  allowing.buy('cy', 1, 10)
  allowing.sell('ann', 5, 0, waits)
  t.strictSame(trades(allowing.buy('ann', 4, 12)), ['trade 2: 3 takes 4 of 2 at 12 for 48'])
})

t.test('a waiting order can be canceled', async (t) => {
  const venue = cashVenue({}, rests)
  venue.sell('ann', 1, 10)
  venue.spend('bob', 30n)

  t.strictSame(venue.cancel(2), ['closed 2: user, 0 canceled', 'bob has 990 USD, 0 held'])
  t.match(venue.sell('ann', 1, 10), ['accepted', 'rested'])
})

t.test('a waiting budget that cannot buy the smallest order ends, and the limit order goes on', async (t) => {
  const venue = cashVenue({ minQuantity: lots(2) }, rests)
  venue.sell('ann', 2, 10)
  venue.spend('bob', 30n)

  t.strictSame(venue.sell('ann', 4, 20).slice(0, 3), [
    'accepted 3',
    'closed 2: remainder, 0 canceled',
    'rested 3: 4',
  ])
})

t.test('a waiting order left with less than the smallest quantity ends', async (t) => {
  const venue = cashVenue({ minQuantity: lots(2) }, rests)
  venue.buy('cy', 2, 10)
  venue.sell('ann', 5, 0, waits)

  t.match(venue.buy('bob', 2, 10), [
    'accepted',
    'trade',
    'closed 2: remainder, 1 canceled',
    'closed 3: filled',
  ])
})

t.test('a market order that may wait needs a limit order on the other side, were it its own', async (t) => {
  const venue = cashVenue({}, rests)
  t.strictSame(venue.spend('ann', 10n), ['rejected: no_opposite_orders'])
  t.strictSame(venue.sell('ann', 1, 0, waits), ['rejected: no_opposite_orders'])
  t.match(venue.spend('ann', 10n, ioc), ['accepted 1', 'closed 1: ioc'])
  venue.sell('ann', 1, 10)

  t.strictSame(venue.spend('ann', 10n), ['accepted 3', 'waiting 3', 'ann has 990 USD, 10 held'])
})

t.test('without money market orders wait too, under the same rules', async (t) => {
  const venue = new TestVenue({ selfTrade: 'skip', marketRemainder: 'rest' })

  t.strictSame(venue.buy('ann', 5, 0, waits), ['rejected: no_opposite_orders'])
  venue.sell('bob', 2, 10)
  t.match(venue.buy('ann', 5, 0, waits), ['accepted 2', 'trade', 'closed 1', 'waiting 2'])
  t.strictSame(venue.sell('bob', 4, 11), [
    'accepted 3',
    'trade 2: 3 takes 3 of 2 at 11',
    'closed 2: filled, 0 canceled',
    'rested 3: 1',
  ])
})

t.test('what waits takes no room in the book, and makes room there', async (t) => {
  const venue = new TestVenue({ selfTrade: 'skip', marketRemainder: 'rest' })
  venue.sell('bob', 1, 10)
  venue.buy('bob', most, 5)

  t.match(venue.buy('ann', most, 0, waits).at(-1), 'waiting 3')
  t.match(venue.sell('bob', most - 1, 10).at(-1), 'closed 4: filled')
  venue.sell('cy', most, 11)
  venue.cancel(2)
  venue.buy('ann', most, 1)
  t.match(venue.sell('cy', 9, 0, waits), ['accepted', 'trade'])
})

t.test(
  'a limit order that fills all of itself from those that wait is not too much for the book',
  async (t) => {
    const venue = new TestVenue({ selfTrade: 'skip', marketRemainder: 'rest' })
    venue.buy('bob', 1, 10)
    venue.sell('ann', 10, 0, waits)
    venue.buy('ann', most, 5)

    t.strictSame(venue.buy('bob', 10, 5), ['rejected: depth_limit'])
    t.match(venue.buy('bob', 9, 5), ['accepted 4', 'trade 2', 'closed 2', 'closed 4: filled'])
  },
)

t.test('fill or kill: a limit order counts those that wait', async (t) => {
  const venue = cashVenue({}, rests)
  venue.sell('ann', 1, 10)
  venue.spend('bob', 110n)
  venue.buy('cy', 3, 8)

  t.match(venue.sell('ann', 16, 8, fok), ['accepted 4', 'closed 4: fok_killed, 16 canceled'])
  t.match(venue.sell('ann', 15, 8, fok).join(), 'closed 5: filled')
})

t.test(
  'fill or kill: a market order does not count those that wait, with which it cannot trade',
  async (t) => {
    const venue = cashVenue({}, rests)
    venue.sell('ann', 1, 10)
    venue.spend('bob', 110n)
    venue.buy('cy', 1, 5)

    t.match(venue.sell('ann', 2, 0, { ...market, ...fok }), ['accepted 4', 'closed 4: fok_killed'])
  },
)

t.test('fill or kill: a budget is spent or nothing is', async (t) => {
  const venue = cashVenue()
  venue.sell('ann', 3, 10)

  t.match(venue.spend('bob', 31n, fok), ['accepted 2', 'closed 2: fok_killed', 'bob has 1000 USD, 0 held'])
  t.match(venue.spend('bob', 30n, fok).join(), 'closed 3: filled')
  venue.sell('ann', 3, 10)
  t.match(venue.spend('bob', 12n, fok).join(), '5 takes 1 of 4')
})

t.test('fill or kill: what would end as a remainder is killed', async (t) => {
  const venue = cashVenue({ minQuantity: lots(2) })
  venue.sell('ann', 4, 10)
  venue.sell('ann', 4, 11)

  // One lot would be left after the first price.
  t.match(venue.buy('bob', 5, 11, fok), ['accepted 3', 'closed 3: fok_killed'])
  t.match(venue.buy('bob', 5, 0, { ...market, ...fok }), ['accepted 4', 'closed 4: fok_killed'])
  t.match(venue.spend('bob', 50n, fok), ['accepted 5', 'closed 5: fok_killed'])
  t.match(venue.buy('bob', 6, 11, fok).join(), 'closed 6: filled')
})

t.test('fill or kill: an order whose money roundings would eat up is killed', async (t) => {
  const venue = cashVenue({ worth: [1, 10] })
  for (let i = 0; i < 5; i += 1) venue.sell('ann', 1, 6)

  t.match(venue.buy('bob', 5, 6, fok), ['accepted 6', 'closed 6: fok_killed'])
  t.match(venue.buy('bob', 4, 6, fok), ['accepted 7', 'closed 7: fok_killed'], 'spent before the last lot')
  t.match(venue.buy('bob', 5, 9, fok).join(), 'closed 8: filled')

  // Of the 3 that it holds, 2 are kept after the first trade, which costs nothing.
  venue.sell('ann', 2, 1)
  for (let i = 0; i < 3; i += 1) venue.sell('ann', 1, 6)
  t.match(venue.buy('bob', 5, 6, fok), ['accepted 13', 'closed 13: fok_killed'], 'what is better is free')
})

t.test('fill or kill: a waiting budget that buys nothing counts for nothing', async (t) => {
  const venue = cashVenue({ minQuantity: lots(2) }, rests)
  venue.sell('ann', 2, 10)
  venue.spend('bob', 30n)

  t.match(venue.sell('ann', 4, 20, fok), ['accepted 3', 'closed 3: fok_killed'])
})

t.test('fill or kill under skip counts and takes what is behind the order of the same account', async (t) => {
  const venue = cashVenue()
  venue.sell('bob', 5, 9)
  venue.sell('ann', 5, 10)

  t.match(venue.buy('bob', 6, 10, fok), ['accepted 3', 'closed 3: fok_killed'])
  t.match(venue.buy('bob', 5, 10, fok), ['accepted 4', 'trade 1: 4 takes 5 of 2 at 10'])
})

const reference = { initial: ticks(100), bindsOrders: false }

t.test("the venue's price moves halfway to a single price, and to the middle of two", async (t) => {
  const venue = cashVenue({ reference })

  t.equal(venue.buy('ann', 1, 90)[2], 'reference 95')
  t.equal(venue.sell('bob', 1, 94)[2], 'reference 92')
  t.strictSame(venue.sell('bob', 1, 99), ['accepted 3', 'rested 3: 1', 'bob has 98 GLD, 2 held'])
  t.strictSame(venue.cancel(1).slice(0, 2), ['closed 1: user, 1 canceled', 'reference 93'])
})

t.test('halves of a tick go to the even tick', async (t) => {
  const venue = cashVenue({ reference })

  t.equal(venue.buy('ann', 1, 91)[2], 'reference 96')
  t.equal(venue.buy('ann', 1, 93)[2], 'reference 94')
})

t.test("a command moves the venue's price once, and only if it is about limit orders", async (t) => {
  const venue = cashVenue({ reference }, rests)
  const moves = (events: string[]) => events.filter((event) => event.startsWith('reference'))
  t.strictSame(moves(venue.sell('ann', 2, 110)), ['reference 105'])
  venue.sell('ann', 1, 109)

  t.strictSame(moves(venue.buy('bob', 5, 90, ioc)), [], 'nothing happened')
  t.strictSame(moves(venue.spend('ann', 10n)), [], 'it waits')
  t.strictSame(moves(venue.cancel(4)), [], 'it waited')
  t.strictSame(moves(venue.buy('bob', 9, 110)), ['reference 108'], 'two trades, and it rests')
  t.strictSame(moves(venue.cancel(5)), [], 'the book is empty')
})

t.test('an order knows the price that the venue had when it came', async (t) => {
  const venue = cashVenue({ reference })
  const order = { type: 'place', venue: 'TESTEX', symbol: 'FOOBAR', account: 'ann', side: 'buy' } as const
  const limit = { orderType: 'limit', timeInForce: 'gtc', quantity: lots(1), autoCreate: false } as const

  t.match(venue.submit({ ...order, ...limit, price: ticks(90) })[0], { reference: 100 })
  t.match(venue.submit({ ...order, ...limit, price: ticks(90) })[0], { reference: 95 })
})

t.test('where the venue binds orders to its price, a buy is below it and a sell is not', async (t) => {
  const venue = cashVenue({ reference: { ...reference, bindsOrders: true } })
  const refused = ['rejected: wrong_side_of_reference']

  t.strictSame(venue.buy('ann', 1, 100), refused)
  t.strictSame(venue.sell('ann', 1, 99), refused)
  t.match(venue.sell('ann', 1, 100), ['accepted 1'])
  t.match(venue.buy('bob', 1, 99), ['accepted 2'])
  t.match(venue.sell('ann', 1, 0, market), ['accepted 3'])
})

const state = (to: 'open' | 'halted' | 'closed', openFor?: number) =>
  ({
    type: 'set-state',
    venue: 'TESTEX',
    state: to,
    ...(openFor !== undefined && { openFor: micros(openFor) }),
  }) as const

t.test('a halted venue takes no orders and no cancels, but pays and opens accounts', async (t) => {
  const venue = cashVenue()
  venue.buy('ann', 1, 10)
  venue.submit(state('halted'))

  t.strictSame(venue.buy('ann', 1, 10), ['rejected: venue_halted'])
  t.strictSame(venue.cancel(1), ['rejected: venue_halted'])
  t.match(venue.pay('ann', 5n), ['ann has 995 USD, 10 held'])
  t.match(venue.open('dee'), ['opened dee'])
  venue.submit(state('open'))
  t.match(venue.cancel(1), ['closed 1: user'])
})

t.test('a closed venue has given everything back, and stays closed', async (t) => {
  const venue = cashVenue({}, rests)
  venue.sell('ann', 2, 10)
  venue.spend('bob', 30n)
  venue.buy('ann', 1, 5)

  t.strictSame(venue.say(state('closed')), [
    'TESTEX closed',
    'closed 2: venue_closed, 0 canceled',
    'closed 3: venue_closed, 1 canceled',
    'bob has 980 USD, 0 held',
    'ann has 1020 USD, 0 held',
  ])
  t.strictSame(venue.buy('ann', 1, 10), ['rejected: venue_closed'])
  t.strictSame(venue.cancel(9), ['rejected: unknown_order'])
  t.strictSame(venue.cancel(2), ['rejected: order_closed'])
  t.strictSame(venue.open('dee'), ['rejected: venue_closed'])
  t.strictSame(venue.say(state('open')), ['rejected: venue_closed'])
  t.strictSame(venue.say(state('closed')), ['rejected: venue_closed'])
})

t.test('a repetition is answered by a closed venue too', async (t) => {
  const venue = cashVenue()
  venue.buy('ann', 1, 10, { clientOrderId: 'mine' })
  venue.submit(state('closed'))

  t.strictSame(venue.buy('ann', 1, 10, { clientOrderId: 'mine' }), ['repeated 1'])
})

t.test('a venue closes when its time is up, before the command that comes then', async (t) => {
  const venue = cashVenue()
  venue.buy('ann', 1, 10)
  t.match(venue.submit(state('open', 50), 100), [{ closing: { at: 150 } }])

  t.match(venue.say({ type: 'tick' }, 149), [])
  t.strictSame(venue.say({ type: 'cancel', venue: 'TESTEX', orderId: 1 }, 150), [
    'TESTEX closed',
    'closed 1: venue_closed, 1 canceled',
    'ann has 1000 USD, 0 held',
    'rejected: order_closed',
  ])
  t.equal(venue.engine.timedEvents, 3)
  t.match(venue.say({ type: 'tick' }, 300), [])
})

t.test('a tick is enough for the time to pass', async (t) => {
  const venue = cashVenue()
  venue.submit(state('open', 50), 100)

  t.match(venue.say({ type: 'tick' }, 1000), ['TESTEX closed'])
})

t.test('a halt stops the time, and opening again goes on with what was left', async (t) => {
  const venue = cashVenue()
  venue.submit(state('open', 50), 100)

  t.match(venue.submit(state('halted'), 120), [{ state: 'halted', closing: { after: 30 } }])
  t.match(venue.submit({ type: 'tick' }, 1000), [])
  t.match(venue.submit(state('halted'), 1001), [{ closing: { after: 30 } }])
  t.match(venue.submit(state('open'), 1100), [{ state: 'open', closing: { at: 1130 } }])
  t.match(venue.submit(state('open'), 1110), [{ closing: { at: 1130 } }])
  t.match(venue.submit(state('open', 5), 1120), [{ closing: { at: 1125 } }])
  t.match(venue.say({ type: 'tick' }, 1125), ['TESTEX closed'])
})

t.test('a time said in a halt begins with the opening', async (t) => {
  const venue = cashVenue()

  t.match(venue.submit(state('halted', 50), 100), [{ closing: { after: 50 } }])
  t.match(venue.submit(state('open'), 200), [{ closing: { at: 250 } }])
})

t.test('the time when no process ran does not count', async (t) => {
  const venue = cashVenue()
  venue.submit(state('open', 50), 100)
  venue.submit({ type: 'tick' }, 120)

  t.match(venue.submit({ type: 'started' }, 1_000_000), [])
  t.match(venue.submit({ type: 'tick' }, 1_000_029), [])
  t.match(venue.say({ type: 'tick' }, 1_000_030), ['TESTEX closed'])
})

t.test('the time goes on after a save and a load', async (t) => {
  const venue = cashVenue()
  venue.submit(state('open', 50), 100)
  const loaded = loadText(savedText(venue.engine))

  t.equal(loaded.nextDue, 150)
  t.equal(stateHash(loaded), stateHash(venue.engine))
})

t.test('venues close in the order of their times, then of their making', async (t) => {
  const venue = new TestVenue()
  for (const name of ['ONE', 'TWO', 'TRE'])
    venue.submit({ type: 'create-venue', venue: name, rules: { rulesVersion: 1, selfTrade: 'allow' } })
  venue.submit({ type: 'set-state', venue: 'ONE', state: 'open', openFor: micros(40) }, 10)
  venue.submit({ type: 'set-state', venue: 'TRE', state: 'open', openFor: micros(20) }, 10)
  venue.submit({ type: 'set-state', venue: 'TWO', state: 'open', openFor: micros(20) }, 10)

  t.strictSame(venue.say({ type: 'tick' }, 60), ['TWO closed', 'TRE closed', 'ONE closed'])
  t.equal(venue.engine.nextDue, Number.POSITIVE_INFINITY)
})

t.test('a reset gives the venue back as it was made, but halted, and ids go on', async (t) => {
  const venue = cashVenue({ reference })
  venue.submit(state('open', 1000))
  venue.sell('ann', 5, 90)
  venue.buy('bob', 2, 90)
  venue.buy('bob', 2, 80, { clientOrderId: 'mine' })

  t.strictSame(venue.say({ type: 'reset-venue', venue: 'TESTEX' }), [
    'closed 1: venue_closed, 3 canceled',
    'closed 3: venue_closed, 2 canceled',
    'ann has 98 GLD, 0 held',
    'bob has 820 USD, 0 held',
    'reset TESTEX',
  ])
  t.strictSame(venue.buy('ann', 1, 10), ['rejected: venue_halted'])
  t.equal(venue.engine.venues.get('TESTEX')?.openedAt, undefined)
  t.match(venue.submit(state('open')), [{ closing: undefined }])
  t.strictSame(venue.buy('ann', 1, 10), ['rejected: unknown_account'])
  t.strictSame(venue.open('bob'), ['opened bob', 'bob has 1000 USD, 0 held', 'bob has 100 GLD, 0 held'])
  t.strictSame(venue.buy('bob', 1, 80, { clientOrderId: 'mine' }).slice(0, 3), [
    'accepted 4',
    'rested 4: 1',
    'reference 90',
  ])
  venue.open('ann')
  t.match(venue.sell('ann', 1, 80).join(), 'trade 2')
  checkEngine(venue.engine)
})

t.test('a reset forgets the fees and what came in', async (t) => {
  const venue = cashVenue({ fees: { buy: 0, sell: 500_000_000 } })
  venue.sell('ann', 5, 90)
  venue.buy('bob', 2, 90)
  venue.submit({ type: 'reset-venue', venue: 'TESTEX' })

  t.equal(venue.fees('USD'), 0n)
  t.equal(venue.engine.venues.get('TESTEX')?.ledger.deposited.size, 0)
})

t.test('a closed venue can be reset, and opened then', async (t) => {
  const venue = cashVenue()
  venue.submit(state('closed'))
  t.match(venue.say({ type: 'reset-venue', venue: 'TESTEX' }), ['reset TESTEX'])

  t.match(venue.say(state('open')), ['TESTEX open'])
  t.match(venue.open('ann'), ['opened ann'])
})

t.test('a venue can be made halted', async (t) => {
  const venue = new TestVenue()
  const rules = { rulesVersion: 1, selfTrade: 'allow' } as const

  t.match(venue.submit({ type: 'create-venue', venue: 'NEWEX', rules, state: 'halted' }), [
    { state: 'halted' },
  ])
  venue.submit({ type: 'list-instrument', venue: 'NEWEX', symbol: 'FOOBAR' })
  t.strictSame(venue.buy('ann', 1, 1, { venue: 'NEWEX' }), ['rejected: venue_halted'])
  t.equal(venue.engine.venues.get('NEWEX')?.openedAt, undefined)
  venue.submit({ type: 'set-state', venue: 'NEWEX', state: 'open' }, 77)
  venue.submit({ type: 'set-state', venue: 'NEWEX', state: 'open' }, 99)
  t.equal(venue.engine.venues.get('NEWEX')?.openedAt, 77)
})

t.test('deposits add to what is available, of the assets that the venue knows', async (t) => {
  const venue = cashVenue({}, { opening: { USD: '5', BTC: '1' } })

  t.strictSame(venue.pay('ann', 7n), ['ann has 12 USD, 0 held'])
  t.strictSame(venue.pay('ann', 7n, 'GLD'), ['ann has 7 GLD, 0 held'])
  t.strictSame(venue.pay('ann', 7n, 'BTC'), ['ann has 8 BTC, 0 held'])
  t.strictSame(venue.pay('ann', 7n, 'EUR'), ['rejected: unknown_asset'])
  t.strictSame(venue.pay('ann', 0n), ['rejected: value_too_small'])
  t.strictSame(venue.pay('dee', 7n), ['rejected: unknown_account'])
  checkEngine(venue.engine)
})

t.test('a venue without money has no accounts to open or pay into', async (t) => {
  const venue = new TestVenue()

  t.strictSame(venue.open('ann'), ['rejected: no_accounts'])
  t.strictSame(venue.pay('ann', 1n), ['rejected: no_accounts'])
  t.strictSame(venue.spend('ann', 1n), ['rejected: budget_only'])
  t.strictSame(venue.spend('ann', 1n, { venue: 'NEWEX', autoCreate: true }), ['rejected: budget_only'])
  t.equal(venue.engine.venues.size, 1)
})

t.test('accounts of the house are opened on every venue, and are such after they were saved', async (t) => {
  for (const venue of [new TestVenue(), cashVenue()]) {
    const house = { type: 'open-account', venue: 'TESTEX', account: 'desk', house: true } as const

    t.match(venue.say(house)[0], 'opened desk')
    t.strictSame(venue.say(house), ['rejected: account_exists'])

    const loaded = loadText(savedText(venue.engine))
    t.equal(loaded.venues.get('TESTEX')?.accounts.get('desk')?.isHouse, true)
    t.equal(stateHash(loaded), stateHash(venue.engine))
  }
})

t.test('no more accounts are opened than the venue may have', async (t) => {
  const venue = cashVenue()
  venue.limit({ accounts: 4 })

  t.match(venue.open('dee'), ['opened dee'])
  t.strictSame(venue.open('eve'), ['rejected: too_many_accounts'])
})

t.test('of several reasons to refuse an order the first one is given', async (t) => {
  const venue = cashVenue(
    { minQuantity: lots(2), worth: [1, 50], reference: { initial: ticks(9), bindsOrders: true } },
    rests,
  )
  const said = (events: string[], reason: string) => t.strictSame(events, [`rejected: ${reason}`])
  venue.submit(state('halted'))
  said(venue.buy('dee', 1, 10, { symbol: 'NONE', autoCreate: true }), 'venue_halted')
  venue.submit(state('open'))
  said(venue.buy('dee', 1, 10, { symbol: 'NONE', autoCreate: true }), 'unknown_symbol')
  venue.limit({ openOrders: 0, openOrdersPerAccount: 0 })
  said(venue.buy('dee', 1, 10), 'unknown_account')
  said(venue.buy('ann', 1, 10), 'too_many_open_orders')
  venue.limit({ openOrdersPerAccount: 10 })
  said(venue.buy('ann', 1, 10), 'venue_full')
  venue.limit({ openOrders: 10 })
  said(venue.sell('ann', 1, 10, { budget: 0n }), 'budget_only')
  said(venue.buy('ann', 1, 10, { budget: 1n }), 'budget_only')
  said(venue.buy('ann', 1, 0, { ...market, budget: 1n }), 'budget_only')
  said(venue.spend('ann', 0n), 'value_too_small')
  said(venue.buy('ann', 1, 0, waits), 'budget_only')
  said(venue.buy('ann', 1, 10), 'quantity_too_small')
  said(venue.sell('ann', 1, 0, market), 'quantity_too_small')
  said(venue.buy('ann', 2, 24), 'value_too_small')
  said(venue.buy('ann', 100_000, 9), 'wrong_side_of_reference')
  said(venue.sell('ann', 2, 8), 'wrong_side_of_reference')
  said(venue.buy('ann', 100_000, 8), 'insufficient_funds')
  said(venue.spend('ann', 1001n), 'insufficient_funds')
  said(venue.spend('ann', 1000n), 'no_opposite_orders')
  t.match(venue.buy('ann', 7, 8), ['accepted 1'], '1.12 dollars are enough')
})

t.test('rules that cannot hold together make no venue', async (t) => {
  const make = (rules: object) => {
    const [event] = new TestVenue().say({
      type: 'create-venue',
      venue: 'NEWEX',
      rules: { rulesVersion: 1, selfTrade: 'allow', ...rules },
    })
    return event
  }
  const refused = 'rejected: rules_conflict'

  t.equal(make({ credit: 'cash', selfTrade: 'decrement' }), refused)
  for (const selfTrade of ['cancel-taker', 'cancel-maker', 'cancel-both', 'decrement'])
    t.equal(make({ ...rests, selfTrade }), refused, selfTrade)
  t.equal(make({ opening: { USD: '5' } }), refused)
  t.equal(make({ accounts: 'by-order' }), refused)
  for (const amount of ['-5', '1.5', '', 'much', '0x10'])
    t.equal(make({ credit: 'cash', opening: { USD: amount } }), refused, amount)
  t.equal(make({ credit: 'cash', ...rests, opening: { USD: '0' } }), 'venue NEWEX')
})

t.test('an instrument of a cash venue needs terms that can be used, another has none', async (t) => {
  const list = (venue: TestVenue, terms?: object) =>
    venue.say({
      ...{ type: 'list-instrument', venue: 'TESTEX', symbol: 'BAZ' },
      ...(terms && { terms: { ...plainTerms, ...terms } }),
    } as never)[0]
  const bad = 'rejected: bad_terms'

  t.equal(list(cashVenue()), 'rejected: terms_missing')
  t.equal(list(new TestVenue(), {}), 'rejected: terms_missing')
  t.equal(list(cashVenue(), { quote: 'GLD' }), bad)
  t.equal(list(cashVenue(), { unitsPerLot: 0 }), bad)
  t.equal(list(cashVenue(), { worth: [0, 1] }), bad)
  t.equal(list(cashVenue(), { worth: [1, 0.5] }), bad)
  t.equal(list(cashVenue(), { minQuantity: 0 }), bad)
  t.equal(list(cashVenue(), { fees: { buy: -1, sell: 0 } }), bad)
  t.equal(list(cashVenue(), { fees: { maker: 0, taker: 1_000_000_000 } }), bad)
  t.equal(list(cashVenue(), { fees: { maker: 0, taker: 999_999_999 } }), 'listed BAZ on TESTEX')
})

t.test('amounts are exact beyond what a number holds', async (t) => {
  const venue = cashVenue({ worth: [3, 2], unitsPerLot: 1_000_003, fees: { buy: 1, sell: 1 } })
  venue.pay('ann', 2n ** 120n)
  venue.pay('bob', 2n ** 120n, 'GLD')

  venue.sell('bob', most, most)
  const events = venue.buy('ann', most, most)

  const m = BigInt(most)
  // Three halves of an odd number end in a half.
  const paid = (3n * m * m) / 2n + (((3n * m * m) / 2n) % 2n)
  t.match(
    trades(events).join(),
    `for ${paid}, fees ${(m * 1_000_003n) / 1_000_000_000n} and ${paid / 1_000_000_000n}`,
  )
  checkEngine(venue.engine)
  t.equal(stateHash(loadText(savedText(venue.engine))), stateHash(venue.engine))
})

/** Whole numbers from 0 to 2^53−1, most of them near a power of two or small. */
const anySafe = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 53 }), fc.integer({ min: -2, max: 2 })).map(([power, off]) => {
    return Math.min(most, Math.max(0, 2 ** power + off))
  }),
  fc.integer({ min: 0, max: most }),
  fc.integer({ min: 0, max: 100 }),
)
const anyAbove = anySafe.map((n) => Math.max(1, n))

/** What an amount must be: a number where one holds it exactly. */
function formOf(exact: bigint): Amount {
  return exact >= -BigInt(most) && exact <= BigInt(most) ? Number(exact) : exact
}

t.test('amounts are added, subtracted and multiplied as big integers are', async () => {
  const anyAmount = fc.tuple(anySafe, anySafe, fc.boolean()).map(([high, low, isBig]) => {
    return formOf(isBig ? BigInt(high) * 2n ** 53n + BigInt(low) : BigInt(low))
  })
  fc.assert(
    fc.property(anyAmount, anyAmount, anySafe, anySafe, (a, b, m, n) => {
      const [bigA, bigB] = [BigInt(a), BigInt(b)]
      assert.equal(plus(a, b), formOf(bigA + bigB))
      assert.equal(minus(a, b), formOf(bigA - bigB))
      assert.equal(times(m, n), formOf(BigInt(m) * BigInt(n)))
      assert.equal(minus(plus(a, b), b), a)
    }),
    { numRuns: 3000, ...seeded },
  )
})

t.test('a division rounds down to what the big one does, up to the last safe integer', async () => {
  const isExact = (n: number, divisor: number) => BigInt(wholes(n, divisor)) === BigInt(n) / BigInt(divisor)
  fc.assert(
    fc.property(anySafe, anyAbove, fc.integer({ min: -1, max: 1 }), (n, divisor, off) => {
      // Next to a multiple it is decided by the last bit.
      const multiple = BigInt(n) - (BigInt(n) % BigInt(divisor)) + BigInt(off)
      assert.ok(isExact(n, divisor))
      assert.ok(isExact(most, divisor))
      assert.ok(multiple < 0n || multiple > BigInt(most) || isExact(Number(multiple), divisor))
    }),
    { numRuns: 3000, ...seeded },
  )
})

t.test('worth and fees are what fractions say, on both sides of 2^53', async () => {
  const rounded = (n: bigint, d: bigint, isHalfEven: boolean) => {
    const twice = 2n * (n % d)
    return n / d + (isHalfEven && (twice > d || (twice === d && (n / d) % 2n === 1n)) ? 1n : 0n)
  }
  fc.assert(
    fc.property(
      ...([
        anySafe,
        anyAbove,
        anyAbove,
        anyAbove,
        fc.boolean(),
        fc.integer({ min: 0, max: 999_999_999 }),
      ] as const),
      (price, quantity, multiplier, divisor, isHalfEven, rate) => {
        const worth = [multiplier, divisor] as const
        const notional = new Notional({
          ...plainTerms,
          ...{ worth, notionalRounding: isHalfEven ? 'half-even' : 'down' },
        })
        const fine = BigInt(price) * BigInt(quantity) * BigInt(multiplier)
        const paid = rounded(fine, BigInt(divisor), isHalfEven)
        assert.equal(notional.settle(ticks(price), lots(quantity)), formOf(paid))
        assert.equal(
          notional.reserve(ticks(price), lots(quantity)),
          formOf((fine + BigInt(divisor) - 1n) / BigInt(divisor)),
        )
        assert.equal(feeOf(formOf(paid), rate), formOf((paid * BigInt(rate)) / 1_000_000_000n))
      },
    ),
    { numRuns: 3000, ...seeded },
  )
})

t.test('a balance goes past 2^53 and back to the last unit', async (t) => {
  const venue = cashVenue({}, { opening: { USD: `${most}`, GLD: '1' } })
  const has = () => venue.engine.venues.get('TESTEX')?.accounts.get('ann')?.balances.get('USD')?.available

  t.strictSame(venue.pay('ann', 1n), [`ann has ${2n ** 53n} USD, 0 held`])
  venue.pay('ann', 1n)
  t.equal(has(), 2n ** 53n + 1n)
  venue.buy('ann', 1, 1)
  venue.buy('ann', 1, 2)
  t.equal(has(), BigInt(most) - 1n)
  venue.cancel(2)
  venue.cancel(1)
  t.equal(has(), 2n ** 53n + 1n)
  t.strictSame(venue.buy('ann', most, 2), ['rejected: insufficient_funds'])
  checkEngine(venue.engine)
})

t.test('a run on a cash venue gives the digest that it always gave', async (t) => {
  const venue = cashVenue(
    { worth: [7, 3], unitsPerLot: 1009, fees: { maker: 1_000_003, taker: 30_000_000 } },
    { ...rests, opening: { USD: '1000000000', GLD: `${2n ** 60n}` } },
  )
  const accounts = ['ann', 'bob', 'cy']
  let last = 1
  // The minimal standard generator.
  const below = (n: number) => {
    last = (last * 48_271) % 2_147_483_647
    return last % n
  }
  for (let i = 0; i < 2000; i += 1) {
    const account = accounts[below(3)] as string
    const [price, quantity, kind] = [95 + below(10), 1 + below(40), below(20)]
    if (kind < 8) venue.buy(account, quantity, price)
    else if (kind < 15) venue.sell(account, quantity, price)
    else if (kind < 17) venue.cancel(1 + below(i + 1))
    else if (kind === 17) venue.spend(account, BigInt(quantity) * 1000n)
    else if (kind === 18) venue.buy(account, quantity, price, fok)
    else venue.pay(account, BigInt(quantity) ** 12n)
  }

  t.equal(venue.engine.digest.value, '7c70cb2d25695dd5')
  checkEngine(venue.engine)
})

t.test('levels and depth are exact beyond what a number holds', async (t) => {
  const venue = cashVenue({ worth: [1, most] })
  venue.pay('ann', 2n ** 60n, 'GLD')
  venue.pay('bob', 2n ** 60n)
  for (let i = 0; i < 3; i += 1) venue.sell('ann', most, 5)
  venue.sell('ann', most, 6)

  t.equal(venue.book.asks.best?.quantity, 3n * BigInt(most))
  t.equal(venue.book.asks.depth, 4n * BigInt(most))
  t.match(venue.buy('bob', most, 5, fok).join(), `takes ${most} of 1 at 5 for 5`)
  t.equal(venue.book.asks.best?.quantity, 2n * BigInt(most))
  venue.cancel(2)
  t.equal(venue.book.asks.best?.quantity, most, 'a number again')
  checkEngine(venue.engine)
})

t.test('a sum of lots is what a sum of big integers is', async () => {
  const anyLots = fc.oneof(
    fc.integer({ min: 1, max: most }),
    fc.integer({ min: most - 5, max: most }),
    fc.integer({ min: 1, max: 5 }),
  )
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anyLots, fc.boolean(), fc.nat()), { maxLength: 60, size: 'max' }),
      (steps) => {
        const sum = new LotSum()
        const kept: number[] = []
        for (const [quantity, isAdded, pick] of steps) {
          if (isAdded || kept.length === 0) {
            kept.push(quantity)
            sum.add(lots(quantity))
          } else {
            const [gone] = kept.splice(pick % kept.length, 1)
            sum.subtract(lots(gone as number))
          }
          const total = kept.reduce((all, one) => all + BigInt(one), 0n)
          if (BigInt(sum.total) !== total) return false
          if (typeof sum.total !== (total <= BigInt(most) ? 'number' : 'bigint')) return false
        }
        return true
      },
    ),
    { numRuns: 500, ...seeded },
  )
})

t.test('a client order id stands for its budget too', async (t) => {
  const venue = cashVenue({}, rests)
  venue.sell('ann', 1, 10)
  const named = { clientOrderId: 'mine' }
  venue.spend('bob', 30n, named)

  t.strictSame(venue.spend('bob', 30n, named), ['repeated 2'])
  t.strictSame(venue.spend('bob', 31n, named), ['rejected: client_order_id_conflict'])
  t.strictSame(venue.buy('bob', 30, 0, { ...named, ...waits }), ['rejected: client_order_id_conflict'])
})

t.test('a waiting order is known by its client order id after a save and a load', async (t) => {
  const venue = cashVenue({}, rests)
  venue.sell('ann', 1, 10)
  venue.spend('bob', 30n, { clientOrderId: 'mine' })
  const loaded = loadText(savedText(venue.engine))
  Object.assign(venue, { engine: loaded })

  t.strictSame(venue.spend('bob', 30n, { clientOrderId: 'mine' }), ['repeated 2'])
})
