import cors from '@fastify/cors'
import rateLimit, { normalizeIP } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../../schemas/errors.ts'
import { type EdgeSettings, isLoopback } from '../config/config.ts'

/**
 * Decides which requests are looked at at all: those of foreign web pages are not, and not those of too eager callers.
 *
 * Bots send no `Origin`. A browser does, and would send a page's order along with the user's cookie: so whatever is
 * no plain read has to come from a page of this server or of an origin that is configured. Call it after the keys are
 * there and before any route is.
 */
export async function addAccess(app: FastifyInstance, settings: EdgeSettings): Promise<void> {
  addOriginAndHost(app, settings)
  if (settings.cors.length > 0) await addCors(app, settings.cors)
  if (settings.rateLimit > 0) await addRateLimit(app, settings.rateLimit)
}

/** One hook for every request there is: plain ones, upgrades, unknown paths. Costs a few nanoseconds. */
function addOriginAndHost(app: FastifyInstance, { host, allowHost, cors, tls }: EdgeSettings): void {
  const origins = new Set(cors)
  const answered = hostCheck(isLoopback(host), new Set(allowHost))
  app.addHook('onRequest', (request, _reply, done) => {
    const { method, headers } = request.raw
    if (answered !== undefined && !answered(headers.host)) {
      done(new Problem('foreign_host'))
      return
    }
    const { origin } = headers
    if (origin === undefined || (isRead(method) && headers.upgrade === undefined)) done()
    else if (
      isOwn(origin.toLowerCase(), headers.host, tls !== undefined) ||
      origins.has(origin.toLowerCase())
    )
      done()
    else done(new Problem('foreign_origin'))
  })
}

function isRead(method: string | undefined): boolean {
  return method === 'GET' || method === 'HEAD'
}

/**
 * Whether a `Host` header names this server; undefined when every one does.
 *
 * A page can have its own name point at this machine, and is then of the same origin as the server (DNS rebinding);
 * only the name in `Host` gives it away. A server that others can reach has names we cannot know, so there all are
 * answered unless some are given. An address is no name, and cannot point anywhere else.
 */
function hostCheck(
  loopback: boolean,
  names: ReadonlySet<string>,
): ((host: string | undefined) => boolean) | undefined {
  if (!loopback && names.size === 0) return undefined
  // Nearly all clients send the same one.
  let lastGood: string | undefined
  return (host) => {
    if (host === undefined) return false
    if (host === lastGood) return true
    const name = nameOf(host)
    const good = isLoopbackName(name) || names.has(name) || (!loopback && isAddress(name))
    if (good) lastGood = host
    return good
  }
}

/** The name in a `Host` header: lower case, without port and final dot. An IPv6 address keeps its brackets. */
function nameOf(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
}

function isLoopbackName(name: string): boolean {
  if (name === 'localhost' || name.endsWith('.localhost')) return true
  return isAddress(name) && isLoopback(name.replace(/^\[(.*)\]$/, '$1'))
}

function isAddress(name: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(name) || /^\[[0-9a-f:.]+\]$/.test(name)
}

/** Whether an origin is that of the server as the client calls it. A proxy in front may add TLS, but not take it away. */
function isOwn(origin: string, host: string | undefined, tls: boolean): boolean {
  if (host === undefined) return false
  const scheme = tls ? 'https:' : /^https?:/.exec(origin)?.[0]
  if (scheme === undefined) return false
  const port = scheme === 'https:' ? /:443$/ : /:80$/
  return origin.replace(port, '') === `${scheme}//${host.toLowerCase().replace(port, '')}`
}

async function addCors(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  await app.register(cors, {
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'DELETE'],
    exposedHeaders: ['Retry-After'],
    maxAge: 600,
  })
}

/**
 * Counts for each key that somebody holds, else for each address: keys that are made up give no room. At most 5,000
 * callers are counted at once (the library's bound); the one that was silent longest is forgotten.
 */
async function addRateLimit(app: FastifyInstance, perSecond: number): Promise<void> {
  await app.register(rateLimit, { global: false })
  const count = app.createRateLimit({
    max: perSecond,
    timeWindow: 1000,
    keyGenerator: (request) => callerOf(app, request),
  })
  app.addHook('onRequest', async (request, reply) => {
    const counted = await count(request)
    if (counted.isAllowed || !counted.isExceeded) return
    reply.header('Retry-After', counted.ttlInSeconds)
    throw new Problem('rate_limited')
  })
}

function callerOf({ keys }: FastifyInstance, request: FastifyRequest): string {
  try {
    if (keys.accountsOf(request).size > 0) return `key ${keys.keyOf(request)}`
  } catch {
    // A key that nobody holds: refused where it matters.
  }
  // All addresses of an IPv6 network are one caller: everybody has 2^64 of them.
  return normalizeIP(request.ip)
}
