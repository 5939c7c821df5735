import Type, { type Static } from 'typebox'
import { AccountName, SymbolName, VenueName } from './names.ts'
import { OneOf } from './types.ts'

export const LevelPath = Type.Object({
  level: Type.String({
    minLength: 1,
    maxLength: 100,
    description: 'Name of a level, as `GET /gm/levels` lists them.',
    examples: ['first_steps'],
  }),
})
export const InstancePath = Type.Object({
  id: Type.Integer({ minimum: 0, description: 'Instance id, from the start of a level.', examples: [207] }),
})

/** The bounds of what a start may ask for. */
export const mostSeed = 2 ** 32 - 1
const mostSecondsPerDay = 3600

export const GameTerms = Type.Object(
  {
    seed: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: mostSeed,
        description:
          'What the game is drawn from: the same seed gives the same one. Drawn when it is missing.',
        examples: [7],
      }),
    ),
    secondsPerDay: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: mostSecondsPerDay,
        description: 'Length of a trading day in seconds; 5 when it is missing.',
        examples: [5],
      }),
    ),
  },
  { description: 'Both may be missing, and so may the body.', examples: [{ seed: 7 }] },
)
export type GameTerms = Static<typeof GameTerms>

export const JudgeRequest = Type.Object(
  {
    account: Type.Unsafe<string>({ ...AccountName, description: 'The account that is accused.' }),
    explanation_link: Type.Optional(
      Type.String({ maxLength: 2000, description: 'Where it is explained; kept, and read by nobody.' }),
    ),
    executive_summary: Type.Optional(
      Type.String({ maxLength: 10_000, description: 'In short; kept and shown, not graded.' }),
    ),
  },
  {
    examples: [
      { account: 'EXB123456', explanation_link: 'https://example.org', executive_summary: 'It knew.' },
    ],
  },
)
export type JudgeRequest = Static<typeof JudgeRequest>

const ListedLevel = Type.Object({
  name: Type.String({ description: 'Name of the level.' }),
  title: Type.String({ description: 'Its name for people.' }),
  days: Type.Integer({ description: 'Trading days that it lasts.' }),
  byAccusation: Type.Optional(
    Type.Literal(true, {
      description:
        'It is decided by naming an account: `POST /gm/instances/:id/judge` takes one. Absent where nobody is judged.',
    }),
  ),
  best: Type.Optional(
    Type.Integer({
      description: 'The best score of this key so far, 1 to 100; absent before the first win.',
    }),
  ),
})
export const LevelsView = Type.Object(
  {
    ok: Type.Literal(true),
    levels: Type.Array(ListedLevel, { description: 'Levels in the order in which they are best played.' }),
  },
  {
    description: 'The levels.',
    examples: [{ ok: true, levels: [{ name: 'first_steps', title: 'First steps', days: 500, best: 100 }] }],
  },
)
export type LevelsView = Static<typeof LevelsView>

export const LevelView = Type.Object(
  {
    ok: Type.Literal(true),
    instanceId: Type.Integer({ minimum: 1, description: 'Id of this run of the level.' }),
    account: Type.Unsafe<string>({ ...AccountName, description: 'The account to trade with.' }),
    instructions: Type.Object(
      {},
      { additionalProperties: Type.String(), description: 'Chapters in Markdown, by heading.' },
    ),
    tickers: Type.Array(SymbolName, { description: 'Stocks that trade here.' }),
    venues: Type.Array(VenueName, { description: 'Venues to trade on: the own one of this game.' }),
    secondsPerTradingDay: Type.Integer({ minimum: 1, description: 'Length of a trading day in seconds.' }),
    balances: Type.Object(
      { USD: Type.Integer({ description: 'Cents at the start.' }) },
      { description: 'What the account starts with.' },
    ),
  },
  {
    description: 'A level that is being played.',
    examples: [
      {
        ok: true,
        instanceId: 207,
        account: 'LMB56984576',
        instructions: { Instructions: 'Look at the book, then own 100 shares.' },
        tickers: ['YEGG'],
        venues: ['YBMCEX'],
        secondsPerTradingDay: 5,
        balances: { USD: 0 },
      },
    ],
  },
)
export type LevelView = Static<typeof LevelView>

const Message = (what: string) => Type.Optional(Type.String({ description: `The newest message ${what}.` }))

export const InstanceView = Type.Object(
  {
    ok: Type.Literal(true),
    done: Type.Boolean({ description: 'Whether it has ended.' }),
    id: Type.Integer({ minimum: 1, description: 'Instance id.' }),
    state: OneOf(['open', 'won', 'lost', 'stopped'], { description: 'How it stands.' }),
    paused: Type.Optional(
      Type.Literal(true, {
        description: 'Its clock stands still: nobody asked or listened for 5 minutes. Start or resume it.',
      }),
    ),
    level: Type.String({ description: 'Name of the level.' }),
    venue: Type.Unsafe<string>({
      ...VenueName,
      description: 'Its venue; gone 10 minutes after the end at the latest.',
    }),
    ticker: Type.Unsafe<string>({ ...SymbolName, description: 'The stock that trades there.' }),
    account: Type.Unsafe<string>({ ...AccountName, description: 'The account to trade with.' }),
    details: Type.Object(
      {
        tradingDay: Type.Integer({
          minimum: 1,
          description: 'The day it is, or was at the end; 1 is the first.',
        }),
        endOfTheWorldDay: Type.Integer({ description: 'The last day.' }),
        seed: Type.Integer({ description: 'What the game was drawn from.' }),
        reason: Type.Optional(
          Type.String({
            description:
              'Why it ended, when it was not won: a rule of the level, or `idle` when nobody was there, `restarted`.',
          }),
        ),
      },
      { description: 'Where in the game it is.' },
    ),
    flash: Type.Optional(
      Type.Object(
        {
          info: Message('that informs'),
          success: Message('of success'),
          warning: Message('that warns'),
          danger: Message('of what went wrong'),
        },
        { description: 'The newest message of each kind; absent before the first.' },
      ),
    ),
    score: Type.Optional(
      Type.Integer({ description: 'Once it was won: 1 to 100. Stars are given at 1, 50 and 85.' }),
    ),
    judged: Type.Optional(
      Type.Object(
        {
          account: Type.String({ description: 'Who was accused.' }),
          explanationLink: Type.Optional(Type.String({ description: 'As it was handed in.' })),
          executiveSummary: Type.Optional(Type.String({ description: 'As it was handed in.' })),
        },
        { description: 'What was handed in to the judge, if anything.' },
      ),
    ),
  },
  {
    description: 'How a run of a level is.',
    examples: [
      {
        ok: true,
        done: false,
        id: 207,
        state: 'open',
        level: 'first_steps',
        venue: 'YBMCEX',
        ticker: 'YEGG',
        account: 'LMB56984576',
        details: { tradingDay: 12, endOfTheWorldDay: 500, seed: 7 },
        flash: { info: '60 of 100 bought' },
      },
    ],
  },
)
export type InstanceView = Static<typeof InstanceView>
