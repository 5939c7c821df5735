import type { Desk } from '../model/desk.ts'
import { withState } from '../model/standing.ts'

/** What is shown while there is no market to show. */
export function Missing({ desk }: { desk: Desk }) {
  const { missing, venues, levels } = desk
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
  const { venue, symbol, wasHere } = missing
  const isGame = levels.isOn(venue)
  return (
    <main class="lonely">
      <h2>{wasHere || isGame ? `${venue} is gone` : `There is no ${symbol} on ${venue}`}</h2>
      {isGame ? (
        <p>The market of a game is taken away ten minutes after its end. How it went is kept.</p>
      ) : (
        wasHere && <p>It was taken away, with its orders and trades.</p>
      )}
      {isGame && (
        <button type="button" class="button" onClick={() => desk.leaveGame()}>
          Back to the markets
        </button>
      )}
      <p>{venues.length === 0 ? 'There is no other venue now.' : 'These venues are here:'}</p>
      <ul>
        {venues.map(({ venue, state }) => (
          <li key={venue}>
            <button type="button" class="button plain" onClick={() => void desk.goToVenue(venue)}>
              {withState(venue, state)}
            </button>
          </li>
        ))}
      </ul>
    </main>
  )
}
