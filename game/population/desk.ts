import { after, cancel, createTrader, limit, type Trader } from '../../traders/step.ts'
import { dayLength } from '../level.ts'
import type { FairValue } from './fair-value.ts'
import { askPrice, bidPrice } from './price.ts'

const quantity = 150
const away = 0.002
/** Covers its quotes. No client can use the name: it has a space. */
const deskSession = 'the desk'

/** A program of the player's own desk, from the first day on: quotes both sides in the player's account, and does not mind what it holds. */
export function deskProgram(account: string, fair: FairValue): Trader {
  return createTrader<null>({
    name: 'DESK',
    account,
    session: deskSession,
    firstAfter: dayLength,
    begin: () => null,
    step: (state, view) => {
      const value = fair(view.now)
      const quotes = [
        limit('buy', bidPrice(value * (1 - away)), quantity),
        limit('sell', askPrice(value * (1 + away)), quantity),
      ]
      return { state, actions: [...view.orders.map(cancel), ...quotes], nextAt: after(view.now, 1) }
    },
  })
}
