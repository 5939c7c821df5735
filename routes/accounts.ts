import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { noHistory, Problem } from '../schemas/errors.ts'
import { mostFills, mostFillsInList, mostOrders, OrdersQuery, OrdersView } from '../schemas/orders.ts'
import { AccountPath, AccountStockPath } from '../schemas/paths.ts'
import type { Exchange, OrderRecord } from '../src/port.ts'
import { findInstrument, findVenue } from './find.ts'
import { toOrderView } from './views.ts'

/** All orders of an account. */
export const accounts: FastifyPluginAsyncTypebox<{ exchange: Exchange }> = async (app, { exchange }) => {
  const { keys } = app
  app.route({
    method: 'GET',
    url: '/venues/:venue/accounts/:account/orders',
    schema: {
      operationId: 'accountOrders',
      summary: 'The orders of an account on a venue',
      description:
        'Open and closed orders in all stocks, by ascending id: prices in cents, quantities in shares. Without parameters the newest 10,000.',
      tags: ['orders'],
      params: AccountPath,
      querystring: OrdersQuery,
      response: { 200: OrdersView },
      security: app.keySecurity,
    },
    config: {
      problems: [
        'key_required',
        'wrong_key',
        'bad_name',
        'bad_query',
        'unknown_venue',
        'not_account_owner',
        ...noHistory,
      ],
    },
    preValidation: keys.required,
    async handler(request) {
      const { params, query } = request
      const venue = findVenue(exchange, params.venue)
      if (!keys.mayActAs(request, params.account, venue.name)) throw new Problem('not_account_owner')
      return toOrdersView(exchange, venue.name, params.account, query)
    },
  })
  app.route({
    method: 'GET',
    url: '/venues/:venue/accounts/:account/stocks/:stock/orders',
    schema: {
      operationId: 'accountStockOrders',
      summary: 'The orders of an account in one stock',
      description:
        'Open and closed orders in one stock, by ascending id: prices in cents, quantities in shares. Without parameters the newest 10,000.',
      tags: ['orders'],
      params: AccountStockPath,
      querystring: OrdersQuery,
      response: { 200: OrdersView },
      security: app.keySecurity,
    },
    config: {
      problems: [
        ...(['key_required', 'wrong_key', 'bad_name', 'bad_query', 'unknown_venue'] as const),
        ...(['symbol_not_found', 'not_account_owner_stock', ...noHistory] as const),
      ],
    },
    preValidation: keys.required,
    async handler(request) {
      const { params, query } = request
      const { venue, symbol } = findInstrument(exchange, params)
      if (!keys.mayActAs(request, params.account, venue)) throw new Problem('not_account_owner_stock')
      return toOrdersView(exchange, venue, params.account, { ...query, symbol })
    },
  })
}

interface Query {
  readonly limit?: number
  readonly before?: number
  readonly open?: boolean
  readonly symbol?: string
}

async function toOrdersView(
  exchange: Exchange,
  venue: string,
  account: string,
  { limit = mostOrders, open, ...query }: Query,
): Promise<OrdersView> {
  const { orders, more } = await exchange.findOrders(venue, account, { ...query, limit, openOnly: open })
  const start = firstOfPage(orders)
  return {
    ok: true,
    venue,
    orders: orders.slice(start).map((order) => toOrderView(order, mostFills)),
    ...((more || start > 0) && { more: true }),
  }
}

/** Where a page has to start so that its orders, newest first, have not too many fills in all. */
export function firstOfPage(orders: readonly Pick<OrderRecord, 'fills'>[]): number {
  let fills = 0
  for (let i = orders.length - 1; i >= 0; i -= 1) {
    fills += Math.min(orders[i]?.fills.length ?? 0, mostFills)
    if (fills > mostFillsInList) return i + 1
  }
  return 0
}
