import type { FastifyInstance } from 'fastify'
import { describeFeed } from './asyncapi.ts'
import { renderFeedPage } from './page.ts'

/** The feed described: for programs at /docs/asyncapi.json, for people at /docs/ws. Neither changes while it runs. */
export function addFeedDocs(app: FastifyInstance): void {
  const document = `${JSON.stringify(describeFeed(), null, 2)}\n`
  const page = renderFeedPage()
  app.get('/docs/asyncapi.json', (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(document),
  )
  app.get('/docs/ws', (_request, reply) => reply.type('text/html; charset=utf-8').send(page))
}
