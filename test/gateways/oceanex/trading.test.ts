import t from 'tap'
import { openCore } from '../../support/core.ts'
import { type Client, type Json, openDoor, user, vetusdt } from './support.ts'

const orderKeys = [
  ...[
    'id',
    'market',
    'market_name',
    'market_display_name',
    'side',
    'ord_type',
    'state',
    'price',
    'avg_price',
  ],
  ...['volume', 'remaining_volume', 'executed_volume', 'trades_count', 'created_at', 'created_on'],
]

async function refusal(client: Client, args: object): Promise<[number, string]> {
  const order = { market: 'vetusdt', side: 'buy', price: '0.5', volume: '10', ord_type: 'limit', ...args }
  const { code, message } = await client.ask('OrderHandler', 'create', order)
  return [code, message]
}

t.test('OX-027 a balance does not count what is locked', async (t) => {
  const { loggedIn } = await openDoor(t)
  const one = await loggedIn('IDALICE')
  await one.order('sell', 1, '100.5')
  const { accounts } = await one.done('AccountHandler', 'index')
  t.strictSame(accounts[0], {
    currency: 'vet',
    type: 'coin',
    balance: '9899.5',
    locked: '100.5',
    btc_equivalent_balance: '0.0',
    deposit: 'enabled',
    withdraw: 'enabled',
    exchange: 'enabled',
    is_combination_address: false,
    markets: [
      { base_unit: 'vet', quote_unit: 'usdt', display_name: 'VET/USDT' },
      { base_unit: 'vet', quote_unit: 'btc', display_name: 'VET/BTC' },
    ],
  })
  t.strictSame(
    accounts.map(({ currency, markets }: Json) => [currency, markets.length]),
    [
      ['vet', 2],
      ['usdt', 0],
      ['btc', 0],
    ],
  )
})

t.test('what an account is worth in bitcoin follows the last price', async (t) => {
  const users = [user('IDALICE'), user('IDBOB', { balances: new Map([['btc', '2']]) })]
  const { loggedIn } = await openDoor(t, { users })
  const [alice, bob] = [await loggedIn('IDALICE'), await loggedIn('IDBOB')]
  await alice.order('sell', '0.0005', 100, { market: 'vetbtc' })
  await bob.order('buy', '0.0005', 100, { market: 'vetbtc' })
  const worth = async (client: Client) =>
    (await client.done('AccountHandler', 'index')).accounts.map((one: Json) => one.btc_equivalent_balance)
  t.strictSame(await worth(alice), ['4.95', '0.0', '0.04995'])
  t.strictSame(await worth(bob), ['0.04995', '0.0', '1.95'])
})

t.test('OX-028 a limit order locks what it may cost, and a cancel frees it', async (t) => {
  const { loggedIn } = await openDoor(t)
  const one = await loggedIn('IDALICE')
  const bid = await one.order('buy', '0.0245', 400)
  const ask = await one.order('sell', 2, '0.75')
  t.strictSame(await one.balances(), {
    vet: ['9999.25', '0.75'],
    usdt: ['990.2', '9.8'],
    btc: ['0.0', '0.0'],
  })
  await one.done('OrderHandler', 'cancel', { ids: [bid.id, ask.id] })
  t.strictSame((await one.balances()).vet, ['10000.0', '0.0'])
  t.strictSame((await one.balances()).usdt, ['1000.0', '0.0'])
})

t.test('OX-029 create takes numbers and texts, and a side in any case', async (t) => {
  const { loggedIn } = await openDoor(t)
  const one = await loggedIn('IDALICE')
  for (const [side, expected] of [
    ['buy', 'bid'],
    ['Buy', 'bid'],
    ['BID', 'bid'],
    ['sell', 'ask'],
    ['SELL', 'ask'],
    ['ask', 'ask'],
  ] as const) {
    const price = expected === 'bid' ? '0.5' : 0.75
    t.match(await one.order(side, price, expected === 'bid' ? 2.5 : '2.50'), {
      side: expected,
      volume: '2.5',
    })
  }
  t.match(await one.order('buy', '5e-1', '1e1', { market: undefined, market_id: 'VETUSDT' }), {
    price: '0.5',
    volume: '10.0',
  })
})

t.test('OX-030 the answer is an order that waits, with all its keys', async (t) => {
  const { loggedIn, clock } = await openDoor(t)
  const one = await loggedIn('IDALICE')
  const order = await one.order('buy', '0.0245', 400)
  const seconds = Math.floor(clock.now / 1_000_000)
  t.strictSame(order, {
    id: 1,
    market: 'vetusdt',
    market_name: 'VET/USDT',
    market_display_name: 'VET/USDT',
    side: 'bid',
    ord_type: 'limit',
    state: 'wait',
    price: '0.0245',
    avg_price: '0.0',
    volume: '400.0',
    remaining_volume: '400.0',
    executed_volume: '0.0',
    trades_count: 0,
    created_at: `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`,
    created_on: seconds,
  })
  t.strictSame(Object.keys(order), orderKeys)
})

t.test('an order that fills at once is answered as it was taken', async (t) => {
  const { loggedIn } = await openDoor(t)
  const [alice, bob] = [await loggedIn('IDALICE'), await loggedIn('IDBOB')]
  await alice.order('sell', '0.5', 10)
  const taken = await bob.order('buy', '0.5', 10)
  t.match(taken, { state: 'wait', remaining_volume: '10.0', trades_count: 0 })
  t.match(await bob.done('OrderHistoryHandler', 'show', { id: taken.id }), { state: 'done', trades_count: 1 })
})

t.test('OX-031 amounts have a decimal at least, no zeros beyond, and never an exponent', async (t) => {
  const markets = [{ ...vetusdt, pricePrecision: 8, amountPrecision: 8, minimumTradingAmount: '0' }]
  const { loggedIn } = await openDoor(t, { markets })
  const one = await loggedIn('IDALICE')
  t.match(await one.order('sell', 0.1, 0.1), { price: '0.1', volume: '0.1', executed_volume: '0.0' })
  t.match(await one.order('sell', 1e-7, 1e-8), { price: '0.0000001', volume: '0.00000001' })
  t.match(await one.order('sell', 1000, '10.00000000'), { price: '1000.0', volume: '10.0' })
})

t.test('OX-032 without the money an order is refused, in the words that clients compare', async (t) => {
  const { loggedIn } = await openDoor(t)
  const one = await loggedIn('IDALICE')
  const refused = [2002, 'Account::AccountError: Cannot lock funds']
  t.strictSame(await refusal(one, { price: '1', volume: '1000.01' }), refused)
  t.strictSame(await refusal(one, { side: 'sell', price: '1', volume: '10000.01' }), refused)
  t.match(await one.order('buy', 1, 1000), { state: 'wait' })
  t.strictSame(await refusal(one, { price: '1', volume: '1' }), refused)
})

t.test('OX-033 a market and a side that are none', async (t) => {
  const { loggedIn } = await openDoor(t)
  const one = await loggedIn('IDALICE')
  for (const market of ['nousdt', 7, '', []])
    t.strictSame(await refusal(one, { market }), [1001, 'market does not have a valid value'])
  for (const side of ['hold', 7, '', '__proto__'])
    t.strictSame(await refusal(one, { side }), [1001, 'side does not have a valid value'])
  t.strictSame(await refusal(one, { market_id: 'vetbtc' }), [1001, 'market and market_id differ'])
})

t.test('arguments that are missing, and those that are nonsense', async (t) => {
  const { loggedIn } = await openDoor(t)
  const one = await loggedIn('IDALICE')
  for (const field of ['market', 'side', 'volume', 'price']) {
    for (const nothing of [undefined, null])
      t.strictSame(await refusal(one, { [field]: nothing }), [1004, `${field} is missing`])
  }
  for (const field of ['volume', 'price']) {
    for (const value of ['', 'ten', '-1', 0, -1, true, [], {}, '1e9999', 'NaN', 'Infinity', '0x10', '1,5'])
      t.strictSame(await refusal(one, { [field]: value }), [1001, `${field} does not have a valid value`])
    t.strictSame(await refusal(one, { [field]: '1e20' }), [2002, `${field} is too large`])
  }
  t.strictSame(await refusal(one, { ord_type: 'stop' }), [1001, 'ord_type does not have a valid value'])
  t.equal((await one.done('OrderHandler', 'index', { market: 'vetusdt' })).resources_count, 0)
})

t.test('OX-034 too many decimals and too little value', async (t) => {
  const { loggedIn } = await openDoor(t)
  const one = await loggedIn('IDALICE')
  t.strictSame(await refusal(one, { price: '0.1234567' }), [2002, 'price has more than 6 decimals'])
  t.strictSame(await refusal(one, { volume: '10.001' }), [2002, 'volume has more than 2 decimals'])
  const tooSmall = [2002, 'The order is worth less than the minimum of 1.0 usdt']
  t.strictSame(await refusal(one, { price: '0.1', volume: '9.99' }), tooSmall)
  t.strictSame(await refusal(one, { side: 'sell', price: '0.1', volume: '9.99' }), tooSmall)
  t.match(await one.order('buy', '0.1', '10.00'), { state: 'wait' })
})

t.test('OX-035 a market order has no price, ignores one, and never rests', async (t) => {
  const { loggedIn } = await openDoor(t)
  const [alice, bob] = [await loggedIn('IDALICE'), await loggedIn('IDBOB')]
  await alice.order('sell', '0.5', 10)
  await alice.order('sell', '0.6', 10)
  const order = await bob.order('buy', 123, 30, { ord_type: 'market' })
  t.match(order, { price: null, ord_type: 'market', state: 'wait', volume: '30.0' })
  t.match(await bob.done('OrderHistoryHandler', 'show', { id: order.id }), {
    state: 'cancel',
    price: null,
    avg_price: '0.55',
    executed_volume: '20.0',
    remaining_volume: '10.0',
  })
  t.equal((await bob.done('OrderHandler', 'index', { market: 'vetusdt' })).resources_count, 0)
  t.strictSame(await bob.balances(), {
    vet: ['10019.98', '0.0'],
    usdt: ['989.0', '0.0'],
    btc: ['0.0', '0.0'],
  })
})

t.test('OX-036 a market order needs a book, and its minimum is that of what it would find', async (t) => {
  const { loggedIn } = await openDoor(t)
  const [alice, bob] = [await loggedIn('IDALICE'), await loggedIn('IDBOB')]
  for (const side of ['buy', 'sell'])
    t.strictSame(await refusal(bob, { side, ord_type: 'market' }), [2002, 'The order book is empty'])
  await alice.order('sell', '0.5', 10)
  await alice.order('buy', '0.4', 10)
  for (const [side, volume] of [
    ['buy', '1.99'],
    ['sell', '2.49'],
  ] as const)
    t.match(await refusal(bob, { side, volume, ord_type: 'market' }), [2002, /minimum of 1.0 usdt/])
  t.match(await bob.order('buy', 0.1, 2, { ord_type: 'market' }), { id: 3 })
  t.match(await bob.order('sell', 0.1, '2.5', { ord_type: 'market' }), { id: 4 })
})

t.test(
  'OX-037 a buyer pays its fee in base, a seller in quote; OX-038 the average weighs by volume',
  async (t) => {
    const markets = [{ ...vetusdt, askFee: '0.002', bidFee: '0.001' }]
    const { loggedIn, clock } = await openDoor(t, { markets })
    const [alice, bob] = [await loggedIn('IDALICE'), await loggedIn('IDBOB')]
    const first = await alice.order('sell', '0.0245', 400)
    await alice.order('sell', '0.0248', 100)
    clock.now += 60_000_000
    const bought = await bob.order('buy', '0.03', 500)
    t.strictSame(await bob.balances(), { vet: ['10499.5', '0.0'], usdt: ['987.72', '0.0'] })
    t.strictSame(await alice.balances(), { vet: ['9500.0', '0.0'], usdt: ['1012.25544', '0.0'] })

    const shown = await bob.done('OrderHistoryHandler', 'show', { id: bought.id })
    t.match(shown, { state: 'done', avg_price: '0.02456', trades_count: 2, executed_volume: '500.0' })
    const seconds = Math.floor(clock.now / 1_000_000)
    t.strictSame(shown.trades[0], {
      id: 1,
      order_id: bought.id,
      market: 'vetusdt',
      market_display_name: 'VET/USDT',
      side: 'bid',
      price: '0.0245',
      volume: '400.0',
      funds: '9.8',
      fee: '0.001',
      bid_fee: '0.4',
      bid_fee_currency_id: 'vet',
      ask_fee: '0.0196',
      ask_fee_currency_id: 'usdt',
      created_at: `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`,
      created_on: seconds,
    })
    const { trades } = await alice.done('OrderHistoryHandler', 'show', { id: first.id })
    t.match(trades, [
      { id: 1, order_id: first.id, side: 'ask', fee: '0.002', bid_fee: '0.4', ask_fee: '0.0196' },
    ])
  },
)

t.test('an average of more digits than prices have is rounded to eight', async (t) => {
  const { loggedIn } = await openDoor(t)
  const [alice, bob] = [await loggedIn('IDALICE'), await loggedIn('IDBOB')]
  await alice.order('sell', '0.5', 10)
  await alice.order('sell', '0.6', 20)
  const { id } = await bob.order('buy', '0.6', 30)
  t.equal((await bob.done('OrderHistoryHandler', 'show', { id })).avg_price, '0.56666667')
})

t.test('OX-039 cancel gives ids, and those that are none back in an object', async (t) => {
  const { loggedIn } = await openDoor(t)
  const one = await loggedIn('IDALICE')
  const { id } = await one.order('sell', 1, 10)
  t.strictSame(await one.done('OrderHandler', 'cancel', { ids: [id] }), [id])
  const { uuid: _, ...refused } = await one.ask('OrderHandler', 'cancel', { ids: [999] })
  t.strictSame(refused, { action: 'cancel', code: 2004, message: 'Order not found', data: { ids: [999] } })
  t.strictSame((await one.ask('OrderHandler', 'cancel', { ids: [id] })).data, { ids: [id] })
  t.equal((await one.ask('OrderHandler', 'cancel')).code, 1004)
  for (const ids of [7, 'all', [0], [-1], ['x'], [1.5], [null], Array.from({ length: 10_001 }, () => 1)])
    t.equal((await one.ask('OrderHandler', 'cancel', { ids })).code, 1001)
})

t.test("OX-040 another account's order is not found, and stays open", async (t) => {
  const { loggedIn } = await openDoor(t)
  const [alice, bob] = [await loggedIn('IDALICE'), await loggedIn('IDBOB')]
  const { id } = await alice.order('sell', 1, 10)
  t.equal((await bob.ask('OrderHandler', 'cancel', { ids: [id] })).code, 2004)
  t.equal((await bob.ask('OrderHandler', 'show', { id })).code, 2004)
  t.match(await alice.done('OrderHandler', 'show', { id }), { state: 'wait' })
})

t.test('OX-041 what could be canceled is listed, with code 0', async (t) => {
  const { loggedIn } = await openDoor(t)
  const one = await loggedIn('IDALICE')
  const [first, second] = [await one.order('sell', 1, 10), await one.order('sell', 1, 10)]
  t.strictSame(await one.done('OrderHandler', 'cancel', { ids: [first.id, 999, `${second.id}`, first.id] }), [
    first.id,
    second.id,
  ])
})

t.test('OX-042 clear lists all that it canceled, of a market or a side where it is told', async (t) => {
  const { loggedIn } = await openDoor(t)
  const one = await loggedIn('IDALICE')
  t.strictSame(await one.done('OrderHandler', 'clear'), [])
  const ids: number[] = []
  for (const [side, price, market] of [
    ['sell', 1, 'vetusdt'],
    ['buy', '0.5', 'vetusdt'],
    ['sell', '0.5', 'vetbtc'],
    ['sell', 1, 'vetusdt'],
  ] as const)
    ids.push((await one.order(side, price, 10, { market })).id)
  t.strictSame(await one.done('OrderHandler', 'clear', { side: 'buy' }), [ids[1]])
  t.strictSame(await one.done('OrderHandler', 'clear', { market: 'vetbtc' }), [ids[2]])
  t.strictSame(await one.done('OrderHandler', 'clear'), [ids[0], ids[3]])
})

t.test('OX-043 open orders are listed the newest first, by pages, with how many there are', async (t) => {
  const { loggedIn } = await openDoor(t)
  const one = await loggedIn('IDALICE')
  for (let i = 0; i < 25; i += 1) await one.order('sell', 1, 1)
  await one.order('sell', '0.5', 10, { market: 'vetbtc' })
  const list = async (args: object) => {
    const { resources, resources_count: count } = await one.done('OrderHandler', 'index', args)
    return [count, resources.map(({ id }: Json) => id)]
  }
  const down = Array.from({ length: 25 }, (_, i) => 25 - i)
  t.strictSame(await list({ market: 'vetusdt' }), [25, down.slice(0, 20)])
  t.strictSame(await list({ market: 'vetusdt', page: 2 }), [25, down.slice(20)])
  t.strictSame(await list({ market: 'vetusdt', page: '2', per: '10' }), [25, down.slice(10, 20)])
  t.strictSame(await list({ market: 'vetusdt', page: 4, per: 10 }), [25, []])
  t.strictSame(await list({ market: 'vetusdt', order_by: 'asc', per: 3 }), [25, [1, 2, 3]])
  t.strictSame(await list({ per: 100 }), [26, [26, ...down]])
  t.notOk('trades' in (await one.done('OrderHandler', 'index', { per: 1 })).resources[0])
  for (const args of [
    { page: 0 },
    { per: 0 },
    { per: 101 },
    { page: 'x' },
    { order_by: 'up' },
    { market: 'x' },
  ])
    t.equal((await one.ask('OrderHandler', 'index', args)).code, 1001, JSON.stringify(args))
})

t.test('OX-044 both names of the filter by type work', async (t) => {
  const { loggedIn } = await openDoor(t)
  const one = await loggedIn('IDALICE')
  await one.order('sell', 1, 1)
  for (const name of ['ord_type', 'order_type']) {
    for (const [type, count] of [
      ['limit', 1],
      ['market', 0],
    ])
      t.equal((await one.done('OrderHandler', 'index', { [name]: type })).resources_count, count)
  }
  t.equal((await one.ask('OrderHandler', 'index', { ord_type: 'stop' })).code, 1001)
})

t.test('OX-045 an open order is shown with its trades, by an id that is a number or a text', async (t) => {
  const { loggedIn } = await openDoor(t)
  const [alice, bob] = [await loggedIn('IDALICE'), await loggedIn('IDBOB')]
  const { id } = await alice.order('sell', 1, 10)
  t.strictSame((await alice.done('OrderHandler', 'show', { id: `${id}` })).trades, [])
  await bob.order('buy', 1, 4)
  t.match(await alice.done('OrderHandler', 'show', { id }), {
    ...{ state: 'wait', remaining_volume: '6.0', executed_volume: '4.0', trades_count: 1 },
    trades: [{ volume: '4.0', order_id: id }],
  })
  await bob.order('buy', 1, 6)
  t.match(await alice.ask('OrderHandler', 'show', { id }), { code: 2004, data: {} })
  t.equal((await alice.ask('OrderHandler', 'show', { id: 999 })).code, 2004)
  t.equal((await alice.ask('OrderHandler', 'show')).code, 1004)
  t.equal((await alice.ask('OrderHandler', 'show', { id: 'x' })).code, 1001)
})

t.test('OX-046 the history shows closed orders only', async (t) => {
  const { loggedIn } = await openDoor(t)
  const one = await loggedIn('IDALICE')
  const { id } = await one.order('sell', 1, 10)
  t.equal((await one.ask('OrderHistoryHandler', 'show', { id })).code, 2004)
  await one.done('OrderHandler', 'cancel', { ids: [id] })
  t.match(await one.done('OrderHistoryHandler', 'show', { id }), { state: 'cancel', trades: [] })
})

t.test('OX-047 the history list leaves out open orders, and filters by state and time', async (t) => {
  const { loggedIn, clock } = await openDoor(t)
  const [alice, bob] = [await loggedIn('IDALICE'), await loggedIn('IDBOB')]
  const start = Math.floor(clock.now / 1_000_000)
  const place = async (price: number) => {
    const { id } = await alice.order('sell', price, 10)
    clock.now += 60_000_000
    return id
  }
  const [canceled, done, partly, open] = [await place(3), await place(1), await place(2), await place(4)]
  await alice.done('OrderHandler', 'cancel', { ids: [canceled] })
  await bob.order('buy', 2, 15)
  await alice.done('OrderHandler', 'cancel', { ids: [partly] })
  const list = async (args: object) =>
    (await alice.done('OrderHistoryHandler', 'index', { market: 'vetusdt', ...args })).resources.map(
      ({ id, state, executed_volume: executed }: Json) => [id, state, executed],
    )
  const rows = [
    [partly, 'cancel', '5.0'],
    [done, 'done', '10.0'],
    [canceled, 'cancel', '0.0'],
  ]
  t.strictSame(await list({}), rows)
  t.strictSame(await list({ order_by: 'asc' }), [...rows].reverse())
  t.strictSame(await list({ state: 'done' }), [rows[1]])
  t.strictSame(await list({ state: 'cancel' }), [rows[0], rows[2]])
  t.strictSame(await list({ start_time: start + 60 }), [rows[0], rows[1]])
  t.strictSame(await list({ start_time: start + 60, end_time: start + 120 }), [rows[1]])
  t.strictSame(await list({ market: 'vetbtc' }), [])
  t.equal((await alice.ask('OrderHistoryHandler', 'index', { state: 'wait' })).code, 1001)
  t.match(await alice.done('OrderHandler', 'show', { id: open }), { state: 'wait' })
})

t.test('an account does not trade with itself unless it may', async (t) => {
  const careful = await (await openDoor(t)).loggedIn('IDALICE')
  await careful.order('sell', 1, 10)
  const { id } = await careful.order('buy', 1, 10)
  t.match(await careful.done('OrderHistoryHandler', 'show', { id }), { state: 'cancel', trades: [] })

  const free = await (await openDoor(t, { selfTrade: 'allow' })).loggedIn('IDALICE')
  await free.order('sell', 1, 10)
  const taken = await free.order('buy', 1, 10)
  t.match(await free.done('OrderHistoryHandler', 'show', { id: taken.id }), { state: 'done' })
})

t.test('create_multi places orders of one market, or none when one has no good form', async (t) => {
  const { loggedIn } = await openDoor(t)
  const one = await loggedIn('IDALICE')
  const sell = { side: 'sell', volume: 10, price: 1 }
  const multi = (orders: unknown) => one.ask('OrderHandler', 'create_multi', { market: 'vetusdt', orders })
  t.match((await multi([sell, { ...sell, side: 'buy', price: 0.5 }])).data, [
    { side: 'ask' },
    { side: 'bid' },
  ])
  t.equal((await multi([sell, { ...sell, price: 'x' }])).code, 1001)
  t.equal((await one.done('OrderHandler', 'index', {})).resources_count, 2)
  t.match((await multi([{ ...sell, volume: 99_999 }, sell])).data, [{ side: 'ask' }])
  t.equal((await multi([{ ...sell, volume: 99_999 }])).code, 2002)
  for (const orders of [undefined, [], 7, [7], [null], Array.from({ length: 101 }, () => sell)])
    t.not((await multi(orders)).code, 0)
})

t.test('a market that is not enabled is listed and takes no orders', async (t) => {
  const { loggedIn } = await openDoor(t, { markets: [{ ...vetusdt, enabled: false }] })
  const one = await loggedIn('IDALICE')
  t.match(await one.done('MarketsHandler', 'index'), [{ id: 'vetusdt', enabled: false }])
  t.strictSame(await refusal(one, {}), [2002, 'The market vetusdt is not enabled'])
})

t.test('a restart keeps orders, balances and trades, and gives nobody money again', async (t) => {
  const first = await openDoor(t)
  const [alice, bob] = [await first.loggedIn('IDALICE'), await first.loggedIn('IDBOB')]
  const { id } = await alice.order('sell', 1, 10)
  await bob.order('buy', 1, 4)
  const before = [await alice.balances(), await alice.done('OrderHandler', 'show', { id })]
  await first.door.close()

  first.clock.now += 1_000_000
  const core = await openCore(first.log, first.clock)
  const again = await (await openDoor(t, {}, core)).loggedIn('IDALICE')
  t.strictSame([await again.balances(), await again.done('OrderHandler', 'show', { id })], before)
})

t.test('what cannot be: markets that contradict each other, and a venue that is another', async (t) => {
  const opening = (settings: Parameters<typeof openDoor>[1], core?: Parameters<typeof openDoor>[2]) =>
    openDoor(t, { users: [], ...settings }, core)
  const other = { ...vetusdt, id: 'usdtvet', base: 'usdt', quote: 'vet', askPrecision: 4 }
  await t.rejects(
    opening({ markets: [vetusdt, other] }),
    /usdt has 8 decimals by vetusdt.bidPrecision and 4 by/,
  )
  await t.rejects(opening({ markets: [vetusdt, vetusdt] }), /vetusdt: the market is there twice/)
  await t.rejects(opening({ markets: [{ ...vetusdt, amountPrecision: 9 }] }), /finer than askPrecision 8/)
  await t.rejects(opening({ markets: [{ ...vetusdt, askFee: '1' }] }), /askFee is no fraction/)
  await t.rejects(opening({ users: [user('A', { balances: new Map([['vet', '-1']]) })] }), /balance of vet/)
  await t.rejects(
    opening({ users: [user('A', { balances: new Map([['vet', '0.123456789']]) })] }),
    /at most 8 decimals/,
  )
  const core = await openCore()
  await openDoor(t, {}, core)
  await t.rejects(openDoor(t, { selfTrade: 'allow' }, core), /venue OCEANEX exists with other rules/)
  await t.rejects(
    openDoor(t, { markets: [vetusdt] }, core),
    /VETBTC is on OCEANEX and not in oceanex.markets/,
  )
  await t.rejects(
    openDoor(t, { markets: [{ ...vetusdt, askFee: '0' }, usual('vetbtc')] }, core),
    /vetusdt is on OCEANEX with other terms/,
  )
})

function usual(id: string) {
  return { ...vetusdt, id, quote: 'btc', group: 'BTC', minimumTradingAmount: '0.0001' }
}
