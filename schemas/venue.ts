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
        closedDoor: Type.Optional(
          Type.Literal(true, {
            description:
              'Orders are placed and canceled at a door of the venue’s own; here that is answered with 403 `closed_door`. Absent elsewhere.',
          }),
        ),
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
