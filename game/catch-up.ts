import type { Side } from '../src/domain/order.ts'
import type { Exchange, TradeRecord } from '../src/port.ts'

const pageSize = 1000

/** A trade with the player's part in it; `self` when it was one with itself. */
export interface TradeOfGame {
  readonly trade: TradeRecord
  readonly player: { readonly side: Side; readonly taker: boolean } | 'self' | undefined
}

/** All trades of a venue after one, and the player's parts in them by the account's events after another. */
export async function tradesSince(
  exchange: Exchange,
  { venue, symbol, account }: { readonly venue: string; readonly symbol: string; readonly account: string },
  after: { readonly trade: number; readonly event: number },
): Promise<{ trades: TradeOfGame[]; event: number }> {
  const trades = await readTrades(exchange, venue, symbol, after.trade)
  const players = new Map<number, TradeOfGame['player']>()
  let { event } = after
  for (let more = true; more; ) {
    const page = await exchange.findAccountEvents(venue, account, { after: event, limit: pageSize })
    for (const own of page.events) {
      event = own.number
      if (own.type !== 'traded') continue
      const part = { side: own.side, taker: own.isTaker }
      players.set(own.tradeId, players.has(own.tradeId) ? 'self' : part)
    }
    more = page.more
  }
  return { trades: trades.map((trade) => ({ trade, player: players.get(trade.id) })), event }
}

async function readTrades(
  exchange: Exchange,
  venue: string,
  symbol: string,
  after: number,
): Promise<readonly TradeRecord[]> {
  const pages: (readonly TradeRecord[])[] = []
  let before: number | undefined
  do {
    const { trades } = await exchange.findTrades(venue, symbol, {
      limit: pageSize,
      ...(before !== undefined && { before }),
    })
    pages.unshift(trades)
    before = trades[0]?.id
  } while (before !== undefined && before > after + 1)
  return pages.flat().filter(({ id }) => id > after)
}
