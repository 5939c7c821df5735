import Type, { type Static } from 'typebox'
import { SymbolName, VenueName } from './names.ts'
import { Timestamp } from './time.ts'

/** Resting orders of one side that one reply carries. */
export const mostEntries = 100_000

const Entry = Type.Object(
  {
    price: Type.Integer({ minimum: 0, description: 'Limit in cents.' }),
    qty: Type.Integer({ minimum: 1, description: 'Shares still open.' }),
    isBuy: Type.Boolean({ description: 'True in `bids`, false in `asks`.' }),
  },
  { description: 'One resting order.' },
)
const Omitted = (side: string) =>
  Type.Optional(
    Type.Integer({
      minimum: 1,
      description: `How many ${side}, those with the worst prices, are left out; absent when none.`,
    }),
  )

export const OrderBookView = Type.Object(
  {
    ok: Type.Literal(true),
    venue: VenueName,
    symbol: SymbolName,
    bids: Type.Array(Entry, {
      description:
        'Resting buys, one entry each: highest price first, at one price the oldest first. At most 100,000.',
    }),
    bidsOmitted: Omitted('bids'),
    asks: Type.Array(Entry, {
      description:
        'Resting sells, one entry each: lowest price first, at one price the oldest first. At most 100,000.',
    }),
    asksOmitted: Omitted('asks'),
    ts: Type.Unsafe<string>({ ...Timestamp, description: 'When this picture was taken.' }),
  },
  {
    description: 'Every order that rests in the book of a stock.',
    examples: [
      {
        ok: true,
        venue: 'TESTEX',
        symbol: 'FOOBAR',
        bids: [
          { price: 4980, qty: 30, isBuy: true },
          { price: 4980, qty: 5, isBuy: true },
        ],
        asks: [{ price: 5010, qty: 40, isBuy: false }],
        ts: '2026-11-21T09:30:00.000123000Z',
      },
    ],
  },
)
export type OrderBookView = Static<typeof OrderBookView>
