import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import t, { type Test } from 'tap'
import type { Command, Place } from '../../src/domain/command.ts'
import { noteLimit } from '../../src/domain/note.ts'
import { lots, micros, ticks } from '../../src/domain/units.ts'
import { unlimited } from '../../src/domain/venue.ts'
import { type OpenData, openData } from '../../src/durable/data-directory.ts'
import { openInlineWriter } from '../../src/log/file-log.ts'
import { nodeFileSystem as files } from '../../src/log/file-system.ts'
import { writeSnapshot } from '../../src/log/snapshot.ts'
import { Notes, topicSize } from '../../src/projections/notes.ts'
import { createVirtualExchange } from '../../src/virtual-exchange.ts'
import { createTestAccounts, createTestApp, listing } from '../support/app.ts'
import { createClient, newOrder } from '../support/client.ts'
import { FeedClient } from '../support/feed.ts'
import { startStreams } from '../support/streams.ts'

t.setTimeout(120_000)

const order = (venue: string, changes: Partial<Place> = {}): Place => ({
  ...{ type: 'place', venue, symbol: 'ABC', account: 'ann', side: 'sell', orderType: 'limit' },
  ...{ timeInForce: 'gtc', price: ticks(10), quantity: lots(5), autoCreate: false },
  ...changes,
})

/** A data directory that is read again from its files alone. */
async function open(t: Test, directory: string): Promise<OpenData> {
  const data = await openData({
    directory,
    clock: () => micros(1_000_000),
    warn: (text) => {
      throw new Error(text)
    },
    openWriter: openInlineWriter(files),
  })
  t.teardown(async () => {
    if (data.shard.isOpen) await close(data)
  })
  return data
}

async function close({ shard, release }: OpenData): Promise<void> {
  await shard.close()
  await release()
}

async function run({ shard }: OpenData, ...commands: Command[]): Promise<string[]> {
  const outcomes = commands.map((command) =>
    shard.submit(command, ({ events }) =>
      events.map((event) => ('reason' in event ? event.reason : event.type)),
    ),
  )
  return (await Promise.all(outcomes)).flat()
}

t.test(
  'a dropped venue is gone from the state, the files and every later start; its name is not given again',
  async (t) => {
    const directory = t.testdir()
    const first = await open(t, directory)
    const trade = [order('GONE'), order('GONE', { account: 'bob', side: 'buy', quantity: lots(3) })]
    await run(first, { type: 'set-limits', limits: { closedOrders: unlimited } }, ...listing('GONE', 'ABC'))
    await run(first, ...listing('STAYS', 'ABC'), ...trade, order('STAYS'), {
      type: 'cancel',
      venue: 'STAYS',
      orderId: 1,
    })
    await first.history.flush()

    t.strictSame(await run(first, { type: 'drop-venue', venue: 'GONE' }), ['venue_closed', 'venue-dropped'])
    await first.history.flush()
    t.strictSame(await run(first, { type: 'drop-venue', venue: 'GONE' }), ['unknown_venue'])
    t.strictSame(await run(first, order('GONE', { autoCreate: true }), ...listing('GONE')), [
      ...['venue_dropped', 'venue_dropped'],
    ])
    t.equal(first.shard.venue('GONE'), undefined)
    t.equal(await first.shard.findOrder('GONE', 1), undefined)
    writeSnapshot(files, first.paths.snapshots, first.shard.sequence, first.shard.save())
    await close(first)

    const stored = new ClassicLevel(join(directory, 'history'))
    const keys = await stored.keys().all()
    await stored.close()
    t.strictSame(
      keys.filter((key) => key.includes('GONE')),
      [],
    )
    t.ok(keys.some((key) => key.includes('STAYS')))
    for (const from of ['the snapshot', 'the journal']) {
      if (from === 'the journal') rmSync(join(directory, 'snapshots'), { recursive: true })
      const again = await open(t, directory)
      t.equal(again.shard.venue('GONE'), undefined, from)
      t.strictSame(await run(again, order('GONE', { autoCreate: true })), ['venue_dropped'], from)
      t.match(await again.shard.findOrder('STAYS', 1), { closedBy: 'user' }, from)
      await close(again)
    }
  },
)

t.test('no command that comes through a door acts for an account of the house', async (t) => {
  const { exchange, run } = createVirtualExchange(micros(1))
  const of = { venue: 'AEX', account: 'HOUSE' } as const
  for (const command of listing('AEX', 'ABC')) run(command)
  run({ type: 'open-account', ...of, house: true })
  const place = { ...order('AEX'), account: 'HOUSE' }
  await exchange.forHouse.submit(place, () => {})
  const [before] = exchange.status()
  const commands: Command[] = [
    place,
    { type: 'cancel', venue: 'AEX', orderId: 1 },
    { type: 'replace', venue: 'AEX', orderId: 1, price: place.price, quantity: place.quantity },
    { type: 'arm', ...of, grace: micros(0) },
    { type: 'disarm', ...of },
    { type: 'disconnect', ...of },
  ]

  for (const command of commands) t.throws(() => run(command), /house_account/, command.type)

  t.strictSame(exchange.status(), [before], 'and none of them is in the journal')
  t.ok(exchange.venue('AEX')?.order(1)?.open)
})

t.test('a dropped venue gives its room for books back', async (t) => {
  const { run } = createVirtualExchange(micros(1))
  run({ type: 'set-limits', limits: { books: 1 } })
  for (let i = 0; i < 50; i += 1) {
    for (const command of listing(`V${i}`, 'ABC')) run(command)
    t.throws(() => run({ type: 'list-instrument', venue: `V${i}`, symbol: 'DEF' }), /too_many_books/)
    run(order(`V${i}`))
    run({ type: 'drop-venue', venue: `V${i}` })
  }
})

t.test(
  'notes are read back after a start, from the snapshot or the journal, the newest under each key',
  async (t) => {
    const directory = t.testdir()
    const first = await open(t, directory)
    const note = { type: 'note', topic: 'days' } as const
    await run(first, ...listing('AEX', 'ABC'))
    await run(
      first,
      { ...note, venue: 'AEX', key: '', data: { day: 1 } },
      { ...note, venue: 'AEX', key: '', data: { day: 2, list: [1, 'two', null, true] } },
      { ...note, key: 'a', data: 1 },
      { ...note, key: 'b', data: 2 },
    )
    t.strictSame(await run(first, { ...note, key: 'a', data: 3 }), ['noted'])
    t.strictSame(await run(first, { ...note, venue: 'NONE', key: '', data: 0 }), ['unknown_venue'])
    const tooLong = 'x'.repeat(noteLimit)
    t.strictSame(await run(first, { ...note, key: 'a', data: tooLong }), ['note_too_large'])
    writeSnapshot(files, first.paths.snapshots, first.shard.sequence, first.shard.save())
    const { digest } = first.shard
    await close(first)

    for (const from of ['the snapshot', 'the journal']) {
      if (from === 'the journal') rmSync(join(directory, 'snapshots'), { recursive: true })
      const { shard, ...again } = await open(t, directory)
      t.equal(shard.digest, digest, from)
      t.strictSame(shard.venue('AEX')?.note('days', ''), { day: 2, list: [1, 'two', null, true] }, from)
      t.strictSame(
        [...shard.notes('days')],
        [
          ['b', 2],
          ['a', 3],
        ],
        from,
      )
      await close({ shard, ...again })
    }
  },
)

t.test('notes are bounded: the oldest of a topic go, and the oldest topic', async (t) => {
  const notes = new Notes()
  const data = 'x'.repeat(noteLimit / 2)
  const most = Math.floor(topicSize / (noteLimit / 2))
  for (let i = 0; i < 2 * most; i += 1) notes.write({ topic: 'long', key: `${i}`, data })

  const kept = [...notes.of('long')]
  t.ok(kept.length < most && kept.length > most / 2)
  t.equal(kept.at(-1)?.[0], `${2 * most - 1}`)
  t.equal(notes.get('long', '0'), undefined)
  for (let i = 0; i < 32; i += 1) notes.write({ topic: `${i}`, key: '', data: i })
  t.strictSame([...notes.of('long')], [])
  t.equal(notes.get('0', ''), 0)
})

t.test('who listens to a venue is sent away when it is dropped, and nobody else is', async (t) => {
  const server = await startStreams(t, { commands: [...listing('GONE', 'ABC'), ...listing('STAYS', 'ABC')] })
  const feed = async (venue: string) => {
    const client = new FeedClient(`ws://127.0.0.1:${server.port}/ws/v1`, {})
    t.teardown(() => client.socket.terminate())
    await client.opened
    await client.subscribe('quote', { venue, symbol: 'ABC' })
    return client
  }
  const open = async (venue: string) => [
    await server.connect(`ann/venues/${venue}/executions`),
    await server.connect(`ann/venues/${venue}/tickertape/stocks/ABC`),
    await feed(venue),
  ]
  const leaving = await open('GONE')
  const staying = await open('STAYS')
  t.equal(server.hub.isHeard('GONE'), true)

  await server.exchange.submit({ type: 'drop-venue', venue: 'GONE' }, () => {})

  t.strictSame(await Promise.all(leaving.map(({ closed }) => closed)), [1001, 1001, 1001])
  t.strictSame(
    staying.map(({ socket }) => socket.readyState),
    [1, 1, 1],
  )
})

t.test(
  'a venue whose private feeds lose messages loses the same ones in each, and nothing public',
  async (t) => {
    const server = await startStreams(t, { commands: listing('AEX', 'ABC') })
    const odd = { loses: (sequence: number) => sequence % 2 === 1 }
    const executions = await server.connect('TAKER/venues/AEX/executions')
    const tape = await server.connect('TAKER/venues/AEX/tickertape')
    const feed = new FeedClient(`ws://127.0.0.1:${server.port}/ws/v1`, {})
    t.teardown(() => feed.socket.terminate())
    await feed.opened
    await feed.done('subscribe', { channel: 'account', venue: 'AEX', account: 'TAKER' })
    server.hub.setLosses('AEX', odd)

    await server.place({ venue: 'AEX', symbol: 'ABC', quantity: 100 })
    const sequence = server.exchange.status()[0]?.sequence ?? 0
    for (let i = 0; i < 6; i += 1) await server.buy({ venue: 'AEX', symbol: 'ABC', quantity: 1 })
    server.hub.setLosses('AEX', undefined)
    await server.buy({ venue: 'AEX', symbol: 'ABC', quantity: 1 })

    const told = [1, 2, 3, 4, 5, 6].filter((i) => !odd.loses(sequence + i))
    await Promise.all([executions.sync(), tape.sync(), feed.sync()])
    const ids = executions.messages.map((message) => (message as { incomingId: number }).incomingId)
    t.strictSame(ids, [...told.map((i) => i + 1), 8])
    t.equal(tape.messages.length, 8)
    const traded = feed.messages.flatMap((message) =>
      message.type === 'change' && message.channel === 'account' ? message.events : [],
    )
    t.strictSame(
      traded.filter(({ type }) => type === 'traded').map(({ orderId }) => orderId),
      ids,
    )
  },
)

t.test('what a venue leaks is one of its rules', async (t) => {
  const accounts = createTestAccounts({ ALICE: 'alice-key', BOB: 'bob-key' })
  const rules = { rulesVersion: 1, selfTrade: 'allow' } as const
  const server = await startStreams(t, {
    accounts,
    commands: [
      ...listing('TIGHT', 'ABC'),
      {
        type: 'create-venue',
        venue: 'LEAKY',
        rules: { ...rules, revealOwnerOnCancel: true, openExecutions: true },
      },
      { type: 'list-instrument', venue: 'LEAKY', symbol: 'ABC' },
    ],
  })
  const bob = createClient(server.app, { 'x-starfighter-authorization': 'bob-key' })
  for (const venue of ['TIGHT', 'LEAKY']) await server.place({ venue, symbol: 'ABC', account: 'ALICE' })

  const refused = (venue: string) => bob.cancel(1, `/ob/api/venues/${venue}/stocks/ABC`)
  t.match(await refused('TIGHT'), { status: 401, body: { error: 'Not authorized to delete that order.' } })
  t.match(await refused('LEAKY'), { status: 401, body: { error: /You have to own account ALICE\.$/ } })
  t.equal((await server.refusal('ALICE/venues/TIGHT/executions')).status, 401)
  await server.connect('ALICE/venues/LEAKY/executions')
})

t.test('on a venue for one account nobody else trades or looks, with keys and without', async (t) => {
  const keys = { ALICE: 'alice-key', BOB: 'bob-key' }
  for (const accounts of [undefined, createTestAccounts(keys)]) {
    const { app, exchange } = await createTestApp(t, {
      commands: [...listing('AEX', 'ABC'), ...listing('TESTEX', 'ABC')],
      ...(accounts && { accounts }),
    })
    app.keys.reserve('AEX', { account: 'LMB56984576', owner: accounts && 'ALICE' })
    await exchange.submit(order('AEX', { account: 'MM' }), () => {})
    const as = (key: string) => createClient(app, accounts && { 'x-starfighter-authorization': key })
    const abc = '/ob/api/venues/AEX/stocks/ABC'
    const alice = as('alice-key')

    const own = newOrder({ account: 'LMB56984576', direction: 'buy', price: 1 })
    t.equal((await alice.send('POST', `${abc}/orders`, own)).status, 200)
    for (const account of ['MM', 'ALICE', 'BOB'])
      t.equal((await alice.send('POST', `${abc}/orders`, { ...own, account })).status, 401)
    for (const [method, path] of [
      ['GET', `${abc}/orders/1`],
      ['DELETE', `${abc}/orders/1`],
      ['GET', '/ob/api/venues/AEX/accounts/MM/orders'],
    ] as const) {
      t.equal((await alice.send(method, path)).status, 401, `${method} ${path}`)
    }
    t.match(await alice.send('POST', '/ob/api/venues/AEX/stocks/NEW/orders', own), {
      status: 400,
      body: { reason: 'unknown_symbol' },
    })
    const venues = async (key: string) =>
      ((await as(key).get('/ob/api/venues')).body.venues as { venue: string }[]).map(({ venue }) => venue)
    t.strictSame(await venues('alice-key'), ['AEX', 'TESTEX'])
    t.strictSame(await venues('bob-key'), accounts === undefined ? ['AEX', 'TESTEX'] : ['TESTEX'])
    if (accounts !== undefined) {
      t.equal((await as('bob-key').send('POST', `${abc}/orders`, own)).status, 401)
      t.equal((await as('bob-key').get(`${abc}/orders/2`)).status, 401)
    }
    app.keys.reserve('AEX', undefined)
    t.equal((await alice.send('POST', `${abc}/orders`, { ...own, account: 'ALICE' })).status, 200)
  }
})
