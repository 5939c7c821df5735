import { ClassicLevel } from 'classic-level'
import type { AccountEvent } from '../domain/account-event.ts'
import type { Candle, CandleInterval } from '../domain/candle.ts'
import { type Fill, loadOrderCash, type OrderRecord } from '../domain/order.ts'
import { mergedPage, type PageQuery } from '../domain/page.ts'
import type { TradeRecord } from '../domain/trade-record.ts'
import { Unavailable } from '../domain/unavailable.ts'
import type { Sequence } from '../domain/units.ts'
import { accountEventRows } from './account-event-rows.ts'
import { Batch, type BatchRows, type Put } from './batch.ts'
import { candleRows, candlesName } from './candle-rows.ts'
import { isDamage, type Lost, type Meta, openFiles, readMeta, writeMeta } from './files.ts'
import { accountKey, fillsKey, idOf, orderKey, rangesOf } from './keys.ts'
import { type RowKind, readRows, type WaitingRows } from './rows.ts'
import { type StoredFill, type StoredOrder, toFill, toStoredFill, toStoredOrder } from './stored-order.ts'
import { tradeRows } from './trade-rows.ts'

/** Fills are stored a chunk at a time while an order is open; what is left over goes with the order when it closes. */
const chunkSize = 100
/** Closed orders that may wait to be stored, and account events, trades and candles. */
const waitLimit = 100_000
const rowLimit = 500_000
/** How much may wait before work that is not urgent pauses: those that trade now come first. */
const busyOrders = 10_000
const busyRows = 50_000
/** How much is written without waiting for more, and how long less waits. */
const putsAtOnce = 10_000
const rowsAtOnce = 30_000
const writeAfterMs = 100

export interface HistoryOptions {
  /** Whether to begin one where there is none. */
  readonly begin: boolean
  /** Told which closed orders are stored durably: memory may let them go. */
  readonly stored: (orders: readonly OrderRecord[]) => void
  /** Told once when what is read or written shows that the files are damaged. */
  readonly damaged: (error: Error) => void
  /** Told when writing failed for good. */
  readonly failed: (error: Error) => void
}

/**
 * What memory lets go: closed orders and their fills, account events, trades and candles, in a LevelDB. Written behind, in
 * batches, each with the last command that it covers; so after a crash it is known from where the journal has to fill
 * it up again, and nothing is ever stored twice.
 */
export class History {
  /** Whether it was begun by a build that stored no candles. */
  readonly lacksCandles: boolean
  readonly #db: ClassicLevel
  readonly #options: HistoryOptions
  #batch = new Batch()
  /** What is being written, or could not be. */
  #beingWritten: Batch | undefined
  /** Everything up to here is stored, or is given by whoever fills the gap. */
  #base: number
  /** Everything up to here is in the current batch or before it, but for what is missing in a gap. */
  #covered: number
  #written: number
  #synced: number
  /** Commands before the start that are being stored late: how far that has come. */
  #gap: { reached: number; readonly to: number } | undefined
  #lost: Lost | undefined
  #waiting = 0
  #writing: Promise<void> | undefined
  /** Writes so far. */
  #begun = 0
  #ended = 0
  /** To be called when a write ends. */
  #flushing: (() => void)[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #failed = false
  #isDamaged = false

  /**
   * Opens the history in a directory. Throws `HistoryDamaged` when it is; another Error
   * says why it cannot be used although it may be whole.
   */
  static async open(directory: string, options: HistoryOptions): Promise<History> {
    const db = new ClassicLevel(directory)
    await openFiles(db, options.begin)
    try {
      return new History(db, await readMeta(db), options)
    } catch (error) {
      await db.close()
      throw error
    }
  }

  private constructor(db: ClassicLevel, { format, sequence, beyond, lost }: Meta, options: HistoryOptions) {
    this.#db = db
    this.#options = options
    this.lacksCandles = format < 2
    this.#lost = lost
    this.#synced = sequence
    this.#base = beyond?.sequence ?? sequence
    this.#covered = this.#base
    this.#written = this.#base
    // What an earlier process stored while it was filling the gap is not given again.
    if (beyond !== undefined) this.#gap = { reached: sequence, to: beyond.gapEnd }
  }

  /** The last command up to which everything is stored durably. */
  get synced(): Sequence {
    return this.#synced as Sequence
  }

  /** The last command of which anything is stored, in a gap or behind it. */
  get reach(): number {
    return this.#written
  }

  /** Whether what happened at a command is stored, or will be by whoever fills the gap. */
  covers(sequence: number): boolean {
    return sequence <= this.#base
  }

  /** The last command of what is missing before the start; undefined when nothing is. */
  get gapEnd(): number | undefined {
    return this.#gap?.to
  }

  /** Up to where something may be missing for good. */
  get lost(): Lost | undefined {
    return this.#lost
  }

  /** Why something is not there that was. */
  get missing(): Unavailable {
    return new Unavailable('refused', this.#gap === undefined ? 'history_lost' : 'history_catching_up')
  }

  /** Closed orders that are not stored yet. */
  get waiting(): number {
    return this.#waiting
  }

  /** Whether writing has failed for good. */
  get hasFailed(): boolean {
    return this.#failed
  }

  /** Whether nothing more can be taken: too much waits, or writing has failed. */
  get isFull(): boolean {
    return this.#failed || this.#waiting >= waitLimit || this.#waitingRows >= rowLimit
  }

  /** Whether work that is not urgent should pause until more is stored. */
  get isBusy(): boolean {
    return !this.#failed && (this.#waiting > busyOrders || this.#waitingRows > busyRows)
  }

  /** Takes the account events, trades and candles of what happens now. */
  get rows(): BatchRows {
    return this.#batch.rows
  }

  /** Takes those that lie in the gap. */
  get lateRows(): BatchRows {
    return this.#batch.lateRows
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

  /** Parts with everything of a venue, once what was given before is stored. */
  drop(venue: string): void {
    this.#batch.dropped.push(venue)
  }

  /**
   * Says that everything up to a command was given. It is written when it is a lot, or after a while: each write waits
   * for the disk, and must not do so as often as the journal.
   */
  applied(sequence: number): void {
    // A replay comes past what is stored already.
    this.#covered = Math.max(this.#covered, sequence)
    this.#writeSoon()
  }

  /** Says that what is stored ends before a command: what lies between comes late, beside what happens now. */
  openGap(to: number): void {
    this.#gap = { reached: this.#synced, to }
    this.#base = to
    this.#covered = to
    this.#written = to
  }

  /** Says that what ended at a command or before and is not stored never will be. */
  lose(lost: Lost): void {
    this.#lost = lost
  }

  /** Says that everything in the gap up to a command was given. The gap is there until all of it is stored. */
  fillGap(reached: number): void {
    if (this.#gap === undefined) return
    this.#gap.reached = reached
    if (this.#isGapGiven) this.#startWrite()
    else this.#writeSoon()
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
    const stored = await this.#read(async (files) => {
      const text = await files.get(orderKey(venue, id))
      return text === undefined ? undefined : (JSON.parse(text) as StoredOrder)
    })
    if (stored === undefined) return undefined
    const { tail, cash, ...order } = stored
    const older = Math.min(order.fillCount, mostFills) - tail.length
    const from = order.fillCount - tail.length - older + 1
    const fills = older > 0 ? await this.fills(venue, id, from, from + older - 1) : []
    // It closed while its chunks of before the start were missing, or they are lost.
    if (fills.length < older) throw this.missing
    return {
      ...order,
      clientOrderId: order.clientOrderId,
      cash: cash && loadOrderCash(cash),
      original: order.original,
      fills: [...fills, ...tail.map(toFill)],
    }
  }

  /** Fills of an order by their numbers, both included, as far as they make full chunks. */
  async fills(venue: string, id: number, from: number, to: number): Promise<Fill[]> {
    const first = Math.floor((from - 1) / chunkSize)
    const last = Math.floor((to - 1) / chunkSize)
    const keys = Array.from({ length: last - first + 1 }, (_, i) => fillsKey(venue, id, first + i))
    const fills = await this.#read(async (files) => {
      const chunks = await files.getMany(keys)
      return chunks.flatMap((text) => (text === undefined ? [] : (JSON.parse(text) as StoredFill[])))
    })
    const skipped = from - 1 - first * chunkSize
    return fills.slice(skipped, skipped + to - from + 1).map(toFill)
  }

  /** Ids of an account's closed orders below `before`, newest first, `limit` of them at most. */
  async idsOf(
    venue: string,
    account: string,
    { before, limit, symbol }: { before: number; limit: number; symbol?: string | undefined },
  ): Promise<number[]> {
    const range = {
      gte: accountKey(venue, account, 0),
      lt: accountKey(venue, account, before),
      reverse: true,
    }
    return this.#read(async (files) => {
      const ids: number[] = []
      for await (const [key, of] of files.iterator(range)) {
        if (symbol !== undefined && JSON.parse(of) !== symbol) continue
        ids.push(idOf(key))
        if (ids.length === limit) break
      }
      return ids
    })
  }

  /** What a query asks for of what happened to an account, by ascending number. Not while there is a gap. */
  accountEvents(venue: string, account: string, query: PageQuery): Promise<AccountEvent[]> {
    return this.#rowsOf(accountEventRows, ({ accountEvents }) => accountEvents, [venue, account], query)
  }

  /** What a query asks for of an instrument's trades, by ascending id. Not while there is a gap. */
  trades(venue: string, symbol: string, query: PageQuery): Promise<TradeRecord[]> {
    return this.#rowsOf(tradeRows, ({ trades }) => trades, [venue, symbol], query)
  }

  /** What a query asks for of an instrument's ended candles, by when they begin. Not while there is a gap. */
  candles(venue: string, symbol: string, interval: CandleInterval, query: PageQuery): Promise<Candle[]> {
    return this.#rowsOf(candleRows, ({ candles }) => candles, [venue, candlesName(symbol, interval)], query)
  }

  async #rowsOf<Row>(
    kind: RowKind<Row>,
    waiting: (rows: BatchRows) => WaitingRows<Row>,
    of: readonly [venue: string, name: string],
    query: PageQuery,
  ): Promise<Row[]> {
    // Before the files are read: what is stored meanwhile may be in both, but nothing in neither.
    const newest = [this.#beingWritten, this.#batch].flatMap((batch) =>
      batch === undefined ? [] : waiting(batch.rows).page(...of, query),
    )
    const stored = await this.#read((files) => readRows(files, kind, of, query))
    return mergedPage(stored, newest, kind.numberOf, query)
  }

  /** Stores what was given, and closes. */
  async close(): Promise<void> {
    await this.flush()
    await this.#db.close()
  }

  /** Throws `Unavailable` while the files are closed, as a write has failed, and where they are damaged. */
  async #read<T>(read: (files: ClassicLevel) => Promise<T>): Promise<T> {
    if (this.#db.status !== 'open') throw new Unavailable('refused', 'history_unavailable')
    try {
      return await read(this.#db)
    } catch (error) {
      if (!this.#noteDamage(error)) throw error
      throw new Unavailable('refused', 'history_unavailable')
    }
  }

  /** Whether an error says that the files are damaged. */
  #noteDamage(error: unknown): boolean {
    if (!isDamage(error)) return false
    if (!this.#isDamaged) this.#options.damaged(error as Error)
    this.#isDamaged = true
    return true
  }

  #put(key: string, value: unknown): void {
    this.#batch.puts.push([key, JSON.stringify(value)])
  }

  /** Whether something was given that the next write stores. */
  get #hasMore(): boolean {
    return this.#batch.size > 0 || this.#isGapGiven
  }

  get #waitingRows(): number {
    return this.#batch.rowCount + (this.#beingWritten?.rowCount ?? 0)
  }

  /** Whether so much waits that it is written at once. */
  get #isMuch(): boolean {
    return this.#batch.puts.length >= putsAtOnce || this.#batch.rowCount >= rowsAtOnce
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
      const batch = this.#batch
      const covered = this.#covered
      const endsGap = this.#isGapGiven
      const gap = endsGap ? undefined : this.#gap
      const sequence = gap?.reached ?? covered
      const beyond = gap && { gapEnd: gap.to, sequence: covered }
      this.#batch = new Batch()
      this.#beingWritten = batch
      try {
        const meta = { sequence, ...(this.#lost && { lost: this.#lost }), ...(beyond && { beyond }) }
        await this.#store([...batch.allPuts(), writeMeta(meta)])
      } catch (error) {
        this.#failed = true
        this.#noteDamage(error)
        this.#options.failed(error as Error)
        this.#endWrite()
        break
      }
      this.#written = covered
      this.#synced = sequence
      if (endsGap) this.#gap = undefined
      this.#beingWritten = undefined
      this.#waiting -= batch.orders.length
      await this.#clear(batch.dropped)
      this.#options.stored(batch.orders)
      this.#endWrite()
    } while (this.#isMuch || this.#isGapGiven)
    this.#writing = undefined
    if (this.#hasMore) this.#writeLater()
  }

  #endWrite(): void {
    this.#ended = this.#begun
    for (const resolve of this.#flushing.splice(0)) resolve()
  }

  /** Begins to write when it is worth it, and else sees to it that it is begun in a while. */
  #writeSoon(): void {
    if (!this.#hasMore || this.#writing !== undefined) return
    if (this.#isMuch) this.#startWrite()
    else this.#writeLater()
  }

  #writeLater(): void {
    if (!this.#failed) this.#timer ??= setTimeout(() => void this.flush(), writeAfterMs)
  }

  /** Writes durably; after a failure it opens the files anew and tries once more. */
  async #store(puts: readonly Put[]): Promise<void> {
    try {
      await this.#putAll(puts)
    } catch {
      await this.#db.close()
      await openFiles(this.#db, false)
      await this.#putAll(puts)
    }
  }

  /** What a crash or a bad disk leaves of a venue is in nobody's way: its name is not given again. */
  async #clear(venues: readonly string[]): Promise<void> {
    for (const venue of venues)
      for (const range of rangesOf(venue)) await this.#db.clear(range).catch(() => {})
  }

  async #putAll(puts: readonly Put[]): Promise<void> {
    // A batch that is built put by put: one given as an array takes ten times the processor's time.
    const batch = this.#db.batch()
    for (const [key, value] of puts) batch.put(key, value)
    await batch.write({ sync: true })
  }
}
