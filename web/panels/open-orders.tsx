import { Fragment } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { StockyardError } from '../../sdk/index.ts'
import type { OpenOrder } from '../model/account.ts'
import type { Desk } from '../model/desk.ts'
import type { Market } from '../model/market.ts'
import { standings } from '../model/standing.ts'
import type { Units } from '../model/units.ts'
import { TableHead } from '../parts/table-head.tsx'
import { timeOfDay } from '../parts/times.ts'
import { useKeptFocus } from '../parts/use-kept-focus.ts'
import { ChangeOrder } from './change-order.tsx'

/** Rows that are drawn: nobody goes through more by hand. */
const most = 100

interface OrdersProps {
  readonly desk: Desk
  readonly market: Market
  /** Told what became of an order; `isProblem` when it could not be. */
  readonly tell: (text: string, isProblem?: boolean) => void
}

/** The account's orders on the venue that can still trade, in any stock. */
export function OpenOrders({ desk, market, tell }: OrdersProps) {
  const { account, session } = desk
  const [changing, change] = useState<number>()
  const rows = useRef<HTMLTableSectionElement>(null)
  useKeptFocus(rows)
  const orders = account?.orders ?? []
  const isGone = changing !== undefined && orders.every(({ id }) => id !== changing)
  useEffect(() => {
    if (!isGone) return
    change(undefined)
    tell(`Order ${changing} is closed.`)
  }, [isGone, changing, tell])

  if (account?.refusal !== undefined) return <p class="empty">{account.refusal.message}.</p>
  if (orders.length === 0) {
    return (
      <p class="empty">{session.trader === undefined ? 'Sign in to see your orders.' : 'No open orders.'}</p>
    )
  }
  const cancel = async ({ id, symbol }: OpenOrder) => {
    const { venue } = market.stock
    try {
      await session.trader?.orders.cancel({ venue, symbol, id })
      tell(`Order ${id} is closed.`)
    } catch (error) {
      if (!(error instanceof StockyardError)) throw error
      tell(`Order ${id} could not be canceled: ${error.message}.`, true)
    }
  }
  const done = (news?: string) => {
    change(undefined)
    if (news !== undefined) tell(news)
    rows.current?.querySelector<HTMLElement>(`[data-change="${changing}"]`)?.focus()
  }
  const isRefused = takesNothing(desk)
  return (
    <>
      <table>
        <TableHead
          columns={[
            ['Symbol', 'text'],
            ['Side', 'text'],
            ['Price'],
            ['Open'],
            ['Quantity', 'spare'],
            ['Time', 'spare'],
            ['What to do', 'unseen'],
          ]}
        />
        <tbody ref={rows}>
          {orders.slice(0, most).map((order) => (
            <Fragment key={order.id}>
              <Row
                order={order}
                units={desk.unitsOf(order.symbol)}
                isRefused={isRefused}
                onChange={() => change(order.id === changing ? undefined : order.id)}
                onCancel={() => void cancel(order)}
              />
              {order.id === changing && session.trader !== undefined && (
                <ChangeOrder
                  order={order}
                  venue={market.stock.venue}
                  units={desk.unitsOf(order.symbol)}
                  trader={session.trader}
                  onDone={done}
                />
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
      {(orders.length > most || account?.hasMore === true) && (
        <p class="more">These are the newest {Math.min(most, orders.length)}; there are older ones.</p>
      )}
    </>
  )
}

interface RowProps {
  readonly order: OpenOrder
  readonly units: Units
  readonly isRefused: boolean
  readonly onChange: () => void
  readonly onCancel: () => void
}

function Row({ order, units, isRefused, onChange, onCancel }: RowProps) {
  const { id, symbol, side, price, open, quantity, time } = order
  const which = `order ${id}: ${side} ${units.quantity(open)} at ${units.price(price)}`
  return (
    <tr>
      <td class="text">{symbol}</td>
      <td class={`text ${side}`}>{side === 'buy' ? 'Buy' : 'Sell'}</td>
      <td>{units.price(price)}</td>
      <td>{units.quantity(open)}</td>
      <td class="spare">{units.quantity(quantity)}</td>
      <td class="quiet spare">{timeOfDay(time)}</td>
      <td class="acts">
        {order.orderType === 'limit' && (
          <button
            type="button"
            class="link"
            aria-label={`Change ${which}`}
            data-change={id}
            disabled={isRefused}
            onClick={onChange}
          >
            Change
          </button>
        )}
        <button
          type="button"
          class="link"
          aria-label={`Cancel ${which}`}
          disabled={isRefused}
          onClick={onCancel}
        >
          Cancel
        </button>
      </td>
    </tr>
  )
}

export function CancelAll({ desk, market: { stock }, tell }: OrdersProps) {
  const { session } = desk
  const isBusy = useRef(false)
  const button = useRef<HTMLButtonElement>(null)
  useLayoutEffect(() => {
    const { current } = button
    // It goes with the last order.
    return () => {
      if (document.activeElement === current) document.getElementById('tab-panel')?.focus()
    }
  }, [])
  const cancelAll = async () => {
    const { trader } = session
    if (trader === undefined || isBusy.current) return
    isBusy.current = true
    try {
      await trader.orders.cancelAll({ venue: stock.venue, account: trader.account })
      tell('All orders are closed.')
    } catch (error) {
      if (!(error instanceof StockyardError)) throw error
      tell(`Not all orders could be canceled: ${error.message}.`, true)
    } finally {
      isBusy.current = false
    }
  }
  return (
    <button
      ref={button}
      type="button"
      class="link"
      disabled={takesNothing(desk)}
      onClick={() => void cancelAll()}
    >
      Cancel all
    </button>
  )
}

/** Whether the venue would refuse whatever is asked of it. */
function takesNothing({ standing }: Desk): boolean {
  return standing !== undefined && !standings[standing].takesOrders
}
