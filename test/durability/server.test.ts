import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import t, { type Test } from 'tap'
import { type Caller, createCaller } from '../support/caller.ts'
import { fillDirectory } from '../support/filled.ts'
import { runCommand, startServer, type TestServer } from '../support/server.ts'
import { createTraders } from '../support/traders.ts'

t.setTimeout(300_000)

/** A running server on a data directory, and a connection to it. */
async function start(
  t: Test,
  directory: string,
  ...flags: string[]
): Promise<TestServer & { readonly caller: Caller; kill(): Promise<void> }> {
  const server = await startServer(t, ['--data', directory, '--log-level', 'warn', ...flags])
  const caller = createCaller(server.url)
  t.teardown(() => caller.close())
  return {
    ...server,
    caller,
    async kill() {
      const ended = once(server.process, 'exit')
      server.process.kill('SIGKILL')
      await ended
    },
  }
}

function load(t: Test) {
  const traders = createTraders(16)
  t.teardown(() => traders.close())
  return traders
}

interface JournalLine {
  readonly sequence: number
  readonly type: string
  readonly at?: number
}

async function journalOf(directory: string): Promise<JournalLine[]> {
  const { stdout } = await runCommand(['journal', 'cat', '--data', directory])
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** The files of one part of a data directory, oldest first. */
function filesOf(directory: string, part: 'journal' | 'snapshots' | 'history'): string[] {
  return readdirSync(join(directory, part))
    .toSorted()
    .map((name) => join(directory, part, name))
}

/** A fingerprint of all that a directory holds, but for the lock. */
function contentOf(directory: string): string {
  const hash = createHash('sha256')
  for (const part of ['journal', 'snapshots', 'history'] as const) {
    for (const path of filesOf(directory, part)) hash.update(path).update(readFileSync(path))
  }
  return hash.digest('hex')
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path)
  bytes[at] = (bytes[at] as number) ^ 1
  writeFileSync(path, bytes)
}

/** Asks until something is so. */
async function until<T>(ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const found = await ask()
    if (found !== undefined) return found
    await setTimeout(5)
  }
}

/** The processes that a process has started, by their ids. */
function childrenOf({ process: { pid } }: TestServer): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}

const listOf = (caller: Caller, account: string) =>
  caller.get(`/ob/api/venues/TESTEX/accounts/${account}/orders`)

t.test('a stop, a pause and a second server under load', async (t) => {
  const directory = join(t.testdir(), 'data')
  const traders = load(t)
  const first = await start(t, directory)
  traders.connect(first.url)
  let second: Awaited<ReturnType<typeof runCommand>> | undefined
  let stopped: Awaited<ReturnType<TestServer['stop']>> | undefined

  await traders.trade(300, async () => {
    first.process.kill('SIGSTOP')
    second = await runCommand(['--port', '0', '--data', directory])
    first.process.kill('SIGCONT')
    t.equal((await first.caller.get('/health')).status, 200)
    stopped = await first.stop()
  })

  t.match(second, {
    ...{ code: 1, stdout: '' },
    stderr: /^stockyard: .*\/data is in use by another stockyard: stop that one, or choose another --data\n$/,
  })
  t.strictSame(await until(() => stopped), { code: 0, signal: null })
  t.equal(first.stderr(), '')
  const journal = await journalOf(directory)
  const end = journal.at(-1) as JournalLine
  t.match(end, { type: 'checkpoint', at: end.sequence - 1, sequence: journal.length })
  t.match(filesOf(directory, 'snapshots'), [new RegExp(`0${end.sequence}\\.snapshot$`)])

  const again = await start(t, directory)
  traders.connect(again.url)
  t.ok((await traders.check()) >= traders.answered)
  await traders.settle()
  t.equal(await traders.check(), traders.answered)
  t.match((await again.caller.get('/health')).body, { ok: true, sequence: Number })
  t.strictSame(await again.stop('SIGINT'), { code: 0, signal: null })
})

t.test('damage, a torn tail, and snapshots that are bad or gone', async (t) => {
  const directory = join(t.testdir(), 'data')
  const traders = load(t)
  const first = await start(t, directory)
  traders.connect(first.url)
  await traders.trade(300, () => void first.process.kill('SIGKILL'))
  const [segment] = filesOf(directory, 'journal') as [string]
  const restart = async (warning: RegExp) => {
    const server = await start(t, directory)
    traders.connect(server.url)
    await traders.settle()
    t.equal(await traders.check(), traders.answered)
    t.match(server.stderr(), warning)
    return server
  }

  const bytes = readFileSync(segment)
  appendFileSync(segment, bytes.subarray(32, 80))
  const torn = await restart(/0000000000000001\.log: cut 48 bytes at \d+ that a crash had left half-written/)
  await torn.stop()

  flip(segment, Math.floor(statSync(segment).size / 2))
  const before = contentOf(directory)
  t.match(await runCommand(['--port', '0', '--data', directory]), {
    code: 1,
    stdout: '',
    stderr:
      /^stockyard: \S+0000000000000001\.log is damaged at byte \d+: a sound frame follows at byte \d+\. Restore it from a backup; nothing was changed\n$/,
  })
  t.equal(contentOf(directory), before, 'nothing was changed')
  flip(segment, Math.floor(statSync(segment).size / 2))

  const [snapshot] = filesOf(directory, 'snapshots') as [string]
  flip(snapshot, 100)
  const without = await restart(/\.snapshot is damaged at byte 0: it is not used/)
  await without.stop()
  rmSync(join(directory, 'snapshots'), { recursive: true })
  const bare = await restart(/^$/)
  await bare.stop()
})

t.test('a history that is gone, damaged or behind is completed while trading goes on', async (t) => {
  const directory = join(t.testdir(), 'data')
  const history = join(directory, 'history')
  await fillDirectory(directory, 20_000)
  cpSync(history, join(directory, 'early'), { recursive: true })
  const first = await start(t, directory)
  t.equal((await first.caller.place({ account: 'LATE' })).body.id, 20_001)
  const wanted = await Promise.all(['A0', 'A1', 'LATE'].map((account) => listOf(first.caller, account)))
  const closed = wanted[0]?.body.orders.findLast(({ open }: { open: boolean }) => !open).id as number
  await first.stop()
  const harm: Record<string, () => void> = {
    gone: () => {},
    damaged: () => {
      cpSync(join(directory, 'early'), history, { recursive: true })
      writeFileSync(join(history, 'CURRENT'), 'nonsense')
    },
    behind: () => cpSync(join(directory, 'early'), history, { recursive: true }),
  }
  for (const [name, spoil] of Object.entries(harm)) {
    rmSync(history, { recursive: true })
    spoil()
    const server = await start(t, directory)
    const { caller } = server
    const one = `/ob/api/venues/TESTEX/stocks/FOOBAR/orders/${closed}`
    if (name !== 'behind') {
      const meanwhile = {
        status: 503,
        body: { ok: false, reason: 'history_catching_up', outcome: 'refused' },
      }
      t.match(await caller.get(one), meanwhile, name)
      t.match(await listOf(caller, 'A0'), meanwhile, name)
      t.match((await caller.get('/health')).body, { ok: true, catchingUp: true }, name)
      t.equal((await caller.place({ account: 'MEANWHILE', price: 1 })).status, 200, `${name}: orders go on`)
    }
    await until(async () => (await caller.get('/health')).body.catchingUp === undefined || undefined)

    const found = await Promise.all(['A0', 'A1', 'LATE'].map((account) => listOf(caller, account)))
    t.ok(isDeepStrictEqual(found, wanted), name)
    t.equal((await caller.get(one)).body.open, false)
    t.match(
      server.stderr(),
      name === 'damaged' ? /history is damaged .*: set aside as/ : /completing|^$/,
      name,
    )
    t.strictSame(await server.stop(), { code: 0, signal: null })
  }
  t.equal(
    readdirSync(directory).filter((name) => name.startsWith('history.damaged-')).length,
    1,
    'what was set aside is there',
  )
})

t.test('kills while a snapshot is being made', async (t) => {
  const directory = join(t.testdir(), 'data')
  await fillDirectory(directory, 30_000)
  const flags = ['--snapshot-every', '1000']
  const first = await start(t, directory, ...flags)

  t.equal((await first.caller.place()).body.id, 30_001)
  const [child] = await until(() => nonEmpty(childrenOf(first)))
  process.kill(child as number, 'SIGKILL')
  await first.logged(/no snapshot: /)
  t.equal((await first.caller.place()).body.id, 30_002)
  await first.kill()
  t.notOk(hasSnapshot(directory))

  const second = await start(t, directory, ...flags)
  t.equal((await second.caller.place()).body.id, 30_003)
  const [orphan] = await until(() => nonEmpty(childrenOf(second)))
  await second.kill()

  const third = await start(t, directory, ...flags)
  t.equal((await third.caller.place()).body.id, 30_004)
  await until(() => !existsSync(`/proc/${orphan}`) || undefined)
  await until(() => hasSnapshot(directory) || undefined)
  await third.stop()
  const verified = await runCommand(['journal', 'verify', '--data', directory])
  t.match(verified, { code: 0, stdout: /\.snapshot: sound/ })
  t.strictSame(
    filesOf(directory, 'snapshots').filter((path) => !path.endsWith('.snapshot')),
    [],
    'no drafts are left',
  )
})

function nonEmpty<T>(items: T[]): T[] | undefined {
  return items.length > 0 ? items : undefined
}

function hasSnapshot(directory: string): boolean {
  return (
    existsSync(join(directory, 'snapshots')) &&
    filesOf(directory, 'snapshots').some((path) => path.endsWith('.snapshot'))
  )
}

t.test('a copy made while running is a backup', async (t) => {
  const root = t.testdir()
  const [directory, backup] = [join(root, 'data'), join(root, 'backup')]
  const traders = load(t)
  // So that there is a snapshot.
  await (await start(t, directory)).stop()
  const first = await start(t, directory)
  traders.connect(first.url)
  let answered = 0
  await traders.trade(300, () => {
    answered = traders.answered
    // What the page on durability says, in its order.
    for (const part of ['snapshots', 'journal'])
      cpSync(join(directory, part), join(backup, part), { recursive: true })
    void first.stop()
  })

  const restored = await start(t, backup)
  const { body } = await restored.caller.place({ account: 'NEW', price: 1 })
  t.ok(body.id > answered, `${body.id - 1} orders, ${answered} had been answered before the copy`)
  await until(async () => (await restored.caller.get('/health')).body.catchingUp === undefined || undefined)
  for (let i = 0; i < 16; i += 1) t.equal((await listOf(restored.caller, `A${i}`)).status, 200)
  await restored.stop()
  t.match(await runCommand(['journal', 'verify', '--data', backup]), { code: 0 })
})

t.test('settings that differ from what a venue was made with', async (t) => {
  const root = t.testdir()
  const directory = join(root, 'data')
  const config = (name: string, content: object) => {
    const file = join(root, `${name}.json`)
    writeFileSync(file, JSON.stringify(content))
    return ['--config', file]
  }
  const run = async (...flags: string[]) => {
    const server = await start(t, directory, ...flags)
    await server.stop()
    return (await journalOf(directory)).filter(({ type }) => type !== 'checkpoint').map(({ type }) => type)
  }
  const limited = (accounts: number) => ({ venues: { ACME: { symbols: ['XYZ'], limits: { accounts } } } })

  const made = await run(
    ...config('first', { venues: { ACME: { symbols: ['XYZ'], selfTrade: 'cancel-taker' } } }),
  )
  t.strictSame(made, ['set-limits', 'create-venue', 'list-instrument'])
  const refused = await runCommand([
    ...['--port', '0', '--data', directory],
    ...config('other', { venues: { ACME: { symbols: ['XYZ'], selfTrade: 'allow' } } }),
  ])
  t.match(refused, { code: 1, stdout: '' })
  t.equal(
    refused.stderr,
    'stockyard: venue ACME: it exists with selfTrade cancel-taker and cannot get selfTrade allow\n',
  )
  const five = config('five', limited(5))
  t.strictSame(await run(...five), [...made, 'set-limits'], 'changed limits are journaled')
  t.strictSame(await run(...five), [...made, 'set-limits'], 'unchanged ones are not')
  t.strictSame(await run(...config('six', limited(6))), [...made, 'set-limits', 'set-limits'])

  const server = await start(t, directory, '--max-accounts', '1', '--listing', 'ACME/XYZ')
  const orders = '/ob/api/venues/ACME/stocks/XYZ/orders'
  const order = { price: 1, qty: 1, direction: 'buy', orderType: 'limit' }
  t.equal((await server.caller.call('POST', orders, { ...order, account: 'A' })).status, 200)
  t.match(await server.caller.call('POST', orders, { ...order, account: 'B' }), {
    status: 400,
    body: { reason: 'too_many_accounts' },
  })
  await server.stop()
})
