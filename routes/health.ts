import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { HealthView } from '../schemas/health.ts'
import { unavailableReasons } from '../src/domain/unavailable.ts'
import type { Micros } from '../src/domain/units.ts'
import type { Exchange } from '../src/port.ts'

export interface HealthOptions {
  readonly exchange: Exchange
  readonly version: string
  readonly clock: () => Micros
}

/** How the server is, for those who operate it. */
export const health: FastifyPluginAsyncTypebox<HealthOptions> = async (app, { exchange, version, clock }) => {
  const startedAt = clock()
  app.route({
    method: 'GET',
    url: '/health',
    schema: {
      operationId: 'health',
      summary: 'Whether orders are taken',
      description: 'Status 503 when not; reading may still work then.',
      tags: ['operation'],
      response: { 200: HealthView, 503: HealthView },
    },
    handler(_request, reply) {
      const view = toHealthView(exchange, version, clock() - startedAt)
      reply.header('Cache-Control', 'no-store')
      if (!view.ok) reply.code(503)
      return view
    },
  })
  app.route({
    method: 'GET',
    url: '/metrics',
    schema: {
      operationId: 'metrics',
      summary: 'What is counted, for Prometheus',
      description: 'Counters and gauges of requests, orders, feeds and the process.',
      tags: ['operation'],
      response: {
        200: {
          description: "Prometheus' text format.",
          content: { 'text/plain': { schema: Type.String() } },
        },
      },
    },
    async handler(_request, reply) {
      reply.type(app.metrics.contentType)
      return app.metrics.text()
    },
  })
}

function toHealthView(exchange: Exchange, version: string, uptime: number): HealthView {
  const shards = exchange.status()
  const stopped = shards.find((shard) => shard.stopped !== undefined)?.stopped
  const historyFrom = shards.find((shard) => shard.historyFrom !== undefined)?.historyFrom
  const historyLost = shards.find((shard) => shard.historyLost !== undefined)?.historyLost
  const sum = (of: 'sequence' | 'queued') => shards.reduce((total, shard) => total + shard[of], 0)
  return {
    ok: stopped === undefined,
    ...(stopped !== undefined && { error: unavailableReasons[stopped], reason: stopped }),
    version,
    uptime: Math.max(0, Math.floor(uptime / 1_000_000)),
    sequence: sum('sequence'),
    queued: sum('queued'),
    ...(historyFrom !== undefined && { historyFrom }),
    ...(historyLost !== undefined && { historyLost }),
    ...(shards.some(({ catchingUp }) => catchingUp) && { catchingUp: true as const }),
  }
}
