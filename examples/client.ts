import { setTimeout as sleep } from 'node:timers/promises'
import WebSocket from 'ws'

/** A small client of the exchange: one symbol, one account. Prices are whole cents. */

export type Direction = 'buy' | 'sell'

export interface Order {
  readonly id: number
  readonly direction: Direction
  readonly price: number
  readonly originalQty: number
  /** What can still trade; 0 once the order is closed. */
  readonly qty: number
  readonly totalFilled: number
  readonly open: boolean
  readonly fills: readonly { readonly price: number; readonly qty: number }[]
}

/** A side without orders has no price, and before the first trade there is no `last`. */
export interface Quote {
  readonly bid?: number
  readonly ask?: number
  readonly last?: number
}

/** One fill of one of our orders, and that order as it stood just after it. */
export interface Execution {
  readonly order: Order
  readonly price: number
  readonly filled: number
  /** The order that arrived and met the other one. */
  readonly incomingId: number
}

export interface Access {
  readonly url: string
  readonly venue: string
  readonly symbol: string
  readonly account: string
  /** Needed where the exchange runs with an accounts file. */
  readonly key: string | undefined
}

export class Client {
  readonly #access: Access
  readonly #base: string
  readonly #headers: Record<string, string>

  constructor(access: Access) {
    this.#access = access
    this.#base = `${access.url.replace(/\/+$/, '')}/ob/api`
    this.#headers = access.key === undefined ? {} : { 'X-Starfighter-Authorization': access.key }
  }

  quote(): Promise<Quote> {
    return this.#call('GET', '/quote')
  }

  place(direction: Direction, price: number, qty: number): Promise<Order> {
    return this.#call('POST', '/orders', {
      account: this.#access.account,
      price,
      qty,
      direction,
      orderType: 'limit',
    })
  }

  status(id: number): Promise<Order> {
    return this.#call('GET', `/orders/${id}`)
  }

  /** Ends an order. That it was closed before is no error: the answer is the order, with all that it traded. */
  cancel(id: number): Promise<Order> {
    return this.#call('DELETE', `/orders/${id}`)
  }

  /**
   * Follows the fills of the account until `stop`. Done when connected; a connection lost later is made again.
   * `connected` runs each time: what was missed in between is not sent again, so look after your orders there.
   */
  async executions(stop: AbortSignal, connected: () => void, fill: (execution: Execution) => void) {
    const { account, venue, symbol } = this.#access
    const url = `${this.#base.replace(/^http/, 'ws')}/ws/${account}/venues/${venue}/executions/stocks/${symbol}`
    const connect = async () => {
      const socket = new WebSocket(url, { headers: this.#headers })
      await new Promise<void>((resolve, reject) => {
        socket.once('open', resolve)
        socket.once('error', (error) => reject(new Error(`cannot follow the executions: ${error.message}`)))
      })
      const close = () => socket.close()
      stop.addEventListener('abort', close)
      socket.on('error', () => {}) // a close follows
      socket.on('message', (text) => fill(JSON.parse(text.toString())))
      socket.on('close', () => {
        stop.removeEventListener('abort', close)
        void connectAgain()
      })
      if (stop.aborted) close()
      connected()
    }
    const connectAgain = async () => {
      while (!stop.aborted) {
        try {
          await sleep(1000, undefined, { signal: stop })
          return await connect()
        } catch (error) {
          if (!stop.aborted) console.error(error instanceof Error ? error.message : error)
        }
      }
    }
    await connect()
  }

  async #call<T>(method: string, path: string, body?: object): Promise<T> {
    const { venue, symbol, url } = this.#access
    const response = await fetch(`${this.#base}/venues/${venue}/stocks/${symbol}${path}`, {
      method,
      headers: body === undefined ? this.#headers : { ...this.#headers, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error: Error) => {
      const reason = error.cause instanceof Error ? error.cause.message : error.message
      throw new Error(`cannot reach the exchange at ${url} (${reason}); is it running?`)
    })
    const answer = (await response.json().catch(() => {
      throw new Error(`${url} did not answer with JSON (status ${response.status}); is it the exchange?`)
    })) as T & { ok?: boolean; error?: string }
    if (answer.ok !== true) throw new Error(`${method} ${path}: ${answer.error} (status ${response.status})`)
    return answer
  }
}
