import { Unavailable } from '../../src/domain/unavailable.ts'
import type { Account, OrderRecord } from '../../src/port.ts'
import { audit as findFaults, openOrders } from './audit.ts'
import { done } from './codec.ts'
import { crypto, usd } from './market.ts'
import { longestList } from './past.ts'
import { invalidCommand, missing, texts } from './texts.ts'
import type { Turn } from './turn.ts'

export function price(turn: Turn): void {
  turn.reply(done(texts.price, turn.game.mid))
}

export function orders(turn: Turn): void {
  const { game, player } = turn
  const own = game.venue.orders(player, { limit: longestList, openOnly: true })
  turn.reply(done(texts.orders, lists(turn, own.orders)))
}

export function allOrders(turn: Turn): void {
  const { venue, instrument } = turn.game
  turn.reply(done(texts.allOrders, lists(turn, openOrders(venue, instrument).slice(-longestList))))
}

export function wallets(turn: Turn): void {
  const { game, player } = turn
  const account = game.venue.account(player) as Account
  turn.reply(
    done(texts.wallets, { usd: game.views.wallet(account, usd), crypto: game.views.wallet(account, crypto) }),
  )
}

export function fills(turn: Turn): Promise<void> {
  const { game, player } = turn
  return past(turn, texts.fills, () => game.past.fills(game.venue, player))
}

export function completed(turn: Turn): Promise<void> {
  const { game, player } = turn
  // Old servers told everybody of all.
  const players = game.settings.isStrict ? [...game.venue.accounts()].map(({ name }) => name) : [player]
  return past(turn, texts.completed, () => game.past.completed(game.venue, players))
}

export function broadcast(turn: Turn): void {
  const { game, player } = turn
  const { message } = turn.fields
  if (message === undefined) {
    turn.refuse(missing('message'))
    return
  }
  game.feed.publish({ type: 'bcast', message, user: player })
  turn.reply(done(texts.broadcast))
  game.feed.release()
}

export function audit(turn: Turn): void {
  const { venue, instrument, views } = turn.game
  turn.reply(done(texts.audited, findFaults(venue, instrument, views)))
}

function lists({ game }: Turn, open: readonly OrderRecord[]): { maker: object[]; market: object[] } {
  const view = (order: OrderRecord) => game.views.order(order)
  return {
    maker: open.filter(({ orderType }) => orderType === 'limit').map(view),
    market: open.filter(({ orderType }) => orderType === 'market').map(view),
  }
}

/** Answers with what has been, which may have to be read from disk. */
async function past(turn: Turn, text: string, read: () => Promise<object[]>): Promise<void> {
  try {
    turn.reply(done(text, await read()))
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    turn.refuse(invalidCommand(turn.cmd, error.message))
  }
}
