import { createSecureContext } from 'node:tls'
import { isPlayerName } from '../../gateways/cxgame/player-name.ts'
import type { CxgameSettings } from '../../gateways/cxgame/settings.ts'
import { address, choice, integer, type Kind, kind, name, path, Refusal, readText } from './settings.ts'

interface Option<T = unknown> {
  /** The old command line's flag, after `stockyard cxgame`. */
  readonly flag?: { readonly letter: string; readonly long: string }
  readonly kind: Kind<T>
  /** For people. */
  readonly default: string
  readonly help: string
}

/** An amount with at most so many decimals, 0 or more, as it was written. */
function amount(scale: number): Kind<string> {
  const pattern = new RegExp(`^\\d{1,18}(\\.\\d{1,${scale}})?$`)
  return kind(['AMOUNT', 'string', `an amount with at most ${scale} decimals`], (text) =>
    pattern.test(text) ? text : undefined,
  )
}

const yesOrNo = kind(['yes|no', 'boolean', 'yes or no'], (text) => {
  if (text === 'yes' || text === 'true') return true
  return text === 'no' || text === 'false' ? false : undefined
})

const seconds = kind(['SECONDS', 'integer', 'a number of seconds up to 31536000'], (text) => {
  const value = /^\d{1,8}(\.\d{1,6})?$/.test(text) ? Number(text) : undefined
  return value !== undefined && value <= 31_536_000 ? value : undefined
})

const secret = kind(['SECRET', 'string', 'a secret of 12 characters or more'], (text) =>
  // Characters, as people count them.
  [...text].length >= 12 ? text : undefined,
)

/** Every option of the game. Flags, config file and help follow it. */
export const cxgameOptions = {
  exchangePort: {
    flag: { letter: 'e', long: 'exchangeport' },
    kind: integer(0, 65_535, 'a port'),
    default: '9877',
    help: 'Where players connect; 0 takes a free one',
  },
  feedPort: {
    flag: { letter: 'f', long: 'feedport' },
    kind: integer(0, 65_535, 'a port'),
    default: '9876',
    help: 'Where the feed is read; 0 takes a free one',
  },
  bind: {
    flag: { letter: 'b', long: 'bindaddr' },
    kind: address,
    default: '127.0.0.1',
    help: 'Where both ports listen',
  },
  usdStart: {
    flag: { letter: 'm', long: 'usdstart' },
    kind: amount(2),
    default: '10000.00',
    help: 'What each player begins with, in USD',
  },
  cryptoStart: {
    flag: { letter: 'c', long: 'cryptostart' },
    kind: amount(10),
    default: '10.0',
    help: 'What each player begins with, in crypto',
  },
  userLimit: {
    flag: { letter: 'u', long: 'userlimit' },
    kind: integer(1, 10_000_000, 'a number of players'),
    default: '--max-accounts',
    help: 'How many players may register',
  },
  timeLimit: {
    flag: { letter: 't', long: 'timelimit' },
    kind: seconds,
    default: '0',
    help: 'How long the game runs; 0 is until somebody ends it. Pauses do not count, nor time when nothing runs',
  },
  whitelist: {
    flag: { letter: 'w', long: 'whitelist' },
    kind: path,
    default: 'none',
    help: 'A file of names, one a line: only they may register, and the game begins when all are there',
  },
  pemFile: {
    flag: { letter: 'p', long: 'pemfile' },
    kind: path,
    default: 'none',
    help: 'Certificate chain and key in one PEM file: both ports then speak TLS only',
  },
  sslVerify: {
    flag: { letter: 's', long: 'sslverify' },
    kind: yesOrNo,
    default: 'yes',
    help: 'Changes nothing here: whether to check a certificate is for clients to say',
  },
  adminSecret: {
    flag: { letter: 'a', long: 'adminsecret' },
    kind: secret,
    default: 'none',
    help: 'What start, pause, shutdown and reset_game ask for; better given as STOCKYARD_CXGAME_ADMIN_SECRET',
  },
  isStarted: {
    flag: { letter: 'i', long: 'started' },
    kind: yesOrNo,
    default: 'yes',
    help: 'no: the game begins paused, and waits for an admin',
  },
  compat: {
    kind: choice('ours|strict', 'string', ['ours', 'strict']),
    default: 'ours',
    help: 'strict keeps some oddities of the old server',
  },
  feedBacklog: {
    kind: integer(0, 100_000, 'a number of messages'),
    default: '0',
    help: 'How many of the last feed messages a newcomer is sent',
  },
  feedAddresses: { kind: yesOrNo, default: 'no', help: 'The feed tells where players connect from' },
  onDisconnect: {
    kind: choice('keep|cancel', 'string', ['keep', 'cancel']),
    default: 'keep',
    help: "What becomes of a player's orders when its last connection goes",
  },
  commandsPerSecond: {
    kind: integer(0, 1_000_000, 'a number of commands'),
    default: '50',
    help: 'Commands a second of one connection; more are delayed. 0 is no limit',
  },
  exitAtEnd: {
    kind: yesOrNo,
    default: 'no; yes after stockyard cxgame',
    help: 'The process ends with the game',
  },
  venue: {
    kind: kind(['NAME', 'string', 'a name of 1 to 20 letters, digits and underscores'], name),
    default: 'CXGAME',
    help: 'The venue where the game is played',
  },
} as const satisfies Record<string, Option>

export type CxgameKey = keyof typeof cxgameOptions
type CxgameValue<K extends CxgameKey> = (typeof cxgameOptions)[K]['kind'] extends Kind<infer T> ? T : never
export const cxgameKeys = Object.keys(cxgameOptions) as CxgameKey[]

export function cxgameOption(key: CxgameKey): Option {
  return cxgameOptions[key]
}

/** Where an option stands in the environment. */
export function cxgameVariable(key: CxgameKey): string {
  return `STOCKYARD_CXGAME_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

/** The options that the environment gives. Empty is what a compose file makes of a variable that nobody set. */
export function* cxgameFromEnvironment(
  environment: NodeJS.ProcessEnv,
): Iterable<readonly [CxgameKey, CxgameGiven]> {
  for (const key of cxgameKeys) {
    const source = cxgameVariable(key)
    const text = environment[source]
    if (text !== undefined && text !== '') yield [key, { text, source }]
  }
}

/** A text that was given for an option, and where. */
export interface CxgameGiven {
  readonly text: string
  readonly source: string
}

/**
 * Puts a game's options together. `maxAccounts` may register where nothing else is said. Throws a `Refusal` for anything
 * that cannot be used.
 */
export function readCxgameSettings(
  given: ReadonlyMap<CxgameKey, CxgameGiven>,
  { isOnlyDoor, maxAccounts }: { readonly isOnlyDoor: boolean; readonly maxAccounts: number },
): CxgameSettings {
  const value = <K extends CxgameKey>(key: K): CxgameValue<K> | undefined => {
    const found = given.get(key)
    return found && (cxgameOption(key).kind.read([found.text], found.source) as CxgameValue<K>)
  }
  const exchangePort = value('exchangePort') ?? 9877
  const feedPort = value('feedPort') ?? 9876
  if (exchangePort === feedPort && exchangePort !== 0) {
    throw new Refusal(`cxgame: commands and feed cannot share the port ${feedPort}`)
  }
  value('sslVerify')
  const timeLimit = value('timeLimit') ?? 0
  const userLimit = value('userLimit')
  const whitelist = readWhitelist(value('whitelist'), given.get('whitelist')?.source)
  const mostPlayers = userLimit ?? maxAccounts
  // It would wait for them for ever.
  if (whitelist !== undefined && whitelist.length > mostPlayers)
    throw new Refusal(
      `cxgame: the whitelist has ${whitelist.length} names, and only ${mostPlayers} may register`,
    )
  return {
    exchangePort,
    feedPort,
    bind: value('bind') ?? '127.0.0.1',
    usdStart: value('usdStart') ?? '10000.00',
    cryptoStart: value('cryptoStart') ?? '10.0',
    userLimit,
    timeLimit: timeLimit === 0 ? undefined : Math.round(timeLimit * 1e6),
    whitelist,
    pem: readPem(value('pemFile'), given.get('pemFile')?.source),
    adminSecret: value('adminSecret'),
    isStarted: value('isStarted') ?? true,
    isStrict: value('compat') === 'strict',
    feedBacklog: value('feedBacklog') ?? 0,
    feedAddresses: value('feedAddresses') ?? false,
    onDisconnect: value('onDisconnect') ?? 'keep',
    commandsPerSecond: value('commandsPerSecond') ?? 50,
    exitAtEnd: value('exitAtEnd') ?? isOnlyDoor,
    venue: value('venue') ?? 'CXGAME',
  }
}

/** Names, one a line; empty lines and those that begin with # do not count. */
function readWhitelist(file: string | undefined, source = ''): readonly string[] | undefined {
  if (file === undefined) return undefined
  const lines = readText(file, source)
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
  const names = [
    ...new Set(lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))),
  ]
  if (names.length === 0) throw new Refusal(`${source}: ${JSON.stringify(file)} names nobody`)
  const wrong = names.find((name) => !isPlayerName(name))
  if (wrong !== undefined)
    throw new Refusal(
      `${source}: nobody can register as ${JSON.stringify(wrong)}: a name has at most 64 characters, and no control characters`,
    )
  return names
}

function readPem(file: string | undefined, source = ''): string | undefined {
  if (file === undefined) return undefined
  const pem = readText(file, source)
  try {
    createSecureContext({ cert: pem, key: pem })
  } catch (error) {
    throw new Refusal(
      `${source}: ${file} is not a certificate chain and its key (${(error as Error).message})`,
    )
  }
  return pem
}
