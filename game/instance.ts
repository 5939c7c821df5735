import type { Command, Note } from '../src/domain/command.ts'
import type { Trade } from '../src/domain/event.ts'
import { Unavailable } from '../src/domain/unavailable.ts'
import type { Micros } from '../src/domain/units.ts'
import type { Losses } from '../src/feeds/hub.ts'
import type { Exchange } from '../src/port.ts'
import { Driver } from '../traders/driver.ts'
import type { Trader } from '../traders/step.ts'
import { createVirtualClock, runVirtual } from '../traders/virtual-time.ts'
import { WallClock } from '../traders/wall-clock.ts'
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
import { Referee } from './referee.ts'

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
 * One game on its own venue, from the first to the last of its days: its traders, its clock, and what is noted of it.
 * At the start of each day all that it takes to go on is noted in the journal. Where the game stands the referee knows.
 */
export class Instance {
  readonly record: InstanceRecord
  readonly level: Level
  readonly #setup: Setup
  readonly #traders: readonly Trader[]
  readonly #surroundings: Surroundings
  readonly #driver: Driver
  readonly #clock: LevelClock
  readonly #timer: WallClock
  readonly #referee: Referee
  readonly #onEnd: (instance: Instance) => void
  /** When the next day begins, in level time. */
  #nextDay = dayLength
  /** Gives the level time of the warm-up while that runs. */
  #warmUp: (() => Micros) | undefined
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
    this.#traders = level.population(this.#setup, account)
    this.#driver = new Driver({
      ...{ exchange, venue, symbol, seed, traders: this.#traders, start: 0 as Micros },
      // They are part of the level, and do what the level is about.
      maxOpenOrders: Number.POSITIVE_INFINITY,
      actionsPerSecond: Number.POSITIVE_INFINITY,
    })
    this.#clock = new LevelClock(clock, secondsPerDay, from?.at ?? dayLength)
    this.#timer = new WallClock(this, {
      clock: () => this.#clock.now,
      isBusy,
      schedule: (task, ms) => schedule(task, this.#clock.realMs(ms)),
    })
    this.#referee = new Referee({
      ...{ exchange, record, level, setup: this.#setup, play: from?.play },
      levelTime: (wall) => this.#warmUp?.() ?? this.#clock.at(wall),
      changed: (before, happening) => this.#changed(before, happening),
    })
    const faults = level.feedFaults(this.#setup)
    if (faults !== undefined) {
      surroundings.setLosses(
        venue,
        createLossyLine(seed, faults, () => this.play.day),
      )
    }
  }

  get play(): Play {
    return this.#referee.play
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
    this.#armSessions()
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
    this.#referee.standAt(from)
    this.#nextDay = (Math.floor(from.at / dayLength) + 1) * dayLength
    this.#driver.load(from.driver)
    const { venue } = this.record
    this.#judged = fromJson(this.#surroundings.exchange.venue(venue)?.note('judged', ''))
    this.#cancelUnknown(from)
    this.#armSessions()
    while (!(await this.#referee.catchUp(from))) {
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
      if (this.isOpen) this.#note('paused', toJson({ ...this.#checkpoint(), why }))
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
    this.#note('judged', toJson(judgment))
    this.#referee.judge(judgment.account, this.#surroundings.clock())
  }

  /** Whether there is somebody on the venue with that name. */
  knows(account: string): boolean {
    const venue = this.#surroundings.exchange.venue(this.record.venue)
    return this.level.accountsOf(this.#setup).includes(account) || (venue?.lastAccountEvent(account) ?? 0) > 0
  }

  /** A trade on the venue, as it happens. */
  traded(trade: Trade, time: Micros): void {
    this.#referee.traded(trade, time)
  }

  /** After each command that changed something on the venue. */
  applied(time: Micros): void {
    this.#referee.applied(time)
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
    const at = this.#nextDay
    this.#nextDay += dayLength
    this.#referee.dayBegins(day)
    if (!this.isOpen) return
    this.#noteStart()
    this.#note('day_began', toJson({ ...this.#checkpoint(), at }))
    if (this.level.feedFaults(this.#setup)?.darkDays.includes(day) === true)
      this.#surroundings.cutFeeds(this.record.venue, 'The line is dead')
  }

  #checkpoint(): Checkpoint {
    const { play, heard } = this.#referee
    return {
      ...{ at: this.#clock.now, wall: this.#surroundings.clock() },
      ...{ play, driver: this.#driver.save(), ...heard },
    }
  }

  /** What follows from a change of the game. */
  #changed(before: Play, happening: Happening): void {
    const { verdict, flash, day } = this.play
    if (verdict !== undefined) {
      this.#end(verdict)
    } else if (flash !== before.flash && flash !== undefined && happening.type !== 'day') {
      // Those of a day are in its own note.
      this.#note('flashed', { day, flash })
    }
  }

  #end(end: Pick<EndRecord, 'state' | 'reason' | 'score'>): void {
    if (!this.isOpen) return
    this.#halt()
    this.#referee.end()
    const { flash, day } = this.play
    this.ended = {
      ...end,
      venue: this.record.venue,
      at: this.#surroundings.clock(),
      day: Math.min(Math.max(1, day), this.level.days),
      ...(flash && { flash }),
      ...(this.#judged && { judged: this.#judged }),
    }
    const key = `${this.record.id}`
    this.#send({ type: 'note', topic: 'instance_ended', key, data: toJson(this.ended) })
    void this.#driver.stop()
    this.#onEnd(this)
  }

  /** Has the orders of a program in the player's account canceled when the process ends: nobody else knows whose they are. */
  #armSessions(): void {
    const { venue } = this.record
    for (const { account, session } of this.#traders) {
      if (account === undefined || session === undefined) continue
      this.#send({ type: 'arm', venue, account, session, grace: 0 as Micros })
    }
  }

  /** Cancels orders of the house that were placed after the traders were noted: nobody knows them any more. */
  #cancelUnknown(from: Checkpoint): void {
    const { exchange } = this.#surroundings
    const { venue, account: player } = this.record
    const known = new Set(from.driver.traders.flatMap(({ orders }) => orders.map(([id]) => id)))
    for (const account of new Set(this.#traders.map((trader) => trader.account))) {
      if (account === undefined || account === player) continue
      const open = exchange.venue(venue)?.orders(account, { limit: mostOrders, openOnly: true })
      for (const { id } of open?.orders ?? []) {
        if (!known.has(id)) this.#send({ type: 'cancel', venue, orderId: id })
      }
    }
  }

  /** Notes the game itself once more if so many others have begun that it is no longer among those that are kept. */
  #noteStart(): void {
    const key = `${this.record.id}`
    if (this.#surroundings.exchange.note('instance_started', key) !== undefined) return
    this.#send({ type: 'note', topic: 'instance_started', key, data: toJson(this.record) })
  }

  #note(topic: string, data: Note['data']): void {
    this.#send({ type: 'note', venue: this.record.venue, topic, key: '', data })
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
