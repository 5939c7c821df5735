import type { BestLevel, Side } from '../../sdk/index.ts'
import type { Desk } from '../model/desk.ts'
import type { Market } from '../model/market.ts'
import type { Units } from '../model/units.ts'
import { TableHead } from '../parts/table-head.tsx'
import { useRows } from '../parts/use-rows.ts'
import { useWatched } from '../parts/use-watched.ts'

/** As in the style sheet. */
const rowHeight = 24
/** Rows that are no levels: the head and the spread. */
const otherRows = 3

interface Row {
  readonly side: Side
  readonly price: number
  readonly quantity: number
  /** Of this level and all better ones. */
  readonly total: number
  /** Own open lots. */
  readonly own: number
}

/** The book by price, asks over bids. A price can be taken into the ticket. */
export function Ladder({ desk, market }: { desk: Desk; market: Market }) {
  useWatched(market.book, desk.account)
  const [element, rows] = useRows(rowHeight)
  const { book, units, stock } = market
  const perSide = Math.max(3, Math.floor((rows - otherRows) / 2))
  const own = desk.account?.openLots(stock.symbol)
  const asks = toRows(book.asks, 'sell', perSide, own)
  const bids = toRows(book.bids, 'buy', perSide, own)
  const most = Math.max(asks.at(-1)?.total ?? 0, bids.at(-1)?.total ?? 0)
  const take = (price: number) => desk.draft.set({ price: units.price(price) })
  const isEmpty = book.isKnown && asks.length === 0 && bids.length === 0
  const of = { units, most, take, isPlain: market.isReadOnly }
  return (
    <section class="panel ladder" aria-labelledby="ladder-title">
      <div class="head">
        <h2 id="ladder-title">Book</h2>
      </div>
      <div class="body" ref={element}>
        {isEmpty ? (
          <EmptyBook isReadOnly={market.isReadOnly} />
        ) : (
          // Where there are few asks, room above them keeps the spread in the middle.
          <table
            style={{ '--above': `${(perSide - asks.length) * rowHeight}px` }}
            data-plain={market.isReadOnly || undefined}
          >
            <TableHead columns={[['Yours', 'own'], ['Price'], ['Quantity'], ['Total']]} />
            <tbody class="asks">
              {asks.toReversed().map((row, i) => (
                <LadderRow key={row.price} row={row} isBest={i === asks.length - 1} {...of} />
              ))}
            </tbody>
            <tbody class="spread">
              <Spread
                bid={book.bids[0]}
                ask={book.asks[0]}
                units={units}
                columns={market.isReadOnly ? 3 : 4}
              />
            </tbody>
            <tbody class="bids">
              {bids.map((row, i) => (
                <LadderRow key={row.price} row={row} isBest={i === 0} {...of} />
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  )
}

function toRows(
  levels: readonly BestLevel[],
  side: Side,
  most: number,
  own: ReadonlyMap<string, number> | undefined,
): Row[] {
  let total = 0
  return levels.slice(0, most).map(({ price, quantity }) => {
    total += quantity
    return { side, price, quantity, total, own: own?.get(`${side} ${price}`) ?? 0 }
  })
}

interface LadderRowProps {
  readonly row: Row
  readonly isBest: boolean
  readonly units: Units
  /** The longest bar. */
  readonly most: number
  readonly take: (price: number) => void
  /** Prices cannot be taken. */
  readonly isPlain: boolean
}

function LadderRow({ row, isBest, units, most, take, isPlain }: LadderRowProps) {
  const price = units.price(row.price)
  return (
    <tr style={{ '--part': `${most === 0 ? 0 : Math.round((100 * row.total) / most)}%` }}>
      <td class="own">
        {row.own > 0 && (
          <span class="mark" title={`${units.quantity(row.own)} of it are yours`}>
            {units.quantity(row.own)}
          </span>
        )}
      </td>
      <td class="price">
        {isPlain ? (
          price
        ) : (
          <button
            type="button"
            tabIndex={isBest ? 0 : -1}
            aria-label={`${row.side === 'buy' ? 'Bid' : 'Ask'} ${price}: use this price`}
            onClick={() => take(row.price)}
            onKeyDown={goToNeighbor}
          >
            {price}
          </button>
        )}
      </td>
      <td>{units.quantity(row.quantity)}</td>
      <td class="total">{units.quantity(row.total)}</td>
    </tr>
  )
}

/** The arrow keys go from price to price, across the spread too. */
function goToNeighbor(event: KeyboardEvent & { readonly currentTarget: HTMLButtonElement }): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  if (step === 0) return
  event.preventDefault()
  const prices = [...(event.currentTarget.closest('table')?.querySelectorAll('button') ?? [])]
  prices[prices.indexOf(event.currentTarget) + step]?.focus()
}

interface SpreadProps {
  readonly bid: BestLevel | undefined
  readonly ask: BestLevel | undefined
  readonly units: Units
  readonly columns: number
}

function Spread({ bid, ask, units, columns }: SpreadProps) {
  const text = bid && ask ? `Spread ${units.price(ask.price - bid.price)}` : 'One side is empty'
  return (
    <tr>
      <td colSpan={columns}>{text}</td>
    </tr>
  )
}

function EmptyBook({ isReadOnly }: { isReadOnly: boolean }) {
  return (
    <div class="empty">
      <p>Nobody offers to buy or to sell yet.</p>
      {!isReadOnly && (
        <button type="button" class="button" onClick={() => document.getElementById('quantity')?.focus()}>
          Place the first order
        </button>
      )}
    </div>
  )
}
