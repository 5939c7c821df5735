import type { Player } from '../examples/levels/player.ts'
import { players } from '../examples/levels/players.ts'
import type { Level } from '../game/level.ts'
import { findLevel } from '../game/levels.ts'
import { playLevel } from '../test/support/level-game.ts'
import { answer, input } from './process.ts'

export interface LevelTask {
  readonly level: string
  readonly seed: number
}

export interface LevelRun {
  /** CPU time of the whole game. */
  readonly seconds: number
  readonly days: number
}

/** Looks twice a second and does nothing, so that the game goes on to its last day. */
const watcher: Player<null> = {
  start: null,
  every: 0.5,
  decide: () => ({ memory: null, wishes: [] }),
}

const { level, seed } = input<LevelTask>()
// There whoever does nothing is out after a few days.
const player = level === 'mind_the_gap' ? players.mind_the_gap?.askForOrders : watcher
const before = process.cpuUsage()
const { play } = playLevel(findLevel(level) as Level, seed, player as Player<unknown>)
const { user, system } = process.cpuUsage(before)
answer({ seconds: (user + system) / 1e6, days: play.day - 1 } satisfies LevelRun)
