import type { Command } from '../../src/domain/command.ts'
import { done, fieldsOf } from './codec.ts'
import { must, refusalOf } from './market.ts'
import { invalidCommand, texts } from './texts.ts'
import type { Turn } from './turn.ts'

export async function start(turn: Turn): Promise<void> {
  const { game } = turn
  if (!(await isAdmin(turn))) return
  if (game.letBegin()) return turn.reply(done(texts.started))
  return act(turn, game.opening(), texts.started)
}

export async function pause(turn: Turn): Promise<void> {
  const { game } = turn
  if (!(await isAdmin(turn))) return
  game.holdBack()
  return act(turn, { type: 'set-state', venue: game.settings.venue, state: 'halted' }, texts.pausedNow)
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
  const { venue } = game.settings
  // Both are taken together, so nothing comes between them.
  await game.reset(() =>
    Promise.all([
      act(turn, { type: 'reset-venue', venue }, texts.reset),
      game.beginsAtOnce && must(game.exchange, game.firstOpening()).catch(noteFailure(turn)),
    ]),
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

function noteFailure({ game }: Turn): (error: unknown) => void {
  return (error) => game.failed(error, 'the next game could not begin')
}
