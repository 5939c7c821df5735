import t from 'tap'
import type { Player } from '../../examples/levels/player.ts'
import { players } from '../../examples/levels/players.ts'
import type { Level, LevelName } from '../../game/level.ts'
import { findLevel } from '../../game/levels.ts'
import { playLevel } from '../support/level-game.ts'

/**
 * Each level can be won by somebody who understood it, and not by the first idea that comes to mind. These are whole
 * games, so few are played: LEVEL_SEEDS=1-20 plays those that the levels promise, of which each player may miss one.
 */
const [first = 4, last = 7] = (process.env.LEVEL_SEEDS ?? '4-7').split('-').map(Number)
const seeds = Array.from({ length: last - first + 1 }, (_, i) => first + i)
const mayMiss = Math.floor(seeds.length / 20)

t.setTimeout(600_000)

const cases: Readonly<Record<LevelName, { readonly wins: string[]; readonly loses: string[] }>> = {
  first_steps: { wins: ['takeIt'], loses: ['waitForHalf'] },
  chock_a_block: { wins: ['takeUnderTarget'], loses: ['muchEachDay', 'allAtOnce'] },
  sell_side: { wins: ['leanAgainstPosition'], loses: ['fixedQuotes', 'buyAndHope'] },
  dueling_bulldozers: { wins: ['fadeTheWall'], loses: ['leanAgainstPosition', 'leanWithRoom'] },
  irrational_exuberance: { wins: ['rideAndLeave'], loses: ['shortTooEarly', 'holdForever'] },
  making_amends: { wins: ['whoKnewBefore'], loses: ['accuseRichest'] },
  first_in_line: { wins: ['standAndWait', 'joinAndStay'], loses: ['alwaysRejoin'] },
  mind_the_gap: { wins: ['askForOrders'], loses: ['addUpFills', 'neverHedge'] },
}

for (const [name, { wins, loses }] of Object.entries(cases)) {
  const level = findLevel(name) as Level

  for (const player of wins) {
    t.test(`${name} can be won: ${player} does`, async (t) => {
      const others = play(level, player).filter(({ verdict }) => verdict?.state !== 'won')

      t.ok(others.length <= mayMiss, JSON.stringify(others))
    })
  }

  for (const player of loses) {
    t.test(`${name} can be lost: ${player} does`, async (t) => {
      const others = play(level, player).filter(({ verdict }) => verdict?.state !== 'lost')

      t.ok(others.length <= mayMiss, JSON.stringify(others))
    })
  }
}

function play(level: Level, player: string) {
  return seeds.map((seed) => {
    const { verdict, day } = playLevel(level, seed, players[level.name]?.[player] as Player<unknown>).play
    return { seed, verdict, day }
  })
}
