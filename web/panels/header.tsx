import type { ConnectionState } from '../model/connection.ts'
import type { Desk } from '../model/desk.ts'
import type { Market } from '../model/market.ts'
import { withState } from '../model/standing.ts'
import { useWatched } from '../parts/use-watched.ts'

/** Which market, what it trades at, and whether the server is there. */
export function Header({ desk, onHelp }: { desk: Desk; onHelp: () => void }) {
  return (
    <header>
      <button type="button" class="skip" onClick={() => document.getElementById('quantity')?.focus()}>
        Skip to the order ticket
      </button>
      <div class="top">
        <h1 class="brand">
          <img src={new URL('../favicon.svg', import.meta.url).href} alt="" width="20" height="20" />
          Stockyard
        </h1>
        <MarketChoice desk={desk} />
        {desk.market && <QuoteStrip market={desk.market} />}
        <ConnectionBadge desk={desk} />
        <div class="tools">
          <ThemeButton desk={desk} />
          <button type="button" class="tool" onClick={onHelp}>
            Keys <kbd>?</kbd>
          </button>
          <a class="tool" href="/docs">
            API
          </a>
        </div>
      </div>
      <p class="banner">
        <strong>Play money.</strong> Nothing here can be won, lost or paid out.
      </p>
    </header>
  )
}

function MarketChoice({ desk }: { desk: Desk }) {
  useWatched(desk)
  const { venues, stocks, market, missing } = desk
  const shown = market?.stock ?? missing
  if (shown === undefined) return null
  const states = new Map(venues.map(({ venue, state }) => [venue, state]))
  const venueNames = withName([...states.keys()], shown.venue)
  const symbols = withName(
    stocks.map(({ symbol }) => symbol),
    shown.symbol,
  )
  // Bots make new markets at any time.
  const refresh = () => void desk.refresh()
  return (
    <div class="market">
      <label class="unseen" for="venue">
        Venue
      </label>
      <select
        id="venue"
        value={shown.venue}
        onFocus={refresh}
        onChange={(event) => void desk.goToVenue(event.currentTarget.value)}
      >
        {venueNames.map((venue) => (
          <option key={venue} value={venue}>
            {withState(venue, states.get(venue))}
          </option>
        ))}
      </select>
      <label class="unseen" for="symbol">
        Symbol
      </label>
      <select
        id="symbol"
        value={shown.symbol}
        onFocus={refresh}
        onChange={(event) => desk.go({ venue: shown.venue, symbol: event.currentTarget.value })}
      >
        {symbols.map((symbol) => (
          <option key={symbol}>{symbol}</option>
        ))}
      </select>
    </div>
  )
}

function withName(names: readonly string[], name: string): readonly string[] {
  return names.includes(name) ? names : [...names, name]
}

function QuoteStrip({ market: { quote, units } }: { market: Market }) {
  useWatched(quote)
  const { bid, ask, last, reference } = quote.now ?? {}
  const price = (ticks: number | undefined) => (ticks === undefined ? '–' : units.price(ticks))
  const spread = bid && ask && ask.price - bid.price
  return (
    <dl class="quote">
      <div class="last">
        <dt>Last</dt>
        <dd>{price(last?.price)}</dd>
      </div>
      <div>
        <dt>Bid</dt>
        <dd class="buy">{price(bid?.price)}</dd>
      </div>
      <div>
        <dt>Ask</dt>
        <dd class="sell">{price(ask?.price)}</dd>
      </div>
      <div class="wide">
        <dt>Spread</dt>
        <dd>{price(spread)}</dd>
      </div>
      {reference !== undefined && (
        <div class="wide">
          <dt>Reference</dt>
          <dd>{price(reference)}</dd>
        </div>
      )}
    </dl>
  )
}

const texts: Readonly<Record<ConnectionState, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  healing: 'Catching up',
  offline: 'No connection, trying again',
}

function ConnectionBadge({ desk: { connection } }: { desk: Desk }) {
  useWatched(connection)
  return (
    <p class="connection" data-state={connection.state} role="status">
      {texts[connection.state]}
    </p>
  )
}

function ThemeButton({ desk: { theme } }: { desk: Desk }) {
  useWatched(theme)
  return (
    <button type="button" class="tool" onClick={() => theme.next()} title="Light or dark">
      <span class="unseen">Theme: </span>
      <span aria-hidden="true">◐ </span>
      {theme.theme === 'system' ? 'Auto' : theme.theme === 'light' ? 'Light' : 'Dark'}
    </button>
  )
}
