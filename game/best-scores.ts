import type { Exchange } from '../src/port.ts'
import type { LevelName } from './level.ts'
import { type BestRecord, fromJson } from './records.ts'

// The best scores are notes: by owner, which is missing where there are no keys, and level.

export function bestOf(
  exchange: Exchange,
  owner: string | undefined,
  level: LevelName,
): BestRecord | undefined {
  return fromJson<BestRecord>(exchange.note('best', keyOf(owner, level)))
}

export function bestNote(owner: string | undefined, level: LevelName, { score, day }: BestRecord) {
  return { type: 'note', topic: 'best', key: keyOf(owner, level), data: { score, day } } as const
}

function keyOf(owner: string | undefined, level: LevelName): string {
  return `${owner ?? ''} ${level}`
}
