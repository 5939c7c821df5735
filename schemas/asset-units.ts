import type { InstrumentTerms } from '../src/domain/instrument.ts'

/** Digits behind the point beyond which a number is not written out. */
const mostDecimals = 60

/**
 * What one smallest unit of the two assets of an instrument is, as decimal texts: undefined for one that has no end.
 * Its terms say it the other way around, a lot and a tick in units.
 */
export function unitsOf(terms: InstrumentTerms): { base: string | undefined; quote: string | undefined } {
  const [tick, tickScale] = digitsOf(terms.tickSize)
  const [lot, lotScale] = digitsOf(terms.lotSize)
  const [worth, divisor] = terms.worth
  return {
    base: decimal(lot, BigInt(terms.unitsPerLot), lotScale),
    quote: decimal(tick * lot * BigInt(divisor), BigInt(worth), tickScale + lotScale),
  }
}

function digitsOf(text: string): [digits: bigint, scale: number] {
  const [whole = '', part = ''] = text.split('.')
  return [BigInt(whole + part), part.length]
}

/** `dividend / divisor / 10^scale`, without zeros that say nothing. */
function decimal(dividend: bigint, divisor: bigint, scale: number): string | undefined {
  const digits = dividend * 10n ** BigInt(mostDecimals - scale)
  if (digits % divisor !== 0n) return undefined
  const text = `${digits / divisor}`.padStart(mostDecimals + 1, '0')
  const part = text.slice(-mostDecimals).replace(/0+$/, '')
  return `${text.slice(0, -mostDecimals)}${part === '' ? '' : `.${part}`}`
}
