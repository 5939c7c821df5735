import { cpSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { AccountSource } from '../../gateways/feed/sources/account.ts'
import { Sources } from '../../gateways/feed/sources.ts'
import type { SubscriptionKey } from '../../schemas/feed.ts'
import type { Command, Place } from '../../src/domain/command.ts'
import { unlimited } from '../../src/domain/venue.ts'
import { type OpenData, openData } from '../../src/durable/data-directory.ts'
import { createExchange } from '../../src/exchange.ts'
import { openInlineWriter } from '../../src/log/file-log.ts'
import { nodeFileSystem as files } from '../../src/log/file-system.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { writeSnapshot } from '../../src/log/snapshot.ts'
import type { Exchange } from '../../src/port.ts'
import { changesPerWindow } from '../../src/projections/channels/window.ts'
import { Shard } from '../../src/shard.ts'
import { createTestClock, listing, sellCommand } from '../support/app.ts'
import { createRandom, createTrading } from '../support/random-trading.ts'

const stock = { venue: 'TESTEX', symbol: 'FOOBAR' }
const keys: readonly SubscriptionKey[] = [
  { channel: 'quote', ...stock },
  { channel: 'book', ...stock },
  { channel: 'book', ...stock, depth: 5 },
  { channel: 'orders', ...stock },
  { channel: 'trades', ...stock },
  { channel: 'candles', ...stock, interval: '1s' },
  { channel: 'candles', ...stock, interval: '1h' },
  { channel: 'book', ...stock, symbol: 'BARFOO' },
]
const batch = 1000

/** One that changes the book: it rests, or trades with the one that rests. */
function restingOrder(n: number): Place {
  return { ...sellCommand(5000 + (n % 7)), side: n % 3 === 0 ? 'buy' : 'sell', account: `A${n % 4}` }
}

/**
 * A server on a data directory, that can be stopped in every way and is then another one, and beside it one that
 * gets the same commands at the same times and never stops.
 */
async function startBoth(t: Test) {
  const root = t.testdir()
  const clock = createTestClock()
  const open = (directory: string) =>
    openData({
      ...{ directory, clock },
      warn: (text) => t.fail(text),
      openWriter: (journal, end) => openInlineWriter(files)(journal, end, 100_000),
    })
  let data: OpenData = await open(join(root, 'data-0'))
  const steady = new Shard({ log: new MemoryLog(), clock })
  let starts = 0
  const close = async () => {
    await data.shard.close()
    await data.release()
  }
  t.teardown(async () => {
    await close()
    await steady.close()
  })
  const submit = async (command: Command) => {
    clock.now += 20_000
    await Promise.all([data.shard, steady].map((shard) => shard.submit(command, () => undefined)))
  }
  await data.shard.submit({ type: 'set-limits', limits: { closedOrders: unlimited } }, () => undefined)
  for (const command of listing('TESTEX', 'FOOBAR', 'BARFOO')) await submit(command)
  const next = createTrading(createRandom(31))

  return {
    trade: async (count: number) => {
      for (let n = 0; n < count; n += 1) await submit(next())
    },
    /** The same, fast: orders that each change the book. */
    fill: async (count: number) => {
      for (let n = 0; n < count; n += batch)
        await Promise.all(Array.from({ length: batch }, (_, i) => submit(restingOrder(n + i))))
    },
    /** What the process that makes snapshots, or a graceful stop, leaves. */
    snapshot: async () => {
      await data.history.flush()
      writeSnapshot(files, data.paths.snapshots, data.shard.sequence, data.shard.save())
    },
    /** As `kill -9` leaves it: nothing but what is on the disk at this moment. */
    kill: async () => {
      starts += 1
      const directory = join(root, `data-${starts}`)
      cpSync(data.paths.root, directory, { recursive: true })
      await close()
      data = await open(directory)
    },
    stop: async () => {
      await close()
      data = await open(data.paths.root)
    },
    last: () => channels(createExchange(steady)).book.last,
    /** That a client of the one that was stopped sees what one of the other sees, whatever it asks from. */
    check: async (message: string, froms: readonly number[]) => {
      const [ours, theirs] = [createExchange(data.shard), createExchange(steady)]
      t.strictSame(told(ours, froms), told(theirs, froms), message)
      t.strictSame(await events(ours), await events(theirs), `${message}: events of an account`)
    },
  }
}

function channels(exchange: Exchange) {
  const instrument = exchange.venue('TESTEX')?.instrument('FOOBAR')
  if (instrument === undefined) throw new Error('it was listed')
  return instrument.channels
}

/** For each channel: its number, where its window begins, and what who was at a number is sent. */
function told(exchange: Exchange, froms: readonly number[]): unknown[] {
  const sources = new Sources(exchange)
  return keys.map((key) => {
    const source = sources.open(key)
    if (source instanceof AccountSource) throw new Error('it is no account')
    const { number } = source
    let since = 0
    while (!source.reaches(since)) since += 1
    const all = [0, since - 1, since, since + 1, number - 1, number, number + 1, ...froms]
    return { key, number, since, sent: all.map((from) => [from, source.reaches(from), source.catchUp(from)]) }
  })
}

/** All that happened to an account, as it is sent to who was there from the beginning. */
async function events(exchange: Exchange): Promise<unknown> {
  const source = new Sources(exchange).open({ channel: 'account', venue: 'TESTEX', account: 'A1' })
  if (!(source instanceof AccountSource)) throw new Error('it is an account')
  const pages: string[] = []
  for (let after = 0; after < source.number; ) {
    const page = await source.page(after)
    if (page === undefined) throw new Error(`nothing is known after ${after} of ${source.number}`)
    pages.push(page.text)
    after = page.last
  }
  return { number: source.number, pages }
}

t.test('numbers, windows and what was missed are the same after every kind of restart', async (t) => {
  const server = await startBoth(t)

  await server.trade(300)
  const early = server.last()
  await server.kill()
  await server.check('killed, with no snapshot', [early - 100])

  await server.trade(200)
  await server.snapshot()
  const atSnapshot = server.last()
  const around = [early, atSnapshot - 1, atSnapshot, atSnapshot + 1]
  await server.trade(100)
  await server.kill()
  await server.check('killed after a snapshot: what was missed began before it', around)

  await server.trade(50)
  await server.stop()
  await server.check('stopped, with an older snapshot', [...around, server.last() - 40])

  await server.snapshot()
  await server.stop()
  await server.check('stopped, with a snapshot of the last command', [...around, server.last() - 40])

  await server.trade(50)
  await server.check('and it goes on from there', [...around, server.last() - 60])
})

t.test('a full window begins at the same number after a restart, and moves on', async (t) => {
  const server = await startBoth(t)
  await server.fill(changesPerWindow - 1000)
  await server.snapshot()
  await server.fill(2000)
  const last = server.last()
  t.ok(last > changesPerWindow, `${last} changes of the book`)

  await server.kill()
  await server.check('killed', [last - 5000])

  await server.fill(1000)
  await server.check('and it goes on from there', [last - 5000, last, last + 1])
})
