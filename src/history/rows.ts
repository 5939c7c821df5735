import type { ClassicLevel } from 'classic-level'
import { type PageQuery, pageOf } from '../domain/page.ts'
import { idOf } from './keys.ts'
import { RowReader, RowWriter, type StoredRows } from './row-codec.ts'

/** Rows that stand together under one key. */
const rowsPerChunk = 100

/** One kind of numbered rows. Each row belongs to one name (an account, a symbol) of one venue. */
export interface RowKind<Row> {
  /** The key of a chunk, by the number of its first row. */
  key(venue: string, name: string, first: number): string
  numberOf(row: Row): number
  timeOf(row: Row): number
  write(row: Row, to: RowWriter): void
  /** Reads the next row. `number` is its own where rows are numbered without a gap. */
  read(from: RowReader, number: number): Row
}

/** Rows that will be stored under one key. */
interface Chunk {
  readonly first: number
  count: number
  readonly rows: RowWriter
}

/**
 * Rows that wait to be stored, in chunks as they will be: a put for each would cost the trading many times as much.
 * They are written out as they come, for so many small objects would keep the garbage collector busy.
 */
export class WaitingRows<Row> {
  readonly #kind: RowKind<Row>
  readonly #byVenue = new Map<string, Map<string, Chunk[]>>()
  count = 0

  constructor(kind: RowKind<Row>) {
    this.#kind = kind
  }

  /** Takes the next row of a name: its number is above those before. */
  add(venue: string, name: string, row: Row): void {
    const chunks = this.#chunks(venue, name)
    let chunk = chunks.at(-1)
    if (chunk === undefined || chunk.count === rowsPerChunk) {
      const { numberOf, timeOf } = this.#kind
      chunk = { first: numberOf(row), count: 0, rows: new RowWriter(timeOf(row)) }
      chunks.push(chunk)
    }
    this.#kind.write(row, chunk.rows)
    chunk.count += 1
    this.count += 1
  }

  /** What to store. */
  *puts(): IterableIterator<[key: string, value: string]> {
    for (const [venue, byName] of this.#byVenue) {
      for (const [name, chunks] of byName) {
        for (const { first, rows } of chunks)
          yield [this.#kind.key(venue, name, first), JSON.stringify(rows satisfies StoredRows)]
      }
    }
  }

  /** The rows of a name that a query asks for, by ascending number. */
  page(venue: string, name: string, query: PageQuery): Row[] {
    const { after = 0, before = Number.MAX_SAFE_INTEGER, limit } = query
    const chunks = this.#byVenue.get(venue)?.get(name) ?? []
    const within = chunks.filter(
      ({ first }, i) => first < before && (chunks[i + 1]?.first ?? Number.POSITIVE_INFINITY) > after + 1,
    )
    // So many chunks have enough rows, the one that is only partly asked for left out.
    const most = Math.ceil(limit / rowsPerChunk) + 2
    const chosen = query.after === undefined ? within.slice(-most) : within.slice(0, most)
    const rows = chosen.flatMap(({ first, rows }) => readChunk(this.#kind, rows, first))
    return pageOf(rows, this.#kind.numberOf, query)
  }

  #chunks(venue: string, name: string): Chunk[] {
    let byName = this.#byVenue.get(venue)
    if (byName === undefined) {
      byName = new Map()
      this.#byVenue.set(venue, byName)
    }
    let chunks = byName.get(name)
    if (chunks === undefined) {
      chunks = []
      byName.set(name, chunks)
    }
    return chunks
  }
}

/** Reads the stored rows of a name that a query asks for, by ascending number. */
export async function readRows<Row>(
  files: ClassicLevel,
  kind: RowKind<Row>,
  [venue, name]: readonly [venue: string, name: string],
  query: PageQuery,
): Promise<Row[]> {
  const { after, before = Number.MAX_SAFE_INTEGER, limit } = query
  let gte = kind.key(venue, name, 0)
  if (after !== undefined) {
    // The chunk that holds the first row wanted begins with it or before it.
    const lte = kind.key(venue, name, after + 1)
    const [key] = await files.keys({ gte, lte, reverse: true, limit: 1 }).all()
    if (key !== undefined) gte = key
  }
  const range = { gte, lt: kind.key(venue, name, before), reverse: after === undefined }
  const pages: Row[][] = []
  let found = 0
  for await (const [key, text] of files.iterator(range)) {
    const page = pageOf(readChunk(kind, JSON.parse(text) as StoredRows, idOf(key)), kind.numberOf, query)
    pages.push(page)
    found += page.length
    if (found >= limit) break
  }
  if (range.reverse) pages.reverse()
  return pageOf(pages.flat(), kind.numberOf, query)
}

function readChunk<Row>(kind: RowKind<Row>, stored: StoredRows, first: number): Row[] {
  const from = new RowReader(stored)
  const rows: Row[] = []
  while (from.hasMore) rows.push(kind.read(from, first + rows.length))
  return rows
}
