import Type, { type Static } from 'typebox'
import { SymbolName, VenueName } from './names.ts'
import { FillView, type OrderView, orderExample } from './order.ts'
import { Ref } from './types.ts'

/** Orders, and fills of an order, that one reply carries. */
export const mostOrders = 10_000
export const mostFills = 10_000
/** Fills that a list of orders carries in all: a page ends before the order that would pass it. */
export const mostFillsInList = 100_000

export const OrdersQuery = Type.Object({
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: mostOrders,
      description: 'How many orders at most; 10,000 if absent.',
    }),
  ),
  before: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'Only orders with a lower id: the first id of a page asks for the page before.',
    }),
  ),
  open: Type.Optional(Type.Boolean({ description: 'With `true` only orders that can still trade.' })),
})

export const OrdersView = Type.Object(
  {
    ok: Type.Literal(true),
    venue: VenueName,
    orders: Type.Array(Ref<OrderView>('Order'), {
      description:
        'The newest orders that were asked for, by ascending id. A page may hold fewer than `limit` where orders have very many fills.',
    }),
    more: Type.Optional(Type.Literal(true, { description: 'There are older ones; absent when not.' })),
  },
  { description: 'Orders of an account.', examples: [{ ok: true, venue: 'TESTEX', orders: [orderExample] }] },
)
export type OrdersView = Static<typeof OrdersView>

export const FillsQuery = Type.Object({
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: mostFills, description: 'How many fills at most; 1,000 if absent.' }),
  ),
  before: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'Only fills with a lower `n`: the first `n` of a page asks for the page before.',
    }),
  ),
})

export const FillsView = Type.Object(
  {
    ok: Type.Literal(true),
    venue: VenueName,
    symbol: SymbolName,
    id: Type.Integer({ minimum: 1, description: 'Order id.' }),
    fills: Type.Array(
      Type.Object({
        n: Type.Integer({ minimum: 1, description: 'Number of the fill in its order: 1, 2, 3 …' }),
        ...FillView.properties,
      }),
      { description: 'The newest fills that were asked for, oldest first.' },
    ),
    more: Type.Boolean({ description: 'Whether there are older ones that can be asked for.' }),
  },
  {
    description: 'Fills of an order.',
    examples: [
      {
        ok: true,
        venue: 'TESTEX',
        symbol: 'FOOBAR',
        id: 4711,
        fills: [
          { n: 1, price: 4990, qty: 25, ts: '2026-11-21T09:30:01.000100000Z' },
          { n: 2, price: 5000, qty: 15, ts: '2026-11-21T09:30:01.000100000Z' },
        ],
        more: false,
      },
    ],
  },
)
export type FillsView = Static<typeof FillsView>
