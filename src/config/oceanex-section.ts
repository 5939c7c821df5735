import { createPublicKey, type KeyObject } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import Type, { type Static } from 'typebox'
import type { MarketSettings, OceanexSettings, UserSettings } from '../../gateways/oceanex/settings.ts'
import { Refusal, readText } from './settings.ts'

const closed = { additionalProperties: false }
const nameOf = 'a name of 1 to 20 letters, digits and underscores'

const Path = Type.String({
  pattern: '^(/[A-Za-z0-9._-]+)+$',
  maxLength: 100,
  description: 'a path such as /ws/v1',
})
const Decimals = Type.Integer({ minimum: 0, maximum: 8, description: 'a whole number from 0 to 8' })
const Currency = Type.String({
  pattern: '^[a-z0-9]{1,10}$',
  description: 'a currency: 1 to 10 small letters and digits',
})
const Amount = Type.String({
  pattern: '^[0-9]{1,18}([.][0-9]{1,18})?$',
  description: 'an amount, as text',
})
const Rate = Type.String({
  pattern: '^0([.][0-9]{1,9})?$',
  description: 'a fraction below 1 with at most 9 decimals, as text',
})
const PerSecond = Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'a number; 0 is no limit' })
const Switch = Type.Boolean({ description: 'true or false' })
const Key = Type.String({ minLength: 1, maxLength: 100, description: 'the name of a key' })

const oneOf = (...words: string[]) =>
  Type.Union(
    words.map((word) => Type.Literal(word)),
    { description: `one of ${words.join(', ')}` },
  )

const MarketSection = Type.Object(
  {
    id: Type.Optional(
      Type.String({ pattern: '^[a-z0-9]{2,20}$', description: 'an id of 2 to 20 small letters and digits' }),
    ),
    base: Currency,
    quote: Currency,
    group: Type.Optional(Type.String({ maxLength: 20, description: 'a text' })),
    enabled: Type.Optional(Switch),
    pricePrecision: Type.Optional(Decimals),
    amountPrecision: Type.Optional(Decimals),
    askPrecision: Type.Optional(Decimals),
    bidPrecision: Type.Optional(Decimals),
    usdPrecision: Type.Optional(Decimals),
    minimumTradingAmount: Type.Optional(Amount),
    askFee: Type.Optional(Rate),
    bidFee: Type.Optional(Rate),
  },
  { ...closed, description: 'an object that describes a market' },
)

const UserSection = Type.Object(
  {
    uid: Type.String({ pattern: '^[A-Za-z0-9_]{1,20}$', description: nameOf }),
    apiKey: Key,
    publicKey: Type.Optional(Type.String({ description: 'a public key in PEM form' })),
    publicKeyFile: Type.Optional(Type.String({ description: 'the name of a file' })),
    balances: Type.Optional(
      Type.Record(Type.String({ pattern: '^[a-z0-9]{1,10}$' }), Amount, {
        ...closed,
        description: 'an object of amounts by currency',
      }),
    ),
    scopes: Type.Optional(
      Type.Object(
        {
          query: Type.Optional(Switch),
          'sell/buy': Type.Optional(Switch),
          withdraw: Type.Optional(Switch),
        },
        { ...closed, description: 'an object of query, sell/buy and withdraw' },
      ),
    ),
    allowedIps: Type.Optional(
      Type.Array(Type.String({ description: 'an address' }), { description: 'an array of addresses' }),
    ),
    enabled: Type.Optional(Switch),
  },
  { ...closed, description: 'an object that describes a key of an account' },
)

/** The section `gateways.oceanex` of a config file. */
export const OceanexSection = Type.Object(
  {
    port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535, description: 'a port' })),
    path: Type.Optional(Path),
    restPath: Type.Optional(Path),
    pusherPath: Type.Optional(Path),
    venue: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_]{1,20}$', description: nameOf })),
    pingInterval: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 3600, description: 'a number of seconds up to 3600' }),
    ),
    loginFailure: Type.Optional(oneOf('close', 'keep')),
    unauthorized: Type.Optional(oneOf('close', 'error')),
    selfTrade: Type.Optional(oneOf('allow', 'cancel_newest')),
    requireExp: Type.Optional(Switch),
    requestsPerSecond: Type.Optional(PerSecond),
    ordersPerSecond: Type.Optional(PerSecond),
    markets: Type.Optional(Type.Array(MarketSection, { description: 'an array of markets' })),
    users: Type.Optional(Type.Array(UserSection, { description: 'an array of keys of accounts' })),
  },
  { ...closed, description: 'an object of options of OceanEx' },
)
export type OceanexSection = Static<typeof OceanexSection>

/** What the section does not say itself: where the server listens, and whether it speaks TLS. */
export interface Listener {
  readonly bind: string
  readonly pem: string | undefined
}

/** Reads the files that the section names. `file` is the config file. Throws a `Refusal` that names the place in it. */
export function readOceanexSection(
  file: string,
  section: OceanexSection,
): Omit<OceanexSettings, keyof Listener> {
  const at = `${file}: gateways.oceanex`
  const { markets = [{ base: 'vet', quote: 'usdt' }], users = [] } = section
  const readUsers = users.map((user, i) => toUser(file, `${at}.users.${i}`, user))
  checkUsers(at, readUsers, new Set(markets.flatMap(({ base, quote }) => [base, quote])))
  return {
    port: section.port ?? 8008,
    path: section.path ?? '/ws/v1',
    restPath: section.restPath ?? '/v1',
    pusherPath: section.pusherPath ?? '/app',
    venue: section.venue ?? 'OCEANEX',
    pingInterval: section.pingInterval ?? 60,
    loginFailure: (section.loginFailure as OceanexSettings['loginFailure'] | undefined) ?? 'close',
    unauthorized: (section.unauthorized as OceanexSettings['unauthorized'] | undefined) ?? 'close',
    selfTrade: (section.selfTrade as OceanexSettings['selfTrade'] | undefined) ?? 'cancel_newest',
    requireExp: section.requireExp ?? false,
    requestsPerSecond: section.requestsPerSecond ?? 50,
    ordersPerSecond: section.ordersPerSecond ?? 25,
    markets: markets.map(toMarket),
    users: readUsers,
  }
}

function toMarket({ base, quote, ...market }: Static<typeof MarketSection>): MarketSettings {
  return {
    id: `${base}${quote}`,
    base,
    quote,
    group: quote.toUpperCase(),
    enabled: true,
    pricePrecision: 6,
    amountPrecision: 2,
    askPrecision: 8,
    bidPrecision: 8,
    usdPrecision: 6,
    minimumTradingAmount: '1',
    askFee: '0.001',
    bidFee: '0.001',
    ...market,
  }
}

function toUser(file: string, at: string, user: Static<typeof UserSection>): UserSettings {
  const { uid, apiKey, balances = {}, scopes = {}, allowedIps, enabled = true } = user
  return {
    uid,
    apiKey,
    publicKey: readKey(file, at, user),
    balances: new Map(Object.entries(balances as Record<string, string>)),
    scopes: {
      query: scopes.query ?? true,
      trade: scopes['sell/buy'] ?? true,
      withdraw: scopes.withdraw ?? false,
    },
    allowedIps,
    enabled,
  }
}

/** A public key for RSA; what is private is refused, as it has no place here. */
function readKey(
  file: string,
  at: string,
  { publicKey, publicKeyFile }: Static<typeof UserSection>,
): KeyObject {
  if (publicKey !== undefined && publicKeyFile !== undefined)
    throw new Refusal(`${at}: publicKey and publicKeyFile are two ways to give one key`)
  if (publicKey === undefined && publicKeyFile === undefined)
    throw new Refusal(`${at}.publicKey is missing; it may also be a file, publicKeyFile`)
  const place = publicKey === undefined ? `${at}.publicKeyFile` : `${at}.publicKey`
  const pem = publicKey ?? readText(resolve(dirname(file), publicKeyFile as string), place)
  if (/PRIVATE KEY/.test(pem))
    throw new Refusal(
      `${place}: this is a private key, which only its owner should have; give the public one`,
    )
  try {
    const key = createPublicKey(pem)
    if (key.asymmetricKeyType === 'rsa') return key
  } catch {
    // Said below.
  }
  throw new Refusal(`${place}: not a public key for RSA in PEM form`)
}

function checkUsers(at: string, users: readonly UserSettings[], currencies: ReadonlySet<string>): void {
  const seen = new Set<string>()
  const funded = new Set<string>()
  for (const [i, { uid, apiKey, balances }] of users.entries()) {
    const name = JSON.stringify([uid, apiKey])
    if (seen.has(name)) throw new Refusal(`${at}.users.${i}: the key ${apiKey} of ${uid} is there twice`)
    seen.add(name)
    for (const currency of balances.keys()) {
      if (!currencies.has(currency))
        throw new Refusal(`${at}.users.${i}.balances.${currency}: no market trades it`)
    }
    if (balances.size === 0) continue
    if (funded.has(uid))
      throw new Refusal(`${at}.users.${i}.balances: another key of ${uid} says what the account begins with`)
    funded.add(uid)
  }
}
