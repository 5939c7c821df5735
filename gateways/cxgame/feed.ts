import type { ByteStream, WebSocketControl } from '../../src/feeds/connection.ts'
import type { Feed } from '../../src/feeds/feed.ts'
import { textFrame } from '../../src/feeds/frame.ts'
import { Hub } from '../../src/feeds/hub.ts'
import type { CxgameSettings } from './settings.ts'

/** Unsent bytes beyond which a reader of the feed is let go. */
const unsentLimit = 1024 * 1024
/** Messages that the strict feed keeps for its first reader, the newest. */
const strictBacklog = 10_000
/** Bytes of messages that are kept for newcomers: with more they would be too slow from the start. */
const backlogBytes = unsentLimit
const topic = 'game'

/** A message of the feed. */
export interface FeedMessage {
  readonly type: string
  readonly message: unknown
  readonly user?: string
  readonly data?: unknown
}

/** What everybody hears. Messages of one batch go out in one write a reader. */
export class GameFeed {
  readonly #isStrict: boolean
  #backlogSize: number
  #backlog: Buffer[] = []
  #bytes = 0
  #hub: Hub
  #feed: Feed

  constructor({ feedBacklog, isStrict }: Pick<CxgameSettings, 'feedBacklog' | 'isStrict'>) {
    this.#isStrict = isStrict
    this.#backlogSize = isStrict ? strictBacklog : feedBacklog
    ;[this.#hub, this.#feed] = openFeed()
  }

  /** Lets a websocket hear everything from now on, and before that what is kept: the newest messages. */
  listen(stream: ByteStream, socket: WebSocketControl): void {
    if (this.#backlog.length > 0) stream.write(Buffer.concat(this.#backlog))
    if (this.#isStrict) {
      // What was kept is for the first one only.
      this.#backlogSize = 0
      this.forget()
    }
    this.#feed.listen(topic, stream, socket)
  }

  publish(message: FeedMessage): void {
    if (this.#backlogSize === 0 && this.#feed.idle) return
    const text = JSON.stringify(message)
    this.#feed.publish([topic], topic, () => text)
    if (this.#backlogSize > 0) this.#keep(textFrame(text))
  }

  release(): void {
    this.#hub.release()
  }

  /** Lets every reader go after what was written, and begins anew for those who come later. */
  async close(): Promise<void> {
    const hub = this.#hub
    ;[this.#hub, this.#feed] = openFeed()
    await hub.close()
  }

  /** Keeps nothing of what was said before for those who come later. */
  forget(): void {
    this.#backlog = []
    this.#bytes = 0
  }

  #keep(frame: Buffer): void {
    this.#backlog.push(frame)
    this.#bytes += frame.length
    while (this.#backlog.length > this.#backlogSize || this.#bytes > backlogBytes) {
      this.#bytes -= (this.#backlog.shift() as Buffer).length
    }
  }
}

/** Readers are not pinged: bots that sleep for minutes never had to answer. A dead peer is found by TCP. */
function openFeed(): [Hub, Feed] {
  const hub = new Hub({ every: () => () => {} })
  return [hub, hub.add(topic, { slow: 'close', unsentLimit })]
}
