import type { Market } from '../model/market.ts'
import { TableHead } from '../parts/table-head.tsx'
import { timeOfDay } from '../parts/times.ts'
import { useWatched } from '../parts/use-watched.ts'

/** Rows that are drawn: more than anybody reads of what goes by. */
const most = 60

/** Every trade, newest first. */
export function TapePanel({ market: { tape, units } }: { market: Market }) {
  useWatched(tape)
  return (
    <section class="panel tape" aria-labelledby="tape-title">
      <div class="head">
        <h2 id="tape-title">Trades</h2>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard. */}
      <div class="body" tabIndex={0}>
        {tape.isKnown && tape.trades.length === 0 ? (
          <p class="empty">No trades yet.</p>
        ) : (
          <table>
            <TableHead columns={[['Price'], ['Quantity'], ['Time']]} />
            <tbody>
              {tape.trades
                .slice(-most)
                .reverse()
                .map(({ id, price, quantity, takerSide, time }) => (
                  <tr key={id}>
                    <td class={takerSide}>
                      <span class="unseen">{takerSide === 'buy' ? 'bought at ' : 'sold at '}</span>
                      {units.price(price)}
                    </td>
                    <td>{units.quantity(quantity)}</td>
                    <td class="quiet">{timeOfDay(time)}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  )
}
