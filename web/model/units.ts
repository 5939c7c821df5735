import type { RestAsset, RestStock } from '../../sdk/index.ts'
import { format, formatShort, parse, product, type Step, toStep } from './decimal.ts'

/** How a stock is counted: prices in ticks, quantities in lots. Where nothing is said a tick is a cent, a lot a share. */
export class Units {
  readonly tick: Step
  readonly lot: Step
  readonly #money: Step

  constructor({ tickSize = '0.01', lotSize = '1' }: Partial<RestStock> = {}) {
    this.tick = toStep(tickSize)
    this.lot = toStep(lotSize)
    this.#money = product(this.tick, this.lot)
  }

  price(ticks: number | bigint): string {
    return format(ticks, this.tick)
  }

  /** Of very small parts only the first four places: the table has no room for more. */
  quantity(lots: number | bigint): string {
    return formatShort(lots, this.lot, Math.min(this.lot.scale, 4))
  }

  /** With all its places, for who is to write it. */
  exactly(lots: number): string {
    return formatShort(lots, this.lot)
  }

  /** Whether quantities are whole shares. */
  get isWhole(): boolean {
    return this.lot.scale === 0
  }

  /** Ticks times lots, to two places. */
  money(value: bigint): string {
    return format(value, this.#money, Math.min(this.#money.scale, 2))
  }

  toTicks(text: string): number | undefined {
    return parse(text, this.tick)
  }

  toLots(text: string): number | undefined {
    return parse(text, this.lot)
  }
}

/** Smallest units of an asset; as they are where nothing says what one is. */
export function amount(units: bigint, { unit }: RestAsset): string {
  if (unit === undefined) return `${units.toLocaleString('en')} units`
  const step = toStep(unit)
  // Money with all its places, what is counted more finely without zeros that say nothing.
  return step.scale <= 2 ? format(units, step) : formatShort(units, step)
}

/** A number with its sign, also when it is above 0. */
export function signed(text: string): string {
  return /^[−0,.]+$/.test(text) || text.startsWith('−') ? text : `+${text}`
}
