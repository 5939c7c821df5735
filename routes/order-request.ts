import { isUtf8 } from 'node:buffer'
import { Problem } from '../schemas/errors.ts'
import { most, mostLots, type NewOrder } from '../schemas/order.ts'
import type { Place } from '../src/domain/command.ts'
import type { OrderType, TimeInForce } from '../src/domain/order.ts'
import type { Lots, Ticks } from '../src/domain/units.ts'

type Fields = Readonly<{ venue?: unknown; account?: unknown; [name: string]: unknown }>

/** Reads the fields of an order out of a body: JSON whatever its type says, or a form. */
export function readFields(body: unknown, contentType: string | undefined): Fields {
  if (!(body instanceof Buffer) || !isUtf8(body)) throw new Problem('malformed_json')
  const text = body.toString('utf8')
  if (contentType === 'application/x-www-form-urlencoded' && isForm(text)) {
    return Object.fromEntries(new URLSearchParams(text))
  }
  const value = parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Problem('not_an_object')
  return value as Fields
}

/** Many clients send JSON and let their library call it a form. */
function isForm(text: string): boolean {
  return !text.trimStart().startsWith('{') && text.includes('=')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Problem('malformed_json')
  }
}

// Of names for one thing the first that is there counts.
const stockNames = ['stock', 'symbol']
const typeNames = ['orderType', 'ordertype', 'type']
const numberNames = ['price', 'qty']
const plainNames = ['account', 'direction', 'clientOrderId']

/** Refuses an order whose body names another venue or stock than its URL. */
export function checkAgreement(fields: Fields, { venue, stock }: { venue: string; stock: string }): void {
  if (Object.hasOwn(fields, 'venue') && fields.venue !== venue) {
    throw new Problem('url_mismatch', { field: 'venue' })
  }
  const name = stockNames.find((key) => Object.hasOwn(fields, key))
  if (name !== undefined && fields[name] !== stock) throw new Problem('url_mismatch', { field: name })
}

/**
 * Puts fields into the form that the schema checks: one name for each, and numbers that were sent as text. `inLots`:
 * quantities may be as large as those of parts of a share are, which the schema cannot know of a venue.
 */
export function toNewOrder(fields: Fields, inLots: boolean): Record<string, unknown> {
  const order: { orderType?: unknown; [name: string]: unknown } = {}
  for (const name of plainNames) {
    if (Object.hasOwn(fields, name)) order[name] = fields[name]
  }
  for (const name of numberNames) {
    if (Object.hasOwn(fields, name)) order[name] = toWhole(fields[name], inLots ? mostLots : most)
  }
  const type = typeNames.find((name) => Object.hasOwn(fields, name))
  if (type !== undefined) order.orderType = fields[type]
  return order
}

/** A number or text that is no whole number, or too large, is an illegal value, as −1 is; all else has the wrong type. */
function toWhole(value: unknown, largest: number): unknown {
  if (typeof value === 'string') return /^[0-9]+$/.test(value) ? toWhole(Number(value), largest) : -1
  if (typeof value === 'number') return Number.isSafeInteger(value) && value <= largest ? value : -1
  return value
}

/** The command that places an order. */
export function toPlace(
  { venue, stock }: { venue: string; stock: string },
  { account, price, qty, direction, orderType, clientOrderId }: NewOrder,
  autoCreate: boolean,
): Place {
  const [type, timeInForce] = orderTypes[orderType]
  if (price === undefined && type !== 'market') throw new Problem('missing_field', { field: 'price' })
  return {
    type: 'place',
    venue,
    symbol: stock,
    account,
    side: direction,
    orderType: type,
    timeInForce,
    price: (type === 'market' ? 0 : price) as Ticks,
    quantity: qty as Lots,
    ...(clientOrderId !== undefined && { clientOrderId }),
    autoCreate,
  }
}

const orderTypes: Readonly<Record<NewOrder['orderType'], readonly [OrderType, TimeInForce]>> = {
  limit: ['limit', 'gtc'],
  market: ['market', 'ioc'],
  'immediate-or-cancel': ['limit', 'ioc'],
  ioc: ['limit', 'ioc'],
  'fill-or-kill': ['limit', 'fok'],
  fok: ['limit', 'fok'],
}
