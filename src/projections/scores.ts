/** What one account made of one instrument. */
export interface Score {
  readonly account: string
  readonly cash: bigint
  readonly position: bigint
  readonly lowest: bigint
  readonly highest: bigint
}

/** A whole number: a bigint only where no `number` holds it exactly, since each sum of bigints makes a new object. */
type Exact = number | bigint

type Tally = { -readonly [Key in keyof Score]: Score[Key] extends bigint ? Exact : Score[Key] }

/** Who holds what of one instrument: folds trades. Sums are exact however large they grow. */
export class Scores {
  readonly #tallies = new Map<string, Tally>()

  /** Counts a trade. One of an account with itself lists the account and moves nothing. */
  trade(buyer: string, seller: string, price: number, quantity: number): void {
    const bought = this.#tally(buyer)
    if (buyer === seller) return
    const sold = this.#tally(seller)
    const money = product(price, quantity)
    bought.cash = sum(bought.cash, -money)
    bought.position = sum(bought.position, quantity)
    if (bought.position > bought.highest) bought.highest = bought.position
    sold.cash = sum(sold.cash, money)
    sold.position = sum(sold.position, -quantity)
    if (sold.position < sold.lowest) sold.lowest = sold.position
  }

  *values(): IterableIterator<Score> {
    for (const { account, cash, position, lowest, highest } of this.#tallies.values()) {
      yield {
        account,
        cash: BigInt(cash),
        position: BigInt(position),
        lowest: BigInt(lowest),
        highest: BigInt(highest),
      }
    }
  }

  load({ account, cash, position, lowest, highest }: Score): void {
    this.#tallies.set(account, {
      account,
      cash: exact(cash),
      position: exact(position),
      lowest: exact(lowest),
      highest: exact(highest),
    })
  }

  #tally(account: string): Tally {
    let tally = this.#tallies.get(account)
    if (tally === undefined) {
      tally = { account, cash: 0, position: 0, lowest: 0, highest: 0 }
      this.#tallies.set(account, tally)
    }
    return tally
  }
}

function product(a: number, b: number): Exact {
  const inOne = a * b
  return Number.isSafeInteger(inOne) ? inOne : BigInt(a) * BigInt(b)
}

function sum(a: Exact, b: Exact): Exact {
  if (typeof a === 'number' && typeof b === 'number') {
    const inOne = a + b
    if (Number.isSafeInteger(inOne)) return inOne
  }
  return exact(BigInt(a) + BigInt(b))
}

function exact(n: bigint): Exact {
  const inOne = Number(n)
  return Number.isSafeInteger(inOne) ? inOne : n
}
