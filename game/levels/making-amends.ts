import { ticks } from '../../src/domain/units.ts'
import { createRandom, type Random } from '../../traders/random.ts'
import type { Trader } from '../../traders/step.ts'
import type { Setup } from '../level.ts'
import { active, type Habit } from '../population/active.ts'
import { dayMaker } from '../population/day-maker.ts'
import { fairValue } from '../population/fair-value.ts'
import { insider } from '../population/insider.ts'
import { type News, newsOf } from '../population/news.ts'
import { newsReader } from '../population/news-reader.ts'
import { oneSided } from '../population/taker.ts'
import { clamp, defineLevel } from '../rules.ts'

const days = 500
const accounts = 100
const makers = 3
const noise = 72
/** So many of those trade only a few times in a game. A few trades can be very lucky, so some of them look guilty. */
const rare = 8

interface Case extends Setup {
  /** Everybody on the venue, in no order that means anything. */
  readonly accounts: readonly string[]
  readonly insider: string
  readonly news: readonly News[]
}

/** Level 6: one of a hundred knows the news before it is out. */
export const makingAmends = defineLevel<Case, null>({
  name: 'making_amends',
  title: 'Making amends',
  days,
  startingCash: 10_000_000,
  venue: { revealOwnerOnCancel: true, openExecutions: true },
  isJudged: true,
  setup(seed) {
    const random = createRandom(seed, 'setup')
    const startPrice = ticks(random.between(7000, 10_999))
    const names = accountNames(random)
    return { seed, startPrice, accounts: names, insider: random.pick(names), news: newsOf(seed, days) }
  },
  instructions: ({ venue, symbol, account }) => ({
    Instructions: [
      `You work for the regulator now. Prices of **${symbol}** on **${venue}** sometimes know tomorrow's news; so does somebody there. A hundred accounts trade, and one of them is told before everybody else. **Bring one name.**`,
      'Rich is not guilty, large is not guilty, lucky is not guilty, and quick to read the newspaper is not guilty either. Look for who is right *before* the news.',
      `You have **$100,000** and the account **${account}**, in case you need to trade to learn something. You may not go into debt and you may not sell what you do not have.`,
    ].join('\n\n'),
    'What leaks': [
      '- This venue has two holes, and you may use them. A cancel of an order that is not yours is refused with the name of its owner.',
      "- The executions sockets ask for no key: follow anybody's, once you know a name.",
      '- News is public on its day, in the flash messages of your instance.',
    ].join('\n'),
    'Your accusation':
      'POST `{"account": "…", "explanation_link": "…", "executive_summary": "…"}` to `/gm/instances/:id/judge`. The first name that exists decides: accuse the innocent and the case is closed.',
    Limits: `You have **${days} days**. Quicker is better, wrong is worse.`,
  }),
  accountsOf: ({ accounts }) => accounts,
  population,
  rules: {
    notes: () => null,
    lost({ setup, books }, happening) {
      if (happening.type === 'judge') return happening.account === setup.insider ? undefined : 'innocent'
      if (books.position < 0) return 'short'
      return BigInt(books.cash) < 0n ? 'cash' : undefined
    },
    won: (_game, { type }) => type === 'judge',
    score: ({ day }) => 60 + 40 * clamp(1 - day / days),
    messages({ setup, day }, { type }) {
      if (type !== 'day') return undefined
      const today = setup.news.find((news) => news.day === day)
      if (today === undefined) return undefined
      const percent = (Math.abs(today.factor - 1) * 100).toFixed(1)
      return { info: `News: ${today.factor > 1 ? 'up' : 'down'} ${percent}%.` }
    },
    stopped: (_game, happening) =>
      happening.type === 'judge' ? `${happening.account} was innocent. The case is closed.` : undefined,
  },
})

/** Three letters and eight digits, as the accounts of people here look: nobody reads a role out of a name. */
function accountNames(random: Random): string[] {
  const names = new Set<string>()
  while (names.size < accounts) {
    const letters = Array.from({ length: 3 }, () => random.pick([...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']))
    names.add(`${letters.join('')}${random.between(1000, 9999)}${random.between(1000, 9999)}`)
  }
  return [...names]
}

function population(setup: Case): Trader[] {
  const { news } = setup
  const jumps = new Map(news.map(({ day, factor }) => [day, factor]))
  const fair = fairValue(setup, { days, sigma: 0.003, pull: 0.01, news: jumps })
  const honest = setup.accounts.filter((account) => account !== setup.insider)
  const rest = honest.slice(makers + noise)
  const [reader = '', ...others] = rest
  return [
    ...honest.slice(0, makers).map((name, i) =>
      dayMaker({
        name,
        start: setup.startPrice,
        quotes: 5,
        half: 0.0015 + 0.0008 * (i + 1),
        step: 0.002,
        smallest: 60,
        largest: 160,
        every: 2.5,
        first: 0.01 * i,
        impact: 0.000008 * setup.startPrice,
        memory: 0.7,
        center: (before, { now }) => before + 0.5 * (fair(now) - before),
      }),
    ),
    ...honest.slice(makers, makers + noise).map((account, i) => oneSided(account, i < rare ? 0.01 : 0.22)),
    newsReader(reader, news),
    ...others.map((account, i) => active({ account, habit: habitOf(i), size: sizeOf(i) })),
    insider(setup.insider, news),
  ]
}

function habitOf(i: number): Habit {
  if (i < 6) return 'with the trend'
  return i < 12 ? 'against the trend' : 'at random'
}

/** Two of those who trade at random are large, and look as if they knew something. */
function sizeOf(i: number): number {
  if (i === 12) return 6
  return i === 13 ? 3 : 1
}
