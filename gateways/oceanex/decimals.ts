const grammar = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/
/** Digits that a number may have before the point, after its exponent was worked in. */
const mostDigits = 40

/** What a text or a JSON number comes to when it is counted in units of its last decimal. */
export type Units =
  | { readonly is: 'units'; readonly units: bigint }
  /** It has more decimals than that. */
  | { readonly is: 'too fine' }
  | { readonly is: 'no number' }

const noNumber: Units = { is: 'no number' }

/** Reads a decimal exactly. Of a JSON number its shortest text counts: 0.1 is a tenth. */
export function readUnits(input: unknown, decimals: number): Units {
  if (typeof input !== 'string' && typeof input !== 'number') return noNumber
  const parts = grammar.exec(String(input).trim())
  if (parts === null) return noNumber
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts
  if (whole === '' && fraction === '') return noNumber
  const digits = (whole + fraction).replace(/^0+/, '')
  if (digits === '') return { is: 'units', units: 0n }
  // The last digit that counts stands so many places behind the point.
  const significant = digits.replace(/0+$/, '')
  const places = fraction.length - Number(exponent) - (digits.length - significant.length)
  if (places > decimals) return { is: 'too fine' }
  if (significant.length + decimals - places > mostDigits) return noNumber
  const units = BigInt(significant) * 10n ** BigInt(decimals - places)
  return { is: 'units', units: sign === '-' ? -units : units }
}

/** Units of a number's last decimal as plain text, with one decimal at least and no zeros beyond it. */
export function toText(units: bigint | number, decimals: number): string {
  const digits = String(units < 0 ? -BigInt(units) : units).padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  return `${units < 0 ? '-' : ''}${whole}.${fraction || '0'}`
}
