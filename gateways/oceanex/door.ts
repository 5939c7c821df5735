import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { WebSocket } from 'ws'
import type { Micros } from '../../src/domain/units.ts'
import type { Exchange } from '../../src/port.ts'
import type { GatewayLog } from '../log.ts'
import { toPeer } from '../peer.ts'
import { listen } from '../websocket-server.ts'
import { type Context, createContext } from './context.ts'
import { DayWindows } from './day-window.ts'
import { Keys } from './keys.ts'
import { createMarkets } from './market.ts'
import { PusherFeed } from './pusher.ts'
import { buildRest } from './rest.ts'
import { type Every, Session } from './session.ts'
import type { OceanexSettings } from './settings.ts'
import { prepareVenue } from './venue.ts'

/** The door, open. */
export interface OceanexDoor {
  /** Of the websocket. */
  readonly url: string
  /** Of REST. */
  readonly restUrl: string
  /** Of the Pusher feed, but for the key of an app, which may be any. */
  readonly pusherUrl: string
  /** Lets everybody go. The exchange must still be there. */
  close(): Promise<void>
}

export interface OceanexOptions {
  readonly log: GatewayLog
  readonly clock: () => Micros
  /** Tests put their own in. */
  readonly every?: Every
}

/** How long what is being answered has, when the door closes. */
const finishMs = 2000
const goingAway = 1001
const tryAgainLater = 1013

const realEvery: Every = (ms, run) => {
  const timer = setInterval(run, ms)
  timer.unref()
  return () => clearInterval(timer)
}

/**
 * Opens the door: makes or takes over its venue, markets and accounts, and listens. Rejects with one line that says why
 * it cannot.
 */
export async function openOceanex(
  exchange: Exchange,
  settings: OceanexSettings,
  { log, clock, every = realEvery }: OceanexOptions,
): Promise<OceanexDoor> {
  const markets = createMarkets(settings.markets)
  await prepareVenue(exchange, settings, markets)
  const { venue, bind, port, pem, path, restPath, pusherPath } = settings
  const { windows, end } = await DayWindows.open(exchange, venue, markets.values(), clock())
  const keys = new Keys(exchange, settings, () => clock() / 1000)
  const context = createContext({ exchange, settings, log, clock, markets, keys, windows })
  const rest = await buildRest(context)
  const pusher = new PusherFeed(context, every)
  const isPusher = (asked: string) => asked.startsWith(`${pusherPath}/`)
  const sessions = new Set<Session>()
  let connections = 0
  let isOpen = true
  const server = await listen(
    {
      ...{ door: 'oceanex', name: 'port', bind, port, pem },
      hasPath: (asked) => asked === path || isPusher(asked),
      onRequest: (request, response) => rest.routing(request, response),
    },
    (socket, stream, asked) => {
      connections += 1
      if (isOpen && isPusher(asked)) openReader(pusher, socket, stream)
      else if (isOpen) openSession(context, sessions, { socket, stream, number: connections, every })
      else socket.close(tryAgainLater, 'The server is stopping')
    },
  ).catch((error: unknown) => {
    pusher.close()
    end()
    throw error
  })
  const url = `${server.url}${path}`
  const restUrl = `${server.url.replace(/^ws/, 'http')}${restPath}`
  const pusherUrl = `${server.url}${pusherPath}/`
  log.info({ venue, markets: [...markets.keys()], url }, 'oceanex is open')

  let closing: Promise<void> | undefined
  const closeAll = async () => {
    isOpen = false
    const closed = server.close()
    pusher.close()
    const finished = [...sessions].map((session) => session.finish('shutdown', goingAway))
    await Promise.race([Promise.all(finished), wait(finishMs)])
    server.terminate()
    await closed
    await rest.close()
    end()
  }
  return {
    url,
    restUrl,
    pusherUrl,
    close() {
      closing ??= closeAll()
      return closing
    },
  }
}

function openReader(pusher: PusherFeed, socket: WebSocket, stream: Socket): void {
  const take = pusher.open(stream, socket)
  socket.on('message', (data: Buffer) => take(`${data}`))
}

function openSession(
  context: Context,
  sessions: Set<Session>,
  connection: { socket: WebSocket; stream: Socket; number: number; every: Every },
): void {
  const { socket, stream, number, every } = connection
  const session = new Session(context, toPeer(socket, stream), { number, every })
  sessions.add(session)
  socket.on('message', (data: Buffer) => session.receive(`${data}`))
  socket.on('close', () => {
    sessions.delete(session)
    session.left()
  })
}
