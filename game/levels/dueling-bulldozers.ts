import { ticks } from '../../src/domain/units.ts'
import { createRandom } from '../../traders/random.ts'
import { dollars, navOf } from '../books.ts'
import type { Setup } from '../level.ts'
import { dayMaker } from '../population/day-maker.ts'
import { fairValue } from '../population/fair-value.ts'
import { type Campaign, campaignsOf, giant, giantNames, hasWall } from '../population/giants.ts'
import { takers } from '../population/taker.ts'
import { clamp, defineLevel } from '../rules.ts'

const days = 500
const goal = 25_000_000n
const worst = -10_000_000n
const mostHeld = 5000

interface Duel extends Setup {
  readonly campaigns: readonly Campaign[]
}

/** Level 4: two giants push the price about. */
export const duelingBulldozers = defineLevel<Duel, null>({
  name: 'dueling_bulldozers',
  aliases: ['dueling_bulldogs'],
  title: 'Dueling bulldozers',
  days,
  setup(seed) {
    const startPrice = ticks(createRandom(seed, 'setup').between(6000, 11_999))
    return { seed, startPrice, campaigns: campaignsOf(seed, days) }
  },
  instructions: ({ venue, symbol, account }) => ({
    Instructions: [
      `Two institutions hate each other, and **${symbol}** on **${venue}** is where they fight. Now and then one of them puts sixty thousand shares into the book and pushes the price up, or down, as if nobody else were there; some days later it goes home, and the price wanders back.`,
      `Your account is **${account}**. Make **$250,000** out of it: cash, and what you hold at the last price.`,
      'Stand beside the road, not on it. A wall that is in the wrong place is also somebody who sells you a great deal at the wrong price.',
    ].join('\n\n'),
    Limits: [
      '- Hold or owe more than **5,000 shares** and you are out.',
      '- Lose more than **$100,000** and you are out.',
      `- You have **${days} days**. Quicker is better.`,
    ].join('\n'),
  }),
  population(setup) {
    const { startPrice, campaigns } = setup
    const fair = fairValue(setup, { days, sigma: 0.006, pull: 0.03 })
    return [
      dayMaker({
        name: 'MM',
        start: startPrice,
        quotes: 6,
        half: 0.004,
        step: 0.004,
        smallest: 40,
        largest: 120,
        every: 2.5,
        impact: startPrice / 200_000,
        memory: 0.5,
        center: (before, view) =>
          hasWall(view)
            ? before + 0.7 * ((view.last ?? before) - before)
            : before + 0.15 * (fair(view.now) - before),
      }),
      ...takers(10, { name: 'NOISE', chance: 0.8, smallest: 4, largest: 60 }),
      ...giantNames.map((name) => giant(name, campaigns, startPrice)),
    ]
  },
  rules: {
    notes: () => null,
    lost({ books }) {
      if (Math.abs(books.position) > mostHeld) return 'position'
      return navOf(books) < worst ? 'money' : undefined
    },
    won: ({ books }) => navOf(books) >= goal,
    score: ({ day }) => 50 + 50 * clamp(1 - day / days),
    messages({ setup: { campaigns }, books, day }, happening) {
      if (happening.type !== 'day') return undefined
      const info = `NAV ${dollars(navOf(books))}.`
      const setsOut = campaigns.some(({ from }) => from === 2 * day)
      return setsOut ? { info, warning: 'Something very large is moving.' } : { info }
    },
  },
})
