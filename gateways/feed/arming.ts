import type { ArmRequest, DisarmRequest } from '../../schemas/feed.ts'
import type { Event } from '../../src/domain/event.ts'
import type { SessionKey } from '../../src/domain/session.ts'
import { Unavailable } from '../../src/domain/unavailable.ts'
import type { Micros } from '../../src/domain/units.ts'
import type { Door, Exchange } from '../../src/port.ts'
import { throwIfRejected } from './refusal.ts'

/** When a loss that the exchange could not take is said again. */
const againAfterMs = 1000

/** Which sockets hold which armed sessions: one is lost with the last of them. */
export class Holders implements Door {
  readonly #sockets = new Map<string, Set<Arming>>()

  add(of: SessionKey, socket: Arming): void {
    const name = nameOf(of)
    const sockets = this.#sockets.get(name) ?? new Set()
    this.#sockets.set(name, sockets.add(socket))
  }

  /** True when the socket was the last one. */
  remove(of: SessionKey, socket: Arming): boolean {
    const name = nameOf(of)
    const sockets = this.#sockets.get(name)
    if (sockets === undefined || !sockets.delete(socket) || sockets.size > 0) return false
    return this.#sockets.delete(name)
  }

  isHeld(of: SessionKey): boolean {
    return this.#sockets.has(nameOf(of))
  }

  event(event: Event): void {
    switch (event.type) {
      case 'session-changed':
        if (event.state === 'ended') this.#end(nameOf(event))
        return
      // With their venue all sessions go.
      case 'venue-reset':
      case 'venue-dropped':
        for (const name of this.#sockets.keys()) {
          if (name.startsWith(`${event.venue}\n`)) this.#end(name)
        }
        return
      default:
    }
  }

  applied(): void {}

  release(): void {}

  #end(name: string): void {
    for (const socket of this.#sockets.get(name) ?? []) socket.ended(name)
    this.#sockets.delete(name)
  }
}

/** Cancel-on-disconnect of one socket: what it has armed, and says to be lost when it is. */
export class Arming {
  readonly #exchange: Exchange
  readonly #holders: Holders
  readonly #armed = new Map<string, SessionKey>()
  /** Under which name orders are placed, by venue and account. */
  readonly #names = new Map<string, string>()
  #isLost = false

  constructor(exchange: Exchange, holders: Holders) {
    this.#exchange = exchange
    this.#holders = holders
  }

  /** Resolves when it is armed; orders that are asked for after it are covered. Throws a `Refusal`. */
  async arm(request: ArmRequest): Promise<object> {
    const of = keyOf(request)
    const account = accountOf(of)
    const before = this.#names.get(account)
    this.#placeUnder(account, of.session)
    const grace = (request.graceMs * 1000) as Micros
    try {
      return await this.#exchange.submit({ type: 'arm', ...of, grace }, (applied) => {
        throwIfRejected(applied)
        // One of the same name may have ended just before.
        if (!this.#names.has(account)) this.#placeUnder(account, of.session)
        this.#holders.add(of, this)
        this.#armed.set(nameOf(of), of)
        if (this.#isLost) this.lost()
        return {}
      })
    } catch (error) {
      if (this.#names.get(account) === of.session) {
        this.#names.delete(account)
        this.#placeUnder(account, before)
      }
      throw error
    }
  }

  async disarm(request: DisarmRequest): Promise<object> {
    const of = keyOf(request)
    return this.#exchange.submit({ type: 'disarm', ...of }, (applied) => {
      throwIfRejected(applied)
      return {}
    })
  }

  /** Told when a session is armed no more. */
  ended(name: string): void {
    const of = this.#armed.get(name)
    if (of === undefined) return
    this.#armed.delete(name)
    if (this.#names.get(accountOf(of)) === of.session) this.#names.delete(accountOf(of))
  }

  /** The session that an order is placed under. */
  sessionOf(order: { readonly venue: string; readonly account: string }): string | undefined {
    return this.#names.get(accountOf(order))
  }

  /** Says that the socket is gone. */
  lost(): void {
    this.#isLost = true
    for (const of of this.#armed.values()) if (this.#holders.remove(of, this)) this.#lose(of)
    this.#armed.clear()
  }

  #placeUnder(account: string, session: string | undefined): void {
    if (session !== undefined) this.#names.set(account, session)
  }

  /** Says it again as long as it may help; a process that goes on later counts everybody as lost. */
  #lose(of: SessionKey): void {
    this.#exchange
      .submit({ type: 'disconnect', ...of }, () => undefined)
      .catch((error: unknown) => {
        if (!(error instanceof Unavailable)) throw error
        if (error.reason === 'stopping' || error.reason === 'journal_failed') return
        const again = () => {
          if (!this.#holders.isHeld(of)) this.#lose(of)
        }
        setTimeout(again, againAfterMs).unref()
      })
  }
}

function keyOf({ venue, account, session }: ArmRequest | DisarmRequest): SessionKey {
  return { venue, account, ...(session !== undefined && { session }) }
}

function accountOf({ venue, account }: { readonly venue: string; readonly account: string }): string {
  return [venue, account].join('\n')
}

/** A line break is in no name, so no two are the same. */
function nameOf({
  venue,
  account,
  session = '',
}: Omit<SessionKey, 'session'> & { session?: string | undefined }) {
  return [venue, account, session].join('\n')
}
