import type { Micros } from '../domain/units.ts'

/** A session whose orders are canceled some time after its connection is lost. */
export class Session {
  readonly account: string
  /** Without a name it is about all orders of the account. */
  readonly name: string | undefined
  grace: Micros
  /** When its orders are canceled; undefined while it is connected. */
  due: Micros | undefined = undefined

  constructor(account: string, name: string | undefined, grace: Micros) {
    this.account = account
    this.name = name
    this.grace = grace
  }
}

/** The armed sessions of a venue. */
export class Sessions {
  readonly #accounts = new Map<string, Map<string | undefined, Session>>()
  /** Those without a connection. */
  readonly #lost = new Set<Session>()
  size = 0

  find(account: string, name: string | undefined): Session | undefined {
    return this.#accounts.get(account)?.get(name)
  }

  /** How many an account has. */
  count(account: string): number {
    return this.#accounts.get(account)?.size ?? 0
  }

  add(session: Session): void {
    const { account, name, due } = session
    const own = this.#accounts.get(account) ?? new Map<string | undefined, Session>()
    this.#accounts.set(account, own.set(name, session))
    this.size += 1
    if (due !== undefined) this.#lost.add(session)
  }

  delete(session: Session): void {
    const own = this.#accounts.get(session.account) as Map<string | undefined, Session>
    own.delete(session.name)
    if (own.size === 0) this.#accounts.delete(session.account)
    this.#lost.delete(session)
    this.size -= 1
  }

  connect(session: Session): void {
    session.due = undefined
    this.#lost.delete(session)
  }

  lose(session: Session, now: Micros): void {
    session.due = (now + session.grace) as Micros
    this.#lost.add(session)
  }

  /** When the next grace ends; infinite when none runs. */
  get nextDue(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { due } of this.#lost) next = Math.min(next, due as Micros)
    return next
  }

  /** Those whose grace ends at a time, by account and name. */
  dueAt(time: number): Session[] {
    return [...this.#lost].filter(({ due }) => due === time).sort(byName)
  }

  *[Symbol.iterator](): IterableIterator<Session> {
    for (const own of this.#accounts.values()) yield* own.values()
  }
}

function byName(a: Session, b: Session): number {
  if (a.account !== b.account) return a.account < b.account ? -1 : 1
  return (a.name ?? '') < (b.name ?? '') ? -1 : 1
}
