import Type, { type Static } from 'typebox'
import { AccountName, SymbolName, VenueName } from './names.ts'
import { type OrderView, orderExample } from './order.ts'
import { Timestamp } from './time.ts'
import { Ref } from './types.ts'

export const ExecutionMessage = Type.Object(
  {
    ok: Type.Literal(true),
    account: AccountName,
    venue: VenueName,
    symbol: SymbolName,
    order: Type.Unsafe<OrderView>({
      ...Ref<OrderView>('Order'),
      description:
        "The account's own order as it stood just after this fill. `fills` has the newest 100, this one last, or this one alone where much happens at once.",
    }),
    standingId: Type.Integer({ minimum: 1, description: 'Id of the order that was in the book.' }),
    incomingId: Type.Integer({ minimum: 1, description: 'Id of the order that arrived and traded with it.' }),
    price: Type.Integer({ minimum: 0, description: 'Price of this fill in cents.' }),
    filled: Type.Integer({ minimum: 1, description: 'Shares of this fill.' }),
    filledAt: Type.Unsafe<string>({ ...Timestamp, description: 'When it happened.' }),
    standingComplete: Type.Boolean({ description: 'The standing order has traded all its shares.' }),
    incomingComplete: Type.Boolean({
      description: 'The incoming order has traded all its shares; a rest that was canceled does not count.',
    }),
  },
  {
    description: 'One fill, told to the account of one of its two orders.',
    examples: [
      {
        ok: true,
        account: 'EXB123456',
        venue: 'TESTEX',
        symbol: 'FOOBAR',
        order: orderExample,
        standingId: 4702,
        incomingId: 4711,
        price: 5000,
        filled: 15,
        filledAt: '2026-11-21T09:30:01.000100000Z',
        standingComplete: true,
        incomingComplete: false,
      },
    ],
  },
)
export type ExecutionMessage = Static<typeof ExecutionMessage>
