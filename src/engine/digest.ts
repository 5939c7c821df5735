import { type Amount, toAmount } from '../domain/amount.ts'
import type { Event, TradeMoney } from '../domain/event.ts'
import type { InstrumentTerms } from '../domain/instrument.ts'
import type { OrderType, Side, TimeInForce } from '../domain/order.ts'
import type { Closing, VenueRules } from '../domain/venue.ts'

const part = (1n << 52n) - 1n
const [buy, sell, limit, market] = [hashOf('buy'), hashOf('sell'), hashOf('limit'), hashOf('market')]
const [gtc, ioc, fok] = [hashOf('gtc'), hashOf('ioc'), hashOf('fok')]

/**
 * A running fingerprint of everything that happened: two 32-bit numbers, folded over numbers and names of each event.
 *
 * Two engines that applied the same records have the same digest; one that differs in a single lot does not. It is
 * kept all the time, so it is built for speed (two multiplications a number), not against an adversary.
 */
export class Digest {
  // As 32-bit integers from the start: one larger number would have both kept as floats for ever.
  #a = 0x811c9dc5 | 0
  #b = 0x9e3779b9 | 0
  // As many as there are names, which the engine's limits bound, and those of a few venues that are gone.
  readonly #texts = new Map<string, number>()
  readonly #venues = new LastHash()
  readonly #symbols = new LastHash()
  #lastAccount = ''
  #lastAccountHash = hashOf('')
  #accountBefore = ''
  #accountHashBefore = hashOf('')

  /** Sixteen hexadecimal digits. */
  get value(): string {
    return hex(this.#a) + hex(this.#b)
  }

  set value(text: string) {
    this.#a = Number.parseInt(text.slice(0, 8), 16) | 0
    this.#b = Number.parseInt(text.slice(8), 16) | 0
  }

  fold(event: Event): void {
    switch (event.type) {
      case 'order-accepted':
        this.#number(1)
        this.#number(event.orderId)
        this.#number(event.price)
        this.#number(event.quantity)
        this.#venue(event.venue)
        this.#word(this.#symbols.of(event.symbol))
        this.#account(event.account)
        this.#word(wordHash(event.side))
        this.#word(wordHash(event.orderType))
        this.#word(wordHash(event.timeInForce))
        if (event.budget !== undefined) this.#amount(toAmount(event.budget))
        if (event.reference !== undefined) this.#number(event.reference)
        return
      case 'trade':
        this.#number(2)
        this.#number(event.tradeId)
        this.#number(event.price)
        this.#number(event.quantity)
        this.#number(event.makerId)
        this.#number(event.takerId)
        if (event.money !== undefined) this.#money(event.money)
        return
      case 'balance-changed':
        this.#number(15)
        this.#venue(event.venue)
        this.#account(event.account)
        // Looking the name up costs more than all the rest; amounts tell assets apart too.
        this.#word((event.asset.length << 16) ^ event.asset.charCodeAt(0))
        this.#amount(event.available)
        this.#amount(event.held)
        return
      case 'order-rested':
        this.#number(3)
        this.#number(event.orderId)
        this.#number(event.open)
        return
      case 'order-reduced':
        this.#number(4)
        this.#number(event.orderId)
        this.#number(event.canceled)
        return
      case 'order-closed':
        this.#number(5)
        this.#venue(event.venue)
        this.#number(event.orderId)
        this.#text(event.reason)
        this.#number(event.canceled)
        return
      case 'order-repeated':
        this.#number(6)
        this.#venue(event.venue)
        this.#number(event.orderId)
        return
      case 'rejected':
        this.#number(7)
        this.#text(event.reason)
        return
      case 'venue-created':
        this.#number(8)
        this.#venue(event.venue)
        this.#number(event.rules.rulesVersion)
        this.#text(event.rules.selfTrade)
        this.#moreRules(event.rules)
        if (event.state !== undefined) this.#text(event.state)
        return
      case 'instrument-listed':
        this.#number(9)
        this.#venue(event.venue)
        this.#text(event.symbol)
        if (event.terms !== undefined) this.#terms(event.terms)
        return
      case 'limits-set':
        this.#number(10)
        for (const limit of Object.values(event.limits)) this.#number(limit)
        return
      case 'order-waiting':
        this.#number(11)
        this.#number(event.orderId)
        return
      case 'state-set':
        this.#number(12)
        this.#venue(event.venue)
        this.#text(event.state)
        if (event.closing !== undefined) this.#closing(event.closing)
        return
      case 'venue-reset':
        this.#number(13)
        this.#venue(event.venue)
        return
      case 'venue-dropped':
        this.#number(17)
        this.#venue(event.venue)
        // Its names need not be known any more. Hashes do not depend on what is kept of them.
        this.#texts.clear()
        return
      case 'noted':
        this.#number(18)
        this.#once(JSON.stringify([event.venue ?? null, event.topic, event.key, event.data]))
        return
      case 'account-opened':
        this.#number(14)
        this.#venue(event.venue)
        this.#text(event.account)
        if (event.keyHash !== undefined) this.#once(event.keyHash)
        if (event.house === true) this.#text('house')
        return
      case 'reference-changed':
        this.#number(16)
        this.#text(event.symbol)
        this.#number(event.price)
        return
      case 'session-changed':
        this.#number(21)
        this.#venue(event.venue)
        this.#once(event.account)
        this.#once(event.session ?? '')
        this.#text(event.state)
        if (event.due !== undefined) this.#number(event.due)
        return
      case 'order-replaced':
        this.#number(20)
        this.#venue(event.venue)
        this.#number(event.orderId)
        this.#number(event.price)
        this.#number(event.quantity)
        this.#number(event.requeued ? 1 : 0)
        return
      default:
        event satisfies never
    }
  }

  #money({ paid, buyerFee, sellerFee, budgetLeft }: TradeMoney): void {
    this.#amount(paid)
    this.#amount(buyerFee)
    this.#amount(sellerFee)
    if (budgetLeft !== undefined) this.#amount(budgetLeft)
  }

  /** Nothing where a venue has none of them: digests in older journals were taken without. */
  #moreRules({ credit, accounts, marketRemainder, opening, ...flags }: VenueRules): void {
    if (credit !== undefined) this.#text(credit)
    if (accounts !== undefined) this.#text(accounts)
    if (marketRemainder !== undefined) this.#text(marketRemainder)
    for (const [asset, amount] of Object.entries(opening ?? {})) {
      this.#text(asset)
      this.#once(amount)
    }
    if (flags.revealOwnerOnCancel === true) this.#text('revealOwnerOnCancel')
    if (flags.openExecutions === true) this.#text('openExecutions')
    if (flags.marketNeedsCounterpart === true) this.#text('marketNeedsCounterpart')
  }

  #terms(terms: InstrumentTerms): void {
    const { base, quote, tickSize, lotSize, unitsPerLot, worth, notionalRounding, fees, reference } = terms
    const { minQuantity, minValue } = terms
    for (const text of [base, quote, tickSize, lotSize, notionalRounding]) this.#once(text)
    for (const number of [unitsPerLot, ...worth, minQuantity]) this.#number(number)
    for (const [name, rate] of Object.entries(fees ?? {})) {
      this.#text(name)
      this.#number(rate)
    }
    if (minValue !== undefined) {
      this.#text('minValue')
      this.#number(minValue)
    }
    if (reference === undefined) return
    this.#number(reference.initial)
    this.#number(reference.bindsOrders ? 1 : 0)
  }

  #closing(closing: Closing): void {
    this.#text('at' in closing ? 'at' : 'after')
    this.#number('at' in closing ? closing.at : closing.after)
  }

  /** Folds a safe integer: its low 32 bits, then what is above them. */
  #number(n: number): void {
    this.#word(n | 0)
    if (n > 0x7fffffff) this.#word(Math.floor(n / 0x1_0000_0000))
  }

  /** Folds an amount of any size, 52 bits at a time. */
  #amount(amount: Amount): void {
    if (typeof amount === 'number') {
      this.#number(amount)
    } else {
      this.#number(Number(amount & part))
      this.#amount(toAmount(amount >> 52n))
    }
  }

  #venue(name: string): void {
    this.#word(this.#venues.of(name))
  }

  /** Folds the name of an account: in a command with money it is nearly always that of the taker or of the last maker. */
  #account(name: string): void {
    if (name !== this.#lastAccount) {
      const [last, hash] = [this.#lastAccount, this.#lastAccountHash]
      this.#lastAccountHash = name === this.#accountBefore ? this.#accountHashBefore : this.#hashOf(name)
      this.#lastAccount = name
      this.#accountBefore = last
      this.#accountHashBefore = hash
    }
    this.#word(this.#lastAccountHash)
  }

  /** Folds a text's own hash, which is kept: names of venues, symbols and accounts come again and again. */
  #text(text: string): void {
    this.#word(this.#hashOf(text))
  }

  #hashOf(text: string): number {
    let hash = this.#texts.get(text)
    if (hash === undefined) {
      hash = hashOf(text)
      this.#texts.set(text, hash)
    }
    return hash
  }

  /** The same for a text that hardly comes again: it is not kept. */
  #once(text: string): void {
    this.#word(hashOf(text))
  }

  #word(word: number): void {
    this.#a = Math.imul(this.#a ^ word, 0x01000193)
    const b = Math.imul(this.#b ^ word, 0x85ebca6b)
    this.#b = (b << 13) | (b >>> 19)
  }
}

/** The hash of a name that most often is the same one again, and then need not be looked up. */
class LastHash {
  #text = ''
  #hash = hashOf('')

  of(text: string): number {
    if (text !== this.#text) {
      this.#text = text
      this.#hash = hashOf(text)
    }
    return this.#hash
  }
}

/** The hash of one of the few words that every order has: comparing is quicker than looking up. */
function wordHash(word: Side | OrderType | TimeInForce): number {
  switch (word) {
    case 'buy':
      return buy
    case 'sell':
      return sell
    case 'limit':
      return limit
    case 'market':
      return market
    case 'gtc':
      return gtc
    case 'ioc':
      return ioc
    case 'fok':
      return fok
    default:
      return hashOf(word satisfies never)
  }
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}

function hex(n: number): string {
  return (n >>> 0).toString(16).padStart(8, '0')
}
