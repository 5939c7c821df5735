import { Problem } from '../schemas/errors.ts'
import type { Exchange, Instrument, OrderRecord, Venue } from '../src/port.ts'

/** The venue of a URL; throws the problem to answer with when there is none. */
export function findVenue(exchange: Exchange, name: string): Venue {
  const venue = exchange.venue(name)
  if (venue === undefined) throw new Problem('unknown_venue', { venue: name })
  return venue
}

/** The instrument of a URL. The quote has always said it in other words, which clients know. */
export function findInstrument(
  exchange: Exchange,
  { venue, stock }: { venue: string; stock: string },
  otherwise: 'symbol_not_found' | 'symbol_not_quoted' = 'symbol_not_found',
): Instrument {
  const instrument = findVenue(exchange, venue).instrument(stock)
  if (instrument === undefined) throw new Problem(otherwise, { venue, symbol: stock })
  return instrument
}

/** The order of a URL, wherever it is kept. */
export async function findOrder(
  exchange: Exchange,
  path: { venue: string; stock: string; id: number },
): Promise<OrderRecord> {
  findInstrument(exchange, path)
  const { venue, stock, id } = path
  const order = await exchange.findOrder(venue, id)
  if (order?.symbol === stock) return order
  const highest = findVenue(exchange, venue).lastOrderId
  // An order that is there was not purged: it is of another stock.
  if (order === undefined && id >= 1 && id <= highest) throw new Problem('purged', { id })
  throw new Problem('unknown_order', { id, highest })
}
