import type { FastifyInstance } from 'fastify'

/** Scripts and calls only of this server, no script in the page itself, no frames; styles may stand on elements. */
export const contentSecurity =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const pageHeaders = {
  'Content-Security-Policy': contentSecurity,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
}

/**
 * Gives pages the headers that keep foreign pages and scripts out: the routes from now on that are marked as `html`,
 * and all of the documentation. No other route pays for it.
 */
export function addPageHeaders(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (route.config?.html !== true && !/^\/docs(\/|$)/.test(route.url)) return
    route.onRequest = [
      (_request, reply, done) => {
        reply.headers(pageHeaders)
        done()
      },
      ...[route.onRequest ?? []].flat(),
    ]
  })
}
