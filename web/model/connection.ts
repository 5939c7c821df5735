import type { Feed } from '../../sdk/index.ts'
import { Watched } from './watched.ts'

/** `healing`: the server is there, but not all that was missed has come yet. */
export type ConnectionState = 'connecting' | 'live' | 'healing' | 'offline'

const lookEveryMs = 250

/** Whether what the page shows is what the server has. */
export class Connection extends Watched {
  readonly #feed: Feed
  readonly #isLive: () => boolean
  #state: ConnectionState = 'connecting'
  #wasOpen = false

  constructor(feed: Feed, isLive: () => boolean) {
    super()
    this.#feed = feed
    this.#isLive = isLive
    feed.onState(() => this.look())
    // A subscription that has caught up does not call.
    setInterval(() => this.look(), lookEveryMs)
  }

  get state(): ConnectionState {
    return this.#state
  }

  look(): void {
    const state = this.#find()
    if (state === this.#state) return
    this.#state = state
    this.changed()
  }

  #find(): ConnectionState {
    if (this.#feed.state === 'open') {
      this.#wasOpen = true
      if (this.#isLive()) return 'live'
      return this.#state === 'connecting' ? 'connecting' : 'healing'
    }
    return this.#wasOpen || this.#feed.state === 'waiting' ? 'offline' : 'connecting'
  }
}
