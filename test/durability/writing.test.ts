import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { ClassicLevel } from 'classic-level'
import t, { type Test } from 'tap'
import type { Place } from '../../src/domain/command.ts'
import type { OrderRecord } from '../../src/domain/order.ts'
import { lots, micros, sequence, ticks } from '../../src/domain/units.ts'
import { unlimited } from '../../src/domain/venue.ts'
import { type OpenData, openData } from '../../src/durable/data-directory.ts'
import { dataPaths } from '../../src/durable/data-paths.ts'
import { Snapshots } from '../../src/durable/snapshots.ts'
import { HistoryDamaged } from '../../src/history/files.ts'
import { History, type HistoryOptions } from '../../src/history/history.ts'
import { FileLog, openInlineWriter } from '../../src/log/file-log.ts'
import { nodeFileSystem } from '../../src/log/file-system.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { listSnapshots, readSnapshot, type Snapshot, writeSnapshot } from '../../src/log/snapshot.ts'
import { Shard } from '../../src/shard.ts'

const clock = () => micros(1_000_000)
const unavailable = Object.assign(new Error('The history cannot be written'), {
  outcome: 'refused',
  reason: 'history_unavailable',
})

const ioc: Place = {
  type: 'place',
  venue: 'TESTEX',
  symbol: 'FOO',
  account: 'A',
  side: 'buy',
  orderType: 'limit',
  timeInForce: 'ioc',
  price: ticks(100),
  quantity: lots(10),
  autoCreate: true,
}

function closedOrder(id: number): OrderRecord {
  return {
    ...{ id, venue: 'TESTEX', symbol: 'FOO', account: 'A', side: 'buy', orderType: 'limit' },
    ...{ timeInForce: 'gtc', price: ticks(100), quantity: lots(5), open: lots(0), filled: lots(5) },
    ...{ closedBy: 'filled', time: micros(7), clientOrderId: `c${id}`, fillCount: 1, cash: undefined },
    original: undefined,
    fills: [{ tradeId: 3, price: ticks(99), quantity: lots(5), time: micros(8) }],
  }
}

async function openHistory(t: Test, directory: string, options: Partial<HistoryOptions> = {}) {
  const stored: number[] = []
  const failures: string[] = []
  const history = await History.open(directory, {
    begin: true,
    stored: (orders) => stored.push(...orders.map(({ id }) => id)),
    damaged: ({ message }) => failures.push(message),
    failed: ({ message }) => failures.push(message),
    ...options,
  })
  t.teardown(() => history.close())
  return { history, stored, failures }
}

/** Gives the history one closed order a command. */
function give(history: History, ...ids: number[]): void {
  for (const id of ids) {
    history.closed(closedOrder(id))
    history.applied(id)
  }
}

/** Lets something happen to the database's writes from now on: `instead` is run before each, and may throw. */
function beforeWrites(t: Test, instead: () => Promise<void>): void {
  const { batch } = ClassicLevel.prototype
  ClassicLevel.prototype.batch = function (this: ClassicLevel, ...args: unknown[]) {
    const made = Reflect.apply(batch, this, args)
    const { write } = made
    made.write = async (options: unknown) => {
      await instead()
      return Reflect.apply(write, made, [options])
    }
    return made
  } as typeof batch
  t.teardown(() => {
    ClassicLevel.prototype.batch = batch
  })
}

function failWrites(t: Test, times: number): { readonly tried: number } {
  const count = { tried: 0 }
  beforeWrites(t, async () => {
    count.tried += 1
    if (count.tried <= times) throw new Error(`EIO: input/output error ${count.tried}`)
  })
  return count
}

t.test('a write of the history that fails once is done again, with the files opened anew', async (t) => {
  const { history, stored, failures } = await openHistory(t, t.testdir())
  const writes = failWrites(t, 1)
  give(history, 1, 2)
  await history.flush()

  t.strictSame([failures, stored, history.synced, writes.tried], [[], [1, 2], 2, 2])
  t.strictSame(await history.order('TESTEX', 2, 100), closedOrder(2))
})

t.test('one that fails twice fails for good: what was not stored is never said to be', async (t) => {
  const directory = t.testdir()
  const { history, stored, failures } = await openHistory(t, directory)
  give(history, 1)
  await history.flush()
  const writes = failWrites(t, 2)
  give(history, 2)
  await history.flush()

  t.match(failures, [/input\/output error 2/])
  t.equal(history.isFull, true)
  give(history, 3)
  for (let n = 4; n < 5000; n += 1) give(history, n)
  await history.flush()
  t.strictSame([stored, history.synced, writes.tried], [[1], 1, 2])
  t.strictSame(await history.order('TESTEX', 1, 100), closedOrder(1), 'reads go on')
  await history.close()

  const { history: again } = await openHistory(t, directory)
  t.equal(again.synced, 1)
  t.equal(await again.order('TESTEX', 3, 100), undefined)
})

t.test('reads of a history whose files could not be opened again are unavailable', async (t) => {
  const directory = t.testdir()
  const { history, failures } = await openHistory(t, directory)
  give(history, 1)
  await history.flush()
  beforeWrites(t, async () => {
    rmSync(directory, { recursive: true })
    throw new Error('EIO: input/output error')
  })
  give(history, 2)
  await history.flush()

  t.match(failures, [/does not exist|No such file/])
  await t.rejects(history.order('TESTEX', 1, 100), unavailable)
  await t.rejects(history.fills('TESTEX', 1, 1, 1), unavailable)
  await t.rejects(history.idsOf('TESTEX', 'A', { before: 9, limit: 9 }), unavailable)
})

t.test(
  'orders are refused while too many closed ones wait for the history, and taken again after',
  async (t) => {
    const log = new MemoryLog()
    let shard: Shard
    const { history } = await openHistory(t, t.testdir(), { stored: (orders) => shard.forget(orders) })
    shard = new Shard({ log, clock, history, queueLimit: 200_000 })
    const submit = () => shard.submit(ioc, ({ sequence }) => sequence)
    await shard.submit({ type: 'set-limits', limits: { closedOrders: unlimited } }, () => undefined)
    let goOn = () => {}
    const held = new Promise<void>((resolve) => {
      goOn = resolve
    })
    beforeWrites(t, () => held)

    for (let n = 0; n < 10; n += 1) await Promise.all(Array.from({ length: 10_000 }, submit))
    t.equal(history.waiting, 100_000)
    await t.rejects(submit(), unavailable)
    t.equal(shard.status().stopped, 'history_unavailable')
    t.match(await shard.findOrder('TESTEX', 1), { id: 1, open: 0 }, 'what waits is still in memory')
    goOn()
    await history.flush()

    t.ok((await submit()) > 100_001)
    t.equal(shard.status().stopped, undefined)
    await history.flush()
    t.equal(shard.venue('TESTEX')?.order(1), undefined)
    t.match(await shard.findOrder('TESTEX', 1), { id: 1, open: 0 })
    await shard.close()
  },
)

t.test('waiting for what was given ends, whatever is given meanwhile', async (t) => {
  const { history, stored } = await openHistory(t, t.testdir())
  let id = 1
  beforeWrites(t, async () => {
    for (let more = 0; more < 2000 && id < 20_000; more += 1) {
      id += 1
      give(history, id)
    }
  })
  give(history, 1)
  await history.flush()

  t.strictSame(stored, [1])
  await history.flush()
  t.ok(stored.length > 2000 && stored.length < 20_000)
  // Nobody may write any more when the files go.
  while (history.waiting > 0) await history.flush()
})

t.test('a history that lags is filled late, and counts as far as it is filled', async (t) => {
  const directory = t.testdir()
  const { history, stored } = await openHistory(t, directory)
  history.openGap(10)
  give(history, 12)
  await history.flush()

  t.strictSame([stored, history.synced, history.gapEnd], [[12], 0, 10])
  t.ok(history.covers(10))
  t.notOk(history.covers(11))
  history.closed(closedOrder(4))
  history.fillGap(5)
  await history.flush()
  t.strictSame([stored, history.synced, history.gapEnd], [[12, 4], 5, 10])
  await history.close()

  const { history: again } = await openHistory(t, directory)
  t.strictSame([again.synced, again.gapEnd, again.reach], [5, 10, 12], 'a crash in between goes on there')
  t.ok(again.covers(12), 'what was stored behind the gap is not given again')
  t.notOk(again.covers(13))
  again.closed(closedOrder(9))
  again.fillGap(10)
  t.equal(again.gapEnd, 10, 'nothing may be read as if it were whole before the rest is stored')
  await again.flush()
  t.strictSame([again.synced, again.gapEnd], [12, undefined])
  t.strictSame(await again.idsOf('TESTEX', 'A', { before: 100, limit: 10 }), [12, 9, 4])
})

t.test('a history of a newer format is refused, and one that is no history is damaged', async (t) => {
  const directory = t.testdir()
  const { history } = await openHistory(t, directory)
  give(history, 1)
  await history.close()
  const options = { begin: false, stored() {}, damaged() {}, failed() {} }
  const refusal = () => History.open(directory, options).catch((error: Error) => error)
  const write = async (meta: string) => {
    const db = new ClassicLevel(directory)
    await db.put('m', meta)
    await db.close()
  }

  await write('{"format":3,"sequence":1}')
  await t.rejects(
    History.open(directory, options),
    new Error('it has format 3; this build knows up to 2: use a newer one'),
  )
  await write('{"format":')
  t.ok((await refusal()) instanceof HistoryDamaged)
  await write('{"format":2,"sequence":1}')
  await (await History.open(directory, options)).close()
  rmSync(join(directory, 'CURRENT'))
  t.ok((await refusal()) instanceof HistoryDamaged)
})

const openWriter = openInlineWriter(nodeFileSystem)

async function open(t: Test, directory: string, warnings: string[] = []): Promise<OpenData> {
  const data = await openData({ directory, clock, warn: (text) => warnings.push(text), openWriter })
  t.teardown(async () => {
    if (data.shard.isOpen) await close(data)
  })
  if (data.shard.sequence === 0)
    await data.shard.submit({ type: 'set-limits', limits: { closedOrders: unlimited } }, () => undefined)
  return data
}

async function close({ shard, release }: OpenData): Promise<void> {
  await shard.close()
  await release()
}

async function trade({ shard }: OpenData, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await shard.submit({ ...ioc, timeInForce: n % 2 === 0 ? 'ioc' : 'gtc' }, () => undefined)
  }
}

t.test('a history that cannot be used for no fault of its own is not set aside', async (t) => {
  const directory = t.testdir()
  const data = await open(t, directory)
  await trade(data, 4)
  await close(data)
  const { history } = dataPaths(directory)
  const db = new ClassicLevel(history)
  await db.put('m', '{"format":3,"sequence":1}')

  await t.rejects(openData({ directory, clock, warn() {}, openWriter }), /history cannot be used: .*lock/i)
  await db.close()
  await t.rejects(
    openData({ directory, clock, warn() {}, openWriter }),
    /history cannot be used: it has format 3/,
  )
  t.strictSame(readdirSync(directory).toSorted(), ['history', 'journal', 'lock'])
})

t.test('a history without the list of its files is set aside, and made anew', async (t) => {
  const directory = t.testdir()
  const data = await open(t, directory)
  await trade(data, 40)
  await close(data)
  rmSync(join(dataPaths(directory).history, 'CURRENT'))

  const warnings: string[] = []
  const again = await open(t, directory, warnings)
  await again.completeHistory()
  await again.history.flush()

  t.match(warnings, [/history is damaged .*: set aside as .*history\.damaged-\d+, and made anew/])
  t.match(await again.shard.findOrder('TESTEX', 1), { id: 1, open: 0 })
})

t.test('a history without candles is made anew while the journal is whole, and else kept', async (t) => {
  const directory = t.testdir()
  const data = await open(t, directory)
  await trade(data, 40)
  await close(data)
  const { history, journal } = dataPaths(directory)
  const asBefore = async () => {
    const db = new ClassicLevel(history)
    await db.put('m', ((await db.get('m')) as string).replace('"format":2', '"format":1'))
    await db.close()
  }

  await asBefore()
  const warnings: string[] = []
  const again = await open(t, directory, warnings)
  t.match(warnings, [
    /history is outdated \(it has no candles\): set aside as .*history\.outdated-\d+, and made anew/,
  ])
  await again.completeHistory()
  await again.history.flush()
  t.match(await again.shard.findOrder('TESTEX', 1), { id: 1, open: 0 })
  await close(again)

  await asBefore()
  writeSnapshot(nodeFileSystem, again.paths.snapshots, again.shard.sequence, again.shard.save())
  const other = FileLog.open({ directory: journal, openWriter: (path, end) => openWriter(path, end, 40) })
  await other.append([{ sequence: sequence(other.last + 1), time: clock(), command: { type: 'tick' } }])
  await other.close()
  rmSync(join(journal, '0000000000000001.log'))
  const kept = await open(t, directory, warnings)
  t.match(warnings[1], /history has no candles of before, and the journal does not reach back to make them/)
  t.match(await kept.shard.findOrder('TESTEX', 1), { id: 1, open: 0 })
  t.equal(warnings.length, 2)
  await close(kept)

  writeFileSync(join(history, 'DAMAGED'), '')
  const damaged = await open(t, directory, warnings)
  t.match(warnings[2], /history was found to be damaged\. The journal does not reach back .*: restore it/)
  t.match(await damaged.shard.findOrder('TESTEX', 1), { id: 1, open: 0 })
})

t.test(
  'a history that is found to be damaged is unavailable there, and made anew by the next start',
  async (t) => {
    const directory = t.testdir()
    const data = await open(t, directory)
    await trade(data, 40)
    await close(data)
    const db = new ClassicLevel(dataPaths(directory).history)
    const [key] = await db.keys({ gte: 'o!', limit: 1 }).all()
    await db.put(key as string, '{"id":1,"quant*ty')
    await db.close()

    const warnings: string[] = []
    const found = await open(t, directory, warnings)
    await t.rejects(found.shard.findOrder('TESTEX', 1), unavailable)
    await t.rejects(found.shard.findOrders('TESTEX', 'A', { limit: 100 }), unavailable)
    t.match(await found.shard.findOrder('TESTEX', 3), { id: 3, open: 0 }, 'what can be read is read')
    await trade(found, 2)
    t.equal(warnings.length, 1)
    t.match(warnings, [/history is damaged: .*JSON.*\. The next start makes it anew from the journal/])
    await close(found)

    const again = await open(t, directory, warnings)
    t.match(warnings[1], /history is damaged \(it was found so while it was read\): set aside as/)
    await again.completeHistory()
    await again.history.flush()
    t.match(await again.shard.findOrder('TESTEX', 1), { id: 1, open: 0 })
  },
)

/** The snapshots of a shard, and what they said. */
function snapshotsOf({ shard, paths, history }: OpenData, every = 10) {
  const said: (string | number)[] = []
  let told = () => {}
  const tell = (what: string | number) => {
    said.push(what)
    told()
  }
  const snapshots = new Snapshots({
    ...{ shard, paths, history, every },
    made: tell,
    failed: ({ message }) => tell(message),
  })
  const saysMore = () =>
    new Promise<void>((resolve) => {
      told = resolve
    })
  return { snapshots, said, saysMore }
}

t.test('a snapshot is made when it is due, and is the state of the server', async (t) => {
  const directory = t.testdir()
  const data = await open(t, directory)
  const { snapshots, said, saysMore } = snapshotsOf(data)
  await trade(data, 8)
  snapshots.batchApplied()
  await trade(data, 3)
  await data.history.flush()
  const state = [...data.shard.save()]
  const made = saysMore()
  snapshots.batchApplied()
  snapshots.batchApplied()
  await trade(data, 3)
  await made

  t.strictSame(said, [12])
  const [newest, ...more] = listSnapshots(nodeFileSystem, data.paths.snapshots)
  t.strictSame(more, [])
  t.equal(
    JSON.stringify([...readSnapshot(nodeFileSystem, newest as Snapshot)]),
    JSON.stringify(state),
    'as it was when it was due',
  )
  await snapshots.close()
  await close(data)

  const again = await open(t, directory)
  const later = snapshotsOf(again)
  await trade(again, 4)
  later.snapshots.batchApplied()
  t.strictSame(later.said, [])
  await trade(again, 4)
  const due = later.saysMore()
  later.snapshots.batchApplied()
  await due
  t.strictSame(later.said, [again.shard.sequence], 'due by the newest one, not by the start')
  await later.snapshots.close()
})

t.test('when a replay comes to another digest, no snapshot is kept and it is said', async (t) => {
  const data = await open(t, t.testdir())
  await trade(data, 12)
  const { sequence, digest } = data.shard
  const other = { ...data, shard: { sequence, digest: 'f00-ba4' } as Shard }
  const { snapshots, said } = snapshotsOf(other)
  await snapshots.make()

  t.strictSame(said, [`after command 13 the digest is ${digest}, but the server has f00-ba4`])
  t.notOk(existsSync(data.paths.snapshots))
})

t.test('there is no snapshot of what the history lacks', async (t) => {
  const data = await open(t, t.testdir())
  data.history.openGap(13)
  await trade(data, 12)
  const { snapshots, said } = snapshotsOf(data)
  await snapshots.make()

  t.match(said, [/the history reaches only to command \d+/])
  t.notOk(existsSync(data.paths.snapshots))
})

t.test('a snapshot that is being made at a stop is left', async (t) => {
  const data = await open(t, t.testdir())
  await trade(data, 12)
  await data.history.flush()
  const { snapshots, said } = snapshotsOf(data)
  snapshots.batchApplied()
  await snapshots.close()

  t.strictSame(said, [])
  t.notOk(existsSync(data.paths.snapshots))
})

t.test(
  'a snapshot is made from the one before it, from an older one when that is bad, and drafts go',
  async (t) => {
    const data = await open(t, t.testdir())
    const { snapshots } = data.paths
    const save = () => writeSnapshot(nodeFileSystem, snapshots, data.shard.sequence, data.shard.save())
    await trade(data, 12)
    await data.history.flush()
    save()
    await trade(data, 12)
    await data.history.flush()
    const { path } = save()
    writeFileSync(join(snapshots, '0000000000000020.snapshot.draft'), 'half a snap')
    const bytes = readFileSync(path)
    bytes[40] = (bytes[40] as number) ^ 1
    writeFileSync(path, bytes)
    await trade(data, 12)
    const { snapshots: subject, said } = snapshotsOf(data)
    await subject.make()

    t.strictSame(said, [37])
    t.strictSame(readdirSync(snapshots), ['0000000000000025.snapshot', '0000000000000037.snapshot'])
  },
)

t.test('a snapshot of a newer format is refused', async (t) => {
  const directory = t.testdir()
  const data = await open(t, directory)
  await trade(data, 4)
  await close(data)
  const { snapshots } = dataPaths(directory)
  mkdirSync(snapshots)
  const records = Buffer.from('{"format":2,"sequence":3}\n"end"\n')
  const head = Buffer.alloc(8)
  head.writeUInt32LE(records.length, 0)
  head.writeUInt32LE(crc32(records), 4)
  writeFileSync(join(snapshots, '0000000000000003.snapshot'), Buffer.concat([head, records]))

  await t.rejects(
    open(t, directory),
    /0000000000000003\.snapshot has format 2; this build knows up to 1: use a newer one/,
  )
  t.equal(listSnapshots(nodeFileSystem, snapshots)[0]?.sequence, sequence(3))
})
