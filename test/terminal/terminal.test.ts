import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { WebSocketServer } from 'ws'
import { type Level, Log } from '../../terminal/log.ts'
import { Screen } from '../../terminal/screen.ts'
import { Session } from '../../terminal/session.ts'
import { Terminal } from '../../terminal/terminal.ts'
import { keyPair, openDoor, user } from '../gateways/oceanex/support.ts'

t.setTimeout(300_000)

const cli = fileURLToPath(new URL('../../dist/src/cli.js', import.meta.url))
const pem = keyPair.privateKey.export({ type: 'pkcs8', format: 'pem' })

/** A door whose clock is that of the wall, as the nonces of a terminal are. */
async function openWallDoor(t: Test, settings: Parameters<typeof openDoor>[1] = {}) {
  const opened = await openDoor(t, { requestsPerSecond: 0, ...settings })
  opened.clock.now = Date.now() * 1000
  return opened
}

/** A terminal that is told lines and says what it printed. */
async function openTerminal(t: Test, settings: Parameters<typeof openDoor>[1] = {}, level: Level = 'DEBUG') {
  const opened = await openWallDoor(t, settings)
  const { url } = opened.door
  const folder = t.testdir({ 'key.pem': pem })
  const lines: string[] = []
  const printed: string[] = []
  const waits: number[] = []
  const log = new Log(level, (line) => lines.push(line))
  const output = new PassThrough()
  output.on('data', (data) => printed.push(`${data}`))
  const input = new PassThrough()
  const screen = new Screen({
    ...{ input, output, isInteractive: false, historyFile: undefined },
    complete: () => [],
  })
  const session = new Session({
    ...{ url, log, random: () => 0, tell: (text: string) => screen.print(text) },
    credentials: { uid: 'IDALICE', apiKey: 'KIDALICE', keyFile: join(folder, 'key.pem') },
    wait: (ms) => {
      waits.push(ms)
      return new Promise((resolve) => setImmediate(resolve))
    },
  })
  t.teardown(() => session.disconnect())
  const terminal = new Terminal({ url, session, screen, log, style: { color: false }, json: false })
  await session.connect()
  return {
    ...opened,
    ...{ session, terminal, input, lines, waits },
    /** Does what lines say; gives how the last one went, and all that was printed. */
    async type(...typed: string[]) {
      printed.length = 0
      let outcome = ''
      for (const line of typed) outcome = await terminal.execute(line)
      await new Promise((resolve) => setImmediate(resolve))
      return [outcome, printed.join('').trimEnd()] as const
    },
    /** Waits until something was printed. */
    async heard(text: string) {
      while (!printed.join('').includes(text)) await once(output, 'data')
    },
    forget: () => {
      printed.length = 0
    },
  }
}

/** A server that says welcome and to everything yes, comes and goes, and always has the same port. */
async function openLossyServer(t: Test) {
  const first = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(first, 'listening')
  const { port } = first.address() as AddressInfo
  await new Promise((resolve) => first.close(resolve))
  const serve = () => {
    const server = new WebSocketServer({ port, host: '127.0.0.1' })
    t.teardown(() => server.close())
    server.on('connection', (socket) => {
      socket.send('{"type":"welcome","message":60}')
      socket.on('message', (text) => {
        const { identifier, data } = JSON.parse(`${text}`)
        const message = { action: data.action, uuid: data.uuid, code: 0, data: {} }
        socket.send(JSON.stringify({ identifier, message }))
      })
    })
    return {
      async stop() {
        for (const socket of server.clients) socket.terminate()
        await new Promise((resolve) => server.close(resolve))
      },
    }
  }
  return { port, serve }
}

t.test('OX-056 every word of the prompt is known', async (t) => {
  const { type, terminal } = await openTerminal(t)
  for (const word of ['stop', 'q', 'Q', 'quit', 'exit']) t.equal(await terminal.execute(word), 'left', word)
  for (const word of ['?', 'h', 'help', 'banner', 'lhelp', 'cls', 'clear']) {
    const [outcome, text] = await type(word)
    t.match(
      [outcome, text],
      ['done', /^\*{104}\n[\s\S]*1\. authenticate[\s\S]*17\. reconnect[\s\S]*\*{104}$/],
      word,
    )
    for (const line of text.split('\n')) t.equal(line.length, 104)
  }
  for (const word of ['shell', 'sh']) {
    const { SHELL } = process.env
    process.env.SHELL = '/bin/true'
    t.equal(await terminal.execute(word), 'done', word)
    process.env.SHELL = SHELL
  }
  t.strictSame(await type('dance'), ['failed', 'I do not recognise "dance": help says what there is'])
  t.strictSame(await type('   '), ['done', ''])
})

t.test('OX-057 what needs a login says so before it is asked for more, and sends nothing', async (t) => {
  const { type, lines } = await openTerminal(t)
  for (const number of [5, 6, 7, 8, 9, 10, 11, 12]) {
    const [outcome, text] = await type(`${number}`)
    t.match([outcome, text], ['failed', /needs a login.*Nothing was sent/], `${number}`)
  }
  t.notMatch(lines.join(''), /sent \{"identifier/)
})

t.test('OX-058 a wrong number of values and bad numbers are said on the screen, and not sent', async (t) => {
  const { type, lines } = await openTerminal(t)
  await type('login')
  await type('markets')
  const cases: [string, RegExp][] = [
    ['6 vetusdt, buy, 0.75', /expected 5 values \(market, side, price, volume, type\), received 3/],
    ['6 vetusdt, buy, x, 10, limit', /price is no number: x/],
    ['6 vetusdt, buy, 0.75, ten, limit', /volume is no number: ten/],
    ['6 vetusdt, hold, 0.75, 10, limit', /side is neither buy nor sell: hold/],
    ['6 vetusdt, buy, 0.75, 10, stop', /type is neither limit nor market: stop/],
    ['6 vetusdt, buy, 0.75, , limit', /volume is empty/],
    ['6 nousdt, buy, 0.75, 10, limit', /there is no market nousdt; there are vetusdt, vetbtc/],
    ['6 vetusdt, buy, 0.1234567, 10, limit', /price has more than 6 decimals/],
    ['6 vetusdt, buy, 0.5, 10.001, limit', /volume has more than 2 decimals/],
    ['6 vetusdt, buy, 0.5, 0, limit', /volume must be more than 0/],
    ['7 18, x', /order id is no whole number: x/],
    ['10 1, 2', /expected 1 value \(order id\), received 2/],
    ['14 vetusdt, many', /level is no whole number: many/],
    ['15 vetusdt, 30, 5, 5', /expected 1 to 3 values \(market, limit, period\), received 4/],
    ['13 now', /expected nothing, received 1/],
  ]
  lines.length = 0
  for (const [line, expected] of cases) {
    t.match(await type(line), ['failed', expected], line)
    t.match((await type(line))[1], /Nothing was sent/)
  }
  t.notMatch(lines.join(''), /sent \{"identifier":\{"handler":"(Order|Kline|Tool)/)
})

t.test(
  'OX-059 disconnect and reconnect: the login is forgotten, and what is lost comes back with it',
  async (t) => {
    const { type, session, heard, forget, door, waits } = await openTerminal(t)
    t.match(await type('1'), ['done', 'Authenticated.'])
    t.match(await type('16'), ['done', 'Disconnected'])
    t.match(await type('account'), ['failed', /needs a login/])
    t.match(await type('time'), ['failed', /not connected/])
    t.match(await type('17'), ['done', 'Session up'])
    t.equal(session.isLoggedIn, false)
    t.match(await type('5'), ['failed', /needs a login/])
    await type('login')

    forget()
    await door.close()
    await heard('Session down: shutdown')
    t.equal(session.isUp, false)
    t.strictSame(waits, [], 'a server that says so is not asked again')
  },
)

t.test('a connection that is lost is made again, after longer and longer waits, and logged in', async (t) => {
  const { port, serve } = await openLossyServer(t)
  let server = serve()
  const waits: number[] = []
  const told: string[] = []
  let heard = () => {}
  const session = new Session({
    url: `ws://127.0.0.1:${port}/ws/v1`,
    log: new Log('ERROR', () => {}),
    random: () => 0,
    credentials: { uid: 'A', apiKey: 'K', keyFile: join(t.testdir({ 'key.pem': pem }), 'key.pem') },
    tell: (text) => {
      told.push(text)
      heard()
    },
    wait: (ms) => {
      waits.push(ms)
      if (waits.length === 8) server = serve()
      return new Promise((resolve) => setImmediate(resolve))
    },
  })
  t.teardown(() => session.disconnect())
  await session.connect()
  t.equal((await session.logIn()).code, 0)
  const isBack = new Promise<void>((resolve) => {
    heard = () => told.at(-1) === 'Logged in again' && resolve()
  })
  await server.stop()
  await isBack

  t.strictSame(told, ['Session up', 'Session down: lost (1006)', 'Session up', 'Logged in again'])
  t.strictSame(waits, [250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000])
  t.equal(session.isLoggedIn, true)
  await server.stop()
})

t.test('OX-055 every choice of the menu, and the same by name', async (t) => {
  const { type, loggedIn } = await openTerminal(t)
  const bob = await loggedIn('IDBOB')
  t.match(await type('1'), ['done', 'Authenticated.'])
  t.match(await type('3'), ['done', /^id +name[\s\S]*vetusdt {2}VET\/USDT/])
  t.match(await type('4'), ['done', /market_id {2}ask_fee {2}bid_fee\nvetusdt {6}0.001 {4}0.001/])
  t.match(await type('5'), ['done', /currency {2}balance {2}locked[\s\S]*vet {7}10000.0 {5}0.0/])
  t.match(await type('6 vetusdt, sell, 0.75, 1000, limit'), ['done', /\* Order 1 is placed. \*/])
  t.match(await type('order sell vetusdt 0.8 10'), ['done', /Order 2/])
  t.match(await type('9 vetusdt, limit'), [
    'done',
    /^id {2}market {3}side[\s\S]*\n 2 {2}vetusdt {2}ask[\s\S]*\n 1 {2}/,
  ])
  t.match(await type('14 vetusdt, 2, 6'), [
    'done',
    /side {2}price {2}volume\nask {5}0.8 {4}10.0\nask {4}0.75 {2}1000.0/,
  ])
  await bob.order('buy', 0.75, 400)
  t.match(await type('10 1'), ['done', /remaining_volume +600.0[\s\S]*bid_fee[\s\S]*0.4/])
  t.match(await type('2'), ['done', /vetusdt +0.75/])
  t.match(await type('tickers vetusdt'), ['done', /vetusdt/])
  t.match(await type('15 vetusdt, 30, 5'), ['done', /time[\s\S]*open[\s\S]* 0.75 /])
  t.match(await type('7 1, 2'), ['done', /Canceled: 1, 2/])
  t.match(await type('cancel 1'), ['failed', /^2004: Order not found \{"ids":\[1\]\}/])
  t.match(await type('11 1'), ['done', /state +cancel/])
  t.match(await type('history 1'), ['done', /state +cancel/])
  t.match(await type('12 vetusdt'), ['done', / 1 {2}vetusdt {2}ask/])
  t.match(await type('8'), ['done', /There was none./])
  t.match(await type('order sell vetusdt 0.8 10', 'cancel all'), ['done', /Canceled: 4/])
  t.match(await type('13'), ['done', /^\d{10} {2}\d{4}-/])
  t.match(await type('orders vetusdt'), ['done', 'No orders.'])
  t.match(await type('order buy vetusdt 5000 1000'), [
    'failed',
    /2002: Account::AccountError: Cannot lock funds/,
  ])
  t.match(await type('raw nonsense'), ['failed', /JSON/])
  await type('raw {"identifier":{"handler":"ToolHandler"},"command":"message","data":{"action":"timestamp"}}')
})

t.test('watch shows book, trades and own orders as they change, until a line ends it', async (t) => {
  const { type, terminal, heard, input, loggedIn } = await openTerminal(t)
  const bob = await loggedIn('IDBOB')
  await type('login', 'order sell vetusdt 0.75 1000')
  const watching = terminal.execute('watch vetusdt')
  await heard('Own orders')
  await bob.order('buy', 0.75, 400)
  await heard('Trades')
  await heard('600.0')
  input.write('\n')
  t.equal(await watching, 'done')
  t.match(await type('watch nousdt'), ['failed', /1001: market does not have a valid value/])
  t.match(await type('watch'), ['failed', /needs a market/])
})

t.test('OX-061 the log: its levels, and the form of its lines', async (t) => {
  const kept = async (level: Level) => {
    const { type, lines } = await openTerminal(t, {}, level)
    await type('login', 'time', 'dance')
    return lines
  }
  const line = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \((DEBUG|INFO|WARN|ERROR), [\w.-]+\.(ts|js):\d+\) {2}/
  for (const [level, expected] of [
    ['DEBUG', ['DEBUG', 'INFO', 'ERROR']],
    ['INFO', ['INFO', 'ERROR']],
    ['WARN', ['ERROR']],
    ['ERROR', ['ERROR']],
  ] as const) {
    const lines = await kept(level)
    t.ok(
      lines.every((one) => line.test(one)),
      level,
    )
    t.strictSame([...new Set(lines.map((one) => line.exec(one)?.[1]))].sort(), [...expected].sort())
  }
  const all = (await kept('DEBUG')).join('')
  t.match(all, /\(DEBUG, connection\.[jt]s:\d+\) {2}sent \{"identifier":\{"handler":"ToolHandler"\}/)
  t.match(all, /\(INFO, connection\.[jt]s:\d+\) {2}\{\n {2}"action": "timestamp",\n {2}"code": 0/)
})

t.test('OX-062 no key and no signature is in the log', async (t) => {
  const { type, lines } = await openTerminal(t)
  await type('login', 'account')
  t.match(lines.join(''), /"api_key":"\*\*\*".*"signature":"\*\*\*"/)
  t.notMatch(lines.join(''), /KIDALICE|PRIVATE/)
})

/** The program itself. */
function program(t: Test, folder: string, words: readonly string[]) {
  const child = spawn(process.execPath, [cli, 'terminal', ...words], { cwd: folder, stdio: 'pipe' })
  t.teardown(() => child.kill('SIGKILL'))
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, stdout, stderr }))
  return { child, ended, stdout: () => stdout }
}

t.test('the program: commands, lines of another program, JSON, and the exit code', async (t) => {
  const { door } = await openWallDoor(t, { users: [user('IDALICE')] })
  const folder = t.testdir({ 'key.pem': pem })
  const who = [
    '--url',
    door.url,
    '--uid',
    'IDALICE',
    '--api-key',
    'KIDALICE',
    '--key',
    join(folder, 'key.pem'),
  ]
  const run = (...words: string[]) => program(t, folder, [...who, ...words]).ended

  const placed = await run('--json', '-c', 'login', '-c', 'order sell vetusdt 1 10', '-c', 'orders vetusdt')
  t.equal(placed.code, 0, placed.stderr)
  const answers = placed.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.match(answers, [{ scopes: {} }, { id: 1, side: 'ask' }, { resources_count: 1 }])
  t.match(await run('-c', 'time', '-c', 'dance'), { code: 1, stdout: /do not recognise/ })

  const piped = program(t, folder, who)
  piped.child.stdin.end('1\n6\nvetusdt, sell, 2, 10, limit\n9\nvetusdt, limit\n')
  t.match(await piped.ended, {
    code: 0,
    stdout: /Authenticated\.[\s\S]*Order 2 is placed[\s\S]*2 {2}vetusdt/,
  })
  t.ok(existsSync(join(folder, 'ws_client.log')))
  t.match(readFileSync(join(folder, 'ws_client.log'), 'utf8'), /\(INFO, /)

  t.match(await run('--logLevel', 'loud'), {
    code: 1,
    stderr: /--logLevel: loud is none of DEBUG, INFO, WARN, ERROR/,
  })
  t.match(await run('-l', 'warn', '-c', 'time'), { code: 0 })
  t.match(await run('--nonsense'), { code: 2, stderr: /--nonsense/ })
  t.match(await run('--help'), { code: 0, stdout: /^Usage: stockyard terminal/ })
  const nowhere = program(t, folder, ['--url', 'ws://127.0.0.1:1/ws/v1', '-c', 'time'])
  t.match(await nowhere.ended, { code: 1, stderr: /cannot connect to ws:\/\/127.0.0.1:1/ })
  writeFileSync(join(folder, 'bad.pem'), 'no key')
  const bad = program(t, folder, ['--url', door.url, '--key', 'bad.pem', '-c', 'login'])
  t.match(await bad.ended, { code: 1, stdout: /bad.pem holds no private key/ })
})

t.test('OX-060 the end of the input and ^C leave, and close the connection', async (t) => {
  const { door } = await openWallDoor(t)
  const folder = t.testdir({ 'key.pem': pem })
  for (const how of ['the end', '^C'] as const) {
    const { child, ended, stdout } = program(t, folder, ['--url', door.url])
    while (!stdout().includes('Session up')) await once(child.stdout, 'data')
    if (how === '^C') child.kill('SIGINT')
    else child.stdin.end()
    t.match(await ended, { code: 0 }, how)
  }
})
