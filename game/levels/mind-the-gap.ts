import { ticks } from '../../src/domain/units.ts'
import { createRandom } from '../../traders/random.ts'
import type { Setup } from '../level.ts'
import { dayMaker } from '../population/day-maker.ts'
import { deskProgram } from '../population/desk.ts'
import { fairValue } from '../population/fair-value.ts'
import { takers } from '../population/taker.ts'
import { defineLevel } from '../rules.ts'

const days = 100
const mostHeld = 300
const muchHeld = 200

interface Gaps extends Setup {
  readonly darkDays: readonly number[]
}

/** Level 8: know a position that somebody else makes, from messages that get lost. Its notes add up the closes. */
export const mindTheGap = defineLevel<Gaps, { readonly held: number }>({
  name: 'mind_the_gap',
  title: 'Mind the gap',
  days,
  setup(seed) {
    const random = createRandom(seed, 'setup')
    return {
      seed,
      startPrice: ticks(random.between(5000, 7999)),
      darkDays: [random.between(20, 29), random.between(40, 49)],
    }
  },
  feedFaults: ({ darkDays }) => ({ drop: 0.25, darkDays }),
  instructions: ({ venue, symbol, account }) => ({
    Instructions: [
      `An old program of the desk quotes **${symbol}** on **${venue}**, in your account **${account}**. Nobody can stop it and it does not care what it holds. You do the hedging: whenever a day ends, the account may hold or owe **300 shares** at the most.`,
      'It would be easy if you heard of every fill. You do not: your executions socket loses one message in four, and on some days it says nothing at all. Yet what you ask for by HTTP is always true.',
      'Somebody else fills your account, your ears miss one word in four. Know your position anyway.',
    ].join('\n\n'),
    Limits: [
      '- More than 300 shares at the end of any day, long or short, and you are out.',
      `- You have won when day **${days}** ends. The less you held at the ends of the days, the better.`,
    ].join('\n'),
  }),
  population(setup, player) {
    const { startPrice } = setup
    const fair = fairValue(setup, { days, sigma: 0.002, pull: 0.02 })
    return [
      dayMaker({
        name: 'MM',
        start: startPrice,
        quotes: 6,
        half: 0.004,
        step: 0.003,
        smallest: 80,
        largest: 200,
        every: 2.5,
        impact: startPrice / 400_000,
        memory: 0.6,
        center: (_before, { now }) => fair(now),
      }),
      ...takers(12, { name: 'NOISE', chance: 0.8, smallest: 10, largest: 40, buys: 0.6 }),
      deskProgram(player, fair),
    ]
  },
  rules: {
    notes: () => ({ held: 0 }),
    note: ({ day, books, notes }, { type }) =>
      type === 'day' && day > 1 ? { held: notes.held + Math.abs(books.position) } : notes,
    lost: ({ day, books }, { type }) =>
      type === 'day' && day > 1 && Math.abs(books.position) > mostHeld ? 'position' : undefined,
    won: ({ day }) => day > days,
    score: ({ notes }) => 100 - (100 * notes.held) / days / mostHeld,
    messages: ({ day, books }, { type }) =>
      type === 'day' && day > 1 && Math.abs(books.position) > muchHeld
        ? { warning: 'Your position at the close was too large.' }
        : undefined,
  },
})
