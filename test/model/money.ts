import type { Amount } from '../../src/domain/amount.ts'
import type { Place } from '../../src/domain/command.ts'
import type { Event } from '../../src/domain/event.ts'
import type { InstrumentTerms } from '../../src/domain/instrument.ts'
import type { Ticks } from '../../src/domain/units.ts'
import {
  instrumentOf,
  type ModelBalance,
  type ModelInstrument,
  type ModelOrder,
  type ModelVenue,
  resting,
} from './venue.ts'

/** A number that need not be whole: one bigint over another one above 0. */
type Fraction = readonly [bigint, bigint]

/** Rounds away what is not whole, upwards. */
export function roundUp([n, d]: Fraction): bigint {
  return n % d === 0n ? n / d : n / d + 1n
}

/** Rounds to the nearest whole number, from the middle to the even one. */
function roundEven([n, d]: Fraction): bigint {
  const below = n / d
  const [toBelow, toAbove] = [n - below * d, (below + 1n) * d - n]
  if (toBelow === toAbove) return below % 2n === 0n ? below : below + 1n
  return toBelow < toAbove ? below : below + 1n
}

/** What lots are worth at a price, in smallest units of money. */
export function worthOf({ worth }: InstrumentTerms, price: number, quantity: number): Fraction {
  return [BigInt(price) * BigInt(quantity) * BigInt(worth[0]), BigInt(worth[1])]
}

function round({ notionalRounding }: InstrumentTerms, [n, d]: Fraction): bigint {
  return notionalRounding === 'down' ? n / d : roundEven([n, d])
}

/** How many lots a trade is about, and what it moves. Without lots there is no trade: the budget is too small for it. */
export function bargain(
  terms: InstrumentTerms,
  buyer: ModelOrder,
  seller: ModelOrder,
  price: number,
): { quantity: number; paid: bigint; spent: boolean } | undefined {
  if (buyer.budget === undefined) {
    const quantity = Math.min(buyer.open, seller.open)
    const paid = round(terms, worthOf(terms, price, quantity))
    return { quantity, paid: paid < buyer.held ? paid : buyer.held, spent: false }
  }
  const budget = buyer.held
  const [whole, d] = worthOf(terms, price, seller.open)
  if (budget * d >= whole) {
    return { quantity: seller.open, paid: budget - round(terms, [budget * d - whole, d]), spent: false }
  }
  const quantity = Number(roundEven([budget * d, worthOf(terms, price, 1)[0]]))
  if (quantity < terms.minQuantity) return undefined
  const paid = round(terms, worthOf(terms, price, quantity))
  return { quantity, paid: paid < budget ? paid : budget, spent: true }
}

/** What an order gives away, and so has to reserve. */
export function assetOf(terms: InstrumentTerms, side: 'buy' | 'sell'): string {
  return side === 'buy' ? terms.quote : terms.base
}

/** What an order has to reserve. */
export function costOf(venue: ModelVenue, terms: InstrumentTerms, order: Place): bigint {
  const { side, quantity, price, budget } = order
  if (side === 'sell') return BigInt(quantity) * BigInt(terms.unitsPerLot)
  if (budget !== undefined) return budget
  if (order.orderType === 'limit') return roundUp(worthOf(terms, price, quantity))
  return findable(venue, terms, order)
}

/** What the trades of an order by quantity without a price would come to now, or its budget; each trade rounded up. */
export function findable(venue: ModelVenue, terms: InstrumentTerms, order: Place): bigint {
  const { side, quantity, budget, symbol, account } = order
  if (budget !== undefined) return budget
  let cost = 0n
  let left: number = quantity
  for (const maker of resting(venue.orders, symbol, side === 'buy' ? 'sell' : 'buy')) {
    if (maker.account === account) {
      const { selfTrade } = venue.rules
      if (selfTrade === 'skip' || selfTrade === 'cancel-maker') continue
      if (selfTrade !== 'allow') break
    }
    const lots = Math.min(left, maker.open)
    cost += roundUp(worthOf(terms, maker.price, lots))
    left -= lots
  }
  return cost
}

/** Fees on what the buyer receives (lots, in units of the base asset) and on what the seller does (money). */
export function feesOf(
  { fees }: InstrumentTerms,
  taker: 'buy' | 'sell',
  units: bigint,
  paid: bigint,
): { buyerFee: bigint; sellerFee: bigint } {
  if (fees === undefined) return { buyerFee: 0n, sellerFee: 0n }
  const [buyer, seller] =
    'buy' in fees
      ? [fees.buy, fees.sell]
      : taker === 'buy'
        ? [fees.taker, fees.maker]
        : [fees.maker, fees.taker]
  return {
    buyerFee: (units * BigInt(buyer)) / 1_000_000_000n,
    sellerFee: (paid * BigInt(seller)) / 1_000_000_000n,
  }
}

export function availableTo(venue: ModelVenue, account: string, asset: string): bigint {
  return venue.balances.find((one) => one.account === account && one.asset === asset)?.available ?? 0n
}

/** A balance to change: it will be reported. */
export function balance(venue: ModelVenue, account: string, asset: string): ModelBalance {
  let found = venue.balances.find((one) => one.account === account && one.asset === asset)
  if (found === undefined) {
    found = { account, asset, available: 0n, held: 0n }
    venue.balances.push(found)
  }
  if (!venue.touched.includes(found)) venue.touched.push(found)
  return found
}

/** Reserves for an order, or with less than nothing gives back. */
export function reserve(venue: ModelVenue, order: ModelOrder, amount: bigint): void {
  const terms = instrumentOf(venue, order.symbol).terms as InstrumentTerms
  const own = balance(venue, order.account, assetOf(terms, order.side))
  own.available -= amount
  own.held += amount
  order.held += amount
}

/** An amount as events give it: a number if one holds it exactly. */
export function asReported(amount: bigint): Amount {
  return amount < 2n ** 53n ? Number(amount) : amount
}

/** What the command changed of what accounts hold. */
export function balanceEvents(venue: ModelVenue): Event[] {
  const events = venue.touched.map((touched): Event => {
    const { available, held } = touched
    return {
      ...{ type: 'balance-changed', venue: venue.name, ...touched },
      ...{ available: asReported(available), held: asReported(held) },
    }
  })
  venue.touched = []
  return events
}

/** Moves the venue's own price, when what happened is about limit orders of the book. */
export function moveReference(venue: ModelVenue, instrument: ModelInstrument, happened: Event[]): Event[] {
  const { symbol, reference } = instrument
  const isAboutBook = happened.some(
    (event) =>
      event.type === 'trade' ||
      event.type === 'order-rested' ||
      (event.type === 'order-closed' && event.resting),
  )
  const [bid] = resting(venue.orders, symbol, 'buy')
  const [ask] = resting(venue.orders, symbol, 'sell')
  if (reference === undefined || !isAboutBook || (bid ?? ask) === undefined) return []
  const sum = BigInt(bid?.price ?? reference) + BigInt(ask?.price ?? reference)
  const price = Number(roundEven([sum, 2n]))
  if (price === reference) return []
  instrument.reference = price
  return [{ type: 'reference-changed', venue: venue.name, symbol, price: price as Ticks }]
}
