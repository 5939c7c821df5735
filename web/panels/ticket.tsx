import { useEffect, useState } from 'preact/hooks'
import type { Desk } from '../model/desk.ts'
import { type Kind, kinds } from '../model/draft.ts'
import type { Market } from '../model/market.ts'
import type { Problem } from '../model/session.ts'
import { standings } from '../model/standing.ts'
import { Field } from '../parts/field.tsx'
import { focusField } from '../parts/focus-field.ts'
import { Segments } from '../parts/segments.tsx'
import { useWatched } from '../parts/use-watched.ts'
import { place } from './send.ts'
import { SessionBox } from './session-box.tsx'

/** A price to begin with where nothing has traded and nobody offers anything. */
const firstTicks = 5000
/** Lots that an arrow key adds. */
const quantityStep = 10

/** Where orders are written. */
export function TicketPanel({ desk, market }: { desk: Desk; market: Market }) {
  useWatched(desk.session)
  return (
    <section class="panel ticket" aria-labelledby="ticket-title">
      <div class="head">
        <h2 id="ticket-title">Order</h2>
      </div>
      <div class="body">
        {market.isReadOnly ? (
          <p class="notice">
            Orders of {market.stock.venue} are placed at a door of its own. Here it can be watched.
          </p>
        ) : (
          <>
            <SessionBox session={desk.session} />
            <Ticket desk={desk} market={market} />
          </>
        )}
      </div>
    </section>
  )
}

function Ticket({ desk, market }: { desk: Desk; market: Market }) {
  const { draft, session } = desk
  const { quote, units, stock } = market
  useWatched(draft, quote)
  const [problem, setProblem] = useState<Problem>()
  const [news, setNews] = useState('')
  const [isBusy, setBusy] = useState(false)
  const { side, kind, price, quantity } = draft.fields

  const isKnown = quote.now !== undefined
  useEffect(() => {
    if (!isKnown || draft.fields.price !== '') return
    const { ask, bid, last, reference } = quote.now ?? {}
    const begin = last?.price ?? ask?.price ?? bid?.price ?? reference ?? firstTicks
    draft.set({ price: units.price(begin) })
  }, [isKnown, draft, quote, units])

  const submit = async (event: Event) => {
    event.preventDefault()
    if (isBusy) return
    setBusy(true)
    setNews('')
    setProblem(undefined)
    const outcome = await place(draft, market, session.trader)
    setBusy(false)
    if (typeof outcome === 'string') {
      setNews(outcome)
      return
    }
    setProblem(outcome)
    if (outcome.field !== undefined) focusField(outcome.field)
  }
  const problemOf = (field: string) => (problem?.field === field ? problem.text : undefined)
  const isElsewhere = problem !== undefined && !['price', 'quantity'].includes(problem.field ?? '')
  const { standing, connection } = desk
  const isOffline = connection.state === 'offline'
  const isOff = isOffline || (standing !== undefined && !standings[standing].takesOrders)
  const caution = isOffline
    ? 'There is no connection: orders can be sent again when it is back.'
    : standing && standings[standing].text
  useEffect(() => {
    // What was told before it is of another time.
    setNews('')
    setProblem(undefined)
  }, [caution])
  const lots = units.toLots(quantity)
  const ticks = units.toTicks(price)
  const verb = side === 'buy' ? 'Buy' : 'Sell'

  return (
    <form class="order" data-side={side} onSubmit={submit} noValidate>
      <Segments
        legend="Side"
        name="side"
        value={side}
        options={[
          ['buy', 'Buy'],
          ['sell', 'Sell'],
        ]}
        onChoose={(chosen) => draft.set({ side: chosen })}
      />
      <Segments
        legend="Order type"
        name="kind"
        value={kind}
        options={(Object.keys(kinds) as Kind[]).map((name) => [name, kinds[name].name])}
        onChoose={(chosen) => draft.set({ kind: chosen })}
      />
      <p class="hint">{kinds[kind].text}</p>
      <div class="pair">
        <Field
          id="quantity"
          label="Quantity"
          value={quantity}
          isNumber
          problem={problemOf('quantity')}
          onInput={(text) => draft.set({ quantity: text })}
          onStep={(steps) => draft.step('quantity', steps * quantityStep, units)}
        />
        {kind !== 'market' && (
          <Field
            id="price"
            label="Price"
            value={price}
            isNumber
            problem={problemOf('price')}
            onInput={(text) => draft.set({ price: text })}
            onStep={(steps) => draft.step('price', steps, units)}
          />
        )}
      </div>
      <p class="value">
        <span>Value</span>
        <span>
          {kind === 'market' || lots === undefined || ticks === undefined
            ? '–'
            : units.money(BigInt(lots) * BigInt(ticks))}
        </span>
      </p>
      <button
        type="submit"
        class="button submit"
        disabled={session.trader === undefined || isOff}
        aria-disabled={isBusy}
      >
        {verb} {lots === undefined ? '' : units.quantity(lots)} {stock.symbol}
        {kind !== 'market' && ticks !== undefined && ` at ${units.price(ticks)}`}
      </button>
      {/* Below the button, which stays where it is. */}
      <div class="outcome">
        <p role="status">{news}</p>
        {isElsewhere && (
          <p class="problem" role="alert">
            {problem.text}
          </p>
        )}
        {caution !== undefined && (isOff || (news === '' && !isElsewhere)) && (
          <p class="caution" role="status">
            {caution}
          </p>
        )}
      </div>
    </form>
  )
}
