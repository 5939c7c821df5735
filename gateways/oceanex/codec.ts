/** The fields of an object. */
export type Fields = Readonly<Record<string, unknown>>

/** A request. What has no form of its own is as it was sent, or null where nothing was. */
export interface Query {
  readonly handler: string
  readonly action: unknown
  readonly uuid: unknown
  readonly args: Fields
  /** Of a login. */
  readonly header: Fields | undefined
  /** What is wrong with its form, if something is; it can be answered all the same. */
  readonly fault: string | undefined
}

/** What a frame of a client holds. */
export type Frame =
  | { readonly kind: 'pong' }
  | { readonly kind: 'query'; readonly query: Query }
  /** Nobody can tell what an answer would belong to. */
  | { readonly kind: 'broken'; readonly message: string }

/** Reads a frame. An `identifier` may be an object, or a text that holds one. */
export function readFrame(text: string): Frame {
  const frame = parse(text)
  if (frame === undefined) return broken('The frame is no JSON object')
  if (frame.command === 'pong') return { kind: 'pong' }
  const identifier =
    typeof frame.identifier === 'string' ? parse(frame.identifier) : fieldsOf(frame.identifier)
  const handler = identifier?.handler
  if (typeof handler !== 'string') return broken('identifier must be an object with a handler')
  const data = fieldsOf(frame.data)
  const args = fieldsOf(data?.args ?? {})
  return {
    kind: 'query',
    query: {
      handler,
      action: data?.action ?? null,
      uuid: data?.uuid ?? null,
      args: args ?? {},
      header: fieldsOf(data?.header),
      fault: faultOf(frame.command, data, args),
    },
  }
}

function faultOf(command: unknown, data: Fields | undefined, args: Fields | undefined): string | undefined {
  if (command !== 'message') return 'command does not have a valid value'
  if (data === undefined) return 'data does not have a valid value'
  if (args === undefined) return 'args does not have a valid value'
  return undefined
}

/** A success. */
export function answerText({ handler, action, uuid }: Query, data: unknown): string {
  return JSON.stringify({ identifier: { handler }, message: { action, code: 0, data, uuid } })
}

/** An answer that is no success. */
export function failureText(
  { handler, action, uuid }: Pick<Query, 'handler' | 'action' | 'uuid'>,
  { code, message, data }: { readonly code: number; readonly message: string; readonly data: unknown },
): string {
  return JSON.stringify({ identifier: { handler }, message: { action, code, message, data, uuid } })
}

/** Why a connection ends before it is closed. */
export type DisconnectReason =
  | 'unauthorized'
  | 'invalid_request'
  | 'ping_timeout'
  | 'rate_limit'
  | 'server_restart'
  | 'shutdown'

/** Whether a new connection can help. */
const isWorthRetrying: Readonly<Record<DisconnectReason, boolean>> = {
  unauthorized: false,
  invalid_request: false,
  ping_timeout: true,
  rate_limit: true,
  server_restart: true,
  shutdown: false,
}

export function disconnectText(reason: DisconnectReason): string {
  return JSON.stringify({ type: 'disconnect', reason, reconnect: isWorthRetrying[reason] })
}

export function welcomeText(pingInterval: number): string {
  return JSON.stringify({ type: 'welcome', message: pingInterval })
}

export function pingText(seconds: number): string {
  return JSON.stringify({ type: 'ping', message: seconds })
}

function broken(message: string): Frame {
  return { kind: 'broken', message }
}

function parse(text: string): Fields | undefined {
  try {
    return fieldsOf(JSON.parse(text))
  } catch {
    return undefined
  }
}

function fieldsOf(value: unknown): Fields | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return value as Fields
}
