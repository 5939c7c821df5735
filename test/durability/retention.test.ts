import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Place } from '../../src/domain/command.ts'
import { lots, micros, ticks } from '../../src/domain/units.ts'
import { unlimited } from '../../src/domain/venue.ts'
import { type OpenData, openData } from '../../src/durable/data-directory.ts'
import { dataPaths } from '../../src/durable/data-paths.ts'
import { runJournalCommand } from '../../src/journal-cli.ts'
import { openInlineWriter } from '../../src/log/file-log.ts'
import { nodeFileSystem as files } from '../../src/log/file-system.ts'
import { readJournal } from '../../src/log/journal-reader.ts'
import { compressSegments, trimJournal } from '../../src/log/retention.ts'
import { writeSnapshot } from '../../src/log/snapshot.ts'
import type { OrderRecord } from '../../src/port.ts'

/** Some twenty orders each. */
const segmentSize = 4000

async function open(t: Test, directory: string, warnings?: string[]): Promise<OpenData> {
  let now = 0
  const data = await openData({
    directory,
    clock: () => {
      now += 1
      return micros(now)
    },
    warn: (text) => void (warnings?.push(text) ?? t.fail(text)),
    openWriter: (journal, end) => openInlineWriter(files)(journal, end, segmentSize),
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

const place = (n: number): Place => ({
  type: 'place',
  venue: 'TESTEX',
  symbol: 'FOO',
  account: `A${n % 3}`,
  side: n % 2 === 0 ? 'buy' : 'sell',
  orderType: 'limit',
  timeInForce: n % 5 === 0 ? 'ioc' : 'gtc',
  price: ticks(100 + (n % 3)),
  quantity: lots(1 + (n % 7)),
  autoCreate: true,
})

/** A directory with 600 orders in many segments, and snapshots after command 200 and 400. */
async function filled(t: Test, directory: string): Promise<OpenData> {
  const data = await open(t, directory)
  await data.shard.submit({ type: 'set-limits', limits: { closedOrders: unlimited } }, () => undefined)
  for (let n = 1; n <= 600; n += 1) {
    await data.shard.submit(place(n), () => undefined)
    if (data.shard.sequence !== 200 && data.shard.sequence !== 400) continue
    await data.history.flush()
    writeSnapshot(files, data.paths.snapshots, data.shard.sequence, data.shard.save())
  }
  await data.history.flush()
  return data
}

function namesOf({ paths }: OpenData): { first: number; packed: boolean }[] {
  return readdirSync(paths.journal)
    .toSorted()
    .map((name) => ({ first: Number.parseInt(name, 10), packed: name.endsWith('.gz') }))
}

function sequencesOf({ paths }: Pick<OpenData, 'paths'>, from: number): number[] {
  return [...readJournal(files, paths.journal, from, Number.POSITIVE_INFINITY)].flatMap((batch) =>
    batch.map(({ sequence }) => sequence),
  )
}

const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

async function ordersOf({ shard }: OpenData): Promise<string[]> {
  const orders: string[] = []
  for (let id = 1; id <= 600; id += 1) {
    const order = await shard.findOrder('TESTEX', id)
    orders.push(textOf(order))
  }
  return orders
}

function textOf(order: OrderRecord | undefined): string {
  return JSON.stringify([order?.id, order?.open, order?.filled, order?.closedBy, order?.fills])
}

async function verify(directory: string): Promise<string> {
  let text = ''
  await runJournalCommand(['verify', '--data', directory], (more) => {
    text += more
  })
  return text
}

t.test('segments that snapshots have passed are packed, and read as before', async (t) => {
  const directory = t.testdir()
  const data = await filled(t, directory)
  const before = namesOf(data)
  compressSegments(files, data.paths.journal, 200)

  const after = namesOf(data)
  t.strictSame(
    after.map(({ first }) => first),
    before.map(({ first }) => first),
  )
  for (const [i, { packed }] of after.entries())
    t.equal(packed, (after[i + 1]?.first ?? Number.POSITIVE_INFINITY) <= 201)
  t.ok(after.some(({ packed }) => packed))
  t.strictSame(sequencesOf(data, 1), upTo(601))
  t.match(await verify(directory), /commands 1 to 601 are sound/)

  const whole = join(data.paths.journal, `${String(after[0]?.first).padStart(16, '0')}.log`)
  writeFileSync(whole, 'what a crash may leave beside a packed segment')
  t.strictSame(sequencesOf(data, 1), upTo(601))
  compressSegments(files, data.paths.journal, 200)
  t.notOk(existsSync(whole))

  const { digest } = data.shard
  await close(data)
  rmSync(dataPaths(directory).snapshots, { recursive: true })
  const again = await open(t, directory)
  t.equal(again.shard.digest, digest, 'the whole journal replays')
})

t.test(
  'only what snapshots and history cover goes, oldest first, and old orders stay readable',
  async (t) => {
    const directory = t.testdir()
    const data = await filled(t, directory)
    const { journal } = data.paths
    const wanted = await ordersOf(data)
    t.equal(trimJournal(files, journal, { keepBytes: Number.POSITIVE_INFINITY, covered: 200 }), 1)
    t.equal(trimJournal(files, journal, { keepBytes: 0, covered: 0 }), 1)
    const bytes = namesOf(data).length * segmentSize

    const some = trimJournal(files, journal, { keepBytes: bytes - 2 * segmentSize, covered: 200 })
    t.ok(some > 1 && some < 100, 'no more than had to go')
    const first = trimJournal(files, journal, { keepBytes: 0, covered: 200 })
    t.ok(first > some && first <= 201)
    t.equal(namesOf(data)[0]?.first, first)
    data.log.first = first
    t.equal(data.shard.status().historyFrom, first)
    t.strictSame(await ordersOf(data), wanted)
    await close(data)

    const again = await open(t, directory)
    t.equal(again.shard.status().historyFrom, first)
    t.strictSame(await ordersOf(again), wanted)
    t.strictSame(sequencesOf(again, first)[0], sequencesOf(again, 1)[0], 'cat begins where the journal does')
    t.match(await verify(directory), new RegExp(`commands ${first} to 602 are sound`))
    await t.rejects(async () => {
      for await (const _ of again.log.read(1 as never));
    }, /command 1 is no longer held/)
  },
)

t.test('losing what the journal no longer holds is an error, never a missing order', async (t) => {
  const directory = t.testdir()
  const data = await filled(t, directory)
  const wanted = await ordersOf(data)
  trimJournal(files, data.paths.journal, { keepBytes: 0, covered: 200 })
  await close(data)
  const { history, snapshots } = dataPaths(directory)

  rmSync(history, { recursive: true })
  for (const name of ['lost', 'still lost after a start']) {
    const warnings: string[] = []
    const without = await open(t, directory, warnings)
    await without.completeHistory()
    await without.history.flush()
    t.match(
      warnings,
      name === 'lost'
        ? [/^the history reaches to command 0, and the journal starts at \d+: .* up to command 200, is lost/]
        : [],
    )
    t.match(without.shard.status(), { catchingUp: false, historyLost: 200 }, name)
    const lost = Object.assign(new Error('This lies in a part of the history that is lost'), {
      ...{ outcome: 'refused', reason: 'history_lost' },
    })
    const found: unknown[] = []
    for (let id = 1; id <= 600; id += 1) {
      const order = await without.shard
        .findOrder('TESTEX', id)
        .catch((error: unknown) => void t.match(error, lost))
      if (order === undefined) continue
      found.push(id)
      t.equal(textOf(order), wanted[id - 1])
    }
    t.ok(found.length > 400 && found.length < 600, `${found.length} of 600 orders are there`)

    const { shard } = without
    const pages = {
      orders: await shard.findOrders('TESTEX', 'A1', { limit: 1000 }),
      trades: await shard.findTrades('TESTEX', 'FOO', { limit: 1000 }),
      events: await shard.findAccountEvents('TESTEX', 'A1', { limit: 1000 }),
    }
    t.strictSame(
      Object.values(pages).map(({ more }) => more),
      [true, true, true],
      'what is older is not denied',
    )
    const [order] = pages.orders.orders
    const [trade] = pages.trades.trades
    const [event] = pages.events.events
    t.ok(order !== undefined && trade !== undefined && event !== undefined)
    await t.rejects(shard.findOrders('TESTEX', 'A1', { limit: 10, before: order?.id }), lost)
    await t.rejects(shard.findTrades('TESTEX', 'FOO', { limit: 10, before: trade?.id }), lost)
    await t.rejects(shard.findAccountEvents('TESTEX', 'A1', { limit: 10, before: event?.number }), lost)
    await t.rejects(shard.findAccountEvents('TESTEX', 'A1', { limit: 10, after: 0 }), lost)
    const after = (event?.number ?? 0) + 10
    t.match(await shard.findAccountEvents('TESTEX', 'A1', { limit: 1, after }), {
      events: [{ number: after + 1 }],
    })
    t.strictSame(await shard.findOrders('TESTEX', 'NOBODY', { limit: 10 }), { orders: [], more: false })
    await close(without)
  }

  rmSync(snapshots, { recursive: true })
  await t.rejects(open(t, directory), /journal starts at command \d+, but 1 is needed/)
})
