import Type, { type Static } from 'typebox'
import { AccountName, SymbolName, VenueName } from './names.ts'
import { Timestamp } from './time.ts'
import { OneOf } from './types.ts'

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

const Direction = OneOf(['buy', 'sell'], {
  description: 'Which side of the book the order is on.',
})

export const OrderTypeName = OneOf(['limit', 'market', 'fill-or-kill', 'immediate-or-cancel'], {
  description: 'How the order trades, in its long form.',
})
export type OrderTypeName = Static<typeof OrderTypeName>

/** Text at every size: a number would be exact for small amounts only. */
const Money = (description: string) => Type.String({ pattern: '^[0-9]+$', description })

export const orderExample = {
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
  fills: [
    { price: 4990, qty: 25, ts: '2026-11-21T09:30:01.000100000Z' },
    { price: 5000, qty: 15, ts: '2026-11-21T09:30:01.000100000Z' },
  ],
  totalFilled: 40,
  open: true,
}

export const OrderView = Type.Object(
  {
    ok: Type.Literal(true),
    symbol: SymbolName,
    venue: VenueName,
    direction: Direction,
    originalQty: Type.Integer({ minimum: 0, description: 'Shares asked for; 0 with `budget`.' }),
    qty: Type.Integer({
      minimum: 0,
      description:
        'Shares still open; 0 once the order is closed, for whatever reason, and 0 with `budget`: how many it will buy depends on prices.',
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
    budget: Type.Optional(
      Money(
        'Money to spend in place of a number of shares, in its smallest units; absent when there is none.',
      ),
    ),
    budgetLeft: Type.Optional(
      Money('What of `budget` is not spent, in the same units; given back once the order is closed.'),
    ),
  },
  {
    description: 'An order as it is now.',
    examples: [orderExample],
  },
)
export type OrderView = Static<typeof OrderView>

/** The largest price, and the largest quantity of an order in whole shares: some clients hold them in 32 bits. */
export const most = 2_147_483_647
/** The largest quantity where lots are parts of a share: 32 bits would be a fraction of one. */
export const mostLots = Number.MAX_SAFE_INTEGER

const OrderTypeWord = OneOf(['limit', 'market', 'fill-or-kill', 'fok', 'immediate-or-cancel', 'ioc'], {
  description:
    '`limit` rests what does not trade, `market` trades at any price, `immediate-or-cancel` (`ioc`) trades what it can now, `fill-or-kill` (`fok`) all or nothing. Also accepted under the names `ordertype` and `type`.',
})

/** An order as it is asked for, after aliases and numbers sent as text were put into one form. */
export const NewOrder = Type.Object(
  {
    account: AccountName,
    venue: Type.Optional(
      Type.Unsafe<string>({ ...VenueName, description: 'If sent, the venue of the URL.' }),
    ),
    stock: Type.Optional(
      Type.Unsafe<string>({
        ...SymbolName,
        description: 'If sent, the stock of the URL. Also accepted under the name `symbol`.',
      }),
    ),
    price: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: most,
        description:
          'Worst acceptable price in cents; 0 is a price like others. Required unless the order is a market order, which ignores it. May be sent as text of digits.',
      }),
    ),
    qty: Type.Integer({
      minimum: 1,
      maximum: mostLots,
      description:
        'Shares to buy or sell, at most 2,147,483,647; up to 2^53 − 1 where quantities are in lots. May be sent as text of digits.',
    }),
    direction: Direction,
    orderType: OrderTypeWord,
    clientOrderId: Type.Optional(
      Type.String({
        pattern: '^[\\x21-\\x7e]{1,36}$',
        description:
          "The sender's own id, unique in the account. The same order again under it is answered with the first one as it is now and trades nothing; another order under it is 409.",
      }),
    ),
  },
  {
    description: 'An order to place. Other fields are ignored.',
    examples: [
      {
        account: 'EXB123456',
        venue: 'TESTEX',
        stock: 'FOOBAR',
        price: 5000,
        qty: 100,
        direction: 'buy',
        orderType: 'limit',
      },
    ],
  },
)
export type NewOrder = Static<typeof NewOrder>
