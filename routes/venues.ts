import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { unitsOf } from '../schemas/asset-units.ts'
import { VenuePath } from '../schemas/paths.ts'
import { HeartbeatView, StocksView, VenueHeartbeatView, VenuesView } from '../schemas/venue.ts'
import type { InstrumentTerms } from '../src/domain/instrument.ts'
import type { Exchange, Venue } from '../src/port.ts'
import { findVenue } from './find.ts'

export interface VenuesOptions {
  readonly exchange: Exchange
  readonly settings: {
    /** Venues that only other doors trade on. */
    readonly closedVenues: ReadonlySet<string>
  }
}

/** What there is to trade. */
export const venues: FastifyPluginAsyncTypebox<VenuesOptions> = async (app, { exchange, settings }) => {
  const { closedVenues } = settings
  app.route({
    method: 'GET',
    url: '/heartbeat',
    schema: {
      operationId: 'heartbeat',
      summary: 'Is the service up?',
      description: 'Always the same reply: old clients compare it deeply.',
      tags: ['venues'],
      response: { 200: HeartbeatView },
    },
    handler: (): HeartbeatView => ({ ok: true, error: '' }),
  })
  app.route({
    method: 'GET',
    url: '/venues',
    schema: {
      operationId: 'listVenues',
      summary: 'All venues',
      description:
        'The venues of this exchange in the order of creation. The venue of a level is only shown to who plays it.',
      tags: ['venues'],
      response: { 200: VenuesView },
    },
    handler: (request) =>
      toVenuesView(
        [...exchange.venues()].filter(({ name }) => app.keys.maySee(request, name)),
        closedVenues,
      ),
  })
  app.route({
    method: 'GET',
    url: '/venues/:venue/heartbeat',
    schema: {
      operationId: 'venueHeartbeat',
      summary: 'Is a venue up?',
      description: 'Answers for every venue there is.',
      tags: ['venues'],
      params: VenuePath,
      response: { 200: VenueHeartbeatView },
    },
    config: { problems: ['bad_name', 'unknown_venue'] },
    handler: ({ params }): VenueHeartbeatView => ({
      ok: true,
      venue: findVenue(exchange, params.venue).name,
    }),
  })
  for (const [url, operationId] of [
    ['/venues/:venue/stocks', 'listStocks'],
    ['/venues/:venue', 'listStocksOfVenue'],
  ] as const) {
    app.route({
      method: 'GET',
      url,
      schema: {
        operationId,
        summary: 'The stocks of a venue',
        description: 'All stocks of the venue in the order of listing. Both paths give the same list.',
        tags: ['venues'],
        params: VenuePath,
        response: { 200: StocksView },
      },
      config: { problems: ['bad_name', 'unknown_venue'] },
      handler: ({ params }) => toStocksView(findVenue(exchange, params.venue)),
    })
  }
}

function toVenuesView(venues: Iterable<Venue>, closedVenues: ReadonlySet<string>): VenuesView {
  const list = Array.from(venues, ({ name, state }, i) => ({
    id: i + 1,
    name: `${name} Exchange`,
    state,
    venue: name,
    ...(closedVenues.has(name) && { readOnly: true as const }),
  }))
  return { ok: true, id: true, venues: list }
}

function toAssets(terms: InstrumentTerms) {
  const { tickSize, lotSize, base, quote } = terms
  const { base: baseUnit, quote: quoteUnit } = unitsOf(terms)
  return {
    tickSize,
    lotSize,
    base: { asset: base, ...(baseUnit !== undefined && { unit: baseUnit }) },
    quote: { asset: quote, ...(quoteUnit !== undefined && { unit: quoteUnit }) },
  }
}

function toStocksView(venue: Venue): StocksView {
  const symbols = Array.from(venue.instruments(), ({ symbol, terms }) => ({
    name: `${symbol} Inc`,
    symbol,
    ...(terms && toAssets(terms)),
  }))
  return { ok: true, symbols }
}
