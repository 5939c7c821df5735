import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { noHistory } from '../schemas/errors.ts'
import { StockPath } from '../schemas/paths.ts'
import { formatTime } from '../schemas/time.ts'
import { TradesQuery, TradesView } from '../schemas/trades.ts'
import type { Exchange, TradeRecord } from '../src/port.ts'
import { findInstrument } from './find.ts'

/** What was traded of a stock. */
export const trades: FastifyPluginAsyncTypebox<{ exchange: Exchange }> = async (app, { exchange }) => {
  app.route({
    method: 'GET',
    url: '/venues/:venue/stocks/:stock/trades',
    schema: {
      operationId: 'trades',
      summary: 'The trades of a stock, page by page',
      description:
        'The newest trades of a stock, by ascending id: prices in cents, quantities in shares. With everything on disk all that ever was can be read.',
      tags: ['stocks'],
      params: StockPath,
      querystring: TradesQuery,
      response: { 200: TradesView },
    },
    config: { problems: ['bad_name', 'bad_query', 'unknown_venue', 'symbol_not_found', ...noHistory] },
    async handler({ params, query }) {
      const { venue, symbol } = findInstrument(exchange, params)
      const { limit = 100, before } = query
      const { trades, more } = await exchange.findTrades(venue, symbol, { limit, before })
      return { ok: true as const, venue, symbol, trades: trades.map(toTradeView), more }
    },
  })
}

function toTradeView({ id, price, quantity, time, takerSide }: TradeRecord): TradesView['trades'][number] {
  return { id, price, qty: quantity, ts: formatTime(time), direction: takerSide }
}
