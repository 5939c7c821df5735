import { useEffect, useState } from 'preact/hooks'
import { type RestScores, StockyardError, type Sum } from '../../sdk/index.ts'
import type { Desk } from '../model/desk.ts'
import type { Market } from '../model/market.ts'
import { signed } from '../model/units.ts'
import { TableHead } from '../parts/table-head.tsx'

const refreshMs = 3000
/** Rows that are shown. */
const most = 100

/** How everybody does. Asked for every few seconds while it is looked at. */
export function Scores({ desk, market }: { desk: Desk; market: Market }) {
  const { rest } = desk
  const { stock, units, isReadOnly } = market
  const [scores, setScores] = useState<RestScores>()
  useEffect(() => {
    let isOver = false
    const load = async () => {
      if (document.hidden) return
      try {
        const loaded = await rest.scores(stock)
        if (!isOver) setScores(loaded)
      } catch (error) {
        // The next time, perhaps; until then what there was stays.
        if (!(error instanceof StockyardError)) throw error
      }
    }
    void load()
    const timer = setInterval(() => void load(), refreshMs)
    return () => {
      isOver = true
      clearInterval(timer)
    }
  }, [rest, stock])
  if (scores === undefined) return null
  if (scores.scores.length === 0)
    return <p class="empty">Nobody has traded yet. The first trade opens the ranking.</p>
  // Where accounts hold money it is counted in smallest units, and nothing says of how many a whole one is.
  const money = (sum: Sum) =>
    isReadOnly ? BigInt(sum).toLocaleString('en') : signed(units.money(BigInt(sum)))
  const quantity = (sum: Sum) =>
    isReadOnly ? units.quantity(BigInt(sum)) : signed(units.quantity(BigInt(sum)))
  const isHidden = scores.scores[0]?.cents === undefined
  return (
    <table>
      <TableHead
        columns={[
          ['#'],
          ['Account', 'text'],
          [isReadOnly ? 'Worth, smallest units' : 'Result'],
          ...(isHidden ? [] : ([[isReadOnly ? 'Holds' : 'Position'], ['Cash', 'spare']] as const)),
          ['Lowest', 'spare'],
          ['Highest', 'spare'],
        ]}
      />
      <tbody>
        {scores.scores.slice(0, most).map(({ account, house, nav, shares, cents, posMin, posMax }, i) => (
          <tr key={account} aria-current={account === desk.account?.name ? 'true' : undefined}>
            <td class="quiet">{i + 1}</td>
            <td class="text">
              {account}
              {house && <span class="quiet"> house</span>}
            </td>
            <td class={toneOf(nav, isReadOnly)}>{money(nav)}</td>
            {!isHidden && <td>{quantity(shares ?? 0)}</td>}
            {!isHidden && <td class="spare">{money(cents ?? 0)}</td>}
            <td class="quiet spare">{quantity(posMin)}</td>
            <td class="quiet spare">{quantity(posMax)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function toneOf(nav: Sum, isReadOnly: boolean): string | undefined {
  if (isReadOnly || BigInt(nav) === 0n) return undefined
  return BigInt(nav) > 0n ? 'buy' : 'sell'
}
