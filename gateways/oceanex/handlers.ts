import { accountsView } from './accounts.ts'
import type { Fields, Query } from './codec.ts'
import { type Context, secondsOf } from './context.ts'
import { codes, Failure } from './errors.ts'
import { bookView, feeView, klines, marketView, tickersView } from './market-data.ts'
import { listClosed, listOpen, showOrder } from './order-queries.ts'
import { cancelOrders, clearOrders, createOrder, createOrders } from './orders.ts'
import type { UserSettings } from './settings.ts'
import { bidAsk } from './views.ts'

/** Answers a request of anybody. */
type PublicAction = (context: Context, args: Fields) => unknown
/** Answers a request of somebody who has logged in. */
type PrivateAction = (context: Context, args: Fields, user: UserSettings) => unknown

type Action =
  | { readonly for: 'anybody'; readonly run: PublicAction }
  | { readonly for: 'query' | 'trade'; readonly run: PrivateAction }

const anybody = (run: PublicAction): Action => ({ for: 'anybody', run })
const query = (run: PrivateAction): Action => ({ for: 'query', run })
const trade = (run: PrivateAction): Action => ({ for: 'trade', run })

/** What can be asked for, by handler and action; the login is the session's own. */
const handlers: Readonly<Record<string, Readonly<Record<string, Action>>>> = {
  ToolHandler: { timestamp: anybody(({ clock }) => secondsOf(clock())) },
  MarketsHandler: { index: anybody(({ markets }) => [...markets.values()].map(marketView)) },
  FeeHandler: {
    trading_fee: anybody(({ markets }) =>
      [...markets.values()].map((market) => ({ market_id: market.id, ...feeView(market) })),
    ),
  },
  TickerHandler: { index: anybody(tickersView) },
  OrderBookHandler: { index: anybody(bookView) },
  KlineHandler: { index: anybody(klines) },
  AccountHandler: { index: query((context, _args, user) => accountsView(context, user)) },
  OrderHandler: {
    create: trade((context, args, user) => createOrder(context, user, args, bidAsk)),
    create_multi: trade((context, args, user) => createOrders(context, user, args, bidAsk)),
    cancel: trade((context, args, user) => cancelOrders(context, user, args)),
    clear: trade((context, args, user) => clearOrders(context, user, args)),
    index: query((context, args, user) => listOpen(context, user, args, bidAsk)),
    show: query((context, args, user) => showOrder(context, user, args, { open: true, words: bidAsk })),
  },
  OrderHistoryHandler: {
    index: query((context, args, user) => listClosed(context, user, args, bidAsk)),
    show: query((context, args, user) => showOrder(context, user, args, { open: false, words: bidAsk })),
  },
}

/** Somebody asked for what only those may who have logged in. */
export class Unauthorized extends Failure {
  constructor() {
    super(codes.authentication, 'Not logged in')
  }
}

/** Resolves with the data of a request's answer; throws a `Failure` that says why there is none. */
export async function answer(
  context: Context,
  query: Query,
  user: UserSettings | undefined,
): Promise<unknown> {
  const { handler, action, args } = query
  const found = actionOf(handler, action)
  if (found === undefined)
    throw new Failure(codes.badRequest, `There is no action ${JSON.stringify(action)} of ${handler}`)
  if (found.for === 'anybody') return found.run(context, args)
  if (user === undefined) throw new Unauthorized()
  checkScope(user, found.for)
  return found.run(context, args, user)
}

export function checkScope({ scopes }: UserSettings, scope: 'query' | 'trade'): void {
  if (scopes[scope]) return
  const name = scope === 'trade' ? 'sell/buy' : scope
  throw new Failure(codes.scope, `The API key may not do this: it lacks the scope ${name}`)
}

function actionOf(handler: string, action: unknown): Action | undefined {
  if (typeof action !== 'string' || !Object.hasOwn(handlers, handler)) return undefined
  const actions = handlers[handler] as Readonly<Record<string, Action>>
  return Object.hasOwn(actions, action) ? actions[action] : undefined
}
