/** Which things of a numbered row are asked for. */
export interface PageQuery {
  /** How many at most, 1 or more. */
  readonly limit: number
  /** Only higher numbers, and of them the lowest; without it, the highest of those below `before`. */
  readonly after?: number | undefined
  /** Only lower numbers. */
  readonly before?: number | undefined
}

/** The things that a query asks for. `rows` are by ascending number, and those in front of index `start` are not looked at. */
export function pageOf<Row>(
  rows: readonly Row[],
  numberOf: (row: Row) => number,
  { limit, after, before }: PageQuery,
  start = 0,
): Row[] {
  const end = before === undefined ? rows.length : indexOf(rows, numberOf, before, start)
  if (after === undefined) return rows.slice(Math.max(start, end - limit), end)
  const first = indexOf(rows, numberOf, after + 1, start)
  return rows.slice(first, Math.min(end, first + limit))
}

/** The page of what two rows hold together, both by ascending number. What both hold is the same, and is there once. */
export function mergedPage<Row>(
  one: readonly Row[],
  other: readonly Row[],
  numberOf: (row: Row) => number,
  query: PageQuery,
): Row[] {
  const found = [...pageOf(one, numberOf, query), ...pageOf(other, numberOf, query)]
  const byNumber = new Map(found.map((row) => [numberOf(row), row]))
  return pageOf(
    [...byNumber.values()].sort((a, b) => numberOf(a) - numberOf(b)),
    numberOf,
    query,
  )
}

/** The index of the first thing with a number of `number` or more. */
function indexOf<Row>(
  rows: readonly Row[],
  numberOf: (row: Row) => number,
  number: number,
  start: number,
): number {
  let low = start
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (numberOf(rows[middle] as Row) < number) low = middle + 1
    else high = middle
  }
  return low
}
