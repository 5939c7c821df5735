import type {} from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { Problem } from '../../schemas/errors.ts'

/** Collects the methods of each path from now on. Call the result after the last route: it refuses all others, by 405. */
export function watchMethods(app: FastifyInstance): () => void {
  const byPath = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    const methods = byPath.get(url) ?? new Set()
    byPath.set(url, methods)
    for (const name of [method].flat()) methods.add(name)
  })
  return () => {
    for (const [url, methods] of [...byPath]) {
      // A path that matches everything is some plugin's, and would turn every unknown path into a known one.
      if (url !== '*' && url !== '/*') refuseOthers(app, url, methods)
    }
  }
}

function refuseOthers(app: FastifyInstance, url: string, methods: ReadonlySet<string>): void {
  const allow = [...methods].join(', ')
  app.route({
    method: app.supportedMethods.filter((method) => !methods.has(method)),
    url,
    schema: { hide: true },
    handler(_request, reply) {
      reply.header('Allow', allow)
      throw new Problem('method_not_allowed', { allow })
    },
  })
}
