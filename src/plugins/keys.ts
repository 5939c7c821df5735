import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { Problem } from '../../schemas/errors.ts'
import type { Accounts } from '../accounts.ts'

/** A venue that is for one account: nobody else trades there through a door. */
export interface Reservation {
  readonly account: string
  /** Whose keys act as the account: those that hold this one. Without keys everybody's requests do. */
  readonly owner: string | undefined
}

/** Who a request may act as. Without an accounts file there are no keys, and everybody may act as anybody. */
export interface Keys {
  /** Whether there are keys. */
  readonly on: boolean
  /**
   * The key that a request carries: in the first header, else in the second, else in the cookie, else, where a
   * websocket opens, in the query `api_key` (browsers and many libraries cannot send headers there).
   */
  keyOf(request: FastifyRequest): string | undefined
  /** Whether a key may act as an account on a venue. Without keys always, unless the venue is for another one. */
  allows(key: string | undefined, account: string, venue: string): boolean
  /** The accounts of a key; undefined when nobody has it, or there are no keys. Takes the same time for any key. */
  held(key: string): ReadonlySet<string> | undefined
  /** The same for a request. */
  mayActAs(request: FastifyRequest, account: string, venue: string): boolean
  /** Makes a venue one for one account; `undefined` makes it one for everybody. */
  reserve(venue: string, reservation: Reservation | undefined): void
  /** Whether a venue is for one account. */
  isReserved(venue: string): boolean
  /** Whether a request may be told of a venue: a reserved one is shown to who acts as its account. */
  maySee(request: FastifyRequest, venue: string): boolean
  /** The accounts of the request's key; empty when there are no keys, or it has none. Throws for an unknown key. */
  accountsOf(request: FastifyRequest): ReadonlySet<string>
  /** Throws unless there are no keys or the request has one that somebody holds. */
  check(request: FastifyRequest): void
  /** `check` as a hook. */
  readonly required: (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void
  /** Calls a listener when accounts or keys were replaced. */
  onChange(listener: () => void): void
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly keys: Keys
  }
  interface FastifyRequest {
    /** The accounts of the request's key, once it was looked up. */
    heldAccounts: ReadonlySet<string> | undefined
  }
}

/** Gives the app its keys: `app.keys`. Keys are never logged. */
export function addKeys(app: FastifyInstance, accounts: Accounts | undefined): void {
  app.decorateRequest('heldAccounts', undefined)
  app.decorate('keys', accounts === undefined ? createNoKeys() : createKeys(accounts))
}

const nobody: ReadonlySet<string> = new Set()

function createNoKeys(): Keys {
  const reserved = createReservations()
  const isFor = (account: string, venue: string) => (reserved.of(venue)?.account ?? account) === account
  return {
    on: false,
    keyOf,
    allows: (_key, account, venue) => isFor(account, venue),
    held: () => undefined,
    mayActAs: (_request, account, venue) => isFor(account, venue),
    reserve: reserved.set,
    isReserved: (venue) => reserved.of(venue) !== undefined,
    maySee: () => true,
    accountsOf: () => nobody,
    check() {},
    required: (_request, _reply, done) => done(),
    onChange() {},
  }
}

function createReservations() {
  const byVenue = new Map<string, Reservation>()
  return {
    of: (venue: string) => byVenue.get(venue),
    set(venue: string, reservation: Reservation | undefined): void {
      if (reservation === undefined) byVenue.delete(venue)
      else byVenue.set(venue, reservation)
    },
  }
}

function createKeys(accounts: Accounts): Keys {
  const accountsOf = (request: FastifyRequest) => {
    if (request.heldAccounts !== undefined) return request.heldAccounts
    const key = keyOf(request)
    if (key === undefined) return nobody
    const held = accounts.held(key)
    if (held === undefined) throw new Problem('wrong_key')
    request.heldAccounts = held
    return held
  }
  const check = (request: FastifyRequest) => {
    if (accountsOf(request) === nobody) throw new Problem('key_required')
  }
  const reserved = createReservations()
  const mayAct = (held: ReadonlySet<string> | undefined, account: string, venue: string) => {
    const reservation = reserved.of(venue)
    if (reservation === undefined) return held?.has(account) === true
    const { owner } = reservation
    return reservation.account === account && owner !== undefined && held?.has(owner) === true
  }
  const heldBy = (request: FastifyRequest) => request.heldAccounts ?? accounts.held(keyOf(request) ?? '')
  return {
    on: true,
    keyOf,
    allows: (key, account, venue) => mayAct(accounts.held(key ?? ''), account, venue),
    held: (key) => accounts.held(key),
    mayActAs: (request, account, venue) => mayAct(heldBy(request), account, venue),
    reserve: reserved.set,
    isReserved: (venue) => reserved.of(venue) !== undefined,
    maySee(request, venue) {
      const reservation = reserved.of(venue)
      return reservation === undefined || mayAct(heldBy(request), reservation.account, venue)
    },
    accountsOf,
    check,
    required(request, _reply, done) {
      try {
        check(request)
        done()
      } catch (error) {
        done(error as Error)
      }
    },
    onChange: (listener) => accounts.onChange(listener),
  }
}

function keyOf(request: FastifyRequest): string | undefined {
  const { headers } = request
  const header = headers['x-starfighter-authorization'] || headers['x-stockfighter-authorization']
  if (header !== undefined && header !== '') return String(header)
  const cookie = headers.cookie === undefined ? undefined : cookieKey.exec(headers.cookie)?.[1]
  if (cookie !== undefined) return cookie
  if (headers.upgrade === undefined) return undefined
  const { api_key: key } = (request.query ?? {}) as { api_key?: unknown }
  return typeof key === 'string' && key !== '' ? key : undefined
}

const cookieKey = /(?:^|;)\s*api_key=([^;\s]+)/
