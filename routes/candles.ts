import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { CandlesQuery, CandlesView, toCandleView } from '../schemas/candles.ts'
import { noHistory, Problem } from '../schemas/errors.ts'
import { StockPath } from '../schemas/paths.ts'
import { parseTime } from '../schemas/time.ts'
import type { Micros } from '../src/domain/units.ts'
import type { Exchange } from '../src/port.ts'
import { findInstrument } from './find.ts'

/** What was traded of a stock, interval by interval. */
export const candles: FastifyPluginAsyncTypebox<{ exchange: Exchange }> = async (app, { exchange }) => {
  app.route({
    method: 'GET',
    url: '/venues/:venue/stocks/:stock/candles',
    schema: {
      operationId: 'candles',
      summary: 'The candles of a stock',
      description:
        'Open, high, low and close in cents, volumes in shares; without an `interval` those of a minute. An interval without trades has no candle. With everything on disk all that ever were can be read, else the newest 1,000 of each length.',
      tags: ['stocks'],
      params: StockPath,
      querystring: CandlesQuery,
      response: { 200: CandlesView },
    },
    config: { problems: ['bad_name', 'bad_query', 'unknown_venue', 'symbol_not_found', ...noHistory] },
    async handler({ params, query }) {
      const { venue, symbol } = findInstrument(exchange, params)
      const { interval = '1m', limit = 100, from, to } = query
      const { candles, more } = await exchange.findCandles(venue, symbol, interval, {
        limit,
        from: toMicros('from', from),
        to: toMicros('to', to),
      })
      return { ok: true as const, venue, symbol, interval, candles: candles.map(toCandleView), more }
    },
  })
}

function toMicros(field: 'from' | 'to', text: string | undefined): Micros | undefined {
  if (text === undefined) return undefined
  const micros = parseTime(text)
  // The form alone does not know how many days a month has.
  if (Number.isNaN(micros)) throw new Problem('bad_query', { field })
  return micros as Micros
}
