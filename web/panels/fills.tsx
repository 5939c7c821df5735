import type { Desk } from '../model/desk.ts'
import { TableHead } from '../parts/table-head.tsx'
import { timeOfDay } from '../parts/times.ts'

/** What the account traded, newest first. */
export function Fills({ desk }: { desk: Desk }) {
  const fills = desk.account?.fills ?? []
  if (fills.length === 0) return <p class="empty">No fills yet.</p>
  return (
    <table>
      <TableHead
        columns={[
          ['Symbol', 'text'],
          ['Side', 'text'],
          ['Price'],
          ['Quantity'],
          ['Order', 'spare'],
          ['Time'],
        ]}
      />
      <tbody>
        {fills.map(({ key, symbol, side, price, quantity, orderId, time }) => {
          const units = desk.unitsOf(symbol)
          return (
            <tr key={key}>
              <td class="text">{symbol}</td>
              <td class={`text ${side}`}>{side === 'buy' ? 'Bought' : 'Sold'}</td>
              <td>{units.price(price)}</td>
              <td>{units.quantity(quantity)}</td>
              <td class="spare">{orderId}</td>
              <td class="quiet">{timeOfDay(time)}</td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
