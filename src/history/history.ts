import { ClassicLevel } from 'classic-level'
import {
  type Fill,
  loadOrderCash,
  type OrderRecord,
  type SavedOrderCash,
  saveOrderCash,
} from '../domain/order.ts'
import { Unavailable } from '../domain/unavailable.ts'
import type { Lots, Micros, Sequence, Ticks } from '../domain/units.ts'
import { accountKey, fillsKey, idOf, metaKey, orderKey } from './keys.ts'

/** Fills are stored a chunk at a time while an order is open; what is left over goes with the order when it closes. */
const chunkSize = 100
/** Closed orders that may wait to be stored. */
const waitLimit = 100_000
/** How many puts are written without waiting for more, and how long fewer wait. */
const putsAtOnce = 10_000
const writeAfterMs = 100
const formatVersion = 1

export interface HistoryOptions {
  /** Whether to begin one where there is none. */
  readonly begin: boolean
  /** Told which closed orders are stored durably: memory may let them go. */
  readonly stored: (orders: readonly OrderRecord[]) => void
  /** Told when writing failed for good. */
  readonly failed: (error: Error) => void
}

interface Meta {
  readonly format: number
  /** Everything up to this command is stored. */
  readonly sequence: number
}

/** What was closed or filled since the last write. */
interface Batch {
  readonly puts: [key: string, value: string][]
  readonly orders: OrderRecord[]
}

/** An order's own record, with the fills that made no full chunk. */
type StoredOrder = Omit<OrderRecord, 'fills' | 'cash'> & {
  readonly tail: readonly StoredFill[]
  readonly cash?: SavedOrderCash
}
type StoredFill = readonly [price: number, quantity: number, time: number]

/** A history of which something is missing or is not what was written. */
export class HistoryDamaged extends Error {}

/**
 * What memory lets go: closed orders and their fills, in a LevelDB. Written behind, in batches, each with the last
 * command that it covers; so after a crash it is known from where the journal has to fill it up again.
 */
export class History {
  readonly #db: ClassicLevel
  readonly #options: HistoryOptions
  #batch: Batch = { puts: [], orders: [] }
  /** Everything up to here is in the current batch or before it, but for what is missing in a gap. */
  #covered: number
  #written: number
  #synced: number
  /** Commands before the start that are being stored late: how far that has come. */
  #gap: { reached: number; readonly to: number } | undefined
  #waiting = 0
  #writing: Promise<void> | undefined
  /** Writes so far. */
  #begun = 0
  #ended = 0
  /** To be called when a write ends. */
  #flushing: (() => void)[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #failed = false

  /**
   * Opens the history in a directory. Throws `HistoryDamaged` when it is; another Error
   * says why it cannot be used although it may be whole.
   */
  static async open(directory: string, options: HistoryOptions): Promise<History> {
    const db = new ClassicLevel(directory)
    await openFiles(db, options.begin)
    try {
      const { format, sequence } = await readMeta(db)
      if (format > formatVersion)
        throw new Error(`it has format ${format}; this build knows up to ${formatVersion}`)
      return new History(db, sequence, options)
    } catch (error) {
      await db.close()
      throw error
    }
  }

  private constructor(db: ClassicLevel, synced: number, options: HistoryOptions) {
    this.#db = db
    this.#synced = synced
    this.#covered = synced
    this.#written = synced
    this.#options = options
  }

  /** The last command up to which everything is stored durably. */
  get synced(): Sequence {
    return this.#synced as Sequence
  }

  /** Whether what closed with a command is stored, or will be by whoever fills the gap. */
  covers(sequence: number): boolean {
    return sequence <= this.#synced || sequence <= (this.#gap?.to ?? 0)
  }

  /** The last command of what is missing before the start; undefined when nothing is. */
  get gapEnd(): number | undefined {
    return this.#gap?.to
  }

  /** Closed orders that are not stored yet. */
  get waiting(): number {
    return this.#waiting
  }

  /** Whether writing has failed for good. */
  get hasFailed(): boolean {
    return this.#failed
  }

  /** Whether no more closed orders can be taken: too many wait, or writing has failed. */
  get isFull(): boolean {
    return this.#failed || this.#waiting >= waitLimit
  }

  /** Takes an order's newest fills when they make a full chunk. Call it after each fill. */
  filled({ venue, id, fillCount, fills }: OrderRecord): void {
    if (fillCount % chunkSize !== 0) return
    const chunk = fills.slice(-chunkSize).map(toStoredFill)
    this.#put(fillsKey(venue, id, fillCount / chunkSize - 1), chunk)
  }

  /** Takes an order that has closed. It must not change any more. */
  closed(order: OrderRecord): void {
    const { id, venue, symbol, account, fillCount, fills } = order
    this.#put(orderKey(venue, id), toStoredOrder(order, fills.slice(fills.length - (fillCount % chunkSize))))
    this.#put(accountKey(venue, account, id), symbol)
    this.#batch.orders.push(order)
    this.#waiting += 1
  }

  /**
   * Says that everything up to a command was given. It is written when it is a lot, or after a while: each write waits
   * for the disk, and must not do so as often as the journal.
   */
  applied(sequence: number): void {
    this.#covered = sequence
    const { length } = this.#batch.puts
    if (length === 0 || this.#writing !== undefined) return
    if (length >= putsAtOnce) this.#startWrite()
    else this.#writeLater()
  }

  /** Says that what is stored ends before a command: what lies between comes late, beside what happens now. */
  openGap(to: number): void {
    this.#gap = { reached: this.#synced, to }
    this.#covered = to
    this.#written = to
  }

  /** Says that everything in the gap up to a command was given. The gap is there until all of it is stored. */
  fillGap(reached: number): void {
    if (this.#gap === undefined) return
    this.#gap.reached = reached
    this.#startWrite()
  }

  /** Resolves when all that was given before is stored, or writing has failed. */
  async flush(): Promise<void> {
    // The next write takes all that is there now. What comes later is not waited for: it may never end.
    const last = this.#hasMore || this.#written < this.#covered ? this.#begun + 1 : this.#begun
    while (this.#ended < last && !this.#failed) {
      this.#startWrite()
      await new Promise<void>((resolve) => this.#flushing.push(resolve))
    }
  }

  /** A closed order with its newest fills, `mostFills` of them at most. */
  async order(venue: string, id: number, mostFills: number): Promise<OrderRecord | undefined> {
    const text = await this.#files.get(orderKey(venue, id))
    if (text === undefined) return undefined
    const { tail, cash, ...order } = JSON.parse(text) as StoredOrder
    const older = Math.min(order.fillCount, mostFills) - tail.length
    const from = order.fillCount - tail.length - older + 1
    const fills = older > 0 ? await this.fills(venue, id, from, from + older - 1) : []
    return {
      ...order,
      clientOrderId: order.clientOrderId,
      cash: cash && loadOrderCash(cash),
      fills: [...fills, ...tail.map(toFill)],
    }
  }

  /** Fills of an order by their numbers, both included, as far as they make full chunks. */
  async fills(venue: string, id: number, from: number, to: number): Promise<Fill[]> {
    const first = Math.floor((from - 1) / chunkSize)
    const last = Math.floor((to - 1) / chunkSize)
    const keys = Array.from({ length: last - first + 1 }, (_, i) => fillsKey(venue, id, first + i))
    const chunks = await this.#files.getMany(keys)
    const fills = chunks.flatMap((text) => (text === undefined ? [] : (JSON.parse(text) as StoredFill[])))
    const skipped = from - 1 - first * chunkSize
    return fills.slice(skipped, skipped + to - from + 1).map(toFill)
  }

  /** Ids of an account's closed orders below `before`, newest first, `limit` of them at most. */
  async idsOf(
    venue: string,
    account: string,
    { before, limit, symbol }: { before: number; limit: number; symbol?: string | undefined },
  ): Promise<number[]> {
    const ids: number[] = []
    const range = {
      gte: accountKey(venue, account, 0),
      lt: accountKey(venue, account, before),
      reverse: true,
    }
    for await (const [key, of] of this.#files.iterator(range)) {
      if (symbol !== undefined && JSON.parse(of) !== symbol) continue
      ids.push(idOf(key))
      if (ids.length === limit) break
    }
    return ids
  }

  /** Stores what was given, and closes. */
  async close(): Promise<void> {
    await this.flush()
    await this.#db.close()
  }

  /** To read from. Throws while they are closed: a write has failed, and they could not yet be opened anew. */
  get #files(): ClassicLevel {
    if (this.#db.status !== 'open') throw new Unavailable('refused', 'history_unavailable')
    return this.#db
  }

  #put(key: string, value: unknown): void {
    this.#batch.puts.push([key, JSON.stringify(value)])
  }

  /** Whether something was given that the next write stores. */
  get #hasMore(): boolean {
    return this.#batch.puts.length > 0 || this.#isGapGiven
  }

  get #isGapGiven(): boolean {
    return this.#gap !== undefined && this.#gap.reached >= this.#gap.to
  }

  /** Never after a failure: what that write was given is gone, and a later one would say that it is stored. */
  #startWrite(): void {
    if (!this.#failed) this.#writing ??= this.#write()
  }

  async #write(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    do {
      this.#begun += 1
      const { puts, orders } = this.#batch
      const covered = this.#covered
      const endsGap = this.#isGapGiven
      const sequence = endsGap ? covered : (this.#gap?.reached ?? covered)
      this.#batch = { puts: [], orders: [] }
      puts.push([metaKey, JSON.stringify({ format: formatVersion, sequence } satisfies Meta)])
      try {
        await this.#store(puts)
      } catch (error) {
        this.#failed = true
        this.#options.failed(error as Error)
        this.#endWrite()
        break
      }
      this.#written = covered
      this.#synced = sequence
      if (endsGap) this.#gap = undefined
      this.#waiting -= orders.length
      this.#options.stored(orders)
      this.#endWrite()
    } while (this.#batch.puts.length >= putsAtOnce || this.#isGapGiven)
    this.#writing = undefined
    if (this.#hasMore) this.#writeLater()
  }

  #endWrite(): void {
    this.#ended = this.#begun
    for (const resolve of this.#flushing.splice(0)) resolve()
  }

  #writeLater(): void {
    if (!this.#failed) this.#timer ??= setTimeout(() => void this.flush(), writeAfterMs)
  }

  /** Writes durably; after a failure it opens the files anew and tries once more. */
  async #store(puts: Batch['puts']): Promise<void> {
    try {
      await this.#putAll(puts)
    } catch {
      await this.#db.close()
      await openFiles(this.#db, false)
      await this.#putAll(puts)
    }
  }

  async #putAll(puts: Batch['puts']): Promise<void> {
    // A batch that is built put by put: one given as an array takes ten times the processor's time.
    const batch = this.#db.batch()
    for (const [key, value] of puts) batch.put(key, value)
    await batch.write({ sync: true })
  }
}

async function openFiles(db: ClassicLevel, createIfMissing: boolean): Promise<void> {
  try {
    await db.open({ createIfMissing })
  } catch (error) {
    throw explained((error as Error).cause as LevelError)
  }
}

async function readMeta(db: ClassicLevel): Promise<Meta> {
  let text: string | undefined
  try {
    text = await db.get(metaKey)
  } catch (error) {
    throw explained(error as LevelError)
  }
  if (text === undefined) return { format: formatVersion, sequence: 0 }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new HistoryDamaged((error as Error).message)
  }
}

interface LevelError {
  readonly code?: string
  readonly message: string
}

/** Tells what is damaged from what only cannot be reached now. */
function explained({ code, message }: LevelError): Error {
  const isDamaged = code === 'LEVEL_CORRUPTION' || /No such file|does not exist/.test(message)
  return isDamaged ? new HistoryDamaged(message) : new Error(message)
}

function toStoredOrder(order: OrderRecord, tail: readonly Fill[]): StoredOrder {
  return {
    id: order.id,
    venue: order.venue,
    symbol: order.symbol,
    account: order.account,
    side: order.side,
    orderType: order.orderType,
    timeInForce: order.timeInForce,
    price: order.price,
    quantity: order.quantity,
    open: order.open,
    filled: order.filled,
    closedBy: order.closedBy,
    time: order.time,
    clientOrderId: order.clientOrderId,
    fillCount: order.fillCount,
    ...(order.cash && { cash: saveOrderCash(order.cash) }),
    tail: tail.map(toStoredFill),
  }
}

function toStoredFill({ price, quantity, time }: Fill): StoredFill {
  return [price, quantity, time]
}

function toFill([price, quantity, time]: StoredFill): Fill {
  return { price: price as Ticks, quantity: quantity as Lots, time: time as Micros }
}
