import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'

/** Characters that an admin's secret has at least. */
const leastLength = 12
const saltBytes = 16
const hashBytes = 32
/** How long a failure counts, and how many of them a peer has before it must wait. */
const failureMs = 60_000
const freeFailures = 5
const firstDelayMs = 1000
const mostDelayMs = 30_000
/** Peers that failures are counted of; beyond them the one that failed first is forgotten. */
const mostPeers = 10_000

export interface AdminTimes {
  /** Milliseconds that never go back. */
  readonly now: () => number
  readonly wait: (milliseconds: number) => Promise<void>
}

interface Failures {
  /** When each of the last ones was. */
  times: number[]
  /** The delay of the next attempt, while there are too many. */
  delayMs: number
}

/** Says who knows the secret of a game's admins, and makes guessing slow. Keeps a hash of it only. */
export class AdminGate {
  readonly #salt: Buffer
  readonly #hash: Buffer | undefined
  readonly #times: AdminTimes
  readonly #failures = new Map<string, Failures>()
  /** The attempt of each peer that is looked at; the next one of the same peer waits for it. */
  readonly #attempts = new Map<string, Promise<boolean>>()

  private constructor(salt: Buffer, hash: Buffer | undefined, times: AdminTimes) {
    this.#salt = salt
    this.#hash = hash
    this.#times = times
  }

  /** Without a secret nobody is an admin. */
  static async create(secret: string | undefined, times: AdminTimes): Promise<AdminGate> {
    const salt = randomBytes(saltBytes)
    if (secret === undefined) return new AdminGate(salt, undefined, times)
    if ([...secret].length < leastLength) {
      throw new Error(`the admin secret of cxgame must have at least ${leastLength} characters`)
    }
    return new AdminGate(salt, await hashOf(secret, salt), times)
  }

  /** Whether anybody can be an admin. */
  get isOpen(): boolean {
    return this.#hash !== undefined
  }

  /** Whether a peer knows the secret. One attempt of a peer at a time, and after too many failures later. */
  check(peer: string, secret: unknown): Promise<boolean> {
    const before = this.#attempts.get(peer) ?? Promise.resolve(false)
    const attempt = before.then(() => this.#attempt(peer, secret))
    this.#attempts.set(peer, attempt)
    return attempt.finally(() => {
      if (this.#attempts.get(peer) === attempt) this.#attempts.delete(peer)
    })
  }

  async #attempt(peer: string, secret: unknown): Promise<boolean> {
    const delayMs = this.#delayOf(peer)
    if (delayMs > 0) await this.#times.wait(delayMs)
    const isRight = this.#hash !== undefined && (await isSecret(secret, this.#salt, this.#hash))
    if (isRight) this.#failures.delete(peer)
    else this.#count(peer)
    return isRight
  }

  #delayOf(peer: string): number {
    const failures = this.#failures.get(peer)
    if (failures === undefined) return 0
    const now = this.#times.now()
    failures.times = failures.times.filter((time) => now - time < failureMs)
    // Whoever waits half a minute each time has few failures a minute: only a minute without any ends it.
    if (failures.times.length === 0) failures.delayMs = 0
    return failures.delayMs
  }

  #count(peer: string): void {
    const failures = this.#failures.get(peer) ?? { times: [], delayMs: 0 }
    failures.times.push(this.#times.now())
    if (failures.times.length > freeFailures) failures.times.shift()
    if (failures.delayMs > 0) failures.delayMs = Math.min(mostDelayMs, 2 * failures.delayMs)
    else if (failures.times.length === freeFailures) failures.delayMs = firstDelayMs
    this.#failures.delete(peer)
    this.#failures.set(peer, failures)
    const oldest = this.#failures.keys().next()
    if (this.#failures.size > mostPeers && oldest.done !== true) this.#failures.delete(oldest.value)
  }
}

async function isSecret(secret: unknown, salt: Buffer, hash: Buffer): Promise<boolean> {
  // What is no text is wrong, and takes as long to say so.
  const found = await hashOf(typeof secret === 'string' ? secret : '', salt)
  return timingSafeEqual(found, hash)
}

function hashOf(secret: string, salt: Buffer): Promise<Buffer> {
  const options: ScryptOptions = { N: 16_384, r: 8, p: 1 }
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, hashBytes, options, (error, hash) =>
      error === null ? resolve(hash) : reject(error),
    )
  })
}
