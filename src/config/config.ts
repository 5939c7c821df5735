import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { createSecureContext } from 'node:tls'
import type { CxgameSettings } from '../../gateways/cxgame/settings.ts'
import type { OceanexSettings } from '../../gateways/oceanex/settings.ts'
import type { Population } from '../../schemas/population.ts'
import { defaultLimits, type Limits, unlimited } from '../domain/venue.ts'
import type { FileContent, VenueConfig } from './config-file.ts'
import {
  type CxgameGiven,
  type CxgameKey,
  cxgameFromEnvironment,
  cxgameKeys,
  cxgameVariable,
  readCxgameSettings,
} from './cxgame-options.ts'
import type { Flags } from './flags.ts'
import { nearest } from './nearest.ts'
import { environmentName, type Key, keys, Refusal, readText, settingOf, type ValueOf } from './settings.ts'

/** What the edges need to know of the configuration. */
export interface EdgeSettings {
  /** The address where the server listens; a loopback address guards the `Host` header. */
  readonly host: string
  /** An order makes venue and book that do not exist. */
  readonly autoCreate: boolean
  /** The status of a well-formed order that is refused for a field or an unknown stock. */
  readonly badOrderStatus: 400 | 200
  readonly revealOwnerOnCancel: boolean
  /** Venues that belong to other doors: here they can be read, but not traded. */
  readonly closedVenues: ReadonlySet<string>
  /** Executions sockets need no key, as in the old servers. */
  readonly openExecutions: boolean
  /** Requests a second per key or address; 0 is no limit. */
  readonly rateLimit: number
  /** Levels that may be open at once. */
  readonly maxInstances: number
  /** Foreign origins that may call, for browsers: lower case, without the port that the scheme implies. */
  readonly cors: readonly string[]
  /** Host names beside the loopback ones that are answered on a loopback address: lower case, IPv6 in brackets. */
  readonly allowHost: readonly string[]
  readonly logLevel: string
  /** Certificate and key in PEM form. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined
}

/** What is kept on disk, and for how long. */
export interface DataSettings {
  readonly directory: string
  /** Commands between two snapshots. */
  readonly snapshotEvery: number
  /** Bytes of the journal to keep; infinite when all of it. */
  readonly keepJournal: number
}

/** All that a server needs to know to start. */
export interface Config {
  readonly edge: EdgeSettings
  readonly port: number
  readonly accounts: { readonly file: string; readonly source: string } | undefined
  /** Where everything is kept; undefined when nothing is to be on disk. */
  readonly data: DataSettings | undefined
  /** The limits of the shard, and of its new venues. */
  readonly limits: Limits
  /** The venues and books to have from the start. */
  readonly venues: readonly VenueConfig[]
  /** The venue that lives in memory, and its traders. */
  readonly demo: Population | undefined
  /** The doors beside HTTP that are open. */
  readonly gateways: {
    readonly cxgame: CxgameSettings | undefined
    readonly oceanex: OceanexSettings | undefined
  }
  /** What the user should know, though nothing is wrong. */
  readonly notices: readonly string[]
}

/** Texts of one setting, and where they come from. */
interface Given {
  readonly texts: readonly string[]
  readonly source: string
}

/**
 * Puts flags, environment, config file and defaults together. `game` are the flags after `stockyard cxgame`, if that
 * is what was started. Throws a `Refusal` for anything that cannot be used.
 */
export async function loadConfig(
  flags: Flags,
  environment: NodeJS.ProcessEnv,
  game?: ReadonlyMap<CxgameKey, CxgameGiven>,
): Promise<Config> {
  const given = new Map<Key, Given>()
  for (const [key, texts] of flags.texts) given.set(key, { texts, source: `--${settingOf(key).flag}` })
  for (const [key, found] of fromEnvironment(environment)) if (!given.has(key)) given.set(key, found)
  const file = given.get('config')
  const content = file === undefined ? noFile : await readConfigFile(file)
  for (const [key, found] of content.given) if (!given.has(key)) given.set(key, found)

  const value = <K extends Key>(key: K): ValueOf<K> | undefined => {
    const found = given.get(key)
    return found && (settingOf(key).kind.read(found.texts, found.source) as ValueOf<K>)
  }
  const accounts = given.get('accounts')
  const host = await resolveHost(value('host') ?? '127.0.0.1', given.get('host')?.source)
  const accountsFile = value('accounts')
  const openOrdersPerAccount = value('maxOpenOrders') ?? defaultLimits.openOrdersPerAccount
  const data = value('memory') === true ? undefined : { directory: value('data') ?? './data' }
  const limits: Limits = {
    ...defaultLimits,
    // On disk every closed order is kept; in memory the newest ones are.
    closedOrders: data === undefined ? defaultLimits.closedOrders : unlimited,
    books: value('maxBooks') ?? defaultLimits.books,
    accounts: value('maxAccounts') ?? defaultLimits.accounts,
    openOrdersPerAccount,
    openOrders: Math.max(openOrdersPerAccount, defaultLimits.openOrders),
  }
  const section = content.gateways.cxgame
  const cxgame =
    game === undefined && section === undefined
      ? undefined
      : readCxgameSettings(
          new Map([...(section ?? []), ...cxgameFromEnvironment(environment), ...(game ?? [])]),
          { isOnlyDoor: game !== undefined, maxAccounts: limits.accounts },
        )
  const tls = readTls(value('tlsCert'), value('tlsKey'), given)
  const oceanex = content.gateways.oceanex && {
    ...content.gateways.oceanex,
    bind: host.address,
    pem: tls && `${tls.cert}\n${tls.key}`,
  }
  const gatewayVenues = [cxgame, oceanex].flatMap((gateway) => (gateway === undefined ? [] : [gateway.venue]))
  const venues = planVenues(listings(value), content.venues, gatewayVenues)
  checkVenues(venues, gatewayVenues)
  const books = venues.reduce((sum, { symbols }) => sum + symbols.length, 0)
  if (books > limits.books) {
    const source = given.get('maxBooks')?.source ?? '--max-books'
    throw new Refusal(`${source}: ${limits.books} is less than the ${books} books that are listed`)
  }
  const isOn =
    value('demo') ?? (given.has('population') || (accountsFile === undefined && game === undefined))
  return {
    demo: isOn ? await readDemo(value('population'), given.get('population')?.source, venues) : undefined,
    edge: {
      host: host.address,
      autoCreate: value('autoCreate') ?? accountsFile === undefined,
      badOrderStatus: value('badOrderStatus') ?? 400,
      revealOwnerOnCancel: value('revealOwnerOnCancel') ?? false,
      closedVenues: closedVenues(
        // An account of OceanEx may also have a key of the accounts file.
        accountsFile === undefined ? gatewayVenues : gatewayVenues.filter((name) => name !== oceanex?.venue),
        venues,
      ),
      openExecutions: value('openExecutions') ?? false,
      maxInstances: value('maxInstances') ?? 20,
      rateLimit: value('rateLimit') ?? (isLoopback(host.address) ? 0 : 1000),
      cors: value('cors') ?? [],
      allowHost: [...(value('allowHost') ?? []), ...host.names],
      logLevel: value('logLevel') ?? 'info',
      tls,
    },
    port: value('port') ?? 8000,
    accounts: accountsFile === undefined ? undefined : { file: accountsFile, source: accounts?.source ?? '' },
    data: data && {
      ...data,
      snapshotEvery: value('snapshotEvery') ?? 1_000_000,
      keepJournal: value('keepJournal') ?? Number.POSITIVE_INFINITY,
    },
    limits,
    venues,
    gateways: { cxgame, oceanex },
    notices: [...flags.notices, ...(data === undefined ? inVain(given) : []), ...strangers(environment)],
  }
}

/** Settings that were given and change nothing, because nothing is kept. */
function inVain(given: ReadonlyMap<Key, Given>): string[] {
  const memory = given.get('memory')?.source
  const sources = (['data', 'snapshotEvery', 'keepJournal'] as const).flatMap(
    (key) => given.get(key)?.source ?? [],
  )
  return sources.map((source) => `${source} changes nothing: ${memory} keeps nothing on disk`)
}

const noFile: FileContent = { given: new Map(), venues: [], gateways: {} }

/** The population to start. Loaded only then: most of it is a schema that nothing else needs. */
async function readDemo(
  file: string | undefined,
  source = '--population',
  venues: readonly VenueConfig[],
): Promise<Population> {
  const population =
    file === undefined
      ? (await import('../../traders/demo.ts')).demoPopulation
      : (await import('./population-file.ts')).readPopulation(file, source)
  if (venues.some(({ name }) => name === population.venue)) {
    const advice = file === undefined ? 'switch it off with --demo off' : `${source} can name another`
    throw new Refusal(`venue ${population.venue}: house traders have it; ${advice}`)
  }
  return population
}

async function readConfigFile({ texts, source }: Given): Promise<FileContent> {
  const { readConfigFile: read } = await import('./config-file.ts')
  return read(texts.at(-1) ?? '', source)
}

function* fromEnvironment(environment: NodeJS.ProcessEnv): Iterable<[Key, Given]> {
  for (const key of keys) {
    const { only, kind } = settingOf(key)
    const source = environmentName(key)
    const text = environment[source]
    // Empty is what a compose file makes of a variable that nobody set.
    if (only === 'flag' || text === undefined || text === '') continue
    const texts = kind.json === 'list' ? text.split(',').map((item) => item.trim()) : [text]
    yield [key, { texts, source }]
  }
}

/** Variables that look like misspelled settings. They are not refused: others may use the prefix for their own. */
function strangers(environment: NodeJS.ProcessEnv): string[] {
  const settings = keys.filter((key) => settingOf(key).only !== 'flag').map(environmentName)
  const known = [...settings, ...cxgameKeys.map(cxgameVariable)]
  return Object.keys(environment)
    .filter((name) => name.startsWith('STOCKYARD_') && !known.includes(name))
    .flatMap((name) => {
      const short = (full: string) => full.slice('STOCKYARD_'.length)
      const near = nearest(short(name), known.map(short))
      return near === undefined ? [] : [`${name} is not a setting; did you mean STOCKYARD_${near}?`]
    })
}

function listings(value: <K extends Key>(key: K) => ValueOf<K> | undefined): ValueOf<'listing'> {
  const venue = value('venue')
  const symbol = value('symbol')
  const old =
    venue === undefined && symbol === undefined
      ? []
      : [{ venue: venue ?? 'TESTEX', symbol: symbol ?? 'FOOBAR' }]
  return [...old, ...(value('listing') ?? [])]
}

/**
 * Joins listings and the `venues` of the file; the test venue of Stockfighter when there is neither. What the file
 * says of a gateway's venue makes none.
 */
function planVenues(
  listed: ValueOf<'listing'>,
  fromFile: readonly VenueConfig[],
  gatewayVenues: readonly string[],
): VenueConfig[] {
  const plan = new Map<string, VenueConfig>(fromFile.map((venue) => [venue.name, venue]))
  const made = fromFile.filter(({ name }) => !gatewayVenues.includes(name))
  const wanted = listed.length + made.length === 0 ? [{ venue: 'TESTEX', symbol: 'FOOBAR' }] : listed
  for (const { venue: name, symbol } of wanted) {
    const { symbols, ...venue } = plan.get(name) ?? emptyVenue(name)
    if (venue.cash !== undefined && !symbols.includes(symbol))
      throw new Refusal(
        `listing ${name}/${symbol}: the file has to say what is traded there, in venues.${name}.instruments`,
      )
    plan.set(name, { ...venue, symbols: [...new Set([...symbols, symbol])] })
  }
  return [...plan.values()]
}

function emptyVenue(name: string): VenueConfig {
  return { name, symbols: [], selfTrade: undefined, limits: {}, cash: undefined, rest: undefined }
}

/** Refuses what cannot be said of a venue: a gateway makes its own by its own rules, and only such a one has `rest`. */
function checkVenues(venues: readonly VenueConfig[], gatewayVenues: readonly string[]): void {
  for (const { name, symbols, selfTrade, cash, rest } of venues) {
    if (!gatewayVenues.includes(name)) {
      if (rest !== undefined)
        throw new Refusal(`venue ${name}: rest is for the venue of a gateway, and none has it`)
    } else if (symbols.length > 0 || selfTrade !== undefined || cash !== undefined) {
      throw new Refusal(`venue ${name}: a gateway has it, which lists its symbols and makes its rules itself`)
    }
  }
}

/** The venues that REST may read but not trade on: those of gateways, but for the ones that are opened to it. */
export function closedVenues(
  gatewayVenues: readonly string[],
  venues: readonly Pick<VenueConfig, 'name' | 'rest'>[],
): ReadonlySet<string> {
  const open = venues.filter(({ rest }) => rest === 'open').map(({ name }) => name)
  return new Set(gatewayVenues.filter((name) => !open.includes(name)))
}

/** The address of a host name, so that it is known whether that is loopback, and the name itself if it is needed. */
async function resolveHost(host: string, source = '--host'): Promise<{ address: string; names: string[] }> {
  if (isIP(host) !== 0) return { address: host, names: [] }
  // One address only: `localhost` may be two, and a server has one port on one of them.
  const found = await lookup(host, { order: 'ipv4first' }).catch(() => undefined)
  if (found === undefined) throw new Refusal(`${source}: ${JSON.stringify(host)} has no address`)
  return { address: found.address, names: isLoopback(found.address) ? [host.toLowerCase()] : [] }
}

/** Whether only this machine can reach an IP address. */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./i.test(address)
}

function readTls(
  cert: string | undefined,
  key: string | undefined,
  given: ReadonlyMap<Key, Given>,
): EdgeSettings['tls'] {
  if (cert === undefined && key === undefined) return undefined
  if (cert === undefined)
    throw new Refusal(`${given.get('tlsKey')?.source}: a key needs its certificate, --tls-cert`)
  if (key === undefined)
    throw new Refusal(`${given.get('tlsCert')?.source}: a certificate needs its key, --tls-key`)
  const read = (file: string, setting: Key) => readText(file, given.get(setting)?.source ?? '')
  const tls = { cert: read(cert, 'tlsCert'), key: read(key, 'tlsKey') }
  try {
    createSecureContext(tls)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Refusal(
      `${given.get('tlsCert')?.source}: ${cert} and ${key} are not a certificate and its key (${why})`,
    )
  }
  return tls
}
