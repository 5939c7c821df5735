import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import type { WebSocket } from 'ws'
import type { Exchange } from '../../src/port.ts'
import type { GatewayLog } from '../log.ts'
import { toPeer } from '../peer.ts'
import { type ListenOptions, listen, type OnConnection, type WebsocketServer } from '../websocket-server.ts'
import { AdminGate, type AdminTimes } from './admin.ts'
import { Game } from './game.ts'
import { prepareVenue } from './market.ts'
import { Session } from './session.ts'
import type { CxgameSettings } from './settings.ts'
import { feedTexts } from './texts.ts'

/** A game that players can reach. */
export interface CxgameDoor {
  readonly commandUrl: string
  readonly feedUrl: string
  /** Resolves when a game has ended and everybody was told. */
  readonly ended: Promise<void>
  /** Lets everybody go, with `endGame` after the end of the game and its result. The exchange must still be there. */
  close(options: { readonly endGame: boolean }): Promise<void>
}

export interface CxgameOptions {
  readonly log: GatewayLog
  /** Tests put their own in. */
  readonly times?: AdminTimes
}

/** How long what is being answered has, when the door closes. */
const finishMs = 2000
const goingAway = 1001
const tryAgainLater = 1013

const realTimes: AdminTimes = {
  now: () => performance.now(),
  wait: (milliseconds) => wait(milliseconds, undefined, { ref: false }),
}

/**
 * Opens the game: makes or takes over its venue, and listens. Rejects with one line that says why it cannot.
 */
export async function openCxgame(
  exchange: Exchange,
  settings: CxgameSettings,
  { log, times = realTimes }: CxgameOptions,
): Promise<CxgameDoor> {
  const { exchangePort, feedPort, bind, pem } = settings
  if (exchangePort === feedPort && exchangePort !== 0) {
    throw new Error(`cxgame needs two ports: exchangePort and feedPort are both ${exchangePort}`)
  }
  const admin = await AdminGate.create(settings.adminSecret, times)
  await prepareVenue(exchange, settings)

  // The clock of a game begins only when players can come; who comes before that is told to come again.
  let game: Game | undefined
  const sessions = new Set<Session>()
  let connections = 0
  const servers = await listenTo([
    {
      options: { door: 'cxgame', name: 'exchange', bind, port: exchangePort, pem },
      onConnection(socket, stream) {
        connections += 1
        if (game === undefined) socket.close(tryAgainLater, 'The game is not open yet')
        else openSession(game, sessions, { socket, stream, number: connections })
      },
    },
    {
      options: { door: 'cxgame', name: 'feed', bind, port: feedPort, pem },
      onConnection(socket, stream) {
        if (game === undefined) socket.close(tryAgainLater, 'The game is not open yet')
        else game.feed.listen(stream, socket)
      },
    },
  ])
  const [commandServer, feedServer] = servers as [WebsocketServer, WebsocketServer]
  const opened = await Game.open(exchange, settings, { log, admin, times })
  game = opened
  log.info(
    { venue: settings.venue, phase: opened.phase, exchange: commandServer.url, feed: feedServer.url },
    'cxgame is open',
  )

  let closing: Promise<void> | undefined
  return {
    commandUrl: commandServer.url,
    feedUrl: feedServer.url,
    ended: opened.ended,
    close({ endGame }) {
      closing ??= closeAll(opened, sessions, servers, endGame)
      return closing
    },
  }
}

/** Listens on all ports, or on none. */
async function listenTo(
  ports: readonly { options: ListenOptions; onConnection: OnConnection }[],
): Promise<WebsocketServer[]> {
  const servers: WebsocketServer[] = []
  try {
    for (const { options, onConnection } of ports) servers.push(await listen(options, onConnection))
  } catch (error) {
    for (const server of servers) void server.close()
    throw error
  }
  return servers
}

async function closeAll(
  game: Game,
  sessions: ReadonlySet<Session>,
  servers: readonly WebsocketServer[],
  endGame: boolean,
): Promise<void> {
  if (endGame) await game.end().catch((error: unknown) => game.failed(error, 'the game could not be ended'))
  const closed = servers.map((server) => server.close())
  const finished = [...sessions].map((session) => session.finish(goingAway, 'The server is stopping'))
  await Promise.race([Promise.all(finished), wait(finishMs)])
  await game.close(goingAway, 'The server is stopping')
  for (const server of servers) server.terminate()
  await Promise.all(closed)
}

function openSession(
  game: Game,
  sessions: Set<Session>,
  { socket, stream, number }: { socket: WebSocket; stream: Socket; number: number },
): void {
  const session = new Session(game, toPeer(socket, stream), number)
  sessions.add(session)
  socket.on('message', (data: Buffer) => session.receive(data))
  socket.on('close', () => {
    sessions.delete(session)
    session
      .left()
      .catch((error: unknown) => game.log.error({ connection: number, error }, 'a player left badly'))
  })
  game.feed.publish({ type: 'info', message: connectedText(game.settings, stream) })
  game.feed.release()
}

function connectedText({ isStrict, feedAddresses }: CxgameSettings, stream: Socket): string {
  if (!isStrict && !feedAddresses) return feedTexts.connected
  return `New connection from ${stream.remoteAddress}:${stream.remotePort}`
}
