import { Problem } from '../schemas/errors.ts'
import type { Command } from '../src/domain/command.ts'
import type { RejectReason } from '../src/domain/reject.ts'
import type { Exchange } from '../src/port.ts'
import type { Level } from './level.ts'
import { type Draw, drawAccount, drawSymbol, drawVenue } from './names.ts'
import { type InstanceRecord, toJson } from './records.ts'

/** Names that are tried for a venue. */
const mostDraws = 20

/** For whom a venue is. */
export interface Reservation {
  readonly account: string
  readonly owner: string | undefined
}

export interface VenueMakerOptions {
  readonly exchange: Exchange
  readonly draw: Draw
  /** Makes a venue one for one account, or for everybody again. */
  readonly reserve: (venue: string, reservation: Reservation | undefined) => void
}

/** Makes the venues of games. */
export class VenueMaker {
  readonly #options: VenueMakerOptions

  constructor(options: VenueMakerOptions) {
    this.#options = options
  }

  /**
   * Makes a venue for a game, under a name that nobody has or had, and draws who the player is there. What is noted
   * first is all that a crash can leave.
   */
  async make(
    level: Level,
    terms: Pick<InstanceRecord, 'id' | 'seed' | 'secondsPerDay'> & { readonly owner: string | undefined },
  ): Promise<InstanceRecord> {
    const { draw, exchange, reserve } = this.#options
    const { owner, ...rest } = terms
    const traders = tradersOf(level, terms.seed)
    const drawn = { ...rest, level: level.name, account: this.#drawPlayer(traders) }
    // Where one of them is to be found, nobody is told who belongs to the house.
    const house = level.isJudged ? [] : [...traders]
    const who = { ...drawn, symbol: drawSymbol(draw), ...(owner !== undefined && { owner }) }
    for (let i = 0; i < mostDraws; i += 1) {
      const record = { ...who, venue: drawVenue(draw) }
      const { venue, symbol, account } = record
      if (exchange.venue(venue) !== undefined) continue
      // Reserved before it is there, so that nobody else can have an order make it.
      reserve(venue, { account, owner })
      const [, made, listed] = await Promise.all([
        this.#ask({ type: 'note', topic: 'instance_started', key: `${record.id}`, data: toJson(record) }),
        this.#ask({ type: 'create-venue', venue, rules: rulesOf(level) }),
        this.#ask({ type: 'list-instrument', venue, symbol }),
        ...house.map((account) => this.#ask({ type: 'open-account', venue, account, house: true })),
      ])
      if (made === undefined && listed === undefined) return record
      reserve(venue, undefined)
      if (made === undefined) await this.#ask({ type: 'drop-venue', venue })
      if (listed === 'too_many_books') throw new Problem('too_many_books')
    }
    throw new Error('no name is left for a venue')
  }

  /** An account that none of the level's traders has. */
  #drawPlayer(traders: ReadonlySet<string>): string {
    let account = drawAccount(this.#options.draw)
    while (traders.has(account)) account = drawAccount(this.#options.draw)
    return account
  }

  /** Sends a command, and says why it was refused, if it was. */
  #ask(command: Command): Promise<RejectReason | undefined> {
    return this.#options.exchange.submit(command, ({ events: [event] }) =>
      event?.type === 'rejected' ? event.reason : undefined,
    )
  }
}

/** The accounts of a game's traders, but for the player's, in which one may trade too. */
function tradersOf(level: Level, seed: number): ReadonlySet<string> {
  const player = ''
  const accounts = level.population(level.setup(seed), player).map(({ account }) => account)
  return new Set(accounts.flatMap((account = player) => (account === player ? [] : [account])))
}

function rulesOf({ venue: { revealOwnerOnCancel, openExecutions } }: Level) {
  return {
    ...({ rulesVersion: 1, selfTrade: 'allow' } as const),
    ...(revealOwnerOnCancel && ({ revealOwnerOnCancel } as const)),
    ...(openExecutions && ({ openExecutions } as const)),
  }
}
