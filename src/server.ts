import type { Server } from 'node:http'
import { type AddressInfo, isIPv6 } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import type { FastifyInstance } from 'fastify'
import { type AccountsFile, loadAccounts } from './accounts.ts'
import { buildApp } from './app.ts'
import { createWallClock } from './clock.ts'
import type { Config, DataSettings } from './config/config.ts'
import type { VenueConfig } from './config/config-file.ts'
import { Refusal } from './config/settings.ts'
import { Unavailable } from './domain/unavailable.ts'
import type { Micros } from './domain/units.ts'
import { destroyAll, drain, followConnections } from './drain.ts'
import { type DurableShard, openDurableShard } from './durable/durable-shard.ts'
import { createExchange } from './exchange.ts'
import { type Gateways, openGateways } from './gateways.ts'
import { createHouseVenue, type HouseVenue } from './house-venue.ts'
import { MemoryLog } from './log/memory-log.ts'
import type { Exchange } from './port.ts'
import { prepare } from './prepare.ts'
import { Scheduler } from './scheduler.ts'
import { Shard } from './shard.ts'

/** How long websockets have to be closed at a stop, after the requests. */
const socketsMs = 2200
/** How long after the begin of a stop a last snapshot may still be written. */
const snapshotMs = 3000
/** When a stop takes longer than this the process ends all the same. */
const stopLimitMs = 4800

interface RunningServer {
  /** What to tell the user, line by line; the first is what programs wait for. */
  readonly greeting: readonly string[]
  /** Reads the accounts again; nothing happens when there are none. A file that cannot be used changes nothing. */
  reload(): void
  /** Has the house traders stop, and everything else go on. */
  stopHouse(): void
  /** Resolves when the process is to end because what it was started for has. */
  readonly ended: Promise<void>
  /** Logs what cannot be survived. */
  fatal(error: unknown): void
  /** Stops in good order: no new connections, everything answered, sockets told, the exchange closed. */
  close(): Promise<void>
}

/** Makes an exchange and its edge, and listens. Throws a `Refusal` when the configuration cannot be followed. */
async function startServer(config: Config): Promise<RunningServer> {
  const { edge, port } = config
  const accounts = config.accounts && readAccounts(config.accounts)
  const clock = createWallClock()
  const durable = config.data && (await openData(config.data, clock))
  const shard = durable?.shard ?? new Shard({ log: new MemoryLog(), clock })
  const demo = await createDemo(config, shard, clock)
  const exchange = createExchange(shard, new Map(demo && [[demo.name, demo.shard]]))
  const scheduler = new Scheduler(shard, clock)
  const stop = async (snapshotUntil: number) => {
    scheduler.stop()
    await demo?.stop()
    if (durable === undefined) return exchange.close()
    await Promise.all([durable.close(snapshotUntil), demo?.shard.close()])
  }
  try {
    // What lives in memory has been prepared already, by rules of its own.
    await prepare(createExchange(shard), config)
  } catch (error) {
    await stop(0)
    throw error instanceof Unavailable ? notStarted(error) : error
  }
  const settings = { ...edge, closedVenues: closedToRest(exchange, config) }
  const house = () => (demo === undefined ? [] : [demo.status()])
  const app = await buildApp({ exchange, settings, house, ...(accounts && { accounts }) })
  const connections = followConnections(app.server, edge.tls !== undefined)
  let gateways: Gateways | undefined
  try {
    gateways = await openGateways(exchange, config, { clock, log: app.log })
    await app.listen({ host: edge.host, port }).catch((error: unknown) => {
      throw listenRefusal(error, edge.host, port)
    })
  } catch (error) {
    await gateways?.close({ endGames: false })
    await app.close()
    await stop(0)
    throw error
  }
  durable?.startWork()
  demo?.start(exchange.forHouse)
  return {
    greeting: [...greeting(urlOf(app.server, edge.tls !== undefined), config), ...gateways.greeting],
    ended: gateways.ended,
    reload() {
      if (accounts !== undefined) reload(app, accounts)
    },
    stopHouse() {
      void demo?.stop().then(() => app.log.info(`the house traders of ${demo.name} have stopped`))
    },
    fatal: (error) => app.log.fatal({ err: error }, 'a bug: the process ends'),
    async close() {
      const start = performance.now()
      // Nobody of the house trades on while others take their leave.
      void demo?.stop()
      // What is not kept ends with the process: those who play it should know how.
      const left = gateways.close({ endGames: durable === undefined })
      await drain(app.server, connections.requests)
      const closed = app.close()
      await Promise.race([closed, setTimeout(socketsMs)])
      // Whoever is still there does not answer, or never got as far as a request.
      destroyAll(connections.all)
      await closed
      await left
      await stop(start + snapshotMs)
    },
  }
}

/** The venue of house traders, if there is to be one. One that is in the data already is left as it is. */
async function createDemo(
  { demo, limits }: Config,
  shard: Shard,
  clock: () => Micros,
): Promise<HouseVenue | undefined> {
  if (demo === undefined) return undefined
  if (shard.venue(demo.venue) === undefined) return createHouseVenue(demo, clock, limits)
  tell(`the data has a venue ${demo.venue}: it is shown as it was left, and no house traders are on it`)
  return undefined
}

/**
 * The venues that only other doors trade on. One that was made by a gateway stays such when the gateway is not there:
 * its accounts are opened there, and have keys that REST knows nothing of.
 */
function closedToRest(exchange: Exchange, { edge, gateways }: Config): ReadonlySet<string> {
  const known = [gateways.cxgame?.venue, gateways.oceanex?.venue]
  const left = [...exchange.venues()].filter(
    ({ name, rules }) => rules.credit === 'cash' && rules.accounts === undefined && !known.includes(name),
  )
  return new Set([...edge.closedVenues, ...left.map(({ name }) => name)])
}

/** Opens the data directory, telling on stderr what a person should know. Throws a `Refusal` when it cannot be used. */
async function openData(data: DataSettings, clock: () => Micros): Promise<DurableShard> {
  try {
    return await openDurableShard(data, { clock, warn: tell, info: tell })
  } catch (error) {
    throw error instanceof Unavailable ? notStarted(error) : new Refusal((error as Error).message)
  }
}

/** The journal has failed already; with what has been told. */
function notStarted({ message }: Unavailable): Refusal {
  return new Refusal(`not started: ${message}`)
}

/** Tells a person something, on stderr. */
function tell(text: string): void {
  process.stderr.write(`stockyard: ${text}\n`)
}

/** Starts a server as a process: says where it listens, follows signals, and ends with it. */
export async function serve(config: Config): Promise<void> {
  const server = await startServer(config)
  // A reader may go away after the first line.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  // Without accounts, or without house traders, they mean what they always did: that it is to end.
  const taken: ('SIGHUP' | 'SIGUSR2')[] = []
  const take = (signal: 'SIGHUP' | 'SIGUSR2', task: () => void) => {
    process.on(signal, task)
    taken.push(signal)
  }
  if (config.accounts !== undefined) take('SIGHUP', () => server.reload())
  if (config.demo !== undefined) take('SIGUSR2', () => server.stopHouse())
  const grace = closeWithGrace(
    {
      delay: stopLimitMs,
      skip: taken,
      logger: false,
    },
    async ({ err }) => {
      // After a bug nothing here can be trusted to end well.
      if (err !== undefined) server.fatal(err)
      else await server.close()
    },
  )
  void server.ended.then(() => grace.close())
  if (process.env.npm_lifecycle_event !== undefined) afterParent(() => void grace.close())
  process.stdout.write(`${server.greeting.join('\n')}\n`)
}

/**
 * Runs a task when the parent process is gone. A signal to `npm start` ends npm and its shell, and reaches nobody
 * else: without this the server would stay, with nobody to stop it.
 */
function afterParent(task: () => void): void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    task()
  }, 200)
  timer.unref()
}

function readAccounts({ file, source }: { file: string; source: string }): AccountsFile {
  try {
    return loadAccounts(file)
  } catch (error) {
    throw new Refusal(`${source}: ${(error as Error).message}`)
  }
}

function reload({ log, metrics }: FastifyInstance, accounts: AccountsFile): void {
  try {
    accounts.reload()
    metrics.accountsRead('read')
    log.info('the accounts were read again')
  } catch (error) {
    metrics.accountsRead('refused')
    log.error(`the accounts stay as they were: ${(error as Error).message}`)
  }
}

function listenRefusal(error: unknown, host: string, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException
  const place = `${isIPv6(host) ? `[${host}]` : host}:${port}`
  switch (code) {
    case 'EADDRINUSE':
      return new Refusal(`cannot listen on ${place}: something else does (choose another --port)`)
    case 'EADDRNOTAVAIL':
      return new Refusal(`cannot listen on ${place}: this machine does not have that address`)
    case 'EACCES':
      return new Refusal(`cannot listen on ${place}: no permission`)
    default:
      return code === undefined ? error : new Refusal(`cannot listen on ${place}: ${code}`)
  }
}

function urlOf(server: Server, tls: boolean): string {
  const { address, port } = server.address() as AddressInfo
  return `${tls ? 'https' : 'http'}://${isIPv6(address) ? `[${address}]` : address}:${port}`
}

function greeting(url: string, { accounts, edge, venues }: Config): string[] {
  // An address that stands for all is none to connect to.
  const reachable = url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:')
  const curl = edge.tls === undefined ? 'curl' : 'curl -k'
  return [
    `listening on ${url}`,
    `in a browser: ${reachable}/ (docs: ${reachable}/docs)`,
    `${curl} ${tryOut(reachable, venues, accounts !== undefined)}`,
  ]
}

function tryOut(url: string, venues: readonly VenueConfig[], keys: boolean): string {
  // Where accounts hold money, whether an order is taken depends on what they have.
  const listed = venues.find(({ symbols, cash }) => symbols.length > 0 && cash === undefined)
  if (listed === undefined) return `${url}/ob/api/venues`
  const account = keys ? 'YOUR_ACCOUNT' : 'EXB123456'
  const header = keys ? `-H 'X-Starfighter-Authorization: YOUR_KEY' ` : ''
  const body = JSON.stringify({ account, price: 5000, qty: 100, direction: 'buy', orderType: 'limit' })
  const path = `/ob/api/venues/${listed.name}/stocks/${listed.symbols[0]}/orders`
  // In quotes: the brackets of an IPv6 address mean something to a shell.
  return `${header}-d '${body}' '${url}${path}'`
}
