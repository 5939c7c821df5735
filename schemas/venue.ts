import Type, { type Static } from 'typebox'
import { SymbolName, VenueName } from './names.ts'
import { OneOf } from './types.ts'

export const HeartbeatView = Type.Object(
  { ok: Type.Literal(true), error: Type.String({ description: 'Always empty.' }) },
  { description: 'The service is up.', examples: [{ ok: true, error: '' }] },
)
export type HeartbeatView = Static<typeof HeartbeatView>

export const VenueHeartbeatView = Type.Object(
  { ok: Type.Literal(true), venue: VenueName },
  { description: 'The venue is up.', examples: [{ ok: true, venue: 'TESTEX' }] },
)
export type VenueHeartbeatView = Static<typeof VenueHeartbeatView>

export const VenuesView = Type.Object(
  {
    ok: Type.Literal(true),
    id: Type.Literal(true, { description: 'What the official server had in place of `ok`; always true.' }),
    venues: Type.Array(
      Type.Object({
        id: Type.Integer({ minimum: 1, description: 'Place in the order of creation: 1, 2, 3 …' }),
        name: Type.String({ description: 'Long name of the venue.' }),
        state: OneOf(['open', 'halted', 'closed'], { description: 'Whether the venue trades.' }),
        venue: VenueName,
        readOnly: Type.Optional(
          Type.Literal(true, {
            description:
              'Its orders and accounts belong to another door: here it can only be watched. Absent elsewhere.',
          }),
        ),
      }),
      { description: 'All venues, in the order of creation.' },
    ),
  },
  {
    description: 'The venues of this exchange.',
    examples: [
      { ok: true, id: true, venues: [{ id: 1, name: 'TESTEX Exchange', state: 'open', venue: 'TESTEX' }] },
    ],
  },
)
export type VenuesView = Static<typeof VenuesView>

const Decimal = (description: string, example: string) =>
  Type.String({ pattern: '^[0-9]+(\\.[0-9]+)?$', description, examples: [example] })

const Asset = (description: string) =>
  Type.Object(
    {
      asset: Type.String({ description: 'Its name.', examples: ['USD'] }),
      unit: Type.Optional(
        Decimal(
          'What one of its smallest units is, in which balances and sums are told. Absent when it has no end as a decimal.',
          '0.01',
        ),
      ),
    },
    { description },
  )

export const StocksView = Type.Object(
  {
    ok: Type.Literal(true),
    symbols: Type.Array(
      Type.Object({
        name: Type.String({ description: 'Long name of the stock.' }),
        symbol: SymbolName,
        tickSize: Type.Optional(
          Decimal(
            'What one of a price is, where accounts hold money: prices are whole ticks. Absent elsewhere: one is a cent.',
            '0.01',
          ),
        ),
        lotSize: Type.Optional(
          Decimal(
            'What one of a quantity is, where accounts hold money: quantities are whole lots. Absent elsewhere: one is a share.',
            '0.0000000001',
          ),
        ),
        base: Type.Optional(Asset('What is bought and sold, where accounts hold money.')),
        quote: Type.Optional(Asset('What it is paid with, where accounts hold money.')),
      }),
      { description: 'All stocks of the venue, in the order of listing.' },
    ),
  },
  {
    description: 'The stocks that trade on a venue.',
    examples: [{ ok: true, symbols: [{ name: 'FOOBAR Inc', symbol: 'FOOBAR' }] }],
  },
)
export type StocksView = Static<typeof StocksView>
