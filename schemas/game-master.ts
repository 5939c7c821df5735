import Type, { type Static } from 'typebox'
import { AccountName, SymbolName, VenueName } from './names.ts'
import { OneOf } from './types.ts'

export const LevelPath = Type.Object({
  level: Type.String({
    minLength: 1,
    maxLength: 100,
    description: 'Name of a level; any will do.',
    examples: ['first_steps'],
  }),
})
export const InstancePath = Type.Object({
  id: Type.Integer({ minimum: 0, description: 'Instance id, from the start of a level.', examples: [207] }),
})

export const LevelsView = Type.Object(
  {
    ok: Type.Literal(true),
    levels: Type.Array(Type.Object({ name: Type.String({ description: 'Name of the level.' }) }), {
      description: 'Levels in the order of the game.',
    }),
  },
  { description: 'The levels.', examples: [{ ok: true, levels: [{ name: 'first_steps' }] }] },
)
export type LevelsView = Static<typeof LevelsView>

export const LevelView = Type.Object(
  {
    ok: Type.Literal(true),
    instanceId: Type.Integer({ minimum: 1, description: 'Id of this run of the level.' }),
    account: Type.Unsafe<string>({ ...AccountName, description: 'The account to trade with.' }),
    instructions: Type.Object(
      {},
      { additionalProperties: Type.String(), description: 'Chapters in Markdown, by heading; none here.' },
    ),
    tickers: Type.Array(SymbolName, { description: 'Stocks that trade here, each once.' }),
    venues: Type.Array(VenueName, { description: 'Venues to trade on.' }),
    secondsPerTradingDay: Type.Integer({ minimum: 1, description: 'Length of a trading day in seconds.' }),
    balances: Type.Object(
      { USD: Type.Integer({ description: 'Cents at the start.' }) },
      { description: 'What the account starts with.' },
    ),
  },
  {
    description: 'A level that was started. There are no winning conditions.',
    examples: [
      {
        ok: true,
        instanceId: 207,
        account: 'LMB56984576',
        instructions: {},
        tickers: ['FOOBAR'],
        venues: ['TESTEX'],
        secondsPerTradingDay: 5,
        balances: { USD: 0 },
      },
    ],
  },
)
export type LevelView = Static<typeof LevelView>

export const InstanceView = Type.Object(
  {
    ok: Type.Literal(true),
    done: Type.Boolean({ description: 'Whether it was stopped.' }),
    id: Type.Integer({ minimum: 1, description: 'Instance id.' }),
    state: OneOf(['open', 'stopped'], { description: 'Open until it is stopped.' }),
  },
  { description: 'How a run of a level is.', examples: [{ ok: true, done: false, id: 207, state: 'open' }] },
)
export type InstanceView = Static<typeof InstanceView>
