import { StockyardError } from './errors.ts'
import type { Feed } from './feed.ts'
import type { Rest, RestOrder, RestOrderType } from './rest.ts'
import { type Backoff, systemTimers, type Timers, waitMs } from './surroundings.ts'
import type { Order, Side, Stock, TimeInForce } from './types.ts'

/** An order to place. */
export interface NewOrder extends Stock {
  readonly account: string
  readonly side: Side
  readonly quantity: number
  /** The worst acceptable price in ticks. Without one it is a market order. */
  readonly price?: number
  /** What becomes of what does not trade at once: `gtc` if absent, and `ioc` for a market order. */
  readonly timeInForce?: TimeInForce
  /** Made up if absent. The same order again under it places nothing. */
  readonly clientOrderId?: string
}

/** What an open limit order shall be. */
export interface NewTerms extends Stock {
  readonly id: number
  readonly price: number
  /** The total: what is filled already counts, and when that is all of it the order closes. */
  readonly quantity: number
}

type Placed = NewOrder & { readonly clientOrderId: string }
interface OfAccount {
  readonly venue: string
  readonly account: string
  readonly symbol?: string
}

/** A way to the server. */
interface Way {
  /** Resolves when something can be sent. */
  ready(withinMs: number): Promise<void>
  place(order: Placed): Promise<Order>
  cancel(order: Stock & { readonly id: number }): Promise<Order | undefined>
  replace(order: NewTerms): Promise<Order>
  /** Some of the open orders; tells whether there are more. */
  cancelSome(of: OfAccount): Promise<{ more: boolean }>
}

export interface OrdersOptions {
  /** Which way orders go: calls, or the socket. */
  readonly by: Rest | Feed
  /** How often a request is sent at most; 8 times if absent. */
  readonly attempts?: number
  /** How long after the first time it may still be sent: a late order is worse than none. 30 seconds if absent. */
  readonly withinMs?: number
  /** Between them; from a tenth of a second to 5 seconds if absent. */
  readonly backoff?: Backoff
  /**
   * Has the orders that are placed here canceled when the connection is lost for so long, a restart of the server
   * included. Only by the socket.
   */
  readonly cancelOnDisconnect?: { readonly graceMs: number }
  readonly timers?: Timers
  readonly random?: () => number
  /** Makes client order ids: at most 36 printable characters, and each only once in an account. */
  readonly nextId?: () => string
}

/**
 * Order entry that may be cut off at any moment. Each order has a client order id, which the server remembers: what
 * failed in a way that leaves open whether it was done is sent again, and is done once.
 */
export class Orders {
  readonly #way: Way
  readonly #attempts: number
  readonly #withinMs: number
  readonly #backoff: Backoff
  readonly #timers: Timers
  readonly #random: () => number
  readonly #nextId: () => string

  constructor(options: OrdersOptions) {
    const { by } = options
    const { cancelOnDisconnect } = options
    if (cancelOnDisconnect !== undefined && !('subscribe' in by)) throw onlyBySocket()
    this.#way = 'subscribe' in by ? bySocket(by, cancelOnDisconnect) : byRest(by)
    this.#attempts = options.attempts ?? 8
    this.#withinMs = options.withinMs ?? 30_000
    this.#backoff = options.backoff ?? { firstMs: 100, mostMs: 5000 }
    this.#timers = options.timers ?? systemTimers
    this.#random = options.random ?? Math.random
    this.#nextId = options.nextId ?? createIds()
  }

  /** The order as it is after it traded what it could. Throws a `StockyardError` when it was refused. */
  place(order: NewOrder): Promise<Order> {
    const placed = { ...order, clientOrderId: order.clientOrderId ?? this.#nextId() }
    return this.#persist(() => this.#way.place(placed))
  }

  /** The order after it; undefined when it was closed before, and the socket does not say how. */
  cancel(order: Stock & { readonly id: number }): Promise<Order | undefined> {
    return this.#persist(() => this.#way.cancel(order))
  }

  /**
   * Gives an open limit order another price and total quantity, and resolves with it as it is then. With no more lots
   * at the same price it keeps its place, so sending it again costs nothing. Only by the socket.
   */
  replace(order: NewTerms): Promise<Order> {
    return this.#persist(() => this.#way.replace(order))
  }

  /** Cancels all open orders of an account, in all stocks or in one. */
  async cancelAll(of: OfAccount): Promise<void> {
    for (;;) {
      const { more } = await this.#persist(() => this.#way.cancelSome(of))
      if (!more) return
    }
  }

  /** An error says `unknown` when any try may have been done, however the last one ended. */
  async #persist<T>(send: () => Promise<T>): Promise<T> {
    let isLate = false
    let unknown: StockyardError | undefined
    const late = this.#timers.setTimeout(() => {
      isLate = true
    }, this.#withinMs)
    try {
      for (let attempt = 0; ; attempt += 1) {
        try {
          await this.#way.ready(this.#withinMs)
          if (isLate) throw new StockyardError('timeout', 'It is too late to send it', { outcome: 'refused' })
          return await send()
        } catch (error) {
          if (!(error instanceof StockyardError)) throw error
          if (error.outcome === 'unknown') unknown = error
          if (error.reason === 'closed') throw unknown ?? error
          if (!error.isTemporary) throw error
          if (isLate || attempt + 1 >= this.#attempts) throw unknown ?? error
          await this.#wait(attempt)
        }
      }
    } finally {
      this.#timers.clearTimeout(late)
    }
  }

  #wait(attempt: number): Promise<void> {
    const ms = waitMs(this.#backoff, attempt, this.#random)
    return new Promise((resolve) => void this.#timers.setTimeout(resolve, ms))
  }
}

function bySocket(feed: Feed, cancelOnDisconnect: OrdersOptions['cancelOnDisconnect']): Way {
  const session = uniquePrefix()
  return {
    ready: (withinMs) => feed.opened(withinMs),
    async place({ price, ...order }) {
      const { venue, account } = order
      if (cancelOnDisconnect !== undefined) await feed.arm({ venue, account, session, ...cancelOnDisconnect })
      const terms = price === undefined ? { orderType: 'market' } : { orderType: 'limit', price }
      return (await feed.request('place', { ...order, ...terms })).order as Order
    },
    async cancel({ venue, id: orderId }) {
      try {
        return (await feed.request('cancel', { venue, orderId })).order
      } catch (error) {
        if (error instanceof StockyardError && error.reason === 'order_closed') return undefined
        throw error
      }
    },
    async replace({ venue, id: orderId, price, quantity }) {
      return (await feed.request('replace', { venue, orderId, price, quantity })).order as Order
    },
    async cancelSome({ venue, account, symbol }) {
      const of = { venue, account, ...(symbol !== undefined && { symbol }) }
      const { more = false } = await feed.request('cancel-all', of)
      return { more }
    },
  }
}

/** Orders that are canceled between two looks at what is open. */
const cancelsAtOnce = 100

function byRest(rest: Rest): Way {
  return {
    ready: async () => {},
    async place({ account, side, quantity, price, timeInForce, clientOrderId, ...stock }) {
      const order = await rest.place(stock, {
        account,
        direction: side,
        qty: quantity,
        ...(price !== undefined && { price }),
        orderType: price === undefined ? 'market' : orderTypes[timeInForce ?? 'gtc'],
        clientOrderId,
      })
      return toOrder(order)
    },
    cancel: async (order) => toOrder(await rest.cancel(order)),
    async replace() {
      throw onlyBySocket()
    },
    async cancelSome(of) {
      const { orders, more } = await rest.orders(of, { open: true, limit: cancelsAtOnce })
      for (const { venue, symbol, id } of orders) await rest.cancel({ venue, symbol, id })
      return { more }
    },
  }
}

function onlyBySocket(): StockyardError {
  return new StockyardError('not_supported', 'Calls cannot do this, the socket can: use `by: feed`')
}

const orderTypes: Readonly<Record<TimeInForce, RestOrderType>> = {
  gtc: 'limit',
  ioc: 'immediate-or-cancel',
  fok: 'fill-or-kill',
}

const timesInForce: Readonly<Record<RestOrderType, TimeInForce>> = {
  limit: 'gtc',
  market: 'ioc',
  'immediate-or-cancel': 'ioc',
  'fill-or-kill': 'fok',
}

/** An order of the REST API in the words of the socket. */
export function toOrder(order: RestOrder): Order {
  const { id, venue, symbol, account, direction, orderType, price, originalQty, qty, totalFilled, ts } = order
  return {
    id,
    venue,
    symbol,
    account,
    side: direction,
    orderType: orderType === 'market' ? 'market' : 'limit',
    timeInForce: timesInForce[orderType],
    price,
    quantity: originalQty,
    open: qty,
    filled: totalFilled,
    fills: order.fills.map((fill) => ({ price: fill.price, quantity: fill.qty, time: fill.ts })),
    ...(order.fillsOmitted !== undefined && { fillsOmitted: order.fillsOmitted }),
    time: ts,
    ...(order.clientOrderId !== undefined && { clientOrderId: order.clientOrderId }),
  }
}

function uniquePrefix(): string {
  return crypto.randomUUID().slice(0, 23).replaceAll('-', '')
}

/** Ids that no other program makes, whenever it runs. */
function createIds(): () => string {
  const prefix = uniquePrefix()
  let count = 0
  return () => {
    count += 1
    return `${prefix}-${count.toString(36)}`
  }
}
