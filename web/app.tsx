import { useRef } from 'preact/hooks'
import type { Desk } from './model/desk.ts'
import { Blotter } from './panels/blotter.tsx'
import { Chart } from './panels/chart.tsx'
import { Header } from './panels/header.tsx'
import { Help } from './panels/help.tsx'
import { Ladder } from './panels/ladder.tsx'
import { LevelsPanel } from './panels/levels.tsx'
import { Missing } from './panels/missing.tsx'
import { PositionPanel } from './panels/position.tsx'
import { TapePanel } from './panels/tape.tsx'
import { TicketPanel } from './panels/ticket.tsx'
import { useWatched } from './parts/use-watched.ts'
import { useShortcuts } from './shortcuts.ts'

/** The whole page. The column at the right is for what the user does; whatever else is played has its place below. */
export function App({ desk }: { desk: Desk }) {
  useWatched(desk, desk.connection)
  const help = useRef<HTMLDialogElement>(null)
  useShortcuts(desk, () => help.current?.showModal())
  const { market } = desk
  return (
    <>
      <Header desk={desk} onHelp={() => help.current?.showModal()} />
      {market === undefined ? (
        <Missing desk={desk} />
      ) : (
        <main
          class="desk"
          key={`${market.stock.venue} ${market.stock.symbol}`}
          data-connection={desk.connection.state}
        >
          <Chart desk={desk} market={market} />
          <Ladder desk={desk} market={market} />
          <TapePanel market={market} />
          <Blotter desk={desk} market={market} />
          <div class="side">
            <TicketPanel desk={desk} market={market} />
            {!market.isReadOnly && <PositionPanel desk={desk} market={market} />}
            <LevelsPanel desk={desk} market={market} />
          </div>
        </main>
      )}
      <Help dialog={help} />
    </>
  )
}
