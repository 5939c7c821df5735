import { type Ticks, ticks } from '../../src/domain/units.ts'
import { createRandom } from '../../traders/random.ts'
import { dollars } from '../books.ts'
import type { Books, Setup } from '../level.ts'
import { dayMaker } from '../population/day-maker.ts'
import { fairValue } from '../population/fair-value.ts'
import { fundSeller } from '../population/fund-seller.ts'
import { takers } from '../population/taker.ts'
import { clamp, defineLevel } from '../rules.ts'

const days = 300
const goal = 100_000
/** From here on the average is looked at before the end. */
const muchBought = 25_000

interface Block extends Setup {
  /** What the client pays a share at most, on average. */
  readonly target: Ticks
}

/** Level 2: buy a block without being noticed. */
export const chockABlock = defineLevel<Block, null>({
  name: 'chock_a_block',
  title: 'Chock a block',
  days,
  setup(seed) {
    const startPrice = ticks(createRandom(seed, 'setup').between(4000, 8999))
    return { seed, startPrice, target: ticks(Math.round(1.008 * startPrice)) }
  },
  instructions: ({ venue, symbol, account }) => ({
    Instructions: [
      `A pension fund wants **100,000 shares** of **${symbol}** (venue **${venue}**, your account **${account}**), and it wants them cheap. On average it pays no more than a price which the back office tells you after your first fill.`,
      'The market maker has a short memory: what you bought yesterday it has half forgotten today. The crowd has sharp eyes: a very large bid is seen by everybody, and makes sellers greedy.',
      'Small, often, and never in a hurry.',
    ].join('\n\n'),
    Limits: [
      '- Take a single share at more than 5 % over the target price and you are out.',
      '- So you are when 100,000 shares cost more than the target on average, or more than 25,000 cost 5 % more.',
      `- You have **${days} days**.`,
    ].join('\n'),
  }),
  population(setup) {
    const { startPrice } = setup
    const fair = fairValue(setup, { days, sigma: 0.002, pull: 0.06 })
    return [
      dayMaker({
        name: 'MM',
        start: startPrice,
        quotes: 12,
        half: 0.0015,
        step: 0.0035,
        bend: 0.0003,
        smallest: 60,
        largest: 200,
        every: 5,
        impact: startPrice / 60_000,
        memory: 0.6,
        center: (_before, { now }) => fair(now),
      }),
      ...takers(8, { name: 'NOISE', chance: 0.7, smallest: 5, largest: 40 }),
      ...takers(5, { name: 'RETAIL', chance: 0.5, smallest: 5, largest: 20, buys: 0.6 }),
      fundSeller(fair),
    ]
  },
  rules: {
    notes: () => null,
    lost({ setup: { target }, books }, happening) {
      if (happening.type !== 'trade' || happening.player?.side !== 'buy') return undefined
      if (happening.player.taker && happening.price > 1.05 * target) return 'impact'
      if (books.bought >= goal && isOver(books, BigInt(target))) return 'average'
      const isFarOver = BigInt(books.paid) * 100n > BigInt(target) * 105n * BigInt(books.bought)
      return books.bought > muchBought && isFarOver ? 'average' : undefined
    },
    won: ({ setup: { target }, books }) => books.bought >= goal && !isOver(books, BigInt(target)),
    score({ setup: { target }, books, day }) {
      return 40 + 40 * clamp((target - averageOf(books)) / (0.012 * target)) + 20 * clamp(1 - day / days)
    },
    messages({ setup: { target }, books }, happening) {
      const isFill = happening.type === 'trade' && happening.player?.side === 'buy'
      const isFirst = isFill && books.bought === happening.quantity
      const info =
        isFirst || (happening.type === 'day' && books.bought > 0)
          ? `Back office: purchased ${books.bought} shares, average ${dollars(averageOf(books))}. For the client, target price is ${dollars(target)}.`
          : undefined
      const isNoticed = isFill && happening.price > 1.03 * target
      const warning = isNoticed ? 'The risk desk has noticed your footprint.' : undefined
      if (info === undefined && warning === undefined) return undefined
      return { ...(info !== undefined && { info }), ...(warning !== undefined && { warning }) }
    },
  },
})

function isOver({ paid, bought }: Books, price: bigint): boolean {
  return BigInt(paid) > price * BigInt(bought)
}

function averageOf({ paid, bought }: Books): number {
  return Number(BigInt(paid)) / bought
}
