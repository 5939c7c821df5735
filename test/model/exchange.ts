import type {
  Arm,
  Cancel,
  CreateVenue,
  Deposit,
  Disarm,
  Disconnect,
  DropVenue,
  JournalEntry,
  ListInstrument,
  Note,
  OpenAccount,
  Place,
  Replace,
  ResetVenue,
  SetLimits,
  SetState,
} from '../../src/domain/command.ts'
import type { Event } from '../../src/domain/event.ts'
import type { InstrumentTerms } from '../../src/domain/instrument.ts'
import type { Side } from '../../src/domain/order.ts'
import type { RejectReason } from '../../src/domain/reject.ts'
import type { Micros } from '../../src/domain/units.ts'
import type { Closing, Limits, TradingState, VenueLimits, VenueRules } from '../../src/domain/venue.ts'
import { assetOf, availableTo, balance, balanceEvents, costOf, findable, moveReference } from './money.ts'
import { accept, close, closeAll, costToReplace, forgetOld, replace, tryOn } from './trading.ts'
import {
  copyOf,
  instrumentOf,
  isOpen,
  type ModelBalance,
  type ModelFill,
  type ModelInstrument,
  type ModelOrder,
  type ModelSession,
  type ModelVenue,
  resting,
  waiting,
} from './venue.ts'

export type { ModelOrder } from './venue.ts'

/** One side of a quote: the best price, the lots there, the lots at all prices. */
export interface ModelBest {
  readonly price: number | undefined
  readonly size: number | bigint
  readonly depth: number | bigint
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

/** A venue beside its books. */
export interface ModelVenueView {
  readonly state: TradingState
  readonly closing: Closing | undefined
  /** By instrument, in the order of listing. */
  readonly references: (number | undefined)[]
  readonly balances: ModelBalance[]
  readonly fees: Record<string, bigint>
}

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
 * what an account is worth are filters and sums over that list. What would come of an order is found by placing it on
 * a copy of the venue: that decides about a fill-or-kill order and a full book.
 */
export class ModelExchange {
  readonly #venues: ModelVenue[] = []
  readonly #gone: string[] = []
  #time = 0
  #limits: Limits = {
    books: 100,
    accounts: 5_000,
    openOrdersPerAccount: 200_000,
    openOrders: 2_000_000,
    closedOrders: 100_000,
  }

  /** Applies a command at a time and says what happened, in order: first that time passed, then the command. */
  apply(command: JournalEntry, time = this.#time): Event[] {
    const passed = time - this.#time
    this.#time = time
    // Nobody was there to trade in the time before a start.
    const timed = command.type === 'started' ? this.#start() : this.#passTime(passed)
    try {
      return [...timed, ...this.#decide(command)]
    } catch (refusal) {
      if (refusal instanceof Refusal) return [...timed, { type: 'rejected', reason: refusal.reason }]
      throw refusal
    }
  }

  /** The names of all venues, in the order of their making. */
  venues(): string[] {
    return this.#venues.map((venue) => venue.name)
  }

  /** The symbols of a venue, in the order of listing. */
  symbols(venue: string): string[] {
    return (this.#find(venue)?.instruments ?? []).map(({ symbol }) => symbol)
  }

  /** Copies of the resting orders of a book, in the order in which they would trade. */
  book(venue: string, symbol: string): { bids: ModelOrder[]; asks: ModelOrder[] } {
    const orders = this.#find(venue)?.orders ?? []
    return {
      bids: resting(orders, symbol, 'buy').map((order) => ({ ...order })),
      asks: resting(orders, symbol, 'sell').map((order) => ({ ...order })),
    }
  }

  /** Copies of the market orders that wait beside a book, the oldest first. */
  waiting(venue: string, symbol: string): { buy: ModelOrder[]; sell: ModelOrder[] } {
    const orders = this.#find(venue)?.orders ?? []
    return {
      buy: waiting(orders, symbol, 'buy').map((order) => ({ ...order })),
      sell: waiting(orders, symbol, 'sell').map((order) => ({ ...order })),
    }
  }

  /** What a venue is beside its books: its state, its own prices, who holds what, and what it took. */
  venue(name: string): ModelVenueView | undefined {
    const venue = this.#find(name)
    if (venue === undefined) return undefined
    return {
      state: venue.state,
      closing: closingOf(venue, this.#time),
      references: venue.instruments.map(({ reference }) => reference),
      balances: venue.balances.map((one) => ({ ...one })),
      fees: { ...venue.fees },
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

  #decide(command: JournalEntry): Event[] {
    switch (command.type) {
      case 'create-venue':
        return this.#createVenue(command)
      case 'list-instrument':
        return this.#listInstrument(command)
      case 'set-limits':
        return this.#setLimits(command)
      case 'set-state':
        return this.#setState(command)
      case 'reset-venue':
        return this.#resetVenue(command)
      case 'drop-venue':
        return this.#dropVenue(command)
      case 'note':
        return this.#note(command)
      case 'open-account':
        return this.#openAccount(command)
      case 'deposit':
        return this.#deposit(command)
      case 'place':
        return this.#place(command)
      case 'cancel':
        return this.#cancel(command)
      case 'replace':
        return this.#replace(command)
      case 'arm':
        return this.#arm(command)
      case 'disarm':
      case 'disconnect':
        return this.#loseOrEnd(command)
      case 'started':
      case 'tick':
      case 'checkpoint':
        return []
    }
  }

  /** Nobody is connected to a process that just started. */
  #start(): Event[] {
    for (const { sessions } of this.#venues) for (const session of sessions) session.left = session.grace
    return []
  }

  /** Lets open venues and lost sessions grow older, and ends those whose time is up: who had the least left first. */
  #passTime(by: number): Event[] {
    const clocks = this.#venues
      .flatMap((venue) => [
        ...(venue.state === 'open' ? [{ venue, left: venue.timeLeft, session: undefined }] : []),
        ...venue.sessions.toSorted(byName).map((session) => ({ venue, left: session.left, session })),
      ])
      .filter(({ left }) => left !== undefined)
      .toSorted((a, b) => (a.left as number) - (b.left as number))
    return clocks.flatMap(({ venue, left, session }) => {
      const rest = (left as number) - by
      if (session === undefined) {
        venue.timeLeft = rest
        return rest <= 0 ? closeVenue(venue) : []
      }
      session.left = rest
      return rest <= 0 ? endSession(venue, session) : []
    })
  }

  #arm({ venue: name, account, session: of, grace }: Arm): Event[] {
    const venue = this.#known(name)
    if (venue.state === 'closed') throw new Refusal('venue_closed')
    const { credit, accounts } = venue.rules
    if (credit === 'cash' && accounts !== 'by-order' && !venue.accounts.includes(account))
      throw new Refusal('unknown_account')
    if (grace > 3_600_000_000) throw new Refusal('grace_too_long')
    const own = venue.sessions.filter((session) => session.account === account)
    const session = own.find((one) => one.name === of) ?? { account, name: of, grace, left: undefined }
    if (!own.includes(session)) {
      if (own.length >= 16 || venue.sessions.length >= 10_000) throw new Refusal('too_many_sessions')
      venue.sessions.push(session)
    }
    Object.assign(session, { grace, left: undefined })
    return [sessionEvent(venue, session, 'armed', undefined)]
  }

  #loseOrEnd({ type, venue: name, account, session: of }: Disarm | Disconnect): Event[] {
    const venue = this.#known(name)
    const session = venue.sessions.find((one) => one.account === account && one.name === of)
    if (session === undefined) throw new Refusal('unknown_session')
    if (type === 'disarm') {
      venue.sessions = venue.sessions.filter((one) => one !== session)
      return [sessionEvent(venue, session, 'ended', undefined)]
    }
    session.left ??= session.grace
    return [sessionEvent(venue, session, 'lost', (this.#time + session.left) as Micros)]
  }

  #createVenue({ venue, rules, state }: CreateVenue): Event[] {
    if (this.#find(venue)) throw new Refusal('venue_exists')
    this.#checkIsNotGone(venue)
    checkRules(rules)
    return this.#makeVenue(venue, rules, state)
  }

  #listInstrument({ venue: name, symbol, terms }: ListInstrument): Event[] {
    const venue = this.#known(name)
    if (hasInstrument(venue, symbol)) throw new Refusal('symbol_exists')
    this.#checkRoomForBook()
    if ((venue.rules.credit === 'cash') !== (terms !== undefined)) throw new Refusal('terms_missing')
    if (terms !== undefined) checkTerms(terms)
    return this.#makeBook(name, symbol, terms)
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

  #setState({ venue: name, state, openFor }: SetState): Event[] {
    const venue = this.#known(name)
    if (venue.state === 'closed') throw new Refusal('venue_closed')
    if (state === 'closed') return closeVenue(venue)
    venue.state = state
    venue.timeLeft = openFor ?? venue.timeLeft
    return [{ type: 'state-set', venue: name, state, closing: closingOf(venue, this.#time) }]
  }

  #resetVenue({ venue: name }: ResetVenue): Event[] {
    const venue = this.#known(name)
    const events = [...closeAll(venue), ...balanceEvents(venue)]
    venue.accounts = []
    venue.balances = []
    venue.fees = {}
    venue.fills = []
    venue.remembered = []
    venue.sessions = []
    venue.state = 'halted'
    venue.timeLeft = undefined
    for (const instrument of venue.instruments) instrument.reference = instrument.terms?.reference?.initial
    return [...events, { type: 'venue-reset', venue: name }]
  }

  #dropVenue({ venue: name }: DropVenue): Event[] {
    const venue = this.#known(name)
    const events = [...closeAll(venue), ...balanceEvents(venue)]
    this.#venues.splice(this.#venues.indexOf(venue), 1)
    this.#gone.push(name)
    return [...events, { type: 'venue-dropped', venue: name }]
  }

  #note({ venue, topic, key, data }: Note): Event[] {
    if (venue !== undefined) this.#known(venue)
    if (JSON.stringify([topic, key, data]).length > 65_536) throw new Refusal('note_too_large')
    return [{ type: 'noted', venue, topic, key, data }]
  }

  #openAccount({ venue: name, account, keyHash }: OpenAccount): Event[] {
    const venue = this.#known(name)
    if (venue.rules.credit !== 'cash') throw new Refusal('no_accounts')
    if (venue.state === 'closed') throw new Refusal('venue_closed')
    if (venue.accounts.includes(account)) throw new Refusal('account_exists')
    if (venue.accounts.length >= venue.limits.accounts) throw new Refusal('too_many_accounts')
    return openAccount(venue, account, keyHash)
  }

  #deposit({ venue: name, account, asset, amount }: Deposit): Event[] {
    const venue = this.#known(name)
    if (venue.rules.credit !== 'cash') throw new Refusal('no_accounts')
    if (!venue.accounts.includes(account)) throw new Refusal('unknown_account')
    const assets = [
      ...Object.keys(venue.rules.opening ?? {}),
      ...venue.instruments.flatMap(({ terms }) => (terms === undefined ? [] : [terms.base, terms.quote])),
    ]
    if (!assets.includes(asset)) throw new Refusal('unknown_asset')
    if (amount <= 0n) throw new Refusal('value_too_small')
    balance(venue, account, asset).available += amount
    return balanceEvents(venue)
  }

  #cancel({ venue: name, orderId }: Cancel): Event[] {
    const venue = this.#known(name)
    const order = openOrder(venue, orderId)
    const events = [close(venue, order, 'user')]
    const moved = moveReference(venue, instrumentOf(venue, order.symbol), events)
    return [...events, ...moved, ...balanceEvents(venue)]
  }

  #replace({ venue: name, orderId, price, quantity }: Replace): Event[] {
    const venue = this.#known(name)
    const order = openOrder(venue, orderId)
    if (order.stands === 'beside') throw new Refusal('not_replaceable')
    const instrument = instrumentOf(venue, order.symbol)
    if (quantity > order.filled) checkReplace(venue, instrument, order, price, quantity)
    const events = replace(venue, order, price, quantity)
    const moved = moveReference(venue, instrument, events)
    return [...events, ...moved, ...balanceEvents(venue)]
  }

  #place(command: Place): Event[] {
    const venue = this.#find(command.venue)
    const first = venue && firstUnder(venue, command)
    if (first !== undefined) {
      if (!isSameOrder(first, command)) throw new Refusal('client_order_id_conflict')
      return [{ type: 'order-repeated', venue: first.venue, symbol: first.symbol, orderId: first.id }]
    }

    this.#checkIsNotGone(command.venue)
    if (venue !== undefined) checkState(venue)
    const hasMoney = venue?.rules.credit === 'cash'
    const listed = venue !== undefined && hasInstrument(venue, command.symbol)
    if (venue === undefined && !command.autoCreate) throw new Refusal('unknown_venue')
    if (!listed && (!command.autoCreate || hasMoney)) throw new Refusal('unknown_symbol')
    if (!listed) this.#checkRoomForBook()
    if (hasMoney && venue.rules.accounts !== 'by-order' && !venue.accounts.includes(command.account))
      throw new Refusal('unknown_account')
    checkLimits(command, venue, venue?.limits ?? this.#limits)
    if (hasMoney) return placeForMoney(venue, command)
    if (command.budget !== undefined) throw new Refusal('budget_only')
    if (venue !== undefined) checkMarket(venue, command)
    if (venue !== undefined) checkDepth(venue, command)

    const events: Event[] = []
    if (venue === undefined)
      events.push(...this.#makeVenue(command.venue, { rulesVersion: 1, selfTrade: 'allow' }, undefined))
    if (!listed) events.push(...this.#makeBook(command.venue, command.symbol, undefined))
    events.push(...accept(this.#known(command.venue), command, 0n))
    return events
  }

  #checkIsNotGone(name: string): void {
    if (this.#gone.includes(name)) throw new Refusal('venue_dropped')
  }

  #checkRoomForBook(): void {
    const books = this.#venues.flatMap((venue) => venue.instruments)
    if (books.length >= this.#limits.books) throw new Refusal('too_many_books')
  }

  #makeVenue(name: string, rules: VenueRules, state: TradingState | undefined): Event[] {
    const { books: _, ...limits } = this.#limits
    this.#venues.push({
      name,
      rules,
      limits,
      state: state ?? 'open',
      timeLeft: undefined,
      instruments: [],
      orders: [],
      fills: [],
      accounts: [],
      balances: [],
      touched: [],
      fees: {},
      remembered: [],
      sessions: [],
      trades: 0,
      arrivals: 0,
      closed: 0,
    })
    const said = state === undefined ? {} : { state }
    return [{ type: 'venue-created', venue: name, rules, limits: { ...limits }, ...said }]
  }

  #makeBook(venue: string, symbol: string, terms: InstrumentTerms | undefined): Event[] {
    const instrument: ModelInstrument = { symbol, terms, reference: terms?.reference?.initial }
    this.#known(venue).instruments.push(instrument)
    return [{ type: 'instrument-listed', venue, symbol, ...(terms !== undefined && { terms }) }]
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

function hasInstrument(venue: ModelVenue, symbol: string): boolean {
  return venue.instruments.some((instrument) => instrument.symbol === symbol)
}

function sessionEvent(
  { name: venue }: ModelVenue,
  { account, name: session }: ModelSession,
  state: 'armed' | 'lost' | 'ended',
  due: Micros | undefined,
): Event {
  return { type: 'session-changed', venue, account, session, state, due }
}

/** Cancels what a session covers, book by book. */
function endSession(venue: ModelVenue, session: ModelSession): Event[] {
  venue.sessions = venue.sessions.filter((one) => one !== session)
  const covered = venue.orders.filter(
    (order) =>
      isOpen(order) &&
      order.account === session.account &&
      (session.name === undefined || order.session === session),
  )
  const symbols = [...new Set(covered.map(({ symbol }) => symbol))]
  const events = symbols.flatMap((symbol) => {
    const closed = covered
      .filter((order) => order.symbol === symbol)
      .map((order) => close(venue, order, 'disconnected'))
    return [...closed, ...moveReference(venue, instrumentOf(venue, symbol), closed)]
  })
  return [sessionEvent(venue, session, 'ended', undefined), ...events, ...balanceEvents(venue)]
}

function byName(a: ModelSession, b: ModelSession): number {
  const [one, other] = [a, b].map(({ account, name = '' }) => `${account} ${name}`) as [string, string]
  return one < other ? -1 : 1
}

function closeVenue(venue: ModelVenue): Event[] {
  venue.state = 'closed'
  venue.timeLeft = undefined
  const closed: Event = { type: 'state-set', venue: venue.name, state: 'closed', closing: undefined }
  return [closed, ...closeAll(venue), ...balanceEvents(venue)]
}

function closingOf({ state, timeLeft }: ModelVenue, now: number): Closing | undefined {
  if (timeLeft === undefined) return undefined
  return state === 'open' ? { at: (now + timeLeft) as Micros } : { after: timeLeft as Micros }
}

function checkRules({ selfTrade, credit, accounts, marketRemainder, opening }: VenueRules): void {
  if (credit === 'cash' && selfTrade === 'decrement') throw new Refusal('rules_conflict')
  if (marketRemainder === 'rest' && !['allow', 'skip'].includes(selfTrade))
    throw new Refusal('rules_conflict')
  if (credit !== 'cash' && (opening ?? accounts) !== undefined) throw new Refusal('rules_conflict')
  // What is given is counted in whole units.
  if (!Object.values(opening ?? {}).every((amount) => /^[0-9]+$/.test(amount)))
    throw new Refusal('rules_conflict')
}

function checkTerms(terms: InstrumentTerms): void {
  const { base, quote, unitsPerLot, worth, minQuantity, minValue = 1, fees } = terms
  const isCount = (n: number) => Number.isSafeInteger(n) && n > 0
  if (base === quote || ![unitsPerLot, ...worth, minQuantity, minValue].every(isCount))
    throw new Refusal('bad_terms')
  const rates: number[] = Object.values(fees ?? {})
  // Who takes everything that somebody receives, takes too much.
  if (!rates.every((rate) => rate === 0 || (isCount(rate) && rate < 1_000_000_000)))
    throw new Refusal('bad_terms')
}

function checkState({ state }: ModelVenue): void {
  if (state === 'halted') throw new Refusal('venue_halted')
  if (state === 'closed') throw new Refusal('venue_closed')
}

function placeForMoney(venue: ModelVenue, command: Place): Event[] {
  const instrument = instrumentOf(venue, command.symbol)
  const terms = instrument.terms as InstrumentTerms
  checkOrder(command, terms, instrument.reference)
  const cost = costOf(venue, terms, command)
  const asset = assetOf(terms, command.side)
  const isNew = !venue.accounts.includes(command.account)
  const available = isNew
    ? BigInt(venue.rules.opening?.[asset] ?? 0)
    : availableTo(venue, command.account, asset)
  if (available < cost) throw new Refusal('insufficient_funds')
  checkMarket(venue, command)
  checkMarketValue(venue, terms, command)
  const opened = isNew ? openAccount(venue, command.account, undefined) : []
  // Also what costs nothing touches the balance that it would be taken from.
  balance(venue, command.account, asset)
  const events = accept(venue, command, cost)
  const moved = moveReference(venue, instrument, events)
  return [...opened, ...events, ...moved, ...balanceEvents(venue)]
}

/** Makes an account known, and gives it what the rules say. */
function openAccount(venue: ModelVenue, account: string, keyHash: string | undefined): Event[] {
  venue.accounts.push(account)
  for (const [asset, amount] of Object.entries(venue.rules.opening ?? {}))
    balance(venue, account, asset).available += BigInt(amount)
  return [{ type: 'account-opened', venue: venue.name, account, keyHash }, ...balanceEvents(venue)]
}

function openOrder(venue: ModelVenue, id: number): ModelOrder {
  const order = venue.orders.find((one) => one.id === id)
  if (order === undefined) throw new Refusal('unknown_order')
  if (!isOpen(order)) throw new Refusal('order_closed')
  checkState(venue)
  return order
}

function checkReplace(
  venue: ModelVenue,
  { terms, reference }: ModelInstrument,
  order: ModelOrder,
  price: number,
  quantity: number,
): void {
  const { side, symbol, account } = order
  const open = quantity - order.filled
  if (terms === undefined) {
    const copy = copyOf(venue)
    replace(copy, copy.orders[order.id - 1] as ModelOrder, price, quantity)
    const depth = resting(copy.orders, symbol, side).reduce((sum, one) => sum + BigInt(one.open), 0n)
    if (depth > 2n ** 53n - 1n) throw new Refusal('depth_limit')
    return
  }
  checkSize(terms, side, price, open)
  if (price !== order.price || open > order.open) checkReference(terms, reference, side, price)
  const more = costToReplace(terms, order, price, quantity)
  if (more > 0n && availableTo(venue, account, assetOf(terms, side)) < more)
    throw new Refusal('insufficient_funds')
}

function checkOrder(order: Place, terms: InstrumentTerms, reference: number | undefined): void {
  const { side, orderType, timeInForce, price, quantity, budget } = order
  if (budget !== undefined) {
    if (side === 'sell' || orderType === 'limit' || quantity > 0) throw new Refusal('budget_only')
    if (budget < BigInt(terms.minValue ?? 1)) throw new Refusal('value_too_small')
    return
  }
  if (orderType === 'market' && side === 'buy' && timeInForce === 'gtc') throw new Refusal('budget_only')
  if (orderType === 'limit') {
    checkSize(terms, side, price, quantity)
    checkReference(terms, reference, side, price)
  } else if (quantity < terms.minQuantity) {
    throw new Refusal('quantity_too_small')
  }
}

function checkSize(terms: InstrumentTerms, side: Side, price: number, quantity: number): void {
  if (quantity < terms.minQuantity) throw new Refusal('quantity_too_small')
  const [n, d] = [BigInt(price) * BigInt(quantity) * BigInt(terms.worth[0]), BigInt(terms.worth[1])]
  const least = terms.minValue ?? (side === 'buy' ? 1 : 0)
  if (n < BigInt(least) * d) throw new Refusal('value_too_small')
}

function checkReference(
  terms: InstrumentTerms,
  reference: number | undefined,
  side: Side,
  price: number,
): void {
  if (reference === undefined || terms.reference?.bindsOrders !== true) return
  if (side === 'buy' ? price >= reference : price < reference) throw new Refusal('wrong_side_of_reference')
}

/** An order without a price that may wait needs a market to wait for. */
function checkMarket(venue: ModelVenue, { orderType, timeInForce, symbol, side }: Place): void {
  const { marketRemainder, marketNeedsCounterpart = false } = venue.rules
  const wouldWait = timeInForce === 'gtc' && marketRemainder === 'rest'
  if (orderType !== 'market' || !(wouldWait || marketNeedsCounterpart)) return
  if (resting(venue.orders, symbol, side === 'buy' ? 'sell' : 'buy').length === 0)
    throw new Refusal('no_opposite_orders')
}

/** An order without a price is worth what it would find in the book. */
function checkMarketValue(venue: ModelVenue, terms: InstrumentTerms, order: Place): void {
  if (order.orderType === 'limit' || terms.minValue === undefined) return
  if (findable(venue, terms, order) < BigInt(terms.minValue)) throw new Refusal('value_too_small')
}

function firstUnder(venue: ModelVenue, { account, clientOrderId }: Place): ModelOrder | undefined {
  if (clientOrderId === undefined) return undefined
  return venue.remembered.find((one) => one.account === account && one.clientOrderId === clientOrderId)
}

function isSameOrder(first: ModelOrder, again: Place): boolean {
  const terms = ({ symbol, side, orderType, timeInForce, price, quantity, budget }: ModelOrder | Place) =>
    JSON.stringify([symbol, side, orderType, timeInForce, price, quantity, `${budget}`])
  return terms({ ...first, ...first.original }) === terms(again)
}

function checkLimits(command: Place, venue: ModelVenue | undefined, limits: VenueLimits): void {
  const accounts = venue?.accounts ?? []
  if (!accounts.includes(command.account) && accounts.length >= limits.accounts)
    throw new Refusal('too_many_accounts')
  if (command.timeInForce !== 'gtc') return
  const open = (venue?.orders ?? []).filter(isOpen)
  const own = open.filter((order) => order.account === command.account)
  if (own.length >= limits.openOrdersPerAccount) throw new Refusal('too_many_open_orders')
  if (open.length >= limits.openOrders) throw new Refusal('venue_full')
}

/** Without money, no side of a book may come to hold more lots than can be counted exactly. */
function checkDepth(venue: ModelVenue, command: Place): void {
  const side = resting(venue.orders, command.symbol, command.side)
  const most = 2n ** 53n - 1n
  const depth = side.reduce((sum, order) => sum + BigInt(order.open), 0n)
  if (depth + BigInt(command.quantity) <= most || !hasInstrument(venue, command.symbol)) return
  const order = tryOn(venue, command, 0n)
  if (order.stands === 'in-book' && depth + BigInt(order.open) > most) throw new Refusal('depth_limit')
}

function bestOf(side: ModelOrder[]): ModelBest {
  const price = side[0]?.price
  const sum = (orders: ModelOrder[]) => exact(orders.reduce((total, order) => total + BigInt(order.open), 0n))
  return { price, size: sum(side.filter((order) => order.price === price)), depth: sum(side) }
}

/** A number where one holds it exactly, as the engine gives it. */
function exact(sum: bigint): number | bigint {
  return sum > 2n ** 53n - 1n ? sum : Number(sum)
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
