import { ticks } from '../../src/domain/units.ts'
import { createRandom } from '../../traders/random.ts'
import type { Setup } from '../level.ts'
import { defineLevel } from '../rules.ts'
import { sellSideMarket } from './sell-side.ts'

const goal = 100

/** Level 1: buy something. */
export const firstSteps = defineLevel<Setup, null>({
  name: 'first_steps',
  title: 'First steps',
  days: 500,
  setup(seed) {
    return { seed, startPrice: ticks(createRandom(seed, 'setup').between(4000, 7999)) }
  },
  instructions: ({ venue, symbol, account }) => ({
    Instructions: [
      `Welcome to the floor. Your account is **${account}**, the venue is **${venue}**, and the stock is **${symbol}**.`,
      'Look at the book, then own **100 shares**. Nothing you do here can get you into trouble.',
      'You begin with no money and need none: the firm lends you all you ask for.',
    ].join('\n\n'),
    'Order Types': [
      '- `limit`: trade at your price or better, and let the rest wait in the book.',
      '- `market`: trade at once, at whatever price is there. The quickest way through this level.',
      '- `immediate-or-cancel`: a limit order whose rest does not wait.',
      '- `fill-or-kill`: all of it at once, or nothing.',
    ].join('\n'),
  }),
  population: sellSideMarket,
  rules: {
    notes: () => null,
    won: ({ books }) => books.bought >= goal,
    score: () => 100,
    messages: ({ books }, happening) =>
      happening.type === 'trade' && happening.player?.side === 'buy'
        ? { info: `${books.bought} of ${goal} bought.` }
        : undefined,
  },
})
