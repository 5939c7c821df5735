import type { Event } from '../../domain/event.ts'
import type { Account } from '../account.ts'
import { Balance } from './balance.ts'

/**
 * Who holds what on a cash venue. Two-sided: what one balance loses another one gains, or the fees do, so that all
 * of them together are always what came in by deposits.
 */
export class Ledger {
  /** What came in from outside, by asset. */
  readonly deposited = new Map<string, bigint>()
  /** What the venue has taken, by asset. */
  readonly fees = new Map<string, bigint>()
  #touched: Balance[] = []

  deposit(account: Account, asset: string, amount: bigint): void {
    this.#touch(account, asset).available += amount
    add(this.deposited, asset, amount)
  }

  /** Reserves. The account must have it available. */
  hold(account: Account, asset: string, amount: bigint): void {
    const balance = this.#touch(account, asset)
    balance.available -= amount
    balance.held += amount
  }

  /** Gives back what was reserved. */
  release(account: Account, asset: string, amount: bigint): void {
    this.hold(account, asset, -amount)
  }

  /** Moves what one account reserved to another one, less a fee. */
  move(from: Account, to: Account, asset: string, amount: bigint, fee: bigint): void {
    this.#touch(from, asset).held -= amount
    this.#touch(to, asset).available += amount - fee
    if (fee > 0n) add(this.fees, asset, fee)
  }

  /** Forgets everybody. */
  reset(): void {
    this.deposited.clear()
    this.fees.clear()
    this.#touched = []
  }

  /** Reports what the command changed, each balance once, in the order in which it was first touched. */
  report(venue: string, events: Event[]): void {
    if (this.#touched.length === 0) return
    for (const balance of this.#touched) {
      const { account, asset, available, held } = balance
      balance.isTouched = false
      balance.changes += 1
      events.push({ type: 'balance-changed', venue, account, asset, available, held })
    }
    this.#touched.length = 0
  }

  #touch(account: Account, asset: string): Balance {
    let balance = account.balances.get(asset)
    if (balance === undefined) {
      balance = new Balance(account.name, asset)
      account.balances.set(asset, balance)
    }
    if (!balance.isTouched) {
      balance.isTouched = true
      this.#touched.push(balance)
    }
    return balance
  }
}

function add(sums: Map<string, bigint>, asset: string, amount: bigint): void {
  sums.set(asset, (sums.get(asset) ?? 0n) + amount)
}
