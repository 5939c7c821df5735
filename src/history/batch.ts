import type { AccountEvent } from '../domain/account-event.ts'
import type { Candle, CandleInterval } from '../domain/candle.ts'
import type { OrderRecord } from '../domain/order.ts'
import type { TradeRecord } from '../domain/trade-record.ts'
import { accountEventRows } from './account-event-rows.ts'
import { candleRows, candlesName } from './candle-rows.ts'
import { WaitingRows } from './rows.ts'
import { tradeRows } from './trade-rows.ts'

export type Put = readonly [key: string, value: string]

/** Account events, trades and candles that wait to be stored. */
export class BatchRows {
  readonly accountEvents = new WaitingRows(accountEventRows)
  readonly trades = new WaitingRows(tradeRows)
  readonly candles = new WaitingRows(candleRows)

  accountEvent(venue: string, account: string, event: AccountEvent): void {
    this.accountEvents.add(venue, account, event)
  }

  trade(venue: string, symbol: string, trade: TradeRecord): void {
    this.trades.add(venue, symbol, trade)
  }

  candle(venue: string, symbol: string, interval: CandleInterval, candle: Candle): void {
    this.candles.add(venue, candlesName(symbol, interval), candle)
  }

  get count(): number {
    return this.accountEvents.count + this.trades.count + this.candles.count
  }
}

/** What was given since the last write. */
export class Batch {
  readonly puts: Put[] = []
  readonly orders: OrderRecord[] = []
  /** Venues of which nothing is to be kept. */
  readonly dropped: string[] = []
  readonly rows = new BatchRows()
  /** Those from a gap: in one chunk with what happens now they would not follow each other. */
  readonly lateRows = new BatchRows()

  get rowCount(): number {
    return this.rows.count + this.lateRows.count
  }

  get size(): number {
    return this.puts.length + this.rowCount
  }

  /** All that it stores. */
  *allPuts(): IterableIterator<Put> {
    yield* this.puts
    for (const { accountEvents, trades, candles } of [this.rows, this.lateRows]) {
      yield* accountEvents.puts()
      yield* trades.puts()
      yield* candles.puts()
    }
  }
}
