import t from 'tap'
import { lots, ticks } from '../../src/domain/units.ts'
import { selfTradeRules } from '../../src/domain/venue.ts'
import { checkEngine } from '../../src/engine/invariants.ts'
import { loadText, savedText } from './state-hash.ts'
import { cashVenue, ioc, TestVenue, waits } from './test-venue.ts'

const most = Number.MAX_SAFE_INTEGER

t.test('fewer lots at the same price keep the place, more go to the back', async (t) => {
  const venue = new TestVenue()
  venue.buy('ann', 10, 100)
  venue.buy('bob', 10, 100)

  const fewer = venue.replace(1, 4, 100)
  const before = venue.bids
  const more = venue.replace(1, 5, 100)

  t.strictSame(fewer, ['replaced 1: 4 of 4 at 100'])
  t.strictSame(before, [
    [1, 100, 4],
    [2, 100, 10],
  ])
  t.strictSame(more, ['replaced 1: 5 of 5 at 100, behind the others', 'rested 1: 5'])
  t.strictSame(venue.bids, [
    [2, 100, 10],
    [1, 100, 5],
  ])
})

t.test('what changes nothing keeps the place: a request may be sent again', async (t) => {
  const venue = new TestVenue()
  venue.buy('ann', 10, 100)
  venue.buy('bob', 10, 100)

  t.strictSame(venue.replace(1, 10, 100), ['replaced 1: 10 of 10 at 100'])
  t.equal(venue.bids[0]?.[0], 1)
})

t.test('another price goes to the back there, and trades at once what it can', async (t) => {
  const venue = new TestVenue()
  venue.buy('ann', 10, 100)
  venue.sell('bob', 4, 105)
  venue.buy('cy', 1, 106, ioc)

  const events = venue.replace(1, 8, 105)

  t.strictSame(events, [
    'replaced 1: 8 of 8 at 105, behind the others',
    'trade 2: 1 takes 3 of 2 at 105',
    'closed 2: filled, 0 canceled',
    'rested 1: 5',
  ])
  t.strictSame(venue.bids, [[1, 105, 5]])
})

t.test('the total counts what is filled; one that is filled already closes the order', async (t) => {
  const venue = new TestVenue()
  venue.sell('ann', 10, 100)
  venue.buy('bob', 4, 100)

  const down = venue.replace(1, 6, 100)
  const filled = venue.replace(1, 4, 101)

  t.strictSame(down, ['replaced 1: 2 of 6 at 100'])
  t.strictSame(filled, ['closed 1: user, 2 canceled'])
  t.strictSame(venue.replace(1, 50, 100), ['rejected: order_closed'])
})

t.test('what the rule decrement took is no part of a total that comes later', async (t) => {
  const venue = new TestVenue('decrement')
  venue.sell('ann', 10, 100)
  venue.buy('ann', 3, 100)
  venue.buy('bob', 2, 100)

  t.strictSame(venue.replace(1, 10, 100), ['replaced 1: 8 of 10 at 100, behind the others', 'rested 1: 8'])
})

t.test('what cannot be replaced is refused, and nothing changes', async (t) => {
  const venue = new TestVenue({ selfTrade: 'allow', marketRemainder: 'rest' })
  venue.sell('ann', 1, 100)
  venue.buy('bob', 5, 0, waits)
  venue.buy('cy', 5, 50)
  const refusals = [venue.replace(9, 5, 5), venue.replace(0, 5, 5), venue.replace(1, 5, 5)]

  t.strictSame(refusals.flat(), [
    'rejected: unknown_order',
    'rejected: unknown_order',
    'rejected: order_closed',
  ])
  t.strictSame(venue.replace(2, 5, 5), ['rejected: not_replaceable'])
  venue.submit({ type: 'set-state', venue: 'TESTEX', state: 'halted' })
  t.strictSame(venue.replace(3, 5, 5), ['rejected: venue_halted'])
  venue.submit({ type: 'set-state', venue: 'TESTEX', state: 'open' })
  const nowhere = { type: 'replace', venue: 'NOPE', orderId: 1, price: ticks(1), quantity: lots(1) } as const
  t.strictSame(venue.say(nowhere), ['rejected: unknown_venue'])
  t.strictSame(venue.bids, [[3, 50, 5]])
})

t.test(
  'no side may come to hold more than can be counted, and what it had does not count twice',
  async (t) => {
    const venue = new TestVenue()
    venue.buy('ann', most - 5, 100)
    venue.buy('bob', 5, 100)

    t.strictSame(venue.replace(2, 6, 100), ['rejected: depth_limit'])
    t.strictSame(venue.replace(1, most - 5, 90), [
      `replaced 1: ${most - 5} of ${most - 5} at 90, behind the others`,
      `rested 1: ${most - 5}`,
    ])
    checkEngine(venue.engine)
  },
)

for (const selfTrade of selfTradeRules) {
  t.test(
    `an order that is moved against its own account is treated as one that arrives: ${selfTrade}`,
    async (t) => {
      const moved = new TestVenue(selfTrade)
      moved.sell('ann', 5, 105)
      moved.sell('bob', 5, 106)
      moved.buy('ann', 12, 100)
      const placed = new TestVenue(selfTrade)
      placed.sell('ann', 5, 105)
      placed.sell('bob', 5, 106)

      const [, ...events] = moved.replace(3, 12, 106)
      const [, ...asPlaced] = placed.buy('ann', 12, 106)

      t.strictSame(events, asPlaced)
      t.strictSame([moved.bids, moved.asks], [placed.bids, placed.asks])
      checkEngine(moved.engine)
    },
  )
}

t.test('money follows exactly: more is reserved, what is not needed is free again', async (t) => {
  const venue = cashVenue({ worth: [1, 7] })
  venue.buy('ann', 10, 70)

  t.match(venue.replace(1, 20, 70).at(-1), 'ann has 800 USD, 200 held')
  t.match(venue.replace(1, 3, 70).at(-1), 'ann has 970 USD, 30 held')
  t.match(venue.replace(1, 3, 71).at(-1), 'ann has 969 USD, 31 held')
  t.strictSame(venue.replace(1, 3, 0), ['rejected: value_too_small'])
  t.strictSame(venue.replace(1, 1000, 71), ['rejected: insufficient_funds'])
  t.strictSame(venue.bids, [[1, 71, 3]])
  t.equal(venue.has('ann'), '969+31 USD, 100+0 GLD')
  checkEngine(venue.engine)
})

t.test('an order to sell at another price holds what it held, and nobody is told of a balance', async (t) => {
  const venue = cashVenue()
  venue.sell('ann', 10, 50)

  t.strictSame(venue.replace(1, 10, 60), ['replaced 1: 10 of 10 at 60, behind the others', 'rested 1: 10'])
  t.match(venue.replace(1, 100, 60).at(-1), 'ann has 0 GLD, 100 held')
  t.strictSame(venue.replace(1, 101, 60), ['rejected: insufficient_funds'])
})

t.test(
  'where the venue has a price, a moved order is bound by it, one that shrinks in its place is not',
  async (t) => {
    const venue = cashVenue({
      minQuantity: lots(2),
      reference: { initial: ticks(100), bindsOrders: true },
    })
    venue.buy('ann', 5, 80)
    const moved = venue.replace(1, 5, 84)
    // With bids alone the price comes down to the best of them.
    for (let n = 0; n < 5; n += 1) venue.buy('cy', 2, 1)

    t.strictSame(moved, [
      'replaced 1: 5 of 5 at 84, behind the others',
      'rested 1: 5',
      'reference 87',
      'ann has 580 USD, 420 held',
    ])
    t.equal(venue.book.reference, 84)
    t.strictSame(venue.replace(1, 6, 84), ['rejected: wrong_side_of_reference'])
    t.strictSame(venue.replace(1, 1, 84), ['rejected: quantity_too_small'])
    t.strictSame(venue.replace(1, 4, 84), ['replaced 1: 4 of 4 at 84', 'ann has 664 USD, 336 held'])
  },
)

t.test('an order under a client order id stays the one that was sent under it', async (t) => {
  const venue = new TestVenue()
  venue.buy('ann', 10, 100, { clientOrderId: 'mine' })
  venue.replace(1, 12, 101)
  const text = savedText(venue.engine)

  t.equal(savedText(loadText(text)), text)
  t.strictSame(venue.buy('ann', 10, 100, { clientOrderId: 'mine' }), ['repeated 1'])
  t.strictSame(venue.buy('ann', 12, 101, { clientOrderId: 'mine' }), ['rejected: client_order_id_conflict'])
})
