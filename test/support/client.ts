import type { FastifyInstance } from 'fastify'

/** Where FOOBAR of TESTEX is. */
export const foobar = '/ob/api/venues/TESTEX/stocks/FOOBAR'

/** Parsed JSON; tests look at what they expect in it. */
type Json = ReturnType<typeof JSON.parse>

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  /** The parsed body; undefined where it is no JSON. */
  readonly body: Json
}

type Headers = Readonly<Record<string, string>>

/** Sends requests to an app. `headers` go with each of them. */
export function createClient(app: FastifyInstance, headers: Headers = {}) {
  async function send(
    method: string,
    url: string,
    body?: string | Buffer | object,
    more: Headers = {},
  ): Promise<Reply> {
    const payload = typeof body === 'object' && !Buffer.isBuffer(body) ? JSON.stringify(body) : body
    const reply = await app.inject({
      method: method as 'GET',
      url,
      headers: { ...headers, ...more },
      ...(payload !== undefined && { payload }),
    })
    const json = `${reply.headers['content-type']}`.startsWith('application/json') && reply.body !== ''
    return {
      status: reply.statusCode,
      headers: reply.headers,
      text: reply.body,
      body: json ? JSON.parse(reply.body) : undefined,
    }
  }
  const place = (order: object = {}, stock = foobar) => send('POST', `${stock}/orders`, newOrder(order))
  return {
    send,
    place,
    get: (url: string, more?: Headers) => send('GET', url, undefined, more),
    /** Places an order that has to be taken; gives the order. */
    placed: (order: object = {}, stock = foobar) => placedBy(place(order, stock)),
    buy: (price: number, qty: number, more: object = {}, stock = foobar) =>
      placedBy(place({ price, qty, direction: 'buy', ...more }, stock)),
    sell: (price: number, qty: number, more: object = {}, stock = foobar) =>
      placedBy(place({ price, qty, direction: 'sell', account: 'SELLER', ...more }, stock)),
    status: (id: number, stock = foobar) => send('GET', `${stock}/orders/${id}`),
    cancel: (id: number, stock = foobar) => send('DELETE', `${stock}/orders/${id}`),
    quote: async (stock = foobar): Promise<Json> => (await send('GET', `${stock}/quote`)).body,
    book: async (stock = foobar): Promise<Json> => (await send('GET', stock)).body,
  }
}

async function placedBy(reply: Promise<Reply>): Promise<Json> {
  const { status, body, text } = await reply
  if (status !== 200 || body?.ok !== true) throw new Error(`refused: ${text}`)
  return body
}

/** A limit order to buy 100 at 5000, with some fields changed; undefined leaves one out. */
export function newOrder(changes: object = {}): object {
  return { account: 'EXB123456', price: 5000, qty: 100, direction: 'buy', orderType: 'limit', ...changes }
}
