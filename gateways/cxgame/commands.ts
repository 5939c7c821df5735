import { authenticate, register } from './account-commands.ts'
import { pause, resetGame, shutdown, start } from './admin-commands.ts'
import { fieldsOf } from './codec.ts'
import type { Game } from './game.ts'
import { cancel, placeLimit, placeMarketBuy, placeMarketSell } from './order-commands.ts'
import { allOrders, audit, broadcast, completed, fills, orders, price, wallets } from './query-commands.ts'
import { invalidCommand, texts, unauthenticated } from './texts.ts'
import type { Turn } from './turn.ts'

interface CommandKind {
  /** What a connection without a player is told; undefined when none is needed. */
  readonly unauthenticated: string | undefined
  /** Whether it can only be understood with an object of parameters. */
  readonly readsParams: boolean
  /** Whether it is taken while nobody trades; `lenient`: not where old servers did not. */
  readonly whilePaused: 'yes' | 'lenient' | 'no'
  /** Whether it is taken when the game has ended. */
  readonly afterEnd: boolean
  readonly run: (turn: Turn) => void | Promise<void>
}

const { plain } = unauthenticated
const usual = { unauthenticated: plain, readsParams: false, whilePaused: 'no', afterEnd: false } as const
const order = { ...usual, readsParams: true } as const
const open = { ...order, unauthenticated: undefined, whilePaused: 'yes' } as const

const commands: ReadonlyMap<string, CommandKind> = new Map<string, CommandKind>([
  ['register', { ...open, run: register }],
  ['auth', { ...open, run: authenticate }],
  ['buy', { ...order, run: (turn) => placeLimit(turn, 'buy') }],
  ['sell', { ...order, run: (turn) => placeLimit(turn, 'sell') }],
  ['buy_market', { ...order, run: placeMarketBuy }],
  ['sell_market', { ...order, run: placeMarketSell }],
  ['cancel', { ...order, unauthenticated: unauthenticated.cancel, run: cancel }],
  ['price', { ...usual, unauthenticated: unauthenticated.price, run: price }],
  ['orders', { ...usual, unauthenticated: unauthenticated.orders, run: orders }],
  ['all_orders', { ...usual, unauthenticated: unauthenticated.orders, run: allOrders }],
  ['wallets', { ...usual, unauthenticated: unauthenticated.wallets, run: wallets }],
  ['fills', { ...usual, run: fills }],
  ['completed', { ...usual, run: completed }],
  ['bcast', { ...order, unauthenticated: unauthenticated.broadcast, run: broadcast }],
  ['audit', { ...usual, run: audit }],
  ['start', { ...usual, whilePaused: 'yes', run: start }],
  ['pause', { ...usual, whilePaused: 'lenient', run: pause }],
  ['shutdown', { ...usual, whilePaused: 'lenient', run: shutdown }],
  [
    'reset_game',
    { ...usual, unauthenticated: undefined, whilePaused: 'yes', afterEnd: true, run: resetGame },
  ],
])

/** The kind of a command that a request asks for; undefined when there is none of that name, or no parameters. */
export function kindOf(cmd: string, params: unknown): CommandKind | undefined {
  return params === undefined ? undefined : commands.get(cmd)
}

/** Answers a request of a known kind. */
export function run(kind: CommandKind, turn: Turn): void | Promise<void> {
  const refusal = refuse(kind, turn)
  return refusal === undefined ? kind.run(turn) : turn.refuse(refusal)
}

function refuse(kind: CommandKind, { game, caller, cmd, params }: Turn): string | undefined {
  if (game.phase === 'ended' && !kind.afterEnd) return texts.ended
  if (game.phase === 'paused' && !isTakenWhilePaused(kind, game)) return texts.paused
  if (caller.player === undefined && kind.unauthenticated !== undefined) return kind.unauthenticated
  if (kind.readsParams && fieldsOf(params) === undefined) return invalidCommand(cmd, texts.notObject)
  return undefined
}

function isTakenWhilePaused({ whilePaused }: CommandKind, { settings }: Game): boolean {
  return whilePaused === 'yes' || (whilePaused === 'lenient' && !settings.isStrict)
}
