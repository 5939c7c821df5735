import type { Command, Place } from '../../src/domain/command.ts'
import type { InstrumentTerms } from '../../src/domain/instrument.ts'
import { type Lots, lots, ticks } from '../../src/domain/units.ts'
import type { VenueRules } from '../../src/domain/venue.ts'

/** Where CRYPTO of CXGAME is. */
export const crypto = '/ob/api/venues/CXGAME/stocks/CRYPTO'

/** One of CRYPTO in lots. */
export const coin = 10_000_000_000

/** Accounts begin with 10,000 dollars, in cents, and ten coins. */
export const cashRules: VenueRules = {
  rulesVersion: 1,
  selfTrade: 'skip',
  credit: 'cash',
  marketRemainder: 'rest',
  opening: { USD: '1000000', CRYPTO: '100000000000' },
}

/** Ticks of a cent, lots of ten decimals, and a price of 1,000 dollars to begin with. */
export const cashTerms: InstrumentTerms = {
  base: 'CRYPTO',
  quote: 'USD',
  tickSize: '0.01',
  lotSize: '0.0000000001',
  unitsPerLot: 1,
  worth: [1, coin],
  notionalRounding: 'half-even',
  minQuantity: lots(100),
  reference: { initial: ticks(100_000), bindsOrders: true },
}

/** Commands that make the venue CXGAME with its CRYPTO, and open accounts there. */
export function cashVenue(...accounts: string[]): Command[] {
  const venue = 'CXGAME'
  return [
    { type: 'create-venue', venue, rules: cashRules },
    { type: 'list-instrument', venue, symbol: 'CRYPTO', terms: cashTerms },
    ...accounts.map((account) => ({ type: 'open-account', venue, account }) as const),
  ]
}

/** Pays into an account from outside, in smallest units. */
export function deposit(account: string, asset: 'USD' | 'CRYPTO', amount: bigint): Command {
  return { type: 'deposit', venue: 'CXGAME', account, asset, amount }
}

/** A limit order. */
export function limit(account: string, side: Place['side'], price: number, quantity: number): Place {
  return { ...cashOrder(account, side), price: ticks(price), quantity: lots(quantity) }
}

/** A market order to sell, which waits with what it cannot trade. */
export function sellAtMarket(account: string, quantity: number): Place {
  return { ...cashOrder(account, 'sell'), orderType: 'market', quantity: lots(quantity) }
}

/** A market order that spends money, in cents, and waits with what it cannot. */
export function spend(account: string, budget: bigint): Place {
  return { ...cashOrder(account, 'buy'), orderType: 'market', budget }
}

function cashOrder(account: string, side: Place['side']): Place {
  return {
    type: 'place',
    venue: 'CXGAME',
    symbol: 'CRYPTO',
    account,
    side,
    orderType: 'limit',
    timeInForce: 'gtc',
    price: ticks(0),
    quantity: 0 as Lots,
    autoCreate: false,
  }
}
