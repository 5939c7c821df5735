/** A step of a price or a quantity, as the exchange says it in text: `digits` / 10^`scale`. */
export interface Step {
  readonly digits: bigint
  readonly scale: number
}

export function toStep(text: string): Step {
  const [whole = '', part = ''] = text.split('.')
  return { digits: BigInt(whole + part), scale: part.length }
}

/** What a price times a quantity is counted in. */
export function product(a: Step, b: Step): Step {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale }
}

/** So many steps as a decimal text, exactly. Not more than `places` digits behind the point: the rest is cut off. */
export function format(count: number | bigint, { digits, scale }: Step, places = scale): string {
  const exact = Number.isSafeInteger(Number(count) * Number(digits))
    ? `${Number(count) * Number(digits)}`
    : `${BigInt(count) * digits}`
  const isNegative = exact.startsWith('-')
  const text = exact.slice(isNegative ? 1 : 0).padStart(scale + 1, '0')
  const point = text.length - scale
  const whole = text.slice(0, point).replace(/\B(?=(\d{3})+$)/g, ',')
  const part = text.slice(point, point + places)
  return `${isNegative ? '−' : ''}${whole}${part === '' ? '' : `.${part}`}`
}

/** As `format`, without zeros at the end. */
export function formatShort(count: number | bigint, step: Step, places = step.scale): string {
  const text = format(count, step, places)
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/** How many steps a text says; undefined when it is no number of 0 or more, or lies between two steps. */
export function parse(text: string, { digits, scale }: Step): number | undefined {
  const found = /^(\d*)(?:\.(\d*))?$/.exec(text.trim().replaceAll(',', ''))
  const [, whole = '', part = ''] = found ?? []
  if (whole === '' && part === '') return undefined
  const places = Math.max(scale, part.length)
  const value = BigInt(whole + part.padEnd(places, '0'))
  const step = digits * 10n ** BigInt(places - scale)
  if (value % step !== 0n) return undefined
  const count = Number(value / step)
  return Number.isSafeInteger(count) ? count : undefined
}
