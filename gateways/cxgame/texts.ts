import { type RejectReason, rejectReasons } from '../../src/domain/reject.ts'

// Bots compare these texts, so they stay as they are, byte for byte.

export const texts = {
  invalidMessage: 'Invalid message',
  notObject: 'params must be an object',
  invalidDecimal: 'invalid decimal',
  internal: 'Internal error.',
  ended: 'Game has ended.',
  paused: 'Server is paused. Wait for admin "start" command.',
  registered: 'Registered',
  authenticated: 'Authenticated',
  invalidName: 'Invalid username.',
  nameTaken: 'User already registered.',
  notOnWhitelist: 'User not in whitelist.',
  unknownUser: 'User is not registered.',
  wrongToken: 'Authentication failed: Invalid token.',
  buyPlaced: 'Buy order placed.',
  sellPlaced: 'Sell order placed.',
  marketBuyPlaced: 'Market buy order placed.',
  marketSellPlaced: 'Market sell order placed.',
  limitParams: 'Must size "price" and "size" in params.',
  marketParams: 'Must have "amount" in params.',
  leastSize: 'Size must be greater than or equal to 1E-8',
  mostSize: 'Size must be less than or equal to 900719',
  leastPrice: 'Price must be greater than or equal to 0.1',
  mostPrice: 'Price must be less than or equal to 90071992547409.91',
  leastMarketBuy: 'Amount must be greater than or equal to 10.00',
  leastMarketSell: 'Amount must be greater than or equal to 1E-8',
  mostMarketSell: 'Amount must be less than or equal to 900719',
  noUsd: 'Not enough USD.',
  noCrypto: 'Size is > available.',
  noUsdToBuy: 'Not enough USD to buy.',
  noSells: 'No available sell orders to match.',
  noBuys: 'No available buy orders to match.',
  cancelled: 'Order cancelled and removed.',
  notFound: 'Order not found.',
  price: 'Market price.',
  orders: 'Open orders list.',
  allOrders: 'All orders list.',
  wallets: 'Wallets.',
  fills: 'Here are your fills.',
  completed: 'Completed orders.',
  broadcast: 'Message broadcasted.',
  audited: 'Audit done.',
  started: 'Command accepted. Open for business.',
  pausedNow: 'Command accepted. Server is paused.',
  shuttingDown: 'Command accepted. Shutting down.',
  secretRequired: 'Admin secret required.',
  secretWrong: 'Invalid admin secret.',
  reset: 'Game reset.',
} as const

/** What the feed says, beside orders. */
export const feedTexts = {
  open: 'Open for business.',
  paused: 'Server is paused.',
  shutdownCommand: 'Shutdown command.',
  timeLimit: 'Time limit reached. Shutting down.',
  connected: 'New connection from player',
} as const

/** What a connection without a player is told, by command. */
export const unauthenticated = {
  plain: 'Must be authenticated.',
  cancel: 'Must be authenticated to cancel orders.',
  price: 'Must be authenticated to get market price.',
  orders: 'Must be authenticated to get open orders.',
  wallets: 'Must be authenticated to get wallets.',
  broadcast: 'Must be authenticated to broadcast messages.',
} as const

export function invalidCommand(cmd: string, error: string): string {
  return `Invalid command: ${cmd}. error=${error}`
}

export function missing(param: string): string {
  return `Missing "${param}" in params.`
}

export function notFound(id: unknown): string {
  return `Order not found: ${typeof id === 'string' ? id : JSON.stringify(id)}`
}

/** What a refusal's text may name. */
export interface Circumstances {
  readonly cmd: string
  /** The market price as it was when the command was refused. */
  readonly mid: string
  /** How many players may register. */
  readonly userLimit: number
  /** The smallest size that is worth a cent at the order's price. */
  readonly neededSize: () => string
  /** What a market order would sell, and what its player has. */
  readonly asked: () => string
  readonly available: () => string
}

/** What players are told when the exchange refuses their command. */
const refusals: Record<RejectReason, (about: Circumstances) => string> = {
  quantity_too_small: ({ cmd }) => (cmd === 'sell_market' ? texts.leastMarketSell : texts.leastSize),
  value_too_small: ({ neededSize }) => `Size must be greater than or equal to ${neededSize()}`,
  wrong_side_of_reference: ({ cmd, mid }) =>
    cmd === 'buy' ? `Price must be < market price (${mid}).` : `Price must be >= market price (${mid}).`,
  insufficient_funds: tooPoor,
  no_opposite_orders: ({ cmd }) => (cmd === 'buy_market' ? texts.noSells : texts.noBuys),
  account_exists: () => texts.nameTaken,
  too_many_accounts: ({ userLimit }) => `User limit reached (${userLimit})`,
  venue_halted: () => texts.paused,
  venue_closed: () => texts.ended,
  // The players of an earlier game are nobody in this one.
  unknown_account: () => unauthenticated.plain,
  unknown_order: () => texts.notFound,
  order_closed: () => texts.notFound,
  not_replaceable: ours('not_replaceable'),
  too_many_open_orders: ours('too_many_open_orders'),
  venue_full: ours('venue_full'),
  depth_limit: ours('depth_limit'),
  unknown_venue: ours('unknown_venue'),
  venue_exists: ours('venue_exists'),
  venue_dropped: ours('venue_dropped'),
  note_too_large: ours('note_too_large'),
  unknown_symbol: ours('unknown_symbol'),
  symbol_exists: ours('symbol_exists'),
  client_order_id_conflict: ours('client_order_id_conflict'),
  too_many_books: ours('too_many_books'),
  no_accounts: ours('no_accounts'),
  unknown_asset: ours('unknown_asset'),
  terms_missing: ours('terms_missing'),
  bad_terms: ours('bad_terms'),
  rules_conflict: ours('rules_conflict'),
  budget_only: ours('budget_only'),
  too_many_sessions: ours('too_many_sessions'),
  unknown_session: ours('unknown_session'),
  grace_too_long: ours('grace_too_long'),
  house_account: ours('house_account'),
  voided: ours('voided'),
}

export function refusalText(reason: RejectReason, about: Circumstances): string {
  return refusals[reason](about)
}

function tooPoor({ cmd, asked, available }: Circumstances): string {
  switch (cmd) {
    case 'buy':
      return texts.noUsd
    case 'buy_market':
      return texts.noUsdToBuy
    case 'sell_market':
      return `Not enough crypto to sell. ${asked()} > ${available()}`
    default:
      return texts.noCrypto
  }
}

/** What no old server ever refused for. */
function ours(reason: RejectReason): (about: Circumstances) => string {
  return ({ cmd }) => invalidCommand(cmd, rejectReasons[reason])
}
