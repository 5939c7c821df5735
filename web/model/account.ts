import {
  type AccountEvent,
  type Balance,
  type Message,
  type Order,
  type Side,
  type Snapshot,
  StockyardError,
  type Subscription,
  type Traded,
} from '../../sdk/index.ts'
import type { Trader } from './session.ts'
import { Watched } from './watched.ts'

export interface OpenOrder {
  readonly id: number
  readonly symbol: string
  readonly side: Side
  readonly orderType: Order['orderType']
  readonly price: number
  readonly quantity: number
  readonly open: number
  readonly time: string
}

export interface OwnFill {
  readonly key: string
  readonly symbol: string
  readonly orderId: number
  readonly side: Side
  readonly price: number
  readonly quantity: number
  readonly time: string
}

export interface Holding {
  readonly position: bigint
  /** Money in ticks × lots: sells less buys. */
  readonly cash: bigint
}

/** What is kept to be shown: fills, and open orders, of which the server tells the newest of as many at the start. */
const mostFills = 200
const mostOrders = 1000
/** Orders whose fills are asked for at the start. */
const ordersAtStart = 50

/** What an account has on a venue: its open orders, its newest fills, what it holds. */
export class Account extends Watched {
  readonly #trader: Trader
  readonly #venue: string
  readonly #subscription: Subscription<Message<'account'>>
  /** Oldest first. */
  #orders = new Map<number, OpenOrder>()
  #hasMore = false
  #holdings = new Map<string, Holding>()
  #balances = new Map<string, Balance>()
  #fills: readonly OwnFill[] = []
  #refusal: StockyardError | undefined

  constructor(trader: Trader, venue: string) {
    super()
    this.#trader = trader
    this.#venue = venue
    const key = { channel: 'account', venue, account: trader.account } as const
    this.#subscription = trader.feed.subscribe(key, (message) => {
      if (message.type === 'snapshot') this.#begin(message)
      else {
        for (const event of message.events) this.#learn(event)
        for (const balance of message.balances ?? []) this.#balances.set(balance.asset, balance)
      }
      this.changed()
    })
    void this.#subscription.ended.then((error) => {
      this.#refusal = error
      this.changed()
    })
  }

  belongsTo(trader: Trader | undefined, venue: string | undefined): boolean {
    return this.#trader === trader && this.#venue === venue
  }

  get name(): string {
    return this.#trader.account
  }

  get isKnown(): boolean {
    return this.#subscription.seq !== undefined
  }

  /** Why the server tells nothing of it. */
  get refusal(): StockyardError | undefined {
    return this.#refusal
  }

  /** Newest first. */
  get orders(): readonly OpenOrder[] {
    return [...this.#orders.values()].reverse()
  }

  /** Whether there are open orders that are older than those. */
  get hasMore(): boolean {
    return this.#hasMore
  }

  /** Newest first. */
  get fills(): readonly OwnFill[] {
    return this.#fills
  }

  holding(symbol: string): Holding {
    return this.#holdings.get(symbol) ?? { position: 0n, cash: 0n }
  }

  /** What it has of an asset, where accounts hold money; undefined before it has an account there. */
  balance(asset: string): Balance | undefined {
    return this.#balances.get(asset)
  }

  /** Own open lots in a book, by side and price. */
  openLots(symbol: string): ReadonlyMap<string, number> {
    const lots = new Map<string, number>()
    for (const { symbol: of, side, price, open } of this.#orders.values()) {
      if (of === symbol) lots.set(`${side} ${price}`, (lots.get(`${side} ${price}`) ?? 0) + open)
    }
    return lots
  }

  close(): void {
    this.#subscription.close()
  }

  #begin({ orders, more, positions, balances }: Snapshot<'account'>): void {
    this.#hasMore = more
    this.#balances = new Map(balances.map((balance) => [balance.asset, balance]))
    this.#orders = new Map(orders.map((order) => [order.id, order]))
    this.#holdings = new Map(
      positions.map(({ symbol, position, cash }) => [
        symbol,
        { position: BigInt(position), cash: BigInt(cash) },
      ]),
    )
    void this.#loadFills()
  }

  #learn(event: AccountEvent): void {
    const { orderId: id, symbol, time } = event
    const order = this.#orders.get(id)
    switch (event.type) {
      case 'accepted': {
        const { side, orderType = 'limit', price = 0, quantity = 0 } = event
        if (side === undefined) return
        this.#orders.set(id, { id, symbol, side, orderType, price, quantity, open: quantity, time })
        this.#forgetOldest()
        return
      }
      case 'replaced': {
        const { price, quantity, open } = event
        if (order !== undefined) this.#orders.set(id, { ...order, price, quantity, open })
        return
      }
      case 'reduced':
        if (order !== undefined) this.#orders.set(id, { ...order, open: event.open })
        return
      case 'closed':
        this.#orders.delete(id)
        return
      case 'traded':
        if (order !== undefined) this.#orders.set(id, { ...order, open: event.open })
        this.#book(event)
        return
      default:
        // Something that a later server says.
        event satisfies never
    }
  }

  /** Bots may have very many: the market is not drawn more slowly for it. */
  #forgetOldest(): void {
    const [oldest] = this.#orders.keys()
    if (this.#orders.size <= mostOrders || oldest === undefined) return
    this.#orders.delete(oldest)
    this.#hasMore = true
  }

  /** Moves shares and money by one match. */
  #book({ tradeId, orderId, symbol, side, price, quantity, time }: Traded): void {
    const sign = side === 'buy' ? 1n : -1n
    const { position, cash } = this.holding(symbol)
    this.#holdings.set(symbol, {
      position: position + sign * BigInt(quantity),
      cash: cash - sign * BigInt(price) * BigInt(quantity),
    })
    const fill = { key: `${tradeId} ${orderId}`, symbol, orderId, side, price, quantity, time }
    this.#fills = [fill, ...this.#fills].slice(0, mostFills)
  }

  /** The fills of the newest orders. What the feed has told up to the newest of them is among them. */
  async #loadFills(): Promise<void> {
    try {
      const of = { venue: this.#venue, account: this.name }
      const { orders } = await this.#trader.rest.orders(of, { limit: ordersAtStart })
      const loaded = orders
        .flatMap(({ id, symbol, direction, fills }) =>
          fills.map(
            ({ price, qty, ts }, i): OwnFill => ({
              key: `${id} ${i}`,
              symbol,
              orderId: id,
              side: direction,
              price,
              quantity: qty,
              time: ts,
            }),
          ),
        )
        .sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0))
      const newest = loaded[0]?.time ?? ''
      const later = this.#fills.filter(({ time }) => time > newest)
      this.#fills = [...later, ...loaded].slice(0, mostFills)
      this.changed()
    } catch (error) {
      // Only old fills are missing; new ones come by the feed.
      if (!(error instanceof StockyardError)) throw error
    }
  }
}
