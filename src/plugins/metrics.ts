import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { FastifyInstance } from 'fastify'
import { Counter, Gauge, Registry } from 'prom-client'
import type { Event, OrderAccepted } from '../domain/event.ts'
import type { RejectReason } from '../domain/reject.ts'
import type { FeedStats } from '../feeds/feed.ts'
import type { Door, Exchange } from '../port.ts'

/** How the traders of one venue are. */
export interface HouseStatus {
  readonly venue: string
  readonly openOrders: number
  /** How often their time jumped because they were too late. */
  readonly skips: number
  /** Wakes that were put off because the second had had its actions. */
  readonly postponed: number
}

export interface MetricsOptions {
  readonly exchange: Exchange
  readonly version: string
  /** The counts of each feed. */
  readonly feeds: () => Readonly<Record<string, FeedStats>>
  readonly house: () => readonly HouseStatus[]
}

export interface Metrics {
  /** Everything, as Prometheus reads it. */
  text(): Promise<string>
  readonly contentType: string
  accountsRead(outcome: 'read' | 'refused'): void
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly metrics: Metrics
  }
}

/**
 * Counts what the app does: `app.metrics`. Counting is plain additions; everything else is done when somebody asks.
 * Call it before any route is added.
 */
export function addMetrics(app: FastifyInstance, { exchange, version, feeds, house }: MetricsOptions): void {
  const registry = new Registry()
  const registers = [registry]
  countRequests(app, registry)
  countOrders(exchange, registry)
  describeFeeds(feeds, registry)
  describeHouse(house, registry)
  describeProcess(app, registry)
  new Gauge({
    name: 'stockyard_info',
    help: 'Which version runs; always 1',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1)
  describe(registry, 'stockyard_commands_applied', 'Commands applied by each shard', ['shard'], (gauge) => {
    for (const [shard, { sequence }] of exchange.status().entries()) gauge.set({ shard }, sequence)
  })
  describe(registry, 'stockyard_commands_queued', 'Commands that wait to be written', ['shard'], (gauge) => {
    for (const [shard, { queued }] of exchange.status().entries()) gauge.set({ shard }, queued)
  })
  const waitingHelp = 'Closed orders of each shard that are not stored yet'
  describe(registry, 'stockyard_history_waiting', waitingHelp, ['shard'], (gauge) => {
    for (const [shard, { waiting }] of exchange.status().entries()) gauge.set({ shard }, waiting)
  })
  const gapHelp = 'Whether a history is being completed from the journal; 1 where it is so'
  describe(registry, 'stockyard_history_catching_up', gapHelp, ['shard'], (gauge) => {
    for (const [shard, { catchingUp }] of exchange.status().entries())
      gauge.set({ shard }, catchingUp ? 1 : 0)
  })
  const behindHelp =
    'How far the clock is behind the newest command of each shard: times stand still till then'
  describe(registry, 'stockyard_clock_behind_seconds', behindHelp, ['shard'], (gauge) => {
    for (const [shard, { clockBehind }] of exchange.status().entries())
      gauge.set({ shard }, clockBehind / 1e6)
  })
  const stoppedHelp = 'Shards that take no commands, by reason; 1 where it is so'
  describe(registry, 'stockyard_stopped', stoppedHelp, ['shard', 'reason'], (gauge) => {
    for (const [shard, { stopped: reason }] of exchange.status().entries()) {
      if (reason !== undefined) gauge.set({ shard, reason }, 1)
    }
  })
  const reads = new Counter({
    name: 'stockyard_accounts_reads_total',
    help: 'Times the accounts were read again, by outcome',
    labelNames: ['outcome'],
    registers,
  })
  app.decorate('metrics', {
    text: () => registry.metrics(),
    contentType: registry.contentType,
    accountsRead: (outcome) => reads.inc({ outcome }),
  })
}

/** Makes a gauge that is set when somebody asks. */
function describe(
  registry: Registry,
  name: string,
  help: string,
  labelNames: string[],
  set: (gauge: Gauge) => void | Promise<void>,
): void {
  new Gauge({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset()
      return set(this)
    },
  })
}

/** Makes a counter whose values are counted elsewhere. */
function describeCounter(
  registry: Registry,
  name: string,
  help: string,
  labelNames: string[],
  values: () => Iterable<readonly [Record<string, string>, number]>,
): void {
  new Counter({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset()
      for (const [labels, value] of values()) this.inc(labels, value)
    },
  })
}

/** The only hook. It adds to a plain array found by two lookups: the library's own labels cost ten times that. */
function countRequests(app: FastifyInstance, registry: Registry): void {
  const byRoute = new Map<string, Map<string, Float64Array>>()
  app.addHook('onResponse', (request, { statusCode }, done) => {
    const { url = 'none' } = request.routeOptions
    const byStatus = byRoute.get(url)?.get(request.method) ?? addRoute(url, request.method)
    byStatus[statusCode] = (byStatus[statusCode] ?? 0) + 1
    done()
  })
  const addRoute = (url: string, method: string) => {
    const byMethod = byRoute.get(url) ?? new Map<string, Float64Array>()
    const byStatus = new Float64Array(600)
    byRoute.set(url, byMethod.set(method, byStatus))
    return byStatus
  }
  const help = 'Requests that were answered, by route, method and status'
  describeCounter(
    registry,
    'stockyard_http_requests_total',
    help,
    ['route', 'method', 'status'],
    function* () {
      for (const [route, byMethod] of byRoute) {
        for (const [method, byStatus] of byMethod) {
          for (const [status, count] of byStatus.entries()) {
            if (count > 0) yield [{ route, method, status: `${status}` }, count]
          }
        }
      }
    },
  )
}

type Outcome = 'rested' | 'filled' | 'canceled' | 'killed' | 'repeated'

/** Counts what comes of orders. */
class OrderCounts implements Door {
  readonly orders = new Map<string, { type: string; outcome: Outcome; count: number }>()
  readonly refusals = new Map<RejectReason, number>()
  trades = 0
  cancels = 0
  #placed: OrderAccepted | undefined

  event(event: Event): void {
    switch (event.type) {
      case 'order-accepted':
        this.#placed = event
        break
      case 'trade':
        this.trades += 1
        break
      case 'order-rested':
        this.#count(typeOf(this.#placed), 'rested')
        break
      case 'order-closed':
        if (event.orderId === this.#placed?.orderId) this.#count(typeOf(this.#placed), outcomes[event.reason])
        else if (event.reason === 'user') this.cancels += 1
        break
      case 'order-repeated':
        this.#count('unknown', 'repeated')
        break
      case 'rejected':
        this.refusals.set(event.reason, (this.refusals.get(event.reason) ?? 0) + 1)
        break
      case 'order-waiting':
        this.#count(typeOf(this.#placed), 'rested')
        break
      case 'state-set':
      case 'venue-reset':
      case 'venue-dropped':
      case 'noted':
      case 'account-opened':
      case 'balance-changed':
      case 'reference-changed':
      case 'order-reduced':
      case 'order-replaced':
      case 'session-changed':
      case 'venue-created':
      case 'instrument-listed':
      case 'limits-set':
        break
      default:
        event satisfies never
    }
  }

  applied(): void {
    this.#placed = undefined
  }

  release(): void {}

  #count(type: string, outcome: Outcome): void {
    const key = type + outcome
    const counted = this.orders.get(key)
    if (counted === undefined) this.orders.set(key, { type, outcome, count: 1 })
    else counted.count += 1
  }
}

const outcomes = {
  filled: 'filled',
  user: 'canceled',
  ioc: 'canceled',
  fok_killed: 'killed',
  self_trade: 'canceled',
  remainder: 'canceled',
  venue_closed: 'canceled',
  disconnected: 'canceled',
} as const

function typeOf(order: OrderAccepted | undefined): string {
  if (order === undefined) return 'unknown'
  return order.orderType === 'market' || order.timeInForce === 'gtc' ? order.orderType : order.timeInForce
}

function countOrders(exchange: Exchange, registry: Registry): void {
  const counts = new OrderCounts()
  exchange.attach(counts)
  const ordersHelp = 'Orders accepted, by type and by what came of them at once'
  describeCounter(registry, 'stockyard_orders_total', ordersHelp, ['type', 'outcome'], function* () {
    for (const { type, outcome, count } of counts.orders.values()) yield [{ type, outcome }, count]
  })
  const refusalsHelp = 'Commands refused by rule, by reason'
  describeCounter(registry, 'stockyard_refusals_total', refusalsHelp, ['reason'], function* () {
    for (const [reason, count] of counts.refusals) yield [{ reason }, count]
  })
  describeCounter(registry, 'stockyard_trades_total', 'Trades', [], () => [[{}, counts.trades]])
  describeCounter(registry, 'stockyard_cancels_total', 'Orders that their owners canceled', [], () => [
    [{}, counts.cancels],
  ])
}

function describeFeeds(feeds: MetricsOptions['feeds'], registry: Registry): void {
  describe(registry, 'stockyard_sockets', 'Open websockets of each feed', ['feed'], (gauge) => {
    for (const [feed, { sockets }] of Object.entries(feeds())) gauge.set({ feed }, sockets)
  })
  for (const [name, help, of] of [
    ['messages', 'Messages written to sockets', 'messages'],
    ['bytes', 'Bytes written to sockets', 'bytes'],
    ['skipped', 'Messages that a slow reader did not get because a newer one took their place', 'skipped'],
    ['slow_closes', 'Sockets closed because their reader was too slow', 'slowCloses'],
  ] as const) {
    describeCounter(registry, `stockyard_feed_${name}_total`, `${help}, by feed`, ['feed'], function* () {
      for (const [feed, stats] of Object.entries(feeds())) yield [{ feed }, stats[of]]
    })
  }
}

function describeHouse(house: MetricsOptions['house'], registry: Registry): void {
  const openHelp = 'Open orders of the house traders of a venue'
  describe(registry, 'stockyard_house_open_orders', openHelp, ['venue'], (gauge) => {
    for (const { venue, openOrders } of house()) gauge.set({ venue }, openOrders)
  })
  for (const [name, help, of] of [
    ['skips', 'How often the time of house traders jumped because they were seconds late', 'skips'],
    ['postponed', 'Wakes of house traders put off because of their bound of actions a second', 'postponed'],
  ] as const) {
    describeCounter(registry, `stockyard_house_${name}_total`, help, ['venue'], function* () {
      for (const { venue, ...counts } of house()) yield [{ venue }, counts[of]]
    })
  }
}

const nanosPerSecond = 1e9

function describeProcess(app: FastifyInstance, registry: Registry): void {
  const intervalMs = 10
  const delay = monitorEventLoopDelay({ resolution: intervalMs })
  delay.enable()
  app.addHook('onClose', (_app, done) => {
    delay.disable()
    done()
  })
  const delayHelp = 'How late the event loop ran its timers since the last reading'
  describe(registry, 'nodejs_eventloop_delay_seconds', delayHelp, ['quantile'], (gauge) => {
    for (const quantile of [50, 99, 100]) {
      // What is measured is the time from one timer to the next.
      const late = delay.percentile(quantile) / nanosPerSecond - intervalMs / 1000
      gauge.set({ quantile: quantile / 100 }, Math.max(0, late))
    }
    delay.reset()
  })
  describe(registry, 'stockyard_connections', 'Open TCP connections', [], async (gauge) => {
    gauge.set(
      await new Promise<number>((resolve) =>
        app.server.getConnections((_error, count) => resolve(count ?? 0)),
      ),
    )
  })
  describe(registry, 'process_resident_memory_bytes', 'Memory that the process has', [], (gauge) =>
    gauge.set(process.memoryUsage.rss()),
  )
  describe(registry, 'nodejs_heap_used_bytes', 'Memory that objects take', [], (gauge) =>
    gauge.set(process.memoryUsage().heapUsed),
  )
  describe(registry, 'process_start_time_seconds', 'When the process started, since 1970', [], (gauge) =>
    gauge.set(Math.floor(Date.now() / 1000 - process.uptime())),
  )
  describeCounter(registry, 'process_cpu_seconds_total', 'Processor time used', [], () => {
    const { user, system } = process.cpuUsage()
    return [[{}, (user + system) / 1e6]]
  })
}
