import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { ErrorView, Problem, type ProblemKind } from '../../schemas/errors.ts'
import { OrderView } from '../../schemas/order.ts'
import { QuoteView } from '../../schemas/quote.ts'
import type { SharedName } from '../../schemas/types.ts'
import { contentSecurity } from './pages.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route can refuse, for the document. */
    problems?: readonly ProblemKind[]
    /** The route also answers with a page. */
    html?: boolean
  }
  interface FastifyInstance {
    /** The `security` of routes that need a key. */
    readonly keySecurity: readonly Record<string, readonly string[]>[]
  }
}

const shared: Readonly<Record<SharedName, object>> = {
  Error: ErrorView,
  Order: OrderView,
  Quote: QuoteView,
}

/** Every route can fail like this. */
const always: readonly ProblemKind[] = ['bad_url', 'bad_request', 'rate_limited', 'internal_error']

/** Describes all routes that are added from now on: the document at /docs/json, and a page to try them at /docs. */
export async function addOpenApi(app: FastifyInstance): Promise<void> {
  app.decorate(
    'keySecurity',
    Object.keys(securitySchemes).map((name) => ({ [name]: [] })),
  )
  for (const [name, schema] of Object.entries(shared)) app.addSchema({ ...schema, $id: name })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Stockyard: the Stockfighter API',
        version: '1',
        description:
          'Prices are whole cents, quantities whole shares, times UTC. On a venue where accounts hold money they are whole ticks and lots, and the list of its stocks says what those are. Every reply is a JSON object with `ok`; when it is false, `error` says why for people and `reason` for programs.',
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'venues', description: 'What there is to trade.' },
        { name: 'stocks', description: 'What a stock trades at.' },
        { name: 'orders', description: 'Placing, reading and canceling orders.' },
        { name: 'streams', description: 'Fills and quotes as they come, over websockets.' },
        { name: 'game master', description: 'Enough of the game for its clients to start.' },
        { name: 'operation', description: 'For those who run the server.' },
      ],
      components: { securitySchemes },
    },
    refResolver: { buildLocalReference: ({ $id }, _base, _fragment, i) => `${$id ?? `schema-${i}`}` },
    transform: ({ schema, url, route }) => ({ schema: describe(schema as Schema, route), url }) as never,
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: contentSecurity,
    // Without the bar on top: it carries somebody else's name, and offers to open other documents.
    theme: { title: 'Stockyard: the API' },
    uiConfig: { layout: 'BaseLayout', validatorUrl: null, persistAuthorization: false },
  })
}

const securitySchemes = {
  starfighter: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Starfighter-Authorization',
    description: "The account's key. Comes first.",
  },
  stockfighter: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Stockfighter-Authorization',
    description: "The account's key. Comes second.",
  },
  cookie: { type: 'apiKey', in: 'cookie', name: 'api_key', description: "The account's key. Comes third." },
} as const

interface Schema {
  readonly hide?: boolean
  readonly response?: Readonly<Record<string, { $ref?: string }>>
}

/** Adds every error answer of a route, with an example of each. */
function describe(schema: Schema | undefined, route: RouteOptions): Schema {
  if (schema === undefined || schema.hide === true) return { hide: true }
  const { problems = [], html } = route.config ?? {}
  const response = Object.fromEntries(
    Object.entries(schema.response ?? {}).map(([status, s]) => [status, withExample(s)]),
  )
  for (const [status, kinds] of byStatus([...problems, ...always])) response[status] = toResponse(kinds)
  if (html === true) {
    response['200'] = withPage(response['200'] as PageSchema)
    Object.assign((response['404'] as { content: object }).content, page)
  }
  return { ...schema, response }
}

/** A reference cannot carry the example of what it refers to. */
function withExample(schema: { $ref?: string }): object {
  const view = shared[schema.$ref?.slice(0, -1) as SharedName] as PageSchema | undefined
  if (view === undefined) return schema
  const { description, examples: [example] = [] } = view
  return { description, content: { 'application/json': { schema, example } } }
}

function byStatus(kinds: readonly ProblemKind[]): Map<number, ProblemKind[]> {
  const grouped = new Map<number, ProblemKind[]>()
  for (const kind of new Set(kinds)) {
    const { status } = new Problem(kind)
    const number = status === 'bad-order' ? 400 : status
    grouped.set(number, [...(grouped.get(number) ?? []), kind])
  }
  return new Map([...grouped].sort(([a], [b]) => a - b))
}

function toResponse(kinds: readonly ProblemKind[]): object {
  const examples = kinds.map((kind) => [kind, { value: exampleOf(kind) }] as const)
  return {
    description: [...new Set(examples.map(([, { value }]) => `\`${value.reason}\``))].join(', '),
    content: {
      'application/json': { schema: { $ref: 'Error#' }, examples: Object.fromEntries(examples) },
    },
  }
}

const exampleValues = {
  venue: 'NOPE',
  symbol: 'XYZ',
  id: 1660,
  highest: 1650,
  account: 'EXB123456',
  allow: 'GET, HEAD',
}
const exampleFields: Partial<Record<ProblemKind, string>> = {
  bad_name: 'venue',
  bad_level: 'level',
  bad_id: 'id',
  bad_query: 'limit',
  url_mismatch: 'stock',
  missing_field: 'qty',
  wrong_type: 'account',
  bad_value: 'qty',
  client_order_id_conflict: 'clientOrderId',
  unknown_account: 'account',
  quantity_too_small: 'qty',
  wrong_side_of_reference: 'price',
}

function exampleOf(kind: ProblemKind): ErrorView {
  const field = exampleFields[kind]
  const problem = new Problem(kind, { ...exampleValues, ...(field !== undefined && { field }) })
  const outcome = problem.status === 503 ? { outcome: 'refused' as const } : {}
  return { ...problem.toView(), ...outcome }
}

interface PageSchema {
  readonly description?: string
  readonly examples?: readonly unknown[]
}

const page = {
  'text/html': { schema: { type: 'string', description: 'Columns of text in a `pre` element.' } },
}

function withPage(schema: PageSchema): object {
  const { examples: [example] = [], ...rest } = schema
  return {
    description: schema.description,
    content: {
      'application/json': { schema: rest, example },
      ...page,
    },
  }
}
