import type { Answer } from './connection.ts'
import type { Markets } from './markets.ts'
import type { Session } from './session.ts'
import { type Style, sheet, starred, table } from './table.ts'

/** A value that a choice asks for. */
interface Field {
  readonly name: string
  readonly example: string
  /** Whether the input may end before it. */
  readonly optional?: true
  /** What is wrong with a text, if something is. */
  readonly fault?: (text: string) => string | undefined
}

/** A request that a person can choose, by its number or by one of its names. */
export interface Choice {
  readonly number: number
  readonly title: string
  readonly names: readonly string[]
  readonly needsLogin: boolean
  readonly fields: readonly Field[]
  /** Whether any number of values may stand for the last field. */
  readonly isList?: true
  /** What a person is asked before it is done; undefined: nothing. */
  readonly confirm?: (values: readonly string[]) => string | undefined
  /** What is wrong with values that each are right. */
  readonly fault?: (values: readonly string[], markets: Markets) => Promise<string | undefined>
  readonly run: (session: Session, values: readonly string[]) => Promise<Answer>
  /** What a success looks like. */
  readonly show: (data: unknown, style: Style) => string
}

/** An order whose price times volume is more than this is asked about. */
const largeOrder = 10_000
const count = /^\d{1,15}$/

const number = (text: string) => (/^\d+(\.\d+)?$/.test(text) ? undefined : 'is no number')
const whole = (text: string) => (count.test(text) ? undefined : 'is no whole number')
const side = (text: string) => (/^(buy|sell)$/i.test(text) ? undefined : 'is neither buy nor sell')
const type = (text: string) => (/^(limit|market)$/i.test(text) ? undefined : 'is neither limit nor market')

const market: Field = { name: 'market', example: 'vetusdt' }
const id: Field = { name: 'order id', example: '23', fault: whole }
const orderColumns = [
  ...['id', 'market', 'side', 'ord_type', 'state', 'price', 'volume', 'remaining_volume'],
  ...['executed_volume', 'avg_price', 'created_at'],
]
const tradeColumns = ['id', 'side', 'price', 'volume', 'funds', 'bid_fee', 'ask_fee', 'created_at']

type Rows = Readonly<Record<string, unknown>>[]

/** The choices of the menu that are requests; 16 and 17 are the connection's. */
export const choices: readonly Choice[] = [
  {
    ...{ number: 1, title: 'authenticate', names: ['login', 'auth'], needsLogin: false, fields: [] },
    run: (session) => session.logIn(),
    show: () => 'Authenticated.',
  },
  {
    ...{ number: 2, title: 'tickers', names: ['tickers', 'ticker'], needsLogin: false },
    ...{ fields: [{ ...market, optional: true }], isList: true },
    run: (session, markets) => session.ask('TickerHandler', 'index', markets.length === 0 ? {} : { markets }),
    show: (data, style) =>
      table(
        Object.entries(data as Record<string, object>).map(([market, ticker]) => ({ market, ...ticker })),
        ['market', 'last', 'buy', 'sell', 'high', 'low', 'open', 'volume', 'funds', 'h24_trend'],
        style,
      ),
  },
  {
    ...{ number: 3, title: 'markets', names: ['markets'], needsLogin: false, fields: [] },
    run: (session) => session.ask('MarketsHandler', 'index'),
    show: (data, style) =>
      table(
        data as Rows,
        ['id', 'name', 'group', 'enabled', 'price_precision', 'amount_precision', 'minimum_trading_amount'],
        style,
      ),
  },
  {
    ...{ number: 4, title: 'trading fees', names: ['fees'], needsLogin: false, fields: [] },
    run: (session) => session.ask('FeeHandler', 'trading_fee'),
    show: (data, style) =>
      table(
        (data as { market_id: string; ask_fee: { value: string }; bid_fee: { value: string } }[]).map(
          ({ market_id, ask_fee, bid_fee }) => ({
            market_id,
            ask_fee: ask_fee.value,
            bid_fee: bid_fee.value,
          }),
        ),
        ['market_id', 'ask_fee', 'bid_fee'],
        style,
      ),
  },
  {
    ...{ number: 5, title: 'account', names: ['account', 'balances'], needsLogin: true, fields: [] },
    run: (session) => session.ask('AccountHandler', 'index'),
    show: (data, style) =>
      table(
        (data as { accounts: Rows }).accounts,
        ['currency', 'balance', 'locked', 'btc_equivalent_balance'],
        style,
      ),
  },
  {
    ...{ number: 6, title: 'new order', names: ['create'], needsLogin: true },
    fields: [
      market,
      { name: 'side', example: 'buy', fault: side },
      { name: 'price', example: '0.75', fault: number },
      { name: 'volume', example: '1000', fault: number },
      { name: 'type', example: 'limit', fault: type },
    ],
    confirm: ([, , price = '', volume = '', kind = '']) =>
      /limit/i.test(kind) && Number(price) * Number(volume) > largeOrder
        ? `This order is worth ${Number(price) * Number(volume)}. Place it?`
        : undefined,
    fault: ([name = '', , price, volume = '', kind = ''], markets) =>
      markets.fault(name, /market/i.test(kind) ? undefined : price, volume),
    run: (session, [name, direction, price, volume, kind]) => {
      const args = {
        market: name,
        side: direction?.toLowerCase(),
        price,
        volume,
        ord_type: kind?.toLowerCase(),
      }
      return session.ask('OrderHandler', 'create', args)
    },
    show: (data) => starred([`Order ${(data as { id: number }).id} is placed.`]),
  },
  {
    ...{ number: 7, title: 'cancel orders', names: ['cancel'], needsLogin: true, isList: true, fields: [id] },
    run: (session, ids) => session.ask('OrderHandler', 'cancel', { ids: ids.map(Number) }),
    show: (data) => starred([`Canceled: ${(data as number[]).join(', ')}`]),
  },
  {
    ...{ number: 8, title: 'cancel all', names: ['cancel-all'], needsLogin: true, fields: [] },
    confirm: () => 'This cancels all open orders, in all markets. Go on?',
    run: (session) => session.ask('OrderHandler', 'clear'),
    show: (data) =>
      starred([
        (data as number[]).length === 0 ? 'There was none.' : `Canceled: ${(data as number[]).join(', ')}`,
      ]),
  },
  {
    ...{ number: 9, title: 'open orders', names: ['orders'], needsLogin: true },
    fields: [market, { name: 'type', example: 'limit', optional: true, fault: type }],
    run: (session, [name, kind]) =>
      session.ask('OrderHandler', 'index', {
        market: name,
        per: 100,
        ...(kind && { ord_type: kind.toLowerCase() }),
      }),
    show: showOrders,
  },
  {
    ...{ number: 10, title: 'order detail', names: ['order'], needsLogin: true, fields: [id] },
    run: (session, [order]) => session.ask('OrderHandler', 'show', { id: order }),
    show: showOrder,
  },
  {
    ...{ number: 11, title: 'history order', names: ['history-order'], needsLogin: true, fields: [id] },
    run: (session, [order]) => session.ask('OrderHistoryHandler', 'show', { id: order }),
    show: showOrder,
  },
  {
    ...{ number: 12, title: 'history list', names: ['history'], needsLogin: true, fields: [market] },
    run: (session, [name]) => session.ask('OrderHistoryHandler', 'index', { market: name, per: 100 }),
    show: showOrders,
  },
  {
    ...{ number: 13, title: 'timestamp', names: ['time', 'timestamp'], needsLogin: false, fields: [] },
    run: (session) => session.ask('ToolHandler', 'timestamp'),
    show: (data) => `${data}  ${new Date(Number(data) * 1000).toISOString()}`,
  },
  {
    ...{ number: 14, title: 'order book', names: ['book'], needsLogin: false },
    fields: [
      market,
      { name: 'level', example: '2', optional: true, fault: whole },
      { name: 'precision', example: '6', optional: true, fault: whole },
    ],
    run: (session, [name, level = '20', precision]) => {
      const args = { market: name, level: Number(level), ...(precision && { precision: Number(precision) }) }
      return session.ask('OrderBookHandler', 'index', args)
    },
    show: showBook,
  },
  {
    ...{ number: 15, title: 'k-line', names: ['klines', 'kline'], needsLogin: false },
    fields: [
      market,
      { name: 'limit', example: '30', optional: true, fault: whole },
      { name: 'period', example: '5', optional: true, fault: whole },
    ],
    run: (session, [name, limit = '30', period = '1']) =>
      session.ask('KlineHandler', 'index', { market: name, limit: Number(limit), period: Number(period) }),
    show: (data, style) =>
      table(
        (data as number[][]).map(([time = 0, open, high, low, close, volume]) => ({
          time: new Date(time * 1000).toISOString().slice(0, 16).replace('T', ' '),
          ...{ open, high, low, close, volume },
        })),
        ['time', 'open', 'high', 'low', 'close', 'volume'],
        style,
      ),
  },
]

function showOrders(data: unknown, style: Style): string {
  const { resources, resources_count: all } = data as { resources: Rows; resources_count: number }
  if (resources.length === 0) return 'No orders.'
  const more = all > resources.length ? `\nThe newest ${resources.length} of ${all}.` : ''
  return table(resources, orderColumns, style) + more
}

function showOrder(data: unknown, style: Style): string {
  const {
    trades,
    market_name: _name,
    market_display_name: _display,
    ...order
  } = data as {
    readonly trades: Rows
    readonly [name: string]: unknown
  }
  return trades.length === 0
    ? sheet(order, style)
    : `${sheet(order, style)}\n\n${table(trades, tradeColumns, style)}`
}

/** The best prices meet in the middle. */
function showBook(data: unknown, style: Style): string {
  const { asks, bids } = data as { asks: [string, string][]; bids: [string, string][] }
  const rows = (levels: [string, string][], side: string) =>
    levels.map(([price, volume]) => ({ side, price, volume }))
  const all = [...rows(asks, 'ask').reverse(), ...rows(bids, 'bid')]
  return all.length === 0 ? 'The book is empty.' : table(all, ['side', 'price', 'volume'], style)
}
