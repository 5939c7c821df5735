import { feeScale, type InstrumentTerms } from '../../src/domain/instrument.ts'
import { halfEven } from '../../src/domain/rounding.ts'

/** What the two sides of a trade paid, in smallest units: the buyer of the base asset, the seller of the quote asset. */
export function feesOf(
  { fees, unitsPerLot, worth }: InstrumentTerms,
  price: number,
  quantity: number,
): { readonly buyerFee: bigint; readonly sellerFee: bigint } {
  if (fees === undefined || !('buy' in fees)) return { buyerFee: 0n, sellerFee: 0n }
  const paid = halfEven(BigInt(price) * BigInt(quantity) * BigInt(worth[0]), BigInt(worth[1]))
  return {
    buyerFee: (BigInt(quantity) * BigInt(unitsPerLot) * BigInt(fees.buy)) / BigInt(feeScale),
    sellerFee: (paid * BigInt(fees.sell)) / BigInt(feeScale),
  }
}
