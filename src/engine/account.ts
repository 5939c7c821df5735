import type { Balance } from './credit/balance.ts'

const noBalances: ReadonlyMap<string, Balance> = new Map()

/**
 * Somebody who trades on a venue. Made by the first order that is accepted, or opened by a command on a cash venue and
 * for the house; goes away only when the venue is reset.
 */
export class Account {
  readonly name: string
  /** 1, 2, 3 … in the order of first use; what the event digest knows the account by. */
  readonly number: number
  readonly keyHash: string | undefined
  /** By asset; on cash venues only. */
  readonly balances: Map<string, Balance>
  /** Whether it belongs to a trader that is part of the venue. */
  readonly isHouse: boolean
  openOrders = 0

  constructor(
    name: string,
    number: number,
    {
      ledger,
      house = false,
    }: { ledger?: { keyHash: string | undefined } | undefined; house?: boolean | undefined } = {},
  ) {
    this.name = name
    this.number = number
    this.isHouse = house
    this.keyHash = ledger?.keyHash
    // Nobody pays into an account without a ledger, so all of them can share the empty map.
    this.balances = ledger === undefined ? (noBalances as Map<string, Balance>) : new Map()
  }

  /** What can be spent of an asset, in smallest units. */
  available(asset: string): bigint {
    return this.balances.get(asset)?.available ?? 0n
  }
}
