import type { InstanceView, LevelView } from '../schemas/game-master.ts'
import type { Instance } from './instance.ts'
import type { Level } from './level.ts'
import type { EndRecord, InstanceRecord } from './records.ts'

/** What a start is answered with. */
export function toLevelView(
  { id, account, venue, symbol, secondsPerDay }: InstanceRecord,
  level: Level,
): LevelView {
  return {
    ok: true,
    instanceId: id,
    account,
    instructions: level.instructions({ venue, symbol, account }),
    tickers: [symbol],
    venues: [venue],
    secondsPerTradingDay: secondsPerDay,
    balances: { USD: level.startingCash },
  }
}

/** How a game is. `instance` is there until its venue is gone; `ended` is what was noted of its end. */
export function toInstanceView(
  record: InstanceRecord,
  { days }: Level,
  instance: Pick<Instance, 'play' | 'judged' | 'pausedAt'> | undefined,
  ended: EndRecord | undefined,
): InstanceView {
  const { id, level, venue, symbol: ticker, account, seed } = record
  const day = ended?.day ?? instance?.play.day ?? days
  const flash = ended?.flash ?? instance?.play.flash
  const judged = ended?.judged ?? instance?.judged
  const reason = ended?.reason
  return {
    ok: true,
    // What has left no trace but its start was cut off by a crash.
    done: ended !== undefined || instance === undefined,
    id,
    state: ended?.state ?? (instance === undefined ? 'stopped' : 'open'),
    ...(ended === undefined && instance?.pausedAt !== undefined && { paused: true as const }),
    ...{ level, venue, ticker, account },
    details: {
      tradingDay: Math.min(Math.max(1, day), days),
      endOfTheWorldDay: days,
      seed,
      ...(reason !== undefined && { reason }),
    },
    ...(flash !== undefined && { flash }),
    ...(ended?.score !== undefined && { score: ended.score }),
    ...(judged !== undefined && { judged }),
  }
}
