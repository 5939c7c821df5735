// Keys sort as text. Names have no character below the separator, so one name's keys never stand among another's.
export const separator = '!'
const afterSeparator = '"'

/** Ids with leading zeros sort as numbers do. */
function padded(id: number): string {
  return String(id).padStart(16, '0')
}

/** Where it is noted how far the history reaches. */
export const metaKey = 'm'

/** A closed order. */
export function orderKey(venue: string, id: number): string {
  return ['o', venue, padded(id)].join(separator)
}

/** A full chunk of an order's fills; chunks count from 0. */
export function fillsKey(venue: string, id: number, chunk: number): string {
  return ['f', venue, padded(id), padded(chunk)].join(separator)
}

/** A closed order among those of its account. */
export function accountKey(venue: string, account: string, id: number): string {
  return ['a', venue, account, padded(id)].join(separator)
}

/** A chunk of what happened to an account, by the number of the first event. */
export function accountEventsKey(venue: string, account: string, first: number): string {
  return ['e', venue, account, padded(first)].join(separator)
}

/** A chunk of an instrument's trades, by the id of the first. */
export function tradesKey(venue: string, symbol: string, first: number): string {
  return ['t', venue, symbol, padded(first)].join(separator)
}

/** A chunk of an instrument's candles of one length, by when the first begins. `name` is both of them. */
export function candlesKey(venue: string, name: string, first: number): string {
  return ['c', venue, name, padded(first)].join(separator)
}

/** Where everything of a venue stands: from a key on, to before another. */
export function* rangesOf(venue: string): IterableIterator<{ gte: string; lt: string }> {
  for (const kind of ['o', 'f', 'a', 'e', 't', 'c'])
    yield {
      gte: `${kind}${separator}${venue}${separator}`,
      lt: `${kind}${separator}${venue}${afterSeparator}`,
    }
}

/** The id at the end of a key. */
export function idOf(key: string): number {
  return Number(key.slice(key.lastIndexOf(separator) + 1))
}
