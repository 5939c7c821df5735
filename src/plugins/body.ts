import type { FastifyInstance } from 'fastify'

/**
 * Reads every body as bytes, whatever its type says, up to the app's limit: old clients send JSON without a type or
 * as a form, and bodies to routes that take none. A route that wants its body parses it; of the type it learns only
 * whether it was that of a form.
 */
export function addBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  // By name, because Fastify looks a parser up much faster than it falls back to one.
  app.addContentTypeParser(['*', form, bytes], { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  app.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request.raw
    const type = headers['content-type']
    // Fastify refuses what is no media type; the old servers never looked.
    if (type !== undefined) headers['content-type'] = type.toLowerCase().startsWith(form) ? form : bytes
    done()
  })
}

const form = 'application/x-www-form-urlencoded'
const bytes = 'application/octet-stream'
