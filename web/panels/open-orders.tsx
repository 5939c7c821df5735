import { useState } from 'preact/hooks'
import { StockyardError } from '../../sdk/index.ts'
import type { Desk } from '../model/desk.ts'
import type { Market } from '../model/market.ts'
import { timeOfDay } from '../parts/times.ts'

/** The account's orders on the venue that can still trade, in any stock. */
export function OpenOrders({
  desk: { account, session },
  market: { units, stock },
}: {
  desk: Desk
  market: Market
}) {
  const [problem, setProblem] = useState<string>()
  if (account?.refusal !== undefined) return <p class="empty">{account.refusal.message}.</p>
  const orders = account?.orders ?? []
  if (orders.length === 0) {
    return (
      <p class="empty">{session.trader === undefined ? 'Sign in to see your orders.' : 'No open orders.'}</p>
    )
  }
  const cancel = (id: number, symbol: string) => {
    setProblem(undefined)
    session.trader?.orders.cancel({ venue: stock.venue, symbol, id }).catch((error: unknown) => {
      if (!(error instanceof StockyardError)) throw error
      setProblem(`Order ${id} could not be canceled: ${error.message}.`)
    })
  }
  return (
    <>
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <table>
        <thead>
          <tr>
            <th scope="col" class="text">
              Symbol
            </th>
            <th scope="col" class="text">
              Side
            </th>
            <th scope="col">Price</th>
            <th scope="col">Open</th>
            <th scope="col" class="spare">
              Quantity
            </th>
            <th scope="col" class="spare">
              Time
            </th>
            <th scope="col">
              <span class="unseen">Cancel</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {orders.map(({ id, symbol, side, price, open, quantity, time }) => (
            <tr key={id}>
              <td class="text">{symbol}</td>
              <td class={`text ${side}`}>{side === 'buy' ? 'Buy' : 'Sell'}</td>
              <td>{units.price(price)}</td>
              <td>{units.quantity(open)}</td>
              <td class="spare">{units.quantity(quantity)}</td>
              <td class="quiet spare">{timeOfDay(time)}</td>
              <td>
                <button
                  type="button"
                  class="link"
                  aria-label={`Cancel order ${id}: ${side} ${units.quantity(open)} at ${units.price(price)}`}
                  onClick={() => cancel(id, symbol)}
                >
                  Cancel
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

export function CancelAll({ desk: { session }, market: { stock } }: { desk: Desk; market: Market }) {
  const [isBusy, setBusy] = useState(false)
  const cancelAll = async () => {
    const { trader } = session
    if (trader === undefined) return
    setBusy(true)
    try {
      await trader.orders.cancelAll({ venue: stock.venue, account: trader.account })
    } catch (error) {
      // What is left is still in the list.
      if (!(error instanceof StockyardError)) throw error
    } finally {
      setBusy(false)
    }
  }
  return (
    <button type="button" class="link" disabled={isBusy} onClick={() => void cancelAll()}>
      Cancel all
    </button>
  )
}
