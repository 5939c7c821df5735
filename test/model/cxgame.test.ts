import fc from 'fast-check'
import t from 'tap'
import { CxGameModel, formatDecimal, parseDecimal, randomCommand } from './cxgame.ts'

const seed = process.env.STOCKYARD_TEST_SEED
const seeded = seed === undefined ? {} : { seed: Number(seed) }
const usual = { usdStart: '10000.00', cryptoStart: '10.0' }

/** A game with these players, ids `order-1`, `order-2`…, and the time 0. */
function gameOf(...names: string[]): CxGameModel {
  const game = new CxGameModel(usual)
  for (const username of names) game.command(undefined, 'register', { username })
  return game
}

function message(game: CxGameModel, user: string | undefined, cmd: string, params: unknown): string {
  return game.command(user, cmd, params).reply.message
}

function data(game: CxGameModel, user: string, cmd: string): unknown {
  return game.command(user, cmd, {}).reply.data
}

/** The size and price of each trade that a command causes. */
function matches(game: CxGameModel, user: string, cmd: string, params: unknown): unknown[][] {
  const { reply, feed } = game.command(user, cmd, params)
  if (!reply.status) throw new Error(reply.message)
  return feed
    .filter(({ type }) => type === 'match')
    .map(({ message }) => message as Record<string, string>)
    .map(({ size, price, buy_id, sell_id }) => [size, price, buy_id, sell_id])
}

/** Numbers from 0 up to 1, always the same ones for a seed. */
function dice(start: number): () => number {
  let state = start
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    const mixed = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d)
    return ((mixed ^ (mixed >>> 13)) >>> 0) / 2 ** 32
  }
}

t.test('decimals are read half-even to their scale, in every legal form', async (t) => {
  const read = (input: unknown, scale = 2) => {
    const value = parseDecimal(input, scale)
    return value === undefined ? undefined : formatDecimal(value, scale)
  }

  t.equal(read('100.125'), '100.12')
  t.equal(read('100.135'), '100.14')
  t.equal(read('0.125'), '0.12')
  t.equal(read('0.1250001'), '0.13')
  t.equal(read('-0.135'), '-0.14')
  t.equal(read(0.135), '0.14')
  t.equal(read('1E-8', 10), '0.0000000100')
  t.equal(read(1e-8, 10), '0.0000000100')
  t.equal(read('1.5e+3'), '1500.00')
  t.equal(read('+.5'), '0.50')
  t.equal(read('1E-999999999'), '0.00')
  t.equal(read(`${'9'.repeat(30)}.00`), `${'9'.repeat(30)}.00`)
  for (const bad of [
    '',
    '.',
    'NaN',
    'Infinity',
    'e5',
    '1,5',
    true,
    null,
    [],
    {},
    '9'.repeat(33),
    '1E999999999',
  ]) {
    t.equal(read(bad), undefined, JSON.stringify(bad))
  }
})

t.test('the worked session of the protocol page', async (t) => {
  const game = new CxGameModel(usual, {
    orderIdText: (n) => ['9f', '41'][n - 1] ?? '',
    fillIdText: (trade, side) => `${side}-${trade}`,
    tokenText: (n) => ['5b0c', '77aa'][n - 1] ?? '',
    now: () => 1764000000.517,
  })

  const kestrel = game.command(undefined, 'register', { username: 'kestrel' })
  t.strictSame(kestrel.reply, { status: true, message: 'Registered', data: '5b0c' })
  t.strictSame(kestrel.feed, [{ type: 'info', message: 'Registered: kestrel' }])
  game.command(undefined, 'register', { username: 'osprey' })
  t.strictSame(data(game, 'osprey', 'wallets'), { usd: '10000.00', crypto: '10.0' })

  const sell = game.command('kestrel', 'sell', { price: '1002.00', size: '0.5' })
  const sellOrder = {
    timestamp: 1764000000.517,
    id: '9f',
    size: '0.5000000000',
    price: '1002.00',
    side: 'sell',
    status: 'open',
    filled_size: '0.00',
    user: 'kestrel',
  }
  t.strictSame(sell.reply, { status: true, message: 'Sell order placed.', data: sellOrder })
  t.strictSame(sell.feed, [{ type: 'sell', message: sellOrder }])
  t.equal(data(game, 'osprey', 'price'), '1001.00')

  const buy = game.command('osprey', 'buy_market', { amount: '100.20' })
  const buyOrder = {
    timestamp: 1764000000.517,
    id: '41',
    amount: '100.20',
    price: '1001.00',
    side: 'buy_market',
    status: 'open',
    filled_size: '0.00',
    user: 'osprey',
  }
  const match = { size: '0.1000000000', price: '1002.00', buy_id: '41', sell_id: '9f' }
  t.strictSame(buy.reply, { status: true, message: 'Market buy order placed.', data: buyOrder })
  t.strictSame(buy.feed, [
    { type: 'buy_market', message: buyOrder },
    { type: 'match', message: match },
  ])
  t.strictSame(data(game, 'kestrel', 'wallets'), { usd: '10100.20', crypto: '9.5000000000' })
  t.strictSame(data(game, 'osprey', 'wallets'), { usd: '9899.80', crypto: '10.1000000000' })
  const print = { filled_size: '0.1000000000', price: '1002.00', buy_id: '41', sell_id: '9f' }
  t.strictSame(data(game, 'kestrel', 'fills'), [{ fill_id: 'sell-1', ...print }])
  t.strictSame(data(game, 'osprey', 'fills'), [{ fill_id: 'buy-1', ...print }])
  const bought = { ...buyOrder, amount: '0.00', status: 'filled', filled_size: '0.1000000000' }
  t.strictSame(data(game, 'osprey', 'completed'), [bought])

  const cancel = game.command('kestrel', 'cancel', { order_id: '9f' })
  t.strictSame(cancel.reply, { status: true, message: 'Order cancelled and removed.', data: null })
  t.strictSame(cancel.feed, [{ type: 'cancel', message: '9f' }])
  t.strictSame(data(game, 'kestrel', 'wallets'), { usd: '10100.20', crypto: '9.9000000000' })
  const canceled = { ...sellOrder, size: '0.4000000000', status: 'cancel', filled_size: '0.1000000000' }
  t.strictSame(data(game, 'kestrel', 'completed'), [canceled])
})

t.test('players: names, tokens and the limit', async (t) => {
  const game = new CxGameModel({ ...usual, userLimit: 2 })
  const { data: token } = game.command(undefined, 'register', { username: 'kestrel' }).reply
  game.command(undefined, 'register', { username: 'osprey' })
  const register = (params: unknown) => message(game, undefined, 'register', params)
  const auth = (params: unknown) => message(game, undefined, 'auth', params)

  t.equal(register({}), 'Missing "username" in params.')
  t.equal(register({ username: ' ' }), 'Invalid username.')
  t.equal(register({ username: 'x'.repeat(65) }), 'Invalid username.')
  t.equal(register({ username: 'a\tb' }), 'Invalid username.')
  t.equal(register({ username: 'kestrel' }), 'User already registered.')
  t.equal(register({ username: 'finch' }), 'User limit reached (2)')
  t.equal(register(null), 'Invalid command: register. error=params must be an object')
  t.equal(auth({ token }), 'Missing "username" in params.')
  t.equal(auth({ username: 'finch' }), 'Missing "token" in params.')
  t.equal(auth({ username: 'finch', token }), 'User is not registered.')
  t.equal(auth({ username: 'osprey', token }), 'Authentication failed: Invalid token.')
  const { reply, feed } = game.command(undefined, 'auth', { username: 'kestrel', token })
  t.strictSame(reply, { status: true, message: 'Authenticated', data: null })
  t.strictSame(feed, [{ type: 'info', message: 'Authenticated: kestrel' }])
})

t.test('what is asked without a player, without params or by no known name', async (t) => {
  const game = gameOf('kestrel')

  t.equal(message(game, undefined, 'buy', null), 'Must be authenticated.')
  t.equal(message(game, undefined, 'cancel', {}), 'Must be authenticated to cancel orders.')
  t.equal(message(game, undefined, 'price', {}), 'Must be authenticated to get market price.')
  t.equal(message(game, undefined, 'all_orders', {}), 'Must be authenticated to get open orders.')
  t.equal(message(game, undefined, 'wallets', {}), 'Must be authenticated to get wallets.')
  t.equal(message(game, undefined, 'bcast', {}), 'Must be authenticated to broadcast messages.')
  t.equal(message(game, undefined, 'buy', undefined), 'Invalid message')
  t.equal(message(game, 'kestrel', 'reset', {}), 'Invalid message')
  t.equal(message(game, 'kestrel', 'toString', {}), 'Invalid message')
  t.equal(message(game, 'kestrel', 'price', null), 'Market price.')
  t.equal(message(game, 'kestrel', 'sell', null), 'Invalid command: sell. error=params must be an object')
})

t.test('the checks of limit orders come in their order', async (t) => {
  const game = gameOf('kestrel')
  const buy = (price: unknown, size: unknown) => message(game, 'kestrel', 'buy', { price, size })
  const sell = (price: unknown, size: unknown) => message(game, 'kestrel', 'sell', { price, size })

  t.equal(message(game, 'kestrel', 'buy', { price: 'x' }), 'Must size "price" and "size" in params.')
  t.equal(buy('x', '0'), 'Invalid command: buy. error=invalid decimal')
  t.equal(sell('1', true), 'Invalid command: sell. error=invalid decimal')
  t.equal(buy('0', '0.0000000099'), 'Size must be greater than or equal to 1E-8')
  t.equal(buy('0.09', '0.00000001'), 'Price must be greater than or equal to 0.1')
  t.equal(buy('0.095', '0.1'), 'Buy order placed.', '0.095 is 0.10')
  t.equal(buy('998.50', '0.00001'), 'Size must be greater than or equal to 0.0000100151')
  t.equal(buy('2000', '1E-8'), 'Size must be greater than or equal to 0.0000050000', 'before the mid')
  game.command('kestrel', 'cancel', { order_id: 'order-1' })
  const mid = '500.05'
  t.equal(buy(mid, '1000'), `Price must be < market price (${mid}).`)
  t.equal(buy('500', '20.00001'), 'Not enough USD.', '10000.005 needs 10000.01')
  t.equal(sell('1', '1000'), `Price must be >= market price (${mid}).`)
  t.equal(sell(mid, '10.0000000001'), 'Size is > available.')
  t.equal(sell(mid, 10), 'Sell order placed.')
})

t.test('the checks of market orders come in their order', async (t) => {
  const game = gameOf('kestrel')
  const buy = (amount: unknown) => message(game, 'kestrel', 'buy_market', { amount })
  const sell = (amount: unknown) => message(game, 'kestrel', 'sell_market', { amount })

  t.equal(message(game, 'kestrel', 'buy_market', {}), 'Must have "amount" in params.')
  t.equal(buy(null), 'Invalid command: buy_market. error=invalid decimal')
  t.equal(buy('9.994'), 'Amount must be greater than or equal to 10.00')
  t.equal(buy('10000.01'), 'Not enough USD to buy.')
  t.equal(buy('10'), 'No available sell orders to match.')
  t.equal(sell('0.0000000099'), 'Amount must be greater than or equal to 1E-8')
  t.equal(sell('11'), 'Not enough crypto to sell. 11.0000000000 > 10.0')
  t.equal(sell('1'), 'No available buy orders to match.')
  game.command('kestrel', 'sell', { price: '1000', size: '1' })
  t.equal(buy('10'), 'Market buy order placed.', 'it rests, for only its own player sells')
})

t.test('a market buy sweeps price after price, at the prices of the makers', async (t) => {
  const game = gameOf('kestrel', 'finch', 'osprey')
  game.command('kestrel', 'sell', { price: '1000', size: '0.1' })
  game.command('kestrel', 'sell', { price: '1002', size: '1' })
  game.command('finch', 'sell', { price: '1001', size: '0.2' })

  t.strictSame(matches(game, 'osprey', 'buy_market', { amount: '400' }), [
    ['0.1000000000', '1000.00', 'order-4', 'order-1'],
    ['0.2000000000', '1001.00', 'order-4', 'order-3'],
    ['0.0996007984', '1002.00', 'order-4', 'order-2'],
  ])
  t.strictSame(data(game, 'osprey', 'wallets'), { usd: '9600.00', crypto: '10.3996007984' })
  t.strictSame(data(game, 'kestrel', 'wallets'), { usd: '10199.80', crypto: '8.9000000000' })
  t.strictSame(data(game, 'finch', 'wallets'), { usd: '10200.20', crypto: '9.8000000000' })
  t.equal(game.midText(), '1001.00', 'half way from 1000.00 to the ask left, 1002.00')
})

t.test('a market remainder rests, fills when somebody sells, and can be canceled', async (t) => {
  const game = gameOf('kestrel', 'osprey')
  game.command('kestrel', 'sell', { price: '1000', size: '0.1' })
  game.command('osprey', 'buy_market', { amount: '450' })
  const [rest] = (data(game, 'osprey', 'orders') as { market: Record<string, string>[] }).market

  t.equal(rest?.amount, '350.00')
  t.equal(rest?.filled_size, '0.1000000000')
  t.strictSame(matches(game, 'kestrel', 'sell', { price: '2000', size: '0.1' }), [
    ['0.1000000000', '2000.00', 'order-2', 'order-3'],
  ])
  t.equal(game.midText(), '1000.00', 'no limit order is left')
  t.equal(message(game, 'kestrel', 'cancel', { order_id: 'order-2' }), 'Order not found: order-2')
  t.equal(message(game, 'osprey', 'cancel', { order_id: 'order-2' }), 'Order cancelled and removed.')
  t.equal(message(game, 'osprey', 'cancel', { order_id: 'order-2' }), 'Order not found: order-2')
  t.strictSame(data(game, 'osprey', 'wallets'), { usd: '9700.00', crypto: '10.2000000000' })
})

t.test('a market sell takes the highest bid first, then the oldest', async (t) => {
  const game = gameOf('kestrel', 'osprey')
  game.command('kestrel', 'buy', { price: '900', size: '1' })
  game.command('kestrel', 'buy', { price: '910', size: '1' })
  game.command('kestrel', 'buy', { price: '910', size: '1' })

  t.strictSame(matches(game, 'osprey', 'sell_market', { amount: '2.5' }), [
    ['1.0000000000', '910.00', 'order-2', 'order-4'],
    ['1.0000000000', '910.00', 'order-3', 'order-4'],
    ['0.5000000000', '900.00', 'order-1', 'order-4'],
  ])
  t.strictSame(data(game, 'osprey', 'wallets'), { usd: '12270.00', crypto: '7.5000000000' })
})

t.test('a remainder too small to trade is given back, and the order counts as filled', async (t) => {
  const game = gameOf('kestrel', 'osprey')
  game.command('kestrel', 'buy', { price: '500', size: '0.1' })
  game.command('osprey', 'sell_market', { amount: '0.1000000099' })

  const [sold] = data(game, 'osprey', 'completed') as Record<string, string>[]
  t.match(sold, { amount: '0.00', status: 'filled', filled_size: '0.1000000000' })
  t.strictSame(data(game, 'osprey', 'wallets'), { usd: '10050.00', crypto: '9.9000000000' })
})

t.test('a limit buy whose reservation small fills have used up is filled', async (t) => {
  const game = gameOf('kestrel', 'osprey')
  game.command('kestrel', 'buy', { price: '990', size: '0.0001' })
  for (let n = 0; n < 9; n += 1) game.command('osprey', 'sell_market', { amount: '0.000006' })
  const [open] = (data(game, 'kestrel', 'orders') as { maker: Record<string, string>[] }).maker
  game.command('osprey', 'sell_market', { amount: '0.000006' })

  t.match(open, { size: '0.0000460000', usd_used: '0.10' })
  const [bought] = data(game, 'kestrel', 'completed') as Record<string, string>[]
  t.match(bought, { size: '0.00', status: 'filled', filled_size: '0.0000600000', usd_used: '0.10' })
  t.strictSame(data(game, 'kestrel', 'wallets'), { usd: '9999.90', crypto: '10.0000600000' })
})

t.test('buys reserve up to the cent, and halves of a cent go to the even one', async (t) => {
  const game = gameOf('kestrel', 'osprey')
  const reserved = (price: string, size: string) =>
    (game.command('kestrel', 'buy', { price, size }).reply.data as Record<string, string>).usd_used

  t.equal(reserved('500.10', '0.001'), '0.51')
  t.equal(reserved('500', '1'), '500.00')
  t.strictSame(data(game, 'kestrel', 'wallets'), { usd: '9499.49', crypto: '10.0' })
  game.command('osprey', 'sell_market', { amount: '0.001' })
  t.strictSame(data(game, 'osprey', 'wallets'), { usd: '10000.50', crypto: '9.9990000000' })
  t.strictSame(
    data(game, 'kestrel', 'wallets'),
    { usd: '9499.50', crypto: '10.0010000000' },
    'a cent is back',
  )
  game.command('osprey', 'sell_market', { amount: '0.00001' })
  t.match(data(game, 'osprey', 'wallets'), { usd: '10000.50' }, '0.005 is 0.00')
  game.command('osprey', 'sell_market', { amount: '0.00003' })
  t.match(data(game, 'osprey', 'wallets'), { usd: '10000.52' }, '0.015 is 0.02')
})

t.test('what a market buy pays for a whole sell is what its rounded remainder leaves', async (t) => {
  const paid = (amount: string) => {
    const game = gameOf('kestrel', 'osprey')
    game.command('kestrel', 'sell', { price: '1000', size: '0.000005' })
    game.command('osprey', 'buy_market', { amount })
    return data(game, 'kestrel', 'wallets')
  }

  t.match(paid('10.00'), { usd: '10000.00' }, '9.995 left is 10.00')
  t.match(paid('10.01'), { usd: '10000.01' }, '10.005 left is 10.00')
})

t.test('a player never trades with itself', async (t) => {
  const game = gameOf('kestrel', 'osprey', 'finch')
  game.command('kestrel', 'sell', { price: '1000', size: '1' })
  game.command('osprey', 'sell', { price: '1001', size: '1' })

  t.strictSame(matches(game, 'kestrel', 'buy_market', { amount: '100.10' }), [
    ['0.1000000000', '1001.00', 'order-3', 'order-2'],
  ])
})

t.test('limit orders pair where the mid has sunk onto the best bid, at the older price', async (t) => {
  const game = gameOf('kestrel', 'osprey', 'finch')
  game.command('kestrel', 'buy', { price: '999.98', size: '1' })
  t.equal(game.midText(), '999.99')
  game.command('osprey', 'buy', { price: '999.90', size: '1' })
  t.equal(game.midText(), '999.98', '999.985, to the even cent')

  t.strictSame(matches(game, 'kestrel', 'sell', { price: '999.98', size: '0.5' }), [], 'its own is skipped')
  t.strictSame(matches(game, 'finch', 'sell', { price: '999.98', size: '0.4' }), [
    ['0.4000000000', '999.98', 'order-1', 'order-4'],
  ])
  t.equal(game.midText(), '999.98')
})

t.test('the mid moves once for each command that changes the limit book', async (t) => {
  const game = gameOf('kestrel', 'osprey')
  const steps: string[] = []
  const step = (user: string, cmd: string, params: unknown) => {
    game.command(user, cmd, params)
    steps.push(game.midText())
  }

  step('kestrel', 'buy', { price: '990', size: '1' })
  step('kestrel', 'price', {})
  step('kestrel', 'sell_market', { amount: '1' })
  step('kestrel', 'cancel', { order_id: 'order-2' })
  step('kestrel', 'cancel', { order_id: 'order-2' })
  step('kestrel', 'sell', { price: '1000.01', size: '1' })
  step('kestrel', 'cancel', { order_id: 'order-1' })
  step('osprey', 'buy_market', { amount: '10' })
  step('kestrel', 'cancel', { order_id: 'order-3' })

  t.strictSame(steps, [
    '995.00', // only bids: half way from 1000.00
    '995.00', // a question
    '995.00', // rests: the only bid is the player's own
    '995.00', // a market order canceled
    '995.00', // refused
    '995.00', // (990.00 + 1000.01) / 2 = 995.005, to the even cent
    '997.50', // only asks: (995.00 + 1000.01) / 2 = 997.505, to the even cent
    '998.76', // a part traded: (997.50 + 1000.01) / 2 = 998.755, to the even cent
    '998.76', // empty
  ])
})

t.test('bcast passes on what it is given', async (t) => {
  const game = gameOf('kestrel')

  const { reply, feed } = game.command('kestrel', 'bcast', { message: { a: [1, null] } })

  t.strictSame(reply, { status: true, message: 'Message broadcasted.', data: null })
  t.strictSame(feed, [{ type: 'bcast', message: { a: [1, null] }, user: 'kestrel' }])
  t.strictSame(game.command('kestrel', 'audit', {}).reply, { status: true, message: 'Audit done.', data: [] })
})

t.test('the end: shutdown, cancels, CSV, result', async (t) => {
  const game = gameOf('kestrel', 'osprey', 'o"wl')
  game.command('kestrel', 'sell', { price: '1002', size: '1' })
  game.command('osprey', 'buy_market', { amount: '100.20' })
  t.equal(game.midText(), '1001.50')

  const text = 'Time limit reached. Shutting down.'
  t.strictSame(game.end('Shutdown command.'), [
    { type: 'shutdown', message: 'Shutdown command.' },
    { type: 'shutdown', message: text },
    { type: 'cancel', message: 'order-1' },
    {
      type: 'csv',
      message: text,
      data: [
        '"user","crypto","usd","holdings"',
        '"kestrel","9.9000000000","10100.20","20015.05"',
        '"osprey","10.1000000000","9899.80","20014.95"',
        '"o-wl","10.0","10000.00","20015.00"',
        '',
      ].join('\n'),
    },
    {
      type: 'result',
      message: text,
      data: {
        final_price: '1001.50',
        ranking: [
          { rank: 1, user: 'kestrel', crypto: '9.9000000000', usd: '10100.20', holdings: '20015.05' },
          { rank: 2, user: 'o"wl', crypto: '10.0', usd: '10000.00', holdings: '20015.00' },
          { rank: 3, user: 'osprey', crypto: '10.1000000000', usd: '9899.80', holdings: '20014.95' },
        ],
      },
    },
  ])
  t.equal(message(game, 'kestrel', 'price', {}), 'Game has ended.')
})

t.test('the end gives resting market orders their money back, and equal holdings share a rank', async (t) => {
  const game = gameOf('kestrel', 'osprey', 'finch')
  game.command('kestrel', 'sell', { price: '1000', size: '1' })
  game.command('kestrel', 'buy_market', { amount: '5000' })
  game.command('osprey', 'buy', { price: '10', size: '1' })

  const feed = game.end('Time limit reached. Shutting down.')

  t.strictSame(
    feed.map(({ type }) => type),
    ['shutdown', 'cancel', 'cancel', 'cancel', 'csv', 'result'],
  )
  const { final_price, ranking } = feed.at(-1)?.data as { final_price: string; ranking: { rank: number }[] }
  t.equal(final_price, '505.00', 'taken before the cancels')
  t.strictSame(
    ranking.map(({ rank }) => rank),
    [1, 1, 1],
  )
  t.match(ranking, [{ usd: '10000.00', crypto: '10.0000000000', holdings: '15050.00' }])
})

const names = ['ann', 'bob', 'cat', 'dan', 'eve', 'fay', 'gus', 'hal']

function nextCommand(game: CxGameModel, random: () => number) {
  return randomCommand(random, names, game.openIds(), game.midText())
}

t.test(
  'random games neither create nor destroy usd or crypto, and leave nothing that could trade',
  async () => {
    fc.assert(
      fc.property(fc.integer(), (start) => {
        const random = dice(start)
        const game = gameOf(...names)
        const before = game.totals()
        for (let n = 0; n < 300; n += 1) {
          const { user, cmd, params } = nextCommand(game, random)
          const { reply, feed } = game.command(user, cmd, params)
          const after = game.totals()
          const what = `${n}: ${user} ${cmd} ${JSON.stringify(params)}: ${reply.message}`
          if (after.usd !== before.usd || after.crypto !== before.crypto)
            throw new Error(`not conserved, ${what}`)
          for (const { usd, crypto } of game.players) {
            if (usd.value < 0n || crypto.value < 0n) throw new Error(`overdrawn, ${what}`)
          }
          if (!reply.status && feed.length > 0) throw new Error(`refused, yet told, ${what}`)
          if (leftToTrade(game)) throw new Error(`could trade, ${what}`)
        }
        game.end('Shutdown command.')
        const usd = game.players.reduce((sum, player) => sum + player.usd.value, 0n)
        const crypto = game.players.reduce((sum, player) => sum + player.crypto.value, 0n)
        return usd === before.usd && crypto === before.crypto
      }),
      { ...seeded, numRuns: 40 },
    )
  },
)

/** Whether an open order is empty, or two open orders of different players could trade. */
function leftToTrade(game: CxGameModel): boolean {
  const open = game.orders.filter(({ status }) => status === 'open')
  if (open.some(({ left, reserved }) => left <= 0n || reserved <= 0n)) return true
  return open.some((a) =>
    open.some((b) => {
      if (a.player === b.player) return false
      if (a.side === 'buy_market') return b.side === 'sell'
      if (a.side === 'buy') return b.side === 'sell_market' || (b.side === 'sell' && a.price >= b.price)
      return false
    }),
  )
}

t.test('the random commands reach the corners of the game', async (t) => {
  const seen = { deep: 0, sweeps: 0, resting: 0, ownCrossings: 0, pairs: 0, crumbs: 0, usedUp: 0, refused: 0 }
  for (let start = 1; start <= 30; start += 1) {
    const random = dice(start)
    const game = gameOf(...names)
    for (let n = 0; n < 300; n += 1) {
      const { user, cmd, params } = nextCommand(game, random)
      const closedBefore = game.completed.length
      const { reply, feed } = game.command(user, cmd, params)
      const trades = feed.filter(({ type }) => type === 'match').length
      const open = game.orders.filter(({ status }) => status === 'open')
      const buys = open.filter(({ side }) => side === 'buy')
      const sells = open.filter(({ side }) => side === 'sell')
      const closed = game.completed.slice(closedBefore).filter(({ status }) => status === 'filled')
      if (!reply.status) seen.refused += 1
      if (buys.length >= 8 && sells.length >= 8) seen.deep += 1
      if (trades >= 3) seen.sweeps += 1
      if (trades > 0 && cmd === 'sell' && !feed.some(({ message }) => isMarketMatch(game, message)))
        seen.pairs += 1
      if (open.length > buys.length + sells.length) seen.resting += 1
      if (buys.some((buy) => sells.some((sell) => buy.price >= sell.price))) seen.ownCrossings += 1
      if (closed.some(({ side, left }) => side !== 'buy' && left > 0n)) seen.crumbs += 1
      if (closed.some(({ side, left }) => side === 'buy' && left >= 100n)) seen.usedUp += 1
    }
  }

  t.comment(JSON.stringify(seen))
  for (const [corner, times] of Object.entries(seen)) t.ok(times > 0, corner)
})

/** Whether a feed message is a match in which a market order took part. */
function isMarketMatch(game: CxGameModel, message: unknown): boolean {
  const { buy_id, sell_id } = message as Record<string, unknown>
  return game.orders.some(({ id, side }) => (id === buy_id || id === sell_id) && side.endsWith('_market'))
}
