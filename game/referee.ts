import type { Trade } from '../src/domain/event.ts'
import type { Side } from '../src/domain/order.ts'
import { Unavailable } from '../src/domain/unavailable.ts'
import type { Micros, Ticks } from '../src/domain/units.ts'
import type { Exchange, Instrument } from '../src/port.ts'
import { tradesSince } from './catch-up.ts'
import { dayLength, type Happening, type Level, type Play, type Setup } from './level.ts'
import type { Checkpoint, InstanceRecord } from './records.ts'

export interface RefereeOptions {
  readonly exchange: Exchange
  readonly record: InstanceRecord
  readonly level: Level
  readonly setup: Setup
  /** The game as it was left; without it, it begins. */
  readonly play: Play | undefined
  /** Level time at a time of day. */
  readonly levelTime: (wall: number) => number
  /** Called when something has changed the game. */
  readonly changed: (before: Play, happening: Happening) => void
}

/** Follows what happens on the venue of a game, and knows from it where the game stands: a fold over trades, quotes and days. */
export class Referee {
  readonly #options: RefereeOptions
  #play: Play
  /**
   * The time of the last thing that happened, in level time. It never goes back: a game that goes on after a crash
   * hears of things that its clock has yet to come to.
   */
  #time = 0
  /** The last trade and the last event of the player's account that were heard of. */
  #trade = 0
  #event = 0
  /** Whether events are folded as they come. */
  #follows = true
  #isOver = false
  #best: { bid: Ticks | undefined; ask: Ticks | undefined } = { bid: undefined, ask: undefined }

  constructor(options: RefereeOptions) {
    const { level, setup, play } = options
    this.#options = options
    this.#play = play ?? level.start(setup)
  }

  get play(): Play {
    return this.#play
  }

  /** What a game that goes on from here has yet to hear of begins after these. */
  get heard(): Pick<Checkpoint, 'trade' | 'event'> {
    const { exchange, record } = this.#options
    const event = exchange.venue(record.venue)?.lastAccountEvent(record.account)
    return { trade: this.#trade, event: event ?? this.#event }
  }

  /** Hears of nothing any more. */
  end(): void {
    this.#isOver = true
  }

  /** A trade on the venue, as it happens. */
  traded(trade: Trade, wall: Micros): void {
    if (!this.#follows || this.#isOver) return
    const { exchange, record } = this.#options
    const venue = exchange.venue(record.venue)
    const taker = venue?.order(trade.takerId)
    const isTaker = taker?.account === record.account
    const isMaker = venue?.order(trade.makerId)?.account === record.account
    this.#trade = trade.tradeId
    if (isTaker && isMaker) return
    const takerSide = taker?.side ?? 'buy'
    this.#pass(wall)
    this.#enter(trade, isTaker || isMaker ? { side: sideOf(takerSide, isTaker), taker: isTaker } : undefined)
  }

  /** After each command that changed something on the venue. */
  applied(wall: Micros): void {
    if (!this.#options.level.followsQuotes || !this.#follows || this.#isOver) return
    const { bids, asks } = this.#instrument
    const best = { bid: bids.best?.price, ask: asks.best?.price }
    if (best.bid === this.#best.bid && best.ask === this.#best.ask) return
    this.#best = best
    this.#pass(wall)
    this.#happen({
      ...{ type: 'quote', time: this.#now },
      ...(best.bid !== undefined && { bid: best.bid }),
      ...(best.ask !== undefined && { ask: best.ask }),
    })
  }

  dayBegins(day: number): void {
    const time = (day * dayLength) as Micros
    this.#time = Math.max(this.#time, time)
    this.#happen({ type: 'day', time, day })
  }

  judge(account: string, wall: Micros): void {
    this.#pass(wall)
    this.#happen({ type: 'judge', time: this.#now, account })
  }

  /** Stands where a game was noted; what happened since is yet to be heard. Follow with `catchUp`. */
  standAt({ at, trade, event }: Checkpoint): void {
    this.#follows = false
    this.#time = at
    this.#trade = trade
    this.#event = event
  }

  /**
   * Hears of what happened since the game was noted, and follows from now on. False when not all of it could be read:
   * then try again later.
   */
  async catchUp(from: Checkpoint): Promise<boolean> {
    const { exchange, record } = this.#options
    const heard = { trade: this.#trade, event: this.#event }
    const found = await tradesSince(exchange, record, heard).catch((error: unknown) => {
      if (error instanceof Unavailable) return undefined
      throw error
    })
    if (found === undefined) return false
    const realPerLevel = (record.secondsPerDay * 1_000_000) / dayLength
    const endOfDay = (Math.floor(from.at / dayLength) + 1) * dayLength - 1
    for (const { trade, player } of found.trades) {
      this.#trade = trade.id
      const passed = Math.max(0, trade.time - from.wall) / realPerLevel
      this.#time = Math.max(this.#time, Math.min(from.at + Math.floor(passed), endOfDay))
      if (player !== 'self' && !this.#isOver) this.#enter(trade, player)
    }
    this.#event = found.event
    // What came while it was read is read next time.
    this.#follows = this.#instrument.channels.trades.last <= this.#trade || this.#isOver
    return this.#follows
  }

  get #instrument(): Instrument {
    const { exchange, record } = this.#options
    return exchange.venue(record.venue)?.instrument(record.symbol) as Instrument
  }

  get #now(): Micros {
    return this.#time as Micros
  }

  #pass(wall: number): void {
    this.#time = Math.max(this.#time, this.#options.levelTime(wall))
  }

  #enter(
    { price, quantity }: Pick<Trade, 'price' | 'quantity'>,
    player: { readonly side: Side; readonly taker: boolean } | undefined,
  ): void {
    this.#happen({ type: 'trade', time: this.#now, price, quantity, ...(player && { player }) })
  }

  #happen(happening: Happening): void {
    const { level, setup, changed } = this.#options
    const before = this.#play
    this.#play = level.apply(setup, before, happening)
    if (this.#play !== before) changed(before, happening)
  }
}

function sideOf(taker: Side, isTaker: boolean): Side {
  if (isTaker) return taker
  return taker === 'buy' ? 'sell' : 'buy'
}
