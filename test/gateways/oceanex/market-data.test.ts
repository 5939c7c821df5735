import t from 'tap'
import { openCore } from '../../support/core.ts'
import { type Client, type Json, openDoor, vetusdt } from './support.ts'

const day = 86_400

/** Trades at prices, a lot of 10 each, so many seconds after each other. */
async function trades(
  { alice, bob }: { alice: Client; bob: Client },
  clock: { now: number },
  list: readonly [price: number, seconds: number, volume?: number][],
) {
  for (const [price, seconds, volume = 10] of list) {
    clock.now += seconds * 1_000_000
    await alice.order('sell', price, volume)
    await bob.order('buy', price, volume)
  }
}

async function openMarket(t: Parameters<typeof openDoor>[0], settings: Parameters<typeof openDoor>[1] = {}) {
  const door = await openDoor(t, settings)
  // The test's clock begins in the middle of a minute; from here on it is the beginning of a day.
  door.clock.now = Math.ceil(door.clock.now / (day * 1_000_000)) * day * 1_000_000
  const [alice, bob] = [await door.loggedIn('IDALICE'), await door.loggedIn('IDBOB')]
  return { ...door, alice, bob, start: door.clock.now / 1_000_000 }
}

t.test('OX-015 the time is an integer of seconds', async (t) => {
  const { client, clock } = await openDoor(t)
  const one = await client()
  t.equal(await one.done('ToolHandler', 'timestamp'), Math.floor(clock.now / 1_000_000))
})

t.test('OX-016 a market has every key, with its type', async (t) => {
  const { client } = await openDoor(t)
  const one = await client()
  const markets = await one.done('MarketsHandler', 'index')
  t.strictSame(markets[0], {
    id: 'vetusdt',
    name: 'VET/USDT',
    display_name: 'VET/USDT',
    group: 'USDT',
    enabled: true,
    ask_precision: 8,
    bid_precision: 8,
    price_precision: 6,
    amount_precision: 2,
    usd_precision: 6,
    minimum_trading_amount: '1.0',
  })
  t.strictSame(
    markets.map(({ id }: Json) => id),
    ['vetusdt', 'vetbtc'],
  )
})

t.test('OX-017 fees are texts, by side', async (t) => {
  const { client } = await openDoor(t, { markets: [{ ...vetusdt, askFee: '0.002', bidFee: '0.0015' }] })
  const one = await client()
  t.strictSame(await one.done('FeeHandler', 'trading_fee'), [
    {
      market_id: 'vetusdt',
      ask_fee: { type: 'relative', value: '0.002' },
      bid_fee: { type: 'relative', value: '0.0015' },
    },
  ])
})

t.test('OX-018 a ticker is asked for by either name, or by none for all', async (t) => {
  const { client } = await openDoor(t)
  const one = await client()
  const ids = async (args: object) => Object.keys(await one.done('TickerHandler', 'index', args))
  t.strictSame(await ids({}), ['vetusdt', 'vetbtc'])
  t.strictSame(await ids({ markets: ['vetbtc'] }), ['vetbtc'])
  t.strictSame(await ids({ market_ids: ['vetbtc', 'nousdt'] }), ['vetbtc'])
  t.strictSame(await ids({ markets: [] }), [])
  t.equal((await one.ask('TickerHandler', 'index', { markets: 'vetusdt' })).code, 1001)
  t.equal((await one.ask('TickerHandler', 'index', { markets: ['vetusdt'], market_ids: [] })).code, 1001)
})

t.test('OX-019 a ticker has the best prices, and the trades of 24 hours', async (t) => {
  const market = await openMarket(t)
  const { client, clock, alice, bob } = market
  const one = await client()
  const ticker = async () => (await one.done('TickerHandler', 'index', { markets: ['vetusdt'] })).vetusdt
  const empty = {
    name: 'VET/USDT',
    display_name: 'VET/USDT',
    base_unit: 'vet',
    quote_unit: 'usdt',
    position: 1,
  }
  const zeros = Object.fromEntries(
    ['buy', 'sell', 'last', 'open', 'first', 'high', 'low', 'volume', 'funds', 'h24_trend'].map((key) => [
      key,
      '0.0',
    ]),
  )
  t.strictSame(await ticker(), { ...empty, at: Math.floor(clock.now / 1_000_000), ...zeros })

  await trades(market, clock, [
    [0.5, 0],
    [0.6, 3600],
    [0.4, 3600, 20],
    [0.55, 1],
  ])
  await alice.order('sell', 0.6, 10)
  await bob.order('buy', 0.5, 10)
  t.match(await ticker(), {
    ...{ buy: '0.5', sell: '0.6', last: '0.55', open: '0.5', first: '0.5', high: '0.6', low: '0.4' },
    ...{ volume: '50.0', funds: '24.5', h24_trend: '0.1' },
  })
  // A day after the first trade it is only what the price was before.
  clock.now += (day - 7200 + 60) * 1_000_000
  t.match(await ticker(), { open: '0.5', first: '0.6', volume: '40.0', funds: '19.5', high: '0.6' })
  clock.now += day * 1_000_000
  t.match(await ticker(), {
    last: '0.55',
    open: '0.55',
    first: '0.0',
    volume: '0.0',
    high: '0.0',
    h24_trend: '0.0',
  })
})

t.test('a ticker is the same after a restart', async (t) => {
  const market = await openMarket(t)
  await trades(market, market.clock, [
    [0.5, 0],
    [0.6, 90_000],
    [0.4, 3600, 20],
  ])
  const before = await market.alice.done('TickerHandler', 'index')
  t.match(before.vetusdt, { open: '0.5', first: '0.6', volume: '30.0' })
  await market.door.close()
  const again = await openDoor(t, {}, await openCore(market.log, market.clock))
  t.strictSame(await (await again.client()).done('TickerHandler', 'index'), before)
})

t.test('OX-020 a book is asked for by either name', async (t) => {
  const { loggedIn } = await openDoor(t)
  const one = await loggedIn('IDALICE')
  t.strictSame(await one.done('OrderBookHandler', 'index', { market: 'vetusdt' }), { asks: [], bids: [] })
  await one.order('sell', 1, 10)
  for (const name of ['market', 'market_id'])
    t.strictSame(await one.done('OrderBookHandler', 'index', { [name]: 'vetusdt' }), {
      asks: [['1.0', '10.0']],
      bids: [],
    })
  t.match(await one.ask('OrderBookHandler', 'index'), { code: 1004, message: 'market is missing' })
  t.match(await one.ask('OrderBookHandler', 'index', { market: 'x' }), {
    code: 1001,
    message: 'market does not have a valid value',
  })
})

t.test('OX-021 level bounds both sides; OX-023 the best prices come first', async (t) => {
  const { loggedIn } = await openDoor(t)
  const one = await loggedIn('IDALICE')
  for (const price of [0.53, 0.51, 0.52]) await one.order('sell', price, 10)
  for (const price of [0.47, 0.49, 0.48, 0.49]) await one.order('buy', price, 10)
  const book = (args: object) => one.done('OrderBookHandler', 'index', { market: 'vetusdt', ...args })
  t.strictSame(await book({}), {
    asks: [
      ['0.51', '10.0'],
      ['0.52', '10.0'],
      ['0.53', '10.0'],
    ],
    bids: [
      ['0.49', '20.0'],
      ['0.48', '10.0'],
      ['0.47', '10.0'],
    ],
  })
  t.strictSame(await book({ level: 1 }), { asks: [['0.51', '10.0']], bids: [['0.49', '20.0']] })
  for (const args of [{ level: 0 }, { level: 301 }, { level: 'x' }, { precision: -1 }, { precision: 9 }])
    t.equal((await one.ask('OrderBookHandler', 'index', { market: 'vetusdt', ...args })).code, 1001)
})

t.test('OX-022 precision rounds asks up and bids down, and adds volumes', async (t) => {
  const { loggedIn } = await openDoor(t)
  const one = await loggedIn('IDALICE')
  for (const price of ['0.510001', '0.52', '0.511']) await one.order('sell', price, 10)
  for (const price of ['0.489999', '0.48', '0.4899']) await one.order('buy', price, 10)
  const book = (args: object) => one.done('OrderBookHandler', 'index', { market: 'vetusdt', ...args })
  t.strictSame(await book({ precision: 2 }), { asks: [['0.52', '30.0']], bids: [['0.48', '30.0']] })
  t.strictSame(await book({ precision: 3, level: 1 }), {
    asks: [['0.511', '20.0']],
    bids: [['0.489', '20.0']],
  })
  t.strictSame(await book({ precision: 0 }), { asks: [['1.0', '30.0']], bids: [['0.0', '30.0']] })
  t.strictSame(await book({ precision: 8 }), await book({}))
})

t.test('OX-024 rows are numbers, the oldest first: time, open, high, low, close, volume', async (t) => {
  const market = await openMarket(t)
  const { client, clock, start } = market
  await trades(market, clock, [
    [0.5, 0],
    [0.6, 10],
    [0.4, 10],
    [0.55, 130],
  ])
  const one = await client()
  t.strictSame(await one.done('KlineHandler', 'index', { market: 'vetusdt' }), [
    [start, 0.5, 0.6, 0.4, 0.4, 30],
    [start + 60, 0.4, 0.4, 0.4, 0.4, 0],
    [start + 120, 0.55, 0.55, 0.55, 0.55, 10],
  ])
})

t.test('OX-025 each period works, another does not', async (t) => {
  const market = await openMarket(t)
  const { client, clock } = market
  await trades(market, clock, [
    [0.5, 3000],
    [0.6, 90_000],
    [0.4, 700_000],
  ])
  const one = await client()
  for (const period of [1, 5, 15, 30, 60, 120, 240, 360, 720, 1440, 4320, 10_080]) {
    const rows = await one.done('KlineHandler', 'index', { market: 'vetusdt', period, limit: 10_000 })
    const volume = rows.reduce((sum: number, row: number[]) => sum + (row[5] as number), 0)
    const range = [
      Math.max(...rows.map((row: number[]) => row[2])),
      Math.min(...rows.map((row: number[]) => row[3])),
    ]
    t.strictSame(
      [rows.at(-1)[4], rows.every((row: number[]) => (row[0] as number) % (60 * period) === 0)],
      [0.4, true],
    )
    if (period > 1) t.strictSame([volume, ...range], [30, 0.6, 0.4], `${period}`)
    t.strictSame(
      rows.map((row: number[]) => row[0]),
      rows.map((_: number[], i: number) => rows[0][0] + i * 60 * period),
    )
  }
  for (const period of [0, 2, 10, 10_081, -1, 'x', 1.5])
    t.equal((await one.ask('KlineHandler', 'index', { market: 'vetusdt', period })).code, 1001)
})

t.test('OX-026 start_time is within, end_time is not; of more the newest are told', async (t) => {
  const market = await openMarket(t)
  const { client, clock, start } = market
  await trades(market, clock, [
    [0.5, 0],
    [0.6, 60],
    [0.4, 60],
    [0.7, 60],
  ])
  clock.now += 120 * 1_000_000
  const one = await client()
  const times = async (args: object) =>
    (await one.done('KlineHandler', 'index', { market: 'vetusdt', ...args })).map(
      (row: number[]) => (row[0] as number) - start,
    )
  t.strictSame(await times({}), [0, 60, 120, 180, 240, 300])
  t.strictSame(await times({ limit: 2 }), [240, 300])
  t.strictSame(await times({ start_time: start + 60, end_time: start + 180 }), [60, 120])
  t.strictSame(await times({ start_time: start + 1, end_time: start + 181 }), [60, 120, 180])
  t.strictSame(await times({ start_time: start, end_time: start + 240, limit: 2 }), [120, 180])
  t.strictSame(await times({ end_time: start + 60 }), [0])
  t.strictSame(await times({ end_time: start }), [])
  t.strictSame(await times({ start_time: start + 9999 }), [])
  for (const args of [{ limit: 0 }, { limit: 10_001 }, { start_time: -1 }, { start_time: 9, end_time: 8 }])
    t.equal((await one.ask('KlineHandler', 'index', { market: 'vetusdt', ...args })).code, 1001)
  t.strictSame(await one.done('KlineHandler', 'index', { market: 'vetbtc' }), [])
})
