import type { Desk } from '../model/desk.ts'

/** What is shown while there is no market to show. */
export function Missing({ desk }: { desk: Desk }) {
  const { missing, venues } = desk
  if (missing === undefined) {
    return (
      <main class="lonely" aria-busy={desk.connection.state !== 'live'}>
        {desk.connection.state === 'offline' ? (
          <p>The exchange does not answer. This page goes on by itself when it does.</p>
        ) : (
          desk.connection.state === 'live' &&
          venues.length === 0 && <p>This exchange has no market yet. The first order of a bot makes one.</p>
        )}
      </main>
    )
  }
  return (
    <main class="lonely">
      <h2>
        There is no {missing.symbol} on {missing.venue}
      </h2>
      <p>These venues are here:</p>
      <ul>
        {venues.map(({ venue }) => (
          <li key={venue}>
            <button type="button" class="button" onClick={() => void desk.goToVenue(venue)}>
              {venue}
            </button>
          </li>
        ))}
      </ul>
    </main>
  )
}
