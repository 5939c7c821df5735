/** Bounds of cancel-on-disconnect. */
export const sessionLimits = {
  /** Sessions of one account on one venue that may be armed at a time. */
  perAccount: 16,
  /** The same of all accounts of a venue. */
  perVenue: 10_000,
  /** The longest grace, in microseconds: one hour. */
  grace: 3_600_000_000,
} as const

/**
 * Which orders are canceled when a connection is lost: without `session` all open orders of the account, else those
 * that were placed under that name.
 */
export interface SessionKey {
  readonly venue: string
  readonly account: string
  readonly session?: string
}
