import t from 'tap'
import { lots, micros, sequence, ticks } from '../../src/domain/units.ts'
import { type SelfTrade, selfTradeRules } from '../../src/domain/venue.ts'
import { checkEngine } from '../../src/engine/invariants.ts'
import { fok, ioc, market, TestVenue } from './test-venue.ts'

const most = Number.MAX_SAFE_INTEGER

t.test('an order that meets nothing rests, whole, at its own price', async (t) => {
  const venue = new TestVenue()

  const events = venue.buy('ann', 100, 5000)

  t.strictSame(events, ['accepted 1', 'rested 1: 100'])
  t.strictSame(venue.bids, [[1, 5000, 100]])
})

t.test('a taker pays the maker price, and its remainder rests at its own', async (t) => {
  const venue = new TestVenue()
  venue.sell('ann', 10, 4900)

  const events = venue.buy('bob', 30, 5000)

  t.strictSame(events, [
    'accepted 2',
    'trade 1: 2 takes 10 of 1 at 4900',
    'closed 1: filled, 0 canceled',
    'rested 2: 20',
  ])
  t.strictSame([venue.bids, venue.asks], [[[2, 5000, 20]], []])
})

t.test('equal prices trade, one tick apart does not', async (t) => {
  const venue = new TestVenue()
  venue.sell('ann', 10, 101)
  venue.buy('ann', 10, 99)

  const apart = [...venue.buy('bob', 1, 100), ...venue.sell('bob', 1, 102), ...venue.sell('bob', 1, 101)]
  const equal = [...venue.buy('bob', 1, 101), ...venue.sell('bob', 1, 100)]

  t.notMatch(apart.join(), 'trade')
  t.match(equal, [/accepted/, '6 takes 1 of 1 at 101', /closed 6/, /accepted/, '7 takes 1 of 3 at 100'])
})

t.test('the best price trades first, and within a price the older order', async (t) => {
  const venue = new TestVenue()
  venue.sell('ann', 10, 105)
  venue.sell('ann', 10, 103)
  venue.sell('bob', 10, 103)
  venue.sell('ann', 10, 104)

  const events = venue.buy('cy', 35, 110)

  t.strictSame(
    events.filter((event) => event.startsWith('trade')),
    [
      'trade 1: 5 takes 10 of 2 at 103',
      'trade 2: 5 takes 10 of 3 at 103',
      'trade 3: 5 takes 10 of 4 at 104',
      'trade 4: 5 takes 5 of 1 at 105',
    ],
  )
  t.equal(events.at(-1), 'closed 5: filled, 0 canceled')
})

t.test('a seller meets the highest bid first', async (t) => {
  const venue = new TestVenue()
  venue.buy('ann', 10, 95)
  venue.buy('ann', 10, 97)
  venue.buy('ann', 10, 97)

  const events = venue.sell('cy', 25, 96)

  t.strictSame(events, [
    'accepted 4',
    'trade 1: 4 takes 10 of 2 at 97',
    'closed 2: filled, 0 canceled',
    'trade 2: 4 takes 10 of 3 at 97',
    'closed 3: filled, 0 canceled',
    'rested 4: 5',
  ])
})

t.test('a partly filled maker keeps its place', async (t) => {
  const venue = new TestVenue()
  venue.sell('ann', 10, 100)
  venue.sell('bob', 10, 100)
  venue.buy('cy', 4, 100)

  const events = venue.buy('cy', 8, 100)

  t.match(events.join(), 'takes 6 of 1 at 100')
  t.match(events.join(), 'takes 2 of 2 at 100')
  t.strictSame(venue.asks, [[2, 100, 8]])
})

t.test('a trade says what both orders have left', async (t) => {
  const venue = new TestVenue()
  venue.sell('ann', 10, 100)

  const [, trade] = venue.submit({
    type: 'place',
    venue: 'TESTEX',
    symbol: 'FOOBAR',
    account: 'bob',
    side: 'buy',
    orderType: 'limit',
    timeInForce: 'gtc',
    price: ticks(105),
    quantity: lots(12),
    autoCreate: false,
  })

  t.strictSame(trade, {
    type: 'trade',
    venue: 'TESTEX',
    symbol: 'FOOBAR',
    tradeId: 1,
    price: 100,
    quantity: 10,
    makerId: 1,
    takerId: 2,
    makerOpen: 0,
    takerOpen: 2,
  })
})

t.test('a price of 0 is a price', async (t) => {
  const venue = new TestVenue()
  venue.buy('ann', 10, 0)

  const events = venue.sell('bob', 4, 0)

  t.match(events.join(), 'takes 4 of 1 at 0')
  t.equal(venue.book.bids.best?.price, 0)
})

t.test('a market order takes every price on the other side and cancels what it cannot get', async (t) => {
  const venue = new TestVenue()
  venue.sell('ann', 10, most)
  venue.sell('ann', 10, 1)
  venue.buy('ann', 10, 0)

  const bought = venue.buy('bob', 25, 0, market)
  const sold = venue.sell('bob', 15, 0, market)
  const nothing = venue.sell('bob', 1, 0, market)

  t.strictSame(bought, [
    'accepted 4',
    'trade 1: 4 takes 10 of 2 at 1',
    'closed 2: filled, 0 canceled',
    `trade 2: 4 takes 10 of 1 at ${most}`,
    'closed 1: filled, 0 canceled',
    'closed 4: ioc, 5 canceled',
  ])
  t.match(sold, ['accepted 5', 'trade 3: 5 takes 10 of 3 at 0', 'closed 3', 'closed 5: ioc, 5 canceled'])
  t.strictSame(nothing, ['accepted 6', 'closed 6: ioc, 1 canceled'])
})

t.test('an immediate order keeps to its price and never rests', async (t) => {
  const venue = new TestVenue()
  venue.sell('ann', 10, 100)
  venue.sell('ann', 10, 102)

  const events = venue.buy('bob', 15, 101, ioc)

  t.strictSame(events, [
    'accepted 3',
    'trade 1: 3 takes 10 of 1 at 100',
    'closed 1: filled, 0 canceled',
    'closed 3: ioc, 5 canceled',
  ])
  t.strictSame([venue.bids, venue.asks], [[], [[2, 102, 10]]])
})

t.test('fill or kill: exactly enough fills, one too few does nothing at all', async (t) => {
  const venue = new TestVenue()
  venue.sell('ann', 10, 100)
  venue.sell('bob', 10, 101)
  venue.sell('bob', 10, 102)

  const killed = venue.buy('cy', 21, 101, fok)
  const filled = venue.buy('cy', 20, 101, fok)

  t.strictSame(killed, ['accepted 4', 'closed 4: fok_killed, 21 canceled'])
  t.equal(filled.length, 6)
  t.equal(filled.at(-1), 'closed 5: filled, 0 canceled')
  t.strictSame(venue.asks, [[3, 102, 10]])
})

t.test('a market order can be fill or kill', async (t) => {
  const venue = new TestVenue()
  venue.buy('ann', 10, 0)

  const killed = venue.sell('cy', 11, 0, { ...market, ...fok })
  const filled = venue.sell('cy', 10, 0, { ...market, ...fok })

  t.strictSame(killed, ['accepted 2', 'closed 2: fok_killed, 11 canceled'])
  t.equal(filled.at(-1), 'closed 3: filled, 0 canceled')
})

/** Asks of bob, ann and bob at 100, then ann's buy order: what the rules between ann and ann make of it. */
function meetOwnOrder(selfTrade: SelfTrade, own: number, quantity: number, terms = {}) {
  const venue = new TestVenue(selfTrade)
  venue.sell('bob', 10, 100)
  venue.sell('ann', own, 100)
  venue.sell('bob', 10, 100)
  const events = venue.buy('ann', quantity, 100, terms)
  checkEngine(venue.engine)
  return { events: events.slice(3), bids: venue.bids, asks: venue.asks }
}

t.test('allow: an account trades with itself as with anybody', async (t) => {
  const { events, asks } = meetOwnOrder('allow', 10, 25)

  t.strictSame(events, [
    'trade 2: 4 takes 10 of 2 at 100',
    'closed 2: filled, 0 canceled',
    'trade 3: 4 takes 5 of 3 at 100',
    'closed 4: filled, 0 canceled',
  ])
  t.strictSame(asks, [[3, 100, 5]])
})

t.test('cancel-taker: the taker ends where it meets its own order', async (t) => {
  const { events, bids, asks } = meetOwnOrder('cancel-taker', 10, 25)

  t.strictSame(events, ['closed 4: self_trade, 15 canceled'])
  t.strictSame(
    [bids, asks],
    [
      [],
      [
        [2, 100, 10],
        [3, 100, 10],
      ],
    ],
  )
})

t.test('cancel-maker: own orders go away and the taker goes on', async (t) => {
  const { events, bids, asks } = meetOwnOrder('cancel-maker', 10, 25)

  t.strictSame(events, [
    'closed 2: self_trade, 10 canceled',
    'trade 2: 4 takes 10 of 3 at 100',
    'closed 3: filled, 0 canceled',
    'rested 4: 5',
  ])
  t.strictSame([bids, asks], [[[4, 100, 5]], []])
})

t.test('cancel-both: maker and taker go, the maker first', async (t) => {
  const { events, bids, asks } = meetOwnOrder('cancel-both', 10, 25)

  t.strictSame(events, ['closed 2: self_trade, 10 canceled', 'closed 4: self_trade, 15 canceled'])
  t.strictSame([bids, asks], [[], [[3, 100, 10]]])
})

t.test('decrement: both lose the smaller open quantity, and the taker goes on with the rest', async (t) => {
  const smaller = meetOwnOrder('decrement', 10, 25)
  const equal = meetOwnOrder('decrement', 10, 20)
  const larger = meetOwnOrder('decrement', 30, 25)

  t.strictSame(smaller.events, [
    'closed 2: self_trade, 10 canceled',
    'reduced 4: 10 canceled, 5 open',
    'trade 2: 4 takes 5 of 3 at 100',
    'closed 4: filled, 0 canceled',
  ])
  t.strictSame(equal.events, ['closed 2: self_trade, 10 canceled', 'closed 4: self_trade, 10 canceled'])
  t.strictSame(equal.asks, [[3, 100, 10]])
  t.strictSame(larger.events, ['reduced 2: 15 canceled, 15 open', 'closed 4: self_trade, 15 canceled'])
  t.strictSame(larger.asks, [
    [2, 100, 15],
    [3, 100, 10],
  ])
})

t.test('a self-trade rule is about accounts: equal names on other venues are strangers', async (t) => {
  const venue = new TestVenue('cancel-taker')
  venue.sell('ann', 10, 100)
  venue.buy('ann', 1, 100, { venue: 'OTHEX', autoCreate: true })

  t.strictSame(venue.asks, [[1, 100, 10]])
  t.strictSame(venue.cancel(1, 'OTHEX'), ['closed 1: user, 1 canceled'])
})

t.test('what a fill-or-kill order may count on, under each rule', async (t) => {
  // Bob offers 10 before ann's own 10 and 10 behind them. What is the most that ann can have all at once?
  const mostFilled = {
    allow: 30,
    'cancel-taker': 10,
    'cancel-maker': 20,
    'cancel-both': 10,
    decrement: 10,
    skip: 20,
  }

  for (const rule of selfTradeRules) {
    const enough = mostFilled[rule]
    const filled = meetOwnOrder(rule, 10, enough, fok)
    const killed = meetOwnOrder(rule, 10, enough + 1, fok)

    t.equal(filled.events.at(-1), 'closed 4: filled, 0 canceled', `${rule}: ${enough} can be had`)
    t.strictSame(killed.events, [], `${rule}: ${enough + 1} cannot`)
    t.equal(killed.asks.length, 3, `${rule}: a killed order cancels nothing`)
  }
})

t.test('a fill-or-kill order counts lots behind its own when it gets there whole', async (t) => {
  const venue = new TestVenue('cancel-taker')
  venue.sell('bob', 5, 100)
  venue.sell('bob', 5, 101)
  venue.sell('ann', 5, 102)

  const events = venue.buy('ann', 10, 102, fok)

  t.equal(events.at(-1), 'closed 4: filled, 0 canceled')
})

t.test('a canceled order is gone, and nothing can be done to it again', async (t) => {
  const venue = new TestVenue()
  venue.buy('ann', 10, 100)
  venue.buy('ann', 20, 99)

  const first = venue.cancel(1)
  const second = venue.cancel(1)

  t.strictSame(first, ['closed 1: user, 10 canceled'])
  t.strictSame(second, ['rejected: order_closed'])
  t.strictSame(venue.bids, [[2, 99, 20]])
})

t.test('only ids that were handed out can be canceled', async (t) => {
  const venue = new TestVenue()
  venue.buy('ann', 10, 100)

  t.strictSame(venue.cancel(0), ['rejected: unknown_order'])
  t.strictSame(venue.cancel(-1), ['rejected: unknown_order'])
  t.strictSame(venue.cancel(2), ['rejected: unknown_order'])
  t.strictSame(venue.cancel(1, 'OTHEX'), ['rejected: unknown_venue'])
})

t.test('ids are 1, 2, 3 … over all symbols of a venue; refusals take none, killed orders do', async (t) => {
  const venue = new TestVenue()

  const events = [
    venue.buy('ann', 1, 1),
    venue.buy('ann', 1, 1, { symbol: 'NOSUCH' }),
    venue.buy('ann', 1, 1, fok),
    venue.cancel(99),
    venue.buy('ann', 1, 1, { symbol: 'BAZ', autoCreate: true }),
    venue.buy('ann', 1, 1, { venue: 'OTHEX', autoCreate: true }),
    venue.sell('ann', 1, 0, market),
  ].flat()

  t.strictSame(
    events.filter((event) => /^(accepted|rejected|trade)/.test(event)),
    [
      'accepted 1',
      'rejected: unknown_symbol',
      'accepted 2',
      'rejected: unknown_order',
      'accepted 3',
      'accepted 1',
      'accepted 4',
      'trade 1: 4 takes 1 of 1 at 1',
    ],
  )
})

t.test('an order makes its venue and book if it may, in one go with its acceptance', async (t) => {
  const venue = new TestVenue()

  const refused = venue.buy('ann', 1, 1, { venue: 'NEWEX' })
  const made = venue.buy('ann', 1, 1, { venue: 'NEWEX', autoCreate: true })
  const again = venue.buy('ann', 1, 1, { venue: 'NEWEX', symbol: 'BAZ', autoCreate: true })

  t.strictSame(refused, ['rejected: unknown_venue'])
  t.strictSame(made, ['venue NEWEX', 'listed FOOBAR on NEWEX', 'accepted 1', 'rested 1: 1'])
  t.strictSame(again, ['listed BAZ on NEWEX', 'accepted 2', 'rested 2: 1'])
})

t.test('an order that is refused makes nothing', async (t) => {
  const venue = new TestVenue()
  venue.limit({ openOrdersPerAccount: 0 })
  const before = [...venue.engine.venues.keys()]

  const events = venue.buy('ann', 1, 1, { venue: 'NEWEX', autoCreate: true })

  t.strictSame(events, ['rejected: too_many_open_orders'])
  t.strictSame([...venue.engine.venues.keys()], before)
  t.equal(venue.engine.venues.get('TESTEX')?.accounts.size, 0)
})

t.test('venues and symbols are made once', async (t) => {
  const venue = new TestVenue()
  const rules = { rulesVersion: 1, selfTrade: 'allow' } as const

  t.match(venue.submit({ type: 'create-venue', venue: 'TESTEX', rules }), [{ reason: 'venue_exists' }])
  t.match(venue.submit({ type: 'list-instrument', venue: 'TESTEX', symbol: 'FOOBAR' }), [
    { reason: 'symbol_exists' },
  ])
  t.match(venue.submit({ type: 'list-instrument', venue: 'NOSUCH', symbol: 'FOOBAR' }), [
    { reason: 'unknown_venue' },
  ])
  t.match(venue.submit({ type: 'set-limits', venue: 'NOSUCH', limits: {} }), [{ reason: 'unknown_venue' }])
})

t.test('books are counted over all venues', async (t) => {
  const venue = new TestVenue()
  venue.limit({ books: 2 })
  venue.buy('ann', 1, 1, { venue: 'NEWEX', autoCreate: true })

  t.strictSame(venue.buy('ann', 1, 1, { symbol: 'BAZ', autoCreate: true }), ['rejected: too_many_books'])
  t.strictSame(venue.buy('ann', 1, 1, { venue: 'THIRDEX', autoCreate: true }), ['rejected: too_many_books'])
  t.match(venue.submit({ type: 'list-instrument', venue: 'TESTEX', symbol: 'BAZ' }), [
    { reason: 'too_many_books' },
  ])
  t.strictSame(venue.buy('ann', 1, 1, { autoCreate: true }), ['accepted 1', 'rested 1: 1'])
})

t.test('an account takes a place for ever, though only once it had an order accepted', async (t) => {
  const venue = new TestVenue()
  venue.limit({ accounts: 2 })
  venue.buy('cy', 1, 1, { symbol: 'NOSUCH' })
  venue.buy('ann', 1, 1, ioc)
  venue.buy('bob', 1, 1)

  t.strictSame(venue.buy('cy', 1, 1, ioc), ['rejected: too_many_accounts'])
  t.strictSame(venue.buy('ann', 1, 1), ['accepted 3', 'rested 3: 1'])
})

t.test('open orders are bounded by account and by venue; orders that cannot rest are not', async (t) => {
  const venue = new TestVenue()
  venue.limit({ openOrdersPerAccount: 2, openOrders: 3 })
  venue.buy('ann', 1, 1)
  venue.buy('ann', 1, 2)

  t.strictSame(venue.buy('ann', 1, 3), ['rejected: too_many_open_orders'])
  t.match(venue.buy('ann', 1, 3, ioc), ['accepted 3'])
  t.match(venue.buy('bob', 1, 3), ['accepted 4'])
  t.strictSame(venue.buy('bob', 1, 4), ['rejected: venue_full'])
  venue.cancel(1)
  t.match(venue.buy('bob', 1, 4), ['accepted 5'])
  t.strictSame(venue.buy('ann', 1, 4), ['rejected: venue_full'])
})

t.test('a trade frees the place of a maker', async (t) => {
  const venue = new TestVenue()
  venue.limit({ openOrdersPerAccount: 1 })
  venue.buy('ann', 2, 1)

  venue.sell('bob', 1, 1, ioc)
  t.strictSame(venue.buy('ann', 1, 1), ['rejected: too_many_open_orders'])
  venue.sell('bob', 1, 1, ioc)
  t.match(venue.buy('ann', 1, 1), ['accepted'])
})

t.test('lower limits take nothing away, and new venues start with those of the shard', async (t) => {
  const venue = new TestVenue()
  venue.buy('ann', 1, 1)
  venue.buy('ann', 1, 2)

  const events = venue.submit({ type: 'set-limits', venue: 'TESTEX', limits: { openOrders: 1, books: 7 } })
  venue.submit({ type: 'set-limits', limits: { accounts: 9 } })
  venue.buy('ann', 1, 1, { venue: 'NEWEX', autoCreate: true })

  t.strictSame(events, [
    {
      type: 'limits-set',
      venue: 'TESTEX',
      limits: { accounts: 5000, openOrdersPerAccount: 200_000, openOrders: 1, closedOrders: 100_000 },
    },
  ])
  t.equal(venue.bids.length, 2)
  t.equal(venue.engine.limits.books, 100)
  t.equal(venue.engine.venues.get('TESTEX')?.limits.accounts, 5000)
  t.equal(venue.engine.venues.get('NEWEX')?.limits.accounts, 9)
})

t.test('a side holds 2^53−1 lots and not one more', async (t) => {
  const venue = new TestVenue()
  venue.buy('ann', most - 10, 100)

  t.strictSame(venue.buy('bob', 11, 99), ['rejected: depth_limit'])
  t.strictSame(venue.buy('bob', 10, 99), ['accepted 2', `rested 2: 10`])
  t.equal(venue.book.bids.depth, most)
  t.strictSame(venue.buy('bob', 1, 99), ['rejected: depth_limit'])
  t.match(venue.buy('bob', 1, 99, ioc), ['accepted 3'])
  t.match(venue.sell('bob', most, 100), ['accepted 4'])
  t.equal(venue.book.asks.depth, 10)
})

t.test('only what an order leaves in the book counts for the limit', async (t) => {
  const venue = new TestVenue()
  venue.buy('ann', most - 10, 100)
  venue.sell('bob', 5, 101)

  t.strictSame(venue.buy('cy', 16, 101), ['rejected: depth_limit'])
  t.match(venue.buy('cy', 15, 101), ['accepted 3', 'takes 5 of 2', 'closed 2', 'rested 3: 10'])
  t.equal(venue.book.bids.depth, most)
})

t.test('what the self-trade rule takes off an order does not count for the limit either', async (t) => {
  // The side has room for 10. The taker meets 2 of bob, 3 of its own account and 2 of bob; 5 more are too dear.
  const outcome = (selfTrade: SelfTrade, quantity: number) => {
    const venue = new TestVenue(selfTrade)
    venue.buy('cy', most - 10, 90)
    venue.sell('bob', 2, 100)
    venue.sell('ann', 3, 100)
    venue.sell('bob', 2, 100)
    venue.sell('bob', 5, 101)
    const events = venue.buy('ann', quantity, 100)
    checkEngine(venue.engine)
    return events.at(-1)
  }

  t.equal(outcome('allow', 17), 'rested 6: 10')
  t.equal(outcome('allow', 18), 'rejected: depth_limit')
  t.equal(outcome('decrement', 17), 'rested 6: 10')
  t.equal(outcome('decrement', 18), 'rejected: depth_limit')
  t.equal(outcome('cancel-maker', 14), 'rested 6: 10')
  t.equal(outcome('cancel-maker', 15), 'rejected: depth_limit')
  t.equal(outcome('cancel-taker', 15), 'closed 6: self_trade, 13 canceled')
  t.equal(outcome('cancel-both', most), `closed 6: self_trade, ${most - 2} canceled`)
})

t.test('the same order under its client order id is answered with the first one', async (t) => {
  const venue = new TestVenue()
  const named = { clientOrderId: 'mine' }
  venue.buy('ann', 10, 100, named)

  const open = venue.buy('ann', 10, 100, named)
  venue.cancel(1)
  const closed = venue.buy('ann', 10, 100, named)

  t.strictSame([open, closed], [['repeated 1'], ['repeated 1']])
  t.strictSame(venue.bids, [])
})

t.test('a different order under a client order id in use is refused', async (t) => {
  const venue = new TestVenue()
  const named = { clientOrderId: 'mine', autoCreate: true }
  venue.buy('ann', 10, 100, named)
  const conflict = ['rejected: client_order_id_conflict']

  t.strictSame(venue.sell('ann', 10, 100, named), conflict, 'side')
  t.strictSame(venue.buy('ann', 11, 100, named), conflict, 'quantity')
  t.strictSame(venue.buy('ann', 10, 101, named), conflict, 'price')
  t.strictSame(venue.buy('ann', 10, 100, { ...named, symbol: 'BAZ' }), conflict, 'symbol')
  t.strictSame(venue.buy('ann', 10, 100, { ...named, ...ioc }), conflict, 'time in force')
  t.strictSame(venue.buy('ann', 10, 100, { ...named, orderType: 'market' }), conflict, 'type')
  t.strictSame(venue.bids, [[1, 100, 10]])
})

t.test('a client order id belongs to one account on one venue', async (t) => {
  const venue = new TestVenue()
  const named = { clientOrderId: 'mine' }
  venue.buy('ann', 10, 100, named)

  t.match(venue.buy('bob', 10, 100, named), ['accepted 2'])
  t.match(venue.buy('ann', 10, 100, { ...named, venue: 'NEWEX', autoCreate: true }), [
    'venue',
    'listed',
    'accepted 1',
  ])
})

t.test('a repetition is answered even when nothing more may be placed', async (t) => {
  const venue = new TestVenue()
  venue.buy('ann', 10, 100, { clientOrderId: 'mine' })
  venue.limit({ openOrders: 0, openOrdersPerAccount: 0, books: 0, accounts: 0 })

  t.strictSame(venue.buy('ann', 10, 100, { clientOrderId: 'mine' }), ['repeated 1'])
})

t.test('a refused order leaves its client order id free', async (t) => {
  const venue = new TestVenue()
  venue.limit({ openOrders: 0 })
  venue.buy('ann', 10, 100, { clientOrderId: 'mine' })
  venue.limit({ openOrders: 1 })

  t.match(venue.buy('ann', 20, 100, { clientOrderId: 'mine' }), ['accepted 1'])
})

t.test(
  'a client order id is forgotten with its order, when more have closed since than are kept',
  async (t) => {
    const venue = new TestVenue()
    venue.limit({ closedOrders: 2 })
    venue.buy('ann', 10, 100, { ...ioc, clientOrderId: 'mine' })
    venue.buy('ann', 10, 50, { clientOrderId: 'open' })
    venue.buy('bob', 10, 100, ioc)

    const remembered = venue.buy('ann', 10, 100, { ...ioc, clientOrderId: 'mine' })
    venue.buy('bob', 10, 100, ioc)
    const forgotten = venue.buy('ann', 10, 100, { ...ioc, clientOrderId: 'mine' })
    const open = venue.buy('ann', 10, 50, { clientOrderId: 'open' })

    t.strictSame(remembered, ['repeated 1'])
    t.match(forgotten, ['accepted 5'])
    t.strictSame(open, ['repeated 2'])
  },
)

t.test('lowering the number of closed orders forgets at once', async (t) => {
  const venue = new TestVenue()
  venue.buy('ann', 10, 100, { ...ioc, clientOrderId: 'mine' })
  venue.limit({ closedOrders: 0 })
  venue.limit({ closedOrders: 100 })

  t.match(venue.buy('ann', 10, 100, { ...ioc, clientOrderId: 'mine' }), ['accepted 2'])
})

t.test('a command that is not the next one is a bug of the caller', async (t) => {
  const { engine } = new TestVenue()
  const command = { type: 'cancel', venue: 'TESTEX', orderId: 1 } as const

  t.throws(() => engine.apply({ sequence: sequence(2), time: micros(0), command }), /2 cannot follow 2/)
  t.throws(() => engine.apply({ sequence: sequence(4), time: micros(0), command }), /4 cannot follow 2/)
  t.equal(engine.sequence, 2)
})
