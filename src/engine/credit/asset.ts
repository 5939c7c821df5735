import type { Amount } from '../../domain/amount.ts'

/** Something that accounts of a venue hold, and the sums that are kept of it. */
export interface Asset {
  readonly name: string
  /** 0, 1, 2 … in the order in which the ledger came to know them; where accounts keep their balance of it. */
  readonly slot: number
  /** What came in from outside. */
  deposited: Amount
  /** What the venue has taken. */
  fees: Amount
}
