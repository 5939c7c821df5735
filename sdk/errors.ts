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
  | 'no_websocket'
  | 'not_supported'

const worthAnotherTry: readonly string[] = ['rate_limited', 'too_many_in_flight', 'internal_error']

/** Why a request failed: `reason` for programs, `message` for people. */
export class StockyardError extends Error {
  override readonly name = 'StockyardError'
  /** A code of the server, or a `ClientReason`; it does not change between versions. */
  readonly reason: string
  /** The HTTP status; undefined on the socket, and where no answer came. */
  readonly status: number | undefined
  /** The field at fault. */
  readonly field: string | undefined
  readonly outcome: RequestOutcome | undefined
  /** Where to read more, as a path on the server. */
  readonly docs: string | undefined

  constructor(reason: string, message: string, details: Details = {}) {
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
    return this.outcome !== undefined || (this.status ?? 0) >= 500 || worthAnotherTry.includes(this.reason)
  }
}

/** The error that a refusal of the server says. */
export function toError(view: unknown, status?: number): StockyardError {
  const { reason, error, field, outcome, docs } = (view ?? {}) as {
    reason?: string
    error?: string
    field?: string
    outcome?: RequestOutcome
    docs?: string
  }
  const code = reason ?? 'internal_error'
  return new StockyardError(code, error ?? code, { status, field, outcome, docs })
}
