/** What a request carries beside its command: the fields of `params`. */
export type Fields = Readonly<Record<string, unknown>>

/** What a frame of a player holds. */
export type Frame =
  /** A known form: `params` is undefined when the request has none. */
  | { readonly kind: 'request'; readonly cmd: string; readonly params: unknown }
  /** JSON of an object or a list, but no request. */
  | { readonly kind: 'no-request' }
  /** No JSON, or JSON of something that is never a request. */
  | { readonly kind: 'garbage' }

/** Always these three keys, in this order. */
export interface Reply {
  readonly status: boolean
  readonly message: string
  readonly data: unknown
}

export function done(message: string, data: unknown = null): Reply {
  return { status: true, message, data }
}

export function refused(message: string): Reply {
  return { status: false, message, data: null }
}

/** Longer frames may be nested so deeply that they cannot be written again. */
const certainlyFlat = 2000

const garbage: Frame = { kind: 'garbage' }
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads a frame, whether it was sent as text or as bytes. */
export function readFrame(bytes: Buffer): Frame {
  let value: unknown
  try {
    const text = utf8.decode(bytes)
    value = JSON.parse(text)
    if (text.length > certainlyFlat) JSON.stringify(value)
  } catch {
    return garbage
  }
  if (typeof value !== 'object' || value === null) return garbage
  const { cmd, params } = value as { cmd?: unknown; params?: unknown }
  return typeof cmd === 'string' ? { kind: 'request', cmd, params } : { kind: 'no-request' }
}

/** The fields of an object; undefined for anything else. */
export function fieldsOf(params: unknown): Fields | undefined {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) return undefined
  return params as Fields
}
