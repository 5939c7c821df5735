import { isDeepStrictEqual } from 'node:util'
import type { OrderView } from '../../schemas/order.ts'
import type { OrdersView } from '../../schemas/orders.ts'
import { type Caller, createCaller } from './caller.ts'

/** Orders that a check reads at once. */
const page = 5000

type NewOrder = Readonly<Record<string, unknown>> & { readonly clientOrderId: string }

/** The server did not decide, or nobody knows whether it did. */
class Undecided extends Error {}

/**
 * An account that trades over one connection and remembers all that it was told. What was sent and not answered is
 * sent again, under the same client order id, before anything new.
 */
class Trader {
  readonly account: string
  /** Every order that was answered, by id, as the newest answer had it. */
  readonly known = new Map<number, OrderView>()
  /** Orders whose fate is not known, by client order id. */
  readonly unknown = new Map<string, NewOrder>()
  #caller: Caller | undefined
  #sent = 0
  #open: number[] = []

  constructor(account: string) {
    this.account = account
  }

  connect(url: string): void {
    this.#caller?.close()
    this.#caller = createCaller(url)
  }

  close(): void {
    this.#caller?.close()
  }

  /** Sends one request. Throws `Undecided` when it has no answer that decides. */
  async step(): Promise<void> {
    const [again] = this.unknown.values()
    if (again !== undefined) return this.#place(again)
    if (this.#open.length > 0 && Math.random() < 0.15) return this.#cancel()
    this.#sent += 1
    return this.#place({
      account: this.account,
      price: 4998 + Math.floor(Math.random() * 5),
      qty: 1 + Math.floor(Math.random() * 30),
      direction: Math.random() < 0.5 ? 'buy' : 'sell',
      orderType: Math.random() < 0.8 ? 'limit' : 'immediate-or-cancel',
      clientOrderId: `${this.account}-${this.#sent}`,
    })
  }

  /** Sends again what was not answered. */
  async settle(): Promise<void> {
    for (const order of this.unknown.values()) await this.#place(order)
  }

  /** The orders of the account as the server has them, those from id `from` on. Throws when any is not as was answered. */
  async check(from: number): Promise<OrderView[]> {
    const found = await this.#orders(from)
    const byId = new Map(found.map((order) => [order.id, order]))
    for (const [id, known] of this.known) {
      if (id >= from) checkOrder(byId.get(id), known)
    }
    return found
  }

  async #orders(from: number): Promise<OrderView[]> {
    let found: OrderView[] = []
    for (let before = Number.MAX_SAFE_INTEGER; before > from; before = found[0]?.id ?? 0) {
      const path = `/ob/api/venues/TESTEX/accounts/${this.account}/orders?limit=${page}&before=${before}`
      const { status, body } = await (this.#caller as Caller).get(path)
      if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`)
      const { orders, more } = body as OrdersView
      found = [...orders, ...found]
      if (more !== true) break
    }
    return found.filter(({ id }) => id >= from)
  }

  async #place(order: NewOrder): Promise<void> {
    this.unknown.set(order.clientOrderId, order)
    const view = await this.#decided((caller) => caller.place(order))
    this.unknown.delete(order.clientOrderId)
    if (view.clientOrderId !== order.clientOrderId) throw new Error(`not the answer: ${JSON.stringify(view)}`)
    const twice = this.known.get(view.id)
    if (twice !== undefined && twice.clientOrderId !== view.clientOrderId)
      throw new Error(`order ${view.id} is two`)
    this.#learn(view)
  }

  async #cancel(): Promise<void> {
    const [id] = this.#open.splice(Math.floor(Math.random() * this.#open.length), 1)
    const path = `/ob/api/venues/TESTEX/stocks/FOOBAR/orders/${id}`
    const view = await this.#decided((caller) => caller.call('DELETE', path))
    if (view.open) throw new Error(`order ${id} was canceled, and is open`)
    this.#learn(view)
  }

  #learn(view: OrderView): void {
    this.known.set(view.id, view)
    if (!view.open) return
    this.#open.push(view.id)
    if (this.#open.length > 100) this.#open.shift()
  }

  async #decided(send: (caller: Caller) => Promise<{ status: number; body: OrderView }>): Promise<OrderView> {
    const { status, body } = await send(this.#caller as Caller).catch((error: Error) => {
      throw new Undecided(error.message)
    })
    if (status === 503) throw new Undecided(JSON.stringify(body))
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
    return body
  }
}

/** Throws unless an order is there, and at least as far as it was said to be. */
function checkOrder(found: OrderView | undefined, known: OrderView): void {
  const { fills, totalFilled, qty, open, ...fixed } = known
  const fail = (what: string) => {
    throw new Error(
      `order ${known.id} ${what}: answered ${JSON.stringify(known)}, found ${JSON.stringify(found)}`,
    )
  }
  if (found === undefined) throw new Error(`order ${known.id} is lost`)
  if (!isDeepStrictEqual({ ...found, ...fixed }, found)) fail('is another')
  if (!isDeepStrictEqual(found.fills.slice(0, fills.length), fills)) fail('has other fills')
  if (found.totalFilled < totalFilled) fail('has lost fills')
  if (!open && (found.open || found.totalFilled !== totalFilled)) fail('is open again')
  if (found.open && found.qty !== found.originalQty - found.totalFilled) fail('does not add up')
}

export interface Traders {
  /** Orders that were answered so far. */
  readonly answered: number
  /** Orders whose fate is not known. */
  readonly unknown: number
  connect(url: string): void
  /** Trades until `enough` requests were answered, then runs `then`; goes on until nobody gets an answer any more. */
  trade(enough: number, then: () => void): Promise<void>
  /** Sends again what was not answered. */
  settle(): Promise<void>
  /**
   * Checks the orders from one id on: that all which were answered are there and none is twice. Throws when they are
   * not; the result is the newest order's id.
   */
  check(from?: number): Promise<number>
  close(): void
}

/** Accounts that trade with each other, each over a connection of its own. */
export function createTraders(count: number): Traders {
  const traders = Array.from({ length: count }, (_, i) => new Trader(`A${i}`))
  const sum = (of: 'known' | 'unknown') => traders.reduce((total, trader) => total + trader[of].size, 0)
  return {
    get answered() {
      return sum('known')
    },
    get unknown() {
      return sum('unknown')
    },
    connect(url) {
      for (const trader of traders) trader.connect(url)
    },
    async trade(enough, then) {
      let answers = 0
      const run = async (trader: Trader) => {
        for (;;) {
          try {
            await trader.step()
          } catch (error) {
            if (error instanceof Undecided) return
            throw error
          }
          answers += 1
          if (answers === enough) then()
        }
      }
      await Promise.all(traders.map(run))
    },
    async settle() {
      await Promise.all(traders.map((trader) => trader.settle()))
    },
    async check(from = 1) {
      const found = (await Promise.all(traders.map((trader) => trader.check(from)))).flat()
      const ids = found.map(({ id }) => id).sort((a, b) => a - b)
      const gap = ids.findIndex((id, i) => id !== from + i)
      if (gap !== -1) throw new Error(`the ids do not count up: ${ids[gap]} stands for ${from + gap}`)
      const clientIds = new Set(found.map(({ clientOrderId }) => clientOrderId))
      if (clientIds.size !== found.length) throw new Error('a client order id is there twice')
      if (from === 1) checkBalance(found)
      return ids.at(-1) ?? from - 1
    },
    close() {
      for (const trader of traders) trader.close()
    },
  }
}

/** Throws unless as much was bought as sold. */
function checkBalance(orders: readonly OrderView[]): void {
  const balance = orders.reduce(
    (sum, { direction, totalFilled }) => sum + (direction === 'buy' ? totalFilled : -totalFilled),
    0,
  )
  if (balance !== 0) throw new Error(`${balance} more were bought than sold`)
}
