import { halfEven } from '../../src/domain/rounding.ts'

/** Decimals of USD and of crypto; amounts are whole numbers of the last one. */
export const usdScale = 2
export const cryptoScale = 10

/** Significant digits that a number may have. */
const precision = 32
/** Digits of an exponent that is read; a longer one stands for a number that is no amount, or for nothing. */
const exponentDigits = 6
const grammar = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?)(\d+))?$/

/**
 * Reads text or a JSON number as a whole number of 10^-scale, a half to the even neighbor; undefined when it is no
 * decimal, or has more digits than can be held.
 */
export function parseDecimal(input: unknown, scale: number): bigint | undefined {
  if (typeof input !== 'string' && typeof input !== 'number') return undefined
  const parts = grammar.exec(String(input))
  if (parts === null) return undefined
  const [, sign, whole = '', fraction = '', exponentSign, exponent = '0'] = parts
  if (whole === '' && fraction === '') return undefined
  const digits = withoutZeros(whole + fraction)
  if (digits === '') return 0n
  if (digits.length > precision) return undefined

  const size = withoutZeros(exponent)
  const isNegative = exponentSign === '-'
  if (size.length > exponentDigits) return isNegative ? 0n : undefined
  const shift = (isNegative ? -1 : 1) * Number(size) - fraction.length + scale
  const value = shifted(digits, shift)
  if (value === undefined || String(value).length > precision) return undefined
  return sign === '-' ? -value : value
}

/** Times 10^shift, rounded to a whole number; undefined when it has too many digits. */
function shifted(digits: string, shift: number): bigint | undefined {
  if (shift > precision) return undefined
  if (shift >= 0) return BigInt(digits) * 10n ** BigInt(shift)
  // Less than a tenth of the last decimal, whatever the digits are.
  if (-shift > digits.length + 1) return 0n
  return halfEven(BigInt(digits), 10n ** BigInt(-shift))
}

function withoutZeros(digits: string): string {
  return digits.replace(/^0+/, '')
}

/** All decimals, and no exponent. */
export function plainText(value: bigint, scale: number): string {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** As Python's decimals are printed: with an exponent when the first digit that counts stands behind six zeros. */
export function pythonText(value: bigint, scale: number): string {
  const digits = String(value < 0n ? -value : value)
  const exponent = digits.length - 1 - scale
  if (exponent >= -6) return plainText(value, scale)
  const rest = digits.length > 1 ? `.${digits.slice(1)}` : ''
  return `${value < 0n ? '-' : ''}${digits[0]}${rest}E${exponent}`
}
