import { type Level, type LevelName, levelNames } from './level.ts'
import { chockABlock } from './levels/chock-a-block.ts'
import { duelingBulldozers } from './levels/dueling-bulldozers.ts'
import { firstInLine } from './levels/first-in-line.ts'
import { firstSteps } from './levels/first-steps.ts'
import { irrationalExuberance } from './levels/irrational-exuberance.ts'
import { makingAmends } from './levels/making-amends.ts'
import { mindTheGap } from './levels/mind-the-gap.ts'
import { sellSide } from './levels/sell-side.ts'

const byName: Record<LevelName, Level> = {
  first_steps: firstSteps,
  chock_a_block: chockABlock,
  sell_side: sellSide,
  dueling_bulldozers: duelingBulldozers,
  irrational_exuberance: irrationalExuberance,
  making_amends: makingAmends,
  first_in_line: firstInLine,
  mind_the_gap: mindTheGap,
}

/** Every level, in the order in which they are best played. */
export const levels: readonly Level[] = levelNames.map((name) => byName[name])

/** A level by its name or by another name that it is known by. */
export function findLevel(name: string): Level | undefined {
  return levels.find((level) => level.name === name || level.aliases.includes(name))
}
