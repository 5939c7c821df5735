import { Fragment } from 'preact'
import type { Account } from '../model/account.ts'
import type { Desk } from '../model/desk.ts'
import type { Market } from '../model/market.ts'
import { amount, signed } from '../model/units.ts'
import { useWatched } from '../parts/use-watched.ts'

/** What the account holds of the stock, and what it made of it. */
export function PositionPanel({ desk, market }: { desk: Desk; market: Market }) {
  const { account } = desk
  const { quote, units, stock } = market
  useWatched(account, quote)
  if (account?.isKnown !== true) return null
  if (market.assets !== undefined) return <Balances account={account} assets={market.assets} />
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

interface BalancesProps {
  readonly account: Account
  readonly assets: NonNullable<Market['assets']>
}

/** What the account has, where accounts hold money. */
function Balances({ account, assets: { base, quote } }: BalancesProps) {
  const isOpen = account.balance(quote.asset) !== undefined || account.balance(base.asset) !== undefined
  return (
    <section class="panel position" aria-labelledby="position-title">
      <div class="head">
        <h2 id="position-title">Balances</h2>
      </div>
      {isOpen ? (
        <dl class="body">
          {[quote, base].map((asset) => {
            const { available = '0', held = '0' } = account.balance(asset.asset) ?? {}
            return (
              <Fragment key={asset.asset}>
                <div>
                  <dt>{asset.asset}</dt>
                  <dd>{amount(BigInt(available), asset)}</dd>
                </div>
                <div>
                  <dt>In orders</dt>
                  <dd>{amount(BigInt(held), asset)}</dd>
                </div>
              </Fragment>
            )
          })}
        </dl>
      ) : (
        <p class="body hint">The first order that is taken opens the account.</p>
      )}
    </section>
  )
}
