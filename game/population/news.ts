import { createRandom } from '../../traders/random.ts'

/** What everybody hears on a day. */
export interface News {
  readonly day: number
  /** What the value is multiplied by. */
  readonly factor: number
}

/** The announcements of a game. They are settled before the first trade, which is why somebody can know them. */
export function newsOf(seed: number, days: number): readonly News[] {
  const random = createRandom(seed, 'news')
  const all: News[] = []
  for (let day = random.between(12, 25); day <= days; day += random.between(12, 25)) {
    const isUp = random.chance(0.6)
    const size = random.uniform(0.03, 0.06)
    all.push({ day, factor: isUp ? 1 + size : 1 - size })
  }
  return all
}
