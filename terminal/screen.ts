import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

export interface ScreenOptions {
  readonly input: Readable
  readonly output: Writable
  /** Whether a person sits there: lines can be edited, and completed. */
  readonly isInteractive: boolean
  /** Where lines are kept for the next time; undefined: nowhere. */
  readonly historyFile: string | undefined
  /** What a line may go on with. */
  readonly complete: (line: string) => readonly string[]
}

/** Lines that are kept. */
const historySize = 1000
const clearScreen = '\u001b[2J\u001b[H'

/** Where lines come from and text goes to. What is told while a line is being typed stands above it. */
export class Screen {
  readonly isInteractive: boolean
  readonly #lines: Interface
  readonly #output: Writable
  readonly #historyFile: string | undefined
  readonly #read: string[] = []
  #waiting: ((line: string | undefined) => void) | undefined
  #isOver = false
  /** Called at ^C. */
  interrupted: () => void = () => {}

  constructor({ input, output, isInteractive, historyFile, complete }: ScreenOptions) {
    this.isInteractive = isInteractive
    this.#output = output
    this.#historyFile = historyFile
    this.#lines = createInterface({
      ...{ input, terminal: isInteractive, historySize, removeHistoryDuplicates: true },
      ...(isInteractive && { output, history: readHistory(historyFile) }),
      completer: (line: string) => {
        const word = /\S*$/.exec(line)?.[0] ?? ''
        return [complete(line).filter((one) => one.startsWith(word)), word]
      },
    })
    this.#lines.on('line', (line) => this.#take(line))
    this.#lines.on('close', () => {
      this.#isOver = true
      this.#waiting?.(undefined)
      this.#waiting = undefined
    })
    this.#lines.on('SIGINT', () => this.interrupted())
  }

  /** The next line; undefined at the end of the input. */
  ask(prompt: string): Promise<string | undefined> {
    const line = this.#read.shift()
    if (line !== undefined) return Promise.resolve(line)
    if (this.#isOver) return Promise.resolve(undefined)
    if (this.isInteractive) {
      this.#lines.setPrompt(prompt)
      this.#lines.prompt()
    }
    return new Promise((resolve) => {
      this.#waiting = resolve
    })
  }

  /** Prints a text on lines of its own. */
  print(text: string): void {
    const isTyping = this.isInteractive && this.#waiting !== undefined
    this.#output.write(isTyping ? `\r\u001b[J${text}\n` : `${text}\n`)
    if (isTyping) this.#lines.prompt(true)
  }

  clear(): void {
    if (this.isInteractive) this.#output.write(clearScreen)
  }

  /** Lets something else have the terminal meanwhile. */
  async lend(run: () => Promise<void>): Promise<void> {
    this.#lines.pause()
    await run()
    this.#lines.resume()
  }

  close(): void {
    this.#lines.close()
  }

  #take(line: string): void {
    if (this.#historyFile !== undefined && line.trim() !== '') remember(this.#historyFile, line)
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting === undefined) this.#read.push(line)
    else waiting(line)
  }
}

/** The newest line first, as readline wants them. */
function readHistory(file: string | undefined): string[] {
  if (file === undefined) return []
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-historySize).reverse()
  } catch {
    return []
  }
}

function remember(file: string, line: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    appendFileSync(file, `${line}\n`, { mode: 0o600 })
  } catch {
    // A home that cannot be written is no reason to stop.
  }
}
