import { StockyardError } from './errors.ts'

/** What is needed of timers; inject others to decide about time. */
export interface Timers {
  setTimeout(task: () => void, ms: number): unknown
  clearTimeout(timer: unknown): void
}

/** What is needed of a websocket: browsers', Node's and the package `ws`'s have it. */
export interface Socket {
  send(text: string): void
  close(): void
  /** Ends it without waiting for the other side; only `ws` has it. */
  terminate?(): void
  addEventListener(
    type: 'open' | 'message' | 'close' | 'error',
    listener: (event: { readonly type: string; readonly data?: unknown }) => void,
  ): void
}

export type SocketConstructor = new (url: string) => Socket

/** What is needed of `fetch`. */
export type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string; signal: AbortSignal },
) => Promise<{ readonly status: number; text(): Promise<string> }>

/** How long to wait before another try: up to `firstMs`, then up to twice as much each time, up to `mostMs`. */
export interface Backoff {
  readonly firstMs: number
  readonly mostMs: number
}

export const systemTimers: Timers = {
  setTimeout: (task, ms) => setTimeout(task, ms),
  clearTimeout: (timer) => clearTimeout(timer as number),
}

/**
 * The wait before try number `attempt`, counted from 0. Anything from nothing to the whole is as likely: so clients
 * that were cut off together do not all come back together.
 */
export function waitMs({ firstMs, mostMs }: Backoff, attempt: number, random: () => number): number {
  return random() * Math.min(mostMs, firstMs * 2 ** attempt)
}

/** The address of an exchange, without a slash at its end. Throws a `TypeError` when it is none. */
export function toBase(url: string): string {
  const { protocol = '', href = '' } = URL.canParse(url) ? new URL(url) : {}
  if (!/^https?:$/.test(protocol)) throw new TypeError(`url: ${url} is not like http://127.0.0.1:8000`)
  return href.replace(/\/+$/, '')
}

/** The websocket of the surroundings. Browsers and Node 22 have one; for Node 20 it is that of the package `ws`. */
export async function findWebSocket(): Promise<SocketConstructor> {
  const { WebSocket } = globalThis as { WebSocket?: SocketConstructor }
  if (WebSocket !== undefined) return WebSocket
  try {
    return (await import('ws')).WebSocket
  } catch (cause) {
    throw new StockyardError('no_websocket', 'There is no WebSocket here: install the package ws', { cause })
  }
}
