/** What is known of a request that failed: that nothing was done, or that it may have been done. */
export type RequestOutcome = 'refused' | 'unknown'

interface Details {
  readonly status?: number | undefined
  readonly field?: string | undefined
  readonly outcome?: RequestOutcome | undefined
  readonly docs?: string | undefined
  readonly cause?: unknown
}

/** What went wrong between here and the server; the server's own reasons are in its documentation. */
export type ClientReason =
  | 'unreachable'
  | 'timeout'
  | 'not_json'
  | 'disconnected'
  | 'connection_lost'
  | 'closed'
  | 'too_many_in_flight'
  | 'already_subscribed'
  | 'no_websocket'
  | 'not_supported'

/** A `ClientReason`, or a code of the server, of which later servers may have more. */
export type Reason = ClientReason | (string & Record<never, never>)

const worthAnotherTry: readonly string[] = ['rate_limited', 'too_many_in_flight']

/** Why a request failed: `reason` for programs, `message` for people. */
export class StockyardError extends Error {
  override readonly name = 'StockyardError'
  /** It does not change between versions. */
  readonly reason: Reason
  /** The HTTP status; undefined on the socket, and where no answer came. */
  readonly status: number | undefined
  /** The field at fault. */
  readonly field: string | undefined
  readonly outcome: RequestOutcome | undefined
  /** Where to read more, as a path on the server. */
  readonly docs: string | undefined

  constructor(reason: Reason, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.reason = reason
    this.status = details.status
    this.field = details.field
    this.outcome = details.outcome
    this.docs = details.docs
  }

  /** Whether the same request may succeed later. Of orders send it again only under the same client order id. */
  get isTemporary(): boolean {
    if (this.reason === 'closed') return false
    return this.outcome !== undefined || worthAnotherTry.includes(this.reason)
  }
}

/** The error that a refusal says. */
export function toError(view: unknown, status?: number): StockyardError {
  const { reason, error, field, outcome, docs } = (view ?? {}) as {
    reason?: string
    error?: string
    field?: string
    outcome?: RequestOutcome
    docs?: string
  }
  const code = reason ?? 'internal_error'
  const details = { status, field, outcome: outcome ?? outcomeOf(code, status), docs }
  return new StockyardError(code, error ?? code, details)
}

/** What breaks in the server, or before it, may break after the server did what it was asked. */
function outcomeOf(reason: string, status = 0): RequestOutcome | undefined {
  return reason === 'internal_error' || status >= 500 ? 'unknown' : undefined
}
