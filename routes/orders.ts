import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { noHistory, Problem, type ProblemKind } from '../schemas/errors.ts'
import { NewOrder, type OrderView } from '../schemas/order.ts'
import { FillsQuery, FillsView, mostFills } from '../schemas/orders.ts'
import { OrderPath, StockPath } from '../schemas/paths.ts'
import { Ref } from '../schemas/types.ts'
import type { Applied } from '../src/domain/event.ts'
import { namePattern } from '../src/domain/name.ts'
import type { RejectReason } from '../src/domain/reject.ts'
import type { Exchange, OrderRecord } from '../src/port.ts'
import { findOrder, findVenue } from './find.ts'
import { checkAgreement, readFields, toNewOrder, toPlace } from './order-request.ts'
import { toFillView, toOrderView } from './views.ts'

export interface OrdersOptions {
  readonly exchange: Exchange
  readonly settings: {
    readonly autoCreate: boolean
    readonly revealOwnerOnCancel: boolean
    readonly closedVenues: ReadonlySet<string>
  }
}

const noKey = ['key_required', 'wrong_key'] as const satisfies ProblemKind[]
const noOrder = [
  'bad_name',
  'bad_id',
  'unknown_venue',
  'symbol_not_found',
  'unknown_order',
  'purged',
] as const
/** What only a venue where accounts hold money refuses. */
const noMoney = [
  'unknown_account',
  'insufficient_funds',
  'quantity_too_small',
  'value_too_small',
  'wrong_side_of_reference',
] as const
const undecided = ['queue_full', 'journal_failed', 'history_unavailable', 'stopping'] as const

/** Placing, reading and canceling single orders. */
export const orders: FastifyPluginAsyncTypebox<OrdersOptions> = async (app, { exchange, settings }) => {
  const { keys } = app
  const { autoCreate, revealOwnerOnCancel, closedVenues } = settings

  /** Refuses to trade on a venue that belongs to another door. */
  const checkDoor = (venue: string): void => {
    if (closedVenues.has(venue)) throw new Problem('closed_door', { venue })
  }

  /** Whether an order may make its book. A venue that is for one account has what it was made with. */
  const mayCreate = (venue: string): boolean => autoCreate && !keys.isReserved(venue)

  /** Everything that is checked before the fields of a new order are, in the order that old clients know. */
  const checkPlace = (request: FastifyRequest): void => {
    const fields = readFields(request.body, request.headers['content-type'])
    keys.check(request)
    const path = request.params as { venue: string; stock: string }
    checkName('venue', path.venue)
    checkName('stock', path.stock)
    checkAgreement(fields, path)
    checkDoor(path.venue)
    if (!mayCreate(path.venue) && findVenue(exchange, path.venue).instrument(path.stock) === undefined) {
      throw new Problem('unknown_symbol', { venue: path.venue, symbol: path.stock })
    }
    const { account } = fields
    if (typeof account === 'string' && !keys.mayActAs(request, account, path.venue))
      throw new Problem('wrong_key')
    request.body = toNewOrder(fields, exchange.venue(path.venue)?.rules.credit === 'cash')
  }

  app.route({
    method: 'POST',
    url: '/venues/:venue/stocks/:stock/orders',
    schema: {
      operationId: 'placeOrder',
      summary: 'Place an order',
      description:
        'Answered when the order is safe in the journal and has traded what it could: prices in cents, quantities in shares. An order that found nothing to trade with is a success too: look at `open` and `fills`. The body is read as JSON whatever its content type; real form fields are accepted as well.',
      tags: ['orders'],
      params: StockPath,
      body: NewOrder,
      response: { 200: Ref<OrderView>('Order') },
      security: app.keySecurity,
    },
    config: {
      problems: [
        ...(['malformed_json', 'not_an_object', ...noKey, 'bad_name', 'url_mismatch'] as const),
        ...(['closed_door', 'house_account', 'unknown_venue', 'unknown_symbol'] as const),
        ...(['missing_field', 'wrong_type', 'bad_value'] as const),
        ...(['venue_halted', 'venue_closed', ...noMoney] as const),
        ...([
          'too_many_books',
          'too_many_accounts',
          'too_many_open_orders',
          'venue_full',
          'depth_limit',
        ] as const),
        ...(['client_order_id_conflict', 'body_too_large', ...undecided] as const),
      ],
    },
    preValidation: (request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction) => {
      try {
        checkPlace(request)
      } catch (error) {
        done(error as Error)
        return
      }
      done()
    },
    async handler({ params, body }) {
      const { venue, stock: symbol } = params
      const placed = await exchange.submit(toPlace(params, body, mayCreate(venue)), (applied) => {
        const [order, id] = findPlaced(exchange, { venue, symbol }, applied)
        return order === undefined ? id : toOrderView(order, mostFills)
      })
      return typeof placed === 'number' ? viewOf({ venue, stock: symbol, id: placed }) : placed
    },
  })

  const viewOf = async (path: Parameters<typeof findOrder>[1]) =>
    toOrderView(await findOrder(exchange, path), mostFills)

  const own = async (
    request: FastifyRequest,
    path: Parameters<typeof findOrder>[1],
    otherwise: ProblemKind,
  ): Promise<OrderRecord> => {
    const order = await findOrder(exchange, path)
    if (!keys.mayActAs(request, order.account, order.venue))
      throw new Problem(otherwise, { account: order.account })
    return order
  }

  app.route({
    method: 'GET',
    url: '/venues/:venue/stocks/:stock/orders/:id',
    schema: {
      operationId: 'orderStatus',
      summary: 'An order as it is now',
      description: 'Open or closed, with all its fills: prices in cents, quantities in shares.',
      tags: ['orders'],
      params: OrderPath,
      response: { 200: Ref<OrderView>('Order') },
      security: app.keySecurity,
    },
    config: { problems: [...noKey, ...noOrder, ...noHistory, 'not_order_owner'] },
    preValidation: keys.required,
    handler: async (request) => toOrderView(await own(request, request.params, 'not_order_owner'), mostFills),
  })
  app.route({
    method: 'GET',
    url: '/venues/:venue/stocks/:stock/orders/:id/fills',
    schema: {
      operationId: 'orderFills',
      summary: 'Fills of an order, page by page',
      description: 'The newest fills of an order, numbered from 1: prices in cents, quantities in shares.',
      tags: ['orders'],
      params: OrderPath,
      querystring: FillsQuery,
      response: { 200: FillsView },
      security: app.keySecurity,
    },
    config: { problems: [...noKey, ...noOrder, ...noHistory, 'bad_query', 'not_order_owner'] },
    preValidation: keys.required,
    async handler(request) {
      const order = await own(request, request.params, 'not_order_owner')
      const { venue, symbol, id } = order
      const { limit = 1000, before } = request.query
      const { first, fills, more } = await exchange.findFills(order, { limit, before })
      const page = fills.map((fill, i) => ({ n: first + i, ...toFillView(fill) }))
      return { ok: true as const, venue, symbol, id, fills: page, more }
    },
  })

  const notOwner = (venue: string): ProblemKind =>
    revealOwnerOnCancel || exchange.venue(venue)?.rules.revealOwnerOnCancel === true
      ? 'not_order_owner_cancel_named'
      : 'not_order_owner_cancel'
  for (const [method, suffix, operationId] of [
    ['DELETE', '', 'cancelOrder'],
    ['POST', '/cancel', 'cancelOrderByPost'],
  ] as const) {
    app.route({
      method,
      url: `/venues/:venue/stocks/:stock/orders/:id${suffix}`,
      schema: {
        operationId,
        summary: 'Cancel an order',
        description:
          'Answers with the order after the cancel; what had traded by then stays traded. An order that is closed already is answered as it is. A body is ignored.',
        tags: ['orders'],
        params: OrderPath,
        response: { 200: Ref<OrderView>('Order') },
        security: app.keySecurity,
      },
      config: {
        problems: [
          ...noKey,
          ...noOrder,
          ...([
            'closed_door',
            'not_order_owner_cancel',
            'not_order_owner_cancel_named',
            'house_account',
            'venue_halted',
            'body_too_large',
          ] as const),
          ...(['history_catching_up', 'history_lost'] as const),
          ...undecided,
        ],
      },
      preValidation: keys.required,
      async handler(request) {
        checkDoor(request.params.venue)
        const { venue, id, closedBy } = await own(request, request.params, notOwner(request.params.venue))
        // One that is closed already is answered as it is, and nothing is asked of the exchange.
        if (closedBy !== undefined) return viewOf(request.params)
        const canceled = await exchange.submit({ type: 'cancel', venue, orderId: id }, (applied) => {
          const [event] = applied.events
          if (event?.type === 'rejected' && event.reason !== 'order_closed') {
            throw new Problem(event.reason, { venue, id, highest: findVenue(exchange, venue).lastOrderId })
          }
          const order = exchange.venue(venue)?.order(id)
          return order && toOrderView(order, mostFills)
        })
        return canceled ?? viewOf(request.params)
      },
    })
  }
}

const name = new RegExp(namePattern)

function checkName(field: string, text: string): void {
  if (!name.test(text)) throw new Problem('bad_name', { field })
}

/** The field of an order that a refusal is about, where it is one. */
const faultyFields: Partial<Record<RejectReason, string>> = {
  client_order_id_conflict: 'clientOrderId',
  unknown_account: 'account',
  house_account: 'account',
  quantity_too_small: 'qty',
  wrong_side_of_reference: 'price',
}

/**
 * The order that a command placed, or the first one if it was sent again, and its id. The first one may have closed
 * long ago, and then is not in memory.
 */
function findPlaced(
  exchange: Exchange,
  of: { venue: string; symbol: string },
  applied: Applied,
): [OrderRecord | undefined, number] {
  for (const event of applied.events) {
    if (event.type === 'order-accepted' || event.type === 'order-repeated') {
      return [exchange.venue(event.venue)?.order(event.orderId), event.orderId]
    }
    if (event.type === 'rejected') {
      const field = faultyFields[event.reason]
      throw new Problem(event.reason, { ...of, ...(field !== undefined && { field }) })
    }
  }
  throw new Error('an order came to nothing')
}
