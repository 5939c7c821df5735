import type { Failure } from '../../schemas/feed.ts'
import { type FeedErrorCode, feedErrors } from '../../schemas/feed-errors.ts'
import type { Applied } from '../../src/domain/event.ts'
import { Unavailable } from '../../src/domain/unavailable.ts'

/** Where a code is explained. */
function docsOf(code: FeedErrorCode): string {
  return `/docs/ws#${code}`
}

/** The answer to a request that fails: throw it where requests are handled. */
export class Refusal extends Error {
  readonly code: FeedErrorCode
  readonly field: string | undefined

  constructor(code: FeedErrorCode, field?: string) {
    super(feedErrors[code])
    this.code = code
    this.field = field
  }
}

/** The answer that says what was thrown; undefined when that is a bug. */
export function toFailure(id: number | string | null, error: unknown): Failure | undefined {
  if (error instanceof Refusal) {
    const { code, field, message } = error
    return { ...failure(id, code, message), ...(field !== undefined && { field }) }
  }
  if (error instanceof Unavailable) {
    return { ...failure(id, error.reason, error.message), outcome: error.outcome }
  }
  return undefined
}

/** Throws a `Refusal` when the exchange refused the command. */
export function throwIfRejected({ events: [first] }: Applied): void {
  if (first?.type === 'rejected') throw new Refusal(first.reason)
}

export function failure(
  id: number | string | null,
  code: FeedErrorCode,
  error: string = feedErrors[code],
): Failure {
  return { type: 'answer', id, ok: false, reason: code, error, docs: docsOf(code) }
}
