import type { Command, Note } from '../src/domain/command.ts'
import type { Trade } from '../src/domain/event.ts'
import type { Side } from '../src/domain/order.ts'
import { Unavailable } from '../src/domain/unavailable.ts'
import type { Micros, Ticks } from '../src/domain/units.ts'
import type { Losses } from '../src/feeds/hub.ts'
import type { Exchange, Instrument } from '../src/port.ts'
import { Driver } from '../traders/driver.ts'
import { createVirtualClock, runVirtual } from '../traders/virtual-time.ts'
import { WallClock } from '../traders/wall-clock.ts'
import { tradesSince } from './catch-up.ts'
import { dayLength, type Happening, type Level, type Play, type Setup } from './level.ts'
import { LevelClock } from './level-clock.ts'
import { createLossyLine } from './lossy-line.ts'
import {
  type Checkpoint,
  type EndRecord,
  fromJson,
  type InstanceRecord,
  type Judgment,
  toJson,
} from './records.ts'

/** Calls a task after some milliseconds, unless what it returns is called before. */
export type Schedule = (task: () => void, ms: number) => () => void

export interface Surroundings {
  readonly exchange: Exchange
  readonly clock: () => Micros
  readonly schedule: Schedule
  /** Whether traders had better keep quiet. */
  readonly isBusy: () => boolean
  /** Closes the sockets that listen to the player's account. */
  readonly cutFeeds: (venue: string, reason: string) => void
  readonly setLosses: (venue: string, losses: Losses | undefined) => void
  /** Told of what should not be. */
  readonly warn: (text: string) => void
}

/** How long it takes to try again what the exchange could not do, in milliseconds. */
const retryMs = 1000
/** Open orders of one account that are looked for. */
const mostOrders = 100_000

/**
 * One game on its own venue: its traders, its clock, and where it stands. Where it stands is a fold over what happens
 * on the venue; at the start of each day all that it takes to go on is noted in the journal.
 */
export class Instance {
  readonly record: InstanceRecord
  readonly level: Level
  readonly #setup: Setup
  readonly #surroundings: Surroundings
  readonly #driver: Driver
  readonly #clock: LevelClock
  readonly #timer: WallClock
  readonly #onEnd: (instance: Instance) => void
  #play: Play
  /** The time of the last thing that happened, in level time. */
  #time = 0
  /** When the next day begins. */
  #nextDay = dayLength
  /** The last trade and the last event of the player's account that were heard of. */
  #trade = 0
  #event = 0
  /** Gives the level time of the warm-up while that runs. */
  #warmUp: (() => Micros) | undefined
  /** Whether events are folded as they come. */
  #follows = true
  #best: { bid: Ticks | undefined; ask: Ticks | undefined } = { bid: undefined, ask: undefined }
  #judged: Judgment | undefined
  /** When it was paused, in microseconds since 1970. */
  pausedAt: number | undefined
  /** Whether its clock goes. */
  #runs = false
  #left = false
  ended: EndRecord | undefined

  constructor(
    record: InstanceRecord,
    level: Level,
    surroundings: Surroundings,
    { onEnd, from }: { onEnd: (instance: Instance) => void; from?: Checkpoint | undefined },
  ) {
    this.record = record
    this.level = level
    this.#surroundings = surroundings
    this.#onEnd = onEnd
    const { seed, venue, symbol, account, secondsPerDay } = record
    const { exchange, clock, schedule, isBusy } = surroundings
    this.#setup = level.setup(seed)
    this.#driver = new Driver({
      ...{ exchange, venue, symbol, seed, start: 0 as Micros },
      traders: level.population(this.#setup, account),
      // They are part of the level, and do what the level is about.
      maxOpenOrders: Number.POSITIVE_INFINITY,
      actionsPerSecond: Number.POSITIVE_INFINITY,
    })
    this.#play = from?.play ?? level.start(this.#setup)
    this.#clock = new LevelClock(clock, secondsPerDay, from?.at ?? dayLength)
    this.#timer = new WallClock(this, {
      clock: () => this.#clock.now,
      isBusy,
      schedule: (task, ms) => schedule(task, this.#clock.realMs(ms)),
    })
    const faults = level.feedFaults(this.#setup)
    if (faults !== undefined) {
      surroundings.setLosses(
        venue,
        createLossyLine(seed, faults, () => this.#play.day),
      )
    }
  }

  get play(): Play {
    return this.#play
  }

  get judged(): Judgment | undefined {
    return this.#judged
  }

  get isRunning(): boolean {
    return this.#runs
  }

  get isOpen(): boolean {
    return this.ended === undefined
  }

  /** Lets the population trade for a day, before anybody else may, and begins the first day. */
  async warmUp(): Promise<void> {
    const virtual = createVirtualClock(0 as Micros)
    this.#warmUp = () => virtual.now
    await runVirtual([this.#driver], virtual, (dayLength - 1) as Micros)
    this.#warmUp = undefined
    this.#beginDay()
    // Who is due with the day has been there when the player comes.
    this.#driver.wake(dayLength as Micros)
    await this.#driver.settled()
    this.#go()
  }

  /** Goes on where a process left it that is gone. Resolves when it has heard of everything that happened since. */
  async recover(from: Checkpoint): Promise<void> {
    this.#follows = false
    this.#time = from.at
    this.#nextDay = (Math.floor(from.at / dayLength) + 1) * dayLength
    this.#trade = from.trade
    this.#event = from.event
    this.#driver.load(from.driver)
    const { venue } = this.record
    this.#judged = fromJson(this.#surroundings.exchange.venue(venue)?.note('judged', ''))
    this.#cancelUnknown(from)
    while (!(await this.#catchUp(from))) {
      await new Promise<void>((resolve) => this.#surroundings.schedule(resolve, retryMs))
      if (!this.isOpen || this.#left) return
    }
    if (!this.isOpen || this.#left) return
    if (from.why === 'idle') this.pausedAt = from.wall
    else this.#go()
  }

  /** The clock stands still, and with it everybody but the player. */
  pause(why: 'idle' | 'stopping'): Promise<void> {
    this.#halt()
    this.pausedAt = this.#surroundings.clock()
    return this.#driver.settled().then(() => {
      if (this.isOpen) this.#note('paused', '', toJson({ ...this.#checkpoint(), why }))
    })
  }

  resume(): void {
    if (this.pausedAt === undefined || !this.isOpen) return
    this.pausedAt = undefined
    this.#go()
  }

  /** Ends the game without a verdict. */
  stop(reason?: 'idle' | 'restarted'): void {
    this.#end({ state: 'stopped', ...(reason && { reason }) })
  }

  /** Lets go of everything at the end of the process. */
  leave(): void {
    this.#left = true
    this.#halt()
    this.#driver.leave()
  }

  judge(judgment: Judgment): void {
    this.#judged = judgment
    this.#note('judged', '', toJson(judgment))
    const time = this.#levelTime(this.#surroundings.clock())
    this.#happen({ type: 'judge', time, account: judgment.account })
  }

  /** Whether there is somebody on the venue with that name. */
  knows(account: string): boolean {
    const venue = this.#surroundings.exchange.venue(this.record.venue)
    return this.level.accountsOf(this.#setup).includes(account) || (venue?.lastAccountEvent(account) ?? 0) > 0
  }

  /** A trade on the venue, as it happens. */
  traded(trade: Trade, time: Micros): void {
    if (!this.#follows || !this.isOpen) return
    const venue = this.#surroundings.exchange.venue(this.record.venue)
    const { account } = this.record
    const taker = venue?.order(trade.takerId)
    const isTaker = taker?.account === account
    const isMaker = venue?.order(trade.makerId)?.account === account
    this.#trade = trade.tradeId
    if (isTaker && isMaker) return
    const takerSide = taker?.side ?? 'buy'
    this.#enter(
      trade,
      this.#levelTime(time),
      isTaker || isMaker ? { side: sideOf(takerSide, isTaker), taker: isTaker } : undefined,
    )
  }

  /** After each command that changed something on the venue. */
  applied(time: Micros): void {
    if (!this.level.followsQuotes || !this.#follows || !this.isOpen) return
    const { bids, asks } = this.#instrument
    const best = { bid: bids.best?.price, ask: asks.best?.price }
    if (best.bid === this.#best.bid && best.ask === this.#best.ask) return
    this.#best = best
    this.#happen({
      type: 'quote',
      time: this.#levelTime(time),
      ...(best.bid !== undefined && { bid: best.bid }),
      ...(best.ask !== undefined && { ask: best.ask }),
    })
  }

  // What the timer wakes: the traders, and at its beginning a day, which goes first.

  get nextAt(): number {
    return Math.min(this.#driver.nextAt, this.#nextDay)
  }

  wake(time: Micros, most?: number): number {
    const now = Math.min(time, this.#clock.now)
    if (!this.isOpen || this.nextAt > now) return 0
    if (this.#driver.nextAt < this.#nextDay)
      return this.#driver.wake(Math.min(now, this.#nextDay - 1) as Micros, most)
    // What is noted of the traders must be all of it.
    if (this.#driver.isSending) return 0
    this.#beginDay()
    return 1
  }

  /** The process was away: that time is given back. */
  skip(by: number): void {
    this.#clock.rewind(by)
  }

  get #instrument(): Instrument {
    const { venue, symbol } = this.record
    return this.#surroundings.exchange.venue(venue)?.instrument(symbol) as Instrument
  }

  /** Never before what has happened: a game that goes on after a crash hears of things that its clock has yet to come to. */
  #levelTime(wall: number): Micros {
    this.#time = Math.max(this.#time, this.#warmUp?.() ?? this.#clock.at(wall))
    return this.#time as Micros
  }

  #go(): void {
    if (!this.isOpen) return
    this.#runs = true
    this.#clock.start()
    this.#timer.start()
  }

  #halt(): void {
    this.#runs = false
    this.#timer.stop()
    this.#clock.stop()
  }

  #beginDay(): void {
    const day = this.#nextDay / dayLength
    const time = this.#nextDay as Micros
    this.#time = Math.max(this.#time, time)
    this.#nextDay += dayLength
    this.#happen({ type: 'day', time, day })
    if (!this.isOpen) return
    this.#note('day_began', '', toJson({ ...this.#checkpoint(), at: time }))
    if (this.level.feedFaults(this.#setup)?.darkDays.includes(day) === true)
      this.#surroundings.cutFeeds(this.record.venue, 'The line is dead')
  }

  #checkpoint(): Checkpoint {
    const { clock, exchange } = this.#surroundings
    const { venue, account } = this.record
    return {
      at: this.#clock.now,
      wall: clock(),
      play: this.#play,
      driver: this.#driver.save(),
      trade: this.#trade,
      event: exchange.venue(venue)?.lastAccountEvent(account) ?? this.#event,
    }
  }

  #enter(
    { price, quantity }: Pick<Trade, 'price' | 'quantity'>,
    time: Micros,
    player: { side: Side; taker: boolean } | undefined,
  ): void {
    this.#happen({ type: 'trade', time, price, quantity, ...(player && { player }) })
  }

  #happen(happening: Happening): void {
    if (!this.isOpen) return
    const before = this.#play
    this.#play = this.level.apply(this.#setup, before, happening)
    const { verdict, flash } = this.#play
    if (verdict !== undefined) {
      this.#end(verdict)
    } else if (flash !== before.flash && flash !== undefined && happening.type !== 'day') {
      // Those of a day are in its own note.
      this.#note('flashed', '', { day: this.#play.day, flash })
    }
  }

  #end(end: Pick<EndRecord, 'state' | 'reason' | 'score'>): void {
    if (!this.isOpen) return
    this.#halt()
    const { days } = this.level
    const { flash, day } = this.#play
    this.ended = {
      ...end,
      venue: this.record.venue,
      at: this.#surroundings.clock(),
      day: Math.min(Math.max(1, day), days),
      ...(flash && { flash }),
      ...(this.#judged && { judged: this.#judged }),
    }
    this.#send({
      ...{ type: 'note', topic: 'instance_ended', key: `${this.record.id}` },
      data: toJson(this.ended),
    })
    void this.#driver.stop()
    this.#onEnd(this)
  }

  async #catchUp(from: Checkpoint): Promise<boolean> {
    const { exchange } = this.#surroundings
    try {
      const { trades, event } = await tradesSince(exchange, this.record, {
        trade: this.#trade,
        event: this.#event,
      })
      const realPerLevel = (this.record.secondsPerDay * 1_000_000) / dayLength
      for (const { trade, player } of trades) {
        this.#trade = trade.id
        const passed = Math.max(0, trade.time - from.wall) / realPerLevel
        this.#time = Math.max(this.#time, Math.min(from.at + Math.floor(passed), this.#nextDay - 1))
        if (player !== 'self') this.#enter(trade, this.#time as Micros, player)
      }
      this.#event = event
    } catch (error) {
      if (error instanceof Unavailable) return false
      throw error
    }
    // What came while it was read is read next time.
    this.#follows = this.#instrument.channels.trades.last <= this.#trade || !this.isOpen
    return this.#follows
  }

  /** Cancels orders of the house that were placed after the traders were noted: nobody knows them any more. */
  #cancelUnknown(from: Checkpoint): void {
    const { exchange } = this.#surroundings
    const { venue, account: player } = this.record
    const known = new Set(from.driver.traders.flatMap(({ orders }) => orders.map(([id]) => id)))
    const accounts = new Set(this.level.population(this.#setup, player).map(({ account }) => account))
    for (const account of accounts) {
      if (account === undefined || account === player) continue
      const open = exchange.venue(venue)?.orders(account, { limit: mostOrders, openOnly: true })
      for (const { id } of open?.orders ?? []) {
        if (!known.has(id)) this.#send({ type: 'cancel', venue, orderId: id })
      }
    }
  }

  #note(topic: string, key: string, data: Note['data']): void {
    this.#send({ type: 'note', venue: this.record.venue, topic, key, data })
  }

  /** Sends a command whose refusal changes nothing for the game as it runs: only a later start would miss it. */
  #send(command: Command): void {
    const { exchange, warn } = this.#surroundings
    exchange
      .submit(command, ({ events: [event] }) => {
        if (event?.type === 'rejected' && command.type === 'note')
          warn(`${command.topic} of instance ${this.record.id} was not noted: ${event.reason}`)
      })
      .catch((error: unknown) => {
        if (!(error instanceof Unavailable)) throw error
      })
  }
}

function sideOf(taker: Side, isTaker: boolean): Side {
  if (isTaker) return taker
  return taker === 'buy' ? 'sell' : 'buy'
}
