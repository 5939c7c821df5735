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
import { Unavailable } from '../src/domain/unavailable.ts'
import type { Door } from '../src/port.ts'
import { bestNote, bestOf } from './best-scores.ts'
import { type Caller, isOwner, ownerOf } from './caller.ts'
import { Instance, type Surroundings } from './instance.ts'
import type { Level, LevelName } from './level.ts'
import { type Checkpoint, type EndRecord, fromJson, type InstanceRecord } from './records.ts'
import { type Seat, Seats } from './seats.ts'
import { VenueMaker, type VenueMakerOptions } from './venue-maker.ts'
import { toInstanceView, toLevelView } from './views.ts'

const usualSecondsPerDay = 5
/** Seeds that are drawn from. */
const seeds = mostSeed + 1

export interface GameMasterOptions extends Surroundings, VenueMakerOptions {
  readonly levels: readonly Level[]
  /** Games that may be open at once. */
  readonly mostOpen: number
  /** Whether somebody listens to something of a venue. */
  readonly isHeard: (venue: string) => boolean
}

/**
 * Runs the levels: gives each game its own venue, watches over it, and takes the venue away after the end. All that it
 * has to know after a restart is in the journal, as notes (see records.ts).
 */
export class GameMaster implements Door {
  readonly #options: GameMasterOptions
  readonly #seats: Seats
  readonly #venues: VenueMaker
  /** Starts that are on their way, by owner and level. */
  readonly #starting = new Map<string, Promise<LevelView>>()
  /** Games whose venue is being made. */
  #coming = 0
  #lastId = 0
  /** The game whose venue the command at hand has changed. */
  #changed: Instance | undefined

  constructor(options: GameMasterOptions) {
    const { clock, schedule, isHeard } = options
    this.#options = options
    this.#seats = new Seats({ clock, schedule, isHeard, drop: (seat) => this.#dropSometime(seat) })
    this.#venues = new VenueMaker(options)
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
  }

  /** Notes where each game stands, and lets go of them. Call it when no request comes any more. */
  async close(): Promise<void> {
    this.#seats.close()
    await Promise.all(
      Array.from(this.#seats, async ({ instance }) => {
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
    for (const seat of this.#seats) {
      const { instance, ready } = seat
      if (instance.level !== level || !instance.isOpen || !isOwner(caller, instance.record)) continue
      return ready.then(() => {
        this.#wake(seat)
        return toLevelView(instance.record, level)
      })
    }
    return this.#once(`${ownerOf(caller) ?? ''} ${level.name}`, () => {
      this.#requireRoom()
      this.#lastId += 1
      return this.#play(this.#lastId, level, ownerOf(caller), terms)
    })
  }

  /** The same instance with another venue, account and seed. */
  async restart(id: number, caller: Caller, terms: GameTerms): Promise<LevelView> {
    const record = this.#find(id, caller)
    const level = this.#level(record)
    return this.#once(`restart ${id}`, async () => {
      const seat = this.#seats.of(id)
      if (seat?.instance.isOpen !== true) this.#requireRoom()
      await seat?.ready.catch(() => {})
      seat?.instance.stop('restarted')
      if (seat !== undefined) await this.#drop(seat)
      return this.#play(id, level, record.owner, terms)
    })
  }

  /** What the start answered. A paused game goes on. */
  async resume(id: number, caller: Caller): Promise<LevelView> {
    const record = this.#find(id, caller)
    const seat = this.#seats.of(id)
    await seat?.ready
    if (seat !== undefined) this.#wake(seat)
    return toLevelView(record, this.#level(record))
  }

  async stop(id: number, caller: Caller): Promise<void> {
    this.#find(id, caller)
    const seat = this.#seats.of(id)
    await seat?.ready.catch(() => {})
    seat?.instance.stop()
  }

  status(id: number, caller: Caller): InstanceView {
    const record = this.#find(id, caller)
    this.#seats.seen(this.#seats.of(id))
    return this.#view(record)
  }

  judge(id: number, caller: Caller, request: JudgeRequest): InstanceView {
    const record = this.#find(id, caller)
    const instance = this.#seats.of(id)?.instance
    if (!this.#level(record).isJudged) throw new Problem('not_judged', { level: record.level })
    if (instance?.isOpen !== true) throw new Problem('already_ended', { id })
    const { account, explanation_link: explanationLink, executive_summary: executiveSummary } = request
    if (!instance.knows(account)) throw new Problem('unknown_suspect', { field: 'account' })
    instance.judge({
      account,
      ...(explanationLink !== undefined && { explanationLink }),
      ...(executiveSummary !== undefined && { executiveSummary }),
    })
    return this.#view(record)
  }

  /** Somebody has asked for something of a venue. */
  seen(venue: string): void {
    this.#seats.seen(this.#seats.at(venue))
  }

  event(event: Event, { time }: Applied): void {
    if (this.#seats.size === 0 || !('venue' in event) || event.venue === undefined) return
    const instance = this.#seats.at(event.venue)?.instance
    if (instance === undefined) return
    this.#changed = instance
    if (event.type === 'trade') instance.traded(event, time)
  }

  applied({ time }: Applied): void {
    this.#changed?.applied(time)
    this.#changed = undefined
  }

  release(): void {}

  /** Whoever asks for the same while it is being done is answered with it. */
  #once(key: string, start: () => Promise<LevelView>): Promise<LevelView> {
    const known = this.#starting.get(key)
    if (known !== undefined) return known
    const started = start().finally(() => this.#starting.delete(key))
    this.#starting.set(key, started)
    return started
  }

  async #play(id: number, level: Level, owner: string | undefined, terms: GameTerms): Promise<LevelView> {
    const seed = terms.seed ?? this.#options.draw(seeds)
    const secondsPerDay = terms.secondsPerDay ?? usualSecondsPerDay
    this.#coming += 1
    const record = await this.#venues.make(level, { id, seed, secondsPerDay, owner }).finally(() => {
      this.#coming -= 1
    })
    await this.#seat(record, undefined, (game) => game.warmUp()).ready
    return toLevelView(record, level)
  }

  #recover(record: InstanceRecord): void {
    const { exchange, levels } = this.#options
    const venue = exchange.venue(record.venue)
    if (levels.every(({ name }) => name !== record.level)) {
      // Another build had it.
      this.#tell({ type: 'drop-venue', venue: record.venue })
      return
    }
    const ended = this.#ended(record)
    const notes = ['day_began', 'paused'].map((topic) => fromJson<Checkpoint>(venue?.note(topic, '')))
    const from = notes.reduce((a, b) => (b !== undefined && (a === undefined || b.wall >= a.wall) ? b : a))
    // One that had ended, or that nobody was ever told of, has only its venue left.
    const isOver = ended !== undefined || from === undefined
    const { instance } = this.#seat(record, from, (game) =>
      isOver ? Promise.resolve() : game.recover(from as Checkpoint),
    )
    if (ended !== undefined) instance.ended = ended
    else if (isOver) instance.stop()
  }

  #seat(
    record: InstanceRecord,
    from: Checkpoint | undefined,
    begin: (instance: Instance) => Promise<void>,
  ): Seat {
    const { id, owner, venue, account } = record
    const instance = new Instance(record, this.#level(record), this.#options, {
      onEnd: (ended) => this.#hasEnded(ended),
      from,
    })
    this.#options.reserve(venue, { account, owner })
    return this.#seats.add(instance, () =>
      begin(instance).catch((error: Error) => {
        // One that another build has left may be another game in this one.
        this.#options.warn(`instance ${id} cannot go on: ${error.message}`)
        instance.stop()
        throw error
      }),
    )
  }

  #hasEnded({ record: { owner, level }, ended }: Instance): void {
    const { exchange, mostOpen } = this.#options
    // Who starts and stops all the time leaves no more venues to look at than there may be games.
    for (const seat of this.#seats.longEnded(mostOpen)) this.#dropSometime(seat)
    if (ended?.score === undefined) return
    const { score, day } = ended
    const noted = bestOf(exchange, owner, level)
    if (noted === undefined || noted.score < score) this.#tell(bestNote(owner, level, { score, day }))
  }

  #wake(seat: Seat): void {
    this.#seats.seen(seat)
    seat.instance.resume()
  }

  /** Takes a venue away, now or at one of the next looks. */
  #dropSometime(seat: Seat): void {
    this.#drop(seat).catch((error: unknown) => {
      if (!(error instanceof Unavailable)) throw error
    })
  }

  /** Takes a venue away. What became of the game stays known. */
  async #drop(seat: Seat): Promise<void> {
    const { exchange, reserve, setLosses } = this.#options
    const { venue } = seat.instance.record
    seat.instance.leave()
    await exchange.submit({ type: 'drop-venue', venue }, () => undefined)
    reserve(venue, undefined)
    setLosses(venue, undefined)
    this.#seats.delete(seat)
  }

  #requireRoom(): void {
    const open = [...this.#seats].filter(({ instance }) => instance.isOpen).length
    const { mostOpen } = this.#options
    if (open + this.#coming >= mostOpen) throw new Problem('too_many_instances', { most: mostOpen })
  }

  /** The newest game of an instance, whose owner the caller has to be. */
  #find(id: number, caller: Caller): InstanceRecord {
    const record =
      this.#seats.of(id)?.instance.record ??
      fromJson<InstanceRecord>(this.#options.exchange.note('instance_started', `${id}`))
    if (record === undefined) throw new Problem('unknown_instance', { id })
    if (!isOwner(caller, record)) throw new Problem('not_instance_owner')
    return record
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

  #view(record: InstanceRecord): InstanceView {
    const instance = this.#seats.of(record.id)?.instance
    return toInstanceView(record, this.#level(record), instance, instance?.ended ?? this.#ended(record))
  }

  /** The best score of an owner, that of a game included which was won a moment ago and is being noted. */
  #best(owner: string | undefined, level: LevelName): number | undefined {
    let best = bestOf(this.#options.exchange, owner, level)?.score
    for (const { instance } of this.#seats) {
      const { record, ended } = instance
      if (record.owner !== owner || record.level !== level || ended?.score === undefined) continue
      best = Math.max(best ?? 0, ended.score)
    }
    return best
  }

  /** Sends a command whose fate changes nothing for anybody who plays. */
  #tell(command: Command): void {
    this.#options.exchange
      .submit(command, () => undefined)
      .catch((error: unknown) => {
        if (!(error instanceof Unavailable)) throw error
      })
  }
}
