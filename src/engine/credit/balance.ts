import { type Amount, minus, plus } from '../../domain/amount.ts'
import type { BalanceChanged } from '../../domain/event.ts'

/** What an account holds of one asset, in smallest units. Neither part is ever negative. */
export class Balance {
  /** Whose it is. */
  readonly account: string
  readonly asset: string
  #available: Amount
  #held: Amount
  /** How many commands have changed it. */
  changes: number
  /** Whether the current command has. */
  isTouched = false

  constructor(account: string, asset: string, available: Amount = 0, held: Amount = 0, changes = 0) {
    this.account = account
    this.asset = asset
    this.#available = available
    this.#held = held
    this.changes = changes
  }

  get available(): bigint {
    return BigInt(this.#available)
  }

  /** Reserved for open orders. */
  get held(): bigint {
    return BigInt(this.#held)
  }

  /** Whether so much can be spent. */
  covers(amount: Amount): boolean {
    return amount <= this.#available
  }

  receive(amount: Amount): void {
    this.#available = plus(this.#available, amount)
  }

  /** Reserves. */
  hold(amount: Amount): void {
    this.#available = minus(this.#available, amount)
    this.#held = plus(this.#held, amount)
  }

  /** Gives back what was reserved. */
  release(amount: Amount): void {
    this.#available = plus(this.#available, amount)
    this.#held = minus(this.#held, amount)
  }

  /** Gives away what was reserved. */
  pay(amount: Amount): void {
    this.#held = minus(this.#held, amount)
  }

  /** Ends the current command for this balance, and reports it. */
  report(venue: string): BalanceChanged {
    this.isTouched = false
    this.changes += 1
    return {
      type: 'balance-changed',
      venue,
      account: this.account,
      asset: this.asset,
      available: this.#available,
      held: this.#held,
    }
  }
}
