import { dirname, resolve } from 'node:path'
import Type, { type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { namePattern } from '../domain/name.ts'
import { type SelfTrade, selfTradeRules, type VenueLimits } from '../domain/venue.ts'
import { Assets, type CashConfig, Instruments, readCash } from './cash-venue.ts'
import { type CxgameGiven, type CxgameKey, cxgameKeys, cxgameOption } from './cxgame-options.ts'
import { jsonRefusal, parseJson } from './json-file.ts'
import { OceanexSection, readOceanexSection } from './oceanex-section.ts'
import { type Key, keys, mostOf, Refusal, readText, settingOf } from './settings.ts'

/** A venue to have from the start. */
export interface VenueConfig {
  readonly name: string
  readonly symbols: readonly string[]
  /** Undefined: the usual rule for a new venue, and no opinion about one that exists. */
  readonly selfTrade: SelfTrade | undefined
  readonly limits: Partial<VenueLimits>
  /** Of a venue where accounts hold money; its terms are of exactly the symbols above. */
  readonly cash: CashConfig | undefined
  /** Whether a venue that belongs to a gateway is traded by REST too. Only such a venue has it. */
  readonly rest: 'open' | 'closed' | undefined
}

export interface FileContent {
  /** What the file says of each setting, as the texts that a flag would have, and where it stands. */
  readonly given: ReadonlyMap<Key, { readonly texts: readonly string[]; readonly source: string }>
  readonly venues: readonly VenueConfig[]
  /** What it says of doors beside HTTP. */
  readonly gateways: {
    readonly cxgame?: ReadonlyMap<CxgameKey, CxgameGiven>
    readonly oceanex?: ReturnType<typeof readOceanexSection>
  }
}

const names = 'a name of 1 to 20 letters, digits and underscores'

const count = (most: number) =>
  Type.Integer({ minimum: 1, maximum: most, description: `a whole number from 1 to ${most}` })

const closed = { additionalProperties: false }

const VenueSection = Type.Object(
  {
    symbols: Type.Optional(
      Type.Array(Type.String({ pattern: namePattern, description: names }), {
        uniqueItems: true,
        description: 'an array of different names',
      }),
    ),
    selfTrade: Type.Optional(
      Type.Union(
        selfTradeRules.map((rule) => Type.Literal(rule)),
        { description: `one of ${selfTradeRules.join(', ')}` },
      ),
    ),
    assets: Type.Optional(Assets),
    instruments: Type.Optional(Instruments),
    rest: Type.Optional(
      Type.Union([Type.Literal('open'), Type.Literal('closed')], { description: 'one of open, closed' }),
    ),
    limits: Type.Optional(
      Type.Object(
        {
          accounts: Type.Optional(count(mostOf.accounts)),
          openOrdersPerAccount: Type.Optional(count(mostOf.orders)),
          openOrders: Type.Optional(count(mostOf.orders)),
        },
        { ...closed, description: 'an object of limits' },
      ),
    ),
  },
  { ...closed, description: 'an object that describes a venue' },
)

/** What the value of a setting may be in JSON; whether it is a good value is checked as for a flag. */
function jsonOf(key: Key): TSchema {
  const { json } = settingOf(key).kind
  switch (json) {
    case 'string':
      return Type.String({ description: 'a string' })
    case 'integer':
      return Type.Integer({ description: 'a whole number' })
    case 'boolean':
      return Type.Boolean({ description: 'true or false' })
    case 'list':
      return Type.Array(Type.String({ description: 'a string' }), { description: 'an array of strings' })
    default:
      return json satisfies never
  }
}

/**
 * What an option of the game may be in JSON: the text of a flag, or what JSON has for it. Whether it is a good value is
 * checked as for a flag.
 */
function cxgameJson(key: CxgameKey): TSchema {
  const { json, expected } = cxgameOption(key).kind
  // A number is no money and no secret: it would lose its zeros, or its last digits.
  if (json === 'string') return Type.String({ description: `${expected}, as text` })
  const value = json === 'boolean' ? Type.Boolean() : Type.Number()
  return Type.Union([value, Type.String()], { description: expected })
}

const CxgameSection = Type.Object(
  Object.fromEntries(cxgameKeys.map((key) => [key, Type.Optional(cxgameJson(key))])),
  { ...closed, description: 'an object of options of the game' },
)

const GatewaysSection = Type.Object(
  { cxgame: Type.Optional(CxgameSection), oceanex: Type.Optional(OceanexSection) },
  { ...closed, description: 'an object of gateways' },
)

const inFile = keys.filter((key) => settingOf(key).only === undefined)

const File = Type.Object(
  {
    ...Object.fromEntries(inFile.map((key) => [key, Type.Optional(jsonOf(key))])),
    venues: Type.Optional(
      Type.Record(Type.String({ pattern: namePattern }), VenueSection, {
        ...closed,
        description: 'an object of venues by name',
      }),
    ),
    gateways: Type.Optional(GatewaysSection),
  },
  { ...closed, description: 'an object of settings' },
)

/** Reads a config file. `source` is where its name was given. Throws a `Refusal` that names the place in the file. */
export function readConfigFile(file: string, source: string): FileContent {
  const content = parseJson(readText(file, source), file)
  if (!Value.Check(File, content)) throw jsonRefusal(file, File, content, 'setting')
  const {
    venues = {},
    gateways = {},
    ...rest
  } = content as {
    venues?: Static<typeof File>['venues']
    gateways?: Static<typeof GatewaysSection>
  } & Record<string, unknown>
  const given = Object.entries(rest).map(([key, value]) => {
    const { isPath } = settingOf(key as Key).kind
    const texts = (Array.isArray(value) ? value : [value]).map(String)
    const placed = isPath ? texts.map((text) => text && resolve(dirname(file), text)) : texts
    return [key as Key, { texts: placed, source: `${file}: ${key}` }] as const
  })
  return {
    given: new Map(given),
    gateways: {
      ...(gateways.cxgame && { cxgame: cxgameGiven(file, gateways.cxgame) }),
      ...(gateways.oceanex && { oceanex: readOceanexSection(file, gateways.oceanex) }),
    },
    venues: Object.entries(venues).map(([name, section]) =>
      toVenue(`${file}: venues.${name}`, name, section),
    ),
  }
}

/** What a section says of a venue. `at` is where it stands. */
function toVenue(at: string, name: string, section: Static<typeof VenueSection>): VenueConfig {
  const { symbols, selfTrade, limits = {}, assets, instruments, rest } = section
  const usual = { name, selfTrade, limits: limits as Partial<VenueLimits>, rest }
  if (assets === undefined) {
    if (instruments !== undefined)
      throw new Refusal(`${at}.instruments: they are for a venue with assets, and this one has symbols`)
    return { ...usual, symbols: symbols ?? [], cash: undefined }
  }
  if (symbols !== undefined)
    throw new Refusal(`${at}.symbols: a venue with assets has instruments in place of symbols`)
  if (selfTrade === 'decrement')
    throw new Refusal(
      `${at}.selfTrade: decrement is not for a venue with assets: it takes lots that nobody paid`,
    )
  const cash = readCash(at, assets, instruments)
  return { ...usual, symbols: [...cash.terms.keys()], cash }
}

function cxgameGiven(
  file: string,
  section: Static<typeof CxgameSection>,
): ReadonlyMap<CxgameKey, CxgameGiven> {
  return new Map(
    Object.entries(section).map(([name, value]) => {
      const key = name as CxgameKey
      const text = String(value)
      return [
        key,
        {
          text: cxgameOption(key).kind.isPath ? resolve(dirname(file), text) : text,
          source: `${file}: gateways.cxgame.${key}`,
        },
      ]
    }),
  )
}
