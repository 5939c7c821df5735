import { ticks } from '../../src/domain/units.ts'
import { createRandom } from '../../traders/random.ts'
import type { Trader } from '../../traders/step.ts'
import { dollars, navOf } from '../books.ts'
import type { Setup } from '../level.ts'
import { dayMaker } from '../population/day-maker.ts'
import { fairValue } from '../population/fair-value.ts'
import { takers } from '../population/taker.ts'
import { clamp, defineLevel } from '../rules.ts'

const days = 500
const goal = 1_000_000n
const worst = -500_000n
const mostHeld = 1000
const muchHeld = 800

/** Level 3: make a market beside a lazy rival. Its notes are whether the player has been told to hold less. */
export const sellSide = defineLevel<Setup, { readonly isWarned: boolean }>({
  name: 'sell_side',
  title: 'Sell side',
  days,
  setup(seed) {
    return { seed, startPrice: ticks(createRandom(seed, 'setup').between(4000, 7999)) }
  },
  instructions: ({ venue, symbol, account }) => ({
    Instructions: [
      `You are the new market maker for **${symbol}** on **${venue}**; your account is **${account}**.`,
      'Earn **$10,000**. Your worth is your cash and what you hold at the last price.',
      'There is one rival, and it is lazy: it quotes once a day, and wide. Quote both sides inside its spread. Whoever is in a hurry comes to you first and pays you for it.',
      'Keep your inventory small, and lean: who holds too much should quote a little lower, who owes too much a little higher. Nobody here tells you your position, so keep your own books.',
    ].join('\n\n'),
    Limits: [
      '- Hold or owe more than **1,000 shares** and you are out.',
      '- Lose more than **$5,000** and you are out.',
      `- You have **${days} days**. Quicker is better.`,
    ].join('\n'),
  }),
  population: sellSideMarket,
  rules: {
    notes: () => ({ isWarned: false }),
    note({ books, notes }, happening) {
      const isLarge = Math.abs(books.position) > muchHeld
      if (happening.type !== 'trade' || isLarge === notes.isWarned) return notes
      return { isWarned: isLarge }
    },
    lost({ books }) {
      if (Math.abs(books.position) > mostHeld) return 'position'
      return navOf(books) < worst ? 'money' : undefined
    },
    won: ({ books }) => navOf(books) >= goal,
    score: ({ day }) => 50 + 50 * clamp(1 - day / days),
    messages({ books, notes }, happening) {
      if (happening.type === 'day') return { info: `NAV ${dollars(navOf(books))}.` }
      const isOwn = happening.type === 'trade' && happening.player !== undefined
      return isOwn && notes.isWarned
        ? { warning: 'The risk desk thinks that your position is large.' }
        : undefined
    },
  },
})

/** A weak market maker and a crowd of people with their own reasons. */
export function sellSideMarket(setup: Setup): Trader[] {
  const fair = fairValue(setup, { days, sigma: 0.004, pull: 0.04 })
  return [
    dayMaker({
      name: 'RIVAL',
      start: setup.startPrice,
      quotes: 5,
      half: 0.007,
      step: 0.005,
      smallest: 14,
      largest: 30,
      every: 5,
      impact: setup.startPrice / 100_000,
      memory: 0.5,
      center: (_before, { now }) => fair(now),
    }),
    ...takers(10, { name: 'NOISE', chance: 0.8, smallest: 4, largest: 60 }),
    ...takers(5, { name: 'RETAIL', chance: 0.5, smallest: 5, largest: 20, buys: 0.6 }),
  ]
}
