import type { Desk } from '../model/desk.ts'
import type { Market } from '../model/market.ts'
import { Stars } from '../parts/stars.tsx'
import { TableHead } from '../parts/table-head.tsx'
import { useWatched } from '../parts/use-watched.ts'
import { Game } from './game.tsx'

/** Games against a market of one's own: which there are, or the one that is played. */
export function LevelsPanel({ desk, market }: { desk: Desk; market: Market }) {
  const { levels, session } = desk
  useWatched(levels, session)
  return (
    <section class="panel levels" aria-labelledby="levels-title">
      {levels.game === undefined ? (
        <List desk={desk} />
      ) : (
        <Game desk={desk} market={market} game={levels.game} />
      )}
    </section>
  )
}

function List({ desk }: { desk: Desk }) {
  const { levels, session } = desk
  const start = async (name: string) => {
    const stock = await levels.start(name)
    if (stock !== undefined) desk.go(stock)
  }
  return (
    <>
      <div class="head">
        <h2 id="levels-title">Levels</h2>
      </div>
      <div class="body">
        <p class="hint" role="status">
          {levels.isBusy
            ? 'Opening a market for you…'
            : session.needsKey === true && !levels.mayPlay
              ? 'Games against a market of your own. Sign in to play.'
              : 'Games against a market of your own.'}
        </p>
        {levels.problem !== undefined && (
          <p class="problem" role="alert">
            {levels.problem}
          </p>
        )}
        {levels.list !== undefined && (
          <table>
            <TableHead columns={[['Level', 'text'], ['Days'], ['Best']]} />
            <tbody>
              {levels.list.map(({ name, title, days, best }) => (
                <tr key={name}>
                  <td class="text">
                    <button
                      type="button"
                      class="link"
                      aria-label={`Play ${title}`}
                      disabled={!levels.mayPlay}
                      aria-disabled={levels.isBusy}
                      onClick={() => void start(name)}
                    >
                      {title}
                    </button>
                  </td>
                  <td class="quiet">{days}</td>
                  <td>
                    {best === undefined ? (
                      <span class="quiet">–</span>
                    ) : (
                      <>
                        <Stars score={best} /> {best}
                      </>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </>
  )
}
