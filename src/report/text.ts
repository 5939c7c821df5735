import type { Amount } from '../domain/amount.ts'
import type { InstrumentTerms } from '../domain/instrument.ts'
import type { Micros } from '../domain/units.ts'

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as it may stand in HTML, in an attribute too. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => escapes[letter] as string)
}

/** A number for people: thousands apart, so many decimals, and a real minus. */
export function decimal(n: number | bigint, places = 0): string {
  const options = { minimumFractionDigits: places, maximumFractionDigits: places }
  const text = new Intl.NumberFormat('en-US', options).format(n)
  return (/[1-9]/.test(text) ? text : text.replace('-', '')).replace('-', '−')
}

export function signed(n: number | bigint, places = 0): string {
  const text = decimal(n, places)
  return n > 0 && /[1-9]/.test(text) ? `+${text}` : text
}

/** A share as per cent. Nearly all is not all. */
export function percent(share: number): string {
  const places = share > 0.99 && share < 1 ? 2 : 1
  const text = (share * 100).toFixed(places)
  return share < 1 && Number(text) === 100 ? 'over 99.9%' : `${text.replace(/\.0+$/, '').replace('-', '−')}%`
}

/** How ticks and lots of an instrument are told. */
export interface Units {
  /** The middle between two prices has a decimal more where it is no price itself. */
  price(ticks: number): string
  lots(lots: Amount): string
  /** Of ticks times lots. */
  money(worth: Amount): string
}

/** Where accounts hold no money a tick is a cent, and a lot is a share. */
export function unitsOf(terms: InstrumentTerms | undefined): Units {
  const { tickSize, lotSize, quote } = terms ?? { tickSize: '0.01', lotSize: '1', quote: '$' }
  const tick = Number(tickSize)
  const lot = Number(lotSize)
  const pricePlaces = placesOf(tickSize)
  return {
    price: (ticks) => decimal(ticks * tick, pricePlaces + (Number.isInteger(ticks) ? 0 : 1)),
    lots: (lots) =>
      lotSize === '1' ? decimal(lots) : withoutZeros(decimal(Number(lots) * lot, placesOf(lotSize))),
    money: (worth) => {
      const text = signed(Number(worth) * tick * lot, Math.max(2, pricePlaces))
      return quote === '$' ? text.replace(/^([+−]?)/, '$1$$') : `${text} ${quote}`
    },
  }
}

/** Without zeros at the end of a fraction. */
function withoutZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

function placesOf(size: string): number {
  return Math.min(12, size.split('.')[1]?.length ?? 0)
}

/** How long something took, in two of its units. */
export function duration(micros: number): string {
  if (micros < 1000) return `${micros} µs`
  if (micros < 1_000_000) return `${decimal(micros / 1000)} ms`
  const seconds = micros / 1_000_000
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`
  if (seconds < 3600) return two(seconds, 60, 'min', 1, 's')
  if (seconds < 86_400) return two(seconds, 3600, 'h', 60, 'min')
  return two(seconds, 86_400, 'd', 3600, 'h')
}

function two(seconds: number, large: number, one: string, small: number, other: string): string {
  const whole = Math.round(seconds / small) * small
  const rest = (whole % large) / small
  return `${decimal(Math.floor(whole / large))} ${one}${rest === 0 ? '' : ` ${rest} ${other}`}`
}

/** A moment in UTC, to the second. */
export function moment(time: Micros): string {
  return `${day(time)}, ${clock(time, true)}`
}

export function day(time: number): string {
  const options = { timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric' } as const
  return new Intl.DateTimeFormat('en-GB', options).format(time / 1000)
}

export function shortDay(time: number): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short' }).format(
    time / 1000,
  )
}

export function clock(time: number, seconds: boolean): string {
  return new Date(time / 1000).toISOString().slice(11, seconds ? 19 : 16)
}
