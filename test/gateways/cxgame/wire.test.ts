import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { WebSocket } from 'ws'
import { openCxgame } from '../../../gateways/cxgame/door.ts'
import { openCore } from '../../support/core.ts'
import { Bot, createTestLog, createTestTimes, openGame, Reader, usualSettings } from './support.ts'

t.setTimeout(300_000)

const tls = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url), 'utf8')

/** The status of an upgrade that is refused; 101 when it is not. */
async function upgrade(url: string, headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(url, { headers })
  return new Promise((resolve) => {
    socket.on('open', () => {
      socket.close()
      resolve(101)
    })
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    socket.on('error', () => {})
  })
}

t.test('CX-001 both ports listen, on any path, and must differ', async (t) => {
  const game = await openGame(t)
  const { commandUrl, feedUrl } = game.door

  t.match(commandUrl, /^ws:\/\/127\.0\.0\.1:\d+$/)
  t.not(commandUrl, feedUrl)
  t.equal(await upgrade(`${commandUrl}/any/path?at=all`, {}), 101)
  t.equal(await upgrade(`${feedUrl}/any/path`, {}), 101)
  const port = Number(new URL(commandUrl).port)
  const { exchange } = await openCore()
  const open = (changes: object) =>
    openCxgame(exchange, { ...usualSettings, ...changes }, { log: createTestLog() })
  await t.rejects(open({ exchangePort: port }), { message: /cxgame cannot listen on .*EADDRINUSE/ })
  await t.rejects(open({ feedPort: port }), { message: /cxgame cannot listen on .*EADDRINUSE/ })
})

t.test('CX-002 with a PEM both ports speak TLS only, and a bad one is refused', async (t) => {
  const pem = tls('cert.pem') + tls('key.pem')
  const game = await openGame(t, { pem })
  const { commandUrl, feedUrl } = game.door
  const bot = await Bot.connect(commandUrl, { rejectUnauthorized: false })
  const feed = await Reader.open(feedUrl, { rejectUnauthorized: false })
  await bot.registered('kestrel')

  t.match(await feed.next(), { type: 'info', message: 'Registered: kestrel' })
  for (const url of [commandUrl, feedUrl]) {
    t.match(url, /^wss:/)
    const plain = new WebSocket(url.replace('wss:', 'ws:'))
    const [error] = await once(plain, 'error')
    t.ok(error)
  }
  const { exchange } = await openCore()
  for (const bad of [
    '',
    'nothing',
    tls('cert.pem'),
    tls('key.pem'),
    tls('cert.pem') + tls('other-key.pem'),
  ]) {
    const opening = openCxgame(exchange, { ...usualSettings, pem: bad }, { log: createTestLog() })
    await t.rejects(opening, {
      message: /^the PEM file of cxgame must hold a certificate chain and its key: /,
    })
  }
})

t.test('CX-003 every reply has exactly three keys', async (t) => {
  const game = await openGame(t)
  const bot = await game.player('kestrel')
  for (const frame of ['x', '7', '{}', '{"cmd":"buy","params":{}}', '{"cmd":"wallets","params":0}'])
    t.strictSame(Object.keys(await bot.say(frame)), ['status', 'message', 'data'], frame)
})

t.test('CX-004 replies keep the order of a hundred requests', async (t) => {
  const game = await openGame(t)
  const bot = await game.bot()
  const kinds = ['sell', 'price', 'fills', 'cancel', 'auth'] as const
  bot.write({ cmd: 'register', params: { username: 'kestrel' } })
  for (let i = 0; i < 100; i += 1) {
    const params = { price: 2000, size: '1E-8', order_id: `${i}`, username: `${i}`, token: '' }
    bot.write({ cmd: kinds[i % kinds.length], params })
  }
  await bot.inbox.next()

  for (let i = 0; i < 100; i += 1) {
    const texts = [
      'Sell order placed.',
      'Market price.',
      'Here are your fills.',
      `Order not found: ${i}`,
      'User is not registered.',
    ]
    const { message } = await bot.inbox.next()
    if (message !== texts[i % texts.length]) t.equal(message, texts[i % texts.length], `${i}`)
  }
  t.equal(bot.inbox.all.length, 101)
})

t.test('CX-039 a reader of the feed that stops is let go, and others hear everything', async (t) => {
  const game = await openGame(t)
  const bot = await game.player('kestrel')
  const slow = await game.feed()
  const quick = await game.feed()
  slow.socket.pause()
  const message = 'x'.repeat(200_000)
  for (let i = 0; i < 80; i += 1) await bot.data('bcast', { message })
  await quick.take(80)
  slow.socket.resume()

  // It is told why, and cut off where it has not read that within three seconds, as on a busy machine.
  t.ok([1013, 1006].includes(await slow.closed))
  t.ok(slow.inbox.all.length < 80)
  await bot.data('bcast', { message: 'end' })
  t.match(await quick.next(), { message: 'end' })
})

t.test('CX-049 what is no JSON is answered, five in a row end the connection', async (t) => {
  const game = await openGame(t)
  const bot = await game.player('kestrel')
  const invalid = { status: false, message: 'Invalid message', data: null }
  for (const frame of ['hello', '7', '"x"', 'null']) t.strictSame(await bot.say(frame), invalid, frame)
  t.equal(await bot.text('price'), 'Market price.')
  for (const frame of ['true', '{', '', Buffer.from([0xff, 0xfe])])
    t.strictSame(await bot.say(frame), invalid)
  t.strictSame(await bot.say('{}'), invalid)
  for (let i = 0; i < 5; i += 1) t.strictSame(await bot.say('x'), invalid)

  t.equal(await bot.closed, 1007)
})

t.test('bytes are read as text, and too long messages end the connection', async (t) => {
  const game = await openGame(t)
  const bot = await game.player('kestrel')

  t.equal((await bot.say(Buffer.from('{"cmd":"price","params":{}}'))).message, 'Market price.')
  t.equal((await bot.say(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)).message, 'Invalid message')
  t.equal((await bot.ask('bcast', { message: 'x'.repeat(1024 * 1024 - 60) })).status, true)
  bot.write('x'.repeat(1024 * 1024 + 1))
  t.equal(await bot.closed, 1009)
})

t.test('pages of others are refused, bots and own pages are not', async (t) => {
  const game = await openGame(t)
  const { commandUrl, feedUrl } = game.door
  const { host, port } = new URL(commandUrl)

  t.equal(await upgrade(commandUrl, { Origin: 'http://evil.example' }), 403)
  t.equal(await upgrade(feedUrl, { Origin: 'null' }), 403)
  t.equal(await upgrade(commandUrl, { Origin: `http://${host}` }), 101)
  t.equal(await upgrade(commandUrl, { Origin: `http://a.example:${port}`, Host: `a.example:${port}` }), 403)
  t.equal((await fetch(commandUrl.replace('ws:', 'http:'))).status, 426)
})

t.test('whoever sends too fast waits, and nothing fails', async (t) => {
  const times = createTestTimes()
  const game = await openGame(t, { commandsPerSecond: 10 }, { times })
  const bot = await game.player('kestrel')
  for (let i = 0; i < 40; i += 1) bot.write({ cmd: 'price', params: {} })
  for (let i = 0; i < 40; i += 1) t.equal((await bot.inbox.next()).message, 'Market price.')

  // One token went into the registration.
  t.equal(times.waits.length, 21)
  t.ok(times.waits.every((wait) => Math.abs(wait - 100) < 1e-6))
})

t.test('a newcomer to the feed is sent the last messages, where that was asked for', async (t) => {
  const game = await openGame(t, { feedBacklog: 2, feedAddresses: true })
  const bot = await game.player('kestrel')
  await bot.data('bcast', { message: 1 })
  const feed = await game.feed()
  await bot.data('bcast', { message: 2 })
  t.match(await feed.take(3), [{ message: 'Registered: kestrel' }, { message: 1 }, { message: 2 }])

  await game.bot()
  t.match((await feed.next()).message, /^New connection from 127\.0\.0\.1:\d+$/)
})

t.test('the strict game is odd where the old one was', async (t) => {
  const game = await openGame(t, { isStrict: true, cryptoStart: '1' })
  const a = await game.player('kestrel')
  const b = await game.player('osprey')
  const { id } = await a.data('sell', { price: '1000', size: '1' })
  const first = await game.feed()
  const second = await game.feed()

  t.strictSame(await a.data('wallets'), { usd: '10000.00', crypto: '0E-10' })
  t.equal(await b.text('cancel', { order_id: id }), 'Order not found.')
  t.equal(await b.text('cancel', { order_id: 'x' }), 'Order not found: x')
  await b.data('buy_market', { amount: '10' })
  t.equal((await b.data('completed')).length, 1)
  t.strictSame(await a.data('completed'), await b.data('completed'))
  await b.data('sell', { price: '2000', size: '5e-8' })
  t.equal((await b.data('orders')).maker.at(-1).size, '5.00E-8')

  const messages = await first.take(5)
  t.match(messages[0].message, /^New connection from 127\.0\.0\.1:\d+$/)
  t.equal(messages[4].type, 'sell')
  t.equal((await second.next()).type, 'buy_market')
  a.write('x')
  t.equal(await a.closed, 1000)
})

t.test('ten thousand short connections leave nothing behind', async (t) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const game = await openGame(t)
  const { token, socket } = await game.player('kestrel')
  const heapAfter = async (connections: number) => {
    for (let i = 0; i < connections; i += 10) {
      await Promise.all(
        Array.from({ length: 10 }, async () => {
          const bot = await game.bot()
          await bot.data('auth', { username: 'kestrel', token })
          await bot.data('wallets')
          await bot.close()
        }),
      )
    }
    // The log of the test is not the game's to keep small.
    game.lines.splice(0, game.lines.length, ...game.lines.filter(({ level }) => level === 'error'))
    // What the first collection frees may hold what only the second one can.
    collect()
    collect()
    return process.memoryUsage().heapUsed / 2 ** 20
  }

  const early = await heapAfter(1000)
  const late = await heapAfter(9000)

  // A connection that stayed would take some ten kilobytes, all of them a hundred megabytes.
  t.ok(late - early < 30, `heap grew from ${early.toFixed(1)} to ${late.toFixed(1)} MiB`)
  t.equal(socket.readyState, WebSocket.OPEN)
  t.strictSame(
    game.lines.filter(({ level }) => level === 'error'),
    [],
  )
})

t.test('what has been sent before the close is done, and a cut connection hurts nobody', async (t) => {
  const game = await openGame(t)
  const feed = await game.feed()
  const bot = await game.player('kestrel')
  for (let i = 0; i < 5; i += 1) bot.write({ cmd: 'buy', params: { price: 1 + i, size: 1 } })
  bot.socket.close()
  const messages = await feed.take(7)
  t.strictSame(
    messages.slice(2).map(({ type }) => type),
    ['buy', 'buy', 'buy', 'buy', 'buy'],
  )

  const other = await game.player('osprey')
  for (let i = 0; i < 50; i += 1) other.write({ cmd: 'wallets', params: {} })
  other.socket.terminate()
  t.equal((await (await game.bot()).ask('register', { username: 'merlin' })).status, true)
  t.strictSame(
    game.lines.filter(({ level }) => level === 'error'),
    [],
  )
})

t.test('a connection that never says what it wants does not hold up the close', async (t) => {
  const game = await openGame(t)
  const { hostname, port } = new URL(game.door.commandUrl)
  const idle = connect(Number(port), hostname)
  await once(idle, 'connect')
  const bot = await game.player('kestrel')
  const feed = await game.feed()
  await game.door.close({ endGame: false })

  t.equal(await bot.closed, 1001)
  t.equal(await feed.closed, 1001)
  t.equal(feed.inbox.all.filter(({ type }) => type === 'csv').length, 0)
})

t.test('a stopped exchange is said to be one', async (t) => {
  const game = await openGame(t)
  const bot = await game.player('kestrel')
  await game.exchange.close()

  t.strictSame(await bot.ask('buy', { price: 1, size: 1 }), {
    status: false,
    message: 'Invalid command: buy. error=The exchange is stopping; nothing was done',
    data: null,
  })
})
