import { type Amount, toAmount, wholes } from '../../domain/amount.ts'
import { type Fees, feeScale } from '../../domain/instrument.ts'

/** The rates at which the two sides of a trade pay, in parts of `feeScale`. */
export interface FeeRates {
  readonly buyer: number
  readonly seller: number
}

/** What the two sides pay when the buyer is the taker, and when the seller is. */
export interface FeeRatesByTaker {
  readonly buy: FeeRates
  readonly sell: FeeRates
}

export function feeRates(fees: Fees | undefined): FeeRatesByTaker {
  if (fees === undefined) return { buy: { buyer: 0, seller: 0 }, sell: { buyer: 0, seller: 0 } }
  if ('buy' in fees) {
    const bySide = { buyer: fees.buy, seller: fees.sell }
    return { buy: bySide, sell: bySide }
  }
  const { maker, taker } = fees
  return { buy: { buyer: taker, seller: maker }, sell: { buyer: maker, seller: taker } }
}

/** The fee of an amount, rounded down. */
export function feeOf(amount: Amount, rate: number): Amount {
  if (rate === 0) return 0
  if (typeof amount === 'number') {
    const fine = amount * rate
    if (Number.isSafeInteger(fine)) return wholes(fine, feeScale)
  }
  return toAmount((BigInt(amount) * BigInt(rate)) / BigInt(feeScale))
}
