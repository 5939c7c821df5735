import t from 'tap'
import type { Command } from '../../../src/domain/command.ts'
import { micros } from '../../../src/domain/units.ts'
import { coin, limit, sellAtMarket } from '../../support/cash.ts'
import { openGame } from './support.ts'

const hex = /^[0-9a-f]{64}$/

t.test('the worked session of the protocol page', async (t) => {
  const game = await openGame(t)
  const feed = await game.feed()
  const a = await game.player('kestrel')
  const b = await game.player('osprey')

  const sold = await a.ask('sell', { price: '1002.00', size: '0.5' })
  t.match(sold, { status: true, message: 'Sell order placed.' })
  t.match(sold.data, { size: '0.5000000000', price: '1002.00' })
  t.equal(await b.data('price'), '1001.00')
  const bought = await b.ask('buy_market', { amount: '100.20' })
  t.match(bought, {
    status: true,
    message: 'Market buy order placed.',
    data: { price: '1001.00', amount: '100.20', side: 'buy_market', status: 'open', filled_size: '0.00' },
  })
  t.strictSame(await a.data('wallets'), { usd: '10100.20', crypto: '9.5000000000' })
  t.strictSame(await b.data('wallets'), { usd: '9899.80', crypto: '10.1000000000' })
  t.strictSame(await a.ask('cancel', { order_id: sold.data.id }), {
    status: true,
    message: 'Order cancelled and removed.',
    data: null,
  })
  t.strictSame(await a.data('wallets'), { usd: '10100.20', crypto: '9.9000000000' })

  const messages = await feed.take(8)
  t.strictSame(
    messages.map(({ type }) => type),
    ['info', 'info', 'info', 'info', 'sell', 'buy_market', 'match', 'cancel'],
  )
  t.strictSame(messages[6], {
    type: 'match',
    message: { size: '0.1000000000', price: '1002.00', buy_id: bought.data.id, sell_id: sold.data.id },
  })
  t.strictSame(messages[7], { type: 'cancel', message: sold.data.id })
})

t.test('CX-005 register gives 64 hex characters and attaches the connection', async (t) => {
  const game = await openGame(t)
  const bot = await game.bot()
  const reply = await bot.ask('register', { username: 'kestrel' })

  t.match(reply, { status: true, message: 'Registered', data: hex })
  t.equal((await bot.ask('wallets')).status, true)
})

t.test('CX-006 a second register of a name fails, and names are checked in order', async (t) => {
  const game = await openGame(t)
  const bot = await game.player('kestrel')

  t.equal(await bot.text('register', { username: 'kestrel' }), 'User already registered.')
  t.equal(await bot.text('register'), 'Missing "username" in params.')
  for (const username of ['', '   ', 7, null, 'a\nb', 'x'.repeat(65), '\ud800'])
    t.equal(await bot.text('register', { username }), 'Invalid username.', JSON.stringify(username))
  t.equal(await bot.text('register', { username: 'é😀'.repeat(32) }), 'Registered')
  t.equal(await bot.text('register', { username: '__proto__' }), 'Registered')
})

t.test('CX-007 auth on a new connection reaches the same wallet', async (t) => {
  const game = await openGame(t)
  const first = await game.player('kestrel')
  await first.data('buy', { price: '900', size: '1' })
  await first.close()
  const second = await game.bot()

  t.strictSame(await second.ask('auth', { username: 'kestrel', token: first.token }), {
    status: true,
    message: 'Authenticated',
    data: null,
  })
  t.strictSame(await second.data('wallets'), { usd: '9100.00', crypto: '10.0' })
})

t.test('CX-008 wrong token, unknown name, absent name and absent token', async (t) => {
  const game = await openGame(t)
  const { token } = await game.player('kestrel')
  const bot = await game.bot()

  t.equal(await bot.text('auth', { token }), 'Missing "username" in params.')
  t.equal(await bot.text('auth', { username: 'kestrel' }), 'Missing "token" in params.')
  t.equal(await bot.text('auth', { username: 'osprey', token }), 'User is not registered.')
  t.equal(
    await bot.text('auth', { username: 'kestrel', token: 'x' }),
    'Authentication failed: Invalid token.',
  )
  t.equal(await bot.text('auth', { username: 'kestrel', token: 7 }), 'Authentication failed: Invalid token.')
  t.equal(await bot.text('wallets'), 'Must be authenticated to get wallets.')
})

t.test('CX-009 two connections of one player see one wallet', async (t) => {
  const game = await openGame(t)
  const one = await game.player('kestrel')
  const two = await game.bot()
  await two.data('auth', { username: 'kestrel', token: one.token })
  await one.data('sell', { price: '1000', size: '1' })

  t.strictSame(await two.data('wallets'), { usd: '10000.00', crypto: '9.0000000000' })
  t.strictSame(await one.data('orders'), await two.data('orders'))
})

t.test('CX-010 a new wallet shows what was configured, as it was written', async (t) => {
  const game = await openGame(t, { usdStart: '5e2', cryptoStart: '3' })
  const bot = await game.player('kestrel')

  t.strictSame(await bot.data('wallets'), { usd: '5e2', crypto: '3' })
})

t.test('CX-011 every command before authentication gives its own text', async (t) => {
  const game = await openGame(t)
  const bot = await game.bot()
  const plain = 'buy sell buy_market sell_market fills completed audit start pause shutdown'.split(' ')

  for (const cmd of plain) t.equal(await bot.text(cmd, null), 'Must be authenticated.', cmd)
  t.equal(await bot.text('cancel'), 'Must be authenticated to cancel orders.')
  t.equal(await bot.text('price'), 'Must be authenticated to get market price.')
  t.equal(await bot.text('orders'), 'Must be authenticated to get open orders.')
  t.equal(await bot.text('all_orders'), 'Must be authenticated to get open orders.')
  t.equal(await bot.text('wallets'), 'Must be authenticated to get wallets.')
  t.equal(await bot.text('bcast'), 'Must be authenticated to broadcast messages.')
})

t.test('CX-012 a buy at the mid fails, one cent below succeeds', async (t) => {
  const bot = await (await openGame(t)).player('kestrel')

  t.equal(await bot.text('buy', { price: '1000.00', size: '1' }), 'Price must be < market price (1000.00).')
  t.equal(await bot.text('buy', { price: '999.99', size: '1' }), 'Buy order placed.')
})

t.test('CX-013 a sell at the mid succeeds, one cent below fails', async (t) => {
  const bot = await (await openGame(t)).player('kestrel')

  t.equal(await bot.text('sell', { price: '999.99', size: '1' }), 'Price must be >= market price (1000.00).')
  t.equal(await bot.text('sell', { price: '1000.00', size: '1' }), 'Sell order placed.')
})

t.test('CX-014 smallest and largest sizes, prices and amounts', async (t) => {
  const bot = await (await openGame(t)).player('kestrel')
  const absent = 'Must size "price" and "size" in params.'
  const buy = (price: unknown, size: unknown) => bot.text('buy', { price, size })

  t.equal(await bot.text('buy', { price: 1 }), absent)
  t.equal(await bot.text('sell', { size: 1 }), absent)
  t.equal(await buy('0.01', '0.0000000099'), 'Size must be greater than or equal to 1E-8')
  t.equal(await buy('0.01', '900719.0000000001'), 'Size must be less than or equal to 900719')
  t.equal(await buy('0.09', '1'), 'Price must be greater than or equal to 0.1')
  t.equal(await buy('1e20', '1'), 'Price must be less than or equal to 90071992547409.91')
  t.equal(await buy('0.1', '900719'), 'Not enough USD.')
  t.equal(await bot.text('sell', { price: '90071992547409.91', size: '1E-8' }), 'Sell order placed.')
  for (const cmd of ['buy_market', 'sell_market'])
    t.equal(await bot.text(cmd), 'Must have "amount" in params.')
  t.equal(await bot.text('buy_market', { amount: '9.99' }), 'Amount must be greater than or equal to 10.00')
  t.equal(await bot.text('sell_market', { amount: '99e-10' }), 'Amount must be greater than or equal to 1E-8')
  t.equal(await bot.text('sell_market', { amount: 900720 }), 'Amount must be less than or equal to 900719')
})

t.test('CX-015 a buy reserves USD, a sell crypto', async (t) => {
  const bot = await (await openGame(t)).player('kestrel')
  await bot.data('buy', { price: '100', size: '0.0001' })
  await bot.data('sell', { price: '1000', size: '2.5' })

  t.strictSame(await bot.data('wallets'), { usd: '9999.99', crypto: '7.5000000000' })
})

t.test('CX-016 the four texts of somebody who has too little', async (t) => {
  const bot = await (await openGame(t)).player('kestrel')

  t.equal(await bot.text('buy', { price: '999', size: '11' }), 'Not enough USD.')
  t.equal(await bot.text('sell', { price: '1000', size: '10.1' }), 'Size is > available.')
  t.equal(await bot.text('buy_market', { amount: '10000.01' }), 'Not enough USD to buy.')
  t.equal(await bot.text('sell_market', { amount: '11' }), 'Not enough crypto to sell. 11.0000000000 > 10.0')
})

t.test('CX-017 only buys carry usd_used, which never shrinks', async (t) => {
  const game = await openGame(t)
  const a = await game.player('kestrel')
  const b = await game.player('osprey')
  const bought = await a.data('buy', { price: '990.01', size: '0.333' })
  const sold = await a.data('sell', { price: '2000', size: '1' })
  await b.data('sell_market', { amount: '0.2' })
  const [after] = (await a.data('orders')).maker

  t.equal(bought.usd_used, '329.68')
  t.equal(after.usd_used, '329.68')
  t.equal(after.size, '0.1330000000')
  t.equal(after.filled_size, '0.2000000000')
  t.notOk('usd_used' in sold)
})

t.test('CX-018 decimals are texts and the timestamp is a number', async (t) => {
  const game = await openGame(t)
  const bot = await game.player('kestrel')
  const order = await bot.data('buy', { price: 900, size: 1 })

  t.strictSame(order, {
    timestamp: game.clock.now / 1e6,
    id: order.id,
    size: '1.0000000000',
    price: '900.00',
    side: 'buy',
    status: 'open',
    filled_size: '0.00',
    user: 'kestrel',
    usd_used: '900.00',
  })
  t.match(order.id, hex)
})

t.test('CX-019 numbers are rounded half to even', async (t) => {
  const bot = await (await openGame(t)).player('kestrel')
  const price = async (text: unknown) => (await bot.data('buy', { price: text, size: 1 })).price

  t.equal(await price('100.125'), '100.12')
  t.equal(await price('100.135'), '100.14')
  t.equal(await price(100.135), '100.14')
})

t.test('CX-020 numbers and exponents are accepted', async (t) => {
  const bot = await (await openGame(t)).player('kestrel')

  t.match(await bot.data('buy', { price: 9e2, size: '1E-1' }), { price: '900.00', size: '0.1000000000' })
  t.match(await bot.data('buy', { price: '+.9e+3', size: '5.' }), { price: '900.00', size: '5.0000000000' })
})

t.test('CX-021 what is no decimal is an invalid command', async (t) => {
  const bot = await (await openGame(t)).player('kestrel')
  const bad = ['NaN', 'Infinity', 'ten', '', ' 1', '1 ', '1,5', '0x1', true, null, [], {}, '9'.repeat(33)]

  for (const value of bad) {
    const name = JSON.stringify(value)
    t.equal(
      await bot.text('buy', { price: value, size: 1 }),
      'Invalid command: buy. error=invalid decimal',
      name,
    )
    t.equal(
      await bot.text('sell_market', { amount: value }),
      'Invalid command: sell_market. error=invalid decimal',
      name,
    )
  }
  t.equal(await bot.text('sell', null), 'Invalid command: sell. error=params must be an object')
  t.equal(await bot.text('cancel', [1]), 'Invalid command: cancel. error=params must be an object')
  t.equal(await bot.text('price', null), 'Market price.')
  t.equal(await bot.text('buy', { price: -5, size: -1 }), 'Size must be greater than or equal to 1E-8')
})

t.test('CX-022 a market order needs somebody on the other side', async (t) => {
  const bot = await (await openGame(t)).player('kestrel')

  t.equal(await bot.text('buy_market', { amount: 10 }), 'No available sell orders to match.')
  t.equal(await bot.text('sell_market', { amount: 1 }), 'No available buy orders to match.')
})

t.test('CX-023 a market buy sweeps levels within one command', async (t) => {
  const game = await openGame(t)
  const a = await game.player('kestrel')
  const b = await game.player('osprey')
  await a.data('sell', { price: '1010', size: '1' })
  await a.data('sell', { price: '1005', size: '1' })
  await b.data('buy_market', { amount: '1500' })

  t.strictSame(
    (await b.data('fills')).map((fill: Record<string, string>) => [fill.price, fill.filled_size]),
    [
      ['1005.00', '1.0000000000'],
      ['1010.00', '0.4900990099'],
    ],
  )
  t.strictSame(await b.data('wallets'), { usd: '8500.00', crypto: '11.4900990099' })
})

t.test('CX-024 what a market order could not trade rests, and fills when somebody comes', async (t) => {
  const game = await openGame(t)
  const a = await game.player('kestrel')
  const b = await game.player('osprey')
  await a.data('sell', { price: '1000', size: '1' })
  const { id } = await b.data('buy_market', { amount: '1500' })

  t.match((await b.data('orders')).market, [{ id, amount: '500.00', filled_size: '1.0000000000' }])
  await a.data('sell', { price: '1000', size: '2' })
  t.strictSame((await b.data('orders')).market, [])
  t.match(await b.data('completed'), [{ id, amount: '0.00', status: 'filled', filled_size: '1.5000000000' }])
})

t.test('CX-025 a market order can be canceled and refunds', async (t) => {
  const game = await openGame(t)
  const a = await game.player('kestrel')
  const b = await game.player('osprey')
  await a.data('sell', { price: '1000', size: '1' })
  const { id } = await b.data('buy_market', { amount: '1500' })

  t.equal(await b.text('cancel', { order_id: id }), 'Order cancelled and removed.')
  t.strictSame(await b.data('wallets'), { usd: '9000.00', crypto: '11.0000000000' })
  t.match(await b.data('completed'), [{ id, amount: '500.00', status: 'cancel' }])
})

t.test('CX-026 a player never trades with itself', async (t) => {
  const game = await openGame(t)
  const a = await game.player('kestrel')
  await a.data('sell', { price: '1000', size: '1' })
  const { id } = await a.data('buy_market', { amount: '500' })

  t.strictSame(await a.data('fills'), [])
  t.match((await a.data('orders')).market, [{ id, amount: '500.00' }])
  t.strictSame(await a.data('audit'), [])
})

t.test('CX-027 each match is a fill of both and one message', async (t) => {
  const game = await openGame(t)
  const a = await game.player('kestrel')
  const b = await game.player('osprey')
  const feed = await game.feed()
  const sold = await a.data('sell', { price: '1000', size: '1' })
  const bought = await b.data('buy_market', { amount: '500' })
  const [[one], [other]] = [await a.data('fills'), await b.data('fills')]
  await a.data('bcast', { message: 'end' })
  const messages = await feed.take(4)

  const match = { size: '0.5000000000', price: '1000.00', buy_id: bought.id, sell_id: sold.id }
  t.strictSame(
    messages.filter(({ type }) => type === 'match'),
    [{ type: 'match', message: match }],
  )
  const { size, ...rest } = match
  t.strictSame(one, { fill_id: one.fill_id, filled_size: size, ...rest })
  t.strictSame(other, { ...one, fill_id: other.fill_id })
  t.match(one.fill_id, hex)
  t.not(one.fill_id, other.fill_id)
})

t.test('CX-028 no match of size zero: what is too little to trade is given back', async (t) => {
  const game = await openGame(t)
  const a = await game.player('kestrel')
  const b = await game.player('osprey')
  const feed = await game.feed()
  await a.data('buy', { price: '999.99', size: '1.0000000099' })
  await b.data('sell_market', { amount: '1' })
  await a.data('bcast', { message: 'end' })
  const messages = await feed.take(4)

  t.strictSame(
    messages.map(({ type }) => type),
    ['buy', 'sell_market', 'match', 'bcast'],
  )
  t.strictSame((await a.data('orders')).maker, [])
  t.match(await a.data('completed'), [{ status: 'filled', size: '0.00', filled_size: '1.0000000000' }])
  t.strictSame(await a.data('audit'), [])
})

t.test('CX-029 completed lists only the own orders, in the order of ending', async (t) => {
  const game = await openGame(t)
  const a = await game.player('kestrel')
  const b = await game.player('osprey')
  const first = await a.data('sell', { price: '1010', size: '1' })
  const second = await a.data('sell', { price: '1005', size: '1' })
  const bought = await b.data('buy_market', { amount: '2015' })

  t.match(await a.data('completed'), [{ id: second.id }, { id: first.id }])
  t.match(await b.data('completed'), [{ id: bought.id, user: 'osprey', amount: '0.00' }])
})

t.test('CX-030 all_orders lists the open orders of all', async (t) => {
  const game = await openGame(t)
  const a = await game.player('kestrel')
  const b = await game.player('osprey')
  const one = await a.data('sell', { price: '1010', size: '1' })
  const two = await b.data('buy', { price: '900', size: '1' })
  const three = await a.data('buy_market', { amount: '100' })

  const all = await b.ask('all_orders')
  t.equal(all.message, 'All orders list.')
  t.match(all.data, { maker: [{ id: one.id }, { id: two.id }], market: [{ id: three.id }] })
  t.match(await b.ask('orders'), { message: 'Open orders list.', data: { maker: [{ id: two.id }] } })
  t.strictSame((await b.data('orders')).market, [])
})

t.test("CX-031 canceling another's order and an unknown one look the same", async (t) => {
  const game = await openGame(t)
  const a = await game.player('kestrel')
  const b = await game.player('osprey')
  const { id } = await a.data('sell', { price: '1010', size: '1' })
  const text = (order_id: unknown) => b.text('cancel', { order_id })

  t.equal(await b.text('cancel'), 'Missing "order_id" in params.')
  t.equal(await text(id), `Order not found: ${id}`)
  t.equal(await text('nothing'), 'Order not found: nothing')
  t.equal(await text('0'.repeat(64)), `Order not found: ${'0'.repeat(64)}`)
  t.equal(await text({ a: [1] }), 'Order not found: {"a":[1]}')
  t.equal(await text(null), 'Order not found: null')
  t.equal(await a.text('cancel', { order_id: id }), 'Order cancelled and removed.')
  t.equal(await a.text('cancel', { order_id: id }), `Order not found: ${id}`)
})

t.test('CX-032 a canceled order is completed if it has traded', async (t) => {
  const game = await openGame(t)
  const a = await game.player('kestrel')
  const b = await game.player('osprey')
  const { id } = await a.data('sell', { price: '1000', size: '1' })
  const untouched = await a.data('sell', { price: '1000', size: '1' })
  await b.data('buy_market', { amount: '250' })
  await a.data('cancel', { order_id: id })
  await a.data('cancel', { order_id: untouched.id })

  const completed = await a.data('completed')
  t.equal(completed.length, 1)
  t.match(completed[0], { id, status: 'cancel', size: '0.7500000000', filled_size: '0.2500000000' })
})

t.test('CX-033 questions do not move the mid', async (t) => {
  const game = await openGame(t)
  const bot = await game.player('kestrel')
  await bot.data('buy', { price: '990', size: '1' })
  const mid = await bot.data('price')
  for (let i = 0; i < 100; i += 1) await bot.data('price')

  t.equal(mid, '995.00')
  t.equal(await bot.data('price'), '995.00')
})

t.test('CX-034 the mid follows the book', async (t) => {
  const game = await openGame(t)
  const a = await game.player('kestrel')
  const b = await game.player('osprey')
  const mids: string[] = []
  const then = async (cmd: string, params: unknown) => {
    const data = await a.data(cmd, params)
    mids.push(await a.data('price'))
    return data
  }
  const buy = await then('buy', { price: '990', size: '1' })
  await then('sell', { price: '1000.03', size: '1' })
  await then('cancel', { order_id: buy.id })
  await b.data('buy_market', { amount: '2000' })
  mids.push(await a.data('price'))

  // 995.015 and 997.525: halves go up to an even cent as well as down to one.
  t.strictSame(mids, ['995.00', '995.02', '997.52', '997.52'])
})

t.test('CX-036 a buy worth less than a cent is told what it needs', async (t) => {
  const bot = await (await openGame(t)).player('kestrel')

  t.equal(
    await bot.text('buy', { price: '500', size: '0.000001' }),
    'Size must be greater than or equal to 0.0000200000',
  )
  t.equal(
    await bot.text('buy', { price: '0.3', size: '0.00000001' }),
    'Size must be greater than or equal to 0.0333333334',
  )
  t.equal(await bot.text('buy', { price: '0.3', size: '0.0333333334' }), 'Buy order placed.')
})

t.test('CX-037 the feed says everything with the exact keys', async (t) => {
  const game = await openGame(t)
  const feed = await game.feed()
  const a = await game.player('kestrel')
  const b = await game.bot()
  await b.data('auth', { username: 'kestrel', token: a.token })
  await b.data('register', { username: 'osprey' })
  const order = await a.data('sell', { price: '1000', size: '1' })
  const market = await b.data('buy_market', { amount: '2000' })
  await b.data('cancel', { order_id: market.id })
  const bid = await b.data('buy', { price: '900', size: '1' })
  const sale = await a.data('sell_market', { amount: '0.5' })
  await a.data('pause', { secret: 'a secret of admins' })
  await a.data('start', { secret: 'a secret of admins' })
  const messages = await feed.take(14)

  const trade = (size: string, price: string, buy_id: string, sell_id: string) => ({
    type: 'match',
    message: { size, price, buy_id, sell_id },
  })
  t.strictSame(messages, [
    { type: 'info', message: 'New connection from player' },
    { type: 'info', message: 'Registered: kestrel' },
    { type: 'info', message: 'New connection from player' },
    { type: 'info', message: 'Authenticated: kestrel' },
    { type: 'info', message: 'Registered: osprey' },
    { type: 'sell', message: order },
    { type: 'buy_market', message: market },
    trade('1.0000000000', '1000.00', market.id, order.id),
    { type: 'cancel', message: market.id },
    { type: 'buy', message: bid },
    { type: 'sell_market', message: sale },
    trade('0.5000000000', '900.00', bid.id, sale.id),
    { type: 'pause', message: 'Server is paused.' },
    { type: 'start', message: 'Open for business.' },
  ])
})

t.test('CX-038 bcast passes any JSON through and says who it is from', async (t) => {
  const game = await openGame(t)
  const bot = await game.player('kestrel')
  const feed = await game.feed()
  const message = { deep: [{ er: [null, 1.5, 'x'] }], __proto: {} }

  t.strictSame(await bot.ask('bcast', { message }), {
    status: true,
    message: 'Message broadcasted.',
    data: null,
  })
  t.equal(await bot.text('bcast'), 'Missing "message" in params.')
  await bot.data('bcast', { message: null })
  t.strictSame(await feed.take(2), [
    { type: 'bcast', message, user: 'kestrel' },
    { type: 'bcast', message: null, user: 'kestrel' },
  ])
})

t.test('CX-050 the word reset is no command, nor is anything else unknown', async (t) => {
  const bot = await (await openGame(t)).player('kestrel')

  t.equal(await bot.text('reset'), 'Invalid message')
  t.equal(await bot.text('toString'), 'Invalid message')
  t.equal((await bot.say({ cmd: 'price' })).message, 'Invalid message')
  t.equal((await bot.say({ cmd: 7, params: {} })).message, 'Invalid message')
  t.equal((await bot.say([])).message, 'Invalid message')
})

t.test('CX-051 orders of somebody who has left stay and fill', async (t) => {
  const game = await openGame(t)
  const a = await game.player('kestrel')
  await a.data('sell', { price: '1000', size: '1' })
  await a.close()
  const b = await game.player('osprey')
  await b.data('buy_market', { amount: '100' })
  const back = await game.bot()
  await back.data('auth', { username: 'kestrel', token: a.token })

  t.strictSame(await back.data('wallets'), { usd: '10100.00', crypto: '9.0000000000' })
  t.equal((await back.data('fills')).length, 1)
})

t.test('however an order ends by another door, without its last trade it is a cancel', async (t) => {
  const game = await openGame(t)
  const a = await game.player('kestrel')
  await game.player('osprey')
  await a.data('buy', { price: '999', size: '0.5' })
  const feed = await game.feed()
  const session = { venue: 'CXGAME', account: 'osprey' }
  const commands: Command[] = [
    { ...sellAtMarket('osprey', coin), timeInForce: 'ioc' },
    { ...limit('osprey', 'buy', 100, coin), timeInForce: 'fok' },
    { type: 'arm', ...session, grace: micros(0) },
    limit('osprey', 'sell', 200_000, coin),
    { type: 'disconnect', ...session },
  ]
  for (const command of commands) await game.exchange.submit(command, () => undefined)
  await game.pass(1)

  t.match(await feed.take(7), [
    { type: 'sell_market' },
    { type: 'match', message: { size: '0.5000000000' } },
    ...[{ type: 'cancel' }, { type: 'buy' }, { type: 'cancel' }, { type: 'sell' }, { type: 'cancel' }],
  ])
})

t.test('orders of somebody who has left are canceled where that was asked for', async (t) => {
  const game = await openGame(t, { onDisconnect: 'cancel' })
  const feed = await game.feed()
  const a = await game.player('kestrel')
  const second = await game.bot()
  await second.data('auth', { username: 'kestrel', token: a.token })
  const { id } = await a.data('sell', { price: '1000', size: '1' })
  await a.close()
  t.equal((await second.data('orders')).maker.length, 1)
  await second.close()

  const messages = await feed.take(6)
  t.strictSame(messages[5], { type: 'cancel', message: id })
})
