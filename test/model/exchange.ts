import type {
  Cancel,
  Command,
  CreateVenue,
  ListInstrument,
  Place,
  SetLimits,
} from '../../src/domain/command.ts'
import type { Event } from '../../src/domain/event.ts'
import type { CloseReason, OrderType, Side, TimeInForce } from '../../src/domain/order.ts'
import type { RejectReason } from '../../src/domain/reject.ts'
import type { Lots, Ticks } from '../../src/domain/units.ts'
import type { Limits, VenueLimits, VenueRules } from '../../src/domain/venue.ts'

/** An order, open or closed; the model forgets none. */
export interface ModelOrder {
  readonly venue: string
  readonly symbol: string
  readonly id: number
  readonly account: string
  readonly side: Side
  readonly orderType: OrderType
  readonly timeInForce: TimeInForce
  readonly price: number
  readonly quantity: number
  readonly clientOrderId: string | undefined
  open: number
  filled: number
  canceled: number
  status: 'open' | 'filled' | 'canceled'
  /** Why it closed; undefined while it is open. */
  reason: CloseReason | undefined
  /** Which of the venue's orders it was to close: 1, 2, 3 …; 0 while it is open. */
  closedAt: number
}

export interface ModelFill {
  readonly venue: string
  readonly symbol: string
  readonly tradeId: number
  readonly price: number
  readonly quantity: number
  readonly maker: ModelOrder
  readonly taker: ModelOrder
}

/** One side of a quote: the best price, the lots there, the lots at all prices. */
export interface ModelBest {
  readonly price: number | undefined
  readonly size: number
  readonly depth: number
}

export interface ModelQuote {
  readonly bid: ModelBest
  readonly ask: ModelBest
  /** The last single match; undefined before the first. */
  readonly last: { readonly price: number; readonly quantity: number } | undefined
}

/** What an account made of its trades in one book. Trades with itself move nothing, but make it known. */
export interface ModelScore {
  readonly account: string
  readonly cents: bigint
  readonly shares: bigint
  readonly min: bigint
  readonly max: bigint
}

interface ModelVenue {
  readonly name: string
  readonly rules: VenueRules
  limits: VenueLimits
  readonly symbols: string[]
  readonly orders: ModelOrder[]
  readonly fills: ModelFill[]
  readonly accounts: string[]
  /** Orders whose client order id still means them. */
  remembered: ModelOrder[]
  closed: number
}

/** One thing that will happen when an order meets the other side. */
type Step =
  | { readonly kind: 'trade'; readonly maker: ModelOrder; readonly quantity: number }
  | { readonly kind: 'decrement'; readonly maker: ModelOrder; readonly quantity: number }
  | { readonly kind: 'cancel-maker'; readonly maker: ModelOrder }
  | { readonly kind: 'cancel-taker' }

/** Refuses the command that is being applied. */
class Refusal extends Error {
  readonly reason: RejectReason

  constructor(reason: RejectReason) {
    super(reason)
    this.reason = reason
  }
}

/**
 * The exchange as its rules read, with no thought for speed: the oracle of the engine.
 *
 * It keeps one list of orders a venue and works everything out from it: who stands in a book, what a quote says and
 * what an account is worth are filters and sums over that list. An order is planned before it is placed: the plan
 * says what will happen step by step, and a fill-or-kill order or a full book is decided by looking at the plan.
 */
export class ModelExchange {
  readonly #venues: ModelVenue[] = []
  #limits: Limits = {
    books: 100,
    accounts: 5_000,
    openOrdersPerAccount: 200_000,
    openOrders: 2_000_000,
    closedOrders: 100_000,
  }

  /** Applies a command and says what happened, in order. */
  apply(command: Command): Event[] {
    try {
      return this.#decide(command)
    } catch (refusal) {
      if (refusal instanceof Refusal) return [{ type: 'rejected', reason: refusal.reason }]
      throw refusal
    }
  }

  /** The names of all venues, in the order of their making. */
  venues(): string[] {
    return this.#venues.map((venue) => venue.name)
  }

  /** The symbols of a venue, in the order of listing. */
  symbols(venue: string): string[] {
    return [...(this.#find(venue)?.symbols ?? [])]
  }

  /** Copies of the resting orders of a book, in the order in which they would trade. */
  book(venue: string, symbol: string): { bids: ModelOrder[]; asks: ModelOrder[] } {
    const orders = this.#find(venue)?.orders ?? []
    return {
      bids: resting(orders, symbol, 'buy').map((order) => ({ ...order })),
      asks: resting(orders, symbol, 'sell').map((order) => ({ ...order })),
    }
  }

  quote(venue: string, symbol: string): ModelQuote {
    const { bids, asks } = this.book(venue, symbol)
    const last = this.fills(venue, symbol).at(-1)
    return {
      bid: bestOf(bids),
      ask: bestOf(asks),
      last: last && { price: last.price, quantity: last.quantity },
    }
  }

  /** A copy of one order, or undefined when the venue never had it. */
  order(venue: string, id: number): ModelOrder | undefined {
    return this.orders(venue).find((order) => order.id === id)
  }

  /** Copies of all orders that a venue ever had, by id. */
  orders(venue: string): ModelOrder[] {
    return (this.#find(venue)?.orders ?? []).map((order) => ({ ...order }))
  }

  /** All matches of a book, the oldest first. */
  fills(venue: string, symbol: string): ModelFill[] {
    return (this.#find(venue)?.fills ?? []).filter((fill) => fill.symbol === symbol)
  }

  /** The score of everybody who traded in a book, in the order of first appearance (the maker before the taker). */
  scores(venue: string, symbol: string): ModelScore[] {
    const fills = this.fills(venue, symbol)
    const names = new Set(fills.flatMap(({ maker, taker }) => [maker.account, taker.account]))
    return [...names].map((name) => scoreOf(name, fills))
  }

  #decide(command: Command): Event[] {
    switch (command.type) {
      case 'create-venue':
        return this.#createVenue(command)
      case 'list-instrument':
        return this.#listInstrument(command)
      case 'set-limits':
        return this.#setLimits(command)
      case 'place':
        return this.#place(command)
      case 'cancel':
        return this.#cancel(command)
      default:
        throw new Error(`the model does not know ${command.type}`)
    }
  }

  #createVenue({ venue, rules }: CreateVenue): Event[] {
    if (this.#find(venue)) throw new Refusal('venue_exists')
    return this.#makeVenue(venue, rules)
  }

  #listInstrument({ venue: name, symbol }: ListInstrument): Event[] {
    const venue = this.#known(name)
    if (venue.symbols.includes(symbol)) throw new Refusal('symbol_exists')
    this.#checkRoomForBook()
    return this.#makeBook(name, symbol)
  }

  #setLimits({ venue: name, limits }: SetLimits): Event[] {
    if (name === undefined) {
      this.#limits = { ...this.#limits, ...limits }
      return [{ type: 'limits-set', venue: undefined, limits: { ...this.#limits } }]
    }
    const venue = this.#known(name)
    const { books: _, ...own } = limits
    venue.limits = { ...venue.limits, ...own }
    forgetOld(venue)
    return [{ type: 'limits-set', venue: name, limits: { ...venue.limits } }]
  }

  #cancel({ venue: name, orderId }: Cancel): Event[] {
    const venue = this.#known(name)
    const order = venue.orders.find((one) => one.id === orderId)
    if (order === undefined) throw new Refusal('unknown_order')
    if (order.status !== 'open') throw new Refusal('order_closed')
    return [close(venue, order, 'user', true)]
  }

  #place(command: Place): Event[] {
    const venue = this.#find(command.venue)
    const first = venue && firstUnder(venue, command)
    if (first !== undefined) {
      if (!isSameOrder(first, command)) throw new Refusal('client_order_id_conflict')
      return [{ type: 'order-repeated', venue: first.venue, symbol: first.symbol, orderId: first.id }]
    }

    const listed = venue?.symbols.includes(command.symbol) ?? false
    if (venue === undefined && !command.autoCreate) throw new Refusal('unknown_venue')
    if (!listed && !command.autoCreate) throw new Refusal('unknown_symbol')
    if (!listed) this.#checkRoomForBook()
    checkLimits(command, venue, venue?.limits ?? this.#limits)
    checkDepth(command, venue)

    const events: Event[] = []
    if (venue === undefined)
      events.push(...this.#makeVenue(command.venue, { rulesVersion: 1, selfTrade: 'allow' }))
    if (!listed) events.push(...this.#makeBook(command.venue, command.symbol))
    events.push(...accept(this.#known(command.venue), command))
    return events
  }

  #checkRoomForBook(): void {
    const books = this.#venues.flatMap((venue) => venue.symbols)
    if (books.length >= this.#limits.books) throw new Refusal('too_many_books')
  }

  #makeVenue(name: string, rules: VenueRules): Event[] {
    const { books: _, ...limits } = this.#limits
    this.#venues.push({
      name,
      rules,
      limits,
      symbols: [],
      orders: [],
      fills: [],
      accounts: [],
      remembered: [],
      closed: 0,
    })
    return [{ type: 'venue-created', venue: name, rules, limits: { ...limits } }]
  }

  #makeBook(venue: string, symbol: string): Event[] {
    this.#known(venue).symbols.push(symbol)
    return [{ type: 'instrument-listed', venue, symbol }]
  }

  #find(name: string): ModelVenue | undefined {
    return this.#venues.find((venue) => venue.name === name)
  }

  #known(name: string): ModelVenue {
    const venue = this.#find(name)
    if (venue === undefined) throw new Refusal('unknown_venue')
    return venue
  }
}

function firstUnder(venue: ModelVenue, { account, clientOrderId }: Place): ModelOrder | undefined {
  if (clientOrderId === undefined) return undefined
  return venue.remembered.find((one) => one.account === account && one.clientOrderId === clientOrderId)
}

function isSameOrder(first: ModelOrder, again: Place): boolean {
  const terms = ({ symbol, side, orderType, timeInForce, price, quantity }: ModelOrder | Place) =>
    JSON.stringify([symbol, side, orderType, timeInForce, price, quantity])
  return terms(first) === terms(again)
}

function checkLimits(command: Place, venue: ModelVenue | undefined, limits: VenueLimits): void {
  const accounts = venue?.accounts ?? []
  if (!accounts.includes(command.account) && accounts.length >= limits.accounts)
    throw new Refusal('too_many_accounts')
  if (command.timeInForce !== 'gtc') return
  const open = (venue?.orders ?? []).filter((order) => order.status === 'open')
  const own = open.filter((order) => order.account === command.account)
  if (own.length >= limits.openOrdersPerAccount) throw new Refusal('too_many_open_orders')
  if (open.length >= limits.openOrders) throw new Refusal('venue_full')
}

/** No side of a book may come to hold more lots than can be counted exactly. */
function checkDepth(command: Place, venue: ModelVenue | undefined): void {
  if (venue === undefined || command.timeInForce !== 'gtc') return
  const side = resting(venue.orders, command.symbol, command.side)
  const depth = side.reduce((sum, order) => sum + BigInt(order.open), 0n)
  if (depth + BigInt(leftover(command, plan(command, venue))) > 2n ** 53n - 1n)
    throw new Refusal('depth_limit')
}

/** Gives the order its id, carries its plan out, and rests or closes what is left. */
function accept(venue: ModelVenue, command: Place): Event[] {
  const { symbol, account, side, orderType, timeInForce, price, quantity, clientOrderId } = command
  const steps = plan(command, venue)
  const taker: ModelOrder = {
    venue: venue.name,
    symbol,
    id: venue.orders.length + 1,
    account,
    side,
    orderType,
    timeInForce,
    price,
    quantity,
    clientOrderId,
    open: quantity,
    filled: 0,
    canceled: 0,
    status: 'open',
    reason: undefined,
    closedAt: 0,
  }
  venue.orders.push(taker)
  if (!venue.accounts.includes(account)) venue.accounts.push(account)
  if (clientOrderId !== undefined) venue.remembered.push(taker)
  const events: Event[] = [
    {
      type: 'order-accepted',
      venue: venue.name,
      symbol,
      orderId: taker.id,
      account,
      side,
      orderType,
      timeInForce,
      price,
      quantity,
      clientOrderId,
    },
  ]

  if (timeInForce === 'fok' && traded(steps) < quantity)
    return [...events, close(venue, taker, 'fok_killed', false)]
  for (const step of steps) events.push(...carryOut(venue, taker, step))
  if (taker.status !== 'open') return events
  if (taker.open === 0) return [...events, close(venue, taker, 'filled', false)]
  if (timeInForce !== 'gtc') return [...events, close(venue, taker, 'ioc', false)]
  const open = taker.open as Lots
  return [...events, { type: 'order-rested', venue: venue.name, symbol, orderId: taker.id, open }]
}

/** What would happen if an order were placed now, step by step. Changes nothing. */
function plan(taker: Place, venue: ModelVenue): Step[] {
  const { selfTrade } = venue.rules
  const steps: Step[] = []
  let left: number = taker.quantity
  for (const maker of resting(venue.orders, taker.symbol, taker.side === 'buy' ? 'sell' : 'buy')) {
    if (left === 0 || !isAcceptable(taker, maker)) break
    const quantity = Math.min(left, maker.open)
    if (maker.account !== taker.account || selfTrade === 'allow') {
      steps.push({ kind: 'trade', maker, quantity })
      left -= quantity
    } else if (selfTrade === 'decrement') {
      steps.push({ kind: 'decrement', maker, quantity })
      left -= quantity
    } else if (selfTrade === 'skip') {
      // It stays where it is.
    } else if (selfTrade === 'cancel-maker') {
      steps.push({ kind: 'cancel-maker', maker })
    } else if (selfTrade === 'cancel-both') {
      return [...steps, { kind: 'cancel-maker', maker }, { kind: 'cancel-taker' }]
    } else {
      return [...steps, { kind: 'cancel-taker' }]
    }
  }
  return steps
}

function traded(steps: Step[]): number {
  return steps.reduce((sum, step) => (step.kind === 'trade' ? sum + step.quantity : sum), 0)
}

/** The lots that would rest after a plan. */
function leftover(command: Place, steps: Step[]): number {
  if (steps.some((step) => step.kind === 'cancel-taker')) return 0
  return steps.reduce(
    (left, step) => ('quantity' in step ? left - step.quantity : left),
    command.quantity as number,
  )
}

function carryOut(venue: ModelVenue, taker: ModelOrder, step: Step): Event[] {
  switch (step.kind) {
    case 'trade':
      return trade(venue, step.maker, taker, step.quantity)
    case 'cancel-maker':
      return [close(venue, step.maker, 'self_trade', true)]
    case 'cancel-taker':
      return [close(venue, taker, 'self_trade', false)]
    case 'decrement':
      return [takeAway(venue, step.maker, step.quantity, true), takeAway(venue, taker, step.quantity, false)]
  }
}

function trade(venue: ModelVenue, maker: ModelOrder, taker: ModelOrder, quantity: number): Event[] {
  for (const order of [maker, taker]) {
    order.open -= quantity
    order.filled += quantity
  }
  const { symbol, price } = maker
  const tradeId = venue.fills.length + 1
  venue.fills.push({ venue: venue.name, symbol, tradeId, price, quantity, maker, taker })
  const event: Event = {
    type: 'trade',
    venue: venue.name,
    symbol,
    tradeId,
    price: price as Ticks,
    quantity: quantity as Lots,
    makerId: maker.id,
    takerId: taker.id,
    makerOpen: maker.open as Lots,
    takerOpen: taker.open as Lots,
  }
  return maker.open === 0 ? [event, close(venue, maker, 'filled', true)] : [event]
}

/** Cancels a part of an order, or all of it. */
function takeAway(venue: ModelVenue, order: ModelOrder, quantity: number, rests: boolean): Event {
  if (quantity === order.open) return close(venue, order, 'self_trade', rests)
  order.open -= quantity
  order.canceled += quantity
  return {
    type: 'order-reduced',
    venue: venue.name,
    symbol: order.symbol,
    orderId: order.id,
    canceled: quantity as Lots,
    open: order.open as Lots,
    resting: rests,
  }
}

function close(venue: ModelVenue, order: ModelOrder, reason: CloseReason, rests: boolean): Event {
  const canceled = order.open as Lots
  venue.closed += 1
  order.canceled += canceled
  order.open = 0
  order.status = reason === 'filled' ? 'filled' : 'canceled'
  order.reason = reason
  order.closedAt = venue.closed
  forgetOld(venue)
  return {
    type: 'order-closed',
    venue: venue.name,
    symbol: order.symbol,
    orderId: order.id,
    reason,
    canceled,
    resting: rests,
  }
}

/** Forgets client order ids of orders that closed too long ago: by the venue's limit, by account, by venue. */
function forgetOld(venue: ModelVenue): void {
  const newest = (orders: ModelOrder[], most: number) =>
    orders.toSorted((a, b) => b.closedAt - a.closedAt).slice(0, most)
  const closed = venue.remembered.filter(
    (order) => order.status !== 'open' && order.closedAt > venue.closed - venue.limits.closedOrders,
  )
  const kept = newest(
    venue.accounts.flatMap((name) =>
      newest(
        closed.filter((order) => order.account === name),
        10_000,
      ),
    ),
    200_000,
  )
  venue.remembered = venue.remembered.filter((order) => order.status === 'open' || kept.includes(order))
}

/** The orders that stand on one side of a book, in the order in which they would trade. */
function resting(orders: ModelOrder[], symbol: string, side: Side): ModelOrder[] {
  return orders
    .filter((order) => order.status === 'open' && order.symbol === symbol && order.side === side)
    .toSorted((a, b) => (side === 'buy' ? b.price - a.price : a.price - b.price) || a.id - b.id)
}

function isAcceptable(taker: Place, maker: ModelOrder): boolean {
  if (taker.orderType === 'market') return true
  return taker.side === 'buy' ? maker.price <= taker.price : maker.price >= taker.price
}

function bestOf(side: ModelOrder[]): ModelBest {
  const price = side[0]?.price
  const sum = (orders: ModelOrder[]) => orders.reduce((total, order) => total + order.open, 0)
  return { price, size: sum(side.filter((order) => order.price === price)), depth: sum(side) }
}

function scoreOf(account: string, fills: ModelFill[]): ModelScore {
  let cents = 0n
  let shares = 0n
  const positions = [0n]
  for (const { maker, taker, price, quantity } of fills) {
    if (maker.account === taker.account) continue
    const own = [maker, taker].find((order) => order.account === account)
    if (own === undefined) continue
    const bought = BigInt(quantity) * (own.side === 'buy' ? 1n : -1n)
    cents -= bought * BigInt(price)
    shares += bought
    positions.push(shares)
  }
  const [min, max] = [positions.toSorted(ascending)[0] ?? 0n, positions.toSorted(ascending).at(-1) ?? 0n]
  return { account, cents, shares, min, max }
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}
