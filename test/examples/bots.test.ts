import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startServer } from '../support/server.ts'

const examples = fileURLToPath(new URL('../../examples/', import.meta.url))
/** Runs TypeScript as this test itself is run. */
const typescript = [process.execPath, ...process.execArgv]
const noises = [
  { file: 'noise.ts', symbol: 'TS', needs: [] },
  { file: 'noise.py', symbol: 'PY', needs: ['python3'] },
  { file: 'noise.sh', symbol: 'SH', needs: ['bash', 'curl'] },
]
const symbols = ['TS', 'PY', 'SH', 'TSSTOP', 'PYSTOP', 'SHSTOP', 'ONCE', 'AGAIN', 'MEET', 'MAKER']

const listings = symbols.flatMap((symbol) => ['--listing', `TESTEX/${symbol}`])
const server = await startServer(t, [...listings])
const keys = { NOISEBOTS: 'noise', MAKERBOT: 'maker' }
const folder = t.testdir({ 'accounts.json': JSON.stringify(keys) })
const locked = await startServer(t, ['--accounts', join(folder, 'accounts.json')])

t.jobs = 4

for (const { file, symbol, needs } of noises) {
  const missing = needs.find((command) => spawnSync(command, ['--version']).status !== 0)
  const skip = missing === undefined ? false : `${file} needs ${missing}, which is not installed`

  t.test(`${file} places as many orders as told and leaves none open`, { skip }, async (t) => {
    const { code, output } = await run(file, [
      '--symbol',
      symbol,
      '--orders',
      '25',
      '--wait',
      '0',
      '--seed',
      '7',
    ])

    t.equal(code, 0, output)
    t.match(output, 'orders placed: 25, none left open')
    const orders = await ordersOf('NOISEBOTS', symbol)
    t.equal(orders.length, 25)
    t.equal(openOf(orders), 0)
    t.ok(orders.every(({ originalQty }) => originalQty >= 50 && originalQty <= 150))
    t.same([...new Set(orders.map(({ direction }) => direction))].sort(), ['buy', 'sell'])
    t.ok((await quote(symbol)).last, 'the bot met itself')
  })

  t.test(`${file} cancels its orders on Ctrl-C`, { skip }, async (t) => {
    const bot = start(file, ['--symbol', `${symbol}STOP`, '--wait', '60000'])
    await bot.line(/order \d+, 0 filled/)
    t.equal(openOf(await ordersOf('NOISEBOTS', `${symbol}STOP`)), 1)

    bot.interrupt()
    const { code, output } = await bot.end

    t.equal(code, 0, output)
    t.match(output, 'orders placed: 1, none left open')
    t.equal(openOf(await ordersOf('NOISEBOTS', `${symbol}STOP`)), 0)
  })

  t.test(`${file} explains itself, and what is wrong`, { skip }, async (t) => {
    const [help, nobody, notANumber, noSuchStock] = await Promise.all([
      run(file, ['--help']),
      run(file, ['--url', 'http://127.0.0.1:65535']),
      run(file, ['--orders', 'many']),
      run(file, ['--symbol', 'NOPE']),
    ])

    t.equal(help.code, 0)
    for (const flag of ['url', 'venue', 'symbol', 'account', 'key', 'orders', 'wait', 'seed']) {
      t.match(help.output, `--${flag}`)
    }
    t.match(nobody.output, /cannot reach the exchange at http:\/\/127\.0\.0\.1:65535\b.*is it running\?/)
    t.match(notANumber.output, '--orders')
    t.match(noSuchStock.output, 'Stock NOPE does not trade on venue TESTEX')
    for (const { code, output } of [nobody, notANumber, noSuchStock]) {
      t.not(code, 0)
      t.notMatch(output, /Traceback|\n {4}at /, 'in words, not in stack traces')
    }
  })

  t.test(`${file} sends its key`, { skip }, async (t) => {
    const [right, wrong] = await Promise.all([
      run(file, ['--orders', '2', '--wait', '0'], { BOT_URL: locked.url, BOT_KEY: keys.NOISEBOTS }),
      run(file, ['--orders', '2', '--wait', '0', '--url', locked.url, '--key', keys.MAKERBOT]),
    ])

    t.equal(right.code, 0, right.output)
    t.not(wrong.code, 0)
    t.match(wrong.output, 'Unknown account or wrong API key')
  })
}

t.test('a player wins the first level by HTTP', async (t) => {
  const [played, unknown] = await Promise.all([
    run('play-level.ts', ['first_steps', '--url', server.url, '--seed', '3']),
    run('play-level.ts', ['no_such_level']),
  ])

  t.equal(played.code, 0, played.output)
  t.match(played.output, /takeIt plays\n[\s\S]*won on day \d, score 100\n/)
  t.equal(unknown.code, 2)
  t.match(unknown.output, 'chock_a_block         takeUnderTarget, littleByLittle')
})

t.test('the same seed makes the same choices', async (t) => {
  const flags = ['--orders', '12', '--wait', '0', '--seed', '42']

  await Promise.all([
    run('noise.ts', ['--symbol', 'ONCE', ...flags]),
    run('noise.ts', ['--symbol', 'AGAIN', ...flags]),
  ])

  const [once, again] = [await ordersOf('NOISEBOTS', 'ONCE'), await ordersOf('NOISEBOTS', 'AGAIN')]
  const choices = (orders: Order[]) =>
    orders.map(({ direction, price, originalQty }) => [direction, price, originalQty])
  t.equal(once.length, 12)
  t.same(choices(again), choices(once))
})

t.test('two bots trade with each other, and buy-low-sell-high knows what it holds', async (t) => {
  const noise = start('noise.ts', ['--symbol', 'MEET', '--wait', '4', '--seed', '3'])
  const { code, output } = await run('buy-low-sell-high.ts', [
    ...['--symbol', 'MEET', '--orders', '40', '--wait', '10', '--seed', '4'],
  ])
  noise.interrupt()
  t.equal((await noise.end).code, 0)

  t.equal(code, 0, output)
  const orders = await ordersOf('BLSHBOTS', 'MEET')
  t.equal(orders.length, 40)
  t.equal(openOf([...orders, ...(await ordersOf('NOISEBOTS', 'MEET'))]), 0)
  const { shares, cents, posMin, posMax } = await scoreOf('BLSHBOTS', 'MEET')
  t.ok(posMin < 0 || posMax > 0, 'it traded')
  t.match(output, `holds ${shares} shares and ${(cents / 100).toFixed(2)} dollars`)
})

t.test(
  'the market maker follows its fills, leans against what it holds, and stops buying at its bound',
  async (t) => {
    // With so long a wait nothing but its fills wakes it.
    const bot = start('market-maker.ts', ['--symbol', 'MAKER', '--wait', '60000'])
    await bot.line(/: sell 100 at 5020/)
    t.match(await quote('MAKER'), { bid: 4980, bidDepth: 100, ask: 5020, askDepth: 100 })

    await trade('sell', 60)
    await bot.line(/^buy of 60 at 4980: holds 60 shares/)
    await bot.line(/: sell 100 at 4998/)
    t.match(
      await quote('MAKER'),
      { bid: 4958, bidDepth: 100, ask: 4998, askDepth: 100 },
      'around 4980, two lower',
    )

    for (const [quantity, held] of [
      [100, 160],
      [100, 260],
      [100, 360],
      [100, 460],
      [40, 500],
    ] as const) {
      t.equal((await trade('sell', 100)).totalFilled, quantity)
      await bot.line(new RegExp(`holds ${held} shares`))
      await bot.line(/: sell 100 at /)
    }
    t.equal((await trade('sell', 100)).totalFilled, 0, 'it holds as much as it may')
    t.equal((await quote('MAKER')).askDepth, 100, 'and goes on selling')

    await trade('buy', 70)
    await bot.line(/holds 430 shares/)
    await bot.line(/: sell 100 at /)
    t.equal((await quote('MAKER')).bidDepth, 70)

    bot.interrupt()
    const { code, output } = await bot.end
    t.equal(code, 0, output)
    t.equal(openOf(await ordersOf('MAKERBOT', 'MAKER')), 0)
    t.match(await scoreOf('MAKERBOT', 'MAKER'), { shares: 430, posMin: 0, posMax: 500 })

    async function trade(direction: string, qty: number): Promise<Order> {
      const body = JSON.stringify({ account: 'TAKER', direction, qty, orderType: 'market' })
      return read('/stocks/MAKER/orders', { method: 'POST', body })
    }
  },
)

t.test('the market maker sends its key with the websocket too', async (t) => {
  const right = ['--url', locked.url, '--orders', '2', '--wait', '0', '--key', keys.MAKERBOT]
  const wrong = [...right.slice(0, -1), 'wrong']

  const [welcome, refused] = await Promise.all([run('market-maker.ts', right), run('market-maker.ts', wrong)])

  t.equal(welcome.code, 0, welcome.output)
  t.match(welcome.output, 'orders placed: 2, none left open')
  t.equal(refused.code, 1)
  t.match(refused.output, /cannot follow the executions: .*401/)
})

interface Order {
  readonly direction: string
  readonly price: number
  readonly originalQty: number
  readonly totalFilled: number
  readonly open: boolean
}

function start(file: string, flags: readonly string[], environment: Record<string, string> = {}) {
  const interpreter = file.endsWith('.ts') ? typescript : file.endsWith('.py') ? ['python3'] : ['bash']
  const [command = '', ...args] = [...interpreter, `${examples}${file}`, ...flags]
  const { PATH, HOME } = process.env
  // A group of its own, so that a signal can reach all of it, as Ctrl-C does.
  const child = spawn(command, args, {
    detached: true,
    env: { PATH, HOME, BOT_URL: server.url, ...environment },
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  const signal = (name: NodeJS.Signals) => child.exitCode === null && process.kill(-(child.pid ?? 0), name)
  t.teardown(() => signal('SIGKILL'))
  return {
    end: once(child, 'close').then(([code]: number[]) => ({ code, output })),
    interrupt: () => signal('SIGINT'),
    /** Reads on to the next line of this form. */
    async line(form: RegExp): Promise<void> {
      for (;;) {
        const { value, done } = await lines.next()
        if (done) throw new Error(`${file} ended before it said ${form}:\n${output}`)
        if (form.test(value)) return
      }
    },
  }
}

function run(file: string, flags: readonly string[], environment?: Record<string, string>) {
  return start(file, flags, environment).end
}

// biome-ignore lint/suspicious/noExplicitAny: the protocol's own tests look at the form
async function read(path: string, init?: RequestInit): Promise<any> {
  return (await fetch(`${server.url}/ob/api/venues/TESTEX${path}`, init)).json()
}

async function ordersOf(account: string, symbol: string): Promise<Order[]> {
  return (await read(`/accounts/${account}/stocks/${symbol}/orders`)).orders
}

function quote(symbol: string) {
  return read(`/stocks/${symbol}/quote`)
}

async function scoreOf(account: string, symbol: string) {
  const { scores } = await read(`/stocks/${symbol}/scores?format=json`)
  return scores.find((score: { account: string }) => score.account === account)
}

function openOf(orders: readonly Order[]): number {
  return orders.filter(({ open }) => open).length
}
