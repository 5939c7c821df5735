import { symbol, venue } from './commands.ts'
import { mixedOrders, restingOrders } from './orders.ts'
import type { StreamSocketOptions } from './stream-socket.ts'

export type StreamName = 'tape' | 'book'

/** What many can read at once while orders flow. Each order gives one message. */
interface Stream extends Pick<StreamSocketOptions, 'path' | 'opening'> {
  readonly orders: () => object[]
  /** Makes what tells whether a message, in its text, is the one after the last. */
  readonly createCheck: () => (text: string) => boolean
}

export const streams: Readonly<Record<StreamName, Stream>> = {
  tape: {
    path: `/ob/api/ws/READER/venues/${venue}/tickertape`,
    orders: restingOrders,
    /** Each order makes the bids deeper by one lot, so the depth counts the messages. */
    createCheck() {
      let depth = 0
      return (text) => {
        const { quote } = JSON.parse(text) as { quote: { bidDepth: number } }
        depth += 1
        return quote.bidDepth === depth
      }
    },
  },
  book: {
    path: '/ws/v1',
    // A word of welcome, the answer and the snapshot.
    opening: {
      text: JSON.stringify({ id: 1, op: 'subscribe', channel: 'book', venue, symbol }),
      answers: 3,
    },
    orders: mixedOrders,
    createCheck() {
      let number = 0
      return (text) => {
        const { seq, prev } = JSON.parse(text) as { seq: number; prev: number }
        number += 1
        return seq === number && prev === number - 1
      }
    },
  },
}
