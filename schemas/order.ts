import Type, { type Static } from 'typebox'
import { AccountName, SymbolName, VenueName } from './names.ts'
import { Timestamp } from './time.ts'

export const FillView = Type.Object(
  {
    price: Type.Integer({
      minimum: 0,
      description: 'Price of the match in cents: that of the order that was standing.',
    }),
    qty: Type.Integer({ minimum: 1, description: 'Shares traded in this match.' }),
    ts: Timestamp,
  },
  { description: 'One match.' },
)
export type FillView = Static<typeof FillView>

export const Direction = Type.Union([Type.Literal('buy'), Type.Literal('sell')], {
  description: 'Which side of the book the order is on.',
})

export const OrderTypeName = Type.Union(
  [
    Type.Literal('limit'),
    Type.Literal('market'),
    Type.Literal('fill-or-kill'),
    Type.Literal('immediate-or-cancel'),
  ],
  { description: 'How the order trades, in its long form.' },
)
export type OrderTypeName = Static<typeof OrderTypeName>

export const OrderView = Type.Object(
  {
    ok: Type.Literal(true),
    symbol: SymbolName,
    venue: VenueName,
    direction: Direction,
    originalQty: Type.Integer({ minimum: 1, description: 'Shares asked for.' }),
    qty: Type.Integer({
      minimum: 0,
      description: 'Shares still open; 0 once the order is closed, for whatever reason.',
    }),
    price: Type.Integer({ minimum: 0, description: 'Limit in cents as asked; 0 for a market order.' }),
    orderType: OrderTypeName,
    id: Type.Integer({ minimum: 1, description: 'Order id, unique on its venue: 1, 2, 3 … by acceptance.' }),
    account: AccountName,
    ts: Type.Unsafe<string>({ ...Timestamp, description: 'When the order was taken.' }),
    fills: Type.Array(FillView, { description: 'Matches, oldest first; at most the newest 10,000.' }),
    fillsOmitted: Type.Optional(
      Type.Integer({ minimum: 1, description: 'How many older fills are not in `fills`; absent when none.' }),
    ),
    totalFilled: Type.Integer({ minimum: 0, description: 'Shares traded so far, omitted fills included.' }),
    open: Type.Boolean({ description: 'Whether the order can still trade.' }),
    clientOrderId: Type.Optional(
      Type.String({ description: "The sender's own id; absent when none was sent." }),
    ),
  },
  { description: 'An order as it is now.' },
)
export type OrderView = Static<typeof OrderView>
