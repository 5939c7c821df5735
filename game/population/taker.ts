import type { Side } from '../../src/domain/order.ts'
import { createTrader, type Trader } from '../../traders/step.ts'
import { dayLength } from '../level.ts'
import { momentIn } from './moment.ts'
import { atOnce } from './price.ts'

/** Somebody who now and then wants to trade, whatever the price. */
export interface TakerTerms {
  readonly name: string
  /** How likely it trades on a day. */
  readonly chance: number
  readonly smallest: number
  readonly largest: number
  /** How likely it buys. */
  readonly buys?: number
}

/** Wakes at a random moment of each day; its memory is the day. */
function taker({ name, chance, smallest, largest, buys = 0.5 }: TakerTerms): Trader {
  return createTrader<number>({
    name,
    account: name,
    firstAfter: 0,
    begin: () => -1,
    step: (day, view, random) => {
      const trades = day >= 0 && random.chance(chance)
      const side = random.chance(buys) ? 'buy' : 'sell'
      const quantity = random.between(smallest, largest)
      return {
        state: day + 1,
        actions: trades ? atOnce(view, side, quantity) : [],
        nextAt: momentIn(day + 1, dayLength, view, random),
      }
    },
  })
}

/** Several takers of one kind, numbered from 1. */
export function takers(count: number, terms: TakerTerms): Trader[] {
  return Array.from({ length: count }, (_, i) => taker({ ...terms, name: `${terms.name}_${i + 1}` }))
}

/** Somebody who always wants the same: one side and one quantity, which it drew at the start. */
export function oneSided(account: string, chance: number): Trader {
  return createTrader<{ readonly day: number; readonly side: Side; readonly quantity: number }>({
    name: account,
    account,
    firstAfter: 0,
    begin: (random) => ({
      day: -1,
      side: random.chance(0.5) ? 'buy' : 'sell',
      quantity: random.between(5, 40),
    }),
    step: ({ day, side, quantity }, view, random) => ({
      state: { day: day + 1, side, quantity },
      actions: day >= 0 && random.chance(chance) ? atOnce(view, side, quantity) : [],
      nextAt: momentIn(day + 1, dayLength, view, random),
    }),
  })
}
