import type { Server } from 'node:http'
import { type AddressInfo, isIPv6, Server as NetServer, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import type { FastifyInstance } from 'fastify'
import { type AccountsFile, loadAccounts } from './accounts.ts'
import { buildApp } from './app.ts'
import { createWallClock } from './clock.ts'
import type { Config } from './config.ts'
import type { VenueConfig } from './config-file.ts'
import type { Command } from './domain/command.ts'
import { rejectReasons } from './domain/reject.ts'
import { defaultRules } from './domain/venue.ts'
import { createExchange, type RunningExchange } from './exchange.ts'
import { MemoryLog } from './log/memory-log.ts'
import { Refusal } from './settings.ts'
import { Shard } from './shard.ts'

/** How long requests have to be answered when the server stops, and then websockets to be closed. */
const drainMs = 2000
const socketsMs = 2200
/** How long after the last request idle connections are kept at a stop: another one may be on its way. */
const idleMs = 500
/** When a stop takes longer than this the process ends all the same. */
const stopLimitMs = 4800

interface RunningServer {
  /** Where it listens. */
  readonly url: string
  /** What to tell the user, line by line; the first is what programs wait for. */
  readonly greeting: readonly string[]
  /** Reads the accounts again; nothing happens when there are none. A file that cannot be used changes nothing. */
  reload(): void
  /** Logs what cannot be survived. */
  fatal(error: unknown): void
  /** Stops in good order: no new connections, everything answered, sockets told, the exchange closed. */
  close(): Promise<void>
}

/** Makes an exchange and its edge, and listens. Throws a `Refusal` when the configuration cannot be followed. */
async function startServer(config: Config): Promise<RunningServer> {
  const { edge, port } = config
  const accounts = config.accounts && readAccounts(config.accounts)
  const exchange = createExchange(new Shard({ log: new MemoryLog(), clock: createWallClock() }))
  await prepare(exchange, config)
  const app = await buildApp({ exchange, settings: edge, ...(accounts && { accounts }) })
  const connections = followConnections(app.server, edge.tls !== undefined)
  try {
    await app.listen({ host: edge.host, port })
  } catch (error) {
    await app.close()
    throw listenRefusal(error, edge.host, port)
  }
  const url = urlOf(app.server, edge.tls !== undefined)
  return {
    url,
    greeting: greeting(url, config),
    reload() {
      if (accounts !== undefined) reload(app, accounts)
    },
    fatal: (error) => app.log.fatal({ err: error }, 'a bug: the process ends'),
    async close() {
      await drain(app.server, connections.requests)
      const closed = app.close()
      await Promise.race([closed, setTimeout(socketsMs)])
      // Whoever is still there does not answer, or never got as far as a request.
      destroyAll(connections.all)
      await closed
      await exchange.close()
    },
  }
}

/** Starts a server as a process: says where it listens, follows signals, and ends with it. */
export async function serve(config: Config): Promise<void> {
  const server = await startServer(config)
  // A reader may go away after the first line.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  if (config.accounts !== undefined) process.on('SIGHUP', () => server.reload())
  const grace = closeWithGrace(
    {
      delay: stopLimitMs,
      // Without accounts it means what it always did: the terminal is gone.
      skip: config.accounts === undefined ? [] : ['SIGHUP'],
      logger: false,
    },
    async ({ err }) => {
      // After a bug nothing here can be trusted to end well.
      if (err !== undefined) server.fatal(err)
      else await server.close()
    },
  )
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

/** Brings an exchange to what the configuration asks for. Never changes a venue that exists, but for its limits. */
async function prepare(exchange: RunningExchange, { limits, venues }: Config): Promise<void> {
  await order(exchange, { type: 'set-limits', limits })
  for (const venue of venues) await prepareVenue(exchange, venue)
}

async function prepareVenue(exchange: RunningExchange, venue: VenueConfig): Promise<void> {
  const { name, symbols, selfTrade, limits } = venue
  const existing = exchange.venue(name)
  if (existing === undefined) {
    const rules = selfTrade === undefined ? defaultRules : { ...defaultRules, selfTrade }
    await order(exchange, { type: 'create-venue', venue: name, rules })
  } else if (selfTrade !== undefined && selfTrade !== existing.rules.selfTrade) {
    throw new Refusal(
      `venue ${name}: it exists with selfTrade ${existing.rules.selfTrade} and cannot get selfTrade ${selfTrade}`,
    )
  }
  if (Object.keys(limits).length > 0) await order(exchange, { type: 'set-limits', venue: name, limits })
  for (const symbol of symbols) {
    if (exchange.venue(name)?.instrument(symbol) === undefined) {
      await order(exchange, { type: 'list-instrument', venue: name, symbol })
    }
  }
}

/** Sends a command that the configuration asks for. */
function order(exchange: RunningExchange, command: Command): Promise<void> {
  return exchange.submit(command, ({ events }) => {
    for (const event of events) {
      if (event.type === 'rejected') throw new Refusal(`${what(command)}: ${rejectReasons[event.reason]}`)
    }
  })
}

function what(command: Command): string {
  if (command.type === 'list-instrument') return `listing ${command.venue}/${command.symbol}`
  return command.venue === undefined ? command.type : `venue ${command.venue}`
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
    `docs on ${reachable}/docs`,
    `${curl} ${tryOut(reachable, venues, accounts !== undefined)}`,
  ]
}

function tryOut(url: string, venues: readonly VenueConfig[], keys: boolean): string {
  const listed = venues.find(({ symbols }) => symbols.length > 0)
  if (listed === undefined) return `${url}/ob/api/venues`
  const account = keys ? 'YOUR_ACCOUNT' : 'EXB123456'
  const header = keys ? `-H 'X-Starfighter-Authorization: YOUR_KEY' ` : ''
  const body = JSON.stringify({ account, price: 5000, qty: 100, direction: 'buy', orderType: 'limit' })
  const path = `/ob/api/venues/${listed.name}/stocks/${listed.symbols[0]}/orders`
  // In quotes: the brackets of an IPv6 address mean something to a shell.
  return `${header}-d '${body}' '${url}${path}'`
}

interface Connections {
  /** Those on which requests come; one that became a websocket is none any more. */
  readonly requests: ReadonlySet<Socket>
  readonly all: ReadonlySet<Socket>
}

function followConnections(server: Server, tls: boolean): Connections {
  const requests = new Set<Socket>()
  const all = new Set<Socket>()
  const follow = (set: Set<Socket>) => (socket: Socket) => {
    set.add(socket)
    socket.once('close', () => set.delete(socket))
  }
  server.on('connection', follow(all))
  server.on(tls ? 'secureConnection' : 'connection', follow(requests))
  server.on('upgrade', (_request, socket) => requests.delete(socket as Socket))
  return { requests, all }
}

/**
 * Accepts no more connections and waits until those that are open have been answered. Each answer says that its
 * connection ends. After a while idle connections are closed too, and in the end all.
 */
async function drain(server: Server, connections: ReadonlySet<Socket>): Promise<void> {
  const start = performance.now()
  let lastRequest = start
  server.prependListener('request', (_request, response) => {
    lastRequest = performance.now()
    response.setHeader('Connection', 'close')
  })
  // As a plain server: one for HTTP would close idle connections at once, and lose what is just arriving on them.
  NetServer.prototype.close.call(server)
  while (connections.size > 0) {
    const now = performance.now()
    if (now - start >= drainMs) destroyAll(connections)
    else if (now - lastRequest >= idleMs) server.closeIdleConnections()
    await setTimeout(10)
  }
}

function destroyAll(connections: ReadonlySet<Socket>): void {
  for (const socket of connections) socket.destroy()
}
