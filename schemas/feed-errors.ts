import { type RejectReason, rejectReasons } from '../src/domain/reject.ts'
import { type UnavailableReason, unavailableReasons } from '../src/domain/unavailable.ts'

/** Bounds of one socket of the feed. */
export const feedLimits = {
  /** Bytes of one request. */
  requestBytes: 16 * 1024,
  /** Subscriptions at a time. */
  subscriptions: 256,
  /** Orders, replacements and cancels that wait for their answer. */
  inFlight: 64,
  /** Requests of any kind that wait for the answers before theirs; beyond it the socket is closed. */
  waiting: 1024,
  /** Resting orders or levels of a book that one snapshot carries. */
  snapshotEntries: 100_000,
  /** Orders that one `cancel-all` cancels. */
  cancels: 1000,
} as const

/** What is wrong with a request of the feed, before it is a command. */
const mistakes = {
  malformed_json: 'The message is not a JSON object',
  bad_request: 'A field is missing, unknown or has an illegal value',
  unknown_op: 'There is no such operation',
  request_too_large: 'The request is too large: at most 16 KiB',
  too_many_subscriptions: 'The socket has as many subscriptions as it may have: 256',
  too_many_in_flight: 'Too many orders and cancels of this socket wait for their answer: at most 64',
  already_subscribed: 'The socket has this subscription already',
  not_subscribed: 'The socket has no such subscription',
  book_too_deep: 'The book is too deep for one snapshot: subscribe with a depth',
  key_required: 'The server has keys: send one when the socket opens, or with `auth`',
  wrong_key: 'Nobody has this key',
  not_account_owner: 'The key is not that of the account',
  closed_door: 'Orders and accounts of this venue belong to another door',
  rate_limited: 'Too many requests',
  internal_error: 'Internal server error',
} as const

export type FeedErrorCode = RejectReason | UnavailableReason | keyof typeof mistakes

/** Every code that an answer may carry, with its sentence. */
export const feedErrors: Readonly<Record<FeedErrorCode, string>> = {
  ...rejectReasons,
  ...unavailableReasons,
  ...mistakes,
}
