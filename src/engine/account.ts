import type { Amount } from '../domain/amount.ts'
import type { Asset } from './credit/asset.ts'
import { Balance } from './credit/balance.ts'

const noBalances: ReadonlyMap<string, Balance> = new Map()
const noSlots: readonly (Balance | undefined)[] = []

/** A link in the list of an account's open orders. */
export interface OpenOrder {
  readonly id: number
  olderOwn: OpenOrder | undefined
  newerOwn: OpenOrder | undefined
}

/**
 * Somebody who trades on a venue. Made by the first order that is accepted, or opened by a command: for the house, and
 * on a cash venue whose rules want that. Goes away only when the venue is reset.
 */
export class Account {
  readonly name: string
  /** 1, 2, 3 … in the order of first use; what the event digest knows the account by. */
  readonly number: number
  readonly keyHash: string | undefined
  /** By the name of the asset, in the order in which they were first changed; on cash venues only. */
  readonly balances: Map<string, Balance>
  /** Whether it belongs to a trader that is part of the venue. */
  readonly isHouse: boolean
  /** The same by the asset's slot: trades need not look names up. */
  readonly #slots: (Balance | undefined)[]
  openOrders = 0
  #newest: OpenOrder | undefined = undefined

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
    // Nobody pays into an account without a ledger, so all of them can share what is empty.
    this.balances = ledger === undefined ? (noBalances as Map<string, Balance>) : new Map()
    this.#slots = ledger === undefined ? (noSlots as (Balance | undefined)[]) : []
  }

  /** Takes an order that is open from now on. */
  addOrder(order: OpenOrder): void {
    const older = this.#newest
    order.olderOwn = older
    if (older !== undefined) older.newerOwn = order
    this.#newest = order
    this.openOrders += 1
  }

  /** Lets an order go that is no longer open. */
  removeOrder(order: OpenOrder): void {
    const { olderOwn, newerOwn } = order
    if (newerOwn === undefined) this.#newest = olderOwn
    else newerOwn.olderOwn = olderOwn
    if (olderOwn !== undefined) olderOwn.newerOwn = newerOwn
    order.olderOwn = undefined
    order.newerOwn = undefined
    this.openOrders -= 1
  }

  /** The ids of its open orders, ascending. */
  openOrderIds(): number[] {
    const ids: number[] = []
    for (let order = this.#newest; order !== undefined; order = order.olderOwn) ids.push(order.id)
    // One that was replaced has gone to the end of the list.
    return ids.sort((a, b) => a - b)
  }

  /** Whether so much of an asset can be spent. */
  covers(asset: Asset, amount: Amount): boolean {
    const balance = this.#slots[asset.slot]
    return balance === undefined ? amount === 0 : balance.covers(amount)
  }

  /** What it holds of an asset, from now on when there was nothing. */
  balance(asset: Asset): Balance {
    return this.#slots[asset.slot] ?? this.open(asset, new Balance(this.name, asset.name))
  }

  open({ name, slot }: Asset, balance: Balance): Balance {
    this.balances.set(name, balance)
    this.#slots[slot] = balance
    return balance
  }
}
