import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Command, Place } from '../../src/domain/command.ts'
import type { Event } from '../../src/domain/event.ts'
import { rejectReasons } from '../../src/domain/reject.ts'
import { lots, micros, sequence, ticks } from '../../src/domain/units.ts'
import { type Limits, selfTradeRules } from '../../src/domain/venue.ts'
import type { Book, BookSide } from '../../src/engine/book.ts'
import { Engine } from '../../src/engine/engine.ts'
import { checkEngine } from '../../src/engine/invariants.ts'
import type { VenueState } from '../../src/engine/venue-state.ts'
import type { Instrument } from '../../src/projections/instrument.ts'
import { Market, type SavedMarket } from '../../src/projections/market.ts'
import { ModelExchange, type ModelOrder } from '../model/exchange.ts'
import { loadText, savedText, stateHash } from './state-hash.ts'

// `STOCKYARD_TEST_RUNS=100000` looks longer; `STOCKYARD_TEST_SEED=…` looks again at what a failure printed.
const runs = Number(process.env.STOCKYARD_TEST_RUNS ?? 2_000)
const seed = process.env.STOCKYARD_TEST_SEED
t.setTimeout(Math.max(60_000, runs * 30))
const settings = { numRuns: runs, ...(seed === undefined ? {} : { seed: Number(seed) }) }

/** One random step. Those that speak of earlier orders become commands when the step is reached. */
type Step =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'again'; readonly pick: number; readonly quantity: number | undefined }
  | { readonly kind: 'cancel'; readonly venue: string; readonly pick: number; readonly onlyOpen: boolean }

// One book sees most of the orders, so that they meet; the rest are there to be mixed up with it.
const anyVenue = fc.constantFrom('AEX', 'AEX', 'AEX', 'AEX', 'AEX', 'BEX', 'BEX', 'CEX')
const anySymbol = fc.constantFrom('ONE', 'ONE', 'ONE', 'TWO')
const anyAccount = fc.constantFrom('ann', 'bob', 'cy', 'dee')
const anyRules = fc
  .constantFrom(...selfTradeRules)
  .map((selfTrade) => ({ rulesVersion: 1, selfTrade }) as const)
const anyPrice = fc.oneof(
  { weight: 60, arbitrary: fc.nat(7) },
  { weight: 1, arbitrary: fc.constantFrom(Number.MAX_SAFE_INTEGER, 2 ** 32) },
)
const anyQuantity = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: 1, max: 12 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 5, 2 ** 52, 2 ** 31 + 1),
  },
)
const anyTerms = fc.oneof(
  { weight: 6, arbitrary: fc.constant(['limit', 'gtc'] as const) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ['limit', 'ioc'] as const,
      ['limit', 'fok'] as const,
      ['market', 'ioc'] as const,
      ['market', 'fok'] as const,
    ),
  },
)
const anyClientOrderId = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f') },
)

const anyPlace: fc.Arbitrary<Place> = fc
  .tuple(
    fc.record({
      venue: anyVenue,
      symbol: anySymbol,
      account: anyAccount,
      side: fc.constantFrom('buy', 'sell'),
      quantity: anyQuantity.map(lots),
      autoCreate: fc.constantFrom(true, true, true, false),
    }),
    anyTerms,
    anyPrice,
    anyClientOrderId,
  )
  .map(([order, [orderType, timeInForce], price, clientOrderId]) => ({
    type: 'place',
    ...order,
    orderType,
    timeInForce,
    price: ticks(orderType === 'market' ? 0 : price),
    ...(clientOrderId === undefined ? {} : { clientOrderId }),
  }))

/** A limit that is mostly out of the way, and now and then as narrow as it gets. */
function anyLimit(narrow: number): fc.Arbitrary<number> {
  return fc.oneof({ weight: 2, arbitrary: fc.constant(1_000) }, { weight: 1, arbitrary: fc.nat(narrow) })
}

const anyLimits: fc.Arbitrary<Partial<Limits>> = fc.record(
  {
    books: anyLimit(6),
    accounts: anyLimit(4),
    openOrdersPerAccount: anyLimit(5),
    openOrders: anyLimit(10),
    closedOrders: fc.nat(9),
  },
  { requiredKeys: [] },
)

const anySetLimits: fc.Arbitrary<Command> = fc
  .tuple(fc.option(anyVenue, { nil: undefined }), anyLimits)
  .map(([venue, limits]) => ({ type: 'set-limits', limits, ...(venue === undefined ? {} : { venue }) }))

const anyCreateVenue: fc.Arbitrary<Command> = fc.record({
  type: fc.constant('create-venue'),
  venue: anyVenue,
  rules: anyRules,
})

const anyListInstrument: fc.Arbitrary<Command> = fc.record({
  type: fc.constant('list-instrument'),
  venue: anyVenue,
  symbol: anySymbol,
})

function asStep(commands: fc.Arbitrary<Command>): fc.Arbitrary<Step> {
  return commands.map((command) => ({ kind: 'command', command }))
}

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 60, arbitrary: asStep(anyPlace) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('again'),
      pick: fc.nat(),
      quantity: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, anyQuantity),
    }),
  },
  {
    weight: 14,
    arbitrary: fc.record({
      kind: fc.constant('cancel'),
      venue: anyVenue,
      pick: fc.nat(),
      onlyOpen: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: asStep(anySetLimits) },
  { weight: 1, arbitrary: asStep(anyCreateVenue) },
  { weight: 1, arbitrary: asStep(anyListInstrument) },
)

const anyFirstVenue: fc.Arbitrary<Step[]> = fc.oneof(
  {
    weight: 9,
    arbitrary: asStep(anyRules.map((rules): Command => ({ type: 'create-venue', venue: 'AEX', rules }))).map(
      (step) => [step],
    ),
  },
  { weight: 1, arbitrary: fc.constant<Step[]>([]) },
)

/** Most sequences start with a venue of some rule; orders to other venues make them, or are refused. */
const anySteps: fc.Arbitrary<Step[]> = fc
  .tuple(
    anyFirstVenue,
    fc.array(asStep(fc.oneof(anyCreateVenue, anyListInstrument, anySetLimits)), {
      maxLength: 4,
      size: 'max',
    }),
    fc.array(anyStep, { minLength: 1, maxLength: 80, size: 'max' }),
  )
  .map((parts) => parts.flat())

/** Makes a step into a command, by what the model knows so far. */
function toCommand(step: Step, model: ModelExchange, placed: Place[]): Command {
  if (step.kind === 'command') return step.command
  if (step.kind === 'again') {
    const named = placed.filter((order) => order.clientOrderId !== undefined)
    const order = named[step.pick % named.length]
    if (order === undefined) return { type: 'cancel', venue: 'AEX', orderId: 1 }
    return step.quantity === undefined ? order : { ...order, quantity: lots(step.quantity) }
  }
  const orders = model.orders(step.venue)
  const open = orders.filter((order) => order.status === 'open')
  const orderId =
    step.onlyOpen && open.length > 0
      ? (open[step.pick % open.length] as ModelOrder).id
      : step.pick % (orders.length + 2)
  return { type: 'cancel', venue: step.venue, orderId }
}

/** The commands that random steps come to. */
function toCommands(steps: Step[]): Command[] {
  const model = new ModelExchange()
  const placed: Place[] = []
  return steps.map((step) => {
    const command = toCommand(step, model, placed)
    if (command.type === 'place') placed.push(command)
    model.apply(command)
    return command
  })
}

function applyNext(engine: Engine, command: Command): Event[] {
  const next = engine.sequence + 1
  return engine.apply({ sequence: sequence(next), time: micros(next), command })
}

/** The venue that a command may change, or undefined when that is none. */
function venueOf(command: Command): string | undefined {
  return command.type === 'set-limits' ? undefined : command.venue
}

function compareVenue(engine: Engine, model: ModelExchange, venue: string): void {
  const books = engine.venues.get(venue)?.books
  assert.deepEqual([...(books?.keys() ?? [])], model.symbols(venue))
  for (const [symbol, { bids, asks }] of books ?? []) {
    const expected = model.book(venue, symbol)
    assert.deepEqual(ordersOf(bids), expected.bids.map(toResting))
    assert.deepEqual(ordersOf(asks), expected.asks.map(toResting))
    const quote = model.quote(venue, symbol)
    assert.deepEqual(bestOf(bids), quote.bid)
    assert.deepEqual(bestOf(asks), quote.ask)
  }
}

function ordersOf(side: BookSide) {
  return [...side.orders()].map(({ id, account, price, open }) => [id, account.name, price, open])
}

function toResting({ id, account, price, open }: ModelOrder) {
  return [id, account, price, open]
}

function bestOf(side: BookSide) {
  return { price: side.best?.price, size: side.best?.quantity ?? 0, depth: side.depth }
}

/** What the events alone say of each order and book. */
class Ledger {
  readonly orders = new Map<string, { quantity: number; open: number; filled: number; canceled: number }>()
  readonly last = new Map<string, { price: number; quantity: number }>()

  fold(event: Event): void {
    if (event.type === 'order-accepted') {
      const { quantity } = event
      this.orders.set(`${event.venue} ${event.orderId}`, { quantity, open: quantity, filled: 0, canceled: 0 })
    } else if (event.type === 'trade') {
      this.last.set(`${event.venue} ${event.symbol}`, { price: event.price, quantity: event.quantity })
      const open = [event.makerOpen, event.takerOpen]
      for (const id of [event.makerId, event.takerId]) {
        const order = this.order(event.venue, id)
        order.filled += event.quantity
        order.open -= event.quantity
        assert.equal(order.open, open.shift())
      }
    } else if (event.type === 'order-reduced') {
      const order = this.order(event.venue, event.orderId)
      order.canceled += event.canceled
      order.open -= event.canceled
      assert.equal(order.open, event.open)
    } else if (event.type === 'order-closed') {
      const order = this.order(event.venue, event.orderId)
      assert.equal(order.open, event.canceled)
      order.canceled += event.canceled
      order.open = 0
    } else if (event.type === 'order-rested') {
      assert.equal(this.order(event.venue, event.orderId).open, event.open)
    }
  }

  order(venue: string, id: number) {
    const order = this.orders.get(`${venue} ${id}`)
    assert.ok(order, `${venue} has no order ${id}`)
    return order
  }
}

/** Compares what was gathered of each order over a whole sequence: engine, model, and the events by themselves. */
function compareOrders(engine: Engine, model: ModelExchange, ledger: Ledger): void {
  let known = 0
  for (const venue of model.venues()) {
    for (const order of model.orders(venue)) {
      const { id, quantity, open, filled, canceled } = order
      known += 1
      assert.equal(filled + open + canceled, quantity)
      assert.deepEqual(ledger.order(venue, id), { quantity, open, filled, canceled })
      assert.equal(engine.venues.get(venue)?.orders.get(id)?.open ?? 0, open)
    }
    for (const symbol of model.symbols(venue))
      assert.deepEqual(ledger.last.get(`${venue} ${symbol}`), model.quote(venue, symbol).last)
  }
  assert.equal(ledger.orders.size, known)
}

/** Compares what is read of each instrument and order with the model: last trade, scores, fills, why it closed. */
function compareMarket(market: Market<BookSide>, model: ModelExchange): void {
  assert.deepEqual(
    [...market.venues()].map(({ name }) => name),
    model.venues(),
  )
  for (const venue of market.venues()) {
    const orders = model.orders(venue.name)
    assert.equal(venue.lastOrderId, orders.length)
    for (const order of orders) {
      const found = venue.order(order.id)
      // Closed ones may have been let go.
      if (found === undefined) assert.notEqual(order.status, 'open')
      else {
        const { open, filled, closedBy, account } = found
        assert.deepEqual(
          [open, filled, closedBy, account],
          [order.open, order.filled, order.reason, order.account],
        )
        const traded = found.fills.reduce((sum, { quantity }) => sum + quantity, 0)
        assert.equal(traded, filled)
      }
    }
    for (const { symbol, lastTrade, scores } of [...venue.instruments()].map(toReadable)) {
      assert.deepEqual(lastTrade, model.quote(venue.name, symbol).last)
      assert.deepEqual(byAccount(scores), byAccount(model.scores(venue.name, symbol)))
    }
  }
}

function toReadable(instrument: Instrument<BookSide>) {
  const { symbol, lastTrade } = instrument
  return {
    symbol,
    lastTrade: lastTrade && { price: lastTrade.price, quantity: lastTrade.quantity },
    scores: [...instrument.scores()].map(({ account, cash, position, lowest, highest }) => ({
      ...{ account, cents: cash, shares: position, min: lowest, max: highest },
    })),
  }
}

/** Two accounts that first traded with each other came at the same time. */
function byAccount<T extends { readonly account: string }>(scores: T[]): T[] {
  return scores.toSorted((a, b) => (a.account < b.account ? -1 : 1))
}

function marketOf(engine: Engine): Market<BookSide> {
  return new Market(
    (venue, symbol) => engine.venues.get(venue)?.books.get(symbol) as Book,
    (venue) => engine.venues.get(venue) as VenueState,
  )
}

/** What the random runs came across, to be sure that they are not idle. */
const seen = new Map<string, number>()

function note(event: Event): void {
  const name = 'reason' in event ? `${event.type}: ${event.reason}` : event.type
  seen.set(name, (seen.get(name) ?? 0) + 1)
}

t.test('the engine does what the model does, whatever the commands', async () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const engine = new Engine()
      const model = new ModelExchange()
      const market = marketOf(engine)
      const ledger = new Ledger()
      const placed: Place[] = []
      for (const step of steps) {
        const command = toCommand(step, model, placed)
        if (command.type === 'place') placed.push(command)

        const events = applyNext(engine, command)

        assert.deepEqual(events, model.apply(command))
        for (const event of events) {
          ledger.fold(event)
          market.fold(event, micros(engine.sequence))
        }
        events.forEach(note)
        checkEngine(engine)
        const venue = venueOf(command)
        if (venue !== undefined) compareVenue(engine, model, venue)
      }
      assert.deepEqual([...engine.venues.keys()], model.venues())
      for (const venue of model.venues()) compareVenue(engine, model, venue)
      compareOrders(engine, model, ledger)
      compareMarket(market, model)
      const saved = JSON.stringify([...market.save()])
      const loaded = marketOf(engine)
      for (const record of JSON.parse(saved) as SavedMarket[]) loaded.load(record)
      compareMarket(loaded, model)
      assert.equal(JSON.stringify([...loaded.save()]), saved)
    }),
    settings,
  )
})

t.test('the random commands reach every event, refusal and reason to close', async (t) => {
  const wanted = [
    ...['venue-created', 'instrument-listed', 'limits-set', 'order-accepted', 'trade', 'order-rested'],
    ...['order-reduced', 'order-repeated'],
    ...['filled', 'user', 'ioc', 'fok_killed', 'self_trade'].map((reason) => `order-closed: ${reason}`),
    // No command is refused as voided: an operator says so of one that is in the journal.
    ...Object.keys(rejectReasons).flatMap((reason) => (reason === 'voided' ? [] : [`rejected: ${reason}`])),
  ]

  const missing = wanted.filter((name) => !seen.has(name))

  // A handful of sequences need not reach everything.
  if (runs >= 1_000) t.strictSame(missing, [])
  t.comment([...seen].map(([name, count]) => `${count} ${name}`).join(', '))
})

t.test('the same commands give the same events, digest and state, also across a save and load', async () => {
  fc.assert(
    fc.property(anySteps, fc.nat(), (steps, pick) => {
      const commands = toCommands(steps)
      const cut = pick % (commands.length + 1)
      const first = new Engine()
      const events = commands.map((command) => applyNext(first, command))

      const second = new Engine()
      const eventsAgain = commands.map((command) => applyNext(second, command))
      const saved = new Engine()
      const before = commands.slice(0, cut).map((command) => applyNext(saved, command))
      const text = savedText(saved)
      const loaded = loadText(text)
      const textAgain = savedText(loaded)
      checkEngine(loaded)
      const after = commands.slice(cut).map((command) => applyNext(loaded, command))

      assert.deepEqual(eventsAgain, events)
      assert.equal(textAgain, text)
      assert.deepEqual([...before, ...after], events)
      checkEngine(loaded)
      for (const engine of [second, loaded]) {
        assert.equal(engine.digest.value, first.digest.value)
        assert.equal(stateHash(engine), stateHash(first))
      }
    }),
    settings,
  )
})

t.test(
  'the model keeps scores in whole cents and shares, and no order moves them against itself',
  async (t) => {
    const model = new ModelExchange()
    const place = (account: string, side: 'buy' | 'sell', quantity: number, price: number) =>
      model.apply({
        type: 'place',
        venue: 'AEX',
        symbol: 'ONE',
        account,
        side,
        orderType: 'limit',
        timeInForce: 'gtc',
        price: ticks(price),
        quantity: lots(quantity),
        autoCreate: true,
      })

    place('bob', 'sell', 100, 4990)
    place('ann', 'buy', 100, 5000)
    place('cy', 'buy', 100, 10)
    place('ann', 'sell', 100, 10)
    place('dee', 'buy', 5, 7)
    place('dee', 'sell', 5, 7)
    place('eve', 'buy', 1, 1)

    t.strictSame(model.scores('AEX', 'ONE'), [
      { account: 'bob', cents: 499_000n, shares: -100n, min: -100n, max: 0n },
      { account: 'ann', cents: -498_000n, shares: 0n, min: 0n, max: 100n },
      { account: 'cy', cents: -1_000n, shares: 100n, min: 0n, max: 100n },
      { account: 'dee', cents: 0n, shares: 0n, min: 0n, max: 0n },
    ])
    t.strictSame(model.quote('AEX', 'ONE'), {
      bid: { price: 1, size: 1, depth: 1 },
      ask: { price: undefined, size: 0, depth: 0 },
      last: { price: 7, quantity: 5 },
    })
    t.match(model.order('AEX', 2), { open: 0, filled: 100, canceled: 0, status: 'filled', reason: 'filled' })
  },
)
