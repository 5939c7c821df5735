import Type, { type Static } from 'typebox'
import { type RejectReason, rejectReasons } from '../src/domain/reject.ts'
import { type UnavailableReason, unavailableReasons } from '../src/domain/unavailable.ts'
import { OneOf } from './types.ts'

export const ErrorView = Type.Object(
  {
    ok: Type.Literal(false),
    error: Type.String({
      description: 'What is wrong, for people. The old servers said the same, so bots may match on it.',
    }),
    reason: Type.String({
      description: 'What is wrong, for programs: a code in snake_case that does not change.',
    }),
    field: Type.Optional(
      Type.String({
        description: 'The field, parameter or header at fault; absent when it is not one of them.',
      }),
    ),
    outcome: Type.Optional(
      OneOf(['refused', 'unknown'], {
        description:
          'Only on 503. `refused`: nothing was done, send it again. `unknown`: it may have been done; an order is safe to send again under the same `clientOrderId`.',
      }),
    ),
  },
  { description: 'Why a request failed.' },
)
export type ErrorView = Static<typeof ErrorView>

/** How an error is said on the wire. */
interface Answer {
  /** `bad-order`: 400, or 200 where the old official status is configured. */
  readonly status: number | 'bad-order'
  /** The text; names in braces are filled in. */
  readonly error: string
  /** The code, where it is not the key in the table. */
  readonly reason?: string
}

/** What each refusal by rule is here. */
const refusals: Record<RejectReason, Answer> = {
  unknown_venue: { status: 404, error: 'No venue exists with the symbol {venue}' },
  venue_exists: { status: 409, error: rejectReasons.venue_exists },
  voided: { status: 409, error: rejectReasons.voided },
  venue_dropped: { status: 404, error: 'Venue {venue} is gone, and its name is not given again' },
  note_too_large: { status: 409, error: rejectReasons.note_too_large },
  unknown_symbol: { status: 'bad-order', error: 'symbol {symbol} does not exist on venue {venue}' },
  symbol_exists: { status: 409, error: rejectReasons.symbol_exists },
  unknown_order: {
    status: 404,
    error: 'order {id} not found (highest available on this venue is {highest})',
  },
  order_closed: { status: 409, error: rejectReasons.order_closed },
  not_replaceable: { status: 409, error: rejectReasons.not_replaceable },
  client_order_id_conflict: { status: 409, error: rejectReasons.client_order_id_conflict },
  too_many_books: { status: 400, error: 'Book limit exceeded! (See command line options)' },
  too_many_accounts: { status: 'bad-order', error: rejectReasons.too_many_accounts },
  too_many_open_orders: { status: 'bad-order', error: rejectReasons.too_many_open_orders },
  venue_full: { status: 'bad-order', error: rejectReasons.venue_full },
  depth_limit: { status: 'bad-order', error: rejectReasons.depth_limit },
  venue_halted: { status: 409, error: rejectReasons.venue_halted },
  venue_closed: { status: 409, error: rejectReasons.venue_closed },
  no_accounts: { status: 409, error: rejectReasons.no_accounts },
  unknown_account: { status: 'bad-order', error: rejectReasons.unknown_account },
  account_exists: { status: 409, error: rejectReasons.account_exists },
  unknown_asset: { status: 'bad-order', error: rejectReasons.unknown_asset },
  terms_missing: { status: 409, error: rejectReasons.terms_missing },
  bad_terms: { status: 409, error: rejectReasons.bad_terms },
  rules_conflict: { status: 409, error: rejectReasons.rules_conflict },
  quantity_too_small: { status: 'bad-order', error: rejectReasons.quantity_too_small },
  value_too_small: { status: 'bad-order', error: rejectReasons.value_too_small },
  budget_only: { status: 'bad-order', error: rejectReasons.budget_only },
  wrong_side_of_reference: { status: 'bad-order', error: rejectReasons.wrong_side_of_reference },
  no_opposite_orders: { status: 'bad-order', error: rejectReasons.no_opposite_orders },
  too_many_sessions: { status: 409, error: rejectReasons.too_many_sessions },
  unknown_session: { status: 409, error: rejectReasons.unknown_session },
  grace_too_long: { status: 409, error: rejectReasons.grace_too_long },
  insufficient_funds: { status: 'bad-order', error: rejectReasons.insufficient_funds },
  house_account: { status: 403, error: rejectReasons.house_account },
}

/** What it is here when a command was not decided. */
const failures: Record<UnavailableReason, Answer> = {
  queue_full: { status: 503, error: unavailableReasons.queue_full },
  journal_failed: { status: 503, error: unavailableReasons.journal_failed },
  history_unavailable: { status: 503, error: unavailableReasons.history_unavailable },
  history_catching_up: { status: 503, error: unavailableReasons.history_catching_up },
  history_lost: { status: 503, error: unavailableReasons.history_lost },
  stopping: { status: 503, error: unavailableReasons.stopping },
}

/** Everything that is said before a request becomes a command, and about requests that never become one. */
const mistakes = {
  malformed_json: { status: 400, error: 'Incoming data was not valid JSON' },
  not_an_object: { status: 400, error: 'A value in the POST had the wrong type' },
  key_required: {
    status: 401,
    error: 'Server is in +authentication mode but no API key was received',
  },
  wrong_key: { status: 401, error: 'Unknown account or wrong API key' },
  bad_name: { status: 400, error: 'Bad {field} in the URL: use 1 to 20 of A-Z, a-z, 0-9 and _' },
  bad_level: { status: 400, error: 'Bad level name in the URL: use 1 to 100 characters', reason: 'bad_name' },
  url_mismatch: { status: 400, error: 'Incoming POST data disagreed with request URL' },
  symbol_not_found: {
    status: 404,
    error: 'symbol {symbol} does not exist on venue {venue}',
    reason: 'unknown_symbol',
  },
  symbol_not_quoted: {
    status: 404,
    error: 'Stock {symbol} does not trade on venue {venue}',
    reason: 'unknown_symbol',
  },
  missing_field: { status: 'bad-order', error: 'Incoming POST was missing required field' },
  wrong_type: { status: 'bad-order', error: 'A value in the POST had the wrong type' },
  bad_value: { status: 'bad-order', error: 'Illegal value (usually a non-positive number)' },
  bad_id: { status: 400, error: 'Bad id in the URL: it has to be a whole number' },
  bad_query: { status: 400, error: 'Illegal value of the query parameter {field}' },
  closed_door: {
    status: 403,
    error:
      'Venue {venue} can only be read here: orders are placed and canceled at its own door, unless its `rest` in the config file is open',
  },
  purged: { status: 404, error: 'order {id} not found (the venue purges orders after a while)' },
  not_order_owner: { status: 401, error: "You are not authorized to view that order's details." },
  not_order_owner_cancel: {
    status: 401,
    error: 'Not authorized to delete that order.',
    reason: 'not_order_owner',
  },
  not_order_owner_cancel_named: {
    status: 401,
    error: 'Not authorized to delete that order.  You have to own account {account}.',
    reason: 'not_order_owner',
  },
  not_account_owner: {
    status: 401,
    error: "Not authorized to access details about that account's orders.",
  },
  not_account_owner_stock: {
    status: 401,
    error: 'You are not authorized to trade on that account.',
    reason: 'not_account_owner',
  },
  unknown_instance: { status: 404, error: 'No instance exists with the id {id}' },
  unknown_level: { status: 404, error: 'No level is called {level}: there are {known}' },
  not_instance_owner: { status: 401, error: 'That instance belongs to another key' },
  too_many_instances: {
    status: 429,
    error: 'As many levels are open as may be ({most}): stop one, or try again later',
  },
  not_judged: { status: 400, error: 'Nobody is judged in the level {level}' },
  already_ended: { status: 400, error: 'Instance {id} has ended: there is nothing left to judge' },
  unknown_suspect: {
    status: 400,
    error: 'No such account on the venue of the instance',
    reason: 'unknown_account',
  },
  unknown_path: { status: 404, error: 'Unknown path' },
  upgrade_required: { status: 426, error: 'This path is a websocket' },
  bad_handshake: { status: 400, error: 'The websocket handshake cannot be understood' },
  unknown_method: { status: 501, error: 'Unknown method' },
  method_not_allowed: { status: 405, error: 'Method not allowed, use {allow}' },
  body_too_large: { status: 413, error: 'The body is too large: at most 16 KiB' },
  rate_limited: { status: 429, error: 'Too many requests' },
  foreign_origin: { status: 403, error: 'This origin may not call (see --cors)' },
  foreign_host: { status: 403, error: 'This host name is not answered (see --allow-host)' },
  headers_too_large: { status: 431, error: 'URL and headers are too large: at most 16 KiB' },
  request_timeout: { status: 408, error: 'The request took too long to arrive' },
  bad_url: { status: 400, error: 'The URL cannot be decoded' },
  bad_request: { status: 400, error: 'The request cannot be read' },
  internal_error: { status: 500, error: 'Internal server error' },
} as const satisfies Record<string, Answer>

export type ProblemKind = RejectReason | UnavailableReason | keyof typeof mistakes

const answers: Record<ProblemKind, Answer> = { ...refusals, ...failures, ...mistakes }

/** What a read of what is over may be answered with. */
export const noHistory = [
  'history_catching_up',
  'history_lost',
  'history_unavailable',
] as const satisfies ProblemKind[]

/** The answer to a request that fails: throw it in a route or a hook. */
export class Problem extends Error {
  readonly kind: ProblemKind
  readonly status: number | 'bad-order'
  readonly reason: string
  readonly field: string | undefined

  /** `values` fills the braces of the text; `field` among them is the field at fault. */
  constructor(kind: ProblemKind, values: Readonly<Record<string, string | number>> = {}) {
    const { status, error, reason = kind } = answers[kind]
    super(error.replace(/\{(\w+)\}/g, (_, name: string) => `${values[name]}`))
    this.kind = kind
    this.status = status
    this.reason = reason
    const { field } = values
    this.field = field === undefined ? undefined : `${field}`
  }

  toView(): ErrorView {
    const { message: error, reason, field } = this
    return { ok: false, error, reason, ...(field !== undefined && { field }) }
  }
}
