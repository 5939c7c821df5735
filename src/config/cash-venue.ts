import Type, { type Static } from 'typebox'
import { type Fees, feeScale, type InstrumentTerms } from '../domain/instrument.ts'
import { namePattern } from '../domain/name.ts'
import { type Lots, lots } from '../domain/units.ts'
import { Refusal } from './settings.ts'

/** What a venue where accounts hold money has beside the rest. */
export interface CashConfig {
  /** What each account is given when it is opened: amounts by asset, in smallest units as text. */
  readonly opening: Readonly<Record<string, string>>
  /** By symbol. */
  readonly terms: ReadonlyMap<string, InstrumentTerms>
}

const closed = { additionalProperties: false }
const mostDecimals = 18

const Decimal = Type.String({
  pattern: '^[0-9]{1,18}(\\.[0-9]{1,18})?$',
  description: 'a decimal number as text, such as "0.01"',
})

const Name = Type.String({
  pattern: namePattern,
  description: 'a name of 1 to 20 letters, digits and underscores',
})

/** What accounts of a venue hold, by name. */
export const Assets = Type.Record(
  Type.String({ pattern: namePattern }),
  Type.Object(
    {
      decimals: Type.Integer({
        minimum: 0,
        maximum: mostDecimals,
        description: `a whole number from 0 to ${mostDecimals}`,
      }),
      opening: Type.Optional(Decimal),
    },
    { ...closed, description: 'an object that describes an asset' },
  ),
  { ...closed, description: 'an object of assets by name' },
)

/** What is traded on a venue where accounts hold money, by symbol. */
export const Instruments = Type.Record(
  Type.String({ pattern: namePattern }),
  Type.Object(
    {
      base: Name,
      quote: Name,
      tickSize: Decimal,
      lotSize: Decimal,
      minQuantity: Type.Optional(Decimal),
      minValue: Type.Optional(Decimal),
      rounding: Type.Optional(
        Type.Union([Type.Literal('half-even'), Type.Literal('down')], {
          description: 'one of half-even, down',
        }),
      ),
      fees: Type.Optional(
        Type.Object(
          {
            maker: Type.Optional(Decimal),
            taker: Type.Optional(Decimal),
            buy: Type.Optional(Decimal),
            sell: Type.Optional(Decimal),
          },
          { ...closed, description: 'an object of fees' },
        ),
      ),
    },
    { ...closed, description: 'an object that describes an instrument' },
  ),
  { ...closed, description: 'an object of instruments by symbol' },
)

type AssetSections = Static<typeof Assets>
type InstrumentSection = Static<typeof Instruments>[string]

/**
 * Works out what sections say of a venue's money. `at` is where the venue stands. Throws a `Refusal` that names the
 * place.
 */
export function readCash(
  at: string,
  assets: AssetSections,
  instruments: Static<typeof Instruments> = {},
): CashConfig {
  const opening = Object.entries(assets).flatMap(([name, { decimals, opening: text }]) => {
    if (text === undefined) return []
    const units = whole(times(fraction(text), tenTo(decimals)))
    if (units === undefined)
      throw new Refusal(`${at}.assets.${name}.opening: ${text} has more than ${decimals} decimals`)
    return [[name, `${units}`] as const]
  })
  const terms = Object.entries(instruments).map(
    ([symbol, section]) => [symbol, toTerms(`${at}.instruments.${symbol}`, section, assets)] as const,
  )
  return { opening: Object.fromEntries(opening), terms: new Map(terms) }
}

function toTerms(at: string, section: InstrumentSection, assets: AssetSections): InstrumentTerms {
  const { base, quote, tickSize, lotSize, minQuantity, minValue, rounding = 'half-even', fees } = section
  const baseUnits = unitsOf(`${at}.base`, base, assets)
  const quoteUnits = unitsOf(`${at}.quote`, quote, assets)
  if (base === quote) throw new Refusal(`${at}.quote: ${quote} is what is traded`)
  const tick = positive(`${at}.tickSize`, tickSize)
  const lot = positive(`${at}.lotSize`, lotSize)
  const unitsPerLot = whole(times(lot, baseUnits))
  if (unitsPerLot === undefined)
    throw new Refusal(`${at}.lotSize: ${lotSize} has more decimals than ${base} has`)
  const worth = reduced([tick[0] * lot[0] * quoteUnits, tick[1] * lot[1]])
  if ([unitsPerLot, ...worth].some((count) => count > Number.MAX_SAFE_INTEGER))
    throw new Refusal(
      `${at}: a lot is ${unitsPerLot} units of ${base}, and at one tick ${worth.join('/')} of ${quote}: no number of these may be above 2^53`,
    )
  return {
    base,
    quote,
    tickSize: plain(tickSize),
    lotSize: plain(lotSize),
    unitsPerLot: Number(unitsPerLot),
    worth: [Number(worth[0]), Number(worth[1])],
    notionalRounding: rounding,
    minQuantity: minQuantity === undefined ? lots(1) : toLots(`${at}.minQuantity`, minQuantity, lotSize),
    ...(minValue !== undefined && { minValue: toUnits(`${at}.minValue`, minValue, quote, quoteUnits) }),
    ...(fees && { fees: toFees(`${at}.fees`, fees) }),
  }
}

/** Smallest units in one of an asset. */
function unitsOf(at: string, name: string, assets: AssetSections): bigint {
  const asset = Object.hasOwn(assets, name) ? assets[name] : undefined
  if (asset === undefined) throw new Refusal(`${at}: the venue has no asset ${name}`)
  return tenTo(asset.decimals)
}

function toLots(at: string, text: string, lotSize: string): Lots {
  const [n, d] = fraction(lotSize)
  const [asked, of] = fraction(text)
  const count = whole([asked * d, of * n])
  if (count === undefined || count < 1n || count > Number.MAX_SAFE_INTEGER)
    throw new Refusal(`${at}: ${text} is no number of lots of ${lotSize}`)
  return lots(Number(count))
}

function toUnits(at: string, text: string, asset: string, perWhole: bigint): number {
  const units = whole(times(fraction(text), perWhole))
  if (units === undefined || units < 1n || units > Number.MAX_SAFE_INTEGER)
    throw new Refusal(`${at}: ${text} is no number of smallest units of ${asset} from 1 to 2^53`)
  return Number(units)
}

function toFees(at: string, { maker, taker, buy, sell }: NonNullable<InstrumentSection['fees']>): Fees {
  const isByRole = maker !== undefined && taker !== undefined && buy === undefined && sell === undefined
  if (isByRole) return { maker: toRate(`${at}.maker`, maker), taker: toRate(`${at}.taker`, taker) }
  const isBySide = buy !== undefined && sell !== undefined && maker === undefined && taker === undefined
  if (isBySide) return { buy: toRate(`${at}.buy`, buy), sell: toRate(`${at}.sell`, sell) }
  throw new Refusal(`${at}: there is one for maker and one for taker, or one for buy and one for sell`)
}

function toRate(at: string, text: string): number {
  const parts = whole(times(fraction(text), BigInt(feeScale)))
  if (parts === undefined || parts >= feeScale)
    throw new Refusal(`${at}: ${text} is no fee below 1 with at most 9 decimals, such as 0.001`)
  return Number(parts)
}

/** A number that need not be whole: one over another one above 0. */
type Fraction = readonly [bigint, bigint]

function fraction(text: string): Fraction {
  const [digits = '', decimals = ''] = text.split('.')
  return [BigInt(digits + decimals), tenTo(decimals.length)]
}

function positive(at: string, text: string): Fraction {
  const size = fraction(text)
  if (size[0] === 0n) throw new Refusal(`${at}: it is more than nothing`)
  return size
}

function times([n, d]: Fraction, factor: bigint): Fraction {
  return [n * factor, d]
}

/** Undefined when it is not whole. */
function whole([n, d]: Fraction): bigint | undefined {
  return n % d === 0n ? n / d : undefined
}

function reduced([n, d]: Fraction): Fraction {
  let [a, b] = [n, d]
  while (b > 0n) [a, b] = [b, a % b]
  return [n / a, d / a]
}

function tenTo(exponent: number): bigint {
  return 10n ** BigInt(exponent)
}

/** Without zeros that say nothing, so that the same number is the same text. */
function plain(text: string): string {
  const [digits = '', decimals = ''] = text.split('.')
  const rest = decimals.replace(/0+$/, '')
  return `${BigInt(digits)}${rest === '' ? '' : `.${rest}`}`
}
