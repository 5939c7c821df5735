import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorView, Problem, type ProblemKind } from '../../schemas/errors.ts'
import { Unavailable } from '../domain/unavailable.ts'

/** Makes every error of the app JSON of one shape. `badOrderStatus`: the status of a refused order. */
export function addErrors(app: FastifyInstance, badOrderStatus: 400 | 200): void {
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply, badOrderStatus))
  app.setNotFoundHandler((request, reply) => {
    const known = app.supportedMethods.includes(request.method)
    sendError(new Problem(known ? 'unknown_path' : 'unknown_method'), request, reply, badOrderStatus)
  })
}

/** Answers what the router itself refuses, before a request is of the app. */
export function sendRouterError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const problem = error.code === 'FST_ERR_BAD_URL' ? new Problem('bad_url') : error
  sendError(problem, request, reply, 400)
}

/** Answers what is not even HTTP, and headers over the limit. */
export function sendClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const kind = unreadable[error.code ?? ''] ?? 'bad_request'
  const problem = new Problem(kind)
  const body = JSON.stringify(problem.toView())
  if (!socket.writable) {
    socket.destroy(error)
    return
  }
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n` +
      `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

const unreadable: Readonly<Record<string, ProblemKind>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
}

/** What Fastify and its plugins refuse by themselves. */
const byStatus: Readonly<Record<number, ProblemKind>> = {
  404: 'unknown_path',
  408: 'request_timeout',
  413: 'body_too_large',
  429: 'rate_limited',
}

function sendError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  badOrderStatus: 400 | 200,
): void {
  if (error instanceof Problem) {
    send(reply, error.status === 'bad-order' ? badOrderStatus : error.status, error.toView())
    return
  }
  if (error instanceof Unavailable) {
    if (error.reason === 'queue_full') reply.header('Retry-After', '1')
    const { message, reason, outcome } = error
    send(reply, 503, { ok: false, error: message, reason, outcome })
    return
  }
  const status = (error as Partial<FastifyError> | undefined)?.statusCode ?? 500
  if (status >= 400 && status < 500) {
    send(reply, status, new Problem(byStatus[status] ?? 'bad_request').toView())
    return
  }
  request.log.error({ err: error }, 'a request failed')
  send(reply, 500, new Problem('internal_error').toView())
}

/** Written without the route's schemas: an error may have the status of a success. */
function send(reply: FastifyReply, status: number, view: ErrorView): void {
  reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(view))
}
