/**
 * A slow, obvious cxgame, written from the protocol page alone: plain arrays, linear scans, `bigint` only.
 * Property tests compare the engine and the door with it. It knows one game without a whitelist and without
 * an admin secret; connections are the caller's: `command` is told which player is attached.
 */

type LimitSide = 'buy' | 'sell'
type MarketSide = 'buy_market' | 'sell_market'

export interface CxGameOptions {
  readonly usdStart: string
  readonly cryptoStart: string
  readonly userLimit?: number | undefined
}

/** What the real system makes in its own way, and the model is told. */
export interface CxGameTexts {
  /** The id of the n-th accepted order, n = 1, 2, 3… Asked for once an order, when it is accepted. */
  orderIdText(n: number): string
  /** The id of one side's fill of the n-th trade, n = 1, 2, 3… */
  fillIdText(trade: number, side: LimitSide): string
  /** The token of the n-th player, n = 1, 2, 3… */
  tokenText(n: number): string
  /** Unix seconds with a fraction. Asked for once an order, when it is accepted. */
  now(): number
}

export interface CxReply {
  readonly status: boolean
  readonly message: string
  readonly data: unknown
}

export interface CxFeedMessage {
  readonly type: string
  readonly message: unknown
  readonly user?: string
  readonly data?: unknown
}

/** An amount and the text it is shown with, which is the configured one until the amount first changes. */
interface Holding {
  value: bigint
  text: string
  readonly scale: number
}

interface ModelFill {
  readonly fill_id: string
  readonly filled_size: string
  readonly price: string
  readonly buy_id: string
  readonly sell_id: string
}

interface ModelPlayer {
  readonly name: string
  readonly token: string
  readonly usd: Holding
  readonly crypto: Holding
  readonly fills: ModelFill[]
}

interface ModelOrder {
  readonly number: number
  readonly id: string
  readonly timestamp: number
  readonly player: ModelPlayer
  readonly side: LimitSide | MarketSide
  /** Cents: the limit, or the mid at placement of a market order. */
  readonly price: bigint
  /** Cents reserved at placement; shown for limit buys. */
  readonly usdUsed: bigint
  /** What is still to trade: cents for a market buy, else crypto × 10^10. */
  left: bigint
  /** What is still out of the wallet for it: cents for both buys, else crypto × 10^10. */
  reserved: bigint
  /** Crypto × 10^10. */
  filled: bigint
  status: 'open' | 'filled' | 'cancel'
}

type Fields = Readonly<Record<string, unknown>>

const usdScale = 2
const cryptoScale = 10
/** One crypto in its own units; price × size counts cents × this. */
const one = 10n ** 10n
const leastSize = 100n
const mostSize = 900_719n * one
const leastPrice = 10n
const leastUsd = 1000n
const precision = 32
const timeLimitText = 'Time limit reached. Shutting down.'
const shutdownText = 'Shutdown command.'

const plain = 'Must be authenticated.'
const listsOrders = 'Must be authenticated to get open orders.'
/** Every command, and what it answers to a connection without a player. */
const unauthenticated: Readonly<Record<string, string | undefined>> = {
  register: undefined,
  auth: undefined,
  reset_game: undefined,
  buy: plain,
  sell: plain,
  buy_market: plain,
  sell_market: plain,
  fills: plain,
  completed: plain,
  audit: plain,
  start: plain,
  pause: plain,
  shutdown: plain,
  cancel: 'Must be authenticated to cancel orders.',
  price: 'Must be authenticated to get market price.',
  orders: listsOrders,
  all_orders: listsOrders,
  wallets: 'Must be authenticated to get wallets.',
  bcast: 'Must be authenticated to broadcast messages.',
}
const readsParams = ['register', 'auth', 'buy', 'sell', 'buy_market', 'sell_market', 'cancel', 'bcast']

/** Rounds n / d, both positive or n zero, to a whole number; a half goes to the even one. */
function halfEven(n: bigint, d: bigint): bigint {
  const whole = n / d
  const rest = (n % d) * 2n
  return rest > d || (rest === d && whole % 2n === 1n) ? whole + 1n : whole
}

function ceiling(n: bigint, d: bigint): bigint {
  return (n + d - 1n) / d
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

/** Text or a JSON number as a whole number of 10^-scale, rounded half-even; undefined if it is not a decimal. */
export function parseDecimal(input: unknown, scale: number): bigint | undefined {
  if (typeof input !== 'string' && typeof input !== 'number') return undefined
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(String(input))
  if (parts === null) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts
  if (whole + fraction === '') return undefined

  const digits = (whole + fraction).replace(/^0+/, '')
  if (digits === '') return 0n
  if (digits.length > precision) return undefined
  const shift = BigInt(exponent.replace('+', '')) - BigInt(fraction.length) + BigInt(scale)
  if (shift > precision) return undefined
  if (shift < -2 * precision) return 0n
  const value = shift < 0n ? halfEven(BigInt(digits), 10n ** -shift) : BigInt(digits) * 10n ** shift
  if (String(value).length > precision) return undefined
  return sign === '-' ? -value : value
}

/** Plain notation with all decimals. */
export function formatDecimal(value: bigint, scale: number): string {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

function usdText(cents: bigint): string {
  return formatDecimal(cents, usdScale)
}

function cryptoText(units: bigint): string {
  return formatDecimal(units, cryptoScale)
}

function startingWith(text: string, scale: number): Holding {
  const value = parseDecimal(text, scale)
  if (value === undefined || value < 0n) throw new RangeError(`not an amount to start with: ${text}`)
  return { value, text, scale }
}

function change(holding: Holding, by: bigint): void {
  if (by === 0n) return
  holding.value += by
  holding.text = formatDecimal(holding.value, holding.scale)
}

function done(message: string, data: unknown = null): CxReply {
  return { status: true, message, data }
}

function refused(message: string): CxReply {
  return { status: false, message, data: null }
}

function invalid(cmd: string, error: string): CxReply {
  return refused(`Invalid command: ${cmd}. error=${error}`)
}

function fieldsOf(params: unknown): Fields | undefined {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) return undefined
  return params as Fields
}

function isName(name: unknown): name is string {
  if (typeof name !== 'string') return false
  return [...name].length <= 64 && name.trim() !== '' && !/\p{Cc}/u.test(name)
}

function isLimit(order: ModelOrder): boolean {
  return order.side === 'buy' || order.side === 'sell'
}

function walletOf(order: ModelOrder): Holding {
  return order.side === 'buy' || order.side === 'buy_market' ? order.player.usd : order.player.crypto
}

/** An order as replies and the feed show it. */
function shown(order: ModelOrder): object {
  const left = order.side === 'buy_market' ? usdText(order.left) : cryptoText(order.left)
  const rest = order.status === 'filled' ? '0.00' : left
  return {
    timestamp: order.timestamp,
    id: order.id,
    ...(isLimit(order) ? { size: rest } : { amount: rest }),
    price: usdText(order.price),
    side: order.side,
    status: order.status,
    filled_size: order.filled === 0n ? '0.00' : cryptoText(order.filled),
    user: order.player.name,
    ...(order.side === 'buy' ? { usd_used: usdText(order.usdUsed) } : {}),
  }
}

/** Lowest price first, then oldest. */
function cheapestFirst(a: ModelOrder, b: ModelOrder): number {
  if (a.price !== b.price) return a.price < b.price ? -1 : 1
  return a.number - b.number
}

/** Highest price first, then oldest. */
function dearestFirst(a: ModelOrder, b: ModelOrder): number {
  if (a.price !== b.price) return a.price > b.price ? -1 : 1
  return a.number - b.number
}

const plainTexts: CxGameTexts = {
  orderIdText: (n) => `order-${n}`,
  fillIdText: (trade, side) => `fill-${trade}-${side}`,
  tokenText: (n) => `token-${n}`,
  now: () => 0,
}

export class CxGameModel {
  /** In order of registration. */
  readonly players: ModelPlayer[] = []
  /** Every order ever accepted, open or not, oldest first. */
  readonly orders: ModelOrder[] = []
  /** Filled orders, and canceled ones with fills, in the order in which they closed. */
  readonly completed: ModelOrder[] = []
  /** Cents. */
  mid = 100_000n
  trades = 0
  ended = false
  readonly #options: CxGameOptions
  readonly #texts: CxGameTexts
  #feed: CxFeedMessage[] = []
  #limitBookChanged = false

  constructor(options: CxGameOptions, texts: CxGameTexts = plainTexts) {
    this.#options = options
    this.#texts = texts
  }

  /**
   * One request of a connection attached to `user`, or to nobody. `params` undefined means that the request
   * has none. `feed` holds what the feed says because of it, in order; the reply leaves first.
   * After a successful `register` or `auth` the caller attaches the connection to that name.
   */
  command(user: string | undefined, cmd: string, params: unknown): { reply: CxReply; feed: CxFeedMessage[] } {
    this.#feed = []
    this.#limitBookChanged = false
    const reply = this.#answer(user, cmd, params)
    this.#match()
    if (this.#limitBookChanged) this.#moveMid()
    return { reply, feed: this.#feed }
  }

  /**
   * Ends the game and returns what the feed says. `text` is the first shutdown message: the one of the
   * time limit, or the one of the command, which the one of the time limit follows.
   */
  end(text: string): CxFeedMessage[] {
    if (this.ended) throw new Error('the game has ended already')
    this.ended = true
    this.#feed = [{ type: 'shutdown', message: text }]
    if (text === shutdownText) this.#tell('shutdown', timeLimitText)
    const lastText = text === shutdownText ? timeLimitText : text

    const final = this.mid
    for (const order of this.#open()) this.#cancelOrder(order)

    const rows = this.players.map((player) => {
      const holdings = halfEven(player.usd.value * one + player.crypto.value * final, one)
      return { user: player.name, crypto: player.crypto.text, usd: player.usd.text, holdings }
    })
    const lines = [['user', 'crypto', 'usd', 'holdings']]
    for (const row of rows) {
      lines.push([row.user.replaceAll('"', '-'), row.crypto, row.usd, usdText(row.holdings)])
    }
    const csv = lines.map((line) => `${line.map((field) => `"${field}"`).join(',')}\n`).join('')
    this.#feed.push({ type: 'csv', message: lastText, data: csv })

    const ranking = rows.map((row) => {
      const rank = 1 + rows.filter((other) => other.holdings > row.holdings).length
      return { rank, ...row, holdings: usdText(row.holdings) }
    })
    ranking.sort((a, b) => a.rank - b.rank)
    this.#feed.push({ type: 'result', message: lastText, data: { final_price: usdText(final), ranking } })
    return this.#feed
  }

  /** Money and crypto of all players, in wallets and in reservations; a trade never changes them. */
  totals(): { usd: bigint; crypto: bigint } {
    let usd = 0n
    let crypto = 0n
    for (const player of this.players) {
      usd += player.usd.value
      crypto += player.crypto.value
    }
    for (const order of this.#open()) {
      if (order.side === 'buy' || order.side === 'buy_market') usd += order.reserved
      else crypto += order.reserved
    }
    return { usd, crypto }
  }

  midText(): string {
    return usdText(this.mid)
  }

  /** The open orders and their owners, oldest first: for `randomCommand`. */
  openIds(): { id: string; user: string }[] {
    return this.#open().map((order) => ({ id: order.id, user: order.player.name }))
  }

  #answer(user: string | undefined, cmd: string, params: unknown): CxReply {
    if (!Object.hasOwn(unauthenticated, cmd) || params === undefined) return refused('Invalid message')
    if (cmd === 'reset_game') return refused('Invalid admin secret.')
    if (this.ended) return refused('Game has ended.')
    const text = unauthenticated[cmd]
    if (user === undefined && text !== undefined) return refused(text)
    const fields = fieldsOf(params)
    if (readsParams.includes(cmd) && fields === undefined) return invalid(cmd, 'params must be an object')

    if (cmd === 'register') return this.#register(fields ?? {})
    if (cmd === 'auth') return this.#authenticate(fields ?? {})
    const player = this.players.find(({ name }) => name === user)
    if (player === undefined) throw new Error(`attached to nobody: ${user}`)
    return this.#answerPlayer(player, cmd, fields ?? {})
  }

  #answerPlayer(player: ModelPlayer, cmd: string, fields: Fields): CxReply {
    switch (cmd) {
      case 'buy':
      case 'sell':
        return this.#limit(player, cmd, fields)
      case 'buy_market':
      case 'sell_market':
        return this.#market(player, cmd, fields)
      case 'cancel':
        return this.#cancel(player, fields)
      case 'price':
        return done('Market price.', usdText(this.mid))
      case 'orders':
        return done('Open orders list.', this.#lists(this.#open().filter((order) => order.player === player)))
      case 'all_orders':
        return done('All orders list.', this.#lists(this.#open()))
      case 'wallets':
        return done('Wallets.', { usd: player.usd.text, crypto: player.crypto.text })
      case 'fills':
        return done('Here are your fills.', [...player.fills])
      case 'completed':
        return done('Completed orders.', this.completed.filter((order) => order.player === player).map(shown))
      case 'bcast':
        if (fields.message === undefined) return refused('Missing "message" in params.')
        this.#feed.push({ type: 'bcast', message: fields.message, user: player.name })
        return done('Message broadcasted.')
      case 'audit':
        return done('Audit done.', [])
      default:
        return refused('Invalid admin secret.')
    }
  }

  #register({ username }: Fields): CxReply {
    const limit = this.#options.userLimit
    if (username === undefined) return refused('Missing "username" in params.')
    if (!isName(username)) return refused('Invalid username.')
    if (this.players.some(({ name }) => name === username)) return refused('User already registered.')
    if (limit !== undefined && this.players.length >= limit) return refused(`User limit reached (${limit})`)

    const token = this.#texts.tokenText(this.players.length + 1)
    const usd = startingWith(this.#options.usdStart, usdScale)
    const crypto = startingWith(this.#options.cryptoStart, cryptoScale)
    this.players.push({ name: username, token, usd, crypto, fills: [] })
    this.#tell('info', `Registered: ${username}`)
    return done('Registered', token)
  }

  #authenticate({ username, token }: Fields): CxReply {
    if (username === undefined) return refused('Missing "username" in params.')
    if (token === undefined) return refused('Missing "token" in params.')
    const player = this.players.find(({ name }) => name === username)
    if (player === undefined) return refused('User is not registered.')
    if (player.token !== token) return refused('Authentication failed: Invalid token.')
    this.#tell('info', `Authenticated: ${player.name}`)
    return done('Authenticated')
  }

  #limit(player: ModelPlayer, side: LimitSide, fields: Fields): CxReply {
    if (fields.price === undefined || fields.size === undefined) {
      return refused('Must size "price" and "size" in params.')
    }
    const price = parseDecimal(fields.price, usdScale)
    const size = parseDecimal(fields.size, cryptoScale)
    if (price === undefined || size === undefined) return invalid(side, 'invalid decimal')
    if (size < leastSize) return refused('Size must be greater than or equal to 1E-8')
    if (size > mostSize) return refused('Size must be less than or equal to 900719')
    if (price < leastPrice) return refused('Price must be greater than or equal to 0.1')

    if (side === 'sell') {
      if (price < this.mid) return refused(`Price must be >= market price (${usdText(this.mid)}).`)
      if (size > player.crypto.value) return refused('Size is > available.')
      return done('Sell order placed.', this.#place(player, side, price, size, size))
    }
    if (price * size < one) {
      const needed = ceiling(one, price)
      return refused(`Size must be greater than or equal to ${cryptoText(needed)}`)
    }
    if (price >= this.mid) return refused(`Price must be < market price (${usdText(this.mid)}).`)
    const reserve = ceiling(price * size, one)
    if (reserve > player.usd.value) return refused('Not enough USD.')
    return done('Buy order placed.', this.#place(player, side, price, size, reserve))
  }

  #market(player: ModelPlayer, side: MarketSide, fields: Fields): CxReply {
    if (fields.amount === undefined) return refused('Must have "amount" in params.')
    const amount = parseDecimal(fields.amount, side === 'buy_market' ? usdScale : cryptoScale)
    if (amount === undefined) return invalid(side, 'invalid decimal')

    if (side === 'buy_market') {
      if (amount < leastUsd) return refused('Amount must be greater than or equal to 10.00')
      if (amount > player.usd.value) return refused('Not enough USD to buy.')
      if (this.#open('sell').length === 0) return refused('No available sell orders to match.')
      return done('Market buy order placed.', this.#place(player, side, this.mid, amount, amount))
    }
    if (amount < leastSize) return refused('Amount must be greater than or equal to 1E-8')
    if (amount > mostSize) return refused('Amount must be less than or equal to 900719')
    if (amount > player.crypto.value) {
      return refused(`Not enough crypto to sell. ${cryptoText(amount)} > ${player.crypto.text}`)
    }
    if (this.#open('buy').length === 0) return refused('No available buy orders to match.')
    return done('Market sell order placed.', this.#place(player, side, this.mid, amount, amount))
  }

  /** Takes the reservation out of the wallet, tells the feed, and returns the order as it is before matching. */
  #place(
    player: ModelPlayer,
    side: ModelOrder['side'],
    price: bigint,
    left: bigint,
    reserve: bigint,
  ): object {
    const number = this.orders.length + 1
    const order: ModelOrder = {
      number,
      id: this.#texts.orderIdText(number),
      timestamp: this.#texts.now(),
      player,
      side,
      price,
      usdUsed: reserve,
      left,
      reserved: reserve,
      filled: 0n,
      status: 'open',
    }
    change(walletOf(order), -reserve)
    this.orders.push(order)
    if (isLimit(order)) this.#limitBookChanged = true
    this.#tell(side, shown(order))
    return shown(order)
  }

  #cancel(player: ModelPlayer, fields: Fields): CxReply {
    const id = fields.order_id
    if (id === undefined) return refused('Missing "order_id" in params.')
    const order = this.#open().find((open) => open.id === id && open.player === player)
    if (order === undefined) {
      return refused(`Order not found: ${typeof id === 'string' ? id : JSON.stringify(id)}`)
    }
    this.#cancelOrder(order)
    return done('Order cancelled and removed.')
  }

  #cancelOrder(order: ModelOrder): void {
    this.#close(order, 'cancel')
    if (isLimit(order)) this.#limitBookChanged = true
    this.#tell('cancel', order.id)
  }

  /** What is left of the reservation goes back to the owner. */
  #close(order: ModelOrder, status: 'filled' | 'cancel'): void {
    order.status = status
    change(walletOf(order), order.reserved)
    order.reserved = 0n
    if (order.filled > 0n) this.completed.push(order)
  }

  /** Market buys, then market sells, then limit pairs: one trade after another until nothing can match. */
  #match(): void {
    let traded = true
    while (traded) traded = this.#matchMarketBuy() || this.#matchMarketSell() || this.#matchPair()
  }

  #matchMarketBuy(): boolean {
    for (const buy of this.#open('buy_market')) {
      for (const sell of this.#open('sell').sort(cheapestFirst)) {
        if (buy.player === sell.player) continue
        const amount = buy.left * one
        const value = sell.left * sell.price
        if (amount >= value) {
          const left = halfEven(amount - value, one)
          this.#trade(buy, sell, sell.left, buy.left - left, sell.price)
          return true
        }
        const size = halfEven(amount, sell.price)
        if (size === 0n) continue
        const money = least(halfEven(size * sell.price, one), buy.left)
        this.#trade(buy, sell, size, money, sell.price)
        // The buy counts as filled even where a very high price leaves cents of its amount.
        if (buy.status === 'open') this.#close(buy, 'filled')
        return true
      }
    }
    return false
  }

  #matchMarketSell(): boolean {
    for (const sell of this.#open('sell_market')) {
      for (const buy of this.#open('buy').sort(dearestFirst)) {
        if (buy.player === sell.player) continue
        this.#tradeWithLimitBuy(buy, sell, buy.price)
        return true
      }
    }
    return false
  }

  #matchPair(): boolean {
    for (const buy of this.#open('buy').sort(dearestFirst)) {
      for (const sell of this.#open('sell').sort(cheapestFirst)) {
        if (buy.player === sell.player || buy.price < sell.price) continue
        this.#tradeWithLimitBuy(buy, sell, buy.number < sell.number ? buy.price : sell.price)
        return true
      }
    }
    return false
  }

  #tradeWithLimitBuy(buy: ModelOrder, sell: ModelOrder, price: bigint): void {
    const size = least(buy.left, sell.left)
    this.#trade(buy, sell, size, least(halfEven(size * price, one), buy.reserved), price)
  }

  /** Moves `size` and `money`, and closes what has nothing left that could trade. */
  #trade(buy: ModelOrder, sell: ModelOrder, size: bigint, money: bigint, price: bigint): void {
    this.trades += 1
    this.#limitBookChanged = true
    buy.reserved -= money
    buy.left -= buy.side === 'buy_market' ? money : size
    buy.filled += size
    sell.reserved -= size
    sell.left -= size
    sell.filled += size
    change(buy.player.crypto, size)
    change(sell.player.usd, money)

    const print = { price: usdText(price), buy_id: buy.id, sell_id: sell.id }
    const { fillIdText } = this.#texts
    buy.player.fills.push({
      fill_id: fillIdText(this.trades, 'buy'),
      filled_size: cryptoText(size),
      ...print,
    })
    sell.player.fills.push({
      fill_id: fillIdText(this.trades, 'sell'),
      filled_size: cryptoText(size),
      ...print,
    })
    this.#tell('match', { size: cryptoText(size), ...print })

    if (buy.reserved === 0n || (buy.side === 'buy' && buy.left < leastSize)) this.#close(buy, 'filled')
    if (sell.left < leastSize) this.#close(sell, 'filled')
  }

  #moveMid(): void {
    const bid = this.#open('buy').sort(dearestFirst)[0]?.price
    const ask = this.#open('sell').sort(cheapestFirst)[0]?.price
    if (bid === undefined && ask === undefined) return
    this.mid = halfEven((bid ?? this.mid) + (ask ?? this.mid), 2n)
  }

  /** Oldest first. */
  #open(side?: ModelOrder['side']): ModelOrder[] {
    return this.orders.filter(
      (order) => order.status === 'open' && (side === undefined || order.side === side),
    )
  }

  #lists(orders: ModelOrder[]): object {
    return {
      maker: orders.filter((order) => isLimit(order)).map(shown),
      market: orders.filter((order) => !isLimit(order)).map(shown),
    }
  }

  #tell(type: string, message: unknown): void {
    this.#feed.push({ type, message })
  }
}

export interface CxCommand {
  readonly user: string | undefined
  readonly cmd: string
  readonly params: unknown
}

/**
 * A command, mostly a sensible one: limits near `mid`, market orders from the least to a whole wallet, cancels
 * of open orders, questions; one in twenty is nonsense whose answer the protocol page gives. `players` are
 * registered names. It never registers anybody. `random` gives numbers from 0 up to 1.
 */
export function randomCommand(
  random: () => number,
  players: readonly string[],
  openIds: readonly { id: string; user: string }[],
  mid: string,
): CxCommand {
  const below = (n: number) => Math.floor(random() * n)
  const from = (low: number, high: number) => low + below(high - low + 1)
  const user = random() < 0.01 ? undefined : players[Math.min(below(players.length), below(players.length))]

  /** Text for the most part, and the other forms that are legal. */
  function input(value: bigint, scale: number): string | number {
    const text = formatDecimal(value, scale)
    const form = random()
    if (form < 0.05) return `${value}E-${scale}`
    if (form < 0.15) return Number(text)
    return form < 0.2 ? `${text}5` : text
  }

  function size(): bigint {
    const kind = random()
    if (kind < 0.5) return BigInt(from(1, 8)) * 10n ** 9n + BigInt(below(2) * below(120))
    if (kind < 0.55) return BigInt(from(1, 150)) * 10n ** 8n
    if (kind < 0.65) return BigInt(from(1, 10 ** 10))
    if (kind < 0.85) return BigInt(from(400, 2500)) * 100n
    if (kind < 0.9) return BigInt(from(90, 300))
    return BigInt(from(20, 100)) * 10n ** 9n
  }

  function price(side: LimitSide): bigint {
    const middle = parseDecimal(mid, usdScale) ?? 0n
    const kind = random()
    const reach = kind < 0.6 ? 2 : kind < 0.8 ? 200 : 2050
    const distance = kind < 0.99 ? BigInt(below(reach)) : BigInt(below(1000)) * (middle / 2000n)
    const step = random() < 0.05 ? 0n : 1n
    const value = side === 'buy' ? middle - distance - step : middle + distance
    return value < leastPrice ? leastPrice : value
  }

  function cents(): bigint {
    const kind = random()
    if (kind < 0.1) return leastUsd + BigInt(from(-1, 1))
    return BigInt(kind < 0.7 ? from(1000, 150_000) : from(100_000, 1_000_000))
  }

  const kind = below(100)
  if (kind < 25)
    return { user, cmd: 'buy', params: { price: input(price('buy'), 2), size: input(size(), 10) } }
  if (kind < 50) {
    return { user, cmd: 'sell', params: { price: input(price('sell'), 2), size: input(size(), 10) } }
  }
  if (kind < 60) return { user, cmd: 'buy_market', params: { amount: input(cents(), 2) } }
  if (kind < 70) return { user, cmd: 'sell_market', params: { amount: input(size(), 10) } }
  if (kind < 85 && openIds.length > 0) {
    const order = openIds[below(openIds.length)]
    const owner = random() < 0.9 ? order?.user : user
    return { user: owner, cmd: 'cancel', params: { order_id: order?.id ?? '' } }
  }
  const questions = ['price', 'orders', 'all_orders', 'wallets', 'fills', 'completed', 'audit'] as const
  if (kind < 94) return { user, cmd: questions[below(questions.length)] ?? 'price', params: {} }
  if (kind < 95) return { user, cmd: 'bcast', params: { message: { round: below(10), note: ['hello'] } } }
  return { user, ...nonsense(below, players[0] ?? '') }
}

function nonsense(below: (n: number) => number, taken: string): { cmd: string; params: unknown } {
  const bad = [
    'NaN',
    'Infinity',
    '-Infinity',
    '',
    'ten',
    '1,5',
    true,
    false,
    null,
    [],
    {},
    '9'.repeat(40),
    '-1',
    -1,
    0,
    '0.00',
    '1E-30',
  ]
  const value = bad[below(bad.length)]
  const choices: { cmd: string; params: unknown }[] = [
    { cmd: 'buy', params: { price: value, size: '1' } },
    { cmd: 'buy', params: { price: '500', size: value } },
    { cmd: 'sell', params: { price: value, size: '1' } },
    { cmd: 'sell', params: { price: '5000', size: value } },
    { cmd: 'buy_market', params: { amount: value } },
    { cmd: 'sell_market', params: { amount: value } },
    { cmd: 'buy', params: { price: '0.10', size: '0.00000001' } },
    { cmd: 'buy', params: { price: '0.09', size: '1' } },
    { cmd: 'buy', params: { size: '1' } },
    { cmd: 'sell', params: { price: '1' } },
    { cmd: 'buy_market', params: {} },
    { cmd: 'sell_market', params: {} },
    { cmd: 'buy_market', params: { amount: '1E9' } },
    { cmd: 'cancel', params: {} },
    { cmd: 'cancel', params: { order_id: 'no such order' } },
    { cmd: 'cancel', params: null },
    { cmd: 'sell', params: null },
    { cmd: 'price', params: null },
    { cmd: 'wallets', params: [] },
    { cmd: 'wallets', params: undefined },
    { cmd: 'reset', params: {} },
    { cmd: 'toString', params: {} },
    { cmd: 'register', params: {} },
    { cmd: 'register', params: { username: '' } },
    { cmd: 'register', params: { username: taken } },
    { cmd: 'auth', params: { username: taken } },
    { cmd: 'auth', params: { username: taken, token: 'wrong' } },
    { cmd: 'auth', params: { username: 'nobody at all', token: 'wrong' } },
  ]
  return choices[below(choices.length)] ?? { cmd: '', params: {} }
}
