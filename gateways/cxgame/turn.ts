import type { Command } from '../../src/domain/command.ts'
import type { Applied } from '../../src/domain/event.ts'
import type { RejectReason } from '../../src/domain/reject.ts'
import { Unavailable } from '../../src/domain/unavailable.ts'
import { type Fields, fieldsOf, type Reply, refused } from './codec.ts'
import type { Game } from './game.ts'
import { type Circumstances, invalidCommand, refusalText } from './texts.ts'

/** Whom a request comes from. */
export interface Caller {
  readonly number: number
  /** Where it connects from. */
  readonly address: string
  readonly player: string | undefined
  /** Whether it has proved to be one with its authentication. */
  readonly isAdmin: boolean
  /** Makes it the connection of a player, in place of another one. */
  attach(player: string, isAdmin: boolean): void
}

/** One request, until it is answered. It is answered once. */
export class Turn {
  readonly game: Game
  readonly caller: Caller
  readonly cmd: string
  readonly params: unknown
  /** The parameters; none where they are no object. */
  readonly fields: Fields
  readonly #send: (reply: Reply) => void

  constructor(
    game: Game,
    caller: Caller,
    { cmd, params }: { cmd: string; params: unknown },
    send: (reply: Reply) => void,
  ) {
    this.game = game
    this.caller = caller
    this.cmd = cmd
    this.params = params
    this.fields = fieldsOf(params) ?? {}
    this.#send = send
  }

  /** The player; only for commands that need one. */
  get player(): string {
    return this.caller.player as string
  }

  reply(reply: Reply): void {
    this.#send(reply)
  }

  refuse(message: string): void {
    this.#send(refused(message))
  }

  /**
   * Sends a command. `build` makes the reply from what it came to, right then; the reply leaves when everything that
   * the command was told to do is durable. Resolves after that.
   */
  async submit(command: Command, build: (applied: Applied) => Reply): Promise<void> {
    try {
      await this.game.exchange.submit(command, (applied) => {
        const reply = build(applied)
        this.game.replyLater(() => this.#send(reply))
      })
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      this.refuse(invalidCommand(this.cmd, unavailableText(error)))
    }
  }

  /** The refusal of a command, as the player is told. Call it when the command was just refused. */
  refusal(reason: RejectReason, about: Partial<Circumstances> = {}): Reply {
    const { mid, venue } = this.game
    const nothing = () => ''
    return refused(
      refusalText(reason, {
        cmd: this.cmd,
        mid,
        userLimit: venue.limits.accounts,
        neededSize: nothing,
        asked: nothing,
        available: nothing,
        ...about,
      }),
    )
  }
}

/** Says whether it makes sense to send a command again. */
function unavailableText({ outcome, message }: Unavailable): string {
  return outcome === 'refused'
    ? `${message}; nothing was done`
    : `${message}; whether the command was done is not known`
}
