/** Columns of a chart: more than this are never kept. */
const mostColumns = 720
/** Widths of a column in seconds, each some of the one before; after the last one each is twice the one before. */
const widths = [1, 5, 15, 30, 60, 120, 600, 1200, 3600, 7200, 14_400, 28_800, 86_400]

/** What a side of the book is worth looking at. */
export interface SideLook {
  readonly best: number | undefined
  readonly levels: number
  /** Lots at the best levels. */
  readonly depth: number
}

/** A book as it stands. */
export interface BookLook {
  readonly bids: SideLook
  readonly asks: SideLook
}

/** What happened in a stretch of time, and how the book stood at the end of its seconds. */
export class Column {
  /** Seconds that were looked at, and those of them with both sides. */
  seconds = 0
  quoted = 0
  #mids = 0
  #spreads = 0
  #bidDepths = 0
  #askDepths = 0
  widest = 0
  volume = 0
  low = Number.POSITIVE_INFINITY
  high = Number.NEGATIVE_INFINITY

  look({ bids, asks }: BookLook, seconds: number): void {
    this.seconds += seconds
    this.#bidDepths += bids.depth * seconds
    this.#askDepths += asks.depth * seconds
    if (bids.best === undefined || asks.best === undefined) return
    const spread = asks.best - bids.best
    this.quoted += seconds
    this.#mids += ((bids.best + asks.best) / 2) * seconds
    this.#spreads += spread * seconds
    this.widest = Math.max(this.widest, spread)
  }

  trade(price: number, quantity: number): void {
    this.volume += quantity
    this.low = Math.min(this.low, price)
    this.high = Math.max(this.high, price)
  }

  /** Takes over what the next column has. */
  join(next: Column): void {
    this.seconds += next.seconds
    this.quoted += next.quoted
    this.#mids += next.#mids
    this.#spreads += next.#spreads
    this.#bidDepths += next.#bidDepths
    this.#askDepths += next.#askDepths
    this.widest = Math.max(this.widest, next.widest)
    this.volume += next.volume
    this.low = Math.min(this.low, next.low)
    this.high = Math.max(this.high, next.high)
  }

  /** Means over the seconds; undefined where there is nothing to take one of. */
  get mid(): number | undefined {
    return this.quoted === 0 ? undefined : this.#mids / this.quoted
  }

  get spread(): number | undefined {
    return this.quoted === 0 ? undefined : this.#spreads / this.quoted
  }

  get bidDepth(): number | undefined {
    return this.seconds === 0 ? undefined : this.#bidDepths / this.seconds
  }

  get askDepth(): number | undefined {
    return this.seconds === 0 ? undefined : this.#askDepths / this.seconds
  }
}

/**
 * A record for charts that takes the same memory for a minute and for a year: when the columns are too many, some of
 * them become a wider one.
 */
export class Columns {
  #width = 1
  #all: Column[] = []

  /** Seconds in a column. */
  get width(): number {
    return this.#width
  }

  get all(): readonly Column[] {
    return this.#all
  }

  /** Notes that the seconds from `from` up to, and without, `to` ended with this book. */
  look(from: number, to: number, book: BookLook): void {
    if (to > from) this.#at(to - 1)
    for (let second = from; second < to; ) {
      const end = Math.min(to, (Math.floor(second / this.#width) + 1) * this.#width)
      this.#at(second).look(book, end - second)
      second = end
    }
  }

  trade(second: number, price: number, quantity: number): void {
    this.#at(second).trade(price, quantity)
  }

  #at(second: number): Column {
    while (second >= mostColumns * this.#width) this.#widen()
    const i = Math.floor(second / this.#width)
    while (this.#all.length <= i) this.#all.push(new Column())
    return this.#all[i] as Column
  }

  #widen(): void {
    const wider = widths.find((width) => width > this.#width) ?? this.#width * 2
    const each = wider / this.#width
    this.#all = this.#all.filter((column, i) => {
      const first = i - (i % each)
      if (i > first) (this.#all[first] as Column).join(column)
      return i === first
    })
    this.#width = wider
  }
}
