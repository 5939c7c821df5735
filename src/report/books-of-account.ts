import { type Amount, minus, plus, times, toAmount } from '../domain/amount.ts'
import type { Side } from '../domain/order.ts'

/** What a trader, or traders of a kind, did and what it came to. */
export interface Result {
  readonly name: string
  readonly isHouse: boolean
  readonly accounts: number
  readonly fills: number
  /** Lots bought and sold, together. */
  readonly traded: Amount
  readonly position: Amount
  /** Cash and position at the last price, in ticks times lots, fees left out. */
  readonly profit: Amount
}

interface Books {
  readonly isHouse: boolean
  fills: number
  traded: Amount
  position: Amount
  cash: Amount
}

/** Who bought and sold how much for how much. */
export class BooksOfAccount {
  readonly #books = new Map<string, Books>()

  fill(
    { name, isHouse }: { readonly name: string; readonly isHouse: boolean },
    side: Side,
    price: number,
    quantity: number,
  ): void {
    const books = this.#books.get(name) ?? { isHouse, fills: 0, traded: 0, position: 0, cash: 0 }
    const worth = times(price, quantity)
    books.fills += 1
    books.traded = plus(books.traded, quantity)
    books.position = side === 'buy' ? plus(books.position, quantity) : minus(books.position, quantity)
    books.cash = side === 'buy' ? minus(books.cash, worth) : plus(books.cash, worth)
    this.#books.set(name, books)
  }

  /** By the kind of house traders, and by the name of people; whoever made most comes first. */
  results(last: number): Result[] {
    const results = new Map<string, Result>()
    for (const [account, { isHouse, fills, traded, position, cash }] of this.#books) {
      const name = isHouse ? kindOf(account) : account
      const key = `${isHouse} ${name}`
      const before = results.get(key)
      results.set(key, {
        name,
        isHouse,
        accounts: (before?.accounts ?? 0) + 1,
        fills: (before?.fills ?? 0) + fills,
        traded: plus(before?.traded ?? 0, traded),
        position: plus(before?.position ?? 0, position),
        profit: plus(before?.profit ?? 0, plus(cash, toAmount(BigInt(position) * BigInt(last)))),
      })
    }
    return [...results.values()].sort((a, b) => compare(b.profit, a.profit) || (a.name < b.name ? -1 : 1))
  }
}

/** The kind of a house trader by the name of its account: `HOUSE_NOISE_3` is of `HOUSE_NOISE`. */
function kindOf(account: string): string {
  return account.replace(/_?\d+$/, '') || account
}

function compare(a: Amount, b: Amount): number {
  return a < b ? -1 : a > b ? 1 : 0
}
