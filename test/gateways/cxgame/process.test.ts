import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { runCommand, startServer, type TestServer, tlsTexts } from '../../support/server.ts'

t.setTimeout(300_000)

const here = fileURLToPath(new URL('.', import.meta.url))
const secret = 'open sesame 12'
const withSecret = { STOCKYARD_CXGAME_ADMIN_SECRET: secret }

interface Reply {
  readonly status: boolean
  readonly message: string
  readonly data: unknown
}

const oil = { base: 'OIL', quote: 'USD', tickSize: '0.01', lotSize: '1' }

/** A game as a process of its own, on free ports. */
async function startGame(
  t: Test,
  flags: readonly string[] = [],
  environment: Record<string, string> = withSecret,
) {
  const server = await startServer(t, ['cxgame', '-e', '0', '-f', '0', ...flags], environment)
  const found = /cxgame on (\S+), its feed on (\S+)/.exec(server.stdout())
  if (found === null) throw new Error(`no game in ${server.stdout()}`)
  const [, commandUrl = '', feedUrl = ''] = found
  return { server, commandUrl, feedUrl }
}

/** One connection of a player. */
async function connect(t: Test, url: string): Promise<(cmd: string, params?: unknown) => Promise<Reply>> {
  const socket = new WebSocket(url, { rejectUnauthorized: false })
  t.teardown(() => socket.terminate())
  await once(socket, 'open')
  return async (cmd, params = {}) => {
    socket.send(JSON.stringify({ cmd, params }))
    const [data] = await once(socket, 'message')
    return JSON.parse(String(data)) as Reply
  }
}

/** Everything that a reader of the feed is sent, and with what it is closed. */
async function readFeed(t: Test, url: string) {
  const socket = new WebSocket(url, { rejectUnauthorized: false })
  t.teardown(() => socket.terminate())
  const messages: { type: string; message: unknown; data?: unknown }[] = []
  socket.on('message', (data) => messages.push(JSON.parse(String(data))))
  const closed = once(socket, 'close').then(([code]) => code as number)
  await once(socket, 'open')
  /** Resolves when so many messages begin like this. */
  const heard = async (text: string, count: number) => {
    const found = () => messages.filter(({ message }) => String(message).startsWith(text)).length
    while (found() < count) await once(socket, 'message')
  }
  return { messages, closed, heard }
}

function ended(server: TestServer): Promise<number | null> {
  const { process: child } = server
  if (child.exitCode !== null) return Promise.resolve(child.exitCode)
  return once(child, 'exit').then(([code]) => code as number | null)
}

t.test(
  'a game that was killed goes on where it stood: wallets, orders, tokens, mid and the rest of the time',
  async (t) => {
    const data = join(t.testdir(), 'data')
    const flags = ['--data', data, '-t', '600']
    const first = await startGame(t, flags)
    const kestrel = await connect(t, first.commandUrl)
    const osprey = await connect(t, first.commandUrl)
    const token = (await kestrel('register', { username: 'kestrel' })).data
    await osprey('register', { username: 'osprey' })
    const sold = (await kestrel('sell', { price: '1002.00', size: '0.5' })).data as { id: string }
    await osprey('buy_market', { amount: '100.20' })
    const before = {
      wallets: await kestrel('wallets'),
      price: await kestrel('price'),
      orders: await kestrel('orders'),
      fills: await kestrel('fills'),
      audit: await kestrel('audit'),
    }
    await kestrel('pause', { secret })
    await first.server.stop('SIGKILL')

    const second = await startGame(t, flags)
    const again = await connect(t, second.commandUrl)
    t.strictSame((await again('auth', { username: 'kestrel', token: '0'.repeat(64) })).status, false)
    t.strictSame(await again('auth', { username: 'kestrel', token }), {
      status: true,
      message: 'Authenticated',
      data: null,
    })
    t.equal((await again('wallets')).message, 'Server is paused. Wait for admin "start" command.')
    t.equal((await again('start', { secret })).message, 'Command accepted. Open for business.')
    t.strictSame(await again('wallets'), before.wallets)
    t.strictSame(await again('price'), before.price)
    t.strictSame(await again('orders'), before.orders)
    t.strictSame(await again('fills'), before.fills)
    t.strictSame(await again('audit'), before.audit)
    t.equal((await again('cancel', { order_id: sold.id })).status, true)

    const { closed, messages } = await readFeed(t, second.feedUrl)
    await again('shutdown', { secret })
    t.equal(await closed, 1001)
    t.strictSame(
      messages.filter(({ type }) => type === 'csv').map(({ data }) => data),
      [
        '"user","crypto","usd","holdings"\n"kestrel","9.9000000000","10100.20","20015.05"\n"osprey","10.1000000000","9899.80","20014.95"\n',
      ],
    )
    t.equal(await ended(second.server), 0)

    const third = await startGame(t, flags)
    t.match(
      third.server.stderr(),
      /"msg":"the last game has ended: the next one begins"/,
      'the result, for whoever missed the end',
    )
    t.match(third.server.stderr(), 'kestrel\\",\\"9.9000000000')
    const newcomer = await connect(t, third.commandUrl)
    t.equal((await newcomer('register', { username: 'kestrel' })).message, 'Registered', 'the next game')
    t.strictSame((await newcomer('wallets')).data, { usd: '10000.00', crypto: '10.0' })
    t.strictSame((await newcomer('fills')).data, [])
  },
)

t.test(
  'a game ends by itself when its time is up, although nobody says anything, and the process with it',
  async (t) => {
    const { server, commandUrl, feedUrl } = await startGame(t, ['-t', '0.4', '-i', 'no'])
    const { messages, closed } = await readFeed(t, feedUrl)
    const kestrel = await connect(t, commandUrl)
    await kestrel('register', { username: 'kes"trel' })
    // Sent together, so that the order comes in time however busy this machine is.
    await Promise.all([kestrel('start', { secret }), kestrel('buy', { price: '999.00', size: '1' })])

    t.equal(await closed, 1001)
    t.equal(await ended(server), 0)
    const last = messages.slice(messages.findIndex(({ type }) => type === 'shutdown'))
    t.strictSame(
      last.map(({ type }) => type),
      ['shutdown', 'cancel', 'csv', 'result'],
    )
    t.equal(last[0]?.message, 'Time limit reached. Shutting down.')
    t.match(last[2]?.data, /^"user","crypto","usd","holdings"\n"kes-trel",/)
  },
)

t.test('SIGTERM ends a game that is not kept, and only stops one that is', async (t) => {
  const lost = await startGame(t)
  const lostFeed = await readFeed(t, lost.feedUrl)
  await (await connect(t, lost.commandUrl))('register', { username: 'kestrel' })
  t.equal((await lost.server.stop()).code, 0)
  await lostFeed.closed
  t.strictSame(
    lostFeed.messages.slice(-2).map(({ type }) => type),
    ['csv', 'result'],
  )

  const kept = await startGame(t, ['--data', join(t.testdir(), 'data')])
  const keptFeed = await readFeed(t, kept.feedUrl)
  await (await connect(t, kept.commandUrl))('register', { username: 'kestrel' })
  t.equal((await kept.server.stop()).code, 0)
  t.equal(await keptFeed.closed, 1001)
  t.notOk(keptFeed.messages.some(({ type }) => type === 'csv'))
})

t.test('the game’s market is read under /ob/api like any other, and traded there by nobody', async (t) => {
  const usd = { decimals: 2, opening: '5.00' }
  const folder = t.testdir({
    'c.json': JSON.stringify({
      venues: { BANK: { assets: { USD: usd, OIL: usd }, instruments: { OIL: oil } } },
    }),
  })
  const { server, commandUrl } = await startGame(t, ['--config', join(folder, 'c.json')])
  const kestrel = await connect(t, commandUrl)
  await kestrel('register', { username: 'kestrel' })
  await kestrel('sell', { price: '1002.00', size: '0.5' })

  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${server.url}/ob/api/venues/CXGAME${path}`, init)
    return [response.status, (await response.json()) as Record<string, unknown>] as const
  }
  const [, stocks] = await ask('/stocks')
  const [, quote] = await ask('/stocks/CRYPTO/quote')
  const order = { account: 'kestrel', price: 1, qty: 1, direction: 'buy', orderType: 'limit' }
  const post = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(order),
  }
  const [status, refused] = await ask('/stocks/CRYPTO/orders', post)
  const elsewhere = await fetch(`${server.url}/ob/api/venues/BANK/stocks/OIL/orders`, post)

  t.match(stocks, { symbols: [{ symbol: 'CRYPTO', tickSize: '0.01', lotSize: '0.0000000001' }] })
  t.match(quote, { ask: 100_200, askSize: 5_000_000_000 })
  t.equal(status, 403)
  t.match(refused, { ok: false, reason: 'closed_door' })
  t.equal(elsewhere.status, 200, 'a venue with assets that is nobody’s is for all')
})

t.test('with a PEM file both ports speak TLS only', async (t) => {
  const { cert, key } = tlsTexts()
  const folder = t.testdir({ 'game.pem': `${cert}\n${key}`, 'no.pem': cert })
  const { commandUrl, feedUrl } = await startGame(t, ['-p', join(folder, 'game.pem')])

  t.match([commandUrl, feedUrl], [/^wss:/, /^wss:/])
  const kestrel = await connect(t, commandUrl)
  t.equal((await kestrel('register', { username: 'kestrel' })).message, 'Registered')
  await readFeed(t, feedUrl)
  const plain = new WebSocket(commandUrl.replace('wss:', 'ws:'))
  const [error] = await once(plain, 'error')
  t.ok(error instanceof Error, 'a plain websocket is refused')
})

t.test('a game that cannot be opened refuses the start in one line', async (t) => {
  const { commandUrl } = await startGame(t)
  const { port } = new URL(commandUrl)
  const data = join(t.testdir(), 'data')
  const kept = await startGame(t, ['--data', data])
  await kept.server.stop()
  const plain = await startServer(t, ['--data', data])
  const response = await fetch(`${plain.url}/ob/api/venues/CXGAME/stocks/CRYPTO/orders`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ account: 'x', price: 1, qty: 1, direction: 'buy', orderType: 'limit' }),
  })
  t.equal(response.status, 403, 'nor does REST trade on it when the game is not there')
  await plain.stop()

  const equal = await runCommand(['cxgame', '--port', '0', '-e', '9', '-f', '9'])
  const taken = await runCommand(['cxgame', '--port', '0', '-f', '0', '-e', port])
  const other = await runCommand([
    'cxgame',
    '--port',
    '0',
    '-e',
    '0',
    '-f',
    '0',
    '-m',
    '5.00',
    '--data',
    data,
  ])
  const unknown = await runCommand(['cxgame', '--hots', 'x'])

  t.match(equal, { code: 1, stderr: 'stockyard: cxgame: commands and feed cannot share the port 9\n' })
  t.match(taken, { code: 1, stderr: new RegExp(`^stockyard: .*${port}.*\n$`) })
  t.match(other, { code: 1, stderr: /^stockyard: .*10000\.00.*5\.00|^stockyard: .*5\.00.*10000\.00/ })
  t.match(unknown, { code: 2, stderr: /did you mean --host\?/ })
})

t.test('neither tokens nor secrets are in the log', async (t) => {
  const { server, commandUrl } = await startGame(t, ['--log-level', 'trace'])
  const kestrel = await connect(t, commandUrl)
  const token = (await kestrel('register', { username: 'kestrel' })).data as string
  await kestrel('auth', { username: 'kestrel', token })
  await kestrel('pause', { secret: 'a wrong one 123' })
  await kestrel('pause', { secret })
  await server.stop()

  const log = server.stdout() + server.stderr()
  t.match(log, /kestrel/, 'there is a log')
  for (const text of [token, secret, 'a wrong one 123']) t.notOk(log.includes(text), text)
})

/** A Python with the package that old clients are written on, if this machine has one. */
function findPython(): string | undefined {
  return ['/usr/bin/python3', 'python3'].find(
    (python) => spawnSync(python, ['-c', 'import websockets']).status === 0,
  )
}

const python = findPython()
const skip = python === undefined ? 'no Python with the package websockets (python3-websockets)' : false

function runPython(
  script: string,
  args: readonly string[],
): Promise<Pick<SpawnSyncReturns<string>, 'status' | 'stdout' | 'stderr'>> {
  const child = spawn(python ?? '', [join(here, script), ...args], {
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  return once(child, 'close').then(([status]) => ({ status: status as number | null, ...output }))
}

t.test('CX-056 the old Python client runs each of its methods, over ws and wss', { skip }, async (t) => {
  const { cert, key } = tlsTexts()
  const folder = t.testdir({ 'game.pem': `${cert}\n${key}` })
  for (const tls of [false, true]) {
    const flags = tls ? ['-p', join(folder, 'game.pem')] : []
    const { server, commandUrl, feedUrl } = await startGame(t, flags)
    const { status, stdout, stderr } = await runPython('old_client.py', [
      ...[new URL(commandUrl).host, new URL(feedUrl).host, '--secret', secret],
      ...(tls ? ['--tls'] : []),
    ])

    const checks = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { check: string; ok: boolean })
    t.ok(checks.length > 100, `${checks.length} checks`)
    t.strictSame(
      checks.filter(({ ok }) => !ok),
      [],
      stderr,
    )
    t.equal(status, 0)
    t.equal(await ended(server), 0)
  }
})

t.test('old bots play a whole game, and no money is made or lost', { skip }, async (t) => {
  const { server, commandUrl, feedUrl } = await startGame(t, ['-t', '3', '-i', 'no'])
  const { messages, closed, heard } = await readFeed(t, feedUrl)
  const referee = await connect(t, commandUrl)
  await referee('register', { username: 'referee' })
  const { host } = new URL(commandUrl)
  const bots = [1, 2, 3].map((seed) => runPython('old_bot.py', [host, '--rounds', '0', '--seed', `${seed}`]))
  await heard('Registered: old-bot-', bots.length)
  await referee('start', { secret })
  await closed

  for (const { status, stdout, stderr } of await Promise.all(bots)) t.equal(status, 0, stdout + stderr)
  const csv = messages.find(({ type }) => type === 'csv')?.data as string
  const rows = csv
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => row.replaceAll('"', '').split(','))
  const cents = (text: string | undefined) => BigInt((text ?? '').replace('.', ''))
  t.equal(rows.length, 4)
  t.equal(
    rows.reduce((sum, [, , usd]) => sum + cents(usd), 0n),
    4_000_000n,
  )
  const crypto = rows.reduce((sum, [, units = '']) => {
    const [whole = '', part = ''] = units.split('.')
    return sum + BigInt(whole + part.padEnd(10, '0'))
  }, 0n)
  t.equal(crypto, 400_000_000_000n)
  t.ok(
    messages.some(({ type }) => type === 'match'),
    'they traded',
  )
  t.equal(await ended(server), 0)
})
