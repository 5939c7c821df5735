import type { ChangeOf, ChannelName, SnapshotOf } from '../../schemas/feed.ts'
import type { FeedClient } from './feed.ts'
import { FeedBook } from './feed-book.ts'

type Message = SnapshotOf<ChannelName> | ChangeOf<ChannelName>
type Open = { readonly id: number; readonly price: number; readonly open: number }

/** What one subscription comes to, kept by its messages alone; it heals by asking for what it missed. */
export abstract class Mirror {
  seq = 0
  snapshots = 0
  missed = 0
  #client: FeedClient | undefined
  #healing = false
  readonly fields: { channel: ChannelName; [name: string]: unknown }

  constructor(fields: Mirror['fields']) {
    this.fields = fields
  }

  /** Follows another socket from here on. */
  async follow(client: FeedClient): Promise<void> {
    this.#client = client
    this.#healing = false
    await client.done('subscribe', { ...this.#key, ...(this.snapshots > 0 && { from: this.seq }) })
  }

  hear(message: Message): void {
    const { channel, depth } = message as { channel: string; depth?: number }
    if (channel !== this.fields.channel || depth !== this.fields.depth) return
    if (message.type === 'snapshot') {
      this.snapshots += 1
      if (message.missed === true) this.missed += 1
      this.begin(message)
    } else if (message.prev === this.seq) {
      this.apply(message)
    } else {
      void this.#heal()
      return
    }
    this.seq = message.seq
  }

  /** Until everything that there is has come. */
  async settle(): Promise<void> {
    do await this.#client?.sync()
    while (this.#healing)
    await this.#heal()
    await this.#client?.sync()
  }

  abstract begin(snapshot: Message): void
  abstract apply(change: Message): void

  get #key() {
    return { venue: 'TESTEX', symbol: 'FOOBAR', ...this.fields }
  }

  async #heal(): Promise<void> {
    if (this.#healing || this.#client === undefined) return
    this.#healing = true
    const client = this.#client
    try {
      const ended = client.done('unsubscribe', this.#key)
      // What comes until then belongs to the subscription that has a gap.
      await ended
      await client.done('subscribe', { ...this.#key, from: this.seq })
    } catch {
      // Cut meanwhile: the next socket goes on.
    }
    if (client === this.#client) this.#healing = false
  }
}

export class BookMirror extends Mirror {
  readonly book: FeedBook

  constructor(depth?: number) {
    super({ channel: 'book', ...(depth !== undefined && { depth }) })
    this.book = new FeedBook(depth)
  }

  begin(snapshot: SnapshotOf<'book'>): void {
    this.book.take(snapshot)
  }

  apply(change: ChangeOf<'book'>): void {
    this.book.take(change)
  }
}

export class OrdersMirror extends Mirror {
  #bids: Open[] = []
  #asks: Open[] = []

  constructor() {
    super({ channel: 'orders' })
  }

  get bids(): Open[] {
    return this.#bids
  }

  get asks(): Open[] {
    return this.#asks
  }

  begin({ bids, asks }: SnapshotOf<'orders'>): void {
    this.#bids = bids
    this.#asks = asks
  }

  apply({ orders }: ChangeOf<'orders'>): void {
    for (const { side, ...order } of orders) {
      if (side === 'buy') this.#bids = changed(this.#bids, order, (a, b) => a > b)
      else this.#asks = changed(this.#asks, order, (a, b) => a < b)
    }
  }
}

function changed(orders: Open[], order: Open, isBetter: (a: number, b: number) => boolean): Open[] {
  const at = orders.findIndex(({ id }) => id === order.id)
  if (order.open === 0) return orders.filter(({ id }) => id !== order.id)
  if (at !== -1) return orders.with(at, order)
  const behind = orders.findIndex(({ price }) => isBetter(order.price, price))
  return behind === -1 ? [...orders, order] : orders.toSpliced(behind, 0, order)
}

export class TradesMirror extends Mirror {
  readonly ids: number[] = []

  constructor() {
    super({ channel: 'trades' })
  }

  begin({ trades }: SnapshotOf<'trades'>): void {
    this.apply({ trades } as ChangeOf<'trades'>)
  }

  apply({ trades }: ChangeOf<'trades'>): void {
    this.ids.push(...trades.map(({ id }) => id))
  }
}
