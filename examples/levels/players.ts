import * as block from './chock-a-block.ts'
import * as bulldozers from './dueling-bulldozers.ts'
import * as queue from './first-in-line.ts'
import * as steps from './first-steps.ts'
import * as mania from './irrational-exuberance.ts'
import * as amends from './making-amends.ts'
import * as gap from './mind-the-gap.ts'
import type { Player } from './player.ts'
import { buyAndHope, fixedQuotes, leanAgainstPosition, leanWithRoom, noInventoryRule } from './sell-side.ts'

/** Who plays which level: by the level's name, then by the player's. Of each level the best comes first. */
export const players: Readonly<Record<string, Readonly<Record<string, Player<unknown>>>>> = {
  first_steps: { takeIt: steps.takeIt, waitForHalf: steps.waitForHalf },
  chock_a_block: {
    takeUnderTarget: block.takeUnderTarget,
    littleByLittle: block.littleByLittle,
    oneLargeBid: block.oneLargeBid,
    muchEachDay: block.muchEachDay,
    allAtOnce: block.allAtOnce,
  },
  sell_side: { leanAgainstPosition, noInventoryRule, fixedQuotes, buyAndHope },
  dueling_bulldozers: {
    fadeTheWall: bulldozers.fadeTheWall,
    chaseTheMove: bulldozers.chaseTheMove,
    leanAgainstPosition,
    leanWithRoom,
  },
  irrational_exuberance: {
    rideAndLeave: mania.rideAndLeave,
    shortTooEarly: mania.shortTooEarly,
    holdForever: mania.holdForever,
  },
  making_amends: {
    whoKnewBefore: amends.whoKnewBefore,
    accuseRichestTaker: amends.accuseRichestTaker,
    accuseBestPerShare: amends.accuseBestPerShare,
    accuseLargest: amends.accuseLargest,
    accuseRichest: amends.accuseRichest,
  },
  first_in_line: {
    standAndWait: queue.standAndWait,
    joinAndStay: queue.joinAndStay,
    alwaysRejoin: queue.alwaysRejoin,
  },
  mind_the_gap: { askForOrders: gap.askForOrders, addUpFills: gap.addUpFills, neverHedge: gap.neverHedge },
}
