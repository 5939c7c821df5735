import { randomInt } from 'node:crypto'
import Fastify, { type FastifyInstance } from 'fastify'
import { GameMaster, type GameMasterOptions } from '../game/game-master.ts'
import { levels } from '../game/levels.ts'
import { feed, feedPath } from '../gateways/feed/feed.ts'
import { accounts as accountRoutes } from '../routes/accounts.ts'
import { books } from '../routes/books.ts'
import { candles } from '../routes/candles.ts'
import { gameMaster } from '../routes/game-master.ts'
import { health } from '../routes/health.ts'
import { orders } from '../routes/orders.ts'
import { scores } from '../routes/scores.ts'
import { streams } from '../routes/streams.ts'
import { trades } from '../routes/trades.ts'
import { venues } from '../routes/venues.ts'
import type { Accounts } from './accounts.ts'
import { createWallClock, setTimer } from './clock.ts'
import type { EdgeSettings } from './config/config.ts'
import type { Micros } from './domain/units.ts'
import type { RunningExchange } from './exchange.ts'
import { Hub } from './feeds/hub.ts'
import { addAccess } from './plugins/access.ts'
import { addBody } from './plugins/body.ts'
import { addErrors, sendClientError, sendRouterError } from './plugins/errors.ts'
import { addKeys } from './plugins/keys.ts'
import { serverOptions, tuneServer } from './plugins/listener.ts'
import { watchMethods } from './plugins/methods.ts'
import { addMetrics, type HouseStatus } from './plugins/metrics.ts'
import { addOpenApi } from './plugins/openapi.ts'
import { addPageHeaders } from './plugins/pages.ts'
import { addValidation } from './plugins/validation.ts'
import { addWeb } from './plugins/web.ts'
import { acceptWebsockets } from './plugins/websocket.ts'
import type { Exchange } from './port.ts'
import { readVersion } from './version.ts'

export interface AppOptions {
  readonly exchange: RunningExchange
  readonly settings: EdgeSettings
  /** Who may act as whom; without it there are no keys and everybody may. */
  readonly accounts?: Accounts
  /** The time now, where a reply says when it was made. */
  readonly clock?: () => Micros
  /** Holds the websockets. */
  readonly hub?: Hub
  /** How the venues are that have traders of the house. */
  readonly house?: () => readonly HouseStatus[]
  /** How a game waits; tests put their own in. */
  readonly schedule?: GameMasterOptions['schedule']
}

/** Commands that wait, beyond which the traders of levels keep quiet. */
const busyQueue = 1000

/** The HTTP and websocket edge of an exchange. Does not listen, so that tests can use it. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { exchange, settings, accounts, clock = createWallClock(), hub = new Hub() } = options
  const { schedule = setTimer, house = () => [] } = options
  const version = readVersion()
  const app: FastifyInstance = Fastify({
    ...serverOptions(settings),
    bodyLimit: 16 * 1024,
    // A longer name is a bad name, not an unknown path; the limit of all headers bounds it.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 16 * 1024 },
    frameworkErrors: sendRouterError,
    clientErrorHandler: sendClientError,
  })
  tuneServer(app, settings)
  addErrors(app, settings.badOrderStatus)
  addKeys(app, accounts)
  addMetrics(app, { exchange, version, feeds: () => hub.stats(), house })
  await addAccess(app, settings)
  addBody(app)
  addValidation(app)
  addPageHeaders(app)
  const refuseOtherMethods = watchMethods(app)
  await addOpenApi(app)

  const games = new GameMaster({
    // Its traders are of the house.
    ...{ exchange: exchange.forHouse, levels, clock, schedule, mostOpen: settings.maxInstances },
    isBusy: () => exchange.status().some(({ queued }) => queued > busyQueue),
    cutFeeds: (venue, reason) => hub.cut(venue, reason, { onlyPrivate: true }),
    setLosses: (venue, losses) => hub.setLosses(venue, losses),
    isHeard: (venue) => hub.isHeard(venue),
    reserve: (venue, reservation) => app.keys.reserve(venue, reservation),
    draw: (below) => randomInt(below),
    warn: (text) => app.log.warn(text),
  })
  games.open()
  app.addHook('onClose', () => games.close())
  // Who trades on a venue is there, and so is who asks for something of it.
  const traded: Exchange = {
    ...exchange,
    submit(command, reply) {
      if (command.venue !== undefined) games.seen(command.venue)
      return exchange.submit(command, reply)
    },
  }
  const asked: Exchange = {
    ...traded,
    venue(name) {
      games.seen(name)
      return exchange.venue(name)
    },
  }

  const under = { prefix: '/ob/api', exchange: asked, settings, clock }
  await app.register(venues, under)
  await app.register(books, under)
  await app.register(trades, under)
  await app.register(candles, under)
  await app.register(orders, under)
  await app.register(accountRoutes, under)
  await app.register(scores, under)
  const accept = acceptWebsockets(app, { under: ['/ob/api/ws/', feedPath] })
  await app.register(streams, { ...under, exchange, hub, accept })
  await app.register(feed, { ...under, exchange: traded, prefix: '', hub, accept })
  await app.register(gameMaster, { prefix: '/gm', games })
  await app.register(health, { exchange, version, clock })
  await addWeb(app)

  refuseOtherMethods()
  return app
}
