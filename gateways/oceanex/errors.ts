import type { RejectReason } from '../../src/domain/reject.ts'
import type { Unavailable } from '../../src/domain/unavailable.ts'

/** Codes of answers that are no success. */
export const codes = {
  internal: -1,
  wrapped: -2,
  badRequest: 1001,
  missing: 1004,
  authentication: 1006,
  unknownKey: 1008,
  nonce: 1010,
  address: 1011,
  mayNotTrade: 2001,
  invalidOrder: 2002,
  orderNotFound: 2004,
  scope: 9003,
} as const

/** Why a request was not done, as the client is told. */
export class Failure extends Error {
  readonly code: number
  readonly data: unknown

  constructor(code: number, message: string, data: unknown = {}) {
    super(message)
    this.code = code
    this.data = data
  }
}

export function invalid(field: string): Failure {
  return new Failure(codes.badRequest, `${field} does not have a valid value`)
}

export function missing(field: string): Failure {
  return new Failure(codes.missing, `${field} is missing`)
}

export function notFound(data: unknown = {}): Failure {
  return new Failure(codes.orderNotFound, 'Order not found', data)
}

/** Clients look for the inner code and for the words `Exceeding request Limit`. */
export function overLimit(what: string, perSecond: number): Failure {
  const message = `Exceeding request Limit: ${perSecond} ${what} a second`
  return new Failure(codes.wrapped, JSON.stringify({ error: { code: codes.invalidOrder, message } }))
}

/** The exchange took no command, or cannot say what became of it. */
export function unavailable({ outcome, message }: Unavailable): Failure {
  const isRefused = outcome === 'refused'
  const rest = isRefused ? 'nothing was done' : 'whether it was done is not known'
  return new Failure(codes.internal, `${message}; ${rest}`)
}

const wrongOrder = (message: string) => [codes.invalidOrder, message] as const
const trouble = (message: string) => [codes.internal, message] as const
const noSuchMarket = [codes.badRequest, 'market does not have a valid value'] as const

/** A refusal by rule in the words of this API. */
const refusals: Readonly<Record<RejectReason, readonly [code: number, message: string]>> = {
  unknown_venue: noSuchMarket,
  venue_exists: trouble('The venue exists already'),
  venue_dropped: noSuchMarket,
  unknown_symbol: noSuchMarket,
  symbol_exists: trouble('The market exists already'),
  unknown_order: [codes.orderNotFound, 'Order not found'],
  order_closed: [codes.orderNotFound, 'Order not found'],
  not_replaceable: wrongOrder('Only limit orders can be replaced'),
  client_order_id_conflict: wrongOrder('The client order id belongs to a different order'),
  too_many_books: trouble('No more markets can be made'),
  too_many_accounts: trouble('No more accounts can trade here'),
  too_many_open_orders: wrongOrder('The account has as many open orders as it may have'),
  venue_full: wrongOrder('No more orders can be open at once'),
  depth_limit: wrongOrder('The volume on this side of the book would be too large'),
  venue_halted: wrongOrder('The market is halted'),
  venue_closed: wrongOrder('The market is closed'),
  no_accounts: trouble('There are no accounts here'),
  unknown_account: [codes.mayNotTrade, 'The account does not exist'],
  house_account: [codes.mayNotTrade, 'The account is of the house'],
  account_exists: trouble('The account exists already'),
  unknown_asset: trouble('No such currency'),
  terms_missing: trouble('The market has no terms'),
  bad_terms: trouble('The terms of the market cannot be used'),
  rules_conflict: trouble('The rules of the venue cannot hold together'),
  quantity_too_small: wrongOrder('The volume is too small'),
  value_too_small: wrongOrder('The order is worth less than the minimum trading amount'),
  budget_only: wrongOrder('A market order to buy that may wait needs a budget'),
  wrong_side_of_reference: wrongOrder("The price is on the wrong side of the market's own"),
  no_opposite_orders: wrongOrder('The order book is empty'),
  insufficient_funds: wrongOrder('Account::AccountError: Cannot lock funds'),
  too_many_sessions: trouble('No more sessions can be armed'),
  unknown_session: trouble('Nothing is armed there'),
  grace_too_long: trouble('The grace is too long'),
  note_too_large: trouble('The note is too long'),
  voided: wrongOrder('The command was declared void by the operator'),
}

export function refused(reason: RejectReason): Failure {
  const [code, message] = refusals[reason]
  return new Failure(code, message)
}
