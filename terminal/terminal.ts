import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { banner } from './banner.ts'
import type { Choice } from './choices.ts'
import { firstWords, type Input, readInput, valuesFault, valuesOf } from './input.ts'
import type { Log } from './log.ts'
import { Markets } from './markets.ts'
import type { Screen } from './screen.ts'
import type { Session } from './session.ts'
import type { Style } from './table.ts'
import { Watch } from './watch.ts'

export interface TerminalOptions {
  readonly url: string
  readonly session: Session
  readonly screen: Screen
  readonly log: Log
  readonly style: Style
  /** Whether data is printed as JSON, for programs. */
  readonly json: boolean
}

/** How a line went. */
export type Outcome = 'done' | 'failed' | 'left'

const prompt = 'oceanex> '

/** The program behind the prompt: reads lines, asks the server, prints what it says. */
export class Terminal {
  readonly #options: TerminalOptions
  readonly #markets: Markets
  /** Orders of this account that were seen, for completion. */
  readonly #orders = new Set<string>()

  constructor(options: TerminalOptions) {
    this.#options = options
    this.#markets = new Markets(options.session)
  }

  /** What a line may go on with. */
  complete(line: string): readonly string[] {
    if (!/\s/.test(line.trimStart())) return firstWords
    return [...this.#markets.ids, ...this.#orders, 'buy', 'sell', 'limit', 'market']
  }

  /** Reads lines until somebody leaves or the input ends; whether each of them was done. */
  async run(): Promise<boolean> {
    const { screen } = this.#options
    let allDone = true
    for (;;) {
      const line = await screen.ask(prompt)
      const outcome = line === undefined ? 'left' : await this.execute(line)
      if (outcome === 'left') return allDone
      allDone &&= outcome === 'done'
    }
  }

  /** Does what a line says. */
  async execute(line: string): Promise<Outcome> {
    try {
      return await this.#execute(readInput(line))
    } catch (error) {
      return this.#fail((error as Error).message)
    }
  }

  async #execute(input: Input): Promise<Outcome> {
    const { screen, session, url } = this.#options
    switch (input.is) {
      case 'nothing':
        return 'done'
      case 'leave':
        return 'left'
      case 'help':
        screen.print(banner(url))
        return 'done'
      case 'clear':
        screen.clear()
        screen.print(banner(url))
        return 'done'
      case 'shell':
        return this.#shell()
      case 'disconnect':
        await session.disconnect()
        screen.print('Disconnected')
        return 'done'
      case 'reconnect':
        await session.connect()
        return 'done'
      case 'raw':
        return this.#raw(input.rest)
      case 'watch':
        return this.#watch(input.rest.trim())
      case 'choice':
        return this.#choose(input.choice, input.values)
      case 'unknown':
        return this.#fail(`I do not recognise ${JSON.stringify(input.word)}: help says what there is`)
      default:
        return input satisfies never
    }
  }

  async #choose(choice: Choice, given: readonly string[] | undefined): Promise<Outcome> {
    const { session } = this.#options
    if (choice.needsLogin && !session.isLoggedIn)
      return this.#fail('This needs a login: 1 (authenticate) first. Nothing was sent')
    const values = given ?? (await this.#askValues(choice))
    if (values === undefined) return 'left'
    const fault = valuesFault(choice, values) ?? (await choice.fault?.(values, this.#markets))
    if (fault !== undefined) return this.#fail(`${fault}. Nothing was sent`)
    if (!(await this.#isConfirmed(choice.confirm?.(values)))) return this.#fail('Nothing was sent')
    const { code, data, message, latencyMs } = await choice.run(session, values)
    if (code !== 0)
      return this.#fail(`${code}: ${message ?? ''} ${data === undefined ? '' : JSON.stringify(data)}`)
    this.#remember(data)
    this.#show(choice, data, latencyMs)
    return 'done'
  }

  /** Asks for what a choice needs; undefined at the end of the input. */
  async #askValues({ fields, isList }: Choice): Promise<readonly string[] | undefined> {
    const needed = fields.some(({ optional }) => optional !== true)
    if (!needed) return []
    const names = fields.map(({ name, optional }) => (optional ? `[${name}]` : name)).join(', ')
    const examples = fields.map(({ example }) => example).join(', ')
    const line = await this.#options.screen.ask(`${names}${isList ? ', …' : ''} (such as ${examples}): `)
    return line === undefined ? undefined : valuesOf(line)
  }

  /** Programs that write lines are taken at their word. */
  async #isConfirmed(question: string | undefined): Promise<boolean> {
    const { screen } = this.#options
    if (question === undefined || !screen.isInteractive) return true
    return /^y(es)?$/i.test((await screen.ask(`${question} [y/N] `)) ?? '')
  }

  #show(choice: Choice, data: unknown, latencyMs: number): void {
    const { screen, json, style } = this.#options
    if (json) screen.print(JSON.stringify(data))
    else {
      const time = screen.isInteractive ? `\n(${latencyMs.toFixed(1)} ms)` : ''
      screen.print(choice.show(data, style) + time)
    }
  }

  #remember(data: unknown): void {
    const { id, resources = [] } = (data ?? {}) as { id?: unknown; resources?: { id: number }[] }
    for (const one of [id, ...resources.map((order) => order.id)]) {
      if (typeof one === 'number') this.#orders.add(`${one}`)
    }
  }

  #raw(text: string): Outcome {
    const frame: unknown = JSON.parse(text)
    if (typeof frame !== 'object' || frame === null) return this.#fail('a frame is a JSON object')
    this.#options.session.send(frame)
    return 'done'
  }

  async #watch(market: string): Promise<Outcome> {
    const { screen, session, style, url } = this.#options
    if (market === '') return this.#fail('watch needs a market, such as vetusdt')
    const watch = new Watch({ market, session, style, url })
    await watch.open()
    const ended = screen.ask('').then(() => true)
    try {
      for (let isOver = false; !isOver; ) {
        const picture = await watch.draw()
        screen.clear()
        screen.print(`${picture}\n\nEnter ends it.`)
        isOver = await Promise.race([ended, wait(1000, false)])
      }
    } finally {
      watch.close()
    }
    return 'done'
  }

  async #shell(): Promise<Outcome> {
    const { screen } = this.#options
    await screen.lend(async () => {
      const child = spawn(process.env.SHELL ?? 'sh', { stdio: 'inherit' })
      await once(child, 'close')
    })
    return 'done'
  }

  #fail(text: string): Outcome {
    this.#options.log.error(text)
    this.#options.screen.print(text.trim())
    return 'failed'
  }
}
