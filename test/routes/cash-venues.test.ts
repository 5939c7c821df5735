import { join } from 'node:path'
import t from 'tap'
import type { ExecutionMessage } from '../../schemas/execution.ts'
import type { TapeMessage } from '../../schemas/tape.ts'
import { loadConfig } from '../../src/config/config.ts'
import { readFlags } from '../../src/config/flags.ts'
import type { Command } from '../../src/domain/command.ts'
import type { TradingState } from '../../src/domain/venue.ts'
import type { Exchange } from '../../src/port.ts'
import { prepare } from '../../src/prepare.ts'
import { createTestAccounts, createTestApp, listing, type TestAppOptions } from '../support/app.ts'
import {
  cashRules,
  cashTerms,
  cashVenue,
  coin,
  crypto,
  deposit,
  limit,
  sellAtMarket,
  spend,
} from '../support/cash.ts'
import { createClient, foobar, newOrder } from '../support/client.ts'
import { type ApiDocument, createContract } from '../support/contract.ts'
import { startStreams } from '../support/streams.ts'

type Test = Parameters<typeof createTestApp>[0] & { equal: typeof t.equal }

const account = (name: string) => `/ob/api/venues/CXGAME/accounts/${name}/orders`

/** What a command came to: nothing, or why it was refused. */
function run(exchange: Exchange, command: Command): Promise<string | undefined> {
  return exchange.submit(command, ({ events: [first] }) =>
    first?.type === 'rejected' ? first.reason : undefined,
  )
}

/** An app over CXGAME with ANN, BOB and CAT, beside TESTEX. Every reply is checked against the document. */
async function fresh(t: Test, { commands = [], ...options }: TestAppOptions = {}) {
  const test = await createTestApp(t, {
    ...options,
    commands: [...cashVenue('ANN', 'BOB', 'CAT'), ...listing('TESTEX', 'FOOBAR'), ...commands],
  })
  await test.app.ready()
  const contract = createContract(JSON.parse(JSON.stringify(test.app.swagger())) as ApiDocument)
  const client = createClient(test.app)
  const send: typeof client.send = async (method, url, ...rest) => {
    const reply = await client.send(method, url, ...rest)
    t.equal(contract(method, url, reply), undefined, `${method} ${url}`)
    return reply
  }
  return {
    ...test,
    send,
    get: async (url: string) => (await send('GET', url)).body,
    status: async (id: number) => (await send('GET', `${crypto}/orders/${id}`)).body,
    place: (order: object, stock = crypto) => send('POST', `${stock}/orders`, newOrder(order)),
    run: async (...all: Command[]) => {
      for (const command of all) t.equal(await run(test.exchange, command), undefined, command.type)
    },
  }
}

t.test('stocks of a venue with money say what a tick and a lot are, others say nothing', async (t) => {
  const { get } = await fresh(t)

  t.strictSame(await get('/ob/api/venues/CXGAME/stocks'), {
    ok: true,
    symbols: [
      {
        ...{ name: 'CRYPTO Inc', symbol: 'CRYPTO', tickSize: '0.01', lotSize: '0.0000000001' },
        base: { asset: 'CRYPTO', unit: '0.0000000001' },
        quote: { asset: 'USD', unit: '0.01' },
      },
    ],
  })
  t.strictSame((await get('/ob/api/venues/TESTEX')).symbols, [{ name: 'FOOBAR Inc', symbol: 'FOOBAR' }])
})

t.test('the list of venues says which ones trade', async (t) => {
  const { get, run } = await fresh(t)
  const states = async () =>
    (await get('/ob/api/venues')).venues.map(({ state }: { state: TradingState }) => state)
  t.strictSame(await states(), ['open', 'open'])

  await run({ type: 'set-state', venue: 'CXGAME', state: 'halted' })

  t.strictSame(await states(), ['halted', 'open'])
})

t.test('what a smallest unit is, is said where it has an end as a decimal', async (t) => {
  const { get, run } = await fresh(t)
  await run({
    ...{ type: 'list-instrument', venue: 'CXGAME', symbol: 'THIRDS' },
    terms: { ...cashTerms, worth: [3, 1], unitsPerLot: 8, lotSize: '1', tickSize: '1' },
  })

  const [, thirds] = (await get('/ob/api/venues/CXGAME/stocks')).symbols
  t.strictSame(thirds.base, { asset: 'CRYPTO', unit: '0.125' })
  t.strictSame(thirds.quote, { asset: 'USD' })
})

t.test('the list of venues says where one can only watch', async (t) => {
  const { get } = await fresh(t, { settings: { closedVenues: new Set(['CXGAME']) } })

  const { venues } = await get('/ob/api/venues')
  t.match(venues, [{ venue: 'CXGAME', readOnly: true }, { venue: 'TESTEX' }])
  t.notOk('readOnly' in venues[1])
})

t.test('book and quote are in ticks and lots, without the orders that wait beside the book', async (t) => {
  const { get, run } = await fresh(t)
  await run(limit('BOB', 'sell', 100_000, coin), limit('CAT', 'buy', 99_000, coin / 2))
  // Each finds only an order of its own on the other side, and waits.
  await run(spend('BOB', 200_000n), sellAtMarket('CAT', coin))

  const { bids, asks } = await get(crypto)
  t.strictSame(bids, [{ price: 99_000, qty: coin / 2, isBuy: true }])
  t.strictSame(asks, [{ price: 100_000, qty: coin, isBuy: false }])
  const { quoteTime: _, ...quote } = await get(`${crypto}/quote`)
  t.strictSame(quote, {
    ...{ ok: true, symbol: 'CRYPTO', venue: 'CXGAME', bid: 99_000, ask: 100_000 },
    ...{ bidSize: coin / 2, askSize: coin, bidDepth: coin / 2, askDepth: coin },
  })
})

t.test('sums are numbers as long as JSON holds them exactly, then text of digits', async (t) => {
  const most = Number.MAX_SAFE_INTEGER
  const { get, run } = await fresh(t, { commands: [deposit('BOB', 'CRYPTO', 40_000_000_000_000_000n)] })
  await run(limit('BOB', 'sell', 100_000, most))
  t.match(await get(`${crypto}/quote`), { askSize: most, askDepth: most })

  await run(limit('BOB', 'sell', 100_000, 100))
  t.match(await get(`${crypto}/quote`), { askSize: '9007199254741091', askDepth: '9007199254741091' })

  await run(limit('BOB', 'sell', 100_001, most))
  t.match(await get(`${crypto}/quote`), { askSize: '9007199254741091', askDepth: '18014398509482082' })
  t.strictSame((await get(crypto)).asks, [
    { price: 100_000, qty: most, isBuy: false },
    { price: 100_000, qty: 100, isBuy: false },
    { price: 100_001, qty: most, isBuy: false },
  ])
})

t.test(
  'an order that spends money has no quantity, is open while it waits, and says what is left',
  async (t) => {
    const { status, send, get, run } = await fresh(t)
    await run(limit('BOB', 'sell', 100_000, coin / 2), spend('ANN', 200_000n))

    const waiting = await status(2)

    t.match(waiting, {
      ...{ originalQty: 0, qty: 0, price: 0, orderType: 'market', direction: 'buy', open: true },
      ...{ budget: '200000', budgetLeft: '150000', totalFilled: coin / 2 },
    })
    t.strictSame((await get(`${account('ANN')}?open=true`)).orders, [waiting])
    t.match(await status(1), { originalQty: coin / 2, qty: 0, open: false })
    t.notOk('budget' in (await status(1)))

    const canceled = await send('DELETE', `${crypto}/orders/2`)
    const again = await send('POST', `${crypto}/orders/2/cancel`)

    t.strictSame(canceled.body, { ...waiting, open: false })
    t.strictSame(again.body, canceled.body)
    t.strictSame((await get(`${account('ANN')}?open=true`)).orders, [])
  },
)

t.test('a market order to sell that waits shows what of it is left', async (t) => {
  const { status, run } = await fresh(t)
  await run(limit('CAT', 'buy', 99_000, coin / 4), sellAtMarket('ANN', coin))

  t.match(await status(2), {
    ...{ originalQty: coin, qty: (coin / 4) * 3, totalFilled: coin / 4, open: true },
    ...{ orderType: 'market', budget: undefined },
  })
})

const closed = { settings: { closedVenues: new Set(['CXGAME', 'LATER']) } }

t.test('a venue of another door can be read, and not traded', async (t) => {
  const { send, place, get, run, exchange } = await fresh(t, closed)
  await run(limit('BOB', 'sell', 100_000, coin))
  const before = await get(`${crypto}/orders/1`)
  const refused = {
    status: 403,
    body: {
      ok: false,
      error:
        'Venue CXGAME can only be read here: orders are placed and canceled at its own door, unless its `rest` in the config file is open',
      reason: 'closed_door',
    },
  }

  for (const order of [{ account: 'ANN' }, { account: 'ANN', qty: 0 }, { orderType: 'x' }, {}])
    t.match(await place(order), refused)
  t.match(await place({}, '/ob/api/venues/CXGAME/stocks/NOPE'), refused)
  for (const id of [1, 99]) {
    t.match(await send('DELETE', `${crypto}/orders/${id}`), refused)
    t.match(await send('POST', `${crypto}/orders/${id}/cancel`), refused)
  }

  t.strictSame(await get(`${crypto}/orders/1`), before)
  for (const path of ['', '/quote', '/scores?format=json']) t.equal((await get(`${crypto}${path}`)).ok, true)
  t.equal((await place({}, foobar)).status, 200, 'others are traded as ever')
  t.match(await place({ account: 'ANN' }, '/ob/api/venues/LATER/stocks/X'), { status: 403 })
  t.equal(exchange.venue('LATER'), undefined, 'an order does not make the venue of another door')
})

t.test('the door is looked at after body, names and keys', async (t) => {
  const { send, place } = await fresh(t, {
    settings: { ...closed.settings, badOrderStatus: 200 },
    accounts: createTestAccounts({ ANN: 'ann-key' }),
  })
  const key = { 'x-starfighter-authorization': 'ann-key' }
  const keyed = (order: object) => send('POST', `${crypto}/orders`, newOrder(order), key)

  t.equal((await send('POST', `${crypto}/orders`, '{', key)).body.reason, 'malformed_json')
  t.equal((await place({ account: 'ANN' })).body.reason, 'key_required')
  t.equal((await keyed({ stock: 'OTHER' })).body.reason, 'url_mismatch')
  t.match(await keyed({ account: 'ANN' }), { status: 403, body: { reason: 'closed_door' } })
  t.match(await keyed({ account: 'BOB' }), { status: 403, body: { reason: 'closed_door' } })
  t.equal((await send('DELETE', `${crypto}/orders/1`)).body.reason, 'key_required')
  t.equal((await send('DELETE', `${crypto}/orders/x`, undefined, key)).body.reason, 'bad_id')
})

t.test('on a venue that is opened the account is the one of the venue, and it pays', async (t) => {
  const { place, status, get, exchange } = await fresh(t)
  const ask = await place({ account: 'BOB', direction: 'sell', price: 100_000, qty: 3 * coin })
  const bid = await place({ account: 'CAT', direction: 'buy', price: 99_000, qty: coin })

  const market = await place({ account: 'ANN', orderType: 'market', qty: 2 * coin, price: undefined })
  const killed = await place({
    account: 'ANN',
    direction: 'sell',
    orderType: 'fok',
    price: 99_500,
    qty: coin,
  })

  t.match(ask.body, { originalQty: 3 * coin, qty: 3 * coin, open: true })
  t.match(bid.body, { qty: coin, open: true })
  t.match(market.body, { originalQty: 2 * coin, qty: 0, totalFilled: 2 * coin, open: false, price: 0 })
  t.match(killed.body, { qty: 0, totalFilled: 0, open: false })
  t.match(await status(1), { qty: coin, totalFilled: 2 * coin })
  t.match((await get(`${crypto}/trades`)).trades, [{ price: 100_000, qty: 2 * coin, direction: 'buy' }])
  t.equal(exchange.venue('CXGAME')?.account('ANN')?.balances.get('USD')?.available, 800_000n)
})

const goldVenue = {
  selfTrade: 'cancel-taker',
  assets: { USD: { decimals: 2, opening: '100.00' }, GOLD: { decimals: 3, opening: '2' } },
  instruments: {
    GOLDUSD: {
      ...{ base: 'GOLD', quote: 'USD', tickSize: '0.05', lotSize: '0.01' },
      fees: { maker: '0', taker: '0.01' },
    },
  },
}

t.test(
  'a venue with assets in the config file is traded with keys, and an order opens its account',
  async (t) => {
    const folder = t.testdir({ 'c.json': JSON.stringify({ venues: { BANK: goldVenue } }) })
    const keys = { ANN: 'ann-key', BOB: 'bob-key' }
    const { exchange, send, get } = await fresh(t, { accounts: createTestAccounts(keys) })
    await prepare(exchange, await loadConfig(readFlags(['--memory', '--config', join(folder, 'c.json')]), {}))
    const gold = '/ob/api/venues/BANK/stocks/GOLDUSD'
    const place = (account: keyof typeof keys, order: object) =>
      send('POST', `${gold}/orders`, newOrder({ account, ...order }), {
        'x-starfighter-authorization': keys[account],
      })
    const has = (name: string) =>
      Object.fromEntries(
        [...(exchange.venue('BANK')?.account(name)?.balances ?? [])].map(([asset, { available, held }]) => [
          asset,
          [available, held],
        ]),
      )

    t.strictSame((await get('/ob/api/venues/BANK/stocks')).symbols, [
      {
        ...{ name: 'GOLDUSD Inc', symbol: 'GOLDUSD', tickSize: '0.05', lotSize: '0.01' },
        base: { asset: 'GOLD', unit: '0.001' },
        quote: { asset: 'USD', unit: '0.01' },
      },
    ])
    // 100 dollars are 2,000 ticks.
    t.match(await place('ANN', { price: 2001, qty: 100 }), {
      status: 400,
      body: { reason: 'insufficient_funds' },
    })
    t.equal(exchange.venue('BANK')?.account('ANN'), undefined, 'a refusal opens none')
    t.match((await place('ANN', { price: 1000, qty: 100 })).body, { id: 1, open: true })
    t.strictSame(has('ANN'), { USD: [5000n, 5000n], GOLD: [2000n, 0n] })
    t.match((await place('BOB', { price: 1000, qty: 40, direction: 'sell' })).body, {
      id: 2,
      totalFilled: 40,
    })

    // 0.4 gold for 20 dollars, less a hundredth of it.
    t.strictSame(has('ANN'), { USD: [5000n, 3000n], GOLD: [2400n, 0n] })
    t.strictSame(has('BOB'), { USD: [11_980n, 0n], GOLD: [1600n, 0n] })
    t.match((await get(`${gold}/scores?format=json`)).scores, [{ account: 'ANN' }, { account: 'BOB' }])
  },
)

t.test('what such a venue refuses has a status, a reason and the field at fault', async (t) => {
  const { place, send, run } = await fresh(t)
  const reason = async (order: object) => {
    const { status, body } = await place({ account: 'ANN', price: 99_000, qty: coin, ...order })
    return [status, body.reason, body.field]
  }
  const sell = { direction: 'sell', price: 100_000 }

  t.strictSame(await reason({ account: 'NOBODY' }), [400, 'unknown_account', 'account'])
  t.strictSame(await reason({ qty: 99 }), [400, 'quantity_too_small', 'qty'])
  t.strictSame(await reason({ price: 1 }), [200, undefined, undefined])
  t.strictSame(await reason({ price: 1, qty: 100 }), [400, 'value_too_small', undefined])
  t.strictSame(await reason({ ...sell, price: 1 }), [400, 'wrong_side_of_reference', 'price'])
  t.strictSame(await reason({ ...sell, qty: 10 * coin + 1 }), [400, 'insufficient_funds', undefined])
  t.strictSame((await place({}, '/ob/api/venues/CXGAME/stocks/NEW')).body.reason, 'unknown_symbol')
  await run({ type: 'set-state', venue: 'CXGAME', state: 'halted' })
  t.strictSame(await reason({}), [409, 'venue_halted', undefined])
  t.match(await send('DELETE', `${crypto}/orders/1`), { status: 409, body: { reason: 'venue_halted' } })
  await run({ type: 'set-state', venue: 'CXGAME', state: 'closed' })
  t.strictSame(await reason({}), [409, 'venue_closed', undefined])
  t.match(await send('DELETE', `${crypto}/orders/1`), { status: 200, body: { open: false } })
})

t.test('quantities in lots may be as large as JSON holds exactly, in shares as 32 bits do', async (t) => {
  const { place } = await fresh(t, { commands: [deposit('BOB', 'CRYPTO', 10_000_000_000_000_000n)] })
  const order = { account: 'BOB', direction: 'sell', price: 100_000 }

  for (const qty of [Number.MAX_SAFE_INTEGER, `${2 ** 31}`])
    t.equal((await place({ ...order, qty })).status, 200)
  for (const qty of [2 ** 53, '9007199254740993', 0.5])
    t.match(await place({ ...order, qty }), { status: 400, body: { reason: 'bad_value', field: 'qty' } })
  t.match(await place({ ...order, qty: coin, price: 2 ** 31 }), { status: 400, body: { field: 'price' } })
  t.equal((await place({ ...order, qty: 2 ** 31 - 1 }, foobar)).status, 200)
  for (const qty of [2 ** 31, `${coin}`])
    t.match(await place({ ...order, qty }, foobar), {
      status: 400,
      body: { reason: 'bad_value', field: 'qty' },
    })
})

t.test('scores are what every account has, valued at the price of the venue', async (t) => {
  const { get, run } = await fresh(t)
  await run(limit('BOB', 'sell', 100_000, coin), limit('CAT', 'buy', 50_001, coin), spend('ANN', 50_000n))

  const { startTime, ts, ...scores } = await get(`${crypto}/scores?format=json`)

  t.strictSame(scores, {
    ...{ ok: true, venue: 'CXGAME', symbol: 'CRYPTO', last: 100_000, reference: 75_000 },
    scores: [
      // Ties by name; what is held for open orders counts.
      ...[{ account: 'BOB', cents: 1_050_000, shares: 9.5 * coin, posMin: 9.5 * coin, posMax: 10 * coin }],
      ...[{ account: 'CAT', cents: 1_000_000, shares: 10 * coin, posMin: 10 * coin, posMax: 10 * coin }],
      ...[{ account: 'ANN', cents: 950_000, shares: 10.5 * coin, posMin: 10 * coin, posMax: 10.5 * coin }],
    ].map((line, i) => ({ ...line, nav: [1_762_500, 1_750_000, 1_737_500][i] })),
  })
})

t.test('net asset values are rounded half to even, and sums beyond 2^53 are text', async (t) => {
  // At 1,000 dollars a cent buys 100,000 lots.
  const odd = [50_000n, 150_000n, 150_001n, 49_999n]
  const { get } = await fresh(t, {
    commands: [
      ...odd.map((_, i) => ({ type: 'open-account', venue: 'CXGAME', account: `N${i}` }) as const),
      ...odd.map((amount, i) => deposit(`N${i}`, 'CRYPTO', amount)),
      deposit('ANN', 'CRYPTO', 9_007_199_254_740_993n),
      deposit('ANN', 'USD', 9_007_199_254_740_993n),
    ],
  })

  const { scores } = await get(`${crypto}/scores?format=json`)

  t.strictSame(
    scores.map(({ account, nav }: { account: string; nav: number | string }) => [account, nav]),
    [
      ['ANN', '9007289328733540'],
      ['N1', 2_000_002],
      ['N2', 2_000_002],
      ...['BOB', 'CAT', 'N0', 'N3'].map((account) => [account, 2_000_000]),
    ],
  )
  t.match(scores[0], {
    ...{ cents: '9007199255740993', shares: '9007299254740993', posMin: '9007299254740993' },
  })
})

t.test('without a price of the venue the last trade values shares, and before it nothing does', async (t) => {
  const { reference: _, ...terms } = cashTerms
  const { get, run } = await fresh(t, {
    commands: [
      { type: 'create-venue', venue: 'BANK', rules: cashRules },
      { type: 'list-instrument', venue: 'BANK', symbol: 'CRYPTO', terms },
      ...['ANN', 'BOB'].map((account) => ({ type: 'open-account', venue: 'BANK', account }) as const),
    ],
  })
  const bank = '/ob/api/venues/BANK/stocks/CRYPTO/scores'
  const navs = async () => (await get(`${bank}?format=json`)).scores.map(({ nav }: { nav: number }) => nav)
  t.strictSame(await navs(), [1_000_000, 1_000_000])
  t.notOk('reference' in (await get(`${bank}?format=json`)))

  await run({ ...limit('ANN', 'sell', 200, coin), venue: 'BANK' })
  await run({ ...limit('BOB', 'buy', 200, coin), venue: 'BANK' })

  t.strictSame(await navs(), [1_002_000, 1_002_000])
})

t.test('the page of scores names the assets and their units, and with keys hides what is held', async (t) => {
  const open = await fresh(t)
  const keyed = await fresh(t, { accounts: createTestAccounts({ ANN: 'ann-key' }) })

  const { text } = await open.send('GET', `${crypto}/scores`)
  t.match(text, 'CXGAME CRYPTO')
  t.match(
    text,
    'Current price: 100000 times 0.01 USD. Money is in smallest units, CRYPTO in lots of 0.0000000001.',
  )
  t.match(text, /Account +USD +CRYPTO +Pos\.min +Pos\.max +NAV/)
  t.match(text, /ANN +1000000 +100000000000 +100000000000 +100000000000 +2000000/)
  t.match((await keyed.send('GET', `${crypto}/scores`)).text, /ANN +\[hidden\] +\[hidden\] +1/)
  const [ann] = (await keyed.get(`${crypto}/scores?format=json`)).scores
  t.strictSame(Object.keys(ann), ['account', 'posMin', 'posMax', 'nav'])
})

/** A listening server with CXGAME, and a socket for each account and for the tape. */
async function streaming(t: Parameters<typeof startStreams>[0]) {
  const server = await startStreams(t, { commands: cashVenue('ANN', 'BOB', 'CAT') })
  const listen = (name: string) =>
    server.connect<ExecutionMessage>(`${name}/venues/CXGAME/executions/stocks/CRYPTO`)
  return {
    ann: await listen('ANN'),
    bob: await listen('BOB'),
    tape: await server.connect<TapeMessage>('X/venues/CXGAME/tickertape'),
    status: (id: number) => server.status(id, 'CXGAME'),
    quote: () => server.quote('CRYPTO', 'CXGAME'),
    run: async (...all: Command[]) => {
      for (const command of all) await run(server.exchange, command)
    },
  }
}

/** What a message says of its order, and of both orders. */
function truth({ order, standingComplete, incomingComplete }: ExecutionMessage) {
  return [order.id, order.open, order.qty, order.budgetLeft, standingComplete, incomingComplete]
}

t.test('executions say of an order that spends money whether it goes on', async (t) => {
  const { ann, bob, run, status } = await streaming(t)
  await run(limit('BOB', 'sell', 100_000, coin / 2), limit('BOB', 'sell', 100_001, coin / 2))

  await run(spend('ANN', 30_000n))
  await run(spend('ANN', 200_000n))
  const [spent, first, second] = await ann.got(3)
  t.strictSame(
    [spent, first, second].map((message) => truth(message as ExecutionMessage)),
    [
      [3, false, 0, '0', false, true],
      [4, true, 0, '180000', true, false],
      [4, true, 0, '130000', true, false],
    ],
  )
  t.strictSame(second?.order, await status(4))

  await run(limit('BOB', 'sell', 100_000, coin), limit('BOB', 'sell', 100_000, coin))
  const [partly, last] = (await ann.got(5)).slice(3)
  t.strictSame(
    [partly, last].map((message) => truth(message as ExecutionMessage)),
    [
      [4, true, 0, '30000', false, true],
      [4, false, 0, '0', true, false],
    ],
  )
  t.match(last, { standingId: 4, incomingId: 6, price: 100_000, filled: 0.3 * coin })
  t.strictSame((await bob.got(5)).slice(3).map(truth), [
    [5, false, 0, undefined, false, true],
    [6, true, 0.7 * coin, undefined, true, false],
  ])
})

t.test('an order whose rest is too little to trade is not open after its last execution', async (t) => {
  const { ann, bob, run, status } = await streaming(t)

  await run(limit('CAT', 'buy', 90_000, coin - 50), sellAtMarket('ANN', coin))
  await run(limit('BOB', 'buy', 80_000, coin), sellAtMarket('ANN', coin - 50))

  t.strictSame((await ann.got(2)).map(truth), [
    [2, false, 0, undefined, true, false],
    [4, false, 0, undefined, false, true],
  ])
  t.strictSame((await bob.got(1)).map(truth), [[3, false, 0, undefined, false, true]])
  t.match(status(2), { open: false, qty: 0, originalQty: coin, totalFilled: coin - 50 })
})

t.test('the tape is told of trades with orders that wait, and not of their waiting', async (t) => {
  const { ann, tape, run, quote } = await streaming(t)
  await run(limit('ANN', 'sell', 100_000, coin))
  await tape.got(1)

  await run(spend('ANN', 50_000n), { type: 'cancel', venue: 'CXGAME', orderId: 2 }, spend('ANN', 50_000n))
  await run(limit('BOB', 'sell', 100_000, coin))

  await ann.got(1)
  const [, message] = await tape.got(2)
  t.strictSame(message?.quote, quote())
  t.match(message?.quote, { last: 100_000, lastSize: coin / 2, askSize: 1.5 * coin })
  t.equal(tape.messages.length, 2)
})
