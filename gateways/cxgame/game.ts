import type { Command, ResetVenue, SetState } from '../../src/domain/command.ts'
import { Unavailable } from '../../src/domain/unavailable.ts'
import { micros } from '../../src/domain/units.ts'
import type { Exchange, Instrument, Venue } from '../../src/port.ts'
import { must } from '../exchange-commands.ts'
import type { GatewayLog } from '../log.ts'
import type { AdminGate, AdminTimes } from './admin.ts'
import { adminWord, keepAdminWord } from './admin-word.ts'
import { Announcer } from './announcer.ts'
import { GameFeed } from './feed.ts'
import { Ids } from './ids.ts'
import { crypto } from './market.ts'
import { Past } from './past.ts'
import { Presence } from './presence.ts'
import type { CxgameSettings } from './settings.ts'
import { countStandings, type Standings } from './standings.ts'
import { texts } from './texts.ts'
import { Views } from './views.ts'

/** `paused`: nobody trades, at the beginning or for a while. `ended`: nobody ever will, but in the next game. */
export type Phase = 'paused' | 'running' | 'ended'

/** A connection, as the game sees it. */
export interface Member {
  readonly player: string | undefined
  /** Its player is none any more. */
  forget(): void
  /** Closes it; resolves when it is gone. */
  close(code: number, reason: string): Promise<void>
}

export interface GameOptions {
  readonly log: GatewayLog
  readonly admin: AdminGate
  readonly times: AdminTimes
}

/** Orders that are canceled at once for somebody who left. */
const cancelsAtOnce = 100

/**
 * One game after another on one venue: who is there, when it begins, and how it ends.
 *
 * All that must outlive the process is the venue's: accounts, orders, and whether and for how long it is open. Here is
 * only who is connected.
 */
export class Game {
  readonly exchange: Exchange
  readonly settings: CxgameSettings
  readonly log: GatewayLog
  readonly admin: AdminGate
  readonly times: AdminTimes
  readonly views: Views
  readonly past: Past
  readonly feed: GameFeed
  readonly #announcer: Announcer
  readonly #whitelist: ReadonlySet<string> | undefined
  readonly #presence = new Presence<Member>()
  readonly #members = new Set<Member>()
  #isOpening = false
  #resetting: Promise<void> = Promise.resolve()
  /** Lets everybody go at the end of a game. */
  #finishing: Promise<void> = Promise.resolve()
  readonly #ended: { readonly promise: Promise<void>; readonly resolve: () => void }
  #closed = false

  private constructor(exchange: Exchange, settings: CxgameSettings, { log, admin, times }: GameOptions) {
    this.exchange = exchange
    this.settings = settings
    this.log = log
    this.admin = admin
    this.times = times
    this.views = new Views(new Ids(settings.venue), settings)
    this.past = new Past(exchange, this.views)
    this.feed = new GameFeed(settings)
    this.#whitelist = settings.whitelist && new Set(settings.whitelist)
    this.#ended = latch()
    const events = {
      opened: () => this.#cancelOfAbsent(),
      allowed: () => this.#beginIfReady(),
      reset: () => this.#forgetPlayers(),
      ended: (standings: Standings) => {
        this.#finishing = this.#finish(standings)
      },
    }
    const { venue } = settings
    this.#announcer = new Announcer(exchange, { venue, views: this.views, feed: this.feed, events })
  }

  /** Goes on with the game on the venue, which must be there, or begins the next one if that has ended. */
  static async open(exchange: Exchange, settings: CxgameSettings, options: GameOptions): Promise<Game> {
    const { venue: name } = settings
    const found = exchange.venue(name)
    if (found?.state === 'closed') {
      // Whoever heard nothing of the end, because the process ended with it, finds the result here.
      const views = new Views(new Ids(name), settings)
      const { csv } = countStandings(found.accounts(), found.instrument(crypto)?.reference ?? 0, views)
      options.log.info({ venue: name, csv }, 'the last game has ended: the next one begins')
      for (const command of resetOf(found)) await must(exchange, command)
    }
    const game = new Game(exchange, settings, options)
    if (game.#mayBegin()) await must(exchange, game.opening())
    game.#announcer.attach()
    if (game.phase === 'running') game.#cancelOfAbsent()
    return game
  }

  get venue(): Venue {
    return this.exchange.venue(this.settings.venue) as Venue
  }

  get instrument(): Instrument {
    return this.venue.instrument(crypto) as Instrument
  }

  /** The market price. */
  get mid(): string {
    return this.views.usd(this.instrument.reference ?? 0)
  }

  get phase(): Phase {
    const { state } = this.venue
    if (state === 'closed') return 'ended'
    return state === 'open' ? 'running' : 'paused'
  }

  /** Resolves when a game has ended and everybody was told. */
  get ended(): Promise<void> {
    return this.#ended.promise
  }

  /** Resolves when no reset is on its way: what comes after one must not be taken for what came before. */
  get settled(): Promise<void> {
    return this.#resetting
  }

  isInvited(player: string): boolean {
    return this.#whitelist === undefined || this.#whitelist.has(player)
  }

  /** Sends a reply when the batch of its command goes out. */
  replyLater(send: () => void): void {
    this.#announcer.reply(send)
  }

  join(member: Member): void {
    this.#members.add(member)
  }

  leave(member: Member): void {
    this.#members.delete(member)
    if (member.player !== undefined) this.detach(member, member.player)
  }

  attach(member: Member, player: string): void {
    this.#presence.add(player, member)
    this.#beginIfReady()
  }

  detach(member: Member, player: string): void {
    const wasLast = this.#presence.remove(player, member)
    if (wasLast && this.settings.onDisconnect === 'cancel') void this.#cancelAll(player)
  }

  /** The command that lets the game begin or go on. */
  opening(): SetState {
    if (!this.hasBegun) return this.#firstOpening()
    return { type: 'set-state', venue: this.settings.venue, state: 'open' }
  }

  get hasBegun(): boolean {
    return this.venue.openedAt !== undefined
  }

  /** Whether the game has to wait for players before it begins, whatever an admin says. */
  get isWaiting(): boolean {
    return !this.hasBegun && !this.#isEverybodyHere()
  }

  /** Runs what begins a new game. Requests wait until it is through. */
  reset<T>(run: () => Promise<T>): Promise<T> {
    const running = run()
    this.#resetting = running.then(
      () => undefined,
      () => undefined,
    )
    return running
  }

  /** The commands that begin a new game, to be sent together: the reset, and the opening where nothing is waited for. */
  newGame(): [Command, ...Command[]] {
    const beginsAtOnce = this.settings.isStarted && this.#whitelist === undefined
    return [...resetOf(this.venue), ...(beginsAtOnce ? [this.#firstOpening()] : [])]
  }

  /** Ends the game, if one is there to end, and resolves when everybody was told. */
  async end(): Promise<void> {
    const { venue } = this.settings
    if (this.phase !== 'ended')
      await this.exchange.submit({ type: 'set-state', venue, state: 'closed' }, () => undefined)
    await this.#finishing
  }

  /** Lets everybody go; nothing is told any more. */
  async close(code: number, reason: string): Promise<void> {
    this.#closed = true
    const members = [...this.#members].map((member) => member.close(code, reason))
    await Promise.all([this.#finishing, ...members, this.feed.close()])
  }

  /** The command that lets a game begin, and says how long it may last. */
  #firstOpening(): SetState {
    const { venue, timeLimit = 0 } = this.settings
    return {
      type: 'set-state',
      venue,
      state: 'open',
      ...(timeLimit > 0 && { openFor: micros(timeLimit) }),
    }
  }

  #mayBegin(): boolean {
    if (this.phase !== 'paused' || this.hasBegun || !this.#isEverybodyHere()) return false
    return adminWord(this.venue) ?? this.settings.isStarted
  }

  #isEverybodyHere(): boolean {
    for (const player of this.#whitelist ?? []) if (!this.#presence.isHere(player)) return false
    return true
  }

  #beginIfReady(): void {
    if (this.#isOpening || this.#closed || !this.#mayBegin()) return
    this.#isOpening = true
    this.exchange
      .submit(this.opening(), () => undefined)
      .catch((error: unknown) => this.failed(error, 'the game could not begin'))
      .finally(() => {
        this.#isOpening = false
      })
  }

  #forgetPlayers(): void {
    this.#presence.clear()
    for (const member of this.#members) member.forget()
  }

  async #finish({ finalPrice, ranking }: Standings): Promise<void> {
    const winners = ranking.filter(({ rank }) => rank === 1).map(({ user }) => user)
    this.log.info({ finalPrice, players: ranking.length, winners }, 'the game has ended')
    const members = [...this.#members]
    await Promise.all([...members.map((member) => member.close(1001, texts.ended)), this.feed.close()])
    this.#ended.resolve()
  }

  /** Cancels what players left who went while nothing could be canceled. */
  #cancelOfAbsent(): void {
    if (this.settings.onDisconnect !== 'cancel') return
    for (const { name, openOrders } of this.venue.accounts()) {
      if (openOrders > 0 && !this.#presence.isHere(name)) void this.#cancelAll(name)
    }
  }

  async #cancelAll(player: string): Promise<void> {
    const { venue, exchange } = this
    const { orders } = venue.orders(player, { limit: Number.MAX_SAFE_INTEGER, openOnly: true })
    const ids = orders.map(({ id }) => id)
    try {
      for (let i = 0; i < ids.length; i += cancelsAtOnce) {
        const cancels = ids
          .slice(i, i + cancelsAtOnce)
          .map((orderId) => exchange.submit({ type: 'cancel', venue: venue.name, orderId }, () => undefined))
        await Promise.all(cancels)
      }
    } catch (error) {
      this.failed(error, 'orders of a player who left could not be canceled')
    }
  }

  /** Notes what did not come about; what is no answer of the exchange is a bug. */
  failed(error: unknown, message: string): void {
    if (!(error instanceof Unavailable)) throw error
    this.log.error({ reason: error.reason }, message)
  }
}

/** The commands that take a venue back to where no game is, and nobody has said anything of the next one. */
function resetOf(venue: Venue): [ResetVenue, ...Command[]] {
  const { name } = venue
  const hasWord = adminWord(venue) !== undefined
  return [{ type: 'reset-venue', venue: name }, ...(hasWord ? [keepAdminWord(name, undefined)] : [])]
}

function latch(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
