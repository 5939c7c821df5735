import Type, { type Static } from 'typebox'
import { SymbolName, VenueName } from './names.ts'
import { Timestamp } from './time.ts'
import { OneOf } from './types.ts'

/** Trades that one reply carries. */
const mostTrades = 1000

export const TradesQuery = Type.Object({
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: mostTrades, description: 'How many trades at most; 100 if absent.' }),
  ),
  before: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'Only trades with a lower id: the first id of a page asks for the page before.',
    }),
  ),
})

export const TradesView = Type.Object(
  {
    ok: Type.Literal(true),
    venue: VenueName,
    symbol: SymbolName,
    trades: Type.Array(
      Type.Object({
        id: Type.Integer({
          minimum: 1,
          description: 'Trade id: 1, 2, 3 … on its venue, over all its stocks.',
        }),
        price: Type.Integer({ minimum: 0, description: 'Price in cents.' }),
        qty: Type.Integer({ minimum: 1, description: 'Shares.' }),
        ts: Type.Unsafe<string>({ ...Timestamp, description: 'When it happened.' }),
        direction: OneOf(['buy', 'sell'], {
          description: 'The side of the order that arrived and traded with one in the book.',
        }),
      }),
      { description: 'The newest trades that were asked for, oldest first.' },
    ),
    more: Type.Boolean({ description: 'Whether there are older ones that can be asked for.' }),
  },
  {
    description: 'Trades of a stock.',
    examples: [
      {
        ok: true,
        venue: 'TESTEX',
        symbol: 'FOOBAR',
        trades: [
          { id: 830, price: 4990, qty: 25, ts: '2026-11-21T09:30:01.000100000Z', direction: 'sell' },
          { id: 833, price: 5000, qty: 15, ts: '2026-11-21T09:30:01.000200000Z', direction: 'buy' },
        ],
        more: true,
      },
    ],
  },
)
export type TradesView = Static<typeof TradesView>
