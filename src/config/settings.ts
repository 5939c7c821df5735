import { readFileSync } from 'node:fs'
import { namePattern } from '../domain/name.ts'

/** A start that is refused: one line for the user. 1: a value that cannot be used; 2: a flag that does not exist. */
export class Refusal extends Error {
  readonly exitCode: 1 | 2

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** What a setting takes, and how its texts become a value. */
export interface Kind<T> {
  /** Shown after the flag in the help. */
  readonly placeholder: string
  /** What stands in a config file; a list stands there as an array of strings. */
  readonly json: 'string' | 'integer' | 'boolean' | 'list'
  /** Completes `"70000" is not …`. */
  readonly expected: string
  /** A file's name; one that stands in a config file is looked up beside it. */
  readonly isPath: boolean
  /** Of a setting that is no list the last text counts. Throws a `Refusal` that starts with `source`. */
  read(texts: readonly string[], source: string): T
}

interface Setting<T = unknown> {
  /** The long flag. */
  readonly flag: string
  /** Other names of the flag, without dashes: a single letter takes one dash. */
  readonly aliases?: readonly string[]
  readonly kind: Kind<T>
  /** For people. The value is chosen in config.ts, where it may depend on other settings. */
  readonly default: string
  readonly help: string
  /** Where else it can be given; everywhere when left out. */
  readonly only?: 'flag' | 'flag or environment'
}

export function kind<T>(
  [placeholder, json, expected]: readonly [string, 'string' | 'integer' | 'boolean', string],
  parse: (text: string) => T | undefined,
  isPath = false,
): Kind<T> {
  const read = (texts: readonly string[], source: string) =>
    parseOne(parse, texts.at(-1) ?? '', expected, source)
  return { placeholder, json, expected, isPath, read }
}

function listOf<T>(
  placeholder: string,
  expected: string,
  parse: (text: string) => T | undefined,
): Kind<readonly T[]> {
  const read = (texts: readonly string[], source: string) =>
    texts.map((text) => parseOne(parse, text, expected, source))
  return { placeholder, json: 'list', expected, isPath: false, read }
}

function parseOne<T>(
  parse: (text: string) => T | undefined,
  text: string,
  expected: string,
  source: string,
): T {
  const value = parse(text)
  if (value === undefined) throw new Refusal(`${source}: ${JSON.stringify(text)} is not ${expected}`)
  return value
}

export const name = (text: string) => (new RegExp(namePattern).test(text) ? text : undefined)
const nameRule = 'of 1 to 20 letters, digits and underscores'

export const address = kind(['ADDRESS', 'string', 'an address or host name'], (text) => {
  const bare = text.replace(/^\[(.*)\]$/, '$1')
  return /^[A-Za-z0-9_.:%-]+$/.test(bare) ? bare : undefined
})

export const path = kind(['FILE', 'string', 'a file name'], (text) => (text === '' ? undefined : text), true)

const directory = kind(
  ['DIR', 'string', 'a directory name'],
  (text) => (text === '' ? undefined : text),
  true,
)

/** Bytes to keep of the journal; `all` is no bound. */
const journalSize = kind(['all|SIZE', 'string', 'all, or a size from 64M such as 500M or 20G'], (text) => {
  if (text === 'all') return Number.POSITIVE_INFINITY
  const [, count, unit] = /^(\d{1,6})([MGT])i?B?$/i.exec(text) ?? []
  const bytes = Number(count) * 1024 ** ('MGT'.indexOf(unit?.toUpperCase() ?? '') + 2)
  return unit !== undefined && bytes >= 64 * 1024 ** 2 ? bytes : undefined
})

export const onOff = kind(['on|off', 'boolean', 'on or off'], (text) => onOffWords.get(text.toLowerCase()))
const onOffWords: ReadonlyMap<string, boolean> = new Map([
  ['on', true],
  ['true', true],
  ['yes', true],
  ['1', true],
  ['off', false],
  ['false', false],
  ['no', false],
  ['0', false],
])

/** Whether a word is the value of an on/off setting. */
export function isOnOrOff(text: string): boolean {
  return onOffWords.has(text.toLowerCase())
}

const listing = listOf('VENUE/SYMBOL', `VENUE/SYMBOL, two names ${nameRule}`, (text) => {
  const parts = text.split('/')
  const [venue, symbol] = parts.map(name)
  return parts.length !== 2 || venue === undefined || symbol === undefined ? undefined : { venue, symbol }
})

/** An origin as browsers send it: lower case, without the port that its scheme implies. */
const origins = listOf(
  'ORIGINS',
  'an origin such as https://example.com:8443; "*" would let every website trade',
  (text) => {
    const origin = text.toLowerCase().replace(/\/$/, '')
    if (!/^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*]+$/.test(origin)) return undefined
    return origin.replace(/^(http:.*):80$/, '$1').replace(/^(https:.*):443$/, '$1')
  },
)

const hostNames = listOf('NAME', 'a host name without a port', (text) => {
  const host = text.toLowerCase().replace(/\.$/, '')
  if (/^\[?[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*\]?$/.test(host)) return `[${host.replace(/[[\]]/g, '')}]`
  return /^[a-z0-9_.-]+$/.test(host) ? host : undefined
})

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

export function integer(least: number, most: number, what: string): Kind<number> {
  const expected = `${what} from ${least} to ${most}`
  return kind(['N', 'integer', expected], (text) =>
    /^\d{1,15}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined,
  )
}

export function choice<const T extends string | number>(
  placeholder: string,
  json: 'string' | 'integer',
  words: readonly T[],
): Kind<T> {
  const expected = `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
  return kind([placeholder, json, expected], (text) => words.find((word) => `${word}` === text))
}

/** The largest limits that the data structures bear. */
export const mostOf = { books: 1_000_000, accounts: 10_000_000, orders: 100_000_000 }

/** Every setting there is. Flags, environment, config file, help and the table in docs/configuration.md follow it. */
export const settings = {
  host: {
    flag: 'host',
    kind: address,
    default: '127.0.0.1',
    help: 'Where to listen. 0.0.0.0 is every IPv4 address of the machine, :: every address',
  },
  port: {
    flag: 'port',
    aliases: ['p'],
    kind: integer(0, 65_535, 'a port'),
    default: '8000',
    help: 'The port for everything; 0 takes a free one, which the first line on stdout names',
  },
  listing: {
    flag: 'listing',
    kind: listing,
    default: 'TESTEX/FOOBAR',
    help: 'A book from the start; repeatable',
  },
  data: {
    flag: 'data',
    kind: directory,
    default: './data',
    help: 'The directory that keeps everything: journal, snapshots, history. Made when it does not exist',
  },
  memory: {
    flag: 'memory',
    kind: onOff,
    default: 'off',
    help: 'Keeps nothing on disk: what happened ends with the process, and old closed orders are forgotten',
  },
  snapshotEvery: {
    flag: 'snapshot-every',
    kind: integer(1000, 1_000_000_000, 'a number of commands'),
    default: '1000000',
    help: 'Commands between two snapshots, which shorten the next start',
  },
  keepJournal: {
    flag: 'keep-journal',
    kind: journalSize,
    default: 'all',
    help: 'How much of the journal to keep, such as 500M or 20G. Old segments go when snapshots and history cover them',
  },
  accounts: {
    flag: 'accounts',
    aliases: ['a'],
    kind: path,
    default: 'none',
    help: 'A JSON object of account names and their keys. Switches keys on; read again on SIGHUP',
  },
  demo: {
    flag: 'demo',
    kind: onOff,
    default: 'on; off with accounts, and for stockyard cxgame',
    help: 'A market that lives: the venue DEMOEX with traders of the house, in memory only',
  },
  population: {
    flag: 'population',
    kind: path,
    default: 'that of DEMOEX',
    help: 'A JSON file that describes another venue and its traders in place of DEMOEX',
  },
  autoCreate: {
    flag: 'auto-create',
    kind: onOff,
    default: 'on; off with accounts',
    help: 'An order makes venue and book that do not exist yet',
  },
  maxBooks: {
    flag: 'max-books',
    aliases: ['b', 'maxbooks'],
    kind: integer(1, mostOf.books, 'a number of books'),
    default: '100',
    help: 'Books on all venues together',
  },
  maxAccounts: {
    flag: 'max-accounts',
    kind: integer(1, mostOf.accounts, 'a number of accounts'),
    default: '5000',
    help: 'Accounts that may ever trade on a venue',
  },
  maxOpenOrders: {
    flag: 'max-open-orders',
    kind: integer(1, mostOf.orders, 'a number of orders'),
    default: '200000',
    help: 'Orders that an account may have open at once on a venue',
  },
  badOrderStatus: {
    flag: 'bad-order-status',
    kind: choice('400|200', 'integer', [400, 200]),
    default: '400',
    help: 'HTTP status of a well-formed order that is refused; 200 is what the official Stockfighter server sent',
  },
  revealOwnerOnCancel: {
    flag: 'reveal-owner-on-cancel',
    kind: onOff,
    default: 'off',
    help: "Canceling somebody else's order names the owner, as the official server did",
  },
  openExecutions: {
    flag: 'open-executions',
    kind: onOff,
    default: 'off',
    help: 'Executions sockets need no key, for old bots, which send none. Anyone can then follow any account',
  },
  maxInstances: {
    flag: 'max-instances',
    kind: integer(1, 1000, 'a number of levels'),
    default: '20',
    help: 'Levels that may be open at once, of all players together',
  },
  rateLimit: {
    flag: 'rate-limit',
    kind: integer(0, 1_000_000, 'a number of requests'),
    default: '0; 1000 when not on loopback',
    help: 'Requests a second for each key, or address where there is no key; 0 is no limit',
  },
  tlsCert: {
    flag: 'tls-cert',
    kind: path,
    default: 'none',
    help: 'Certificate chain in PEM form; with --tls-key everything is https and wss',
  },
  tlsKey: {
    flag: 'tls-key',
    kind: path,
    default: 'none',
    help: 'Private key of the certificate in PEM form',
  },
  cors: {
    flag: 'cors',
    kind: origins,
    default: 'none',
    help: 'Origins of other websites whose pages may call this server, with commas between them',
  },
  allowHost: {
    flag: 'allow-host',
    kind: hostNames,
    default: 'none',
    help: 'A name by which clients or a proxy call a server on loopback; repeatable',
  },
  logLevel: {
    flag: 'log-level',
    kind: choice('LEVEL', 'string', logLevels),
    default: 'info',
    help: `${logLevels.join(', ')}: how much to log, as JSON lines on stderr. Requests are logged from debug on`,
  },
  config: {
    flag: 'config',
    kind: path,
    default: 'none',
    help: 'A JSON file of settings: the long flags in camelCase, lists as arrays, and a section of venues',
    only: 'flag or environment',
  },
  venue: {
    flag: 'venue',
    aliases: ['v'],
    kind: kind(['NAME', 'string', `a name ${nameRule}`], name),
    default: 'TESTEX',
    help: 'With --symbol, another way to write a listing',
    only: 'flag',
  },
  symbol: {
    flag: 'symbol',
    aliases: ['s', 'stock'],
    kind: kind(['NAME', 'string', `a name ${nameRule}`], name),
    default: 'FOOBAR',
    help: 'With --venue, another way to write a listing',
    only: 'flag',
  },
} as const satisfies Record<string, Setting>

export type Key = keyof typeof settings
export type ValueOf<K extends Key> = (typeof settings)[K]['kind'] extends Kind<infer T> ? T : never
export const keys = Object.keys(settings) as Key[]

export function settingOf(key: Key): Setting {
  return settings[key]
}

export function environmentName(key: Key): string {
  return `STOCKYARD_${settings[key].flag.toUpperCase().replaceAll('-', '_')}`
}

/** Reads a text file that a setting names. `source` is where. */
export function readText(file: string, source: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === undefined ? undefined : fileErrors.get(code)
    throw new Refusal(`${source}: cannot read ${JSON.stringify(file)}: ${reason ?? message}`)
  }
}

const fileErrors: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such file'],
  ['EISDIR', 'it is a directory'],
  ['EACCES', 'no permission'],
])
