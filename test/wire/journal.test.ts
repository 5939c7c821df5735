import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Command, Place } from '../../src/domain/command.ts'
import { lots, type Micros, micros, ticks } from '../../src/domain/units.ts'
import { selfTradeRules, unlimited } from '../../src/domain/venue.ts'
import { type OpenData, openData } from '../../src/durable/data-directory.ts'
import { openInlineWriter } from '../../src/log/file-log.ts'
import { nodeFileSystem as files } from '../../src/log/file-system.ts'
import { compressSegments } from '../../src/log/retention.ts'
import { writeSnapshot } from '../../src/log/snapshot.ts'
import type { Fill, Venue } from '../../src/port.ts'
import type { Shard } from '../../src/shard.ts'

const folder = fileURLToPath(new URL('.', import.meta.url))

function open(directory: string, clock: () => Micros): Promise<OpenData> {
  return openData({
    ...{ directory, clock },
    warn: (text) => {
      throw new Error(text)
    },
    openWriter: (journal, end) => openInlineWriter(files)(journal, end, 2500),
  })
}

/** Lets go of a directory without a checkpoint at the end. */
async function leave({ history, log, release }: OpenData): Promise<void> {
  await history.close()
  await log.close()
  await release()
}

/** A fill as it was kept when the first samples were recorded: without its trade. */
function withoutTrade({ price, quantity, time }: Fill) {
  return { price, quantity, time }
}

/** All that can be read of a shard, in plain JSON. */
async function stateOf(shard: Shard): Promise<object> {
  const venues = []
  for (const venue of shard.venues()) venues.push(await venueState(shard, venue))
  const { sequence, limits } = shard.status()
  return { sequence, digest: shard.digest, limits, venues }
}

async function venueState(shard: Shard, venue: Venue): Promise<object> {
  const { name, rules, limits, createdAt, lastOrderId } = venue
  const orders = []
  for (let id = 1; id <= lastOrderId; id += 1) {
    const order = await shard.findOrder(name, id)
    if (order === undefined) throw new Error(`order ${id} of ${name} is not there`)
    const { symbol, account, side, orderType, timeInForce, price, quantity, open, filled, closedBy } = order
    const { time, clientOrderId, fillCount, fills } = order
    orders.push({
      ...{ id, symbol, account, side, orderType, timeInForce, price, quantity, open, filled, closedBy },
      ...{ time, clientOrderId, fillCount, fills: fills.map(withoutTrade) },
    })
  }
  const trades = []
  for (const { symbol } of venue.instruments())
    trades.push([symbol, (await shard.findTrades(name, symbol, { limit: 1e6 })).trades])
  const accountEvents = []
  for (const account of new Set(orders.map(({ account }) => account)))
    accountEvents.push([account, (await shard.findAccountEvents(name, account, { limit: 1e6 })).events])
  const instruments = [...venue.instruments()].map((instrument) => ({
    symbol: instrument.symbol,
    listedAt: instrument.listedAt,
    changedAt: instrument.changedAt,
    lastTrade: instrument.lastTrade && withoutTrade(instrument.lastTrade),
    bids: [...instrument.bids.orders()].map(({ price, open }) => [price, open]),
    asks: [...instrument.asks.orders()].map(({ price, open }) => [price, open]),
    scores: [...instrument.scores()].map(({ account, cash, position, lowest, highest }) =>
      [account, cash, position, lowest, highest].map(String),
    ),
  }))
  const state = { name, rules, limits, createdAt, lastOrderId, orders, trades, accountEvents, instruments }
  return rules.credit === undefined ? state : { ...state, ...moneyOf(venue) }
}

/** Who holds what, amounts as text. */
function moneyOf(venue: Venue): object {
  const { state, closing, openedAt } = venue
  const accounts = [...venue.accounts()].map(({ name, keyHash, isHouse, balances }) => ({
    ...{ name, keyHash, isHouse },
    balances: [...balances].map(([asset, { available, held }]) => [asset, `${available}`, `${held}`]),
  }))
  const references = [...venue.instruments()].map(({ reference, terms }) => ({ reference, terms }))
  return { state, closing, openedAt, accounts, references }
}

const plain = (state: object): unknown => JSON.parse(JSON.stringify(state))

const place = (n: number, changes: Partial<Place> = {}): Place => ({
  type: 'place',
  venue: 'TESTEX',
  symbol: 'FOOBAR',
  account: `A${n % 3}`,
  side: n % 2 === 0 ? 'buy' : 'sell',
  orderType: 'limit',
  timeInForce: 'gtc',
  price: ticks(5000 + (n % 3)),
  quantity: lots(1 + (n % 7)),
  autoCreate: true,
  ...changes,
})

/** Every kind of command, with each outcome it can have. */
function* everything(): Iterable<Command> {
  yield { type: 'set-limits', limits: { closedOrders: unlimited, books: 8 } }
  for (const selfTrade of selfTradeRules) {
    const venue = `RULE_${selfTrade.replace('-', '_')}`.toUpperCase()
    yield { type: 'create-venue', venue, rules: { rulesVersion: 1, selfTrade } }
    yield { type: 'list-instrument', venue, symbol: 'SELF' }
    const own = { venue, symbol: 'SELF', account: 'OWN', autoCreate: false }
    yield place(0, { ...own, side: 'sell', quantity: lots(10) })
    yield place(0, { ...own, side: 'sell', quantity: lots(4), account: 'OTHER' })
    yield place(0, { ...own, side: 'buy', quantity: lots(12) })
    yield place(0, { ...own, side: 'buy', quantity: lots(20), timeInForce: 'fok' })
    yield place(0, { ...own, side: 'sell', quantity: lots(3), timeInForce: 'ioc' })
  }
  for (let n = 0; n < 60; n += 1) {
    yield place(n, {
      symbol: n % 10 === 9 ? 'BARFOO' : 'FOOBAR',
      timeInForce: n % 11 === 10 ? 'ioc' : n % 13 === 12 ? 'fok' : 'gtc',
      ...(n % 4 === 1 && { clientOrderId: `mine-${n}` }),
      ...(n % 9 === 8 && { orderType: 'market', timeInForce: 'ioc', price: ticks(0) }),
    })
    if (n % 6 === 5) yield { type: 'cancel', venue: 'TESTEX', orderId: n }
  }
  // Again under its own id; another order under it; and an id beyond ASCII, with quotes.
  yield place(1, { clientOrderId: 'mine-1' })
  yield place(1, { clientOrderId: 'mine-1', price: ticks(1) })
  yield place(5, { clientOrderId: '"Ünï"\n€ 😀' })
  // Refused by rule.
  yield { type: 'create-venue', venue: 'TESTEX', rules: { rulesVersion: 1, selfTrade: 'allow' } }
  yield { type: 'list-instrument', venue: 'TESTEX', symbol: 'FOOBAR' }
  yield { type: 'list-instrument', venue: 'NOWHERE', symbol: 'FOOBAR' }
  yield { type: 'cancel', venue: 'TESTEX', orderId: 100_000 }
  yield { type: 'cancel', venue: 'NOWHERE', orderId: 1 }
  yield place(0, { symbol: 'UNKNOWN', autoCreate: false })
  yield place(0, { venue: 'NOWHERE', autoCreate: false })
  yield { type: 'list-instrument', venue: 'TESTEX', symbol: 'LAST' }
  yield place(0, { symbol: 'ONETOOMANY' })
  yield { type: 'set-limits', venue: 'TESTEX', limits: { accounts: 3, openOrdersPerAccount: 100 } }
  yield place(0, { account: 'ANOTHER' })
  // The largest numbers there are.
  yield place(0, { symbol: 'LAST', side: 'sell', price: ticks(Number.MAX_SAFE_INTEGER) })
  yield place(0, { symbol: 'LAST', price: ticks(0), quantity: lots(Number.MAX_SAFE_INTEGER) })
  yield place(0, { symbol: 'LAST', price: ticks(0) })
}

/** What came after the first sample: orders that are replaced, connections that are lost, notes, venues that go. */
function* sinceThen(): Iterable<Command> {
  const venue = 'RULE_ALLOW'
  const own = { venue, symbol: 'SELF', account: 'OWN', autoCreate: false, side: 'buy' } as const
  const replace = (price: number, quantity: number) =>
    ({ type: 'replace', venue, orderId: 6, price: ticks(price), quantity: lots(quantity) }) as const
  yield place(0, { ...own, price: ticks(10), quantity: lots(9), clientOrderId: 'later' })
  yield replace(10, 5)
  yield replace(11, 20)
  yield place(0, { ...own, account: 'OTHER', side: 'sell', price: ticks(11), quantity: lots(3) })
  yield replace(12, 21)
  yield replace(12, 3)
  yield replace(12, 30)
  const bot = { venue, account: 'OWN', session: 'bot' } as const
  yield { type: 'arm', ...bot, grace: micros(1) }
  yield place(0, { ...own, price: ticks(9), session: 'bot' })
  yield place(0, { ...own, price: ticks(8), session: 'bot', clientOrderId: 'its' })
  yield place(0, { ...own, price: ticks(7) })
  yield { type: 'disconnect', ...bot }
  yield { type: 'arm', venue, account: 'OTHER', grace: micros(3_600_000_000) }
  yield { type: 'disarm', ...bot }
  yield { type: 'disarm', venue, account: 'OTHER' }
  yield { type: 'note', venue, topic: 'sample', key: 'one', data: { of: ['anything', 1] } }
  yield { type: 'drop-venue', venue: 'RULE_SKIP' }
}

/** What came after the second: venues where accounts hold money, states, time that passes, a start of the process. */
function* money(): Iterable<Command> {
  const venue = 'CASH'
  const rules = { rulesVersion: 1, selfTrade: 'skip', credit: 'cash', marketRemainder: 'rest' } as const
  yield {
    type: 'create-venue',
    venue,
    rules: { ...rules, opening: { USD: '100000', GLD: '500' } },
    state: 'halted',
  }
  yield {
    ...{ type: 'list-instrument', venue, symbol: 'GLD' },
    terms: {
      ...{ base: 'GLD', quote: 'USD', tickSize: '0.01', lotSize: '1', unitsPerLot: 1, worth: [1, 1] },
      ...{
        notionalRounding: 'half-even',
        minQuantity: lots(1),
        fees: { maker: 1_000_000, taker: 2_000_000 },
      },
      reference: { initial: ticks(100), bindsOrders: true },
    },
  }
  yield { type: 'set-state', venue, state: 'open', openFor: micros(3_600_000_000) }
  for (const account of ['ann', 'bob'])
    yield { type: 'open-account', venue, account, keyHash: `of-${account}` }
  yield { type: 'open-account', venue, account: 'house', house: true }
  // More than a number holds exactly.
  yield { type: 'deposit', venue, account: 'ann', asset: 'USD', amount: 2n ** 60n }
  const own = { venue, symbol: 'GLD', account: 'ann', autoCreate: false }
  const sell = { ...own, account: 'bob', side: 'sell' } as const
  const buy = { ...own, side: 'buy' } as const
  yield { type: 'arm', venue, account: 'ann', session: 'bot', grace: micros(1_000_000) }
  yield place(0, { ...buy, price: ticks(99), quantity: lots(20), session: 'bot' })
  yield place(0, { ...sell, price: ticks(101), quantity: lots(50), clientOrderId: 'priced' })
  const market = { orderType: 'market', price: ticks(0) } as const
  yield place(0, { ...buy, ...market, quantity: lots(0), budget: 1234n })
  yield place(0, {
    ...buy,
    ...market,
    quantity: lots(0),
    budget: 9_000_000n,
    clientOrderId: 'spent',
    session: 'bot',
  })
  yield place(0, { ...sell, ...market, quantity: lots(30) })
  yield place(0, { ...sell, price: ticks(1), quantity: lots(1_000_000) })
  yield { type: 'set-state', venue, state: 'halted' }
  yield place(0, { ...buy, price: ticks(98), quantity: lots(1) })
  yield { type: 'set-state', venue, state: 'open' }
  yield { type: 'create-venue', venue: 'AGAIN', rules: { ...rules, opening: { USD: '7' } } }
  yield { type: 'open-account', venue: 'AGAIN', account: 'ann' }
  yield { type: 'reset-venue', venue: 'AGAIN' }
  yield { type: 'open-account', venue: 'AGAIN', account: 'cy', keyHash: 'of-cy' }
}

async function record(directory: string): Promise<void> {
  mkdirSync(directory)
  let now = Date.UTC(2026, 10, 21, 9, 30) * 1000
  const data = await open(directory, () => {
    now += 1_234_567
    return micros(now)
  })
  const { shard, paths, history } = data
  let batch: Command[] = []
  const send = async () => {
    await Promise.all(batch.map((command) => shard.submit(command, () => undefined)))
    batch = []
  }
  const snapshot = async () => {
    await history.flush()
    writeSnapshot(files, paths.snapshots, shard.sequence, shard.save())
  }
  for (const command of [...everything(), ...sinceThen(), ...money()]) {
    batch.push(command)
    if (batch.length > shard.sequence % 5) await send()
    if (shard.sequence % 50 === 0) await snapshot()
  }
  await send()
  await snapshot()
  // As a start does: whoever was connected is gone, and the time of its grace passes.
  await shard.resume()
  await shard.tick()
  await shard.close()
  await data.release()
  compressSegments(files, paths.journal, 50)
  const again = await open(directory, () => micros(now))
  writeFileSync(join(directory, 'expected.json'), `${JSON.stringify(await stateOf(again.shard), null, 2)}\n`)
  await leave(again)
  for (const name of ['history', 'lock']) rmSync(join(directory, name), { recursive: true })
}

const target = process.env.STOCKYARD_RECORD
if (target !== undefined) await record(target)

for (const version of readdirSync(folder).filter((name) => name.startsWith('journal-v'))) {
  for (const from of ['the newest snapshot', 'the journal alone']) {
    t.test(`${version} gives from ${from} what it gave when it was recorded`, async (t) => {
      const directory = join(t.testdir(), version)
      cpSync(join(folder, version), directory, { recursive: true })
      if (from === 'the journal alone') rmSync(join(directory, 'snapshots'), { recursive: true })
      const expected = JSON.parse(readFileSync(join(directory, 'expected.json'), 'utf8'))

      const data = await open(directory, () => micros(1))
      await data.completeHistory()
      await data.history.flush()

      t.strictSame(plain(await stateOf(data.shard)), expected)
      const commands = new Set<string>()
      for await (const batch of data.log.read(1 as never))
        for (const { command } of batch) commands.add(command.type)
      const first = ['cancel', 'checkpoint', 'create-venue', 'list-instrument', 'place', 'set-limits']
      const later = ['arm', 'disarm', 'disconnect', 'drop-venue', 'note', 'replace']
      const cash = ['deposit', 'open-account', 'reset-venue', 'set-state', 'started', 'tick']
      const known: Record<string, string[]> = {
        'journal-v1': first,
        'journal-v2': [...first, ...later],
        'journal-v3': [...first, ...later, ...cash],
      }
      t.strictSame([...commands].toSorted(), known[version]?.toSorted())
      await data.shard.submit(place(1, { clientOrderId: 'mine-1' }), ({ events }) => {
        t.match(events, [{ type: 'order-repeated', orderId: 2 }], 'it goes on')
      })
      await leave(data)
    })
  }
}
