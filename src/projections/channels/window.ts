/** Changes that one channel keeps, so that who missed some can ask for them. */
export const changesPerWindow = 10_000
/** Bytes that one channel keeps of them. */
export const bytesPerWindow = 2 * 1024 * 1024
/** Bytes that all channels of a market keep together. */
const bytesOfWindows = 64 * 1024 * 1024

/** A channel's newest changes. */
export interface Window {
  readonly bytes: number
  /** The step of its last change. */
  readonly changedAt: number
  /** Forgets them; the count goes on. */
  clear(): void
}

/**
 * Bounds what all windows of a market hold together: when it is too much, that of the channel which has been still
 * the longest goes as a whole, since its readers have had the most time.
 */
export class Windows {
  readonly #limit: number
  readonly #windows = new Set<Window>()
  #bytes = 0

  constructor(limit = bytesOfWindows) {
    this.#limit = limit
  }

  /** Bytes of all windows. */
  get bytes(): number {
    return this.#bytes
  }

  add(window: Window): void {
    this.#windows.add(window)
  }

  /** Lets a window go. */
  delete(window: Window): void {
    if (this.#windows.delete(window)) this.#bytes -= window.bytes
  }

  /** Says by how many bytes a window grew, or shrank. */
  grew(window: Window, bytes: number): void {
    this.#bytes += bytes
    while (this.#bytes > this.#limit && this.#clearOldest(window));
  }

  #clearOldest(but: Window): boolean {
    let oldest: Window | undefined
    for (const window of this.#windows) {
      if (window === but || window.bytes === 0) continue
      if (oldest === undefined || window.changedAt < oldest.changedAt) oldest = window
    }
    if (oldest === undefined) return false
    this.#bytes -= oldest.bytes
    oldest.clear()
    return true
  }
}
