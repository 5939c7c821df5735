import {
  type Feed,
  type Rest,
  type RestAccusation,
  type RestInstance,
  type RestLevel,
  type RestStartedLevel,
  type Stock,
  StockyardError,
} from '../../sdk/index.ts'
import { recall, remember } from './memory.ts'
import type { Session } from './session.ts'
import { Watched } from './watched.ts'

const lookEveryMs = 1000

/** What is kept of a game while its tab is open, so that it is there again after a reload. */
interface Game {
  readonly id: number
  /** Which level it is of. */
  readonly level: string
  readonly account: string
  readonly stock: Stock
}

/** The levels, and the game that is played in this tab. Asks how it stands every second while somebody looks. */
export class Levels extends Watched {
  readonly #session: Session
  readonly #feed: Feed
  /** Without a key. */
  readonly #rest: Rest
  #list: readonly RestLevel[] | undefined
  /** The best scores may be others by now. */
  #isListOld = true
  #game = readGame()
  #started: RestStartedLevel | undefined
  #status: RestInstance | undefined
  #isLooking = false
  #isBusy = false
  #problem: string | undefined

  constructor(session: Session, feed: Feed, rest: Rest) {
    super()
    this.#session = session
    this.#feed = feed
    this.#rest = rest
    session.watch(() => {
      this.#isListOld = true
      void this.#look()
    })
    feed.onState(() => void this.#look())
    setInterval(() => void this.#look(), lookEveryMs)
  }

  /** Undefined before the server has told. */
  get list(): readonly RestLevel[] | undefined {
    return this.#list
  }

  get game(): Game | undefined {
    return this.#game
  }

  /** With its instructions; undefined until they are there. */
  get started(): RestStartedLevel | undefined {
    return this.#started
  }

  get status(): RestInstance | undefined {
    return this.#status
  }

  /** Whether a start, restart or stop is on its way. */
  get isBusy(): boolean {
    return this.#isBusy
  }

  /** Why the last of them failed. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** Games belong to keys, where there are keys. */
  get mayPlay(): boolean {
    return this.#session.trader !== undefined
  }

  isOn(venue: string | undefined): boolean {
    return this.#game !== undefined && this.#game.stock.venue === venue
  }

  /** Gives what to trade; undefined when it failed. */
  start(name: string): Promise<Stock | undefined> {
    return this.#act(async (rest) => this.#begin(name, await rest.startLevel(name)))
  }

  restart(): Promise<Stock | undefined> {
    return this.#act(async (rest, { id, level }) => this.#begin(level, await rest.restartInstance(id)))
  }

  /** Goes on after a pause. */
  async resume(): Promise<void> {
    await this.#act((rest, { id }) => rest.resumeInstance(id))
  }

  async stop(): Promise<void> {
    await this.#act((rest, { id }) => rest.stopInstance(id))
  }

  /** Names who did it. Tells what is wrong with the name; everything else is `problem`. */
  async accuse(accusation: RestAccusation): Promise<string | undefined> {
    let refusal: string | undefined
    await this.#act(async (rest, { id }) => {
      try {
        this.#status = await rest.judgeInstance(id, accusation)
        this.#isListOld = true
      } catch (error) {
        if (!(error instanceof StockyardError) || error.field !== 'account') throw error
        refusal = `${error.message}.`
      }
    })
    return refusal
  }

  /** Leaves the game to itself. */
  leave(): void {
    this.#keep(undefined)
    this.#isListOld = true
    void this.#look()
  }

  #begin(level: string, started: RestStartedLevel): Stock {
    const { instanceId: id, account, venues, tickers } = started
    const stock = { venue: venues[0] as string, symbol: tickers[0] as string }
    const game = { id, level, account, stock }
    this.#keep(game)
    this.#started = started
    return game.stock
  }

  #keep(game: Game | undefined): void {
    this.#game = game
    this.#started = undefined
    this.#status = undefined
    this.#problem = undefined
    remember('game', game && JSON.stringify(game), 'tab')
    this.changed()
  }

  async #act<T>(act: (rest: Rest, game: Game) => Promise<T>): Promise<T | undefined> {
    const { trader } = this.#session
    if (this.#isBusy || trader === undefined) return undefined
    this.#isBusy = true
    this.#problem = undefined
    this.changed()
    try {
      return await act(trader.rest, this.#game as Game)
    } catch (error) {
      if (!(error instanceof StockyardError)) throw error
      this.#problem = `${error.message}.`
      return undefined
    } finally {
      this.#isBusy = false
      this.changed()
      void this.#look()
    }
  }

  async #look(): Promise<void> {
    if (this.#isLooking || document.hidden || this.#feed.state !== 'open') return
    this.#isLooking = true
    try {
      const { trader } = this.#session
      if (this.#game !== undefined && trader !== undefined && !this.#isBusy) {
        await this.#follow(trader.rest, this.#game)
      }
      if (this.#isListOld) {
        this.#isListOld = false
        this.#list = await (trader?.rest ?? this.#rest).levels()
        this.changed()
      }
    } catch (error) {
      if (!(error instanceof StockyardError)) throw error
      // The connection's badge says what is wrong; the next look may go better.
      this.#isListOld = true
    } finally {
      this.#isLooking = false
    }
  }

  async #follow(rest: Rest, game: Game): Promise<void> {
    try {
      const started = this.#started ?? (await rest.resumeInstance(game.id))
      const status = this.#status?.done === true ? this.#status : await rest.instance(game.id)
      // The answers may come after another start.
      if (this.#game !== game || this.#isBusy) return
      // The exchange was begun anew, or the game restarted elsewhere.
      if (status.venue !== game.stock.venue) this.#keep(undefined)
      if (status === this.#status || this.#game === undefined) return
      this.#started = started
      this.#status = status
      this.#isListOld ||= status.done
      this.changed()
    } catch (error) {
      const isGone = error instanceof StockyardError && (error.status === 404 || error.status === 403)
      if (!isGone) throw error
      if (this.#game === game) this.#keep(undefined)
    }
  }
}

function readGame(): Game | undefined {
  const text = recall('game', 'tab')
  return text === undefined ? undefined : (JSON.parse(text) as Game)
}
