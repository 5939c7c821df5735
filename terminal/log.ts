import { appendFileSync, renameSync, statSync } from 'node:fs'
import { basename } from 'node:path'

export const levels = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const
export type Level = (typeof levels)[number]

/** Bytes of a log file before it is put aside, and the next one begun. */
const rotateBytes = 5 * 1024 * 1024
/** What is in no line, by the names that it has in frames. */
const secrets = new Set(['api_key', 'signature', 'user_jwt'])
const mask = '***'

/** What the terminal does, a line each: `2025-11-24 16:00:05,123 (INFO, session.ts:42)  message`. */
export class Log {
  readonly #level: Level
  readonly #write: (line: string) => void
  readonly #now: () => Date

  constructor(level: Level, write: (line: string) => void, now: () => Date = () => new Date()) {
    this.#level = level
    this.#write = write
    this.#now = now
  }

  debug(text: string): void {
    this.#line('DEBUG', text)
  }

  info(text: string): void {
    this.#line('INFO', text)
  }

  warn(text: string): void {
    this.#line('WARN', text)
  }

  error(text: string): void {
    this.#line('ERROR', text)
  }

  #line(level: Level, text: string): void {
    if (levels.indexOf(level) < levels.indexOf(this.#level)) return
    this.#write(`${localTime(this.#now())} (${level}, ${caller()})  ${text}\n`)
  }
}

/** Appends lines to a file; when it has grown large it becomes `FILE.1`, in place of the one before. */
export function logFile(path: string): (line: string) => void {
  return (line) => {
    const { size = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {}
    if (size > 0 && size + line.length > rotateBytes) renameSync(path, `${path}.1`)
    appendFileSync(path, line, { mode: 0o600 })
  }
}

/** A frame as it may stand in a log: without keys and signatures, its names in order. */
export function masked(frame: unknown, indent?: number): string {
  return JSON.stringify(
    frame,
    (name, value: unknown) => {
      if (secrets.has(name)) return mask
      if (typeof value !== 'object' || value === null || Array.isArray(value) || indent === undefined)
        return value
      return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    },
    indent,
  )
}

/** To the millisecond, by the clock on the wall. */
function localTime(time: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')
  return `${date} ${clock},${String(time.getMilliseconds()).padStart(3, '0')}`
}

/** The file and line that a message comes from. */
function caller(): string {
  // The error is made here, below `#line` and the method of the level.
  const [, line = ''] = /\n.*?\n.*?\n.*?\n.*?([^(\s]+:\d+):\d+\)?(?:\n|$)/.exec(new Error().stack ?? '') ?? []
  return basename(line.replace(/^file:\/\//, '')) || 'unknown:0'
}
