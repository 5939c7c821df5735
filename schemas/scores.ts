import Type, { type Static } from 'typebox'
import { AccountName, SymbolName, VenueName } from './names.ts'
import { Sum } from './sum.ts'
import { Timestamp } from './time.ts'
import { OneOf } from './types.ts'

export const ScoresQuery = Type.Object({
  format: Type.Optional(
    OneOf(['json', 'html'], { description: 'How to answer, whatever the `Accept` header says.' }),
  ),
  house: Type.Optional(
    OneOf(['0', '1'], { description: '`0` leaves out the traders that are part of the venue.' }),
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
    reference: Type.Optional(
      Type.Integer({
        minimum: 0,
        description:
          "The venue's own price, at which shares are valued in place of `last`; absent without one.",
      }),
    ),
    startTime: Type.Unsafe<string>({ ...Timestamp, description: 'When the stock was listed.' }),
    ts: Type.Unsafe<string>({ ...Timestamp, description: 'When this picture was taken.' }),
    scores: Type.Array(
      Type.Object({
        account: AccountName,
        house: Type.Optional(
          Type.Literal(true, {
            description: 'A trader that is part of the venue; absent on the entries of people.',
          }),
        ),
        cents: Type.Optional(
          Sum(
            'Money in cents, from 0 at the start; absent where accounts have keys. Where accounts hold money: all of it, in its smallest units.',
          ),
        ),
        shares: Type.Optional(
          Sum(
            'Shares held, below 0 when sold short; absent where accounts have keys. Where accounts hold money: lots, those in open orders included.',
          ),
        ),
        posMin: Sum(
          'Lowest number of shares ever held. Where accounts hold money: to which trades brought it, counted from what else the account was given.',
        ),
        posMax: Sum('Highest number of shares ever held; counted likewise.'),
        nav: Sum(
          'Net asset value in cents: money and shares at the last price, or at `reference` where there is one; rounded half to even.',
        ),
      }),
      {
        description:
          'Every account that traded, or where accounts hold money every account, by net asset value, highest first; ties by name. Traders that are part of the venue come after all others.',
      },
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
