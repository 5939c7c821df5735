import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { JournalEntry, Place } from '../../src/domain/command.ts'
import type { Event } from '../../src/domain/event.ts'
import type { InstrumentTerms } from '../../src/domain/instrument.ts'
import { rejectReasons } from '../../src/domain/reject.ts'
import { lots, type Micros, micros, sequence, ticks } from '../../src/domain/units.ts'
import { type Limits, selfTradeRules, type VenueRules } from '../../src/domain/venue.ts'
import type { Book, BookSide } from '../../src/engine/book.ts'
import { Engine } from '../../src/engine/engine.ts'
import { checkEngine } from '../../src/engine/invariants.ts'
import type { VenueState } from '../../src/engine/venue-state.ts'
import type { Instrument } from '../../src/projections/instrument.ts'
import { Market, type SavedMarket } from '../../src/projections/market.ts'
import { ModelExchange, type ModelOrder, type ModelVenueView } from '../model/exchange.ts'
import { loadText, savedText, stateHash } from './state-hash.ts'

// `STOCKYARD_TEST_RUNS=100000` looks longer; `STOCKYARD_TEST_SEED=…` looks again at what a failure printed.
const runs = Number(process.env.STOCKYARD_TEST_RUNS ?? 2_000)
const seed = process.env.STOCKYARD_TEST_SEED
t.setTimeout(Math.max(300_000, runs * 60))
const settings = { numRuns: runs, ...(seed === undefined ? {} : { seed: Number(seed) }) }

/** One random step. Those that speak of earlier orders become commands when the step is reached. */
type Step =
  | { readonly kind: 'command'; readonly command: JournalEntry }
  | { readonly kind: 'again'; readonly pick: number; readonly quantity: number | undefined }
  | { readonly kind: 'cancel'; readonly venue: string; readonly pick: number; readonly onlyOpen: boolean }
  | {
      readonly kind: 'replace'
      readonly venue: string
      readonly pick: number
      readonly onlyOpen: boolean
      /** Absent: as it is. */
      readonly price: number | undefined
      readonly quantity: number | undefined
    }

/** A step, and how long nothing happened before it. */
interface TimedStep {
  readonly step: Step
  readonly pause: number
}

/** A command at its time. */
interface TimedCommand {
  readonly command: JournalEntry
  readonly time: Micros
}

// One book sees most of the orders, so that they meet; the rest are there to be mixed up with it.
const anyVenue = fc.constantFrom('AEX', 'AEX', 'AEX', 'AEX', 'AEX', 'BEX', 'BEX', 'CEX')
const anySymbol = fc.constantFrom('ONE', 'ONE', 'ONE', 'TWO')
const anyAccount = fc.constantFrom('ann', 'bob', 'cy', 'dee')
const anyOpening = fc.constantFrom<VenueRules['opening']>(
  { USD: '40', GLD: '60' },
  { USD: '40', GLD: '60' },
  { GLD: '9', USD: '1000000' },
  { USD: '0' },
  { USD: `${2n ** 60n}`, GLD: `${2n ** 60n}` },
  undefined,
)
const anyRules: fc.Arbitrary<VenueRules> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .constantFrom(...selfTradeRules)
      .map((selfTrade) => ({ rulesVersion: 1, selfTrade }) as const),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('allow' as const, 'skip' as const)
      .map((selfTrade) => ({ rulesVersion: 1, selfTrade, marketRemainder: 'rest' }) as const),
  },
)
/** Rules of cash venues; one in ten cannot hold together. */
const anyCashRules: fc.Arbitrary<VenueRules> = fc
  .tuple(
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(['skip', 'rest'] as const, ['allow', 'rest'] as const) },
      {
        weight: 4,
        arbitrary: fc.constantFrom(
          ...(['allow', 'skip', 'cancel-taker', 'cancel-maker', 'cancel-both'] as const).map(
            (selfTrade) => [selfTrade, undefined] as const,
          ),
        ),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(['decrement', undefined] as const, ['cancel-maker', 'rest'] as const),
      },
    ),
    anyOpening,
    fc.constantFrom('cash' as const, ...new Array<'cash'>(30).fill('cash'), undefined),
    fc.constantFrom('by-order' as const, undefined, undefined),
    fc.constantFrom(true as const, undefined, undefined),
  )
  .map(([[selfTrade, marketRemainder], opening, credit, accounts, marketNeedsCounterpart]) => ({
    rulesVersion: 1,
    selfTrade,
    ...(credit && { credit }),
    ...(accounts && { accounts }),
    ...(marketRemainder && { marketRemainder }),
    ...(opening && { opening }),
    ...(marketNeedsCounterpart && { marketNeedsCounterpart }),
  }))
const anyRate = fc.constantFrom(0, 1_000_000, 300_000_000, 500_000_000, 999_999_999)
/** Terms in which nearly nothing comes out even; one in thirty cannot be used. */
const anyInstrumentTerms: fc.Arbitrary<InstrumentTerms> = fc
  .record({
    base: fc.constantFrom(...new Array<string>(40).fill('GLD'), 'USD'),
    unitsPerLot: fc.constantFrom(1, 1, 1, 3, 10),
    worth: fc.constantFrom<InstrumentTerms['worth']>(
      ...([
        [1, 1],
        [1, 7],
        [1, 10],
        [1, 2],
        [3, 2],
        [5, 4],
        [2, 1],
      ] as const),
      ...([
        [1, 7],
        [1, 10],
        [1, 2],
        [1, 100],
      ] as const),
      [1, Number.MAX_SAFE_INTEGER],
    ),
    notionalRounding: fc.constantFrom('half-even' as const, 'down' as const),
    minQuantity: fc.constantFrom(...new Array<number>(20).fill(1), 2, 2, 2, 2, 3, 3, 3, 0).map(lots),
    fees: fc.option(
      fc.oneof(
        fc.record({ buy: anyRate, sell: anyRate }),
        fc.record({ maker: anyRate, taker: anyRate }),
        fc.constantFrom({ buy: 0, sell: 0 }, { maker: 0, taker: 1_000_000_000 }),
      ),
      { nil: undefined, freq: 2 },
    ),
    reference: fc.option(
      fc.record({ initial: fc.integer({ min: 0, max: 8 }).map(ticks), bindsOrders: fc.boolean() }),
      { nil: undefined },
    ),
    minValue: fc.constantFrom(...new Array<undefined>(20).fill(undefined), 1, 2, 2, 3, 5, 12, 0),
  })
  .map(({ fees, reference, minValue, ...terms }) => ({
    ...{ ...terms, quote: 'USD', tickSize: '1', lotSize: '1' },
    ...(fees && { fees }),
    ...(reference && { reference }),
    ...(minValue !== undefined && { minValue }),
  }))
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
  { weight: 1, arbitrary: fc.constant(['market', 'gtc'] as const) },
)
const anyBudget = fc.oneof(
  { weight: 12, arbitrary: fc.bigInt({ min: 1n, max: 40n }) },
  { weight: 1, arbitrary: fc.constantFrom(0n, 2n ** 58n) },
)
const anyClientOrderId = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f') },
)

/** The name of a session; without one it is about all orders of the account. */
const anySession = fc.constantFrom(undefined, undefined, 'x', 'y')

const anyOrder: fc.Arbitrary<Place> = fc
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
    anySession,
  )
  .map(([order, [orderType, timeInForce], price, clientOrderId, session]) => ({
    type: 'place',
    ...order,
    orderType,
    timeInForce,
    price: ticks(orderType === 'market' ? 0 : price),
    ...(clientOrderId === undefined ? {} : { clientOrderId }),
    ...(session !== undefined && { session }),
  }))

/** An order by money, which mostly is one to buy at any price. */
const anyBudgetOrder: fc.Arbitrary<Place> = fc
  .tuple(
    anyOrder,
    anyBudget,
    fc.constantFrom('gtc' as const, 'gtc' as const, 'gtc' as const, 'ioc' as const, 'fok' as const),
    fc.nat(40),
  )
  .map(([order, budget, timeInForce, odd]) => {
    const terms = { ...order, quantity: lots(0), budget }
    if (odd === 0) return terms
    return { ...terms, side: 'buy', orderType: 'market', timeInForce, price: ticks(0) }
  })

const anyPlace: fc.Arbitrary<Place> = fc.oneof(
  { weight: 20, arbitrary: anyOrder },
  { weight: 1, arbitrary: anyBudgetOrder },
)

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

const anySetLimits: fc.Arbitrary<JournalEntry> = fc
  .tuple(fc.option(anyVenue, { nil: undefined }), anyLimits)
  .map(([venue, limits]) => ({ type: 'set-limits', limits, ...(venue === undefined ? {} : { venue }) }))

const anyState = fc.constantFrom('open' as const, ...(['open', 'open', 'open', 'halted', 'closed'] as const))

const anyCreateVenue: fc.Arbitrary<JournalEntry> = fc
  .tuple(anyVenue, fc.oneof(anyRules, anyCashRules), fc.option(anyState, { nil: undefined, freq: 3 }))
  .map(([venue, rules, state]) => ({ type: 'create-venue', venue, rules, ...(state && { state }) }))

const anyListInstrument: fc.Arbitrary<JournalEntry> = fc
  .tuple(anyVenue, anySymbol, fc.option(anyInstrumentTerms, { nil: undefined }))
  .map(([venue, symbol, terms]) => ({ type: 'list-instrument', venue, symbol, ...(terms && { terms }) }))

const anyOpenAccount: fc.Arbitrary<JournalEntry> = fc
  .tuple(anyVenue, anyAccount, fc.option(fc.constant('5e884898'), { nil: undefined }))
  .map(([venue, account, keyHash]) => ({ type: 'open-account', venue, account, ...(keyHash && { keyHash }) }))

const anyDeposit: fc.Arbitrary<JournalEntry> = fc.record({
  type: fc.constant('deposit'),
  venue: anyVenue,
  account: anyAccount,
  asset: fc.constantFrom('USD', 'USD', 'USD', 'GLD', 'GLD', 'GLD', 'EUR'),
  amount: fc.oneof(
    { weight: 9, arbitrary: fc.bigInt({ min: 1n, max: 50n }) },
    { weight: 1, arbitrary: fc.constantFrom(0n, 2n ** 64n) },
  ),
})

const anySetState: fc.Arbitrary<JournalEntry> = fc
  .tuple(anyVenue, anyState, fc.option(fc.nat(60), { nil: undefined }))
  .map(([venue, state, openFor]) => ({
    ...{ type: 'set-state', venue, state },
    ...(openFor !== undefined && { openFor: micros(openFor) }),
  }))

/** Mostly a grace that ends soon; now and then one that is too long, or none. */
const anyGrace = fc.oneof(
  { weight: 12, arbitrary: fc.nat(30) },
  { weight: 1, arbitrary: fc.constantFrom(0, 3_600_000_000, 3_600_000_001) },
)
const anyWaiter = fc.tuple(anyVenue, anyAccount, anySession).map(([venue, account, session]) => ({
  ...{ venue, account },
  ...(session !== undefined && { session }),
}))
const anySessionCommand: fc.Arbitrary<JournalEntry> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(anyWaiter, anyGrace)
      .map(([of, grace]) => ({ type: 'arm' as const, ...of, grace: micros(grace) })),
  },
  { weight: 3, arbitrary: anyWaiter.map((of) => ({ type: 'disconnect' as const, ...of })) },
  { weight: 1, arbitrary: anyWaiter.map((of) => ({ type: 'disarm' as const, ...of })) },
)
/** One account with more sessions than it may have. */
const manySessions: Step[] = Array.from({ length: 17 }, (_, n) => ({
  kind: 'command',
  command: { type: 'arm', venue: 'AEX', account: 'ann', session: `s${n}`, grace: micros(n) },
}))

const anyReset: fc.Arbitrary<JournalEntry> = fc.record({ type: fc.constant('reset-venue'), venue: anyVenue })

/** Most of the trading is on the first venue: it had better stay. */
const anyDrop: fc.Arbitrary<JournalEntry> = fc.record({
  type: fc.constant('drop-venue'),
  venue: fc.constantFrom(...['BEX', 'BEX', 'BEX', 'CEX', 'CEX', 'CEX', 'CEX', 'AEX']),
})

const anyNote: fc.Arbitrary<JournalEntry> = fc
  .tuple(
    fc.option(anyVenue, { nil: undefined }),
    fc.record({
      topic: fc.constantFrom('t', 'u'),
      key: fc.constantFrom('', 'k'),
      data: fc.oneof(
        { weight: 5, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
        // With topic, key and quotes the first is as long as it may be.
        {
          weight: 1,
          arbitrary: fc.constantFrom(...[65_524, 65_525, 70_000].map((length) => 'x'.repeat(length))),
        },
      ),
    }),
  )
  .map(([venue, note]) => ({ type: 'note', ...(venue !== undefined && { venue }), ...note }) as JournalEntry)

function asStep(commands: fc.Arbitrary<JournalEntry>): fc.Arbitrary<Step> {
  return commands.map((command) => ({ kind: 'command', command }))
}

function anyReplace(venue: fc.Arbitrary<string>): fc.Arbitrary<Step> {
  return fc.record({
    ...{ kind: fc.constant('replace'), venue, pick: fc.nat() },
    onlyOpen: fc.constantFrom(true, true, true, false),
    price: fc.option(anyPrice, { nil: undefined, freq: 2 }),
    quantity: fc.option(fc.oneof({ weight: 30, arbitrary: fc.nat(14) }, anyQuantity), { nil: undefined }),
  })
}

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 120, arbitrary: asStep(anyPlace) },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('again'),
      pick: fc.nat(),
      quantity: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, anyQuantity),
    }),
  },
  {
    weight: 28,
    arbitrary: fc.record({
      kind: fc.constant('cancel'),
      venue: anyVenue,
      pick: fc.nat(),
      onlyOpen: fc.boolean(),
    }),
  },
  { weight: 28, arbitrary: anyReplace(anyVenue) },
  { weight: 2, arbitrary: asStep(anySetLimits) },
  { weight: 2, arbitrary: asStep(anyCreateVenue) },
  { weight: 2, arbitrary: asStep(anyListInstrument) },
  { weight: 3, arbitrary: asStep(anyOpenAccount) },
  { weight: 6, arbitrary: asStep(anyDeposit) },
  { weight: 1, arbitrary: asStep(anySetState) },
  { weight: 1, arbitrary: asStep(anyReset) },
  { weight: 14, arbitrary: asStep(anySessionCommand) },
  { weight: 1, arbitrary: asStep(anyDrop) },
  { weight: 1, arbitrary: asStep(anyNote) },
  { weight: 1, arbitrary: asStep(fc.constantFrom({ type: 'tick' }, { type: 'started' })) },
)

function first(rules: fc.Arbitrary<VenueRules>): fc.Arbitrary<Step> {
  return asStep(rules.map((rules) => ({ type: 'create-venue', venue: 'AEX', rules })))
}

/** A cash venue with an instrument, and everybody on it but one. */
const anyFirstCashVenue: fc.Arbitrary<Step[]> = fc.tuple(
  first(anyCashRules),
  asStep(
    anyInstrumentTerms.map((terms) => ({ type: 'list-instrument', venue: 'AEX', symbol: 'ONE', terms })),
  ),
  ...['ann', 'bob', 'cy'].map((account) =>
    asStep(fc.constant<JournalEntry>({ type: 'open-account', venue: 'AEX', account })),
  ),
)

const anyFirstVenue: fc.Arbitrary<Step[]> = fc.oneof(
  { weight: 3, arbitrary: anyFirstCashVenue },
  { weight: 12, arbitrary: first(anyRules).map((step) => [step]) },
  { weight: 1, arbitrary: fc.constant<Step[]>([]) },
)

/** Mostly a moment; now and then long enough for a timer to be due. */
const anyPause = fc.oneof({ weight: 12, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.nat(40) })

function timed(steps: fc.Arbitrary<Step>): fc.Arbitrary<TimedStep> {
  return fc.record({ step: steps, pause: anyPause })
}

/** Most sequences start with a venue of some rule; orders to other venues make them, or are refused. */
const anySteps: fc.Arbitrary<TimedStep[]> = fc
  .tuple(
    anyFirstVenue.map((steps) => steps.map((step) => ({ step, pause: 1 }))),
    fc.array(timed(asStep(fc.oneof(anyCreateVenue, anyListInstrument, anySetLimits, anyDeposit))), {
      maxLength: 4,
      size: 'max',
    }),
    fc
      .constantFrom(...new Array<Step[]>(20).fill([]), manySessions)
      .map((steps) => steps.map((step) => ({ step, pause: 0 }))),
    fc.array(timed(anyStep), { minLength: 1, maxLength: 80, size: 'max' }),
  )
  .map((parts) => parts.flat())

/** An order to the book of a cash venue, by somebody who is known there. */
const anyCashOrder: fc.Arbitrary<Place> = fc
  .tuple(
    fc.oneof({ weight: 5, arbitrary: anyOrder }, { weight: 2, arbitrary: anyBudgetOrder }),
    fc.constantFrom('ann', 'bob', 'cy'),
    fc.oneof(
      { weight: 30, arbitrary: fc.integer({ min: 1, max: 8 }) },
      { weight: 1, arbitrary: anyQuantity },
    ),
    fc.nat(9),
  )
  .map(([order, account, quantity, pick]) => {
    const known = { ...order, venue: 'AEX', symbol: 'ONE', account }
    if (order.budget !== undefined) return known
    // Market orders that may wait are sells: to buy they need a budget.
    const waits = order.orderType === 'market' && pick < 6
    return { ...known, quantity: lots(quantity), ...(waits && { side: 'sell', timeInForce: 'gtc' }) }
  })

const onCash = <T extends JournalEntry>(commands: fc.Arbitrary<T>) =>
  asStep(commands.map((command) => ({ ...command, venue: 'AEX' })))

const anyCashStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 200, arbitrary: asStep(anyCashOrder) },
  {
    weight: 30,
    arbitrary: fc.record({
      kind: fc.constant('cancel'),
      venue: fc.constant('AEX'),
      pick: fc.nat(),
      onlyOpen: fc.constantFrom(true, true, true, false),
    }),
  },
  { weight: 30, arbitrary: anyReplace(fc.constant('AEX')) },
  { weight: 14, arbitrary: onCash(anySessionCommand) },
  { weight: 20, arbitrary: onCash(anyDeposit) },
  { weight: 3, arbitrary: asStep(anySetLimits) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('again'), pick: fc.nat(), quantity: fc.constant(undefined) }),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...(['open', 'open', 'open', 'open', 'halted'] as const)),
        fc.option(fc.nat(90), { nil: undefined }),
      )
      .map(([state, openFor]): Step => {
        const time = openFor === undefined ? {} : { openFor: micros(openFor) }
        return { kind: 'command', command: { type: 'set-state', venue: 'AEX', state, ...time } }
      }),
  },
  { weight: 2, arbitrary: asStep(fc.constantFrom({ type: 'tick' }, { type: 'started' })) },
)

/** What is done anew after a reset: the venue opens, and so do accounts. */
const anyNewGame: fc.Arbitrary<Step[]> = fc.constantFrom<Step[]>(
  [],
  (['AEX'] as const).flatMap((venue) => [
    { kind: 'command', command: { type: 'reset-venue', venue } },
    { kind: 'command', command: { type: 'set-state', venue, state: 'open', openFor: micros(70) } },
    ...['bob', 'ann', 'cy'].map((account): Step => {
      return { kind: 'command', command: { type: 'open-account', venue, account, keyHash: account } }
    }),
  ]),
)

/** Sequences on one cash venue, where nearly everything has to do with money. */
const anyCashSteps: fc.Arbitrary<TimedStep[]> = fc
  .tuple(
    anyFirstCashVenue.map((steps) => steps.map((step) => ({ step, pause: 1 }))),
    fc.array(timed(anyCashStep), { minLength: 1, maxLength: 60, size: 'max' }),
    anyNewGame.map((steps) => steps.map((step) => ({ step, pause: 1 }))),
    fc.array(timed(anyCashStep), { maxLength: 40, size: 'max' }),
  )
  .map((parts) => parts.flat())

/** Makes a step into a command, by what the model knows so far. */
function toCommand(step: Step, model: ModelExchange, placed: Place[]): JournalEntry {
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
  if (step.kind === 'cancel') return { type: 'cancel', venue: step.venue, orderId }
  const { price = 0, quantity = 1 } = orders[orderId - 1] ?? {}
  return {
    ...{ type: 'replace', venue: step.venue, orderId },
    ...{ price: ticks(step.price ?? price), quantity: lots(step.quantity ?? quantity) },
  }
}

/** The commands that random steps come to. */
function toCommands(steps: TimedStep[]): TimedCommand[] {
  const model = new ModelExchange()
  const placed: Place[] = []
  let time = 0
  return steps.map(({ step, pause }) => {
    const command = toCommand(step, model, placed)
    time += pause
    if (command.type === 'place') placed.push(command)
    model.apply(command, time)
    return { command, time: micros(time) }
  })
}

function applyNext(engine: Engine, { command, time }: TimedCommand): Event[] {
  return engine.apply({ sequence: sequence(engine.sequence + 1), time, command })
}

/** The venue that a command may change, or undefined when that is none. */
function venueOf(command: JournalEntry): string | undefined {
  return 'venue' in command && command.type !== 'set-limits' ? command.venue : undefined
}

function compareVenue(engine: Engine, model: ModelExchange, venue: string): void {
  const books = engine.venues.get(venue)?.books
  assert.deepEqual([...(books?.keys() ?? [])], model.symbols(venue))
  compareMoney(engine.venues.get(venue), model.venue(venue))
  for (const [symbol, { bids, asks, waiting }] of books ?? []) {
    const waits = model.waiting(venue, symbol)
    for (const side of ['buy', 'sell'] as const) assert.deepEqual(idsOf(waiting[side]), idsOf(waits[side]))
    const expected = model.book(venue, symbol)
    assert.deepEqual(ordersOf(bids), expected.bids.map(toResting))
    assert.deepEqual(ordersOf(asks), expected.asks.map(toResting))
    const quote = model.quote(venue, symbol)
    assert.deepEqual(bestOf(bids), quote.bid)
    assert.deepEqual(bestOf(asks), quote.ask)
  }
}

function idsOf(orders: Iterable<{ readonly id: number }>) {
  return [...orders].map(({ id }) => id)
}

/** Compares a venue beside its books: state, timer, the venue's own prices, and who has what. */
function compareMoney(venue: VenueState | undefined, expected: ModelVenueView | undefined): void {
  assert.equal(venue === undefined, expected === undefined)
  if (venue === undefined || expected === undefined) return
  assert.deepEqual([venue.state, venue.closing], [expected.state, expected.closing])
  assert.deepEqual(
    [...venue.books.values()].map(({ reference }) => reference),
    expected.references,
  )
  const balances = [...venue.accounts.values()].flatMap((account) =>
    [...account.balances.values()].map(({ asset, available, held }) => {
      return `${account.name}: ${available} ${asset}, ${held} held`
    }),
  )
  assert.deepEqual(
    balances.toSorted(),
    expected.balances
      .map(({ account, asset, available, held }) => `${account}: ${available} ${asset}, ${held} held`)
      .toSorted(),
  )
  const taken = Object.entries(expected.fees).filter(([, fee]) => fee > 0n)
  assert.deepEqual([...venue.ledger.fees].toSorted(), taken.toSorted())
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
        // With a budget nobody knows what is open.
        if (order.quantity > 0) order.open -= event.quantity
        assert.equal(order.open, open.shift())
      }
    } else if (event.type === 'order-reduced') {
      const order = this.order(event.venue, event.orderId)
      order.canceled += event.canceled
      order.open -= event.canceled
      assert.equal(order.open, event.open)
    } else if (event.type === 'order-replaced') {
      const order = this.order(event.venue, event.orderId)
      const { quantity, open } = event
      assert.equal(open + order.filled, quantity)
      Object.assign(order, { quantity, open, canceled: 0 })
    } else if (event.type === 'order-closed') {
      const order = this.order(event.venue, event.orderId)
      assert.equal(order.open, event.canceled)
      order.canceled += event.canceled
      order.open = 0
    } else if (event.type === 'venue-reset') {
      for (const key of this.last.keys()) if (key.startsWith(`${event.venue} `)) this.last.delete(key)
    } else if (event.type === 'venue-dropped') {
      for (const all of [this.last, this.orders])
        for (const key of all.keys()) if (key.startsWith(`${event.venue} `)) all.delete(key)
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
      if (order.budget === undefined) assert.equal(filled + open + canceled, quantity)
      assert.deepEqual(ledger.order(venue, id), { quantity, open, filled, canceled })
      const found = engine.venues.get(venue)?.orders.get(id)
      if (order.budget === undefined) assert.equal(found?.open ?? 0, open)
      assert.equal(BigInt(found?.hold ?? 0), order.held)
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
        const { open, filled, closedBy, account, price, quantity, original = found } = found
        assert.deepEqual(
          [open, filled, closedBy, account, price, quantity],
          [order.open, order.filled, order.reason, order.account, order.price, order.quantity],
        )
        assert.deepEqual({ price: original.price, quantity: original.quantity }, order.original)
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
  const how =
    'reason' in event ? event.reason : 'requeued' in event && event.requeued ? 'requeued' : undefined
  const name = how === undefined ? event.type : `${event.type}: ${how}`
  seen.set(name, (seen.get(name) ?? 0) + 1)
}

/** Does what random steps say to the engine and to the model, and throws where the two differ. */
function behaveAlike(steps: TimedStep[]): void {
  const engine = new Engine()
  const model = new ModelExchange()
  const market = marketOf(engine)
  const ledger = new Ledger()
  const placed: Place[] = []
  let time = 0
  for (const { step, pause } of steps) {
    const command = toCommand(step, model, placed)
    time += pause
    if (command.type === 'place') placed.push(command)

    const events = applyNext(engine, { command, time: micros(time) })

    assert.deepEqual(events, model.apply(command, time))
    for (const event of events) {
      ledger.fold(event)
      market.fold(event, micros(engine.sequence))
    }
    events.forEach(note)
    checkEngine(engine)
    const venue = venueOf(command)
    if (venue !== undefined) compareVenue(engine, model, venue)
    else for (const name of model.venues()) compareVenue(engine, model, name)
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
}

t.test('the engine does what the model does, whatever the commands', async () => {
  fc.assert(fc.property(anySteps, behaveAlike), settings)
})

t.test('the same on cash venues, where hardly anything comes out even', async () => {
  fc.assert(fc.property(anyCashSteps, behaveAlike), { ...settings, numRuns: Math.ceil(runs / 2) })
})

/** An operator declares a command in the journal void; one for an account of the house never gets there. */
const givenElsewhere: ReadonlySet<string> = new Set(['voided', 'house_account'])

t.test('the random commands reach every event, refusal and reason to close', async (t) => {
  const wanted = [
    ...['venue-created', 'instrument-listed', 'limits-set', 'order-accepted', 'trade', 'order-rested'],
    ...['order-reduced', 'order-repeated', 'order-waiting', 'state-set', 'venue-reset', 'account-opened'],
    ...[
      'balance-changed',
      'reference-changed',
      'order-replaced',
      'order-replaced: requeued',
      'session-changed',
    ],
    ...['venue-dropped', 'noted'],
    ...['filled', 'user', 'ioc', 'fok_killed', 'self_trade', 'remainder', 'venue_closed', 'disconnected'].map(
      (reason) => `order-closed: ${reason}`,
    ),
    ...Object.keys(rejectReasons)
      .filter((reason) => !givenElsewhere.has(reason))
      .map((reason) => `rejected: ${reason}`),
  ]

  const missing = wanted.filter((name) => !seen.has(name))

  // A handful of sequences need not reach everything.
  if (runs >= 1_000) t.strictSame(missing, [])
  t.comment([...seen].map(([name, count]) => `${count} ${name}`).join(', '))
})

t.test('the same commands give the same events, digest and state, also across a save and load', async () => {
  fc.assert(
    fc.property(fc.oneof(anySteps, anyCashSteps), fc.nat(), (steps, pick) => {
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
