import { useEffect, useRef } from 'preact/hooks'
import type { RestInstance, Stock } from '../../sdk/index.ts'
import type { Desk } from '../model/desk.ts'
import type { Market } from '../model/market.ts'
import { Markdown } from '../parts/markdown.tsx'
import { Stars } from '../parts/stars.tsx'
import { SureButton } from '../parts/sure-button.tsx'
import { Accusation } from './accusation.tsx'

interface GameProps {
  readonly desk: Desk
  readonly market: Market
  readonly game: { readonly level: string; readonly stock: Stock }
}

/** The game that is played: how it stands, and what to do in it. */
export function Game({ desk, market, game }: GameProps) {
  const { levels } = desk
  const { stock } = game
  const { status, started, list, isBusy } = levels
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    // What was pressed to get here is gone with the market before.
    if (document.activeElement === document.body) title.current?.focus()
  }, [])
  const restart = async () => {
    const next = await levels.restart()
    if (next !== undefined) desk.go(next)
  }
  const level = list?.find(({ name }) => name === game.level)
  // What is busy stays where the focus is: a button that is off would lose it.
  const state = { disabled: !levels.mayPlay, 'aria-disabled': isBusy }
  return (
    <>
      <div class="head">
        <h2 id="levels-title" ref={title} tabIndex={-1}>
          {level?.title ?? 'Level'}
        </h2>
        <div>
          {status?.done === true ? (
            <button type="button" class="link" {...state} onClick={() => void restart()}>
              Restart
            </button>
          ) : (
            <>
              <SureButton
                text="Restart"
                question="Really restart?"
                isOff={!levels.mayPlay}
                isBusy={isBusy}
                onSure={() => void restart()}
              />
              <SureButton
                text="Stop"
                question="Really stop?"
                isOff={!levels.mayPlay}
                isBusy={isBusy}
                onSure={() => void levels.stop()}
              />
            </>
          )}
        </div>
      </div>
      <div class="body">
        {status?.done === false && <Day status={status} />}
        <div class="messages" role="status">
          {status?.done === true && <Result status={status} />}
          {status?.judged !== undefined && (
            <p>
              You accused <strong>{status.judged.account}</strong>.
            </p>
          )}
          {status?.paused === true && <p>The clock stands still, because nobody was here.</p>}
          {Object.entries(status?.flash ?? {})
            // After the end only why it was lost is still news.
            .filter(([kind]) => status?.done === false || kind === 'danger')
            .map(([kind, text]) => (
              <p key={kind} data-kind={kind}>
                {text}
              </p>
            ))}
        </div>
        {levels.problem !== undefined && (
          <p class="problem" role="alert">
            {levels.problem}
          </p>
        )}
        {!levels.mayPlay && <p class="hint">Sign in to go on.</p>}
        {status?.paused === true && (
          <button type="button" class="button" {...state} onClick={() => void levels.resume()}>
            Go on
          </button>
        )}
        {status?.done === true ? (
          <button type="button" class="button" onClick={() => desk.leaveGame()}>
            Back to the markets
          </button>
        ) : (
          market.stock.venue !== stock.venue && (
            <button type="button" class="button" onClick={() => desk.go(stock)}>
              Go to {stock.symbol} on {stock.venue}
            </button>
          )
        )}
        {Object.entries(started?.instructions ?? {}).map(([heading, text], i) => (
          <details key={heading} open={i === 0}>
            <summary>
              <h3>{heading}</h3>
            </summary>
            <Markdown text={text} />
          </details>
        ))}
        {level?.byAccusation === true && status?.done === false && (
          <Accusation levels={levels} isOff={isBusy || !levels.mayPlay} />
        )}
      </div>
    </>
  )
}

function Day({ status: { details } }: { status: RestInstance }) {
  const { tradingDay, endOfTheWorldDay } = details
  const text = `Day ${tradingDay} of ${endOfTheWorldDay}`
  return (
    <p class="day">
      <span>{text}</span>
      <progress aria-label="Days" value={tradingDay} max={endOfTheWorldDay}>
        {text}
      </progress>
    </p>
  )
}

function Result({ status: { state, score, details } }: { status: RestInstance }) {
  return (
    <p class="outcome" data-state={state}>
      {score !== undefined && <Stars score={score} />}
      <strong>{state === 'won' ? `Won with ${score} of 100` : state === 'lost' ? 'Lost' : 'Stopped'}</strong>
      <span>
        on day {details.tradingDay} of {details.endOfTheWorldDay}
      </span>
    </p>
  )
}
