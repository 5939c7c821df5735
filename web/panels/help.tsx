import type { RefObject } from 'preact'
import { areShortcutsOn, shortcuts, switchShortcuts } from '../shortcuts.ts'

/** Keys, and where to read more. */
export function Help({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }) {
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title">
      <h2 id="help-title">Keys</h2>
      <dl>
        {shortcuts.map(([key, text]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>↑</kbd> <kbd>↓</kbd>
          </dt>
          <dd>In the book: go from price to price. In a field: more, less; ten times as much with Shift</dd>
        </div>
        <div>
          <dt>
            <kbd>Enter</kbd>
          </dt>
          <dd>In the ticket: place the order. In the book: take the price</dd>
        </div>
        <div>
          <dt>
            <kbd>Esc</kbd>
          </dt>
          <dd>Leave the change of an order as it is; close this help</dd>
        </div>
      </dl>
      <label class="check">
        <input
          type="checkbox"
          defaultChecked={areShortcutsOn()}
          onChange={(event) => switchShortcuts(event.currentTarget.checked)}
        />
        Single keys work outside of fields
      </label>
      <p>
        What this page does a bot can do too: <a href="/docs">the API</a>, <a href="/docs/ws">the feed</a>.
        The chart is drawn by{' '}
        <a href="https://www.tradingview.com/" rel="noreferrer">
          TradingView Lightweight Charts™
        </a>
        . <a href="/assets/licenses.md">Licenses</a>
      </p>
      <form method="dialog">
        <button type="submit" class="button">
          Close
        </button>
      </form>
    </dialog>
  )
}
