import { Problem } from '../schemas/errors.ts'
import {
  type GameTerms,
  type InstanceView,
  type JudgeRequest,
  type LevelsView,
  type LevelView,
  mostSeed,
} from '../schemas/game-master.ts'
import type { Command } from '../src/domain/command.ts'
import type { Applied, Event } from '../src/domain/event.ts'
import type { RejectReason } from '../src/domain/reject.ts'
import { Unavailable } from '../src/domain/unavailable.ts'
import type { Door } from '../src/port.ts'
import { Instance, type Surroundings } from './instance.ts'
import type { Level } from './level.ts'
import { type Draw, drawAccount, drawSymbol, drawVenue } from './names.ts'
import {
  type BestRecord,
  type Checkpoint,
  type EndRecord,
  fromJson,
  type InstanceRecord,
  toJson,
} from './records.ts'

const minute = 60_000_000
/** Nobody asks or listens for so long: the game is paused. */
const idleAfter = 5 * minute
/** And so long after that: stopped. */
const stoppedAfter = 60 * minute
/** How long a venue can be looked at after its game has ended. */
const goneAfter = 10 * minute
/** Milliseconds between two looks at all that. */
const lookEveryMs = 15_000
const usualSecondsPerDay = 5
/** Seeds that are drawn from. */
const seeds = mostSeed + 1
/** Names that are tried for a venue. */
const mostDraws = 20

export interface GameMasterOptions extends Surroundings {
  readonly levels: readonly Level[]
  /** Games that may be open at once. */
  readonly mostOpen: number
  readonly draw: Draw
  /** Makes a venue one for one account, or for everybody again. */
  readonly reserve: (
    venue: string,
    reservation: { readonly account: string; readonly owner: string | undefined } | undefined,
  ) => void
  /** Whether somebody listens to something of a venue. */
  readonly isHeard: (venue: string) => boolean
}

/** Who asks. */
export interface Caller {
  /** The accounts of the caller's key; undefined where there are no keys, and everybody is one. */
  readonly held: ReadonlySet<string> | undefined
}

/** A game as the master keeps it, until its venue is gone. */
interface Seat {
  readonly instance: Instance
  /** Resolves when the player may trade. */
  readonly ready: Promise<void>
  seenAt: number
}

/**
 * Runs the levels: gives each game its own venue, watches over it, and takes the venue away after the end. All that it
 * has to know after a restart is in the journal, as notes (see records.ts).
 */
export class GameMaster implements Door {
  readonly #options: GameMasterOptions
  readonly #seats = new Map<number, Seat>()
  readonly #byVenue = new Map<string, Seat>()
  /** Starts that are on their way, by owner and level. */
  readonly #starting = new Map<string, Promise<LevelView>>()
  /** Games whose venue is being made. */
  #coming = 0
  #lastId = 0
  #changed: Instance | undefined
  #cancelLook: (() => void) | undefined
  #closed = false

  constructor(options: GameMasterOptions) {
    this.#options = options
    options.exchange.attach(this)
  }

  /** Goes on with the games that another process has left. Call it before the first request. */
  open(): void {
    const { exchange } = this.#options
    for (const [key, data] of exchange.notes('instance_started')) {
      const record = fromJson<InstanceRecord>(data) as InstanceRecord
      this.#lastId = Math.max(this.#lastId, Number(key))
      if (exchange.venue(record.venue) !== undefined) this.#recover(record)
    }
    this.#lookLater()
  }

  /** Notes where each game stands, and lets go of them. Call it when no request comes any more. */
  async close(): Promise<void> {
    this.#closed = true
    this.#cancelLook?.()
    await Promise.all(
      Array.from(this.#seats.values(), async ({ instance }) => {
        // One that is still on its way has been noted as it was.
        if (instance.isRunning) await instance.pause('stopping')
        instance.leave()
      }),
    )
  }

  levels(caller: Caller): LevelsView {
    const owner = ownerOf(caller)
    const levels = this.#options.levels.map(({ name, title, days, isJudged }) => {
      const best = this.#best(owner, name)
      const byAccusation = isJudged && ({ byAccusation: true } as const)
      return { name, title, days, ...byAccusation, ...(best !== undefined && { best }) }
    })
    return { ok: true, levels }
  }

  /** Starts a level, or gives back the caller's open game of it. */
  start(name: string, caller: Caller, terms: GameTerms): Promise<LevelView> {
    const level = this.#options.levels.find((one) => one.name === name || one.aliases.includes(name))
    if (level === undefined) {
      const known = this.#options.levels.map((one) => one.name).join(', ')
      throw new Problem('unknown_level', { level: name, known, field: 'level' })
    }
    for (const { instance, ready } of this.#seats.values()) {
      if (instance.level !== level || !instance.isOpen || !isOwner(caller, instance.record)) continue
      return ready.then(() => {
        this.#wake(instance)
        return toLevelView(instance.record, level)
      })
    }
    const key = `${ownerOf(caller) ?? ''} ${level.name}`
    const starting = this.#starting.get(key)
    if (starting !== undefined) return starting
    this.#requireRoom()
    this.#lastId += 1
    const started = this.#play(this.#lastId, level, ownerOf(caller), terms).finally(() =>
      this.#starting.delete(key),
    )
    this.#starting.set(key, started)
    return started
  }

  /** The same instance with another venue, account and seed. */
  async restart(id: number, caller: Caller, terms: GameTerms): Promise<LevelView> {
    const { record } = this.#find(id, caller)
    const level = this.#level(record)
    const key = `restart ${id}`
    const starting = this.#starting.get(key)
    if (starting !== undefined) return starting
    const seat = this.#seats.get(id)
    if (seat?.instance.isOpen !== true) this.#requireRoom()
    const restart = async () => {
      await seat?.ready.catch(() => {})
      seat?.instance.stop('restarted')
      if (seat !== undefined) await this.#drop(seat)
      return this.#play(id, level, record.owner, terms)
    }
    const started = restart().finally(() => this.#starting.delete(key))
    this.#starting.set(key, started)
    return started
  }

  /** What the start answered. A paused game goes on. */
  async resume(id: number, caller: Caller): Promise<LevelView> {
    const { record } = this.#find(id, caller)
    const seat = this.#seats.get(id)
    await seat?.ready
    if (seat !== undefined) this.#wake(seat.instance)
    return toLevelView(record, this.#level(record))
  }

  async stop(id: number, caller: Caller): Promise<void> {
    this.#find(id, caller)
    const seat = this.#seats.get(id)
    await seat?.ready.catch(() => {})
    seat?.instance.stop()
  }

  status(id: number, caller: Caller): InstanceView {
    const { record } = this.#find(id, caller)
    const seat = this.#seats.get(id)
    if (seat !== undefined) seat.seenAt = this.#options.clock()
    return this.#view(record, seat?.instance)
  }

  judge(id: number, caller: Caller, request: JudgeRequest): InstanceView {
    const { record } = this.#find(id, caller)
    const instance = this.#seats.get(id)?.instance
    if (!this.#level(record).isJudged) throw new Problem('not_judged', { level: record.level })
    if (instance?.isOpen !== true) throw new Problem('already_ended', { id })
    const { account, explanation_link: explanationLink, executive_summary: executiveSummary } = request
    if (!instance.knows(account)) throw new Problem('unknown_suspect', { field: 'account' })
    instance.judge({
      account,
      ...(explanationLink !== undefined && { explanationLink }),
      ...(executiveSummary !== undefined && { executiveSummary }),
    })
    return this.#view(record, instance)
  }

  /** Somebody has asked for something of a venue. */
  seen(venue: string): void {
    const seat = this.#byVenue.get(venue)
    if (seat !== undefined) seat.seenAt = this.#options.clock()
  }

  event(event: Event, { time }: Applied): void {
    if (this.#byVenue.size === 0 || !('venue' in event) || event.venue === undefined) return
    const instance = this.#byVenue.get(event.venue)?.instance
    if (instance === undefined) return
    this.#changed = instance
    if (event.type === 'trade') instance.traded(event, time)
  }

  applied({ time }: Applied): void {
    this.#changed?.applied(time)
    this.#changed = undefined
  }

  release(): void {}

  async #play(id: number, level: Level, owner: string | undefined, terms: GameTerms): Promise<LevelView> {
    const { draw } = this.#options
    const seed = terms.seed ?? draw(seeds)
    const secondsPerDay = terms.secondsPerDay ?? usualSecondsPerDay
    const house = new Set(level.population(level.setup(seed), '').map(({ account }) => account))
    let account = drawAccount(draw)
    while (house.has(account)) account = drawAccount(draw)
    const who = { ...(owner !== undefined && { owner }), account, symbol: drawSymbol(draw) }
    this.#coming += 1
    const record = await this.#makeVenue(
      { id, level: level.name, seed, secondsPerDay, ...who },
      level,
    ).finally(() => {
      this.#coming -= 1
    })
    const instance = this.#seat(record, undefined, (game) => game.warmUp())
    try {
      await this.#seats.get(id)?.ready
    } catch (error) {
      instance.stop()
      throw error
    }
    return toLevelView(record, level)
  }

  /** Makes a venue under a name that nobody has or had. What is noted first is all that a crash can leave. */
  async #makeVenue(drawn: Omit<InstanceRecord, 'venue'>, level: Level): Promise<InstanceRecord> {
    const { revealOwnerOnCancel, openExecutions } = level.venue
    const rules = {
      ...({ rulesVersion: 1, selfTrade: 'allow' } as const),
      ...(revealOwnerOnCancel && ({ revealOwnerOnCancel } as const)),
      ...(openExecutions && ({ openExecutions } as const)),
    }
    for (let i = 0; i < mostDraws; i += 1) {
      const record = { ...drawn, venue: drawVenue(this.#options.draw) }
      const { venue, symbol } = record
      if (this.#options.exchange.venue(venue) !== undefined) continue
      const started = { type: 'note', topic: 'instance_started', key: `${record.id}` } as const
      // Reserved before it is there, so that nobody else can have an order make it.
      this.#options.reserve(venue, { account: record.account, owner: record.owner })
      const [, made, listed] = await Promise.all([
        this.#ask({ ...started, data: toJson(record) }),
        this.#ask({ type: 'create-venue', venue, rules }),
        this.#ask({ type: 'list-instrument', venue, symbol }),
      ])
      if (made === undefined && listed === undefined) return record
      this.#options.reserve(venue, undefined)
      if (made === undefined) await this.#ask({ type: 'drop-venue', venue })
      if (listed === 'too_many_books') throw new Problem('too_many_books')
    }
    throw new Error('no name is left for a venue')
  }

  #recover(record: InstanceRecord): void {
    const { exchange, levels } = this.#options
    const level = levels.find(({ name }) => name === record.level)
    if (level === undefined) {
      // Another build had it.
      this.#tell({ type: 'drop-venue', venue: record.venue })
      return
    }
    const venue = exchange.venue(record.venue)
    const ended = this.#ended(record)
    const notes = ['day_began', 'paused'].map((topic) => fromJson<Checkpoint>(venue?.note(topic, '')))
    const from = notes.reduce((a, b) => (b !== undefined && (a === undefined || b.wall >= a.wall) ? b : a))
    // One that had ended, or that nobody was ever told of, has only its venue left.
    const isOver = ended !== undefined || from === undefined
    const instance = this.#seat(record, from, (game) =>
      isOver ? Promise.resolve() : game.recover(from as Checkpoint),
    )
    if (ended !== undefined) instance.ended = ended
    else if (isOver) instance.stop()
  }

  #seat(
    record: InstanceRecord,
    from: Checkpoint | undefined,
    begin: (instance: Instance) => Promise<void>,
  ): Instance {
    const { owner, venue, account, id } = record
    const instance = new Instance(record, this.#level(record), this.#options, {
      onEnd: (ended) => this.#hasEnded(ended),
      from,
    })
    this.#options.reserve(venue, { account, owner })
    const seat = { instance, ready: Promise.resolve(), seenAt: this.#options.clock() as number }
    this.#seats.set(id, seat)
    this.#byVenue.set(venue, seat)
    seat.ready = begin(instance)
    // Who waits for it hears of it; nobody has to.
    seat.ready.catch(() => {})
    this.#lookLater()
    return instance
  }

  #hasEnded({ record: { owner, level }, ended }: Instance): void {
    if (ended?.score === undefined) return
    const { score, day } = ended
    const noted = this.#notedBest(owner, level)
    if (noted !== undefined && noted.score >= score) return
    const key = bestKey(owner, level)
    this.#tell({ type: 'note', topic: 'best', key, data: toJson({ score, day }) })
  }

  #wake(instance: Instance): void {
    const seat = this.#seats.get(instance.record.id)
    if (seat !== undefined) seat.seenAt = this.#options.clock()
    instance.resume()
  }

  #lookLater(): void {
    if (this.#closed || this.#cancelLook !== undefined || this.#seats.size === 0) return
    this.#cancelLook = this.#options.schedule(() => {
      this.#cancelLook = undefined
      this.#look()
      this.#lookLater()
    }, lookEveryMs)
  }

  /** Pauses, stops and takes away what it is time for. */
  #look(): void {
    const { clock, isHeard } = this.#options
    const now = clock()
    for (const seat of [...this.#seats.values()]) {
      const { instance } = seat
      const { ended, pausedAt, record } = instance
      if (ended !== undefined) {
        if (now - ended.at >= goneAfter) this.#dropSometime(seat)
      } else if (pausedAt !== undefined) {
        if (now - pausedAt >= stoppedAfter) instance.stop('idle')
      } else if (isHeard(record.venue)) {
        seat.seenAt = now
      } else if (now - seat.seenAt >= idleAfter) {
        void instance.pause('idle')
      }
    }
  }

  /** Takes a venue away, now or at one of the next looks. */
  #dropSometime(seat: Seat): void {
    this.#drop(seat).catch((error: unknown) => {
      if (!(error instanceof Unavailable)) throw error
    })
  }

  /** Takes a venue away. What became of the game stays known. */
  async #drop(seat: Seat): Promise<void> {
    const { reserve, setLosses } = this.#options
    const { instance } = seat
    const { id, venue } = instance.record
    instance.leave()
    await this.#ask({ type: 'drop-venue', venue })
    reserve(venue, undefined)
    setLosses(venue, undefined)
    this.#byVenue.delete(venue)
    if (this.#seats.get(id) === seat) this.#seats.delete(id)
  }

  #requireRoom(): void {
    const open = [...this.#seats.values()].filter(({ instance }) => instance.isOpen).length
    const { mostOpen } = this.#options
    if (open + this.#coming >= mostOpen) throw new Problem('too_many_instances', { most: mostOpen })
  }

  /** The newest game of an instance, whose owner the caller has to be. */
  #find(id: number, caller: Caller): { record: InstanceRecord } {
    const record =
      this.#seats.get(id)?.instance.record ??
      fromJson<InstanceRecord>(this.#options.exchange.note('instance_started', `${id}`))
    if (record === undefined) throw new Problem('unknown_instance', { id })
    if (!isOwner(caller, record)) throw new Problem('not_instance_owner')
    return { record }
  }

  #level({ level: name }: InstanceRecord): Level {
    const level = this.#options.levels.find((one) => one.name === name)
    if (level === undefined) throw new Error(`there is no level ${name}`)
    return level
  }

  /** How the newest game of an instance ended, if it has. */
  #ended({ id, venue }: InstanceRecord): EndRecord | undefined {
    const ended = fromJson<EndRecord>(this.#options.exchange.note('instance_ended', `${id}`))
    return ended?.venue === venue ? ended : undefined
  }

  /** The best score of an owner, that of a game included which was won a moment ago and is being noted. */
  #best(owner: string | undefined, level: string): number | undefined {
    let best = this.#notedBest(owner, level)?.score
    for (const { instance } of this.#seats.values()) {
      const { record, ended } = instance
      if (record.owner !== owner || record.level !== level || ended?.score === undefined) continue
      best = Math.max(best ?? 0, ended.score)
    }
    return best
  }

  #notedBest(owner: string | undefined, level: string): BestRecord | undefined {
    return fromJson<BestRecord>(this.#options.exchange.note('best', bestKey(owner, level)))
  }

  #view(record: InstanceRecord, instance: Instance | undefined): InstanceView {
    const { id, level, venue, symbol: ticker, account, seed } = record
    const { days } = this.#level(record)
    const ended = instance?.ended ?? this.#ended(record)
    const day = ended?.day ?? instance?.play.day ?? days
    const flash = ended?.flash ?? instance?.play.flash
    const judged = ended?.judged ?? instance?.judged
    const reason = ended?.reason
    return {
      ok: true,
      // What has left no trace but its start was cut off by a crash.
      done: ended !== undefined || instance === undefined,
      id,
      state: ended?.state ?? (instance === undefined ? 'stopped' : 'open'),
      ...(ended === undefined && instance?.pausedAt !== undefined && { paused: true as const }),
      ...{ level, venue, ticker, account },
      details: {
        tradingDay: Math.min(Math.max(1, day), days),
        endOfTheWorldDay: days,
        seed,
        ...(reason !== undefined && { reason }),
      },
      ...(flash !== undefined && { flash }),
      ...(ended?.score !== undefined && { score: ended.score }),
      ...(judged !== undefined && { judged }),
    }
  }

  /** Sends a command, and says why it was refused, if it was. */
  #ask(command: Command): Promise<RejectReason | undefined> {
    return this.#options.exchange.submit(command, ({ events: [event] }) =>
      event?.type === 'rejected' ? event.reason : undefined,
    )
  }

  #tell(command: Command): void {
    this.#ask(command).catch((error: unknown) => {
      if (!(error instanceof Unavailable)) throw error
    })
  }
}

/** Under which account's name what a caller does is kept: the first of those of its key, whatever their order. */
function ownerOf({ held }: Caller): string | undefined {
  return held === undefined ? undefined : [...held].sort()[0]
}

function isOwner({ held }: Caller, { owner }: InstanceRecord): boolean {
  return held === undefined || (owner !== undefined && held.has(owner))
}

function bestKey(owner: string | undefined, level: string): string {
  return `${owner ?? ''} ${level}`
}

function toLevelView({ id, account, venue, symbol, secondsPerDay }: InstanceRecord, level: Level): LevelView {
  return {
    ok: true,
    instanceId: id,
    account,
    instructions: level.instructions({ venue, symbol, account }),
    tickers: [symbol],
    venues: [venue],
    secondsPerTradingDay: secondsPerDay,
    balances: { USD: level.startingCash },
  }
}
