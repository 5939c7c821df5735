import { ticks } from '../../src/domain/units.ts'
import { createRandom } from '../../traders/random.ts'
import { dollars, navOf } from '../books.ts'
import type { Setup } from '../level.ts'
import { fan } from '../population/crowd.ts'
import { dayMaker } from '../population/day-maker.ts'
import { takers } from '../population/taker.ts'
import { clamp, defineLevel } from '../rules.ts'

const days = 300
const goal = 10_000_000
const worst = -5_000_000n
const mostHeld = 5000
/** Who holds no more than this is out of it. */
const nothingMuch = 100

interface Mania extends Setup {
  /** The last day on which people believe. */
  readonly lastDay: number
}

/** Level 5: a bubble. Its notes are the highest price so far. */
export const irrationalExuberance = defineLevel<Mania, { readonly peak: number }>({
  name: 'irrational_exuberance',
  title: 'Irrational exuberance',
  days,
  setup(seed) {
    const random = createRandom(seed, 'setup')
    return {
      seed,
      startPrice: ticks(random.between(3000, 5999)),
      lastDay: random.between(130, 179),
    }
  },
  instructions: ({ venue, symbol, account }) => ({
    Instructions: [
      `Everybody knows that **${symbol}** is a bubble, and everybody means to be the last one out. It goes up because it goes up. One day somebody loses their nerve, and then it goes down because it goes down.`,
      `You trade on **${venue}** as **${account}**. Get rich, get flat, and be standing after it bursts.`,
      'You have won when all of this holds at once: the price has once been **twice** what it began at; it is now **half** of its highest or less; you are worth **$100,000** or more; and you hold or owe **100 shares** at the most.',
    ].join('\n\n'),
    Limits: [
      '- Hold or owe more than **5,000 shares** and you are out.',
      '- Lose more than **$50,000** and you are out.',
      `- You have **${days} days**, and nobody will tell you which one it is going to be. The richer you end, the better.`,
    ].join('\n'),
  }),
  population: ({ startPrice, lastDay }) => [
    dayMaker({
      name: 'MM',
      start: startPrice,
      quotes: 10,
      half: 0.004,
      step: 0.004,
      smallest: 40,
      largest: 100,
      every: 2.5,
      impact: 0.0001,
      memory: 0,
      center: (before, _view, impact) => Math.max(0.2 * startPrice, before * (1 + impact)),
    }),
    ...Array.from({ length: 30 }, (_, i) => fan(`FAN_${i + 1}`, startPrice, lastDay)),
    ...takers(6, { name: 'RETAIL', chance: 0.5, smallest: 5, largest: 20, buys: 0.52 }),
  ],
  rules: {
    notes: ({ startPrice }) => ({ peak: startPrice }),
    note: ({ notes, books }) =>
      books.last !== null && books.last > notes.peak ? { peak: books.last } : notes,
    lost({ books }) {
      if (Math.abs(books.position) > mostHeld) return 'position'
      return navOf(books) < worst ? 'money' : undefined
    },
    won({ setup: { startPrice }, books, notes: { peak } }) {
      const hasBurst = peak >= 2 * startPrice && books.last !== null && books.last <= peak / 2
      return hasBurst && Math.abs(books.position) <= nothingMuch && navOf(books) >= goal
    },
    score: ({ books }) => 50 + 50 * clamp((Number(navOf(books)) / goal - 1) / 1.5),
    messages({ books, notes }, { type }) {
      if (type !== 'day') return undefined
      const last = books.last === null ? 'none' : dollars(books.last)
      return { info: `High ${dollars(notes.peak)}. Last ${last}. NAV ${dollars(navOf(books))}.` }
    },
  },
})
