import { feeScale, type InstrumentTerms } from '../../src/domain/instrument.ts'
import { halfEven } from '../../src/domain/rounding.ts'
import { lots } from '../../src/domain/units.ts'
import { readUnits, toText } from './decimals.ts'
import type { MarketSettings } from './settings.ts'

/** Decimals of fee rates. */
const rateDecimals = 9
/** Decimals of a price that is none of the market's own, such as an average. */
const fineDecimals = 8

/** A market: its instrument on the venue, and how its numbers are read and written. */
export class Market {
  readonly id: string
  /** For people: `VET/USDT`. */
  readonly name: string
  readonly base: string
  readonly quote: string
  readonly settings: MarketSettings
  /** What the exchange calls the market. */
  readonly symbol: string
  readonly terms: InstrumentTerms

  /** Throws an error of one line for settings that cannot hold together. */
  constructor(settings: MarketSettings) {
    const { id, base, quote, pricePrecision, amountPrecision, askPrecision, bidPrecision } = settings
    this.settings = settings
    this.id = id
    this.base = base
    this.quote = quote
    this.name = `${base}/${quote}`.toUpperCase()
    this.symbol = id.toUpperCase()
    if (base === quote) throw new Error(`${id}: base and quote are both ${base}`)
    if (amountPrecision > askPrecision)
      throw new Error(`${id}: amountPrecision ${amountPrecision} is finer than askPrecision ${askPrecision}`)
    const [askFee, bidFee] = [rateOf(settings, 'askFee'), rateOf(settings, 'bidFee')]
    const minValue = this.#minValue()
    const finer = pricePrecision + amountPrecision - bidPrecision
    this.terms = {
      base: assetOf(base),
      quote: assetOf(quote),
      tickSize: toText(1n, pricePrecision),
      lotSize: toText(1n, amountPrecision),
      unitsPerLot: 10 ** (askPrecision - amountPrecision),
      worth: finer > 0 ? [1, 10 ** finer] : [10 ** -finer, 1],
      notionalRounding: 'half-even',
      minQuantity: lots(1),
      ...(minValue > 0 && { minValue }),
      fees: { buy: bidFee, sell: askFee },
    }
  }

  /** The fee of a side, as clients are told. */
  feeOf(side: 'buy' | 'sell'): string {
    const { askFee, bidFee } = this.settings
    const units = readUnits(side === 'buy' ? bidFee : askFee, rateDecimals)
    return toText(units.is === 'units' ? units.units : 0n, rateDecimals)
  }

  price(ticks: number | bigint): string {
    return toText(ticks, this.settings.pricePrecision)
  }

  volume(lots: number | bigint): string {
    return toText(lots, this.settings.amountPrecision)
  }

  /** The same as a JSON number: the one that is nearest. */
  priceNumber(ticks: number): number {
    return Number(this.price(ticks))
  }

  volumeNumber(lots: number): number {
    return Number(this.volume(lots))
  }

  /** A price times a volume, exactly: the sum of prices in ticks times volumes in lots. */
  value(ticksTimesLots: bigint): string {
    return toText(ticksTimesLots, this.settings.pricePrecision + this.settings.amountPrecision)
  }

  /** What lots were traded at on average, of the sum of their prices in ticks times volumes in lots. */
  average(ticksTimesLots: bigint, lotsTraded: number): string {
    const decimals = Math.max(fineDecimals, this.settings.pricePrecision)
    if (lotsTraded === 0) return toText(0n, decimals)
    const scale = 10n ** BigInt(decimals - this.settings.pricePrecision)
    return toText(halfEven(ticksTimesLots * scale, BigInt(lotsTraded)), decimals)
  }

  /** An amount of the base or quote asset, in its smallest units. */
  baseAmount(units: bigint | number): string {
    return toText(units, this.settings.askPrecision)
  }

  quoteAmount(units: bigint | number): string {
    return toText(units, this.settings.bidPrecision)
  }

  /** In smallest units of the quote asset; more decimals than it has are rounded up. */
  #minValue(): number {
    const { id, minimumTradingAmount, bidPrecision } = this.settings
    const fine = readUnits(minimumTradingAmount, 2 * fineDecimals)
    if (fine.is !== 'units' || fine.units < 0n)
      throw new Error(`${id}: minimumTradingAmount is no amount: ${minimumTradingAmount}`)
    const scale = 10n ** BigInt(2 * fineDecimals - bidPrecision)
    const units = Number((fine.units + scale - 1n) / scale)
    if (!Number.isSafeInteger(units))
      throw new Error(`${id}: minimumTradingAmount is too large: ${minimumTradingAmount}`)
    return units
  }
}

/** The markets by id. Throws an error of one line when they contradict each other. */
export function createMarkets(all: readonly MarketSettings[]): ReadonlyMap<string, Market> {
  const markets = new Map<string, Market>()
  const decimals = new Map<string, { decimals: number; said: string }>()
  for (const settings of all) {
    if (markets.has(settings.id)) throw new Error(`${settings.id}: the market is there twice`)
    const market = new Market(settings)
    for (const [currency, option] of [
      [settings.base, 'askPrecision'],
      [settings.quote, 'bidPrecision'],
    ] as const) {
      // An account has one balance of a currency, so it is counted in one unit everywhere.
      const before = decimals.get(currency)
      const said = `${settings.id}.${option}`
      if (before !== undefined && before.decimals !== settings[option])
        throw new Error(
          `${currency} has ${before.decimals} decimals by ${before.said} and ${settings[option]} by ${said}: it needs the same everywhere`,
        )
      decimals.set(currency, { decimals: settings[option], said })
    }
    markets.set(settings.id, market)
  }
  return markets
}

/** A currency that markets trade, and how many decimals its balances have. */
export interface Currency {
  /** Such as `vet`. */
  readonly id: string
  /** What the exchange calls it. */
  readonly asset: string
  readonly decimals: number
}

/** The currencies of markets, in the order in which they are met. */
export function currenciesOf(markets: Iterable<Market>): readonly Currency[] {
  const found = new Map<string, Currency>()
  for (const { base, quote, settings } of markets) {
    found.set(base, { id: base, asset: assetOf(base), decimals: settings.askPrecision })
    found.set(quote, { id: quote, asset: assetOf(quote), decimals: settings.bidPrecision })
  }
  return [...found.values()]
}

function assetOf(currency: string): string {
  return currency.toUpperCase()
}

function rateOf(settings: MarketSettings, option: 'askFee' | 'bidFee'): number {
  const rate = readUnits(settings[option], rateDecimals)
  if (rate.is !== 'units' || rate.units < 0n || rate.units >= BigInt(feeScale))
    throw new Error(`${settings.id}: ${option} is no fraction with at most 9 decimals: ${settings[option]}`)
  return Number(rate.units)
}
