import { parse } from 'node:querystring'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { Unavailable } from '../../src/domain/unavailable.ts'
import { RateLimit } from '../feed/rate-limit.ts'
import type { Fields } from './codec.ts'
import type { Context } from './context.ts'
import { codes, Failure, overLimit, unavailable } from './errors.ts'
import { checkScope } from './handlers.ts'
import { type PrivateCall, type PublicCall, privateCalls, publicCalls } from './rest-calls.ts'
import { readToken } from './token.ts'

/** The longest body, as that of a websocket's frame. */
const bodyLimit = 1024 * 1024
const done = 'Operation successful'

/**
 * The REST companion of the websocket. Each call answers with code, message and data, whatever its status; arguments
 * come in the query or in a body, those of a private call inside of its token. Does not listen: `routing` takes requests.
 */
export async function buildRest(context: Context): Promise<FastifyInstance> {
  const { settings, log, clock } = context
  const app = Fastify({ bodyLimit, routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 } })
  // Old clients send the token of a GET in its body.
  app.addHttpMethod('GET', { hasBody: true, overrideExisting: true })
  readBodies(app)
  const rate = new RateLimit(settings.requestsPerSecond, clock)

  app.addHook('onRequest', async ({ ip }) => {
    if (!rate.count(ip)) throw overLimit('requests', settings.requestsPerSecond)
  })
  app.setErrorHandler((error, request, reply) => {
    const { code, message, data } = toFailure(error, (bug) =>
      log.error({ url: request.routeOptions.url, err: bug }, 'a request failed'),
    )
    return reply.status(200).send({ code, message, data })
  })
  app.setNotFoundHandler(({ method, url }, reply) =>
    reply
      .status(404)
      .send({ code: codes.badRequest, message: `There is no ${method} ${pathOf(url)}`, data: {} }),
  )
  const prefix = settings.restPath
  for (const call of publicCalls) addPublic(app, prefix, call, context)
  for (const call of privateCalls) addPrivate(app, prefix, call, context)
  await app.ready()
  return app
}

function addPublic(app: FastifyInstance, prefix: string, { path, run }: PublicCall, context: Context): void {
  app.route({
    method: ['GET', 'POST'],
    url: prefix + path,
    handler: async (request) => {
      const args = { ...argumentsOf(request), ...(request.params as Fields) }
      return { code: 0, message: done, data: await run(context, args) }
    },
  })
}

function addPrivate(
  app: FastifyInstance,
  prefix: string,
  { method, path, scope, run }: PrivateCall,
  context: Context,
): void {
  app.route({
    method,
    url: prefix + path,
    handler: async (request, reply) => {
      const { user, args } = await readToken(context, argumentsOf(request).user_jwt, request.ip)
      checkScope(user, scope)
      const data = await run(context, args, user)
      return reply.status(method === 'POST' ? 201 : 200).send({ code: 0, message: done, data })
    },
  })
}

/** What stands in the query and in the body; a name that ends in `[]` is of a list. */
function argumentsOf({ query, body }: FastifyRequest): Fields {
  const all = { ...(query as Fields), ...(body as Fields | undefined) }
  return Object.fromEntries(
    Object.entries(all).map(([name, value]) =>
      name.endsWith('[]') ? [name.slice(0, -2), Array.isArray(value) ? value : [value]] : [name, value],
    ),
  )
}

/** JSON where a request says so, and a form otherwise, however it is called. */
function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, next) => {
    try {
      const value: unknown = text === '' ? {} : JSON.parse(text as string)
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('no object')
      next(null, value)
    } catch {
      next(new Failure(codes.badRequest, 'The body is no JSON object'))
    }
  })
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, next) => {
    next(null, { ...parse(text as string) })
  })
}

function toFailure(error: unknown, isBug: (error: unknown) => void): Failure {
  if (error instanceof Failure) return error
  if (error instanceof Unavailable) return unavailable(error)
  const { statusCode = 500, message } = error as { statusCode?: number; message: string }
  // What Fastify itself refuses, such as a body that is too long.
  if (statusCode < 500) return new Failure(codes.badRequest, message)
  isBug(error)
  return new Failure(codes.internal, 'Something went wrong here')
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url
}
