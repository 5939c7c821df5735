import { Refusal } from './refusal.ts'

/** What is asked of the server's keys. */
export interface FeedKeys {
  /** Whether there are keys. */
  readonly on: boolean
  /** Whether a key may act as an account on a venue. */
  allows(key: string | undefined, account: string, venue: string): boolean
  /** The accounts of a key; undefined when nobody has it. */
  held(key: string): ReadonlySet<string> | undefined
}

/** Who one socket may act as. */
export class Credentials {
  readonly #keys: FeedKeys
  #key: string | undefined

  constructor(keys: FeedKeys, key: string | undefined) {
    this.#keys = keys
    this.#key = key
  }

  get key(): string | undefined {
    return this.#key
  }

  /** Takes another key, and gives its accounts; without keys any will do. Throws a `Refusal` when nobody has it. */
  use(key: string): string[] {
    if (!this.#keys.on) return []
    const held = this.#keys.held(key)
    if (held === undefined) throw new Refusal('wrong_key', 'key')
    this.#key = key
    return [...held]
  }

  allows(account: string, venue: string): boolean {
    return this.#keys.allows(this.#key, account, venue)
  }

  /** Throws a `Refusal` unless the socket may act as an account on a venue. */
  require(account: string, venue: string): void {
    if (this.allows(account, venue)) return
    throw new Refusal(
      this.#keys.on && this.#key === undefined ? 'key_required' : 'not_account_owner',
      'account',
    )
  }

  /** Throws a `Refusal` unless the socket may act as anybody at all. */
  requireKey(): void {
    if (this.#keys.on && this.#key === undefined) throw new Refusal('key_required')
  }
}
