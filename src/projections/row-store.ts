import type { AccountEvent } from '../domain/account-event.ts'
import type { Candle, CandleInterval } from '../domain/candle.ts'
import type { TradeRecord } from '../domain/trade-record.ts'

/** Keeps the rows that grow with everything that happens. */
export interface RowStore {
  accountEvent(venue: string, account: string, event: AccountEvent): void
  trade(venue: string, symbol: string, trade: TradeRecord): void
}

/** Keeps candles that have ended, beside the newest ones in memory. */
export interface CandleStore {
  candle(venue: string, symbol: string, interval: CandleInterval, candle: Candle): void
}
