import { useEffect, useState } from 'preact/hooks'
import { type RestScores, StockyardError, type Sum } from '../../sdk/index.ts'
import type { Desk } from '../model/desk.ts'
import type { Market } from '../model/market.ts'
import { amount, signed } from '../model/units.ts'
import { TableHead } from '../parts/table-head.tsx'

const refreshMs = 3000
/** Rows that are shown. */
const most = 100

/** How everybody does. Asked for every few seconds while it is looked at. */
export function Scores({ desk, market }: { desk: Desk; market: Market }) {
  const { rest } = desk
  const { stock, units, assets } = market
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
  const money = (sum: Sum) =>
    assets === undefined ? signed(units.money(BigInt(sum))) : amount(BigInt(sum), assets.quote)
  const quantity = (sum: Sum) =>
    assets === undefined ? signed(units.quantity(BigInt(sum))) : units.quantity(BigInt(sum))
  const isHidden = scores.scores[0]?.cents === undefined
  return (
    <table>
      <TableHead
        columns={[
          ['#'],
          ['Account', 'text'],
          [assets === undefined ? 'Result' : `Worth, ${assets.quote.asset}`],
          ...(isHidden ? [] : ([[assets === undefined ? 'Position' : 'Holds'], ['Cash', 'spare']] as const)),
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
            <td class={toneOf(nav, assets !== undefined)}>{money(nav)}</td>
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

/** What was made from nothing is good or bad; what is held is neither. */
function toneOf(nav: Sum, isHeld: boolean): string | undefined {
  if (isHeld || BigInt(nav) === 0n) return undefined
  return BigInt(nav) > 0n ? 'buy' : 'sell'
}
