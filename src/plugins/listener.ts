import { type FastifyInstance, type FastifyRequest, type FastifyServerOptions, LogController } from 'fastify'
import type { EdgeSettings } from '../config/config.ts'

/** How long a client has to send a whole request, and its headers. */
const requestTimeoutMs = 30_000
const headersTimeoutMs = 10_000
/** How long a connection may be idle between requests; longer than load balancers keep theirs. */
const keepAliveTimeoutMs = 72_000
const maxConnections = 10_000

/** How the HTTP server of the app listens, and what it logs: to be given to Fastify beside the app's own options. */
export function serverOptions({ logLevel, tls }: EdgeSettings): FastifyServerOptions {
  const timeouts = { headersTimeout: headersTimeoutMs }
  return {
    ...(tls === undefined ? { http: timeouts } : { https: { ...timeouts, ...tls } }),
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    // What still comes while the server stops is answered as always, and told that the connection ends.
    return503OnClosing: false,
    logController: new LogController({ disableRequestLogging: !logsRequests(logLevel) }),
    logger: logLevel === 'silent' ? false : loggerOptions(logLevel),
  }
}

/** Sets what Fastify has no option for. Call it before any route is added. */
export function tuneServer(app: FastifyInstance, { logLevel }: EdgeSettings): void {
  app.server.maxConnections = maxConnections
  // Fastify makes a logger for each request, which costs 0.4 µs of the 20 or so that an order takes. Only a log of
  // requests needs it, to tell one from the other.
  if (!logsRequests(logLevel)) app.log.child = () => app.log
}

function logsRequests(level: string): boolean {
  return level === 'debug' || level === 'trace'
}

function loggerOptions(level: string): NonNullable<FastifyServerOptions['logger']> {
  return {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    // Headers and cookies carry keys: they are in no serializer.
    serializers: {
      req: ({ method, url, ip }: FastifyRequest) => ({ method, url: redactUrl(url), remoteAddress: ip }),
      res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
    },
    // Standard output belongs to the start lines.
    stream: { write: (line: string) => void process.stderr.write(redactText(line)) },
  }
}

/** Hides the key that a URL may carry, however its name is written. */
function redactUrl(url: string): string {
  const start = url.indexOf('?')
  if (start === -1) return url
  const parts = url.slice(start + 1).split('&')
  return `${url.slice(0, start)}?${parts.map(redactParameter).join('&')}`
}

function redactParameter(part: string): string {
  const name = part.split('=', 1)[0] ?? ''
  let plain = name
  try {
    plain = decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    // Not even an encoding: no reader takes it for a key either.
  }
  return plain.toLowerCase() === 'api_key' ? `${name}=[redacted]` : part
}

/** The net below: an error's text may quote a URL or a cookie. */
function redactText(line: string): string {
  return line.replace(/(api_key=)[^&;\s"'\\]+/gi, '$1[redacted]')
}
