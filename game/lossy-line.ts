import type { Losses } from '../src/feeds/hub.ts'
import { createRandom } from '../traders/random.ts'
import type { FeedFaults } from './level.ts'

/** What the player's feeds lose: everything on dark days, else now and then what one command would have told. */
export function createLossyLine(seed: number, { drop, darkDays }: FeedFaults, day: () => number): Losses {
  const random = createRandom(seed, 'lossy')
  let drawnFor = 0
  let isLost = false
  return {
    loses(sequence) {
      if (sequence !== drawnFor) {
        drawnFor = sequence
        isLost = random.chance(drop)
      }
      return isLost || darkDays.includes(day())
    },
  }
}
