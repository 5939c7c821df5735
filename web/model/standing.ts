import type { RestVenue } from '../../sdk/index.ts'

/** What keeps a market from trading as usual. */
export type Standing = 'halted' | 'closed' | 'paused' | 'ended'

interface Described {
  readonly name: string
  /** For who is about to order. */
  readonly text: string
  readonly takesOrders: boolean
}

export const standings: Readonly<Record<Standing, Described>> = {
  halted: {
    name: 'Halted',
    text: 'This venue is halted: it takes neither orders nor cancels until it opens again.',
    takesOrders: false,
  },
  closed: {
    name: 'Closed',
    text: 'This venue is closed: all orders were canceled, and it takes none.',
    takesOrders: false,
  },
  paused: {
    name: 'Paused',
    text: 'This game is paused: nobody else trades until it goes on.',
    takesOrders: true,
  },
  ended: {
    name: 'Ended',
    text: 'This game has ended: what is traded now does not count.',
    takesOrders: true,
  },
}

/** The name of a venue in a list, with what keeps it from trading. */
export function withState(venue: string, state: RestVenue['state'] = 'open'): string {
  return state === 'open' ? venue : `${venue} (${standings[state].name.toLowerCase()})`
}
