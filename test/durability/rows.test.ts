import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import t, { type Test } from 'tap'
import { type Candle, candleIntervals, candleLengths } from '../../src/domain/candle.ts'
import type { Command } from '../../src/domain/command.ts'
import { lots, micros, ticks } from '../../src/domain/units.ts'
import { unlimited } from '../../src/domain/venue.ts'
import { type OpenData, openData } from '../../src/durable/data-directory.ts'
import { dataPaths } from '../../src/durable/data-paths.ts'
import { accountEventRows } from '../../src/history/account-event-rows.ts'
import { candleRows } from '../../src/history/candle-rows.ts'
import { idOf } from '../../src/history/keys.ts'
import { RowReader } from '../../src/history/row-codec.ts'
import { tradeRows } from '../../src/history/trade-rows.ts'
import { openInlineWriter } from '../../src/log/file-log.ts'
import { nodeFileSystem as files } from '../../src/log/file-system.ts'
import { readJournal } from '../../src/log/journal-reader.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { trimJournal } from '../../src/log/retention.ts'
import { writeSnapshot } from '../../src/log/snapshot.ts'
import { Shard } from '../../src/shard.ts'

t.setTimeout(120_000)

const segmentSize = 4000
const accounts = ['A0', 'A1', 'A2', 'NOBODY']
const symbols = ['FOO', 'BAR', 'NONE']

/** A clock that is the same in every run: one microsecond a command. */
function createClock() {
  let now = 1_000_000
  return () => {
    now += 1
    return micros(now)
  }
}

async function open(
  t: Test,
  directory: string,
  warnings: string[] = [],
  clock = createClock(),
): Promise<OpenData> {
  const data = await openData({
    directory,
    clock,
    warn: (text) => warnings.push(text),
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

/** Orders of three accounts in two stocks that trade and close in every way. */
function flow(count: number): Command[] {
  let state = 4711
  const pick = (n: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return (state >>> 8) % n
  }
  const commands = Array.from({ length: count }, (_, n): Command => {
    if (pick(6) === 0) return { type: 'cancel', venue: 'TESTEX', orderId: 1 + pick(n + 1) }
    return {
      type: 'place',
      venue: 'TESTEX',
      symbol: pick(3) === 0 ? 'BAR' : 'FOO',
      account: `A${pick(3)}`,
      side: pick(2) === 0 ? 'buy' : 'sell',
      orderType: 'limit',
      price: ticks(98 + pick(5)),
      quantity: lots(1 + pick(30)),
      timeInForce: pick(4) === 0 ? 'ioc' : 'gtc',
      autoCreate: true,
    }
  })
  return [
    { type: 'create-venue', venue: 'TESTEX', rules: { rulesVersion: 1, selfTrade: 'decrement' } },
    ...commands,
  ]
}

async function send({ shard }: { shard: Shard }, commands: readonly Command[]): Promise<void> {
  for (const command of commands) await shard.submit(command, () => undefined)
}

const unlimit: Command = { type: 'set-limits', limits: { closedOrders: unlimited } }

/** What every answer must equal: those of a shard that keeps all of it in memory. */
async function inMemory(commands: readonly Command[]): Promise<Shard> {
  const shard = new Shard({ log: new MemoryLog(), clock: createClock() })
  await send({ shard }, [{ type: 'set-limits', limits: {} }, ...commands])
  return shard
}

/** All that can be read of accounts and trades, page by page from either end. Without times: each process has its clock. */
async function rowsOf(shard: Shard, limit: number): Promise<object> {
  const all: Record<string, unknown[]> = {}
  for (const account of accounts) {
    const forward: unknown[] = []
    for (let after = 0, more = true; more; ) {
      const page = await shard.findAccountEvents('TESTEX', account, { limit, after })
      forward.push(...page.events.map(({ time: _, ...event }) => event))
      after = page.events.at(-1)?.number ?? after
      more = page.more
    }
    const backward: unknown[] = []
    for (let before: number | undefined, more = true; more; ) {
      const page = await shard.findAccountEvents('TESTEX', account, { limit, before })
      backward.unshift(...page.events.map(({ time: _, ...event }) => event))
      before = page.events[0]?.number ?? before
      more = page.more
    }
    all[account] = forward
    all[`${account}, backward`] = backward
  }
  for (const symbol of symbols) {
    const trades: unknown[] = []
    for (let before: number | undefined, more = true; more; ) {
      const page = await shard.findTrades('TESTEX', symbol, { limit, before })
      trades.unshift(...page.trades.map(({ time: _, ...trade }) => trade))
      before = page.trades[0]?.id ?? before
      more = page.more
    }
    all[symbol] = trades
  }
  return all
}

const commands = flow(1500)
const wanted = await inMemory(commands)

async function same(t: Test, { shard }: OpenData, name: string): Promise<void> {
  for (const limit of [17, 1000]) {
    const [found, expected] = [await rowsOf(shard, limit), await rowsOf(wanted, limit)]
    t.equal(JSON.stringify(found), JSON.stringify(expected), `${name}, ${limit} a page`)
  }
}

t.test('numbers are dense, and every kind of event occurs', async (t) => {
  const { events } = await wanted.findAccountEvents('TESTEX', 'A1', { limit: 1e6 })
  t.ok(events.length > 500)
  t.ok(events.every(({ number }, i) => number === i + 1))
  t.strictSame([...new Set(events.map(({ type }) => type))].toSorted(), [
    ...['accepted', 'closed', 'reduced', 'traded'],
  ])
  t.ok((await wanted.findTrades('TESTEX', 'FOO', { limit: 1e6 })).trades.length > 300)
})

t.test('what happened is the same after every kind of start', async (t) => {
  const directory = join(t.testdir(), 'data')
  const { history, snapshots } = dataPaths(directory)
  const first = await open(t, directory)
  await send(first, [unlimit, ...commands.slice(0, 500)])
  await first.history.flush()
  writeSnapshot(files, snapshots, first.shard.sequence, first.shard.save())
  await send(first, commands.slice(500, 1000))
  await close(first)

  const fromSnapshot = await open(t, directory)
  await send(fromSnapshot, commands.slice(1000))
  await same(t, fromSnapshot, 'from a snapshot, some of it waiting')
  await close(fromSnapshot)

  const starts: Record<string, () => void> = {
    'once more': () => {},
    'without the history': () => rmSync(history, { recursive: true }),
    'without the snapshots': () => rmSync(snapshots, { recursive: true }),
    'from the journal alone': () => rmSync(history, { recursive: true }),
  }
  for (const [name, harm] of Object.entries(starts)) {
    harm()
    const data = await open(t, directory)
    const catchingUp = /being completed/
    if (name === 'without the history') {
      await t.rejects(data.shard.findTrades('TESTEX', 'FOO', { limit: 1 }), catchingUp)
      await t.rejects(data.shard.findAccountEvents('TESTEX', 'A1', { limit: 1 }), catchingUp)
    }
    await data.completeHistory()
    await data.history.flush()
    t.equal(data.history.synced, data.shard.sequence)
    await same(t, data, name)
    await close(data)
  }
})

t.test('nothing is there twice when a process ends while the history is being completed', async (t) => {
  const root = t.testdir()
  const directory = join(root, 'data')
  const first = await open(t, directory)
  await send(first, [unlimit, ...commands.slice(0, 300)])
  await first.history.flush()
  writeSnapshot(files, first.paths.snapshots, first.shard.sequence, first.shard.save())
  await send(first, commands.slice(300, 700))
  await close(first)
  rmSync(first.paths.history, { recursive: true })

  // Trading goes on beside a gap that two processes, one after the other, do not come to fill.
  let [from, sent] = [directory, 700]
  for (const [n, until] of [900, 1200].entries()) {
    const data = await open(t, from)
    await send(data, commands.slice(sent, until))
    t.equal(data.history.gapEnd, 702)
    if (n === 1) fillUntil(data, 350)
    await data.history.flush()
    t.equal(data.history.synced, n === 1 ? 350 : 0)
    await send(data, commands.slice(until, until + 10))
    sent = until + 10
    // As a crash leaves it: the last orders are in the journal, and not yet in the history.
    from = join(root, `after-${sent}`)
    cpSync(data.paths.root, from, { recursive: true })
    await close(data)
  }

  const last = await open(t, from)
  t.equal(last.history.gapEnd, 702)
  await send(last, commands.slice(sent))
  await last.completeHistory()
  await last.history.flush()
  t.strictSame([last.history.gapEnd, last.history.synced], [undefined, last.shard.sequence])
  await same(t, last, 'completed at last')
  await close(last)
  const rows = await storedRows(from)
  t.equal(new Set(rows).size, rows.length, 'each row is stored once')
})

/** Fills the gap of a history up to a command, and leaves the rest. */
function fillUntil({ history, paths }: OpenData, until: number): void {
  const late = new Shard({ log: new MemoryLog(), clock: createClock(), history, fillsGap: true })
  for (const batch of readJournal(files, paths.journal, 1, until)) {
    for (const command of batch) if (command.sequence <= until) late.replayOne(command)
  }
  history.fillGap(until)
}

/** Every account event, trade and candle on the disk, by account or stock and number, as often as it is there. */
async function storedRows(directory: string): Promise<string[]> {
  const db = new ClassicLevel(dataPaths(directory).history)
  const rows: string[] = []
  for (const [prefix, kind] of [
    ['e', accountEventRows],
    ['t', tradeRows],
    ['c', candleRows],
  ] as const) {
    for await (const [key, text] of db.iterator({ gte: `${prefix}!`, lt: `${prefix}~` })) {
      const from = new RowReader(JSON.parse(text))
      const name = key.slice(0, key.lastIndexOf('!'))
      for (let number = idOf(key); from.hasMore; number += 1) {
        const row = kind.read(from, number)
        rows.push(`${name} ${'id' in row ? row.id : 'start' in row ? row.start : row.number}`)
      }
    }
  }
  await db.close()
  return rows
}

/** A trade every second and a half or so, each with its time, and the candles that they come to. */
function ticking(count: number) {
  const order = {
    type: 'place',
    venue: 'TESTEX',
    symbol: 'FOO',
    orderType: 'limit',
    autoCreate: true,
  } as const
  const commands: Command[] = []
  const times: number[] = []
  const all = new Map<string, Candle[]>(candleIntervals.map((interval) => [interval, []]))
  for (let n = 0; n < count; n += 1) {
    const price = ticks(100 + ((n * 7) % 31))
    const time = 1_700_000_000_000_000 + n * 1_500_000 + (n % 3) * 400_000
    const quantity = lots(1 + (n % 4))
    commands.push({ ...order, account: 'A0', side: 'sell', timeInForce: 'gtc', price, quantity })
    commands.push({ ...order, account: 'A1', side: 'buy', timeInForce: 'ioc', price, quantity })
    times.push(time, time)
    for (const interval of candleIntervals) {
      const candles = all.get(interval) as Candle[]
      const start = micros(time - (time % candleLengths[interval]))
      const last = candles.at(-1)
      if (last?.start !== start) {
        candles.push({
          start,
          open: price,
          high: price,
          low: price,
          close: price,
          volume: quantity,
          trades: 1,
        })
        continue
      }
      const [high, low] = [ticks(Math.max(last.high, price)), ticks(Math.min(last.low, price))]
      const volume = lots(last.volume + quantity)
      candles[candles.length - 1] = { ...last, high, low, close: price, volume, trades: last.trades + 1 }
    }
  }
  return { commands, times, all }
}

t.test('all candles that ever were are the same after every kind of start', async (t) => {
  const directory = join(t.testdir(), 'data')
  const { history, snapshots } = dataPaths(directory)
  const { commands, times, all } = ticking(1300)
  let now = times[0] as number
  const start = () => open(t, directory, [], () => micros(now))
  const trade = async (data: OpenData, from: number, to: number) => {
    for (let n = from; n < to; n += 1) {
      now = times[n] as number
      await send(data, commands.slice(n, n + 1))
    }
  }
  const check = async ({ shard }: OpenData, name: string) => {
    for (const interval of candleIntervals) {
      const expected = all.get(interval) as Candle[]
      const found: Candle[] = []
      for (let [to, more]: [number | undefined, boolean] = [undefined, true]; more; ) {
        const query = { limit: 170, ...(to !== undefined && { to: micros(to) }) }
        const page = await shard.findCandles('TESTEX', 'FOO', interval, query)
        found.unshift(...page.candles)
        to = page.candles[0]?.start
        more = page.more
      }
      t.equal(JSON.stringify(found), JSON.stringify(expected), `${name}, ${interval}`)
    }
    const seconds = all.get('1s') as Candle[]
    const [from, to] = [seconds[40]?.start, seconds[60]?.start]
    const of = (limit: number) => shard.findCandles('TESTEX', 'FOO', '1s', { limit, from, to })
    t.strictSame(await of(20), { candles: seconds.slice(40, 60), more: false }, `${name}, a range`)
    t.strictSame(await of(19), { candles: seconds.slice(41, 60), more: true }, `${name}, less of it`)
  }
  const first = await start()
  await send(first, [unlimit])
  await trade(first, 0, 1000)
  await first.history.flush()
  writeSnapshot(files, snapshots, first.shard.sequence, first.shard.save())
  await trade(first, 1000, 1600)
  await close(first)

  const second = await start()
  await trade(second, 1600, commands.length)
  await check(second, 'some of them waiting')
  await close(second)

  const starts: Record<string, () => void> = {
    'once more': () => {},
    'without the history': () => rmSync(history, { recursive: true }),
    'from the journal alone': () => {
      rmSync(snapshots, { recursive: true })
      rmSync(history, { recursive: true })
    },
  }
  for (const [name, harm] of Object.entries(starts)) {
    harm()
    const data = await start()
    if (name === 'without the history') {
      const newest = await data.shard.findCandles('TESTEX', 'FOO', '1s', { limit: 999 })
      t.equal(newest.candles.length, 999, 'those in memory are there at once')
      await t.rejects(data.shard.findCandles('TESTEX', 'FOO', '1s', { limit: 1000 }), /being completed/)
    }
    await data.completeHistory()
    await data.history.flush()
    await check(data, name)
    await close(data)
    const stored = (await storedRows(directory)).filter((row) => row.startsWith('c!'))
    const ended = [...all.values()].reduce((sum, candles) => sum + candles.length - 1, 0)
    t.strictSame([stored.length, new Set(stored).size], [ended, ended], `${name}: each ended one once`)
  }
})

t.test('what the journal no longer holds is read from the history, or refused', async (t) => {
  const directory = join(t.testdir(), 'data')
  const first = await open(t, directory)
  await send(first, [unlimit, ...commands.slice(0, 1200)])
  for (let n = 0; n < 2; n += 1) {
    await send(first, commands.slice(1200 + n, 1201 + n))
    await first.history.flush()
    writeSnapshot(files, first.paths.snapshots, first.shard.sequence, first.shard.save())
  }
  t.ok(trimJournal(files, first.paths.journal, { keepBytes: 0, covered: first.history.synced }) > 1000)
  await close(first)

  const trimmed = await open(t, directory)
  await send(trimmed, commands.slice(1202))
  await same(t, trimmed, 'the journal is trimmed')
  await close(trimmed)

  rmSync(trimmed.paths.history, { recursive: true })
  const without = await open(t, directory)
  await t.rejects(without.shard.findTrades('TESTEX', 'FOO', { limit: 1 }), /being completed/)
  await without.completeHistory()
  await without.history.flush()
  const newest = (shard: Shard) => shard.findTrades('TESTEX', 'FOO', { limit: 1 })
  t.match(await newest(without.shard), { trades: [{ id: (await newest(wanted)).trades[0]?.id }], more: true })
  await t.rejects(without.shard.findTrades('TESTEX', 'FOO', { limit: 1, before: 2 }), /is lost/)
  await t.rejects(without.shard.findAccountEvents('TESTEX', 'A1', { limit: 1, after: 0 }), /is lost/)
  t.equal(without.history.synced, without.shard.sequence)
})

t.test('a history with a gap that a newer snapshot has passed is made anew', async (t) => {
  const root = t.testdir()
  const directory = join(root, 'data')
  const first = await open(t, directory)
  await send(first, [unlimit, ...commands.slice(0, 300)])
  await close(first)
  const { history, snapshots } = first.paths
  rmSync(history, { recursive: true })
  const gap = await open(t, directory)
  gap.history.openGap(gap.log.last)
  await send(gap, commands.slice(300, 400))
  await gap.history.flush()
  cpSync(history, join(root, 'early'), { recursive: true })
  await gap.completeHistory()
  await send(gap, commands.slice(400, 800))
  await gap.history.flush()
  writeSnapshot(files, snapshots, gap.shard.sequence, gap.shard.save())
  await close(gap)
  rmSync(history, { recursive: true })
  cpSync(join(root, 'early'), history, { recursive: true })

  const warnings: string[] = []
  const again = await open(t, directory, warnings)
  await again.completeHistory()
  await send(again, commands.slice(800))

  t.match(warnings, [
    /history is damaged \(it has a gap and reaches only to command \d+, the snapshot to \d+\)/,
  ])
  await same(t, again, 'made anew')
})
