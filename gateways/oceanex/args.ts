import type { Side } from '../../src/domain/order.ts'
import type { Fields } from './codec.ts'
import { readUnits } from './decimals.ts'
import { codes, Failure, invalid, missing } from './errors.ts'
import type { Market } from './market.ts'

/** An argument that was given; `null` is none. */
export function given(args: Fields, name: string): unknown {
  return args[name] ?? undefined
}

/** The same under one of two names, which may not differ when both are there. */
export function givenAs(args: Fields, name: string, otherName: string): unknown {
  const [one, other] = [given(args, name), given(args, otherName)]
  if (one !== undefined && other !== undefined && JSON.stringify(one) !== JSON.stringify(other))
    throw new Failure(codes.badRequest, `${name} and ${otherName} differ`)
  return one ?? other
}

/** The market of a request, which has to name one. */
export function marketOf(args: Fields, markets: ReadonlyMap<string, Market>): Market {
  const id = givenAs(args, 'market', 'market_id')
  if (id === undefined) throw missing('market')
  return toMarket(id, markets)
}

/** The market of a request; undefined when it names none. */
export function optionalMarketOf(args: Fields, markets: ReadonlyMap<string, Market>): Market | undefined {
  const id = givenAs(args, 'market', 'market_id')
  return id === undefined ? undefined : toMarket(id, markets)
}

function toMarket(id: unknown, markets: ReadonlyMap<string, Market>): Market {
  const market = typeof id === 'string' ? markets.get(id.toLowerCase()) : undefined
  if (market === undefined) throw invalid('market')
  return market
}

const sides: ReadonlyMap<unknown, Side> = new Map([
  ['buy', 'buy'],
  ['bid', 'buy'],
  ['sell', 'sell'],
  ['ask', 'sell'],
])

/** The side of an order: `buy` or `bid`, `sell` or `ask`, in any case. */
export function sideOf(args: Fields): Side | undefined {
  const value = given(args, 'side')
  if (value === undefined) return undefined
  const side = typeof value === 'string' ? sides.get(value.toLowerCase()) : undefined
  if (side === undefined) throw invalid('side')
  return side
}

/** One of some words; undefined when none was given. */
export function wordOf<Word extends string>(
  value: unknown,
  name: string,
  words: readonly Word[],
): Word | undefined {
  if (value === undefined) return undefined
  const word = words.find((one) => one === value)
  if (word === undefined) throw invalid(name)
  return word
}

/** A whole number, as one or as its text; undefined when none was given. */
export function integerOf(
  args: Fields,
  name: string,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  const value = given(args, name)
  if (value === undefined) return undefined
  const number = toInteger(value)
  if (number === undefined || number < min || number > max) throw invalid(name)
  return number
}

/** The id of an order, as a number or as its text. */
export function idOf(value: unknown): number | undefined {
  const id = toInteger(value)
  return id !== undefined && id >= 1 ? id : undefined
}

/** The ids that a request names, `most` of them at the most. */
export function idsOf(args: Fields, most: number): number[] {
  const named = given(args, 'ids')
  if (named === undefined) throw missing('ids')
  if (!Array.isArray(named) || named.length > most) throw invalid('ids')
  return named.map((value: unknown) => {
    const id = idOf(value)
    if (id === undefined) throw invalid('ids')
    return id
  })
}

function toInteger(value: unknown): number | undefined {
  const read = readUnits(value, 0)
  if (read.is !== 'units') return undefined
  const number = Number(read.units)
  return Number.isSafeInteger(number) ? number : undefined
}
