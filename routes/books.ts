import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { mostEntries, OrderBookView } from '../schemas/order-book.ts'
import { StockPath } from '../schemas/paths.ts'
import type { QuoteView } from '../schemas/quote.ts'
import { formatTime } from '../schemas/time.ts'
import { Ref } from '../schemas/types.ts'
import type { Micros } from '../src/domain/units.ts'
import type { BookSide, Exchange, Instrument } from '../src/port.ts'
import { findInstrument } from './find.ts'
import { toQuoteView } from './views.ts'

export interface BooksOptions {
  readonly exchange: Exchange
  readonly clock: () => Micros
}

/** What a stock trades at. */
export const books: FastifyPluginAsyncTypebox<BooksOptions> = async (app, { exchange, clock }) => {
  app.route({
    method: 'GET',
    url: '/venues/:venue/stocks/:stock',
    schema: {
      operationId: 'orderBook',
      summary: 'The order book of a stock',
      description:
        'Every resting order with its price in cents and its open shares, best price first and oldest first within a price.',
      tags: ['stocks'],
      params: StockPath,
      response: { 200: OrderBookView },
    },
    config: { problems: ['bad_name', 'unknown_venue', 'symbol_not_found'] },
    handler: ({ params }) => toOrderBookView(findInstrument(exchange, params), clock()),
  })
  app.route({
    method: 'GET',
    url: '/venues/:venue/stocks/:stock/quote',
    schema: {
      operationId: 'quote',
      summary: 'The quote of a stock',
      description:
        'Best prices and last match in cents, sizes and depths in shares. A price that does not exist is absent, never 0 or null.',
      tags: ['stocks'],
      params: StockPath,
      response: { 200: Ref<QuoteView>('Quote') },
    },
    config: { problems: ['bad_name', 'unknown_venue', 'symbol_not_quoted'] },
    handler: ({ params }) => toQuoteView(findInstrument(exchange, params, 'symbol_not_quoted')),
  })
}

function toOrderBookView(instrument: Instrument, now: Micros): OrderBookView {
  const { venue, symbol, bids, asks, changedAt } = instrument
  const bidsOmitted = bids.orderCount - mostEntries
  const asksOmitted = asks.orderCount - mostEntries
  return {
    ok: true,
    venue,
    symbol,
    bids: toEntries(bids, true),
    ...(bidsOmitted > 0 && { bidsOmitted }),
    asks: toEntries(asks, false),
    ...(asksOmitted > 0 && { asksOmitted }),
    // The clock may have stepped back since, but the book as it is cannot be from before its last change.
    ts: formatTime(Math.max(now, changedAt)),
  }
}

function toEntries(side: BookSide, isBuy: boolean): OrderBookView['bids'] {
  const entries: OrderBookView['bids'] = []
  for (const { price, open } of side.orders()) {
    if (entries.length === mostEntries) break
    entries.push({ price, qty: open, isBuy })
  }
  return entries
}
