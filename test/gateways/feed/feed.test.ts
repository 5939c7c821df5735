import t from 'tap'
import type { ChangeOf, SnapshotOf } from '../../../schemas/feed.ts'
import type { Command } from '../../../src/domain/command.ts'
import type { VenueRules } from '../../../src/domain/venue.ts'
import { cashRules, cashTerms, coin } from '../../support/cash.ts'
import { FeedClient } from '../../support/feed.ts'
import { FeedBook } from '../../support/feed-book.ts'
import { startStreams } from '../../support/streams.ts'

async function start(t: Parameters<typeof startStreams>[0], options = {}) {
  const server = await startStreams(t, options)
  const connect = async (headers = {}) => {
    const client = new FeedClient(`ws://127.0.0.1:${server.port}/ws/v1`, headers)
    t.teardown(() => client.socket.terminate())
    await client.opened
    return client
  }
  return { ...server, connect }
}

t.test('a subscription begins with a snapshot, and every change follows with its number', async (t) => {
  const server = await start(t)
  await server.place({ price: 5010, quantity: 40 })
  const client = await server.connect()

  const answer = await client.subscribe('book')
  await server.place({ price: 5010, quantity: 2 })
  await server.buy({ price: 5010, quantity: 41 })
  await client.sync()

  t.strictSame(client.others[0], { type: 'welcome', protocol: 1, keys: false, heartbeatSeconds: 20 })
  t.match(answer, { ok: true, seq: 1, resumed: false })
  const of = { channel: 'book', venue: 'TESTEX', symbol: 'FOOBAR' }
  t.match(client.messages, [
    { type: 'snapshot', ...of, seq: 1, prev: 0, bids: [], asks: [[5010, 40, 1]] },
    { type: 'change', ...of, seq: 2, prev: 1, bids: [], asks: [[5010, 42, 2]] },
    { type: 'change', ...of, seq: 3, prev: 2, bids: [], asks: [[5010, 1, 1]] },
  ])
  const book = new FeedBook()
  for (const message of client.messages) book.take(message as ChangeOf<'book'>)
  t.strictSame(book.asks, [[5010, 1, 1]])
})

t.test('where accounts hold money, an account hears what it holds at last, each asset once', async (t) => {
  const [venue, symbol, account] = ['CXGAME', 'CRYPTO', 'ANN']
  const rules: VenueRules = { ...cashRules, accounts: 'by-order' }
  const commands: Command[] = [
    { type: 'create-venue', venue, rules },
    { type: 'list-instrument', venue, symbol, terms: cashTerms },
  ]
  const server = await start(t, { commands })
  const client = await server.connect()
  const channel = { channel: 'account', venue, account }
  await client.done('subscribe', channel)
  const order = { side: 'sell', orderType: 'limit', price: 100_000, quantity: coin }
  await client.done('place', { venue, symbol, account, ...order })
  t.match(
    await client.ask('place', { venue: 'OTHER', symbol, account, ...order }),
    { ok: false, reason: 'bad_request', field: 'quantity' },
    'so many only where lots are parts of a share',
  )
  await client.done('unsubscribe', channel)
  await client.done('subscribe', channel)

  const [before, change, after] = (await client.got(3)) as [
    SnapshotOf<'account'>,
    ChangeOf<'account'>,
    SnapshotOf<'account'>,
  ]
  t.strictSame(before.balances, [])
  t.strictSame(change.balances, [
    { asset: 'USD', available: '1000000', held: '0' },
    { asset: 'CRYPTO', available: '90000000000', held: '10000000000' },
  ])
  t.strictSame(after.balances, change.balances)
})

t.test('quote, trades and orders of one stock on one socket', async (t) => {
  const server = await start(t)
  const client = await server.connect()
  for (const channel of ['quote', 'trades', 'orders'] as const) await client.subscribe(channel)

  await server.place({ price: 5010, quantity: 40 })
  await server.buy({ price: 5020, quantity: 50 })
  await client.sync()

  const of = (channel: string) => client.messages.filter((message) => message.channel === channel)
  t.match(of('quote'), [
    { type: 'snapshot', seq: 0, prev: 0, bidDepth: 0, askDepth: 0 },
    { type: 'change', seq: 1, prev: 0, ask: { price: 5010, quantity: 40, orders: 1 }, askDepth: 40 },
    {
      type: 'change',
      seq: 2,
      prev: 1,
      bid: { price: 5020, quantity: 10, orders: 1 },
      last: { price: 5010, quantity: 40 },
    },
  ])
  t.match(of('trades'), [
    { type: 'snapshot', seq: 0, prev: 0, trades: [] },
    { type: 'change', seq: 1, prev: 0, trades: [{ id: 1, price: 5010, quantity: 40, takerSide: 'buy' }] },
  ])
  t.match(of('orders'), [
    { type: 'snapshot', seq: 0, prev: 0, bids: [], asks: [] },
    { type: 'change', seq: 1, prev: 0, orders: [{ id: 1, side: 'sell', price: 5010, open: 40 }] },
    {
      type: 'change',
      seq: 2,
      prev: 1,
      orders: [
        { id: 1, side: 'sell', price: 5010, open: 0 },
        { id: 2, side: 'buy', price: 5020, open: 10 },
      ],
    },
  ])
})

t.test('an account hears what happens to its orders, and can ask for all that ever did', async (t) => {
  const server = await start(t)
  const client = await server.connect()
  await server.place({ price: 5010, quantity: 40 })
  await client.done('subscribe', { channel: 'account', venue: 'TESTEX', account: 'TAKER' })
  await server.buy({ price: 5010, quantity: 50, clientOrderId: 'mine' })
  await server.cancel(2)
  await client.sync()

  const [snapshot, taken, canceled] = client.messages as [
    SnapshotOf<'account'>,
    ChangeOf<'account'>,
    ChangeOf<'account'>,
  ]
  t.match(snapshot, { type: 'snapshot', seq: 0, prev: 0, orders: [], positions: [], balances: [] })
  t.match(taken, {
    seq: 2,
    prev: 0,
    events: [
      {
        type: 'accepted',
        number: 1,
        orderId: 2,
        side: 'buy',
        price: 5010,
        quantity: 50,
        clientOrderId: 'mine',
      },
      {
        type: 'traded',
        number: 2,
        orderId: 2,
        otherOrderId: 1,
        price: 5010,
        quantity: 40,
        open: 10,
        isTaker: true,
      },
    ],
  })
  t.match(canceled, {
    seq: 3,
    prev: 2,
    events: [{ type: 'closed', number: 3, reason: 'user', canceled: 10 }],
  })

  const later = await server.connect()
  const answer = await later.done('subscribe', {
    channel: 'account',
    venue: 'TESTEX',
    account: 'TAKER',
    from: 0,
  })
  t.match(answer, { seq: 3, resumed: true })
  const [all] = (await later.got(1)) as [ChangeOf<'account'>]
  t.match([all.seq, all.prev], [3, 0])
  t.strictSame(all.events, [...taken.events, ...canceled.events])

  await server.buy({ price: 5010, quantity: 1 })
  t.match((await later.got(2))[1], { seq: 4, prev: 3 })
  t.match((await client.got(4))[3], { seq: 4, prev: 3 })
})

t.test('orders are placed and canceled on the socket', async (t) => {
  const server = await start(t)
  const client = await server.connect()
  const order = {
    venue: 'TESTEX',
    symbol: 'FOOBAR',
    account: 'ME',
    side: 'sell',
    orderType: 'limit',
    price: 5000,
    quantity: 10,
  }

  const placed = await client.done('place', order)
  t.match(placed.order, { id: 1, open: 10, filled: 0, side: 'sell', timeInForce: 'gtc', fills: [] })
  const taken = await client.done('place', { ...order, side: 'buy', quantity: 4, clientOrderId: 'a' })
  t.match(taken.order, {
    id: 2,
    open: 0,
    filled: 4,
    closedBy: 'filled',
    fills: [{ price: 5000, quantity: 4 }],
  })
  t.match(await client.done('place', { ...order, side: 'buy', quantity: 4, clientOrderId: 'a' }), {
    order: { id: 2 },
  })
  t.match(await client.done('cancel', { venue: 'TESTEX', orderId: 1 }), {
    order: { id: 1, open: 0, closedBy: 'user' },
  })
  t.match(await client.ask('cancel', { venue: 'TESTEX', orderId: 1 }), { ok: false, reason: 'order_closed' })
  t.match(await client.ask('cancel', { venue: 'TESTEX', orderId: 99 }), {
    ok: false,
    reason: 'unknown_order',
  })
  for (const price of [1, 2, 3]) await client.done('place', { ...order, side: 'buy', price })
  await client.done('place', { ...order, symbol: 'BARFOO', side: 'buy' })
  t.match(await client.done('cancel-all', { venue: 'TESTEX', account: 'ME', symbol: 'FOOBAR' }), {
    canceled: [3, 4, 5],
    more: false,
  })
  t.match(await client.done('cancel-all', { venue: 'TESTEX', account: 'ME' }), { canceled: [6], more: false })
})
