import type { JournalEntry, Place } from '../../src/domain/command.ts'
import type { Event, Trade } from '../../src/domain/event.ts'
import type { InstrumentTerms } from '../../src/domain/instrument.ts'
import type { Side } from '../../src/domain/order.ts'
import { lots, micros, sequence, ticks } from '../../src/domain/units.ts'
import type { Limits, SelfTrade, VenueRules } from '../../src/domain/venue.ts'
import type { Book, BookSide } from '../../src/engine/book.ts'
import { Engine } from '../../src/engine/engine.ts'

/** What an example may say of an order beside account, quantity and price. */
export type Terms = Partial<
  Pick<
    Place,
    'session' | 'venue' | 'symbol' | 'orderType' | 'timeInForce' | 'clientOrderId' | 'autoCreate' | 'budget'
  >
>

export const ioc = { timeInForce: 'ioc' } as const
export const fok = { timeInForce: 'fok' } as const
export const market = { orderType: 'market', timeInForce: 'ioc' } as const
/** A market order whose remainder waits. */
export const waits = { orderType: 'market', timeInForce: 'gtc' } as const

/** Terms under which a lot at one tick is worth one dollar. */
export const plainTerms: InstrumentTerms = {
  base: 'GLD',
  quote: 'USD',
  tickSize: '1',
  lotSize: '1',
  unitsPerLot: 1,
  worth: [1, 1],
  notionalRounding: 'half-even',
  minQuantity: lots(1),
}

/** A cash venue with plain terms but for what is said, and ann, bob and cy on it: each has 1000 dollars and 100 lots. */
export function cashVenue(terms: Partial<InstrumentTerms> = {}, rules: Partial<VenueRules> = {}): TestVenue {
  const opening = { USD: '1000', GLD: '100' }
  const venue = new TestVenue(
    { selfTrade: 'skip', credit: 'cash', opening, ...rules },
    { ...plainTerms, ...terms },
  )
  for (const account of ['ann', 'bob', 'cy']) venue.open(account)
  return venue
}

/** An engine with the venue TESTEX and the symbol FOOBAR on it, spoken to and answering in short words. */
export class TestVenue {
  readonly engine = new Engine()

  constructor(
    rules: SelfTrade | (Partial<VenueRules> & { selfTrade: SelfTrade }) = 'allow',
    terms?: InstrumentTerms,
  ) {
    const said = typeof rules === 'string' ? { selfTrade: rules } : rules
    this.submit({ type: 'create-venue', venue: 'TESTEX', rules: { rulesVersion: 1, ...said } })
    this.submit({ type: 'list-instrument', venue: 'TESTEX', symbol: 'FOOBAR', ...(terms && { terms }) })
  }

  /** Applies a command, and gives its events as they are. */
  submit(command: JournalEntry, time = this.engine.time + 1): Event[] {
    const next = this.engine.sequence + 1
    return this.engine.apply({ sequence: sequence(next), time: micros(time), command })
  }

  /** Applies a command at a time, and gives its events in words. */
  say(command: JournalEntry, time?: number): string[] {
    return this.submit(command, time).map(inWords)
  }

  open(account: string): string[] {
    return this.say({ type: 'open-account', venue: 'TESTEX', account })
  }

  pay(account: string, amount: bigint, asset = 'USD'): string[] {
    return this.say({ type: 'deposit', venue: 'TESTEX', account, asset, amount })
  }

  /** A market order to buy by money. */
  spend(account: string, budget: bigint, terms: Terms = {}): string[] {
    return this.#place('buy', account, 0, 0, { ...waits, budget, ...terms })
  }

  /** What an account has of its assets: available, and held beside it. */
  has(account: string): string {
    const balances = this.engine.venues.get('TESTEX')?.accounts.get(account)?.balances.values() ?? []
    return [...balances].map(({ asset, available, held }) => `${available}+${held} ${asset}`).join(', ')
  }

  /** What the venue has taken of an asset. */
  fees(asset: string): bigint {
    return this.engine.venues.get('TESTEX')?.ledger.fees.get(asset) ?? 0n
  }

  buy(account: string, quantity: number, price: number, terms: Terms = {}): string[] {
    return this.#place('buy', account, quantity, price, terms)
  }

  sell(account: string, quantity: number, price: number, terms: Terms = {}): string[] {
    return this.#place('sell', account, quantity, price, terms)
  }

  cancel(orderId: number, venue = 'TESTEX'): string[] {
    return this.submit({ type: 'cancel', venue, orderId }).map(inWords)
  }

  replace(orderId: number, quantity: number, price: number): string[] {
    return this.say({
      ...{ type: 'replace', venue: 'TESTEX', orderId },
      ...{ quantity: lots(quantity), price: ticks(price) },
    })
  }

  limit(limits: Partial<Limits>): void {
    this.submit({ type: 'set-limits', limits })
    this.submit({ type: 'set-limits', venue: 'TESTEX', limits })
  }

  get book(): Book {
    return this.engine.venues.get('TESTEX')?.books.get('FOOBAR') as Book
  }

  /** Buy orders as `[id, price, open]`, in the order in which they would trade. */
  get bids(): number[][] {
    return ordersOf(this.book.bids)
  }

  /** Sell orders as `[id, price, open]`, in the order in which they would trade. */
  get asks(): number[][] {
    return ordersOf(this.book.asks)
  }

  #place(side: Side, account: string, quantity: number, price: number, terms: Terms): string[] {
    const order: Place = {
      type: 'place',
      venue: 'TESTEX',
      symbol: 'FOOBAR',
      account,
      side,
      orderType: 'limit',
      timeInForce: 'gtc',
      price: ticks(price),
      quantity: lots(quantity),
      autoCreate: false,
      ...terms,
    }
    return this.submit(order).map(inWords)
  }
}

function ordersOf(side: BookSide): number[][] {
  return [...side.orders()].map(({ id, price, open }) => [id, price, open])
}

/** An event as an example reads best. */
function inWords(event: Event): string {
  switch (event.type) {
    case 'order-accepted':
      return `accepted ${event.orderId}`
    case 'trade':
      return `trade ${event.tradeId}: ${event.takerId} takes ${event.quantity} of ${event.makerId} at ${event.price}${moneyInWords(event)}`
    case 'order-rested':
      return `rested ${event.orderId}: ${event.open}`
    case 'order-reduced':
      return `reduced ${event.orderId}: ${event.canceled} canceled, ${event.open} open`
    case 'order-replaced':
      return `replaced ${event.orderId}: ${event.open} of ${event.quantity} at ${event.price}${event.requeued ? ', behind the others' : ''}`
    case 'order-closed':
      return `closed ${event.orderId}: ${event.reason}, ${event.canceled} canceled`
    case 'order-repeated':
      return `repeated ${event.orderId}`
    case 'session-changed':
      return `session of ${event.account}${event.session === undefined ? '' : ` ${event.session}`} ${event.state}${event.due === undefined ? '' : ` until ${event.due}`}`
    case 'rejected':
      return `rejected: ${event.reason}`
    case 'venue-created':
      return `venue ${event.venue}`
    case 'instrument-listed':
      return `listed ${event.symbol} on ${event.venue}`
    case 'limits-set':
      return `limits of ${event.venue ?? 'all'}`
    case 'state-set':
      return `${event.venue} ${event.state}`
    case 'venue-reset':
      return `reset ${event.venue}`
    case 'venue-dropped':
      return `dropped ${event.venue}`
    case 'noted':
      return `noted ${event.topic} ${event.key} of ${event.venue ?? 'all'}`
    case 'account-opened':
      return `opened ${event.account}`
    case 'balance-changed':
      return `${event.account} has ${event.available} ${event.asset}, ${event.held} held`
    case 'reference-changed':
      return `reference ${event.price}`
    case 'order-waiting':
      return `waiting ${event.orderId}`
  }
}

function moneyInWords({ money }: Trade): string {
  if (money === undefined) return ''
  const { paid, buyerFee, sellerFee, budgetLeft } = money
  const fees = buyerFee > 0 || sellerFee > 0 ? `, fees ${buyerFee} and ${sellerFee}` : ''
  return ` for ${paid}${fees}${budgetLeft === undefined ? '' : `, ${budgetLeft} left`}`
}
