import type {} from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { Problem } from '../../schemas/errors.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Every path there is, as it was registered, and the methods that it takes. */
    readonly paths: ReadonlyMap<string, ReadonlySet<string>>
  }
}

/** Collects the methods of each path from now on. Call the result after the last route: it refuses all others, by 405. */
export function watchMethods(app: FastifyInstance): () => void {
  const paths = new Map<string, Set<string>>()
  let refusing = false
  app.decorate('paths', paths)
  app.addHook('onRoute', ({ url, method }) => {
    if (refusing) return
    const methods = paths.get(url) ?? new Set()
    paths.set(url, methods)
    for (const name of [method].flat()) methods.add(name)
  })
  return () => {
    refusing = true
    for (const [url, methods] of paths) {
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
