import t from 'tap'
import { sessionLimits } from '../../src/domain/session.ts'
import { micros, ticks } from '../../src/domain/units.ts'
import { checkEngine } from '../../src/engine/invariants.ts'
import { loadText, savedText, stateHash } from './state-hash.ts'
import { cashVenue, TestVenue, waits } from './test-venue.ts'

const ann = { venue: 'TESTEX', account: 'ann' } as const
const bot = { ...ann, session: 'bot' } as const
const under = { session: 'bot' } as const

function arm(venue: TestVenue, of: typeof ann | typeof bot, grace: number, time?: number): string[] {
  return venue.say({ type: 'arm', ...of, grace: micros(grace) }, time)
}

t.test('what an account has open is canceled when the grace ends, and not before', async (t) => {
  const venue = new TestVenue()
  venue.buy('ann', 10, 100)
  venue.buy('bob', 10, 100)
  const armed = arm(venue, ann, 50, 100)
  venue.sell('ann', 10, 110)

  const lost = venue.say({ type: 'disconnect', ...ann }, 1000)
  const again = venue.say({ type: 'disconnect', ...ann }, 1040)
  const early = venue.say({ type: 'tick' }, 1049)
  const due = venue.say({ type: 'tick' }, 1050)

  t.strictSame(armed, ['session of ann armed'])
  t.strictSame(lost, ['session of ann lost until 1050'])
  t.strictSame(again, lost)
  t.strictSame(early, [])
  t.strictSame(due, [
    'session of ann ended',
    'closed 1: disconnected, 10 canceled',
    'closed 3: disconnected, 10 canceled',
  ])
  t.strictSame([venue.bids, venue.asks], [[[2, 100, 10]], []])
  t.strictSame(venue.say({ type: 'disconnect', ...ann }), ['rejected: unknown_session'])
})

t.test('arming again within the grace keeps the orders, disarming too', async (t) => {
  const venue = new TestVenue()
  arm(venue, ann, 50, 10)
  venue.buy('ann', 10, 100)

  venue.say({ type: 'disconnect', ...ann }, 100)
  arm(venue, ann, 30, 149)
  venue.say({ type: 'tick' }, 10_000)
  venue.say({ type: 'disconnect', ...ann }, 20_000)
  const disarmed = venue.say({ type: 'disarm', ...ann }, 20_029)
  venue.say({ type: 'tick' }, 30_000)

  t.strictSame(disarmed, ['session of ann ended'])
  t.strictSame(venue.bids, [[1, 100, 10]])
  t.equal(venue.engine.nextDue, Number.POSITIVE_INFINITY)
})

t.test('a session with a name covers what is placed under it, wherever that stands by then', async (t) => {
  const venue = new TestVenue({ selfTrade: 'skip', marketRemainder: 'rest' })
  venue.buy('ann', 1, 90, under)
  arm(venue, bot, 0, 10)
  venue.buy('ann', 1, 91)
  venue.buy('ann', 1, 92, under)
  venue.buy('bob', 1, 93, under)
  venue.replace(3, 5, 94)
  venue.sell('cy', 9, 99)
  venue.buy('ann', 12, 0, { ...waits, ...under })

  venue.say({ type: 'disconnect', ...bot }, 100)

  t.strictSame(venue.say({ type: 'tick' }, 100), [
    'session of ann bot ended',
    'closed 3: disconnected, 5 canceled',
    'closed 6: disconnected, 3 canceled',
  ])
  t.strictSame(
    venue.bids.map(([id]) => id),
    [4, 2, 1],
  )
})

t.test("orders of a session that was disarmed are nobody's when its name is armed again", async (t) => {
  const venue = new TestVenue()
  arm(venue, bot, 0)
  venue.buy('ann', 1, 90, under)
  venue.say({ type: 'disarm', ...bot })
  arm(venue, bot, 0)
  venue.buy('ann', 1, 91, under)

  const loaded = loadText(savedText(venue.engine))
  venue.say({ type: 'disconnect', ...bot }, 100)
  venue.say({ type: 'tick' }, 101)

  t.strictSame(venue.bids, [[1, 90, 1]])
  t.equal(loaded.venues.get('TESTEX')?.orders.get(1)?.session, undefined)
  t.equal(loaded.venues.get('TESTEX')?.orders.get(2)?.session?.name, 'bot')
})

t.test('a start of the process is the loss of all: every grace begins then', async (t) => {
  const venue = new TestVenue()
  arm(venue, ann, 50, 10)
  arm(venue, bot, 20, 10)
  venue.buy('ann', 1, 90)
  venue.buy('ann', 1, 91, under)
  venue.say({ type: 'disconnect', ...ann }, 100)
  const engine = loadText(savedText(venue.engine))
  t.equal(stateHash(engine), stateHash(venue.engine))
  t.ok(engine.isArmed)

  // Both graces would have ended long ago.
  const started = venue.say({ type: 'started' }, 1_000_000)
  const first = venue.say({ type: 'tick' }, 1_000_020)
  const second = venue.say({ type: 'tick' }, 1_000_050)

  t.strictSame(started, [])
  t.strictSame(first, ['session of ann bot ended', 'closed 2: disconnected, 1 canceled'])
  t.strictSame(second, ['session of ann ended', 'closed 1: disconnected, 1 canceled'])
})

t.test('a halted venue cancels all the same, a closed one arms nobody, a reset one forgets', async (t) => {
  const venue = new TestVenue()
  arm(venue, ann, 5, 10)
  arm(venue, bot, 5, 10)
  venue.buy('ann', 1, 90)
  venue.say({ type: 'disconnect', ...ann }, 20)
  venue.say({ type: 'set-state', venue: 'TESTEX', state: 'halted' }, 21)
  t.match(venue.say({ type: 'tick' }, 25), ['session of ann ended', /^closed 1: disconnected/])

  venue.say({ type: 'reset-venue', venue: 'TESTEX' })
  t.notOk(venue.engine.isArmed)
  t.strictSame(venue.say({ type: 'disarm', ...bot }), ['rejected: unknown_session'])
  venue.say({ type: 'set-state', venue: 'TESTEX', state: 'closed' })
  t.strictSame(arm(venue, ann, 5), ['rejected: venue_closed'])
  t.strictSame(venue.say({ type: 'arm', ...ann, venue: 'NOPE', grace: micros(1) }), [
    'rejected: unknown_venue',
  ])
})

t.test(
  'an account may have so many sessions, a venue so many, and a grace is no longer than an hour',
  async (t) => {
    const venue = new TestVenue()
    const many = (account: string, n: number) =>
      venue.say({ type: 'arm', venue: 'TESTEX', account, session: `s${n}`, grace: micros(0) })
    for (let n = 0; n < sessionLimits.perAccount; n += 1) many('ann', n)

    t.strictSame(many('ann', 99), ['rejected: too_many_sessions'])
    t.strictSame(many('ann', 0), ['session of ann s0 armed'])
    t.strictSame(arm(venue, ann, sessionLimits.grace + 1), ['rejected: grace_too_long'])
    for (let n = sessionLimits.perAccount; n < sessionLimits.perVenue; n += 1) many(`a${n}`, 0)
    t.strictSame(many('bob', 0), ['rejected: too_many_sessions'])
    venue.say({ type: 'disarm', ...ann, session: 's3' })
    t.match(many('bob', 0), [/armed/])
  },
)

t.test('money is free again, and the price of the venue follows', async (t) => {
  const venue = cashVenue({ reference: { initial: ticks(50), bindsOrders: false } })
  venue.sell('bob', 5, 60)
  venue.buy('ann', 5, 40)
  arm(venue, ann, 0, 100)
  venue.say({ type: 'disconnect', ...ann }, 200)

  const events = venue.say({ type: 'cancel', venue: 'TESTEX', orderId: 2 }, 201)

  t.strictSame(events, [
    'session of ann ended',
    'closed 2: disconnected, 5 canceled',
    'reference 55',
    'ann has 1000 USD, 0 held',
    'rejected: order_closed',
  ])
  t.strictSame(arm(venue, { ...ann, account: 'dee' as 'ann' }, 5), ['rejected: unknown_account'])
  checkEngine(venue.engine)
})
