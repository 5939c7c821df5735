import type { Books, Happening } from './level.ts'

/** The player's books before the first trade. */
export function emptyBooks(startingCash: number): Books {
  return { cash: `${startingCash}`, position: 0, bought: 0, paid: '0', last: null }
}

/** The books after a trade, the player's or others'. */
export function enterTrade(books: Books, trade: Happening & { type: 'trade' }): Books {
  const { price, quantity, player } = trade
  if (player === undefined) return price === books.last ? books : { ...books, last: price }
  const money = BigInt(price) * BigInt(quantity)
  if (player.side === 'sell') {
    return {
      ...books,
      cash: `${BigInt(books.cash) + money}`,
      position: books.position - quantity,
      last: price,
    }
  }
  return {
    cash: `${BigInt(books.cash) - money}`,
    position: books.position + quantity,
    bought: books.bought + quantity,
    paid: `${BigInt(books.paid) + money}`,
    last: price,
  }
}

/** What the player is worth in cents: cash, and what it holds at the last price. */
export function navOf({ cash, position, last }: Books): bigint {
  return BigInt(cash) + BigInt(position) * BigInt(last ?? 0)
}

/** Cents as dollars, with a minus before the sign of the dollar; no thousands separators. */
export function dollars(cents: bigint | number): string {
  const whole = typeof cents === 'bigint' ? cents : BigInt(Math.round(cents))
  const size = whole < 0n ? -whole : whole
  return `${whole < 0n ? '-' : ''}$${size / 100n}.${`${size % 100n}`.padStart(2, '0')}`
}
