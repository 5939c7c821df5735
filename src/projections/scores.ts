/** What one account made of one instrument. */
export interface Score {
  readonly account: string
  cash: bigint
  position: bigint
  lowest: bigint
  highest: bigint
}

/** Who holds what of one instrument: folds trades. Sums are exact however large they grow. */
export class Scores {
  readonly #scores = new Map<string, Score>()

  /** Counts a trade. One of an account with itself lists the account and moves nothing. */
  trade(buyer: string, seller: string, price: number, quantity: number): void {
    const bought = this.#score(buyer)
    if (buyer === seller) return
    const sold = this.#score(seller)
    const lots = BigInt(quantity)
    const money = BigInt(price) * lots
    bought.cash -= money
    bought.position += lots
    if (bought.position > bought.highest) bought.highest = bought.position
    sold.cash += money
    sold.position -= lots
    if (sold.position < sold.lowest) sold.lowest = sold.position
  }

  values(): Iterable<Readonly<Score>> {
    return this.#scores.values()
  }

  load(score: Score): void {
    this.#scores.set(score.account, score)
  }

  #score(account: string): Score {
    let score = this.#scores.get(account)
    if (score === undefined) {
      score = { account, cash: 0n, position: 0n, lowest: 0n, highest: 0n }
      this.#scores.set(account, score)
    }
    return score
  }
}
