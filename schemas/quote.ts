import Type, { type Static } from 'typebox'
import { SymbolName, VenueName } from './names.ts'
import { Sum } from './sum.ts'
import { Timestamp } from './time.ts'

const Shares = (description: string) => Sum(description, 0)

export const quoteExample = {
  ok: true,
  symbol: 'FOOBAR',
  venue: 'TESTEX',
  bid: 4980,
  ask: 5010,
  bidSize: 35,
  askSize: 40,
  bidDepth: 235,
  askDepth: 40,
  last: 4990,
  lastSize: 12,
  lastTrade: '2026-11-21T09:29:58.100000000Z',
  quoteTime: '2026-11-21T09:29:59.250000000Z',
}

export const QuoteView = Type.Object(
  {
    ok: Type.Literal(true),
    symbol: SymbolName,
    venue: VenueName,
    bid: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'Best bid in cents; absent when nobody bids (0 is a real price).',
      }),
    ),
    ask: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Best ask in cents; absent when nobody asks.' }),
    ),
    bidSize: Shares('Shares wanted at the best bid.'),
    askSize: Shares('Shares offered at the best ask.'),
    bidDepth: Shares('Shares wanted at all prices.'),
    askDepth: Shares('Shares offered at all prices.'),
    last: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Price of the last match in cents; absent before the first.' }),
    ),
    lastSize: Type.Optional(Type.Integer({ minimum: 1, description: 'Shares of the last match.' })),
    lastTrade: Type.Optional(
      Type.Unsafe<string>({ ...Timestamp, description: 'When the last match happened.' }),
    ),
    quoteTime: Type.Unsafe<string>({ ...Timestamp, description: 'When the book last changed.' }),
  },
  {
    description: 'The best prices, the depth and the last match of a stock.',
    examples: [quoteExample],
  },
)
export type QuoteView = Static<typeof QuoteView>
