import { Compile } from 'typebox/compile'
import { type FeedRequest, feedRequests } from '../../schemas/feed.ts'
import { Refusal } from './refusal.ts'

/** Reads requests: throws a `Refusal` for whatever is none. */
export function createReader(): (text: string) => FeedRequest {
  const checks = new Map(Object.entries(feedRequests).map(([op, schema]) => [op, Compile(schema)] as const))
  return (text) => {
    const value = parse(text)
    const { op } = value as { op?: unknown }
    const check = typeof op === 'string' ? checks.get(op) : undefined
    if (check === undefined) throw new Refusal('unknown_op', 'op')
    if (!check.Check(value)) throw new Refusal('bad_request', fieldOf(check, value))
    return value as FeedRequest
  }
}

/** The id of something that may be a request. */
export function idOf(text: string): number | string | null {
  try {
    const { id } = parse(text) as { id?: unknown }
    return Number.isSafeInteger(id) || (typeof id === 'string' && id.length <= 64)
      ? (id as number | string)
      : null
  } catch {
    return null
  }
}

function parse(text: string): object {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Refusal('malformed_json')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Refusal('malformed_json')
  return value
}

/** The field at fault, as far as one can be named: of alternatives nobody knows which was meant. */
function fieldOf(check: ReturnType<typeof Compile>, value: unknown): string | undefined {
  const [error] = check.Errors(value)
  if (error === undefined) return undefined
  const path = error.instancePath.slice(1).split('/')[0]
  if (path !== undefined && path !== '') return path
  const { requiredProperties, additionalProperties } = error.params as {
    requiredProperties?: string[]
    additionalProperties?: string[]
  }
  return requiredProperties?.[0] ?? additionalProperties?.[0]
}
