import t from 'tap'
import type { Player, Wish } from '../../examples/levels/player.ts'
import { players } from '../../examples/levels/players.ts'
import { dayLength, type Level, type LevelName, type Play } from '../../game/level.ts'
import { findLevel } from '../../game/levels.ts'
import { micros } from '../../src/domain/units.ts'
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
  dueling_bulldozers: {
    wins: ['fadeTheWall', 'chaseTheMove'],
    loses: ['leanAgainstPosition', 'leanWithRoom'],
  },
  irrational_exuberance: { wins: ['rideAndLeave'], loses: ['shortTooEarly', 'holdForever'] },
  making_amends: { wins: ['whoKnewBefore'], loses: ['accuseRichest', 'accuseLargest', 'accuseBestPerShare'] },
  first_in_line: { wins: ['standAndWait', 'joinAndStay'], loses: ['alwaysRejoin'] },
  mind_the_gap: { wins: ['askForOrders'], loses: ['addUpFills', 'neverHedge'] },
}

for (const [name, { wins, loses }] of Object.entries(cases)) {
  const level = findLevel(name) as Level
  const endings = level.isJudged ? watched(level, [...wins, ...loses]) : played(level)

  for (const player of wins) {
    t.test(`${name} can be won: ${player} does`, async (t) => {
      const others = endings(player).filter(({ verdict }) => verdict?.state !== 'won')

      t.ok(others.length <= mayMiss, JSON.stringify(others))
    })
  }

  for (const player of loses) {
    t.test(`${name} can be lost: ${player} does`, async (t) => {
      const others = endings(player).filter(({ verdict }) => verdict?.state !== 'lost')

      t.ok(others.length <= mayMiss, JSON.stringify(others))
    })
  }
}

/** How a player's games end: one for each seed. */
type Endings = (player: string) => (Pick<Play, 'verdict' | 'day'> & { readonly seed: number })[]

function played(level: Level): Endings {
  return (player) =>
    seeds.map((seed) => {
      const { verdict, day } = playLevel(level, seed, playerOf(level, player)).play
      return { seed, verdict, day }
    })
}

/** The same where all one can do is to accuse: who only watches changes nothing, so one game serves all of them. */
function watched(level: Level, names: readonly string[]): Endings {
  const games = new Map<number, ReturnType<typeof watchTogether>>()
  return (player) =>
    seeds.map((seed) => {
      const { accused, play } = games.get(seed) ?? watchTogether(level, seed, names)
      games.set(seed, { accused, play })
      const account = accused.get(player) as string
      const time = micros(play.day * dayLength)
      const { verdict, day } = level.apply(level.setup(seed), play, { type: 'judge', account, time })
      return { seed, verdict, day }
    })
}

/** Whom each of them accuses, and the game as it was then. They have to do so at the same time. */
function watchTogether(level: Level, seed: number, names: readonly string[]) {
  const watchers = names.map((name) => playerOf(level, name))
  let wishes: (readonly Wish[])[] = []
  const { play } = playLevel<readonly unknown[]>(level, seed, {
    start: watchers.map(({ start }) => start),
    every: watchers[0]?.every as number,
    followsOthers: true,
    decide(memories, seen) {
      const decisions = watchers.map((watcher, i) => watcher.decide(memories[i], seen))
      wishes = decisions.map((decision) => decision.wishes)
      return { memory: decisions.map(({ memory }) => memory), wishes: wishes.flat() }
    },
  })
  const accused = new Map<string, string>()
  for (const [i, name] of names.entries()) {
    const [wish] = wishes[i] ?? []
    if (wish?.type !== 'accuse') throw new Error(`${name} accused nobody when others did, seed ${seed}`)
    accused.set(name, wish.account)
  }
  return { accused, play: { ...play, verdict: undefined } }
}

function playerOf(level: Level, name: string): Player<unknown> {
  return players[level.name]?.[name] as Player<unknown>
}
