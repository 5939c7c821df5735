import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { type Config, closedVenues, loadConfig } from '../../src/config/config.ts'
import { readCxgameFlags } from '../../src/config/cxgame-flags.ts'
import { readFlags } from '../../src/config/flags.ts'
import { cxgameHelp, cxgameTable, help, settingsTable } from '../../src/config/help.ts'
import { Refusal } from '../../src/config/settings.ts'
import { createExchange } from '../../src/exchange.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { prepare } from '../../src/prepare.ts'
import { Shard } from '../../src/shard.ts'
import { createTestClock, defaultSettings } from '../support/app.ts'
import { cashRules, cashVenue } from '../support/cash.ts'
import { tlsFixture } from '../support/server.ts'

function load(argv: readonly string[], environment: Record<string, string> = {}): Promise<Config> {
  return loadConfig(readFlags(argv), environment)
}

/** The one line of a start that is refused, and its exit code. */
async function refusal(
  argv: readonly string[],
  environment: Record<string, string> = {},
): Promise<[string, number]> {
  try {
    await load(argv, environment)
  } catch (error) {
    if (error instanceof Refusal) return [error.message, error.exitCode]
    throw error
  }
  throw new Error('it was not refused')
}

const books = ({ venues }: Config) =>
  venues.flatMap(({ name, symbols }) => symbols.map((symbol) => `${name}/${symbol}`))

t.test('without anything there is the test venue of Stockfighter on loopback', async (t) => {
  const config = await load([])

  t.strictSame(config.edge, { ...defaultSettings, logLevel: 'info' })
  t.match(config, { port: 8000, accounts: undefined, notices: [] })
  t.match(config.limits, { books: 100, accounts: 5000, openOrdersPerAccount: 200_000, openOrders: 2_000_000 })
  t.strictSame(config.venues, [
    {
      name: 'TESTEX',
      symbols: ['FOOBAR'],
      selfTrade: undefined,
      limits: {},
      cash: undefined,
      rest: undefined,
    },
  ])
})

t.test('flags win over the environment, that over the file, and that over the defaults', async (t) => {
  const folder = t.testdir({
    'c.json': JSON.stringify({ port: 1, maxBooks: 11, listing: ['FILE/A', 'FILE/B'] }),
  })
  const file = join(folder, 'c.json')
  const environment = { STOCKYARD_PORT: '2', STOCKYARD_LISTING: 'ENV/A, ENV/B', STOCKYARD_CONFIG: file }

  const all = await load(['--port', '3', '--listing', 'FLAG/A'], environment)
  const two = await load([], environment)
  const one = await load(['--config', file])

  t.strictSame([all.port, books(all), all.limits.books], [3, ['FLAG/A'], 11])
  t.strictSame([two.port, books(two), two.limits.books], [2, ['ENV/A', 'ENV/B'], 11])
  t.strictSame([one.port, books(one), one.limits.accounts], [1, ['FILE/A', 'FILE/B'], 5000])
})

t.test('a value can be written in every usual way', async (t) => {
  const ports = [
    ['--port', '80'],
    ['--port=80'],
    ['-p', '80'],
    ['-p80'],
    ['-port', '80'],
    ['-port=80'],
    ['-p', '1', '--port', '80'],
  ]
  for (const argv of ports) t.equal((await load(argv)).port, 80, argv.join(' '))

  const on = [
    ['--open-executions'],
    ['--open-executions', 'on'],
    ['--open-executions=true'],
    ['--open-executions', '--port', '1'],
  ]
  for (const argv of on) t.equal((await load(argv)).edge.openExecutions, true, argv.join(' '))
  const off = [['--auto-create', 'off'], ['--auto-create=OFF'], ['--auto-create', 'no']]
  for (const argv of off) t.equal((await load(argv)).edge.autoCreate, false, argv.join(' '))
  t.equal((await load([], { STOCKYARD_AUTO_CREATE: '0' })).edge.autoCreate, false)

  const listed = await load(['--listing', 'A/X', '--listing', 'B/Y,A/Z', '--listing', 'A/X'])
  t.strictSame(
    listed.venues.map(({ name, symbols }) => [name, symbols]),
    [
      ['A', ['X', 'Z']],
      ['B', ['Y']],
    ],
  )
  t.equal((await load([], { STOCKYARD_PORT: '' })).port, 8000, 'empty is not given')
})

t.test('the flags of the old servers work, or say why not', async (t) => {
  const book = await load(['-v', 'V', '-s', 'S', '-p', '1', '-b', '7'])
  t.strictSame([books(book), book.port, book.limits.books], [['V/S'], 1, 7])
  const cook = await load(['-venue', 'V', '-symbol', 'S', '-maxbooks', '7', '-excess'])
  t.strictSame([books(cook), cook.limits.books], [['V/S'], 7])
  t.strictSame(books(await load(['--stock', 'S'])), ['TESTEX/S'])
  t.strictSame(books(await load(['--venue', 'V', '--listing', 'A/B'])), ['V/FOOBAR', 'A/B'])

  for (const flag of ['-w', '--ws', '--websocket', '--websockets', '-e', '--extra', '--excess']) {
    const { notices } = await load([flag])
    t.equal(notices.length, 1)
    t.match(notices[0], new RegExp(`^${flag} changes nothing: .* always on`))
  }
  for (const flag of ['--wsport', '--ws_port']) {
    t.strictSame(await refusal([flag, '8001']), [
      `${flag}: there is one port for everything, websockets too; see --port`,
      2,
    ])
  }
})

t.test('defaults follow other settings', async (t) => {
  const folder = t.testdir({ 'a.json': '{"EXB123456": "key"}' })
  const keyed = await load(['--accounts', join(folder, 'a.json')])
  t.equal(keyed.edge.autoCreate, false)
  t.equal((await load(['-a', join(folder, 'a.json'), '--auto-create'])).edge.autoCreate, true)

  for (const host of ['127.0.0.1', '127.9.9.9', '::1', '[::1]', 'localhost', '::ffff:127.0.0.1']) {
    t.equal((await load(['--host', host])).edge.rateLimit, 0, host)
  }
  for (const host of ['0.0.0.0', '::', '10.0.0.1'])
    t.equal((await load(['--host', host])).edge.rateLimit, 1000, host)
  t.equal((await load(['--host', '::', '--rate-limit', '0'])).edge.rateLimit, 0)
  t.match((await load(['--host', 'localhost'])).edge, { host: '127.0.0.1', allowHost: ['localhost'] })
  t.equal(
    (await load(['--max-open-orders', '3000000'])).limits.openOrders,
    3_000_000,
    'a venue holds what an account may',
  )
})

t.test('origins and host names are kept as browsers write them', async (t) => {
  const { edge } = await load([
    '--cors',
    'HTTPS://Friend.example/, http://localhost:5173,https://a.example:443',
    ...['--allow-host', 'Api.Example.', '--allow-host', '2001:DB8::1'],
  ])

  t.strictSame(edge.cors, ['https://friend.example', 'http://localhost:5173', 'https://a.example'])
  t.strictSame(edge.allowHost, ['api.example', '[2001:db8::1]'])
})

t.test('a config file describes venues, and its own paths start beside it', async (t) => {
  const folder = t.testdir({
    'accounts.json': '{}',
    'c.json': JSON.stringify({
      accounts: 'accounts.json',
      openExecutions: true,
      badOrderStatus: 200,
      cors: ['https://friend.example'],
      listing: ['ACME/ABC', 'OTHER/ABC'],
      venues: {
        ACME: { symbols: ['XYZ'], selfTrade: 'cancel-taker', limits: { openOrdersPerAccount: 100 } },
        EMPTY: {},
      },
    }),
  })

  const config = await load(['--config', join(folder, 'c.json')])

  t.match(config.accounts, { file: join(folder, 'accounts.json') })
  t.match(config.edge, {
    openExecutions: true,
    badOrderStatus: 200,
    cors: ['https://friend.example'],
    autoCreate: false,
  })
  t.strictSame(config.venues, [
    {
      name: 'ACME',
      symbols: ['XYZ', 'ABC'],
      selfTrade: 'cancel-taker',
      limits: { openOrdersPerAccount: 100 },
      cash: undefined,
      rest: undefined,
    },
    { name: 'EMPTY', symbols: [], selfTrade: undefined, limits: {}, cash: undefined, rest: undefined },
    { name: 'OTHER', symbols: ['ABC'], selfTrade: undefined, limits: {}, cash: undefined, rest: undefined },
  ])
})

const bank = {
  selfTrade: 'cancel-taker',
  assets: {
    USD: { decimals: 2, opening: '10000' },
    GOLD: { decimals: 3, opening: '0.500' },
    IOU: { decimals: 0 },
  },
  instruments: {
    GOLDUSD: {
      ...{
        base: 'GOLD',
        quote: 'USD',
        tickSize: '0.050',
        lotSize: '0.01',
        minQuantity: '0.10',
        minValue: '1.50',
      },
      ...{ rounding: 'down', fees: { maker: '0.0005', taker: '0.001' } },
    },
    GOLDIOU: { base: 'GOLD', quote: 'IOU', tickSize: '2.5', lotSize: '1', fees: { buy: '0', sell: '0.5' } },
  },
}

t.test('a venue with assets is one where accounts hold money', async (t) => {
  const folder = t.testdir({ 'c.json': JSON.stringify({ venues: { BANK: bank } }) })
  const file = ['--config', join(folder, 'c.json')]
  const [venue] = (await load([...file, '--listing', 'BANK/GOLDUSD'])).venues

  t.match(venue, { name: 'BANK', symbols: ['GOLDUSD', 'GOLDIOU'], selfTrade: 'cancel-taker' })
  t.strictSame(venue?.cash?.opening, { USD: '1000000', GOLD: '500' })
  t.strictSame(venue?.cash?.terms.get('GOLDUSD'), {
    ...{ base: 'GOLD', quote: 'USD', tickSize: '0.05', lotSize: '0.01', unitsPerLot: 10 },
    // 0.05 dollars times 0.01 is a twentieth of a cent.
    ...{ worth: [1, 20], notionalRounding: 'down', minQuantity: 10, minValue: 150 },
    fees: { maker: 500_000, taker: 1_000_000 },
  })
  t.strictSame(venue?.cash?.terms.get('GOLDIOU'), {
    ...{ base: 'GOLD', quote: 'IOU', tickSize: '2.5', lotSize: '1', unitsPerLot: 1000 },
    ...{ worth: [5, 2], notionalRounding: 'half-even', minQuantity: 1 },
    fees: { buy: 0, sell: 500_000_000 },
  })
  t.match(await refusal([...file, '--listing', 'BANK/OTHER']), [
    'listing BANK/OTHER: the file has to say what is traded there, in venues.BANK.instruments',
    1,
  ])
})

t.test('what cannot be said of money is refused with the place in the file', async (t) => {
  const { GOLDUSD } = bank.instruments
  const assets = (changes: object) => ({ assets: { ...bank.assets, ...changes } })
  const gold = (changes: object) => ({ instruments: { GOLDUSD: { ...GOLDUSD, ...changes } } })
  const cases: [changes: object, text: string][] = [
    [{ symbols: ['X'] }, 'symbols: a venue with assets has instruments'],
    [{ selfTrade: 'decrement' }, 'selfTrade: decrement is not for a venue with assets'],
    [{ assets: undefined }, 'instruments: they are for a venue with assets'],
    [{ assets: [] }, 'assets: [] is not an object of assets by name'],
    [assets({ USD: {} }), 'assets.USD.decimals is missing'],
    [assets({ USD: { decimals: 19 } }), 'assets.USD.decimals: 19 is not a whole number from 0 to 18'],
    [assets({ USD: { decimals: 2, opening: 5 } }), 'assets.USD.opening: 5 is not a decimal number as text'],
    [assets({ USD: { decimals: 2, opening: '-5' } }), 'assets.USD.opening: "-5" is not a decimal number'],
    [assets({ USD: { decimals: 1, opening: '0.05' } }), 'assets.USD.opening: 0.05 has more than 1 decimals'],
    [gold({ base: 'constructor' }), 'instruments.GOLDUSD.base: the venue has no asset constructor'],
    [gold({ quote: 'EUR' }), 'instruments.GOLDUSD.quote: the venue has no asset EUR'],
    [gold({ quote: 'GOLD' }), 'instruments.GOLDUSD.quote: GOLD is what is traded'],
    [gold({ tickSize: 0.05 }), 'instruments.GOLDUSD.tickSize: 0.05 is not a decimal number as text'],
    [gold({ tickSize: '0.0' }), 'instruments.GOLDUSD.tickSize: it is more than nothing'],
    [gold({ lotSize: '0.0001' }), 'instruments.GOLDUSD.lotSize: 0.0001 has more decimals than GOLD has'],
    [
      gold({ tickSize: `0.${'0'.repeat(17)}1` }),
      'instruments.GOLDUSD: a lot is 10 units of GOLD, and at one tick',
    ],
    [gold({ minQuantity: '0.015' }), 'instruments.GOLDUSD.minQuantity: 0.015 is no number of lots of 0.01'],
    [gold({ minQuantity: '0' }), 'instruments.GOLDUSD.minQuantity: 0 is no number of lots'],
    [
      gold({ minValue: '0.001' }),
      'instruments.GOLDUSD.minValue: 0.001 is no number of smallest units of USD',
    ],
    [gold({ rounding: 'up' }), 'instruments.GOLDUSD.rounding: "up" is not one of half-even, down'],
    [
      gold({ fees: { maker: '0' } }),
      'instruments.GOLDUSD.fees: there is one for maker and one for taker, or',
    ],
    [gold({ fees: { maker: '0', taker: '1' } }), 'instruments.GOLDUSD.fees.taker: 1 is no fee below 1'],
    [
      gold({ fees: { buy: '0', sell: '0.0000000001' } }),
      'instruments.GOLDUSD.fees.sell: 0.0000000001 is no fee',
    ],
    [
      gold({ ticksize: '1' }),
      'there is no setting venues.BANK.instruments.GOLDUSD.ticksize; did you mean tickSize?',
    ],
  ]
  for (const [changes, text] of cases) {
    const folder = t.testdir({ 'c.json': JSON.stringify({ venues: { BANK: { ...bank, ...changes } } }) })
    const [message, exitCode] = await refusal(['--config', join(folder, 'c.json')])
    const place = text.startsWith('there is') ? text : `venues.BANK.${text}`
    t.ok(message.startsWith(`${join(folder, 'c.json')}: ${place}`), `${message} / ${text}`)
    t.equal(exitCode, 1)
  }
})

t.test('a venue with assets is made once, and nothing of its money changes later', async (t) => {
  const exchange = createExchange(new Shard({ log: new MemoryLog(), clock: createTestClock() }))
  const start = async (changes: object) => {
    const folder = t.testdir({ 'c.json': JSON.stringify({ venues: { BANK: { ...bank, ...changes } } }) })
    await prepare(exchange, await load(['--config', join(folder, 'c.json')]))
  }
  const { GOLDUSD } = bank.instruments
  const gold = (changes: object) => start({ instruments: { GOLDUSD: { ...GOLDUSD, ...changes } } })

  await start({ instruments: {} })
  await start({})
  await start({ selfTrade: undefined })
  t.match(exchange.venue('BANK')?.rules, {
    ...{ credit: 'cash', accounts: 'by-order', selfTrade: 'cancel-taker' },
    opening: { USD: '1000000', GOLD: '500' },
  })
  t.match(exchange.venue('BANK')?.instrument('GOLDUSD')?.terms, { tickSize: '0.05', worth: [1, 20] })
  await t.rejects(start({ selfTrade: 'skip' }), {
    message: 'venue BANK: it exists with selfTrade cancel-taker and cannot get selfTrade skip',
  })
  await t.rejects(start({ assets: { ...bank.assets, USD: { decimals: 2, opening: '5' } } }), {
    message:
      'venue BANK: it exists with opening GOLD 500, USD 1000000 and cannot get opening GOLD 500, USD 500',
  })
  await t.rejects(gold({ tickSize: '0.01' }), {
    message: 'BANK/GOLDUSD: it exists with tickSize 0.05 and cannot get tickSize 0.01',
  })
  await t.rejects(gold({ minValue: undefined }), {
    message: /it exists with minValue 150 and cannot get minValue none$/,
  })
  await t.rejects(gold({ fees: undefined }), {
    message: /it exists with fees maker 500000, taker 1000000 and/,
  })
  await exchange.close()
})

t.test('TLS takes a certificate and its key', async (t) => {
  const { edge } = await load(['--tls-cert', tlsFixture.cert, '--tls-key', tlsFixture.key])
  t.match(edge.tls, { cert: /BEGIN CERTIFICATE/, key: /PRIVATE KEY/ })

  const other = tlsFixture.key.replace('key.pem', 'other-key.pem')
  t.match(await refusal(['--tls-cert', tlsFixture.cert]), [
    /^--tls-cert: a certificate needs its key, --tls-key$/,
    1,
  ])
  t.match(await refusal(['--tls-key', tlsFixture.key]), [
    /^--tls-key: a key needs its certificate, --tls-cert$/,
    1,
  ])
  t.match(await refusal(['--tls-cert', tlsFixture.cert, '--tls-key', other]), [
    /^--tls-cert: .* not a certificate and its key/,
    1,
  ])
  t.match(await refusal(['--tls-cert', '/no/such', '--tls-key', other]), [
    '--tls-cert: cannot read "/no/such": no such file',
    1,
  ])
})

t.test('a flag that does not exist is refused with the nearest that does', async (t) => {
  const cases = {
    '--prot': 'there is no flag --prot; did you mean --port?',
    '--listings': 'there is no flag --listings; did you mean --listing?',
    '--autocreate': 'there is no flag --autocreate; did you mean --auto-create?',
    '--maxopenorders': 'there is no flag --maxopenorders; did you mean --max-open-orders?',
    '--rate_limit=5': 'there is no flag --rate_limit; did you mean --rate-limit?',
    '--hlep': 'there is no flag --hlep; did you mean --help?',
    '--accuonts': 'there is no flag --accuonts; did you mean --accounts?',
    '-x': 'there is no flag -x; see --help',
    '--something-else': 'there is no flag --something-else; see --help',
    run: '"run" is not a flag; see --help',
    '-': '"-" is not a flag; see --help',
    '--': '"--" is not a flag; see --help',
  }
  for (const [flag, text] of Object.entries(cases)) t.strictSame(await refusal([flag]), [text, 2])
})

t.test('a bad value is refused in one line that says where it came from', async (t) => {
  const cases: Record<string, [flag: string, value: string][]> = {
    'a port from 0 to 65535': [
      ['port', '65536'],
      ['port', '-1'],
      ['port', '80.0'],
      ['port', 'http'],
      ['port', ' 80'],
      ['port', '0x50'],
    ],
    'a number of books from 1 to 1000000': [['max-books', '0']],
    'a number of requests from 0 to 1000000': [['rate-limit', '1e3']],
    '400 or 200': [['bad-order-status', '404']],
    'on or off': [['auto-create', 'maybe']],
    'trace, debug, info, warn, error, fatal or silent': [['log-level', 'verbose']],
    'VENUE/SYMBOL, two names of 1 to 20 letters, digits and underscores': [
      ['listing', 'TESTEX'],
      ['listing', 'A/B/C'],
      ['listing', 'A/B-C'],
      ['listing', `A/${'B'.repeat(21)}`],
      ['listing', '/B'],
      ['listing', 'a\nb/c'],
    ],
    'an address or host name': [['host', 'http://x']],
    'a host name without a port': [['allow-host', 'x.example:80']],
    'an origin such as https://example.com:8443; "*" would let every website trade': [
      ['cors', '*'],
      ['cors', 'friend.example'],
      ['cors', 'https://friend.example/path'],
      ['cors', 'https://*.example'],
      ['cors', 'null'],
    ],
  }
  for (const [expected, values] of Object.entries(cases)) {
    for (const [flag, value] of values) {
      const text = `${JSON.stringify(value)} is not ${expected}`
      const name = `STOCKYARD_${flag.toUpperCase().replaceAll('-', '_')}`
      t.strictSame(await refusal([`--${flag}=${value}`]), [`--${flag}: ${text}`, 1])
      t.strictSame(await refusal([], { [name]: value }), [`${name}: ${text}`, 1])
    }
  }
  t.match(await refusal(['--port']), [/^--port needs a value: a port/, 1])
  t.match(await refusal(['--accounts', '--port', '1']), [/^--accounts needs a value: a file name/, 1])
  t.match(await refusal(['--host', 'no-such-host.invalid']), [
    '--host: "no-such-host.invalid" has no address',
    1,
  ])
  t.match(await refusal(['--max-books', '1', '--listing', 'A/B,A/C']), [
    '--max-books: 1 is less than the 2 books that are listed',
    1,
  ])
})

t.test('a bad config file is refused in one line that names the place in it', async (t) => {
  const venue = (content: unknown) => ({ venues: { ACME: content } })
  const game = (content: unknown) => ({ gateways: { cxgame: content } })
  const cases: [content: unknown, text: string][] = [
    ['{"port": 1,}', 'not JSON: '],
    [[], '[] is not an object of settings'],
    [null, 'null is not an object of settings'],
    [{ prot: 1 }, 'there is no setting prot; did you mean port?'],
    [{ 'max-books': 1 }, 'there is no setting max-books; did you mean maxBooks?'],
    [{ config: 'x' }, 'there is no setting config'],
    [{ venue: 'X' }, 'there is no setting venue; did you mean venues?'],
    [{ port: '80' }, 'port: "80" is not a whole number'],
    [{ port: 65536 }, 'port: "65536" is not a port from 0 to 65535'],
    [{ autoCreate: 'on' }, 'autoCreate: "on" is not true or false'],
    [{ listing: 'A/B' }, 'listing: "A/B" is not an array of strings'],
    [{ listing: ['A/B', 7] }, 'listing.1: 7 is not a string'],
    [{ listing: ['A'] }, 'listing: "A" is not VENUE/SYMBOL, two names'],
    [{ venues: [] }, 'venues: [] is not an object of venues by name'],
    [{ venues: { 'A-B': {} } }, 'venues.A-B: the name is not a name of 1 to 20'],
    [venue(1), 'venues.ACME: 1 is not an object that describes a venue'],
    [venue({ symbol: ['X'] }), 'there is no setting venues.ACME.symbol; did you mean symbols?'],
    [venue({ symbols: ['X', 'X'] }), 'venues.ACME.symbols: ["X","X"] is not an array of different names'],
    [venue({ symbols: ['X Y'] }), 'venues.ACME.symbols.0: "X Y" is not a name of 1 to 20'],
    [venue({ selfTrade: 'never' }), 'venues.ACME.selfTrade: "never" is not one of allow, cancel-taker'],
    [venue({ rest: true }), 'venues.ACME.rest: true is not one of open, closed'],
    [venue({ limits: { orders: 1 } }), 'there is no setting venues.ACME.limits.orders'],
    [venue({ limits: { openOrders: 0 } }), 'venues.ACME.limits.openOrders: 0 is not a whole number from 1'],
    [{ accounts: '' }, 'accounts: "" is not a file name'],
    [game({ feedport: 1 }), 'there is no setting gateways.cxgame.feedport; did you mean feedPort?'],
    [
      game({ usdStart: 10000 }),
      'gateways.cxgame.usdStart: 10000 is not an amount with at most 2 decimals, as text',
    ],
    [game({ adminSecret: 123456789012 }), 'gateways.cxgame.adminSecret: 123456789012 is not a secret of 12'],
    [game({ isStarted: 1 }), 'gateways.cxgame.isStarted: 1 is not yes or no'],
    [game({ userLimit: true }), 'gateways.cxgame.userLimit: true is not a number of players'],
  ]
  for (const [content, text] of cases) {
    const folder = t.testdir({ 'c.json': typeof content === 'string' ? content : JSON.stringify(content) })
    const file = join(folder, 'c.json')
    const [message, exitCode] = await refusal(['--config', file])
    t.ok(message.startsWith(`${file}: ${text}`), `${message} / ${text}`)
    t.notMatch(message, /\n/)
    t.equal(exitCode, 1)
  }
  t.strictSame(await refusal(['--config', '/no/such']), ['--config: cannot read "/no/such": no such file', 1])
  t.strictSame(await refusal([], { STOCKYARD_CONFIG: '/' }), [
    'STOCKYARD_CONFIG: cannot read "/": it is a directory',
    1,
  ])
})

t.test('a variable that looks misspelled is pointed out', async (t) => {
  const { notices } = await load([], { STOCKYARD_PROT: '1', STOCKYARD_SERVICE_ACCOUNT_TOKEN: 'x', PROT: '1' })

  t.strictSame(notices, ['STOCKYARD_PROT is not a setting; did you mean STOCKYARD_PORT?'])
})

t.test('what is said of the disk changes nothing in memory, and that is said', async (t) => {
  const { data, notices } = await load(['--data', 'here', '--memory'], { STOCKYARD_KEEP_JOURNAL: '64M' })

  t.equal(data, undefined)
  t.strictSame(notices, [
    '--data changes nothing: --memory keeps nothing on disk',
    'STOCKYARD_KEEP_JOURNAL changes nothing: --memory keeps nothing on disk',
  ])
})

t.test('the help names every flag and fits 100 columns', async (t) => {
  for (const line of help().split('\n')) t.ok(line.length <= 100, line)
  for (const flag of [
    '--listing VENUE/SYMBOL',
    '-p N',
    '--stock',
    '--auto-create on|off',
    '--help',
    '--version',
  ]) {
    t.ok(help().includes(flag), flag)
  }
})

/** What comes of a command line after `stockyard cxgame`. */
async function loadGame(argv: readonly string[], environment: Record<string, string> = {}) {
  const { given, rest } = readCxgameFlags(argv)
  return loadConfig(readFlags(rest), environment, given)
}

t.test('after cxgame single letters are the game’s, and long flags go where they belong', async (t) => {
  const folder = t.testdir({ 'names.txt': '\uFEFFkestrel \r\n\r\n# nobody\nosprey\nkestrel\n' })
  const names = join(folder, 'names.txt')

  const usual = await loadGame([])
  const all = await loadGame([
    ...['-e', '1', '-f2', '--bindaddr=0.0.0.0', '-m', '5.00', '-c', '0', '-u', '3', '-t', '1.5', '-w', names],
    ...['-s', 'no', '-a', 'open sesame 12', '-i', 'no', '--port', '4', '--memory'],
  ])

  t.match(usual.gateways.cxgame, {
    ...{ exchangePort: 9877, feedPort: 9876, bind: '127.0.0.1', usdStart: '10000.00', cryptoStart: '10.0' },
    ...{ isStarted: true, isStrict: false, feedBacklog: 0, onDisconnect: 'keep', commandsPerSecond: 50 },
    ...{ exitAtEnd: true, venue: 'CXGAME', feedAddresses: false },
    ...{ timeLimit: undefined, userLimit: undefined, whitelist: undefined, adminSecret: undefined },
  })
  t.match(all.gateways.cxgame, {
    ...{ exchangePort: 1, feedPort: 2, bind: '0.0.0.0', usdStart: '5.00', cryptoStart: '0', userLimit: 3 },
    ...{
      timeLimit: 1_500_000,
      whitelist: ['kestrel', 'osprey'],
      adminSecret: 'open sesame 12',
      isStarted: false,
    },
  })
  t.equal(all.port, 4)
  t.equal(all.data, undefined)
  t.equal((await load([])).gateways.cxgame, undefined)
})

t.test('the game can stand in the config file, and flags win over it', async (t) => {
  const section = { exchangePort: 7, usdStart: '1.50', isStarted: 'no', timeLimit: 60, exitAtEnd: true }
  const folder = t.testdir({ 'c.json': JSON.stringify({ gateways: { cxgame: section } }) })
  const argv = ['--config', join(folder, 'c.json')]
  const environment = {
    STOCKYARD_CXGAME_ADMIN_SECRET: 'from elsewhere',
    STOCKYARD_CXGAME_EXCHANGE_PORT: '9',
    STOCKYARD_CXGAME_ON_DISCONNECT: 'cancel',
    STOCKYARD_CXGAME_FEED_BACKLOG: '',
  }

  const fromFile = await load(argv)
  const withVariables = await load(argv, environment)
  const withFlag = await loadGame([...argv, '-e', '8'], environment)

  const { cxgame } = fromFile.gateways
  t.match(cxgame, {
    exchangePort: 7,
    usdStart: '1.50',
    isStarted: false,
    timeLimit: 60_000_000,
    exitAtEnd: true,
  })
  t.match(withVariables.gateways.cxgame, {
    ...{ adminSecret: 'from elsewhere', exchangePort: 9, onDisconnect: 'cancel', usdStart: '1.50' },
    feedBacklog: 0,
  })
  t.strictSame(withVariables.notices, [])
  t.match(withFlag.gateways.cxgame, { exchangePort: 8, usdStart: '1.50', onDisconnect: 'cancel' })
  t.equal((await load([], environment)).gateways.cxgame, undefined, 'variables alone open no game')
})

t.test('the venue of a gateway is read by REST, and traded where the file opens it', async (t) => {
  const folder = t.testdir({
    'c.json': JSON.stringify({
      gateways: { cxgame: {} },
      venues: { CXGAME: { rest: 'open', limits: { openOrders: 7 } } },
    }),
    'other.json': JSON.stringify({
      gateways: { cxgame: { venue: 'ARENA' } },
      venues: { ARENA: { rest: 'closed' } },
    }),
    'nobody.json': JSON.stringify({ venues: { CXGAME: { rest: 'open' } } }),
    'rules.json': JSON.stringify({ gateways: { cxgame: {} }, venues: { CXGAME: { selfTrade: 'allow' } } }),
  })
  const file = (name: string) => ['--config', join(folder, name)]
  const belongs = 'venue CXGAME: a gateway has it, which lists its symbols and makes its rules itself'

  t.strictSame([...(await load([])).edge.closedVenues], [])
  t.strictSame([...(await loadGame([])).edge.closedVenues], ['CXGAME'])
  t.strictSame([...(await load(file('other.json'))).edge.closedVenues], ['ARENA'])
  const opened = await load(file('c.json'))
  t.strictSame([...opened.edge.closedVenues], [])
  t.strictSame(books(opened), ['TESTEX/FOOBAR'], 'it is no listing')
  t.strictSame(await refusal(file('nobody.json')), [
    'venue CXGAME: rest is for the venue of a gateway, and none has it',
    1,
  ])
  t.strictSame(await refusal(file('rules.json')), [belongs, 1])
  t.strictSame(await refusal([...file('c.json'), '--listing', 'CXGAME/X']), [belongs, 1])
  t.strictSame(
    [
      ...closedVenues(
        ['A', 'B', 'C'],
        [
          { name: 'A', rest: 'open' },
          { name: 'B', rest: 'closed' },
          { name: 'D', rest: undefined },
        ],
      ),
    ],
    ['B', 'C'],
  )

  const clock = createTestClock()
  const exchange = createExchange(new Shard({ log: new MemoryLog(), clock }))
  for (const command of cashVenue()) await exchange.submit(command, () => {})
  await prepare(exchange, opened)
  t.match(exchange.venue('CXGAME'), { rules: cashRules, limits: { openOrders: 7 } })
  await exchange.close()
  const empty = createExchange(new Shard({ log: new MemoryLog(), clock }))
  await prepare(empty, opened)
  t.equal(empty.venue('CXGAME'), undefined, 'the game makes it')
  await empty.close()
})

t.test('a game that cannot be played is refused, with the place where it was said', async (t) => {
  const folder = t.testdir({
    'no.pem': 'not a certificate',
    'nobody.txt': '# nobody',
    'long.txt': 'x'.repeat(65),
    'three.txt': 'a\nb\nc\n',
    'c.json': JSON.stringify({ gateways: { cxgame: { feedport: 1 } } }),
  })
  const refusalOf = async (argv: readonly string[]) => {
    try {
      await loadGame(argv)
    } catch (error) {
      return error instanceof Refusal ? `${error.exitCode} ${error.message}` : error
    }
    return 'it was not refused'
  }

  for (const [argv, expected] of [
    [['-e', '5', '-f', '5'], '1 cxgame: commands and feed cannot share the port 5'],
    [['-s', 'maybe'], '1 -s: "maybe" is not yes or no'],
    [['-i', '2'], '1 -i: "2" is not yes or no'],
    [['-m', '1.005'], '1 -m: "1.005" is not an amount with at most 2 decimals'],
    [['-c', '-1'], '1 -c: "-1" is not an amount with at most 10 decimals'],
    [['-a', 'admin_admin'], '1 -a: "admin_admin" is not a secret of 12 characters or more'],
    [['-w', join(folder, 'none.txt')], '1 -w: cannot read'],
    [['-w', join(folder, 'nobody.txt')], '1 -w: '],
    [['-p', join(folder, 'no.pem')], '1 -p: '],
    [['-w', join(folder, 'long.txt')], '1 -w: nobody can register as "xxx'],
    [
      ['-w', join(folder, 'three.txt'), '-u', '2'],
      '1 cxgame: the whitelist has 3 names, and only 2 may register',
    ],
    [
      ['-w', join(folder, 'three.txt'), '--max-accounts', '1'],
      '1 cxgame: the whitelist has 3 names, and only 1',
    ],
    [['-u'], '1 -u needs a value: a number of players from 1 to 10000000'],
    [['-x'], '2 there is no flag -x after cxgame'],
    [['--usrlimit', '1'], '2 there is no flag --usrlimit'],
    [['--config', join(folder, 'c.json')], '1 '],
  ] as const) {
    const message = await refusalOf(argv)
    t.match(message, expected, argv.join(' '))
  }
})

t.test('the help of the game names every flag and fits 100 columns', async (t) => {
  for (const line of cxgameHelp().split('\n')) t.ok(line.length <= 100, line)
  for (const flag of ['--exchangeport, -e', '--whitelist, -w FILE', 'onDisconnect keep|cancel']) {
    t.ok(cxgameHelp().includes(flag), flag)
  }
})

t.test('the table in docs/configuration.md is fresh; `npx tap run --snapshot` writes it', async (t) => {
  const file = fileURLToPath(new URL('../../docs/configuration.md', import.meta.url))
  const text = readFileSync(file, 'utf8')
  const tables = [
    ['settings', settingsTable()],
    ['options of the game', cxgameTable()],
  ]
  const fresh = tables.reduce((all, [name, table]) => {
    const section = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*(\\n<!-- end of ${name} -->)`)
    return all.replace(section, (_, start: string, end: string) => `${start}\n${table}\n${end}`)
  }, text)

  if (process.env.TAP_SNAPSHOT === '1') writeFileSync(file, fresh)
  else
    t.ok(
      text === fresh,
      'the table differs from src/config/settings.ts; run: npx tap run --snapshot test/operation/config.test.ts',
    )
})
