import { ticks } from '../../src/domain/units.ts'
import { dayLength, type Happening, type Setup } from '../level.ts'
import { informed, provider, smallTaker } from '../population/queue.ts'
import { clamp, defineLevel } from '../rules.ts'

const days = 170
const goal = 8000
const worst = -0.2
const mostHeld = 1500
const providers = 12
const takers = 4
/** Fills of a tenth of a second are looked at together, so that what waits for its day is bounded. */
const slice = 100_000
/** What a price counts at most, however absurd it was. */
const highest = 1e7

interface Notes {
  /** Between the best prices, as last seen. */
  readonly middle: number
  /** Fills that are not a day old, the oldest first. */
  readonly young: readonly Slice[]
  /** Lots filled as maker that are a day old, and what they gained since, in ticks × lots. */
  readonly shares: number
  readonly gained: number
}

/** What was filled as maker in a short time: lots, lots bought less sold, and what those cost. */
interface Slice {
  readonly due: number
  readonly shares: number
  readonly bought: number
  readonly cost: number
}

/** Level 7: be filled as maker, but not when it hurts. */
export const firstInLine = defineLevel<Setup, Notes>({
  name: 'first_in_line',
  title: 'First in line',
  days,
  followsQuotes: true,
  setup: (seed) => ({ seed, startPrice: ticks(2000) }),
  instructions: ({ venue, symbol, account }) => ({
    Instructions: [
      `**${symbol}** on **${venue}** is one tick wide, so nobody here can offer a better price. What is left is your place in the queue. Your account is **${account}**.`,
      'Get **8,000 shares** filled as the maker: your order rests, and somebody else comes to it. A day after each fill we look at where the middle of the market went. On average it may have gone **a fifth of a tick** against you, and no more.',
      'Now and then somebody comes who knows something and takes a whole price at once. First in line, you were filled long before. Last in line, you are filled exactly then. Patience is a position.',
    ].join('\n\n'),
    Limits: [
      '- Reach 8,000 shares with a worse average and you are out.',
      '- Hold or owe more than **1,500 shares** and you are out.',
      `- You have **${days} days**.`,
    ].join('\n'),
  }),
  population: ({ startPrice }) => [
    ...numbered(providers).map((i) => provider(`PROVIDER_${i}`, startPrice, providers)),
    ...numbered(takers).map((i) => smallTaker(`NOISE_${i}`)),
    informed('INFORMED', startPrice),
  ],
  rules: {
    notes: ({ startPrice }) => ({ middle: startPrice, young: [], shares: 0, gained: 0 }),
    note: ({ notes }, happening) => remember(grow(notes, happening.time), happening),
    lost({ books, notes }) {
      if (Math.abs(books.position) > mostHeld) return 'position'
      return notes.shares >= goal && markoutOf(notes) < worst ? 'markout' : undefined
    },
    won: ({ notes }) => notes.shares >= goal,
    score: ({ notes }) => 50 + 50 * clamp((markoutOf(notes) - worst) / 0.5),
    messages: ({ notes }, { type }) =>
      type === 'day'
        ? { info: `${notes.shares} maker shares, markout ${markoutOf(notes).toFixed(2)} ticks.` }
        : undefined,
  },
})

/** Counts what has become a day old, at the middle as it was until now. */
function grow(notes: Notes, time: number): Notes {
  const old = notes.young.findIndex(({ due }) => due > time)
  const grown = old === -1 ? notes.young : notes.young.slice(0, old)
  if (grown.length === 0) return notes
  return {
    middle: notes.middle,
    young: notes.young.slice(grown.length),
    shares: grown.reduce((sum, { shares }) => sum + shares, notes.shares),
    gained: grown.reduce((sum, { bought, cost }) => sum + notes.middle * bought - cost, notes.gained),
  }
}

function remember(notes: Notes, happening: Happening): Notes {
  if (happening.type === 'quote') {
    const { bid, ask } = happening
    if (bid === undefined || ask === undefined) return notes
    return { ...notes, middle: Math.min(highest, (bid + ask) / 2) }
  }
  if (happening.type !== 'trade' || happening.player === undefined || happening.player.taker) return notes
  const { time, price, quantity, player } = happening
  const bought = player.side === 'buy' ? quantity : -quantity
  const due = Math.ceil(time / slice) * slice + dayLength
  const last = notes.young.at(-1)
  const isNew = last === undefined || last.due !== due
  const { shares, bought: net, cost } = isNew ? { shares: 0, bought: 0, cost: 0 } : last
  const now = {
    due,
    shares: shares + quantity,
    bought: net + bought,
    cost: cost + bought * Math.min(highest, price),
  }
  return { ...notes, young: [...(isNew ? notes.young : notes.young.slice(0, -1)), now] }
}

function markoutOf({ shares, gained }: Notes): number {
  return shares === 0 ? 0 : gained / shares
}

function numbered(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1)
}
