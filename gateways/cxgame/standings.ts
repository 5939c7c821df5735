import { halfEven } from '../../src/domain/rounding.ts'
import type { Account } from '../../src/port.ts'
import { crypto, oneCrypto, usd } from './market.ts'
import type { Views } from './views.ts'

/** One player at the end of a game. */
interface Standing {
  /** From 1; equal holdings share one, and the next ones are left out. */
  readonly rank: number
  readonly user: string
  readonly crypto: string
  readonly usd: string
  readonly holdings: string
}

/** How a game has ended. */
export interface Standings {
  readonly finalPrice: string
  /** In the order of registration. */
  readonly csv: string
  /** The best first. */
  readonly ranking: readonly Standing[]
}

/** Counts what players hold, with their crypto at a price in cents. */
export function countStandings(accounts: Iterable<Account>, price: number, views: Views): Standings {
  const rows = [...accounts].map((account) => {
    const cents = account.balances.get(usd)?.available ?? 0n
    const units = account.balances.get(crypto)?.available ?? 0n
    const one = BigInt(oneCrypto)
    return {
      user: account.name,
      crypto: views.wallet(account, crypto),
      usd: views.wallet(account, usd),
      holdings: halfEven(cents * one + units * BigInt(price), one),
    }
  })
  const lines = [
    ['user', 'crypto', 'usd', 'holdings'],
    ...rows.map((row) => [row.user.replaceAll('"', '-'), row.crypto, row.usd, views.usd(row.holdings)]),
  ]
  return {
    finalPrice: views.usd(price),
    csv: lines.map((fields) => `${fields.map((field) => `"${field}"`).join(',')}\n`).join(''),
    ranking: rank(rows).map((row) => ({ ...row, holdings: views.usd(row.holdings) })),
  }
}

function rank<Row extends { readonly user: string; readonly holdings: bigint }>(
  rows: readonly Row[],
): (Row & { rank: number })[] {
  const best = [...rows].sort((a, b) => (a.holdings === b.holdings ? 0 : a.holdings > b.holdings ? -1 : 1))
  let last = 0
  return best.map((row, i) => {
    if (best[i - 1]?.holdings !== row.holdings) last = i + 1
    return { rank: last, ...row }
  })
}
