import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/** Where the build puts the page: beside src/ under dist/, or beside dist/src. */
const folder = ['../../dist/web/', '../../web/']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(`${path}index.html`))

/** A name with a hash of what is in the file, which so never changes; packed files have one more ending. */
const hashed = /-[\w-]{8}\.\w+(\.br|\.gz)?$/

/** The page for people at `/`, and its files. Where it has not been built `/` leads to the documentation. */
export async function addWeb(app: FastifyInstance): Promise<void> {
  if (folder === undefined) {
    app.get('/', { schema: { hide: true } }, (_request, reply) => reply.redirect('/docs'))
    return
  }
  await app.register(fastifyStatic, {
    root: folder,
    serve: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders(reply, path) {
      // The page itself is asked for anew each time, since it names the files of the newest build.
      reply.header('Cache-Control', hashed.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  const html = { schema: { hide: true }, config: { html: true } }
  app.get('/', html, (_request, reply) => reply.sendFile('index.html'))
  app.get<{ Params: { file: string } }>('/assets/:file', html, ({ params: { file } }, reply) => {
    if (/^\w[\w.-]*$/.test(file)) return reply.sendFile(`assets/${file}`)
    return reply.callNotFound()
  })
}
