import { spawnSync } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Answer, type Caller, createCaller } from '../support/caller.ts'
import { runCommand, startServer, type TestServer } from '../support/server.ts'
import { createTraders } from '../support/traders.ts'

t.setTimeout(120_000)

const refused = (reason: string | RegExp) => ({
  status: 503,
  body: { ok: false, reason, outcome: 'refused' },
})

/** A small disk of its own, or why there is none. It is gone when the test ends. */
function mountDisk(t: Test): { readonly disk: string } | { readonly missing: string } {
  // Not in the test's own directory, which is removed before a disk in it is gone.
  const disk = mkdtempSync(join(tmpdir(), 'stockyard-disk-'))
  const { status, stderr, error } = spawnSync('sh', ['-c', 'mount -t tmpfs -o size=8m tmpfs "$0"', disk])
  t.teardown(() => {
    if (status === 0) spawnSync('sh', ['-c', 'umount -l "$0"', disk])
    rmdirSync(disk)
  })
  return status === 0 ? { disk } : { missing: `no disk can be mounted: ${error?.message ?? stderr}` }
}

/** Fills the disk of a directory, but for some bytes. */
function fill(directory: string, left: number): void {
  const { bavail, bsize } = statfsSync(directory)
  const file = openSync(join(directory, 'ballast'), 'w')
  const zeros = Buffer.alloc(bsize)
  try {
    for (let rest = bavail * bsize - left; rest > 0; rest -= bsize) writeSync(file, zeros)
  } catch (error) {
    // A server may have taken the last bytes.
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    closeSync(file)
  }
}

const makeRoom = (directory: string) => rmSync(join(directory, 'ballast'))

async function start(
  t: Test,
  directory: string,
  through: readonly string[] = [],
): Promise<TestServer & { readonly caller: Caller }> {
  const server = await startServer(t, ['--data', directory, '--log-level', 'fatal'], {}, through)
  const caller = createCaller(server.url)
  t.teardown(() => caller.close())
  return { ...server, caller }
}

/** Places orders from many connections until the journal fails; the answers that were not 200. */
async function placeUntilFull(url: string, known: Set<number>): Promise<Answer[]> {
  const place = async (account: string): Promise<Answer> => {
    const caller = createCaller(url)
    for (let n = 0; ; n += 1) {
      const answer = await caller.place({ account, price: 1 + (n % 10) })
      if (answer.status !== 200) {
        caller.close()
        return answer
      }
      known.add(answer.body.id)
    }
  }
  return Promise.all(Array.from({ length: 16 }, (_, i) => place(`A${i}`)))
}

/** Journal and history share a disk: whichever writes first finds it full. */
const whichFailed = /^(journal_failed|history_unavailable)$/

/** What a server must do whose journal has failed, and the one that is started after room was made. */
async function checkFailedJournal(
  t: Test,
  directory: string,
  server: TestServer & { readonly caller: Caller },
  room: () => void,
): Promise<void> {
  const known = new Set<number>()
  const answers = await placeUntilFull(server.url, known)
  const { caller } = server

  t.ok(known.size > 100)
  for (const { status, body } of answers) t.match([status, body.reason], [503, whichFailed])
  // Where the history found the disk full first, no more orders came to the journal, and none was in flight.
  const isHistory = answers.every(({ body }) => body.reason === 'history_unavailable')
  t.ok(
    isHistory || answers.some(({ body }) => body.outcome === 'unknown'),
    'orders in flight may be in the journal or not',
  )
  t.match(
    server.stderr(),
    /(journal|history) cannot be written: .+\. No orders are taken from now on: make room/,
  )
  t.match(await caller.place(), refused(whichFailed))
  t.match(await caller.call('DELETE', '/ob/api/venues/TESTEX/stocks/FOOBAR/orders/1'), refused(whichFailed))
  t.match(await caller.get('/health'), { status: 503, body: { ok: false, reason: whichFailed } })
  const last = Math.max(...known)
  t.match(await caller.get(`/ob/api/venues/TESTEX/stocks/FOOBAR/orders/${last}`), { body: { id: last } })
  t.match(await caller.get('/ob/api/venues/TESTEX/stocks/FOOBAR/quote'), { status: 200 })

  t.strictSame(await server.stop(), { code: 0, signal: null })
  room()
  const again = await start(t, directory)
  t.match(await again.caller.get('/health'), { status: 200, body: { ok: true } })
  for (const id of known) {
    const { status } = await again.caller.get(`/ob/api/venues/TESTEX/stocks/FOOBAR/orders/${id}`)
    if (status !== 200) t.fail(`order ${id} was answered, and is ${status}`)
  }
  // Those whose fate was unknown may be there too, and take their place.
  const { body } = await again.caller.place()
  t.ok(body.id > last && body.id <= last + answers.length + 1, `${body.id} comes after ${last}`)
  t.strictSame(await again.stop(), { code: 0, signal: null })
  t.match(await runCommand(['journal', 'verify', '--data', directory]), { code: 0 })
}

t.test('a full disk', async (t) => {
  const mounted = mountDisk(t)
  if ('missing' in mounted) return void t.pass(mounted.missing, { skip: true })
  const { disk } = mounted
  const directory = join(disk, 'data')
  const server = await start(t, directory)
  t.equal((await server.caller.place()).status, 200)
  fill(disk, 300_000)
  await checkFailedJournal(t, directory, server, () => makeRoom(disk))
})

t.test('a journal that may not grow', async (t) => {
  const directory = join(t.testdir(), 'data')
  // In blocks of 512 bytes. What a test runner lets its children load would end them at the limit.
  const limited = ['sh', '-c', 'unset NODE_OPTIONS; ulimit -f 200; exec "$@"', 'sh']
  const server = await start(t, directory, limited)
  await checkFailedJournal(t, directory, server, () => {})
})

t.test('a start on a full disk is refused and breaks nothing', async (t) => {
  const mounted = mountDisk(t)
  if ('missing' in mounted) return void t.pass(mounted.missing, { skip: true })
  const { disk } = mounted
  const directory = join(disk, 'data')
  const first = await start(t, directory)
  const traders = createTraders(16)
  t.teardown(() => traders.close())
  traders.connect(first.url)
  await traders.trade(300, () => void first.process.kill('SIGKILL'))
  fill(disk, 0)

  const { code, stderr } = await runCommand(['--port', '0', '--data', directory])

  t.equal(code, 1)
  t.match(stderr, /^stockyard: .*(space|ENOSPC)/m)
  makeRoom(disk)
  const again = await start(t, directory)
  traders.connect(again.url)
  await traders.settle()
  t.equal(await traders.check(), traders.answered)
  t.notMatch(again.stderr(), /damaged/, 'nothing was set aside')
  await again.stop()
})

t.test('a disk that may only be read', async (t) => {
  const mounted = mountDisk(t)
  if ('missing' in mounted) return void t.pass(mounted.missing, { skip: true })
  const directory = join(mounted.disk, 'data')
  const first = await start(t, directory)
  t.equal((await first.caller.place()).status, 200)
  await first.stop()
  spawnSync('sh', ['-c', 'mount -o remount,ro "$0"', mounted.disk])

  const { code, stdout, stderr } = await runCommand(['--port', '0', '--data', directory])

  t.strictSame([code, stdout], [1, ''])
  t.equal(stderr, `stockyard: ${directory} cannot be written (EROFS): choose another --data\n`)
  t.match(await runCommand(['journal', 'verify', '--data', directory]), { code: 0 })
})

t.test('a history that cannot be written', async (t) => {
  const root = t.testdir({ data: {} })
  const directory = join(root, 'data')
  const mounted = mountDisk(t)
  if ('missing' in mounted) return void t.pass(mounted.missing, { skip: true })
  const { disk } = mounted
  mkdirSync(join(disk, 'history'))
  symlinkSync(join(disk, 'history'), join(directory, 'history'))
  const server = await start(t, directory)
  const traders = createTraders(16)
  t.teardown(() => traders.close())
  traders.connect(server.url)

  await traders.trade(300, () => fill(disk, 0))

  t.equal(server.stderr().match(/history cannot be written/g)?.length, 1)
  const { caller } = server
  t.match(await caller.place(), refused('history_unavailable'))
  t.match(await caller.get('/health'), { status: 503, body: { ok: false, reason: 'history_unavailable' } })
  t.match(await caller.get('/ob/api/venues/TESTEX/stocks/FOOBAR/quote'), { status: 200 })
  t.match(await caller.get('/ob/api/venues/TESTEX/stocks/FOOBAR'), { status: 200 })
  const [old, listed] = await Promise.all([
    caller.get('/ob/api/venues/TESTEX/stocks/FOOBAR/orders/1'),
    caller.get('/ob/api/venues/TESTEX/accounts/A1/orders'),
  ])
  for (const { status, body } of [old, listed]) {
    t.ok(
      status === 200 || body.reason === 'history_unavailable',
      `${status} ${JSON.stringify(body).slice(0, 200)}`,
    )
  }
  t.strictSame(await server.stop(), { code: 0, signal: null })

  makeRoom(disk)
  const again = await start(t, directory)
  traders.connect(again.url)
  await traders.settle()
  t.equal(await traders.check(), traders.answered)
  t.strictSame(await again.stop(), { code: 0, signal: null })
})
