import t from 'tap'
import { openCxgame } from '../../../gateways/cxgame/door.ts'
import { openCore } from '../../support/core.ts'
import {
  createTestLog,
  createTestTimes,
  openGame,
  type Reader,
  secret,
  type TestGame,
  usualSettings,
} from './support.ts'

const ended = 'Game has ended.'
const paused = 'Server is paused. Wait for admin "start" command.'

/** Types and messages of what the feed says until a type has come. */
async function until(
  feed: Reader,
  type: string,
): Promise<{ type: string; message: unknown; data?: unknown }[]> {
  const messages = []
  for (;;) {
    const message = await feed.next()
    messages.push(message)
    if (message.type === type) return messages
  }
}

/** Two players with open orders of each kind, and a trade behind them. */
async function midGame(game: TestGame) {
  const a = await game.player('kes"trel')
  const b = await game.player('osprey')
  await a.data('sell', { price: '1002.00', size: '0.5' })
  await b.data('buy_market', { amount: '1000' })
  await a.data('buy', { price: '900', size: '1' })
  return { a, b }
}

t.test('CX-040 while paused only five commands work', async (t) => {
  const game = await openGame(t, { isStarted: false })
  const bot = await game.player('kestrel')
  const others =
    'buy sell buy_market sell_market cancel price orders all_orders wallets fills completed bcast audit'

  for (const cmd of others.split(' ')) t.equal(await bot.text(cmd), paused, cmd)
  t.equal(await bot.text('reset'), 'Invalid message')
  t.equal(await bot.text('auth', { username: 'kestrel', token: bot.token }), 'Authenticated')
  t.equal(await bot.text('pause', { secret }), 'Command accepted. Server is paused.')
  t.equal(await bot.text('start', { secret }), 'Command accepted. Open for business.')
  t.equal(await bot.text('wallets'), 'Wallets.')
  t.equal(await bot.text('pause', { secret }), 'Command accepted. Server is paused.')
  t.equal(await bot.text('pause', { secret }), 'Command accepted. Server is paused.')
  t.equal(await bot.text('buy', { price: 1, size: 1 }), paused)
  t.equal(await (await game.bot()).text('wallets'), paused)
  t.equal(await bot.text('shutdown', { secret }), 'Command accepted. Shutting down.')
})

t.test('CX-040 the strict game refuses pause and shutdown while paused', async (t) => {
  const game = await openGame(t, { isStarted: false, isStrict: true })
  const bot = await game.player('kestrel')

  t.equal(await bot.text('pause', { secret }), paused)
  t.equal(await bot.text('shutdown', { secret }), paused)
  t.equal(await bot.text('start', { secret }), 'Command accepted. Open for business.')
})

t.test('CX-041 a game that is not started waits', async (t) => {
  const game = await openGame(t, { isStarted: false })
  const bot = await game.player('kestrel')

  t.equal(await bot.text('price'), paused)
  t.equal(game.exchange.venue('CXGAME')?.openedAt, undefined)
})

t.test('CX-042 a stranger is refused, and the game begins with the last listed player', async (t) => {
  const game = await openGame(t, { whitelist: ['kestrel', 'osprey'] })
  const feed = await game.feed()
  const stranger = await game.bot()
  t.equal(await stranger.text('register', { username: 'merlin' }), 'User not in whitelist.')
  const a = await game.player('kestrel')
  t.equal(await a.text('wallets'), paused)
  await a.close()
  const b = await game.player('osprey')
  t.equal(await b.text('wallets'), paused)
  const back = await game.bot()
  await back.data('auth', { username: 'kestrel', token: a.token })
  const messages = await until(feed, 'start')

  t.strictSame(messages.at(-1), { type: 'start', message: 'Open for business.' })
  t.equal(await b.text('wallets'), 'Wallets.')
  await back.close()
  t.equal(await b.text('wallets'), 'Wallets.')
  t.equal(await stranger.text('register', { username: 'merlin' }), 'User not in whitelist.')
  t.equal(await stranger.text('register', { username: 'osprey' }), 'User already registered.')
})

t.test('CX-042 a list and no start: both are waited for', async (t) => {
  const game = await openGame(t, { whitelist: ['kestrel', 'osprey'], isStarted: false })
  const feed = await game.feed()
  const a = await game.player('kestrel')
  t.equal(await a.text('start', { secret }), 'Command accepted. Open for business.')
  t.equal(await a.text('wallets'), paused)
  t.equal(await a.text('pause', { secret }), 'Command accepted. Server is paused.')
  const b = await game.player('osprey')
  t.equal(await b.text('wallets'), paused)
  t.equal(await b.text('start', { secret }), 'Command accepted. Open for business.')
  await until(feed, 'start')

  t.equal(await b.text('wallets'), 'Wallets.')
})

t.test(
  'CX-042 what an admin said of a game that waits is kept, and told apart from the next one',
  async (t) => {
    const settings = { whitelist: ['kestrel', 'osprey'], isStarted: false }
    const first = await openGame(t, settings)
    const a = await first.player('kestrel')
    t.equal(await a.text('start', { secret }), 'Command accepted. Open for business.')
    const { lines } = first
    t.match(
      lines.filter(({ message }) => message === 'admin command'),
      [{ details: { command: 'start', player: 'kestrel', result: 'ok' } }],
    )
    await first.door.close({ endGame: false })

    const second = await openGame(t, settings, { core: await openCore(first.log, first.clock) })
    const back = await second.bot()
    await back.data('auth', { username: 'kestrel', token: a.token })
    const b = await second.player('osprey')
    t.equal(await b.text('wallets'), 'Wallets.', 'it has begun')

    t.equal(await b.text('reset_game', { secret }), 'Game reset.')
    await back.registered('kestrel')
    await b.registered('osprey')
    t.equal(await b.text('wallets'), paused, 'nobody has said anything of this one')
  },
)

t.test('CX-042 a game that was held back before it began is so after a restart', async (t) => {
  const held = await openGame(t, { whitelist: ['kestrel', 'osprey'] })
  const a = await held.player('kestrel')
  t.equal(await a.text('pause', { secret }), 'Command accepted. Server is paused.')
  await held.door.close({ endGame: false })

  const again = await openGame(t, { whitelist: ['kestrel'] }, { core: await openCore(held.log, held.clock) })
  const back = await again.bot()
  await back.data('auth', { username: 'kestrel', token: a.token })
  t.equal(await back.text('wallets'), paused)
  t.equal(await back.text('start', { secret }), 'Command accepted. Open for business.')
  t.equal(await back.text('wallets'), 'Wallets.')
})

t.test('CX-043 a limit of three allows three', async (t) => {
  const game = await openGame(t, { userLimit: 3 })
  for (const name of ['kestrel', 'osprey', 'merlin']) await (await game.player(name)).close()
  const bot = await game.bot()

  t.equal(await bot.text('register', { username: 'kite' }), 'User limit reached (3)')
  t.equal(await bot.text('register', { username: 'osprey' }), 'User already registered.')
})

t.test('CX-044 the time limit ends an idle game on time, and paused seconds do not count', async (t) => {
  const game = await openGame(t, { timeLimit: 60_000_000 })
  const feed = await game.feed()
  const bot = await game.player('kestrel')
  await game.pass(30)
  await bot.data('pause', { secret })
  await game.pass(1000)
  await bot.data('start', { secret })
  await game.pass(29.9)
  t.equal(await bot.text('wallets'), 'Wallets.')
  await game.pass(0.1)
  const messages = await until(feed, 'result')

  t.strictSame(messages.map(({ type }) => type).slice(-3), ['shutdown', 'csv', 'result'])
  t.equal(messages.at(-3)?.message, 'Time limit reached. Shutting down.')
  t.equal(messages.filter(({ type }) => type === 'shutdown').length, 1)
  await game.door.ended
})

t.test('CX-045 the three texts of an admin command', async (t) => {
  const game = await openGame(t)
  const bot = await game.player('kestrel')
  for (const cmd of ['start', 'pause', 'shutdown', 'reset_game']) {
    t.equal(await bot.text(cmd), 'Admin secret required.', cmd)
    t.equal(await bot.text(cmd, null), `Invalid command: ${cmd}. error=params must be an object`, cmd)
  }
  t.equal(await bot.text('shutdown', { secret: 'wrong' }), 'Invalid admin secret.')
  t.equal(await bot.text('shutdown', { secret: 7 }), 'Invalid admin secret.')
  t.equal(await bot.text('shutdown', { secret }), 'Command accepted. Shutting down.')
  t.equal(await bot.closed, 1001)
})

t.test('CX-046 the end: shutdown, cancels, csv, result, then everybody is let go', async (t) => {
  const game = await openGame(t)
  const feed = await game.feed()
  const { a, b } = await midGame(game)
  const orders = await a.data('all_orders')
  const ids = [...orders.market, ...orders.maker].map(({ id }: { id: string }) => id)
  t.equal(await b.text('shutdown', { secret }), 'Command accepted. Shutting down.')
  const messages = (await until(feed, 'result')).slice(-6)

  t.strictSame(messages.slice(0, 4), [
    { type: 'shutdown', message: 'Shutdown command.' },
    { type: 'shutdown', message: 'Time limit reached. Shutting down.' },
    { type: 'cancel', message: ids[0] },
    { type: 'cancel', message: ids[1] },
  ])
  t.strictSame(
    messages.slice(4).map(({ type }) => type),
    ['csv', 'result'],
  )
  t.strictSame(await Promise.all([a.closed, b.closed, feed.closed]), [1001, 1001, 1001])
  await game.door.ended

  const late = await game.bot()
  t.equal(await late.text('register', { username: 'x' }), ended)
  t.equal(await late.text('wallets'), ended)
  t.equal(await late.text('start', { secret }), ended)
  t.equal(await late.text('reset'), 'Invalid message')
})

t.test('CX-047 holdings count at the price before the cancels, and market orders are refunded', async (t) => {
  const game = await openGame(t)
  const feed = await game.feed()
  const { a } = await midGame(game)
  const mid = await a.data('price')
  await a.data('shutdown', { secret })
  const [csv, result] = (await until(feed, 'result')).slice(-2)

  // The mid: 1001 with the sell alone; unchanged by the trade that took it; then halfway to the bid at 900.
  t.equal(mid, '950.50')
  t.strictSame(csv, {
    type: 'csv',
    message: 'Time limit reached. Shutting down.',
    data:
      '"user","crypto","usd","holdings"\n' +
      '"kes-trel","9.5000000000","10501.00","19530.75"\n' +
      '"osprey","10.5000000000","9499.00","19479.25"\n',
  })
  t.strictSame(result, {
    type: 'result',
    message: 'Time limit reached. Shutting down.',
    data: {
      final_price: '950.50',
      ranking: [
        { rank: 1, user: 'kes"trel', crypto: '9.5000000000', usd: '10501.00', holdings: '19530.75' },
        { rank: 2, user: 'osprey', crypto: '10.5000000000', usd: '9499.00', holdings: '19479.25' },
      ],
    },
  })
})

t.test('CX-048 a quote in a name is written as a dash, and equal holdings share a rank', async (t) => {
  const game = await openGame(t)
  const feed = await game.feed()
  for (const name of ['"', 'a', 'b']) await game.player(name)
  await game.door.close({ endGame: true })
  const [csv, result] = (await until(feed, 'result')).slice(-2)

  t.equal(
    csv?.data,
    '"user","crypto","usd","holdings"\n"-","10.0","10000.00","20000.00"\n' +
      '"a","10.0","10000.00","20000.00"\n"b","10.0","10000.00","20000.00"\n',
  )
  const { ranking } = result?.data as { ranking: { rank: number }[] }
  t.strictSame(
    ranking.map(({ rank }) => rank),
    [1, 1, 1],
  )
  t.equal(await feed.closed, 1001)
})

t.test(
  'CX-052 a restart restores wallets, orders, fills, tokens, the mid and the running time',
  async (t) => {
    const game = await openGame(t, { timeLimit: 60_000_000 })
    const { a, b } = await midGame(game)
    await game.pass(20)
    const questions = ['wallets', 'orders', 'all_orders', 'fills', 'completed', 'price']
    const ask = async (bot: typeof a) => {
      const answers = []
      for (const cmd of questions) answers.push(await bot.data(cmd))
      return answers
    }
    const before = [await ask(a), await ask(b)]
    await game.door.close({ endGame: false })
    t.equal(await a.closed, 1001)

    const again = await openGame(t, { timeLimit: 60_000_000 }, { core: await openCore(game.log, game.clock) })
    const after = []
    for (const [bot, username] of [
      [a, 'kes"trel'],
      [b, 'osprey'],
    ] as const) {
      const back = await again.bot()
      await back.data('auth', { username, token: bot.token })
      after.push(await ask(back))
    }
    t.strictSame(after, before)
    const feed = await again.feed()
    await again.pass(39)
    t.equal(again.exchange.venue('CXGAME')?.state, 'open')
    await again.pass(1)
    t.equal((await until(feed, 'result')).at(-1)?.type, 'result')
  },
)

t.test('CX-052 a start that finds an ended game begins the next one', async (t) => {
  const game = await openGame(t)
  const { a } = await midGame(game)
  await game.door.close({ endGame: true })
  const again = await openGame(t, {}, { core: await openCore(game.log, game.clock) })
  const bot = await again.bot()

  t.equal(await bot.text('auth', { username: 'osprey', token: a.token }), 'User is not registered.')
  await bot.registered('osprey')
  t.strictSame(await bot.data('wallets'), { usd: '10000.00', crypto: '10.0' })
  t.equal(await bot.data('price'), '1000.00')
  t.strictSame(await bot.data('fills'), [])
  t.strictSame(await bot.data('completed'), [])
})

t.test('reset_game begins anew, in the middle of a game and after its end', async (t) => {
  const game = await openGame(t)
  const feed = await game.feed()
  const { a, b } = await midGame(game)
  const [{ id }] = (await a.data('orders')).maker
  const stranger = await game.bot()
  t.equal(await stranger.text('reset_game', { secret }), 'Game reset.')

  t.equal(await a.text('wallets'), 'Must be authenticated to get wallets.')
  t.equal(await b.text('auth', { username: 'osprey', token: b.token }), 'User is not registered.')
  await a.registered('osprey')
  t.strictSame(await a.data('wallets'), { usd: '10000.00', crypto: '10.0' })
  t.strictSame(await a.data('fills'), [])
  t.strictSame(await a.data('completed'), [])
  t.equal(await a.text('cancel', { order_id: id }), `Order not found: ${id}`)
  t.strictSame(await a.data('all_orders'), { maker: [], market: [] })
  const order = await a.data('sell', { price: '1000', size: 1 })
  t.not(order.id, id)
  const messages = await until(feed, 'sell')
  t.notOk(messages.some(({ type }) => type === 'csv'))

  await a.data('shutdown', { secret })
  await game.door.ended
  const late = await game.bot()
  t.equal(await late.text('price'), ended)
  t.equal(await late.text('reset_game', { secret: 'wrong' }), 'Invalid admin secret.')
  t.equal(await late.text('reset_game', { secret }), 'Game reset.')
  await late.registered('kestrel')
  t.equal(await late.text('price'), 'Market price.')

  const second = await game.feed()
  await game.door.close({ endGame: true })
  t.equal((await until(second, 'result')).at(-2)?.type, 'csv', 'the end of the next game is told as well')
  t.equal(await second.closed, 1001)
})

t.test('the end of a game whose time limit begins anew with each', async (t) => {
  const game = await openGame(t, { timeLimit: 10_000_000 })
  await game.pass(9)
  const bot = await game.bot()
  t.equal(await bot.text('reset_game', { secret }), 'Game reset.')
  await game.pass(9)
  t.equal(game.exchange.venue('CXGAME')?.state, 'open')
  await game.pass(1)
  t.equal(await bot.closed, 1001)
})

t.test('CX-053 no log line holds a token or a secret', async (t) => {
  const game = await openGame(t)
  const { a } = await midGame(game)
  await a.ask('auth', { username: 'osprey', token: a.token, secret })
  await a.ask(a.token, { secret })
  await a.ask('cancel', { order_id: a.token })
  await a.ask('pause', { secret: `${secret} but wrong` })
  await a.data('shutdown', { secret })
  await game.door.ended

  const text = JSON.stringify(game.lines)
  t.notOk(text.includes(a.token))
  t.notOk(text.includes(secret))
  t.match(
    game.lines.find(({ details }) => details.command === 'buy'),
    {
      level: 'debug',
      message: 'command',
      details: { player: 'kes"trel', command: 'buy', result: 'ok', durationMs: Number, connection: Number },
    },
  )
  t.match(
    game.lines.filter(({ message }) => message === 'admin command'),
    [{ details: { command: 'shutdown' } }],
  )
  t.ok(game.lines.some(({ message }) => message === 'wrong admin secret'))
})

t.test('CX-054 guessing the secret is slowed down', async (t) => {
  const times = createTestTimes()
  const game = await openGame(t, {}, { times })
  const bot = await game.player('kestrel')
  for (let i = 0; i < 12; i += 1)
    t.equal(await bot.text('pause', { secret: `guess ${i}` }), 'Invalid admin secret.')

  t.strictSame(times.waits, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
  t.equal(await bot.text('pause', { secret }), 'Command accepted. Server is paused.')
  t.equal(times.waits.length, 8)
  t.equal(await bot.text('pause', { secret: 'x' }), 'Invalid admin secret.')
  t.equal(times.waits.length, 8)
})

t.test('CX-054 without a secret nobody is an admin', async (t) => {
  const game = await openGame(t, { adminSecret: undefined })
  const bot = await game.player('kestrel')
  for (const cmd of ['start', 'pause', 'shutdown', 'reset_game']) {
    t.equal(await bot.text(cmd), 'Invalid admin secret.')
    t.equal(await bot.text(cmd, { secret }), 'Invalid admin secret.')
  }
})

t.test('an admin who said so with auth needs no secret any more', async (t) => {
  const game = await openGame(t)
  const a = await game.player('kestrel')
  const bot = await game.bot()
  const { token } = a

  t.equal(await bot.text('auth', { username: 'kestrel', token, secret: 'wrong' }), 'Invalid admin secret.')
  t.equal(await bot.text('pause'), 'Must be authenticated.')
  t.equal(await bot.text('auth', { username: 'kestrel', token, secret }), 'Authenticated')
  t.equal(await bot.text('pause', null), 'Command accepted. Server is paused.')
  t.equal(await a.text('start'), 'Admin secret required.')
})

t.test('settings that cannot be used refuse the start with one line', async (t) => {
  const core = await openCore()
  const open = (changes: object) =>
    openCxgame(core.exchange, { ...usualSettings, ...changes }, { log: createTestLog() })

  await t.rejects(open({ exchangePort: 9876, feedPort: 9876 }), { message: /needs two ports.* 9876/ })
  await t.rejects(open({ adminSecret: 'short' }), { message: /at least 12 characters/ })
  await (await open({})).close({ endGame: false })
  await t.rejects(open({ usdStart: '5.00' }), {
    message: 'venue CXGAME exists with another usdStart: it has 10000.00, the settings say 5.00',
  })
  await t.rejects(open({ cryptoStart: '1' }), { message: /another cryptoStart: it has 10.0000000000/ })
  await core.exchange.submit(
    { type: 'create-venue', venue: 'OTHER', rules: { rulesVersion: 1, selfTrade: 'allow' } },
    () => undefined,
  )
  await t.rejects(open({ venue: 'OTHER' }), { message: /venue OTHER exists with other rules/ })
})

t.test('after the end all is back in the wallets', async (t) => {
  const game = await openGame(t)
  const { a, b } = await midGame(game)
  t.strictSame(await a.ask('audit'), { status: true, message: 'Audit done.', data: [] })
  await b.data('shutdown', { secret })
  await game.door.ended
  const sums = { USD: 0n, CRYPTO: 0n }
  for (const { balances } of game.exchange.venue('CXGAME')?.accounts() ?? []) {
    sums.USD += balances.get('USD')?.available ?? 0n
    sums.CRYPTO += balances.get('CRYPTO')?.available ?? 0n
  }
  t.strictSame(sums, { USD: 2_000_000n, CRYPTO: 200_000_000_000n })
})
