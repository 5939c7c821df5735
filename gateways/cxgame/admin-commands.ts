import type { Command } from '../../src/domain/command.ts'
import { must, refusalOf } from '../exchange-commands.ts'
import { keepAdminWord } from './admin-word.ts'
import { done, fieldsOf } from './codec.ts'
import { invalidCommand, texts } from './texts.ts'
import type { Turn } from './turn.ts'

export async function start(turn: Turn): Promise<void> {
  const { game } = turn
  if (!(await isAdmin(turn))) return
  // While players are missing it can only be said that the game may begin when all are there.
  const command = game.isWaiting ? keepAdminWord(game.settings.venue, true) : game.opening()
  return act(turn, command, texts.started)
}

export async function pause(turn: Turn): Promise<void> {
  const { game } = turn
  if (!(await isAdmin(turn))) return
  const { venue } = game.settings
  await Promise.all([
    // Else it would begin when all are there.
    !game.hasBegun && also(turn, keepAdminWord(venue, false)),
    act(turn, { type: 'set-state', venue, state: 'halted' }, texts.pausedNow),
  ])
}

export async function shutdown(turn: Turn): Promise<void> {
  if (!(await isAdmin(turn))) return
  const { venue } = turn.game.settings
  return act(turn, { type: 'set-state', venue, state: 'closed' }, texts.shuttingDown)
}

/** Ends the game without a result, and begins the next one. */
export async function resetGame(turn: Turn): Promise<void> {
  const { game } = turn
  if (!(await isAdmin(turn))) return
  // All are taken together, so nothing comes between them.
  const [reset, ...others] = game.newGame()
  await game.reset(() =>
    Promise.all([act(turn, reset, texts.reset), ...others.map((command) => also(turn, command))]),
  )
}

/** Sends a command of an admin, and notes that. */
function act(turn: Turn, command: Command, text: string): Promise<void> {
  const { game, caller } = turn
  return turn.submit(command, (applied) => {
    const refusal = refusalOf(applied)
    const details = { connection: caller.number, player: caller.player, command: turn.cmd }
    game.log.info({ ...details, result: refusal ?? 'ok' }, 'admin command')
    return refusal === undefined ? done(text) : turn.refusal(refusal)
  })
}

/** Whether the caller may do what admins may; answers the request when not. */
async function isAdmin(turn: Turn): Promise<boolean> {
  const { game, caller, cmd } = turn
  if (caller.isAdmin) return true
  const { secret } = turn.fields
  if (!game.admin.isOpen) {
    turn.refuse(texts.secretWrong)
    return false
  }
  if (fieldsOf(turn.params) === undefined) {
    turn.refuse(invalidCommand(cmd, texts.notObject))
    return false
  }
  if (secret === undefined) {
    turn.refuse(texts.secretRequired)
    return false
  }
  const { player } = caller
  const isRight = await game.admin.check(caller.address, secret)
  if (!isRight) {
    game.log.warn({ connection: caller.number, player, command: cmd }, 'wrong admin secret')
    turn.refuse(texts.secretWrong)
  }
  return isRight
}

/** Sends what goes with a command of an admin, whose reply says what came of both. */
function also({ game, cmd }: Turn, command: Command): Promise<void> {
  return must(game.exchange, command).catch((error: unknown) =>
    game.failed(error, `${cmd} of an admin was done in part only`),
  )
}
