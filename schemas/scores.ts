import Type, { type Static } from 'typebox'
import { AccountName, SymbolName, VenueName } from './names.ts'
import { Timestamp } from './time.ts'
import { OneOf } from './types.ts'

/** A sum that is exact however large: a number while JSON can hold it, else text of digits. */
const Sum = (description: string) =>
  Type.Unsafe<number | string>({
    anyOf: [{ type: 'integer' }, { type: 'string', pattern: '^-?[0-9]+$' }],
    description: `${description} A number while it is within 2^53, else text.`,
  })

export const ScoresQuery = Type.Object({
  format: Type.Optional(
    OneOf(['json', 'html'], { description: 'How to answer, whatever the `Accept` header says.' }),
  ),
})

export const ScoresView = Type.Object(
  {
    ok: Type.Literal(true),
    venue: VenueName,
    symbol: SymbolName,
    last: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Price of the last match in cents; absent before the first.' }),
    ),
    startTime: Type.Unsafe<string>({ ...Timestamp, description: 'When the stock was listed.' }),
    ts: Type.Unsafe<string>({ ...Timestamp, description: 'When this picture was taken.' }),
    scores: Type.Array(
      Type.Object({
        account: AccountName,
        cents: Type.Optional(Sum('Money in cents, from 0 at the start; absent where accounts have keys.')),
        shares: Type.Optional(Sum('Shares held, below 0 when sold short; absent where accounts have keys.')),
        posMin: Sum('Lowest number of shares ever held.'),
        posMax: Sum('Highest number of shares ever held.'),
        nav: Sum('Net asset value in cents: money and shares at the last price.'),
      }),
      { description: 'Every account that traded, by net asset value, highest first; ties by name.' },
    ),
  },
  {
    description: 'What each account made of one stock. Trades of an account with itself do not count.',
    examples: [
      {
        ok: true,
        venue: 'TESTEX',
        symbol: 'FOOBAR',
        last: 4990,
        startTime: '2026-11-21T09:30:00.000000000Z',
        ts: '2026-11-21T09:31:00.000000000Z',
        scores: [{ account: 'EXB123456', cents: -499000, shares: 100, posMin: 0, posMax: 100, nav: 0 }],
      },
    ],
  },
)
export type ScoresView = Static<typeof ScoresView>
