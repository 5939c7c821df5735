import { type Amount, minus, plus } from '../../domain/amount.ts'
import type { Event } from '../../domain/event.ts'
import type { Account } from '../account.ts'
import type { Asset } from './asset.ts'
import type { Balance } from './balance.ts'

/**
 * Who holds what on a cash venue. Two-sided: what one balance loses another one gains, or the fees do, so that all
 * of them together are always what came in by deposits.
 */
export class Ledger {
  readonly #assets = new Map<string, Asset>()
  /** What the current command has changed: the first `#touchedCount`. The next one writes over them. */
  readonly #touched: Balance[] = []
  #touchedCount = 0

  /** The asset of a name, made when there is none. */
  asset(name: string): Asset {
    let asset = this.#assets.get(name)
    if (asset === undefined) {
      asset = { name, slot: this.#assets.size, deposited: 0, fees: 0 }
      this.#assets.set(name, asset)
    }
    return asset
  }

  /** What came in from outside, by asset. */
  get deposited(): Map<string, bigint> {
    return this.#sums(({ deposited }) => deposited)
  }

  /** What the venue has taken, by asset. */
  get fees(): Map<string, bigint> {
    return this.#sums(({ fees }) => fees)
  }

  deposit(account: Account, asset: Asset, amount: Amount): void {
    this.#touch(account, asset).receive(amount)
    asset.deposited = plus(asset.deposited, amount)
  }

  /** Reserves. The account must have it available. */
  hold(account: Account, asset: Asset, amount: Amount): void {
    this.#touch(account, asset).hold(amount)
  }

  /** Gives back what was reserved. */
  release(account: Account, asset: Asset, amount: Amount): void {
    this.#touch(account, asset).release(amount)
  }

  /** Moves what one account reserved to another one, less a fee. */
  move(from: Account, to: Account, asset: Asset, amount: Amount, fee: Amount): void {
    this.#touch(from, asset).pay(amount)
    const receiver = this.#touch(to, asset)
    if (fee === 0) {
      receiver.receive(amount)
    } else {
      receiver.receive(minus(amount, fee))
      asset.fees = plus(asset.fees, fee)
    }
  }

  /** Forgets everybody. Books keep their assets. */
  reset(): void {
    for (const asset of this.#assets.values()) {
      asset.deposited = 0
      asset.fees = 0
    }
  }

  /** Reports what the command changed, each balance once, in the order in which it was first touched. */
  report(venue: string, events: Event[]): void {
    for (let i = 0; i < this.#touchedCount; i += 1) events.push((this.#touched[i] as Balance).report(venue))
    this.#touchedCount = 0
  }

  #touch(account: Account, asset: Asset): Balance {
    const balance = account.balance(asset)
    if (!balance.isTouched) {
      balance.isTouched = true
      this.#touched[this.#touchedCount] = balance
      this.#touchedCount += 1
    }
    return balance
  }

  /** By name: a ledger that was loaded came to know its assets in another order. */
  #sums(sumOf: (asset: Asset) => Amount): Map<string, bigint> {
    const sums = [...this.#assets.values()].map((asset) => [asset.name, BigInt(sumOf(asset))] as const)
    return new Map(sums.filter(([, sum]) => sum > 0n).sort(([a], [b]) => (a < b ? -1 : 1)))
  }
}
