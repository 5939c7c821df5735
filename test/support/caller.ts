import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'

/** Parsed JSON; tests look at what they expect in it. */
type Json = ReturnType<typeof JSON.parse>

export interface Answer {
  readonly status: number
  readonly body: Json
}

/** Calls a server's API over one connection, which is kept. */
export interface Caller {
  /** Rejects when the connection breaks before the whole answer is there. */
  call(method: string, path: string, body?: object): Promise<Answer>
  get(path: string): Promise<Answer>
  /** Places an order on FOOBAR of TESTEX: to buy 10 at 5000, but for what is given. */
  place(order?: object): Promise<Answer>
  close(): void
}

const orders = '/ob/api/venues/TESTEX/stocks/FOOBAR/orders'

export function createCaller(url: string): Caller {
  const { hostname, port } = new URL(url)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const call = async (method: string, path: string, body?: object): Promise<Answer> => {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const headers = text === undefined ? {} : { 'Content-Length': Buffer.byteLength(text) }
    const sent = request({ hostname, port, path, method, agent, headers }).end(text)
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    let answer = ''
    response.setEncoding('utf8')
    for await (const chunk of response) answer += chunk
    return { status: response.statusCode ?? 0, body: JSON.parse(answer) }
  }
  return {
    call,
    get: (path) => call('GET', path),
    place: (order = {}) =>
      call('POST', orders, {
        ...{ account: 'A', price: 5000, qty: 10, direction: 'buy', orderType: 'limit' },
        ...order,
      }),
    close: () => agent.destroy(),
  }
}
