import type { ChangeOf, SnapshotOf } from '../../../schemas/feed.ts'
import { formatTime } from '../../../schemas/time.ts'
import type { Ticks } from '../../../src/domain/units.ts'
import type { BookSide, Instrument, Level } from '../../../src/port.ts'
import { checksumOf } from '../checksum.ts'
import { catchUp, type InstrumentSource } from './instrument-source.ts'

type LevelView = SnapshotOf<'book'>['bids'][number]

/** The whole book by levels. */
export function createBookSource(instrument: Instrument, name: string): InstrumentSource {
  const { bids, asks, channels } = instrument
  const source: InstrumentSource = {
    ...frame(instrument, name),
    get number() {
      return channels.book.last
    },
    snapshot: (prev, missed) =>
      toSnapshot(
        instrument,
        undefined,
        prev,
        missed,
        Array.from(bids.levels(), toLevel),
        Array.from(asks.levels(), toLevel),
      ),
    changes(prev) {
      const touched = touchedAfter(instrument, prev)
      return toChange(instrument, undefined, prev, now(bids, touched.bids), now(asks, touched.asks))
    },
    next: (after) => source.changes(after),
    catchUp: (after) => catchUp(source, after),
  }
  return source
}

/** The best levels of a book. A reader keeps the best `depth` a side, whatever else it has heard of. */
export function createShallowBookSource(
  instrument: Instrument,
  name: string,
  depth: number,
): InstrumentSource {
  const { bids, asks, channels } = instrument
  const views = [new View(bids, depth), new View(asks, depth)] as const
  const source: InstrumentSource = {
    ...frame(instrument, name),
    get number() {
      return channels.book.last
    },
    snapshot: (prev, missed) =>
      toSnapshot(instrument, depth, prev, missed, best(bids, depth), best(asks, depth)),
    /** What was in the reader's view and still is in the book, but out of view now, needs no word: it is not among the best. */
    changes(prev) {
      const touched = touchedAfter(instrument, prev)
      return toChange(
        instrument,
        depth,
        prev,
        [...gone(bids, touched.bids), ...best(bids, depth)],
        [...gone(asks, touched.asks), ...best(asks, depth)],
      )
    },
    next: (prev) => toChange(instrument, depth, prev, views[0].update(), views[1].update()),
    catchUp: (after) => catchUp(source, after),
  }
  return source
}

/** What both have in common. */
function frame(instrument: Instrument, name: string) {
  const { book } = instrument.channels
  return {
    name,
    venue: instrument.venue,
    isPrivate: false,
    instrument,
    slow: 'conflate',
    rank: 3,
    reaches: (after: number) => after >= book.since && after <= book.last,
  } as const
}

/** The best levels of one side as the readers that follow have them. */
class View {
  readonly #side: BookSide
  readonly #depth: number
  #levels: Map<number, LevelView>

  constructor(side: BookSide, depth: number) {
    this.#side = side
    this.#depth = depth
    this.#levels = byPrice(best(side, depth))
  }

  /** What is new among them or has changed, and as gone what is not among them any more. */
  update(): LevelView[] {
    const before = this.#levels
    const levels = best(this.#side, this.#depth)
    this.#levels = byPrice(levels)
    const changed = levels.filter((level) => !isSame(level, before.get(level[0])))
    const left = [...before.keys()].filter((price) => !this.#levels.has(price))
    return [...left.map((price): LevelView => [price, 0, 0]), ...changed]
  }
}

function byPrice(levels: readonly LevelView[]): Map<number, LevelView> {
  return new Map(levels.map((level) => [level[0], level]))
}

function isSame([, quantity, orders]: LevelView, other: LevelView | undefined): boolean {
  return other !== undefined && other[1] === quantity && other[2] === orders
}

function toLevel({ price, quantity, orderCount }: Level): LevelView {
  return [price, Number(quantity), orderCount]
}

function best(side: BookSide, depth: number): LevelView[] {
  const levels: LevelView[] = []
  for (const level of side.levels()) {
    levels.push(toLevel(level))
    if (levels.length === depth) break
  }
  return levels
}

/** The prices at which something happened after a number. */
function touchedAfter({ channels }: Instrument, number: number): { bids: Set<Ticks>; asks: Set<Ticks> } {
  const touched = { bids: new Set<Ticks>(), asks: new Set<Ticks>() }
  for (const { side, price } of channels.book.after(number)) {
    if (side === 'buy') touched.bids.add(price)
    else touched.asks.add(price)
  }
  return touched
}

/** Levels as they are now. */
function now(side: BookSide, prices: Iterable<Ticks>): LevelView[] {
  return Array.from(prices, (price) => {
    const level = side.at(price)
    return level === undefined ? [price, 0, 0] : toLevel(level)
  })
}

function gone(side: BookSide, prices: Iterable<Ticks>): LevelView[] {
  return now(side, prices).filter(([, quantity]) => quantity === 0)
}

function toSnapshot(
  instrument: Instrument,
  depth: number | undefined,
  prev: number,
  missed: boolean,
  bids: LevelView[],
  asks: LevelView[],
): string {
  const { venue, symbol, channels } = instrument
  return JSON.stringify({
    type: 'snapshot',
    ...(missed && { missed }),
    channel: 'book',
    venue,
    symbol,
    ...(depth !== undefined && { depth }),
    seq: channels.book.last,
    prev,
    time: formatTime(instrument.changedAt),
    bids,
    asks,
    checksum: checksumOf(instrument.bids, instrument.asks, depth),
  } satisfies SnapshotOf<'book'>)
}

function toChange(
  instrument: Instrument,
  depth: number | undefined,
  prev: number,
  bids: LevelView[],
  asks: LevelView[],
): string {
  const { venue, symbol, channels } = instrument
  return JSON.stringify({
    type: 'change',
    channel: 'book',
    venue,
    symbol,
    ...(depth !== undefined && { depth }),
    seq: channels.book.last,
    prev,
    time: formatTime(instrument.changedAt),
    bids,
    asks,
    checksum: checksumOf(instrument.bids, instrument.asks, depth),
  } satisfies ChangeOf<'book'>)
}
