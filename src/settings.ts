import { readFileSync } from 'node:fs'
import { namePattern } from './domain/name.ts'

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

function kind<T>(
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

const name = (text: string) => (new RegExp(namePattern).test(text) ? text : undefined)
const nameRule = 'of 1 to 20 letters, digits and underscores'

const address = kind(['ADDRESS', 'string', 'an address or host name'], (text) => {
  const bare = text.replace(/^\[(.*)\]$/, '$1')
  return /^[A-Za-z0-9_.:%-]+$/.test(bare) ? bare : undefined
})

const path = kind(['FILE', 'string', 'a file name'], (text) => (text === '' ? undefined : text), true)

const onOff = kind(['on|off', 'boolean', 'on or off'], (text) => onOffWords.get(text.toLowerCase()))
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

function integer(least: number, most: number, what: string): Kind<number> {
  const expected = `${what} from ${least} to ${most}`
  return kind(['N', 'integer', expected], (text) =>
    /^\d{1,15}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined,
  )
}

function choice<const T extends string | number>(
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
  accounts: {
    flag: 'accounts',
    aliases: ['a'],
    kind: path,
    default: 'none',
    help: 'A JSON object of account names and their keys. Switches keys on; read again on SIGHUP',
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

/** Flags of the old servers for what is always on here; they take no value. */
const alwaysOn = [
  { names: ['w', 'ws', 'websocket', 'websockets'], notice: 'websockets are always on, at the same port' },
  { names: ['e', 'extra', 'excess'], notice: "the lists of an account's orders are always on" },
]
const oneThatIsNot = ['wsport', 'ws_port']

/** What the command line says, not looked at yet. */
export interface Flags {
  readonly texts: ReadonlyMap<Key, readonly string[]>
  readonly wants: 'start' | 'help' | 'version'
  /** Flags that change nothing, and why. */
  readonly notices: readonly string[]
}

/** Reads the command line. Throws a `Refusal` for a flag that does not exist or lacks its value. */
export function readFlags(argv: readonly string[]): Flags {
  const texts = new Map<Key, string[]>()
  const notices: string[] = []
  let wants: Flags['wants'] = 'start'
  const words = [...argv]
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const flag = splitFlag(word)
    if (flag === undefined) {
      throw new Refusal(`${JSON.stringify(word)} is not a flag; see --help`, 2)
    }
    const { shown, text } = flag
    const notice = alwaysOn.find(({ names }) => names.includes(flag.name))
    const key = flags.get(flag.name)
    if (flag.name === 'help' || flag.name === 'h') wants = 'help'
    else if (flag.name === 'version') wants = 'version'
    else if (notice !== undefined) notices.push(`${shown} changes nothing: ${notice.notice}`)
    else if (oneThatIsNot.includes(flag.name)) {
      throw new Refusal(`${shown}: there is one port for everything, websockets too; see --port`, 2)
    } else if (key === undefined) throw unknownFlag(shown)
    else {
      const given = text ?? valueFrom(words, key, shown)
      const setting = settingOf(key)
      const items = setting.kind.json === 'list' ? given.split(',').map((item) => item.trim()) : [given]
      texts.set(key, [...(texts.get(key) ?? []), ...items])
    }
  }
  return { texts, wants, notices }
}

const flags: ReadonlyMap<string, Key> = new Map(
  keys.flatMap((key) =>
    [settings[key].flag, ...(settingOf(key).aliases ?? [])].map((flag) => [flag, key] as const),
  ),
)

/** `--flag`, `--flag=text`, `-f`, `-ftext`, and with one dash a long flag, as Go programs take them. */
function splitFlag(word: string): { name: string; shown: string; text: string | undefined } | undefined {
  const [, dashes, body] = /^(--?)([^-=].*)$/s.exec(word) ?? []
  if (dashes === undefined || body === undefined) return undefined
  const equals = body.indexOf('=')
  const long = equals === -1 ? body : body.slice(0, equals)
  const text = equals === -1 ? undefined : body.slice(equals + 1)
  if (dashes === '--' || isFlag(long)) return { name: long, shown: `${dashes}${long}`, text }
  const letter = body.slice(0, 1)
  // Only a flag that takes a value can have it attached.
  if (!flags.has(letter)) return { name: long, shown: word, text: undefined }
  return { name: letter, shown: `-${letter}`, text: body.slice(1) }
}

function isFlag(flag: string): boolean {
  return allFlags().includes(flag)
}

function allFlags(): string[] {
  return [...flags.keys(), 'help', 'h', 'version', ...alwaysOn.flatMap(({ names }) => names), ...oneThatIsNot]
}

/** The value of a flag that stands in the next word. An on/off flag alone means on. */
function valueFrom(words: string[], key: Key, shown: string): string {
  const next = words[0]
  if (settings[key].kind === onOff) {
    return next !== undefined && onOffWords.has(next.toLowerCase()) ? (words.shift() as string) : 'on'
  }
  if (next === undefined || isFlag(splitFlag(next)?.name ?? '')) {
    throw new Refusal(`${shown} needs a value: ${settings[key].kind.expected}`)
  }
  return words.shift() as string
}

function unknownFlag(shown: string): Refusal {
  const near = nearest(shown.replace(/^-+/, ''), allFlags())
  const advice = near === undefined ? 'see --help' : `did you mean ${near.length === 1 ? '-' : '--'}${near}?`
  return new Refusal(`there is no flag ${shown}; ${advice}`, 2)
}

/** The known name that a wrong one is likely meant to be. */
export function nearest(wrong: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[-_]/g, '')
  let best: string | undefined
  let least = Math.ceil(wrong.length / 2) + 1
  for (const candidate of known) {
    const distance = edits(plain(wrong), plain(candidate))
    // A letter is near to everything short.
    if (distance < least && (candidate.length > 1 || distance === 0)) {
      least = distance
      best = candidate
    }
  }
  return best
}

/** Letters to insert, delete, replace or swap with their neighbor to make one text of the other. */
function edits(a: string, b: string): number {
  let older: number[] = []
  let old = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(at(row, j - 1) + 1, at(old, j) + 1, at(old, j - 1) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, at(older, j - 2) + 1)
      }
      row.push(cost)
    }
    older = old
    old = row
  }
  return at(old, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}

const columns = 100
const helpIndent = 32

/** What `--help` prints. */
export function help(): string {
  const lines = keys.map((key) => {
    const { flag, aliases = [], kind, default: preset, help } = settingOf(key)
    const names = [`--${flag}`, ...aliases.map((alias) => (alias.length === 1 ? `-${alias}` : `--${alias}`))]
    return beside(`  ${names.join(', ')} ${kind.placeholder}`, `${help} (${preset})`)
  })
  return [
    'Usage: stockyard [flags]',
    '',
    ...wrap(
      'A stock exchange for bots. Every flag can also be given as an environment variable (--max-books as STOCKYARD_MAX_BOOKS, lists with commas) or in a config file (maxBooks, lists as arrays), unless said otherwise; flags win over the environment, and that over the file. An on/off flag alone means on. Defaults stand in parentheses.',
      columns,
    ),
    '',
    ...lines,
    beside('  --help, -h', 'Print this'),
    beside('  --version', 'Print the version'),
    '',
  ].join('\n')
}

function beside(left: string, text: string): string {
  const [first, ...rest] = wrap(text, columns - helpIndent)
  const indent = ' '.repeat(helpIndent)
  const start =
    left.length < helpIndent - 1 ? `${left.padEnd(helpIndent)}${first}` : `${left}\n${indent}${first}`
  return [start, ...rest.map((line) => indent + line)].join('\n')
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

/** The table in docs/configuration.md. */
export function settingsTable(): string {
  const rows = keys.map((key) => {
    const { flag, aliases = [], kind, default: preset, help, only } = settingOf(key)
    const short = aliases.map((alias) => `\`${alias.length === 1 ? '-' : '--'}${alias}\``)
    const value = kind.placeholder.replaceAll('|', '\\|')
    const environment = only === 'flag' ? '' : `\`${environmentName(key)}\``
    const file = only === undefined ? `\`${key}\`` : ''
    return `| ${[`\`--${flag} ${value}\``, ...short].join(' ')} | ${environment} | ${file} | ${preset} | ${help} |`
  })
  return ['| flag | environment | file | default | |', '| --- | --- | --- | --- | --- |', ...rows].join('\n')
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
