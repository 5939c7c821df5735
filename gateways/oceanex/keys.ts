import { constants, verify } from 'node:crypto'
import type { Exchange } from '../../src/port.ts'
import { refusalOf } from '../exchange-commands.ts'
import type { Fields } from './codec.ts'
import { codes, Failure, missing } from './errors.ts'
import type { UserSettings } from './settings.ts'

/** How far a nonce may be from the time here. */
const windowMs = 30_000
/** Nonces of a key that are remembered one by one. */
const mostNonces = 1024
/** Below it a nonce is in seconds. */
const firstMilliseconds = 1e11
/** What the door writes down about keys: the newest nonce of each. */
const nonceTopic = 'oceanex.nonce'

const base64 = /^[A-Za-z0-9+/_-]*={0,2}$/

/** Nonces that a key has used. */
interface Used {
  /** None at or below it is good any more, unless it is among those that are remembered to be unused. */
  last: number
  /** Everything at or below it is taken for used: what was before the process, and what is forgotten. */
  floor: number
  readonly seen: Set<number>
}

/**
 * Who may log in, and with what.
 *
 * A nonce is good once. The newest one of each key is written down before the login is answered, so that none is good
 * again after a restart; the 1,024 before it are remembered only while the process runs, and taken for used after it.
 */
export class Keys {
  readonly #exchange: Exchange
  readonly #venue: string
  readonly #path: string
  readonly #now: () => number
  readonly #users: ReadonlyMap<string, UserSettings>
  readonly #used = new Map<string, Used>()

  /** `now` gives milliseconds since 1970. */
  constructor(
    exchange: Exchange,
    { venue, path, users }: { venue: string; path: string; users: readonly UserSettings[] },
    now: () => number,
  ) {
    this.#exchange = exchange
    this.#venue = venue
    this.#path = path
    this.#now = now
    this.#users = new Map(users.map((user) => [nameOf(user.uid, user.apiKey), user]))
  }

  /** The keys of an account. */
  of(uid: string): readonly UserSettings[] {
    return [...this.#users.values()].filter((user) => user.uid === uid)
  }

  find(uid: string, apiKey: string): UserSettings | undefined {
    return this.#users.get(nameOf(uid, apiKey))
  }

  /** The user that a login's header is of; throws a `Failure` that says why it is nobody's. */
  async logIn(header: Fields | undefined, address: string): Promise<UserSettings> {
    const { uid, apiKey, nonce, verb, path, signature } = readHeader(header)
    const user = this.find(uid, apiKey)
    if (user === undefined || !user.enabled)
      throw new Failure(codes.unknownKey, 'The API key is unknown or disabled')
    const text = `GET|${this.#path}|${nonce}|`
    const isSigned = verb === 'GET' && path === this.#path && isSignature(user, text, signature)
    if (!isSigned) throw new Failure(codes.authentication, 'The signature is wrong')
    checkAddress(user, address)
    const nonceMs = nonce < firstMilliseconds ? nonce * 1000 : nonce
    if (Math.abs(nonceMs - this.#now()) > windowMs)
      throw new Failure(codes.nonce, `The nonce is more than ${windowMs / 1000} s away from the time here`)
    await this.#use(nameOf(uid, apiKey), nonceMs)
    return user
  }

  async #use(name: string, nonce: number): Promise<void> {
    const used = this.#usedOf(name)
    if (nonce <= used.floor || used.seen.has(nonce))
      throw new Failure(codes.nonce, 'The nonce was used already')
    used.seen.add(nonce)
    if (used.seen.size > mostNonces) {
      const lowest = Math.min(...used.seen)
      used.seen.delete(lowest)
      used.floor = lowest
    }
    if (nonce <= used.last) return
    used.last = nonce
    const note = {
      type: 'note',
      venue: this.#venue,
      topic: nonceTopic,
      key: name,
      data: nonce,
    } as const
    const refusal = await this.#exchange.submit(note, refusalOf)
    if (refusal !== undefined) throw new Error(`the nonce of ${name} was refused: ${refusal}`)
  }

  #usedOf(name: string): Used {
    const found = this.#used.get(name)
    if (found !== undefined) return found
    const before = Number(this.#exchange.venue(this.#venue)?.note(nonceTopic, name) ?? 0)
    const used = { last: before, floor: before, seen: new Set<number>() }
    this.#used.set(name, used)
    return used
  }
}

export function checkAddress({ allowedIps }: UserSettings, address: string): void {
  const plain = address.replace(/^::ffff:/, '')
  if (allowedIps === undefined || allowedIps.includes(plain)) return
  throw new Failure(codes.address, `This IP '${plain}' is not allowed`)
}

interface Header {
  readonly uid: string
  readonly apiKey: string
  readonly nonce: number
  readonly verb: string
  readonly path: string
  readonly signature: string
}

function readHeader(header: Fields = {}): Header {
  const text = (field: string): string => {
    const value = header[field] ?? undefined
    if (value === undefined) throw missing(field)
    if (typeof value !== 'string') throw new Failure(codes.badRequest, `${field} does not have a valid value`)
    return value
  }
  const fields = { uid: text('uid'), apiKey: text('api_key'), verb: text('verb'), path: text('path') }
  const signature = text('signature')
  const nonce = header.nonce ?? undefined
  if (nonce === undefined) throw missing('nonce')
  const number = Number(typeof nonce === 'string' && /^\d+$/.test(nonce) ? Number(nonce) : nonce)
  if (typeof nonce === 'boolean' || !Number.isSafeInteger(number) || number < 0)
    throw new Failure(codes.badRequest, 'nonce does not have a valid value')
  return { ...fields, signature, nonce: number }
}

/** RSA with PKCS#1 v1.5 padding and SHA-256, as base64 of either alphabet. */
function isSignature({ publicKey }: UserSettings, text: string, signature: string): boolean {
  if (!base64.test(signature)) return false
  const key = { key: publicKey, padding: constants.RSA_PKCS1_PADDING }
  return verify('sha256', Buffer.from(text), key, Buffer.from(signature, 'base64'))
}

/** A name for a key of an account, which neither can make up. */
function nameOf(uid: string, apiKey: string): string {
  return JSON.stringify([uid, apiKey])
}
