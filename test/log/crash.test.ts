import t from 'tap'
import type { Command } from '../../src/domain/command.ts'
import type { Unavailable } from '../../src/domain/unavailable.ts'
import { lots, micros, sequence, ticks } from '../../src/domain/units.ts'
import { FileLog, openInlineWriter } from '../../src/log/file-log.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { listSnapshots, readSnapshot, type Snapshot, writeSnapshot } from '../../src/log/snapshot.ts'
import { type SavedShard, Shard } from '../../src/shard.ts'
import { FaultyFiles } from './faulty-files.ts'

const runs = Number(process.env.STOCKYARD_CRASH_RUNS ?? 500)
const firstSeed = Number(process.env.STOCKYARD_CRASH_SEED ?? 1)
const directory = '/data/journal'

t.setTimeout(60_000 + runs * 200)

/** A small repeatable random source (mulberry32): 0 ≤ n < 1. */
function randomOf(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function randomCommand(random: () => number, n: number): Command {
  const pick = (count: number) => Math.floor(random() * count)
  if (random() < 0.2) return { type: 'cancel', venue: 'TESTEX', orderId: 1 + pick(n) }
  return {
    type: 'place',
    venue: 'TESTEX',
    symbol: random() < 0.8 ? 'FOO' : 'BAR',
    account: `A${pick(4)}`,
    side: random() < 0.5 ? 'buy' : 'sell',
    orderType: 'limit',
    timeInForce: random() < 0.8 ? 'gtc' : 'ioc',
    price: ticks(95 + pick(11)),
    quantity: lots(1 + pick(50)),
    // Long enough now and then that a batch spans sectors and segments.
    autoCreate: true,
    clientOrderId: `${n}-${'x'.repeat(pick(30))}`,
  }
}

async function open(files: FaultyFiles, snapshot?: Snapshot): Promise<{ shard: Shard; log: FileLog }> {
  const log = FileLog.open({ directory, files, segmentSize: 6000, openWriter: openInlineWriter(files) })
  let now = 0
  const clock = () => {
    now += 1
    return micros(now)
  }
  const shard = new Shard({ log, clock })
  if (snapshot !== undefined) shard.load(readSnapshot(files, snapshot) as Iterable<SavedShard>)
  await shard.replay()
  return { shard, log }
}

/** The digest that the commands of a journal give in a straight run. */
async function digestOf(log: FileLog): Promise<string> {
  const memory = new MemoryLog({ keep: Number.POSITIVE_INFINITY })
  for await (const batch of log.read(sequence(1))) await memory.append(batch)
  const shard = new Shard({ log: memory, clock: () => micros(1) })
  await shard.replay()
  return shard.digest
}

async function commandsOf(log: FileLog): Promise<string[]> {
  const texts: string[] = []
  for await (const batch of log.read(sequence(1)))
    for (const { command } of batch) texts.push(JSON.stringify(command))
  return texts
}

/** Load, a crash or a kill, recovery, three times over; throws when anything acknowledged is missing, twice or different. */
async function crashRun(seed: number): Promise<void> {
  const random = randomOf(seed)
  let files = new FaultyFiles({ random, shortWrite: 0.2, crashAt: 1 + Math.floor(random() * 60) })
  // By sequence number: what was answered.
  const acknowledged = new Map<number, string>()
  let n = 0
  for (let life = 0; life < 3; life += 1) {
    const opened = await open(files).catch((error: Error) => {
      // The disk may fail in the recovery too: then that start is refused, and the next one finds what it left.
      if (!/EIO|ENOSPC|stopped/.test(error.message)) throw error
    })
    if (opened === undefined) {
      files = files.afterCrash({ random })
      continue
    }
    const { shard, log } = opened
    const found = await commandsOf(log)
    for (const [at, text] of acknowledged) {
      if (found[at - 1] !== text) throw new Error(`life ${life}: acknowledged command ${at} is not there`)
    }
    if (new Set(found).size !== found.length) {
      const twice = found.find((text, i) => text.includes('"place"') && found.indexOf(text) !== i)
      if (twice !== undefined) throw new Error(`life ${life}: there twice: ${twice}`)
    }
    if (shard.digest !== (await digestOf(log))) throw new Error(`life ${life}: another digest`)

    let stopped = false
    for (let rounds = 0; rounds < 60 && !stopped; rounds += 1) {
      const answers = Array.from({ length: 1 + Math.floor(random() * 8) }, () => {
        n += 1
        const command = randomCommand(random, n)
        return shard
          .submit(command, ({ sequence }) => sequence)
          .then(
            (at) => {
              acknowledged.set(at, JSON.stringify(command))
            },
            (error: Unavailable) => {
              if (error.reason !== 'journal_failed') throw error
              stopped = true
            },
          )
      })
      await Promise.all(answers)
    }
    const faults = {
      ...{ random, shortWrite: 0.2 },
      [random() < 0.7 ? 'crashAt' : 'failAt']: 1 + Math.floor(random() * 60),
    }
    files = random() < 0.4 ? files.afterKill(faults) : files.afterCrash(faults)
  }
}

t.test(`after a crash all acknowledged commands are there, none twice (${runs} seeds)`, async (t) => {
  for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
    try {
      await crashRun(seed)
    } catch (error) {
      t.fail(`STOCKYARD_CRASH_SEED=${seed} STOCKYARD_CRASH_RUNS=1: ${error}`)
      throw error
    }
  }
  t.pass(`${runs} runs`)
})

t.test(
  'a bit flipped anywhere before the last frame refuses the start, and nothing is changed',
  async (t) => {
    const random = randomOf(7)
    const files = new FaultyFiles({ random })
    const { shard } = await open(files)
    for (let n = 1; n <= 60; n += 1) await shard.submit(randomCommand(random, n), () => undefined)
    const names = files.list(directory)
    t.ok(names.length >= 2, 'spans segments')
    const [oldest] = names.toSorted()
    const path = `${directory}/${oldest}`
    const bytes = files.read(path)

    for (let i = 0; i < 300; i += 1) {
      const bit = Math.floor(random() * bytes.length * 8)
      files.flip(path, bit)
      t.throws(
        () => FileLog.open({ directory, files, openWriter: openInlineWriter(files) }),
        /is damaged at byte/,
      )
      files.flip(path, bit)
    }
    t.ok(files.read(path).equals(bytes))
  },
)

t.test('a damaged tail that was acknowledged looks like a torn one: it is cut, and said', async (t) => {
  const random = randomOf(9)
  const files = new FaultyFiles({ random })
  const { shard, log } = await open(files)
  for (let n = 1; n <= 5; n += 1) await shard.submit(randomCommand(random, n), () => undefined)
  const path = `${directory}/${files.list(directory)[0]}`
  files.flip(path, (files.size(path) - 10) * 8)

  const again = FileLog.open({ directory, files, openWriter: openInlineWriter(files) })

  t.equal(log.last, 5)
  t.equal(again.last, 4)
  t.equal(again.torn.length, 1)
})

t.test('a shard that was saved and loaded goes on as if it had never stopped', async (t) => {
  const random = randomOf(11)
  const files = new FaultyFiles({ random })
  const { shard } = await open(files)
  for (let n = 1; n <= 300; n += 1) await shard.submit(randomCommand(random, n), () => undefined)
  writeSnapshot(files, '/data/snapshots', shard.sequence, shard.save())
  for (let n = 301; n <= 400; n += 1) await shard.submit(randomCommand(random, n), () => undefined)

  const [snapshot] = listSnapshots(files, '/data/snapshots')
  const { shard: again } = await open(files, snapshot)

  t.equal(again.sequence, 400)
  t.equal(again.digest, shard.digest)
  t.strictSame([...again.save()], [...shard.save()])
  const venue = shard.venue('TESTEX')
  for (let id = 1; id <= (venue?.lastOrderId ?? 0); id += 1) {
    const {
      older: _o,
      newer: _n,
      ...found
    } = again.venue('TESTEX')?.order(id) as never as Record<string, unknown>
    const { older: _p, newer: _m, ...wanted } = venue?.order(id) as never as Record<string, unknown>
    t.strictSame(found, wanted)
  }
})

t.test('only the newest two snapshots are kept, and a damaged one says where', async (t) => {
  const files = new FaultyFiles({ random: randomOf(12) })
  const records = Array.from({ length: 5000 }, (_, i) => ({ i, text: 'x'.repeat(i % 50) }))
  for (const at of [10, 20, 30]) writeSnapshot(files, '/data/snapshots', sequence(at), records)

  const snapshots = listSnapshots(files, '/data/snapshots')
  t.strictSame(
    snapshots.map(({ sequence }) => sequence as number),
    [30, 20],
  )
  const [newest, older] = snapshots as [(typeof snapshots)[0], (typeof snapshots)[0]]
  t.strictSame([...readSnapshot(files, newest)], records)
  files.flip(newest.path, 700_123)
  t.throws(() => [...readSnapshot(files, newest)], /30.snapshot is damaged at byte/)
  files.truncate(older.path, files.size(older.path) - 1)
  t.throws(() => [...readSnapshot(files, older)], /20.snapshot is damaged at byte/)
})
