import Type, { type Static } from 'typebox'
import { type Candle, type CandleInterval, candleIntervals } from '../src/domain/candle.ts'
import { SymbolName, VenueName } from './names.ts'
import { formatTime, Timestamp } from './time.ts'
import { OneOf } from './types.ts'

/** Candles that one reply carries. */
const mostCandles = 1000

export const Interval = OneOf<CandleInterval>(candleIntervals, { description: 'How long a candle is.' })

const Moment = (description: string) =>
  Type.String({
    pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z$',
    description,
    examples: ['2026-11-21T09:30:00Z'],
  })

export const CandlesQuery = Type.Object({
  interval: Type.Optional(Interval),
  from: Type.Optional(Moment('Only candles that begin then or later. UTC, RFC 3339.')),
  to: Type.Optional(
    Moment('Only candles that begin before: the start of the first of a page asks for the page before.'),
  ),
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: mostCandles,
      description: 'How many candles at most; 100 if absent.',
    }),
  ),
})

export const CandleView = Type.Object(
  {
    start: Type.Unsafe<string>({ ...Timestamp, description: 'When it begins.' }),
    open: Type.Integer({ minimum: 0, description: 'Price of the first trade.' }),
    high: Type.Integer({ minimum: 0, description: 'Highest price.' }),
    low: Type.Integer({ minimum: 0, description: 'Lowest price.' }),
    close: Type.Integer({ minimum: 0, description: 'Price of the last trade so far.' }),
    volume: Type.Number({ minimum: 1, description: 'Quantity traded.' }),
    trades: Type.Integer({ minimum: 1, description: 'How many trades.' }),
  },
  { description: 'What was traded in one interval; where nothing was there is no candle.' },
)
export type CandleView = Static<typeof CandleView>

export function toCandleView({ start, ...candle }: Candle): CandleView {
  return { start: formatTime(start), ...candle }
}

export const CandlesView = Type.Object(
  {
    ok: Type.Literal(true),
    venue: VenueName,
    symbol: SymbolName,
    interval: Interval,
    candles: Type.Array(CandleView, {
      description: 'The newest candles that were asked for, oldest first. The last one may still change.',
    }),
    more: Type.Boolean({ description: 'Whether there are older ones that can be asked for.' }),
  },
  {
    description: 'Candles of a stock: prices in cents, volumes in shares.',
    examples: [
      {
        ok: true,
        venue: 'TESTEX',
        symbol: 'FOOBAR',
        interval: '1m',
        candles: [
          {
            start: '2026-11-21T09:30:00.000000000Z',
            open: 4990,
            high: 5010,
            low: 4985,
            close: 5000,
            volume: 340,
            trades: 21,
          },
        ],
        more: true,
      },
    ],
  },
)
export type CandlesView = Static<typeof CandlesView>
