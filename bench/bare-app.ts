import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyInstance } from 'fastify'
import { NewOrder, OrderView } from '../schemas/order.ts'
import { StockPath } from '../schemas/paths.ts'

/** An order's answer that is always the same. */
const constant: OrderView = {
  ok: true,
  symbol: 'FOOBAR',
  venue: 'TESTEX',
  direction: 'buy',
  originalQty: 100,
  qty: 60,
  price: 5000,
  orderType: 'limit',
  id: 4711,
  account: 'EXB123456',
  ts: '2026-11-21T09:30:01.000100000Z',
  fills: [{ price: 4990, qty: 40, ts: '2026-11-21T09:30:01.000100000Z' }],
  totalFilled: 40,
  open: true,
}

/**
 * The least that Fastify can do with an order: its own parser, the same schemas for path, body and answer, the same
 * compilers for them, and nothing in between but, if it is given, a wait for `commit`.
 */
export function bareApp(commit?: (order: NewOrder) => Promise<void>): FastifyInstance {
  const app = Fastify().withTypeProvider<TypeBoxTypeProvider>()
  // As for a body: what stands in a URL is not converted, which would cost the rival about a quarter.
  app.setValidatorCompiler((route) => TypeBoxValidatorCompiler({ ...route, httpPart: 'body' }))
  app.route({
    method: 'POST',
    url: '/ob/api/venues/:venue/stocks/:stock/orders',
    schema: { params: StockPath, body: NewOrder, response: { 200: OrderView } },
    handler: commit === undefined ? async () => constant : ({ body }) => commit(body).then(() => constant),
  })
  return app as unknown as FastifyInstance
}
