import type { Desk } from '../model/desk.ts'
import type { Market } from '../model/market.ts'
import { signed } from '../model/units.ts'
import { useWatched } from '../parts/use-watched.ts'

/** What the account holds of the stock, and what it made of it. */
export function PositionPanel({ desk, market }: { desk: Desk; market: Market }) {
  const { account } = desk
  const { quote, units, stock } = market
  useWatched(account, quote)
  if (account?.isKnown !== true) return null
  const { position, cash } = account.holding(stock.symbol)
  const { mark } = quote
  const result = mark === undefined ? cash : cash + position * BigInt(mark)
  const tone = result > 0n ? 'buy' : result < 0n ? 'sell' : undefined
  return (
    <section class="panel position" aria-labelledby="position-title">
      <div class="head">
        <h2 id="position-title">Position</h2>
      </div>
      <dl class="body">
        <div>
          <dt>Shares</dt>
          <dd>{signed(units.quantity(position))}</dd>
        </div>
        <div>
          <dt>Cash</dt>
          <dd>{signed(units.money(cash))}</dd>
        </div>
        <div>
          <dt>Worth now</dt>
          <dd>{mark === undefined ? '–' : signed(units.money(position * BigInt(mark)))}</dd>
        </div>
        <div class="result">
          <dt>Result</dt>
          <dd class={tone}>{signed(units.money(result))}</dd>
        </div>
      </dl>
    </section>
  )
}
