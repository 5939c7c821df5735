import t from 'tap'
import type { Place } from '../../src/domain/command.ts'
import type { Side } from '../../src/domain/order.ts'
import { lots, micros, ticks } from '../../src/domain/units.ts'
import { createVirtualExchange, type VirtualExchange } from '../../src/virtual-exchange.ts'
import { Driver, type DriverOptions } from '../../traders/driver.ts'
import type { Random } from '../../traders/random.ts'
import {
  type Action,
  after,
  cancel,
  createTrader,
  immediate,
  limit,
  type MarketView,
  market,
  type Trader,
} from '../../traders/step.ts'
import { runVirtual } from '../../traders/virtual-time.ts'
import { WallClock } from '../../traders/wall-clock.ts'
import { listing } from '../support/app.ts'

const start = micros(1_000_000_000)
const at = (seconds: number) => micros(start + seconds * 1_000_000)

/** A trader that is woken each second, and does then what a script says. It keeps what it saw in `seen`. */
function scripted(
  name: string,
  script: (view: MarketView, wake: number, random: Random) => readonly Action[],
  seen: MarketView[] = [],
): Trader {
  return createTrader<{ wake: number }>({
    name,
    account: name.toUpperCase(),
    firstAfter: 0,
    begin: () => ({ wake: 0 }),
    step({ wake }, view, random) {
      seen.push(view)
      return { state: { wake: wake + 1 }, actions: script(view, wake, random), nextAt: after(view.now, 1) }
    },
  })
}

function createDriver(
  traders: readonly Trader[],
  options: Partial<DriverOptions> = {},
): Omit<VirtualExchange, 'run'> & { driver: Driver; run(seconds: number): Promise<void> } {
  const virtual = createVirtualExchange(start)
  for (const command of listing('TESTEX', 'FOOBAR')) virtual.run(command)
  const { exchange, clock } = virtual
  const driver = new Driver({
    exchange,
    venue: 'TESTEX',
    symbol: 'FOOBAR',
    traders,
    seed: 1,
    start,
    ...options,
  })
  return { ...virtual, driver, run: (seconds) => runVirtual([driver], clock, at(seconds)) }
}

t.test(
  'traders are woken in time order, and those of the same moment in the order of the list',
  async (t) => {
    const woken: string[] = []
    const sleeper = (name: string, first: number, pause: number) =>
      createTrader({
        name,
        account: undefined,
        firstAfter: first * 1_000_000,
        begin: () => undefined,
        step(state, { now }) {
          woken.push(`${name}${(now - start) / 1_000_000}`)
          return { state, actions: [], nextAt: after(now, pause) }
        },
      })
    const { run } = createDriver([sleeper('a', 2, 3), sleeper('b', 0, 2), sleeper('c', 0, 100)])

    await run(6)

    t.strictSame(woken, ['b0', 'c0', 'a2', 'b2', 'b4', 'a5', 'b6'])
  },
)

t.test('a view shows the market, the own orders, and what traded since the last wake', async (t) => {
  const making: MarketView[] = []
  const taking: MarketView[] = []
  const maker = scripted(
    'maker',
    (_, wake) => (wake === 0 ? [limit('sell', 101, 10, 7), limit('sell', 103, 5), limit('buy', 99, 4)] : []),
    making,
  )
  const taker = scripted('taker', (_, wake) => (wake === 1 ? [market('buy', 12)] : []), taking)
  const { run } = createDriver([maker, taker])

  await run(2)

  const [first, second, third] = making as [MarketView, MarketView, MarketView]
  t.match(first, { now: start, bid: undefined, ask: undefined, last: undefined, orders: [], fills: [] })
  t.match(taking[0], { bid: { price: 99, quantity: 4 }, ask: { price: 101, quantity: 10 }, orders: [] })
  t.strictSame(
    second.orders.map(({ id, side, price, open, tag }) => [id, side, price, open, tag]),
    [
      [1, 'sell', 101, 10, 7],
      [2, 'sell', 103, 5, 0],
      [3, 'buy', 99, 4, 0],
    ],
  )
  t.strictSame(third.fills, [
    { orderId: 1, side: 'sell', price: ticks(101), quantity: 10, role: 'maker', tag: 7 },
    { orderId: 2, side: 'sell', price: ticks(103), quantity: 2, role: 'maker', tag: 0 },
  ])
  t.strictSame(
    third.orders.map(({ id, open }) => [id, open]),
    [
      [2, 3],
      [3, 4],
    ],
  )
  t.strictSame(
    taking[2]?.fills.map(({ price, quantity, role }) => [price, quantity, role]),
    [
      [101, 10, 'taker'],
      [103, 2, 'taker'],
    ],
  )
  t.strictSame(taking[2]?.orders, [], 'what is left of a market order does not stay')
  t.equal(taking[2]?.last, 103)
  t.strictSame(taking[2]?.levels('sell', 5), [{ price: 103, quantity: 3 }])
})

t.test('many fills of one order at one price are told as one', async (t) => {
  const seen: MarketView[] = []
  const maker = scripted('maker', (_, wake) => (wake === 0 ? [limit('sell', 100, 500)] : []), seen)
  const { run, exchange } = createDriver([maker])
  await run(0)

  for (let i = 0; i < 400; i += 1) {
    await exchange.submit(place({ account: 'PERSON', side: 'buy', price: 100 }), () => undefined)
  }
  await run(1)

  t.strictSame(
    seen[1]?.fills.map(({ quantity }) => quantity),
    [400],
  )
})

t.test('what was not done is told at the next wake', async (t) => {
  const seen: MarketView[] = []
  const actions = [limit('buy', 50, 1), cancel({ id: 99 })]
  const { run } = createDriver([scripted('trader', (_, wake) => (wake === 0 ? actions : []), seen)])

  await run(2)

  t.strictSame(seen[1]?.refusals, [{ action: cancel({ id: 99 }), reason: 'unknown_order' }])
  t.strictSame(seen[2]?.refusals, [])
})

t.test('a trader has no more open orders than it may', async (t) => {
  const seen: MarketView[] = []
  const { run } = createDriver(
    [
      scripted(
        'trader',
        (_, wake) => (wake === 0 ? [1, 2, 3].map((price) => limit('buy', price, 1)) : []),
        seen,
      ),
    ],
    { maxOpenOrders: 2 },
  )

  await run(1)

  t.equal(seen[1]?.orders.length, 2)
  t.match(seen[1]?.refusals, [{ action: { price: 3 }, reason: 'too_many_open_orders' }])
})

t.test('when a second has had its actions, whoever is due is put off to the next', async (t) => {
  const times: number[] = []
  const busy = (name: string) =>
    scripted(name, ({ now }) => {
      times.push((now - start) / 1_000_000)
      return [immediate('buy', 1, 1), immediate('buy', 1, 1)]
    })
  const { run, driver } = createDriver(['a', 'b', 'c', 'd'].map(busy), { actionsPerSecond: 4 })

  await run(1)

  t.strictSame(times, [0, 0, 1, 1])
  t.equal(driver.counts.postponed, 4)
})

t.test('signals of one trader are seen by all from then on', async (t) => {
  const seen: MarketView[] = []
  const told: unknown[] = []
  const value = createTrader<{ value: number }>({
    name: 'value',
    account: undefined,
    firstAfter: 500_000,
    begin: () => ({ value: 100 }),
    step: ({ value }, { now }) => ({
      state: { value: value + 1 },
      actions: [],
      nextAt: after(now, 1),
      signals: { value },
    }),
  })
  const { run } = createDriver([scripted('trader', () => [], seen), value], {
    signaled: (signals, now) => told.push([signals, now]),
  })

  await run(2)

  t.strictSame(
    seen.map(({ signals }) => signals),
    [{}, { value: 100 }, { value: 101 }],
  )
  t.strictSame(told[1], [{ value: 101 }, at(1.5)])
})

t.test('an order of the same account that somebody else placed is not the trader’s', async (t) => {
  const seen: MarketView[] = []
  const { run, exchange } = createDriver([scripted('desk', () => [], seen)])
  await run(0)

  await exchange.submit(place({ account: 'DESK', side: 'buy', price: 90 }), () => undefined)
  await run(1)

  t.strictSame(seen[1]?.orders, [])
})

t.test('a stopped driver has canceled what its traders had open, and nobody is woken', async (t) => {
  const seen: MarketView[] = []
  const { run, driver, exchange } = createDriver([scripted('trader', () => [limit('buy', 50, 1)], seen)])
  await run(3)
  t.equal(driver.openOrders, 4)
  await exchange.submit(place({ account: 'PERSON', side: 'buy', price: 49 }), () => undefined)

  await driver.stop()
  await run(9)

  t.equal(driver.openOrders, 0)
  t.equal(driver.nextAt, Number.POSITIVE_INFINITY)
  t.equal(seen.length, 4)
  t.equal(exchange.venue('TESTEX')?.instrument('FOOBAR')?.bids.orderCount, 1, 'the order of a person stays')
})

t.test('a driver goes on where another was saved', async (t) => {
  const traders = () => [
    scripted('a', ({ orders }, wake, random) =>
      orders.length > 3 ? orders.map(cancel) : [limit('buy', 50 + random.below(9), 1 + wake, wake)],
    ),
    scripted('b', (_, __, random) => [immediate('sell', 50 + random.below(9), 3)]),
  ]
  const whole = createDriver(traders())
  await whole.run(40)

  const parts = createDriver(traders())
  await parts.run(20)
  const saved = JSON.parse(JSON.stringify(parts.driver.save()))
  parts.driver.leave()
  const { exchange, clock } = parts
  const next = new Driver({ exchange, venue: 'TESTEX', symbol: 'FOOBAR', traders: traders(), seed: 1, start })
  next.load(saved)
  await runVirtual([next], clock, at(40))

  t.equal(parts.digest(), whole.digest())
})

t.test('the same seed gives the same run, another seed another', async (t) => {
  const digest = async (seed: number) => {
    const traders = ['a', 'b'].map((name) =>
      scripted(name, (_, __, random) => [limit(random.pick(['buy', 'sell']), 90 + random.below(20), 5)]),
    )
    const { run, digest } = createDriver(traders, { seed })
    await run(50)
    return digest()
  }

  t.equal(await digest(1), await digest(1))
  t.not(await digest(1), await digest(2))
})

t.test('by the wall clock one timer waits for whoever is due first', async (t) => {
  const { wall, timers, clock, seen } = createWall()

  wall.start()
  wall.start()
  t.strictSame(
    timers.splice(0).map(({ ms }) => ms),
    [0],
  )
  clock.now = at(0.25)
  wall.stop()

  wall.start()
  const [timer] = timers.splice(0)
  timer?.task()
  t.strictSame(
    seen.map(({ now }) => now),
    [at(0.25)],
  )
  t.strictSame(
    timers.map(({ ms }) => ms),
    [1000],
  )
})

t.test('traders that are seconds late do not catch up', async (t) => {
  const { wall, timers, clock, seen, driver } = createWall()
  wall.start()

  clock.now = at(30)
  timers.shift()?.task()
  timers.shift()?.task()

  t.strictSame(
    seen.map(({ now }) => now),
    [at(30)],
  )
  t.equal(driver.counts.skips, 1)
})

t.test('traders keep quiet while the exchange is busy', async (t) => {
  let busy = true
  const { wall, timers, seen } = createWall(() => busy)
  wall.start()

  timers.shift()?.task()
  t.equal(seen.length, 0)
  t.strictSame(
    timers.map(({ ms }) => ms),
    [100],
  )
  busy = false
  timers.shift()?.task()
  t.equal(seen.length, 1)
})

function createWall(isBusy = () => false) {
  const seen: MarketView[] = []
  const { driver, clock } = createDriver([scripted('trader', () => [], seen)])
  const timers: { task: () => void; ms: number }[] = []
  const schedule = (task: () => void, ms: number) => {
    timers.push({ task, ms })
    return () => void timers.pop()
  }
  return { wall: new WallClock(driver, { clock, isBusy, schedule }), timers, clock, seen, driver }
}

function place(order: { account: string; side: Side; price: number }): Place {
  return {
    type: 'place',
    venue: 'TESTEX',
    symbol: 'FOOBAR',
    account: order.account,
    side: order.side,
    orderType: 'limit',
    timeInForce: 'gtc',
    price: ticks(order.price),
    quantity: lots(1),
    autoCreate: false,
  }
}
