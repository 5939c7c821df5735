import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Problem } from '../../schemas/errors.ts'
import type { Heartbeat, Welcome } from '../../schemas/feed.ts'
import { formatTime } from '../../schemas/time.ts'
import type { Micros } from '../../src/domain/units.ts'
import type { ByteStream, WebSocketControl } from '../../src/feeds/connection.ts'
import { beatEveryMs, type Hub } from '../../src/feeds/hub.ts'
import type { Exchange } from '../../src/port.ts'
import { Arming, Holders } from './arming.ts'
import { Credentials } from './credentials.ts'
import { addFeedDocs } from './docs.ts'
import { FeedDoor } from './door.ts'
import { RateLimit } from './rate-limit.ts'
import { createReader } from './requests.ts'
import { Session } from './session.ts'
import { Sources } from './sources.ts'
import { Trading, type TradingSettings } from './trading.ts'

export const feedPath = '/ws/v1'

/** A websocket that is open. */
interface FeedSocket extends WebSocketControl {
  on(event: 'pong' | 'close', listener: () => void): unknown
  on(event: 'message', listener: (data: { toString(): string }, isBinary: boolean) => void): unknown
}

export interface FeedOptions {
  readonly exchange: Exchange
  readonly hub: Hub
  readonly clock: () => Micros
  readonly settings: Omit<TradingSettings, 'isReserved'> & { readonly rateLimit: number }
  /** Opens the websocket that a request asks for; false if it asks for none. */
  readonly accept: (
    request: FastifyRequest,
    opened: (socket: FeedSocket, stream: ByteStream) => void,
  ) => boolean
}

const MiB = 1024 * 1024

/** One websocket for everything: market data, an account's events, orders. */
export const feed: FastifyPluginAsyncTypebox<FeedOptions> = async (app, options) => {
  const { exchange, hub, clock, settings, accept } = options
  const { keys } = app
  const subscriptions = hub.addSubscriptions('feed', {
    conflateBeyond: MiB,
    closeBeyond: 8 * MiB,
    heartbeat: () => JSON.stringify({ type: 'heartbeat', time: formatTime(clock()) } satisfies Heartbeat),
  })
  const sources = new Sources(exchange)
  exchange.attach(
    new FeedDoor(exchange, subscriptions, sources, (venue, sequence) => hub.loses(venue, sequence)),
  )
  const sessions = new Set<Session>()
  keys.onChange(() => {
    for (const session of sessions) session.review()
  })
  const trading = new Trading(exchange, { ...settings, isReserved: (venue) => keys.isReserved(venue) })
  const holders = new Holders()
  exchange.attach(holders)
  const read = createReader()
  const rate = new RateLimit(settings.rateLimit, clock)
  const welcome = JSON.stringify({
    type: 'welcome',
    protocol: 1,
    keys: keys.on,
    heartbeatSeconds: beatEveryMs / 1000,
  } satisfies Welcome)

  addFeedDocs(app)
  app.route({
    method: 'GET',
    url: feedPath,
    exposeHeadRoute: false,
    schema: {
      operationId: 'feed',
      summary: 'Websocket: market data, account events and orders on one socket',
      description:
        'Numbered messages with snapshots, changes and resumption, and requests to trade. Described at `/docs/ws`, and for programs at `/docs/asyncapi.json`. The key may also come in the query, as `api_key`, or later in an `auth` request.',
      tags: ['streams'],
      security: app.keySecurity,
    },
    config: { problems: ['wrong_key', 'upgrade_required'] },
    handler(request, reply) {
      if (request.headers.upgrade === undefined) throw new Problem('upgrade_required')
      // A key that nobody has is a mistake, and better told at once.
      keys.accountsOf(request)
      const credentials = new Credentials(keys, keys.keyOf(request))
      const caller = request.ip
      const opened = accept(request, (socket, stream) => {
        const subscriber = subscriptions.open(stream, socket)
        const session = new Session({
          subscriber,
          feed: subscriptions,
          sources,
          trading,
          credentials,
          arming: new Arming(exchange, holders),
          read,
          mayAsk: () => rate.count(credentials.key ?? caller),
          failed: (error) => request.log.error(error),
        })
        sessions.add(session)
        socket.on('close', () => {
          sessions.delete(session)
          session.close()
        })
        socket.on('message', (data) => session.receive(data.toString()))
        subscriber.send(welcome)
      })
      if (!opened) throw new Problem('upgrade_required')
      reply.hijack()
    },
  })
}
