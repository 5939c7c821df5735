import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Place } from '../../src/domain/command.ts'
import { lots, micros, ticks } from '../../src/domain/units.ts'
import { type OpenData, openData } from '../../src/durable/data-directory.ts'
import { dataPaths } from '../../src/durable/data-paths.ts'
import { runJournalCommand } from '../../src/journal-cli.ts'
import { openInlineWriter } from '../../src/log/file-log.ts'
import { nodeFileSystem } from '../../src/log/file-system.ts'
import { writeSnapshot } from '../../src/log/snapshot.ts'
import { addVoid } from '../../src/log/voids.ts'

const openWriter = openInlineWriter(nodeFileSystem)

function open(directory: string, warnings: string[] = []): Promise<OpenData> {
  return openData({ directory, clock: () => micros(1), warn: (text) => warnings.push(text), openWriter })
}

async function close({ shard, release }: OpenData): Promise<void> {
  await shard.close()
  await release()
}

/** Lets go of everything without the order of a stop. */
async function crash({ history, log, release }: OpenData): Promise<void> {
  await history.close()
  await log.close()
  await release()
}

const place = (n: number): Place => ({
  type: 'place',
  venue: 'TESTEX',
  symbol: 'FOO',
  account: `A${n % 3}`,
  side: n % 2 === 0 ? 'buy' : 'sell',
  orderType: 'limit',
  timeInForce: 'gtc',
  price: ticks(100 + (n % 5)),
  quantity: lots(1 + (n % 7)),
  autoCreate: true,
})

async function trade({ shard }: OpenData, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n += 1) await shard.submit(place(n), () => undefined)
}

async function journal(directory: string, ...args: string[]): Promise<string> {
  let text = ''
  await runJournalCommand([...args, '--data', directory], (more) => {
    text += more
  })
  return text
}

const segmentsOf = (directory: string) =>
  readdirSync(dataPaths(directory).journal)
    .toSorted()
    .map((name) => join(dataPaths(directory).journal, name))

t.test('what was answered is there after a stop, and a checkpoint ends the journal', async (t) => {
  const directory = join(t.testdir(), 'new')
  const first = await open(directory)
  await trade(first, 1, 50)
  const { digest } = first.shard
  await close(first)

  const again = await open(directory)
  t.equal(again.shard.digest, digest)
  t.equal(again.shard.sequence, 51)
  t.equal(again.shard.venue('TESTEX')?.lastOrderId, 50)
  await trade(again, 51, 60)
  t.equal(again.shard.venue('TESTEX')?.lastOrderId, 60)
  await close(again)

  const last = (await journal(directory, 'cat')).trimEnd().split('\n').at(-1) as string
  t.match(JSON.parse(last), { sequence: 62, type: 'checkpoint', at: 61, engineVersion: '1' })
})

t.test('one process at a time', async (t) => {
  const directory = t.testdir()
  const first = await open(directory)

  await t.rejects(open(directory), /is in use by another stockyard/)
  await close(first)
  // It holds nothing: one that is damaged is made anew.
  for (const name of readdirSync(join(directory, 'lock')))
    if (name !== 'LOCK') writeFileSync(join(directory, 'lock', name), 'nonsense')
  await close(await open(directory))
})

t.test('a torn tail is cut with a warning', async (t) => {
  const directory = t.testdir()
  const first = await open(directory)
  await trade(first, 1, 5)
  await crash(first)
  const [segment] = segmentsOf(directory) as [string]
  const whole = statSync(segment).size
  appendFileSync(segment, readFileSync(segment).subarray(32, 100))
  const drafts = [
    join(dataPaths(directory).journal, '0000000000000001.log.gz.draft'),
    join(dataPaths(directory).snapshots, '0000000000000004.snapshot.draft'),
  ]
  mkdirSync(dataPaths(directory).snapshots)
  for (const path of drafts) writeFileSync(path, 'half a')

  const warnings: string[] = []
  const again = await open(directory, warnings)

  t.equal(again.shard.sequence, 5)
  t.strictSame(warnings, [
    `${segment}: cut 68 bytes at ${whole} that a crash had left half-written; nothing acknowledged is lost`,
  ])
  t.notOk(
    drafts.some((path) => existsSync(path)),
    'drafts are removed',
  )
  await close(again)
})

t.test('a history that knows of later commands than the journal refuses the start', async (t) => {
  const directory = t.testdir()
  const first = await open(directory)
  await trade(first, 1, 5)
  await crash(first)
  const { history } = dataPaths(directory)
  const [segment] = segmentsOf(directory) as [string]
  truncateSync(segment, statSync(segment).size - 3)

  await t.rejects(
    open(directory),
    /history cannot be used: it reaches to command 5, but the journal only to 4: commands that were answered are missing/,
  )
  rmSync(history, { recursive: true })
  const again = await open(directory)
  t.equal(again.shard.sequence, 4)
  await close(again)
})

t.test('damage refuses the start, says where, and changes nothing', async (t) => {
  const directory = t.testdir()
  const first = await open(directory)
  await trade(first, 1, 5)
  await close(first)
  const [segment] = segmentsOf(directory) as [string]
  const bytes = readFileSync(segment)
  bytes[100] = (bytes[100] as number) ^ 1
  writeFileSync(segment, bytes)

  await t.rejects(open(directory), /0000000000000001.log is damaged at byte 32: a sound frame follows/)
  await t.rejects(journal(directory, 'verify'), /is damaged at byte 32/)
  t.ok(readFileSync(segment).equals(bytes))
})

t.test('a journal of a newer format is refused', async (t) => {
  const directory = t.testdir()
  const first = await open(directory)
  await trade(first, 1, 1)
  await close(first)
  const [segment] = segmentsOf(directory) as [string]
  const { encodeSegmentHeader } = await import('../../src/log/segment.ts')
  const bytes = readFileSync(segment)
  encodeSegmentHeader({ version: 2, first: 1 as never, previous: 0 }).copy(bytes)
  writeFileSync(segment, bytes)

  await t.rejects(open(directory), /has format 2; this build knows up to 1/)
})

t.test(
  'a directory that cannot be written is refused',
  { skip: process.getuid?.() === 0 && 'root may write anywhere' },
  async (t) => {
    const directory = t.testdir()
    chmodSync(directory, 0o500)

    await t.rejects(open(directory), /cannot be written/)
  },
)

t.test('a file where the directory should be is refused', async (t) => {
  const directory = t.testdir({ data: 'a file' })

  await t.rejects(open(join(directory, 'data')), /cannot be written \(EEXIST\)/)
})

t.test('a snapshot shortens the replay; a damaged one is passed over, loudly', async (t) => {
  const directory = t.testdir()
  const first = await open(directory)
  await trade(first, 1, 20)
  const { snapshots } = dataPaths(directory)
  const older = writeSnapshot(nodeFileSystem, snapshots, first.shard.sequence, first.shard.save())
  await trade(first, 21, 40)
  const newer = writeSnapshot(nodeFileSystem, snapshots, first.shard.sequence, first.shard.save())
  await trade(first, 41, 45)
  const { digest } = first.shard
  await close(first)

  for (const path of [undefined, newer.path, older.path]) {
    if (path !== undefined) truncateSync(path, statSync(path).size - 1)
    const warnings: string[] = []
    const replayed: number[] = []
    const again = await openData({
      ...{ directory, clock: () => micros(1), openWriter },
      warn: (text) => warnings.push(text),
      progress: (done) => replayed.push(done),
    })
    t.equal(again.shard.digest, digest)
    t.equal(warnings.length, path === undefined ? 0 : path === newer.path ? 1 : 2)
    if (path === newer.path) t.match(warnings[0], /40.snapshot is damaged at byte \d+: it is not used/)
    t.ok((replayed[0] as number) > (path === undefined ? 40 : path === newer.path ? 20 : 0))
    await crash(again)
  }
})

t.test('a snapshot that the journal does not reach is refused', async (t) => {
  const directory = t.testdir()
  const first = await open(directory)
  await trade(first, 1, 20)
  writeSnapshot(nodeFileSystem, dataPaths(directory).snapshots, first.shard.sequence, first.shard.save())
  await close(first)
  const [segment] = segmentsOf(directory) as [string]
  truncateSync(segment, 2000)

  await t.rejects(open(directory), /ends at command \d+, before the snapshot/)
})

t.test('a voided command is replayed as refused', async (t) => {
  const directory = t.testdir()
  const first = await open(directory)
  await trade(first, 1, 6)
  await close(first)

  t.match(await journal(directory, 'void', '6'), /command 6 counts as refused/)
  await t.rejects(journal(directory, 'void', '99'), /is not in the journal: it holds 1 to 7/)
  await t.rejects(journal(directory, 'void', 'x'), /SEQ: "x" is not a sequence number/)

  // The checkpoint at the end knows the digest with the command in force, so this one must be refused …
  await t.rejects(open(directory), /after command 6 the digest is .* but was .* with engine 1/)
  // … and without it the journal goes on as if the command had been refused.
  const [segment] = segmentsOf(directory) as [string]
  truncateSync(segment, statSync(segment).size - 1)
  rmSync(dataPaths(directory).history, { recursive: true })
  const again = await open(directory)
  t.equal(again.shard.venue('TESTEX')?.lastOrderId, 5)
  await close(again)
  const voids = join(dataPaths(directory).journal, 'void.json')
  writeFileSync(voids, readFileSync(voids, 'utf8').replace('6', '5'))
  await t.rejects(open(directory), /void.json is damaged \(its checksum is wrong\)/)
})

t.test('void lists grow, sorted and without repetitions', async (t) => {
  const directory = t.testdir({ journal: {} })
  for (const n of [9, 2, 9]) addVoid(nodeFileSystem, join(directory, 'journal'), n)

  t.match(readFileSync(join(directory, 'journal/void.json'), 'utf8'), /"voided":\[2,9\]/)
})

t.test('journal commands read beside a server', async (t) => {
  const directory = t.testdir()
  const data = await open(directory)
  await trade(data, 1, 10)

  const lines = (await journal(directory, 'cat', '3', '5')).trimEnd().split('\n')
  t.strictSame(
    lines.map((line) => JSON.parse(line).sequence),
    [3, 4, 5],
  )
  t.match(await journal(directory, 'verify'), /journal: commands 1 to 10 are sound/)
  const { snapshots } = dataPaths(directory)
  const [newer, older] = [10, 7].map((at) => join(snapshots, `${at}`.padStart(16, '0').concat('.snapshot')))
  writeSnapshot(nodeFileSystem, snapshots, data.shard.sequence, data.shard.save())
  copyFileSync(newer as string, older as string)
  await t.rejects(
    journal(directory, 'verify'),
    new Error(
      `${older} is of command 10, not of the one in its name. A start does without: it can be deleted`,
    ),
  )
  t.match(await journal(directory, 'stat'), /commands {4}1 to 10\nhistoryFrom 1/)
  t.match(await journal(directory), /usage: stockyard journal/)
  await t.rejects(journal(directory, 'copy'), /unknown journal command "copy"/)
  await t.rejects(journal(join(directory, 'none'), 'cat'), /no journal in/)
  await t.rejects(journal(directory, 'void', '3'), /is in use by another stockyard/)
  await close(data)
})

t.test('files copied while running are a backup: what was answered before the copy is there', async (t) => {
  const directory = t.testdir({ backup: { journal: {} }, data: {} })
  const data = await open(join(directory, 'data'))
  await trade(data, 1, 10)
  for (const path of segmentsOf(join(directory, 'data'))) {
    copyFileSync(path, path.replace('/data/journal', '/backup/journal'))
  }
  await trade(data, 11, 20)
  await close(data)

  const restored = await open(join(directory, 'backup'))
  t.equal(restored.shard.venue('TESTEX')?.lastOrderId, 10)
  await close(restored)
})
