import type { ClassicLevel } from 'classic-level'
import { metaKey } from './keys.ts'

/** Since 2 candles are in it. */
const formatVersion = 2

/** Up to where a part of a history is lost, which the journal no longer has either. */
export interface Lost {
  readonly sequence: number
  /** The time of that command. */
  readonly time: number
}

/** How far a history reaches. */
export interface Meta {
  readonly format: number
  /** Everything up to this command is stored. */
  readonly sequence: number
  /** Absent when nothing is lost. */
  readonly lost?: Lost
  /** What is stored beyond a gap; absent when there is none. */
  readonly beyond?: {
    /** The last command of the gap. */
    readonly gapEnd: number
    /** Everything from there to this command is stored. */
    readonly sequence: number
  }
}

/** A history of which something is missing or is not what was written. */
export class HistoryDamaged extends Error {}

export async function openFiles(db: ClassicLevel, createIfMissing: boolean): Promise<void> {
  try {
    await db.open({ createIfMissing })
  } catch (error) {
    throw explained((error as Error).cause as LevelError)
  }
}

/** Throws when this build cannot know what the format is. */
export async function readMeta(db: ClassicLevel): Promise<Meta> {
  let text: string | undefined
  try {
    text = await db.get(metaKey)
  } catch (error) {
    throw explained(error as LevelError)
  }
  if (text === undefined) return { format: formatVersion, sequence: 0 }
  const meta = parseMeta(text)
  if (meta.format > formatVersion)
    throw new Error(`it has format ${meta.format}; this build knows up to ${formatVersion}: use a newer one`)
  return meta
}

function parseMeta(text: string): Meta {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new HistoryDamaged((error as Error).message)
  }
}

export function writeMeta(meta: Omit<Meta, 'format'>): [key: string, value: string] {
  return [metaKey, JSON.stringify({ format: formatVersion, ...meta } satisfies Meta)]
}

interface LevelError {
  readonly code?: string
  readonly message: string
}

/** Whether an error in the middle of the work says that what is stored is not what was written. */
export function isDamage(error: unknown): boolean {
  return error instanceof SyntaxError || (error as LevelError).code === 'LEVEL_CORRUPTION'
}

/** Tells what is damaged from what only cannot be reached now. */
function explained({ code, message }: LevelError): Error {
  const isDamaged = code === 'LEVEL_CORRUPTION' || /No such file|does not exist/.test(message)
  return isDamaged ? new HistoryDamaged(message) : new Error(message)
}
