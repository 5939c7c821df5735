import { refusalOf } from '../exchange-commands.ts'
import { done } from './codec.ts'
import { isPlayerName } from './player-name.ts'
import { missing, texts } from './texts.ts'
import { createToken, isToken } from './tokens.ts'
import type { Turn } from './turn.ts'

export function register(turn: Turn): void | Promise<void> {
  const { game, caller } = turn
  const { username: name } = turn.fields
  if (name === undefined) return turn.refuse(missing('username'))
  if (!isPlayerName(name)) return turn.refuse(texts.invalidName)
  if (game.venue.account(name) !== undefined) return turn.refuse(texts.nameTaken)
  if (!game.isInvited(name)) return turn.refuse(texts.notOnWhitelist)

  const { token, hash } = createToken()
  const { venue } = game.settings
  return turn.submit({ type: 'open-account', venue, account: name, keyHash: hash }, (applied) => {
    const refusal = refusalOf(applied)
    if (refusal !== undefined) return turn.refusal(refusal)
    caller.attach(name, false)
    return done(texts.registered, token)
  })
}

export async function authenticate(turn: Turn): Promise<void> {
  const { game, caller } = turn
  const { username: name, token, secret } = turn.fields
  if (name === undefined) return turn.refuse(missing('username'))
  if (token === undefined) return turn.refuse(missing('token'))
  const account = typeof name === 'string' ? game.venue.account(name) : undefined
  if (account === undefined) return turn.refuse(texts.unknownUser)
  if (!isToken(token, account.keyHash)) return turn.refuse(texts.wrongToken)
  if (secret !== undefined) {
    if (!(await game.admin.check(caller.address, secret))) {
      game.log.warn({ connection: caller.number, player: account.name }, 'wrong admin secret')
      return turn.refuse(texts.secretWrong)
    }
    // While it was looked at, a new game may have begun.
    if (game.venue.account(account.name)?.keyHash !== account.keyHash) return turn.refuse(texts.unknownUser)
    game.log.info({ connection: caller.number, player: account.name }, 'an admin is here')
  }
  caller.attach(account.name, secret !== undefined)
  game.feed.publish({ type: 'info', message: `Authenticated: ${account.name}` })
  turn.reply(done(texts.authenticated))
  game.feed.release()
}
