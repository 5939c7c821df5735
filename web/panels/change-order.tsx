import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { OpenOrder } from '../model/account.ts'
import type { Problem, Trader } from '../model/session.ts'
import { readLots, readTicks, step } from '../model/terms.ts'
import type { Units } from '../model/units.ts'
import { Field } from '../parts/field.tsx'
import { focusField } from '../parts/focus-field.ts'
import { replace } from './send.ts'

interface ChangeOrderProps {
  readonly order: OpenOrder
  readonly venue: string
  readonly units: Units
  readonly trader: Trader
  /** Called at the end, with what became of the order unless it was left as it is. */
  readonly onDone: (news?: string) => void
}

/** Another price and quantity for an open order, in a row below its own. */
export function ChangeOrder({ order, venue, units, trader, onDone }: ChangeOrderProps) {
  const [price, setPrice] = useState(units.price(order.price))
  const [quantity, setQuantity] = useState(units.exactly(order.quantity))
  const [problem, setProblem] = useState<Problem>()
  const [isBusy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  useLayoutEffect(() => {
    focusField(`new-${problem?.field ?? 'price'}`)
    form.current?.scrollIntoView({ block: 'nearest' })
  }, [problem])

  const send = async (): Promise<string | Problem> => {
    const lots = readLots(quantity, units)
    if (typeof lots !== 'number') return lots
    const ticks = readTicks(price, units)
    if (typeof ticks !== 'number') return ticks
    const { id, symbol } = order
    return replace({ venue, symbol, id, price: ticks, quantity: lots }, units, trader)
  }
  const submit = async (event: Event) => {
    event.preventDefault()
    if (isBusy) return
    setBusy(true)
    const outcome = await send()
    setBusy(false)
    if (typeof outcome === 'string') {
      onDone(outcome)
      return
    }
    setProblem(outcome)
  }
  const problemOf = (field: string) => (problem?.field === field ? problem.text : undefined)
  const isElsewhere = problem !== undefined && !['price', 'quantity'].includes(problem.field ?? '')
  return (
    <tr class="change">
      <td colSpan={7}>
        <form
          ref={form}
          aria-label={`Change order ${order.id}`}
          onSubmit={submit}
          onKeyDown={(event) => {
            if (event.key === 'Escape') onDone()
          }}
          noValidate
        >
          <p class="hint">At another price, or with more of it, the order goes to the back of the queue.</p>
          <Field
            id="new-quantity"
            label={order.open < order.quantity ? 'Quantity, with what is filled' : 'Quantity'}
            value={quantity}
            isNumber
            problem={problemOf('quantity')}
            onInput={setQuantity}
            onStep={(steps) => setQuantity(step('quantity', quantity, steps, units))}
          />
          <Field
            id="new-price"
            label="Price"
            value={price}
            isNumber
            problem={problemOf('price')}
            onInput={setPrice}
            onStep={(steps) => setPrice(step('price', price, steps, units))}
          />
          <button type="submit" class="button" aria-disabled={isBusy}>
            Change
          </button>
          <button type="button" class="button plain" onClick={() => onDone()}>
            Back
          </button>
          {isElsewhere && (
            <p class="problem" role="alert">
              {problem.text}
            </p>
          )}
        </form>
      </td>
    </tr>
  )
}
