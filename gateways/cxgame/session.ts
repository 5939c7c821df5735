import type { Peer } from '../peer.ts'
import { Bucket } from './bucket.ts'
import { type Reply, readFrame, refused } from './codec.ts'
import { kindOf, run } from './commands.ts'
import type { Game, Member } from './game.ts'
import { texts } from './texts.ts'
import { type Caller, Turn } from './turn.ts'

/** Frames that may wait while one is answered; with more, nothing is read from the connection. */
const mostWaiting = 16
/** Unsent bytes beyond which requests wait until the peer has read. */
const unsentLimit = 1024 * 1024
/** Frames in a row that are no JSON, before the connection is closed. */
const mostGarbage = 5
const invalidPayload = 1007
const normalClosure = 1000

/**
 * A connection of a player: one request at a time, answered in the order of arrival. Whoever sends faster than the
 * bucket or the peer's own reading allows is not read from; nothing fails.
 */
export class Session implements Caller, Member {
  readonly number: number
  readonly #game: Game
  readonly #peer: Peer
  readonly #bucket: Bucket
  /** What has been read and not answered: `mostWaiting` frames, and what came with the last of them. */
  readonly #waiting: Buffer[] = []
  #player: string | undefined
  #isAdmin = false
  #garbage = 0
  #isOpen = true
  /** Whether the peer is there no more, or was told to go. */
  #isOver = false
  #work: Promise<void> | undefined

  constructor(game: Game, peer: Peer, number: number) {
    this.#game = game
    this.#peer = peer
    this.number = number
    this.#bucket = new Bucket(game.settings.commandsPerSecond, game.times.now)
    game.join(this)
  }

  get address(): string {
    return this.#peer.address
  }

  get player(): string | undefined {
    return this.#player
  }

  get isAdmin(): boolean {
    return this.#isAdmin
  }

  attach(player: string, isAdmin: boolean): void {
    // Somebody who has left meanwhile is nobody's connection.
    if (!this.#isOpen) return
    const before = this.#player
    this.#player = player
    this.#isAdmin = isAdmin
    if (before === player) return
    if (before !== undefined) this.#game.detach(this, before)
    this.#game.attach(this, player)
  }

  forget(): void {
    this.#player = undefined
    this.#isAdmin = false
  }

  /** Takes a frame. */
  receive(frame: Buffer): void {
    if (this.#isOver) return
    this.#waiting.push(frame)
    if (this.#waiting.length >= mostWaiting) this.#peer.pause()
    this.#work ??= this.#workOff()
  }

  /** The peer is gone. What it sent before is still done, as far as the bucket gives. */
  async left(): Promise<void> {
    this.#isOver = true
    await this.#work
    this.#isOpen = false
    this.#game.leave(this)
  }

  /** Answers the request that is being answered, and closes. */
  async finish(code: number, reason: string): Promise<void> {
    this.#waiting.length = 0
    this.#isOver = true
    await this.#work
    await this.#peer.close(code, reason)
  }

  close(code: number, reason: string): Promise<void> {
    this.#waiting.length = 0
    this.#isOver = true
    return this.#peer.close(code, reason)
  }

  async #workOff(): Promise<void> {
    for (let frame = this.#waiting.shift(); frame !== undefined; frame = this.#waiting.shift()) {
      const waitMs = this.#bucket.take()
      if (waitMs > 0) {
        if (this.#isOver) break
        await this.#game.times.wait(waitMs)
      }
      await this.#answer(frame)
      if (this.#peer.unsent > unsentLimit && !(await this.#peer.drained())) break
      if (this.#waiting.length === 0) this.#peer.resume()
    }
    this.#work = undefined
  }

  async #answer(bytes: Buffer): Promise<void> {
    const frame = readFrame(bytes)
    if (frame.kind === 'garbage') return this.#answerGarbage()
    this.#garbage = 0
    if (frame.kind === 'no-request') return this.#send(refused(texts.invalidMessage))
    const kind = kindOf(frame.cmd, frame.params)
    if (kind === undefined) return this.#send(refused(texts.invalidMessage))

    const { now } = this.#game.times
    const startedAt = now()
    let result: 'ok' | 'refused' | 'none' = 'none'
    await this.#game.settled
    const { player } = this
    const turn = new Turn(this.#game, this, frame, (reply) => {
      if (result !== 'none') return
      result = reply.status ? 'ok' : 'refused'
      this.#send(reply)
    })
    try {
      await run(kind, turn)
    } catch (error) {
      this.#game.log.error({ connection: this.number, command: frame.cmd, error }, 'a command failed')
      turn.refuse(texts.internal)
    }
    this.#game.log.debug?.(
      {
        connection: this.number,
        player: this.#player ?? player,
        command: frame.cmd,
        result,
        durationMs: Math.round((now() - startedAt) * 1000) / 1000,
      },
      'command',
    )
  }

  #answerGarbage(): void {
    if (this.#game.settings.isStrict) {
      void this.close(normalClosure, '')
      return
    }
    this.#send(refused(texts.invalidMessage))
    this.#garbage += 1
    if (this.#garbage === mostGarbage) void this.close(invalidPayload, texts.invalidMessage)
  }

  #send(reply: Reply): void {
    this.#peer.send(JSON.stringify(reply))
  }
}
