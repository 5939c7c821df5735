import type { Desk } from '../model/desk.ts'
import type { Market } from '../model/market.ts'
import { timeOfDay } from '../parts/times.ts'

/** What the account traded, newest first. */
export function Fills({ desk: { account }, market: { units } }: { desk: Desk; market: Market }) {
  const fills = account?.fills ?? []
  if (fills.length === 0) return <p class="empty">No fills yet.</p>
  return (
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
          <th scope="col">Quantity</th>
          <th scope="col" class="spare">
            Order
          </th>
          <th scope="col">Time</th>
        </tr>
      </thead>
      <tbody>
        {fills.map(({ key, symbol, side, price, quantity, orderId, time }) => (
          <tr key={key}>
            <td class="text">{symbol}</td>
            <td class={`text ${side}`}>{side === 'buy' ? 'Bought' : 'Sold'}</td>
            <td>{units.price(price)}</td>
            <td>{units.quantity(quantity)}</td>
            <td class="spare">{orderId}</td>
            <td class="quiet">{timeOfDay(time)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
