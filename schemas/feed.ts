import Type, { type Static } from 'typebox'
import type { CandleInterval } from '../src/domain/candle.ts'
import { sessionLimits } from '../src/domain/session.ts'
import { CandleView, Interval } from './candles.ts'
import { AccountName, SymbolName, VenueName } from './names.ts'
import { most, mostLots } from './order.ts'
import { Timestamp } from './time.ts'
import { OneOf } from './types.ts'

const RequestId = Type.Union(
  [Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), Type.String({ maxLength: 64 })],
  { description: "The sender's own id of the request; its answer carries it." },
)
const Side = OneOf(['buy', 'sell'], { description: 'Which side of the book the order is on.' })
const OrderId = Type.Integer({ minimum: 1, description: 'Order id on its venue.' })
const Price = Type.Integer({ minimum: 0, description: 'Price in ticks.' })
const Quantity = Type.Number({ minimum: 0, description: 'Quantity in lots.' })
const Time = (description: string) => Type.Unsafe<string>({ ...Timestamp, description })

/** Depths that can be asked for; without one it is the whole book. */
export const depths = [1, 5, 10, 20, 50, 100] as const

const strict = { additionalProperties: false }

/** The fields that name a subscription, by channel. */
const subscriptionFields = {
  quote: { channel: Type.Literal('quote'), venue: VenueName, symbol: SymbolName },
  trades: { channel: Type.Literal('trades'), venue: VenueName, symbol: SymbolName },
  book: {
    channel: Type.Literal('book'),
    venue: VenueName,
    symbol: SymbolName,
    depth: Type.Optional(
      Type.Unsafe<(typeof depths)[number]>({
        type: 'integer',
        enum: [...depths],
        description: 'How many of the best levels a side; the whole book if absent.',
      }),
    ),
  },
  orders: { channel: Type.Literal('orders'), venue: VenueName, symbol: SymbolName },
  candles: { channel: Type.Literal('candles'), venue: VenueName, symbol: SymbolName, interval: Interval },
  account: { channel: Type.Literal('account'), venue: VenueName, account: AccountName },
}
export type ChannelName = keyof typeof subscriptionFields

const From = Type.Optional(
  Type.Integer({
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    description:
      'The last number that was seen: only what came after it is sent, when the server still has that.',
  }),
)

const subscribes = Object.values(subscriptionFields).map((fields) =>
  Type.Object({ id: RequestId, op: Type.Literal('subscribe'), ...fields, from: From }, strict),
)
const unsubscribes = Object.values(subscriptionFields).map((fields) =>
  Type.Object({ id: RequestId, op: Type.Literal('unsubscribe'), ...fields }, strict),
)

/** What a subscription is of. */
export type SubscriptionKey =
  | { channel: 'quote' | 'trades' | 'orders'; venue: string; symbol: string }
  | { channel: 'book'; venue: string; symbol: string; depth?: number }
  | { channel: 'candles'; venue: string; symbol: string; interval: CandleInterval }
  | { channel: 'account'; venue: string; account: string }
type Identified = { id: number | string }
export type SubscribeRequest = Identified & { op: 'subscribe'; from?: number } & SubscriptionKey
export type UnsubscribeRequest = Identified & { op: 'unsubscribe' } & SubscriptionKey

export const SubscribeRequest = Type.Unsafe<SubscribeRequest>(
  Type.Union(subscribes, {
    description: 'Asks for a snapshot and then every change, or for every change after a number.',
    examples: [
      { id: 1, op: 'subscribe', channel: 'book', venue: 'TESTEX', symbol: 'FOOBAR', depth: 10, from: 830 },
    ],
  }),
)
export const UnsubscribeRequest = Type.Unsafe<UnsubscribeRequest>(
  Type.Union(unsubscribes, {
    description: 'Ends a subscription.',
    examples: [{ id: 2, op: 'unsubscribe', channel: 'book', venue: 'TESTEX', symbol: 'FOOBAR', depth: 10 }],
  }),
)
export const PingRequest = Type.Object(
  { id: RequestId, op: Type.Literal('ping') },
  { ...strict, description: 'Asks for an answer.', examples: [{ id: 3, op: 'ping' }] },
)
export type PingRequest = Static<typeof PingRequest>

export const AuthRequest = Type.Object(
  {
    id: RequestId,
    op: Type.Literal('auth'),
    key: Type.String({ minLength: 1, maxLength: 1000, description: 'A key of one or more accounts.' }),
  },
  {
    ...strict,
    description: 'Gives the socket a key, in place of the one that it had.',
    examples: [{ id: 4, op: 'auth', key: 'KEY' }],
  },
)
export type AuthRequest = Static<typeof AuthRequest>

/** The largest price and quantity of an order, as over REST. */
export const PlaceRequest = Type.Object(
  {
    id: RequestId,
    op: Type.Literal('place'),
    venue: VenueName,
    symbol: SymbolName,
    account: AccountName,
    side: Side,
    orderType: OneOf(['limit', 'market'], { description: 'At the price or better, or at any price.' }),
    timeInForce: Type.Optional(
      OneOf(['gtc', 'ioc', 'fok'], {
        description:
          '`gtc`: rests until it is filled or canceled. `ioc`: trades what it can now. `fok`: all now, or nothing. If absent `gtc`, and `ioc` for a market order.',
      }),
    ),
    price: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: most,
        description: 'The worst acceptable price in ticks; required for a limit order, and only there.',
      }),
    ),
    quantity: Type.Integer({
      minimum: 1,
      maximum: mostLots,
      description: 'Lots to buy or sell, at most 2,147,483,647; up to 2^53 − 1 where accounts hold money.',
    }),
    clientOrderId: Type.Optional(
      Type.String({
        pattern: '^[\\x21-\\x7e]{1,36}$',
        description: "The sender's own id of the order: the same again under it places nothing.",
      }),
    ),
  },
  {
    ...strict,
    description: 'Places an order.',
    examples: [
      {
        id: 5,
        op: 'place',
        venue: 'TESTEX',
        symbol: 'FOOBAR',
        account: 'EXB123456',
        side: 'buy',
        orderType: 'limit',
        price: 5000,
        quantity: 100,
      },
    ],
  },
)
export type PlaceRequest = Static<typeof PlaceRequest>

export const CancelRequest = Type.Object(
  { id: RequestId, op: Type.Literal('cancel'), venue: VenueName, orderId: OrderId },
  {
    ...strict,
    description: 'Cancels an open order.',
    examples: [{ id: 6, op: 'cancel', venue: 'TESTEX', orderId: 4711 }],
  },
)
export type CancelRequest = Static<typeof CancelRequest>

export const ReplaceRequest = Type.Object(
  {
    id: RequestId,
    op: Type.Literal('replace'),
    venue: VenueName,
    orderId: OrderId,
    price: Type.Integer({
      minimum: 0,
      maximum: most,
      description: 'The new worst acceptable price in ticks.',
    }),
    quantity: Type.Integer({
      minimum: 0,
      maximum: mostLots,
      description:
        'The new total in lots, with what is filled already; when that is all of it, the order closes. At most what `place` takes.',
    }),
  },
  {
    ...strict,
    description:
      'Gives an open limit order another price and total quantity. It keeps its id, and with no more lots at the same price its place too; else it goes to the back and may trade at once.',
    examples: [{ id: 7, op: 'replace', venue: 'TESTEX', orderId: 4711, price: 4990, quantity: 80 }],
  },
)
export type ReplaceRequest = Static<typeof ReplaceRequest>

const SessionName = Type.Optional(
  Type.String({
    pattern: '^[\\x21-\\x7e]{1,36}$',
    description:
      'A name of your own: only orders that are placed on a socket after it has armed that name are canceled. Without one it is all open orders of the account, however they were placed.',
  }),
)

export const ArmRequest = Type.Object(
  {
    id: RequestId,
    op: Type.Literal('arm'),
    venue: VenueName,
    account: AccountName,
    session: SessionName,
    graceMs: Type.Integer({
      minimum: 0,
      maximum: sessionLimits.grace / 1000,
      description:
        'How long after the loss of the connection, in milliseconds. Arming again within it keeps the orders.',
    }),
  },
  {
    ...strict,
    description:
      'Has orders canceled when the connection is lost: this socket, or the last of several that have armed the same. A restart of the server is a loss too.',
    examples: [{ id: 9, op: 'arm', venue: 'TESTEX', account: 'EXB123456', session: 'bot-1', graceMs: 5000 }],
  },
)
export type ArmRequest = Static<typeof ArmRequest>

export const DisarmRequest = Type.Object(
  { id: RequestId, op: Type.Literal('disarm'), venue: VenueName, account: AccountName, session: SessionName },
  {
    ...strict,
    description: 'Takes `arm` back: the orders stay, whatever becomes of the connection.',
    examples: [{ id: 10, op: 'disarm', venue: 'TESTEX', account: 'EXB123456', session: 'bot-1' }],
  },
)
export type DisarmRequest = Static<typeof DisarmRequest>

export const CancelAllRequest = Type.Object(
  {
    id: RequestId,
    op: Type.Literal('cancel-all'),
    venue: VenueName,
    account: AccountName,
    symbol: Type.Optional(SymbolName),
  },
  {
    ...strict,
    description: 'Cancels the open orders of an account, the newest 1,000 at a time.',
    examples: [{ id: 8, op: 'cancel-all', venue: 'TESTEX', account: 'EXB123456' }],
  },
)
export type CancelAllRequest = Static<typeof CancelAllRequest>

/** Every request, by its operation. */
export const feedRequests = {
  subscribe: SubscribeRequest,
  unsubscribe: UnsubscribeRequest,
  ping: PingRequest,
  auth: AuthRequest,
  place: PlaceRequest,
  cancel: CancelRequest,
  replace: ReplaceRequest,
  'cancel-all': CancelAllRequest,
  arm: ArmRequest,
  disarm: DisarmRequest,
} as const
export type FeedRequest =
  | SubscribeRequest
  | UnsubscribeRequest
  | PingRequest
  | AuthRequest
  | PlaceRequest
  | CancelRequest
  | ReplaceRequest
  | CancelAllRequest
  | ArmRequest
  | DisarmRequest

const fill = { price: Price, quantity: Quantity, time: Time('When it traded.') }
const Fill = Type.Object(fill)

export const FeedOrder = Type.Object(
  {
    id: OrderId,
    venue: VenueName,
    symbol: SymbolName,
    account: AccountName,
    side: Side,
    orderType: OneOf(['limit', 'market'], { description: 'At the price or better, or at any price.' }),
    timeInForce: OneOf(['gtc', 'ioc', 'fok'], { description: 'What became of what did not trade at once.' }),
    price: Type.Unsafe<number>({ ...Price, description: 'Limit in ticks; 0 for a market order.' }),
    quantity: Type.Unsafe<number>({ ...Quantity, description: 'Lots asked for; 0 when there is a budget.' }),
    open: Type.Unsafe<number>({ ...Quantity, description: 'Lots that can still trade.' }),
    filled: Type.Unsafe<number>({ ...Quantity, description: 'Lots traded.' }),
    closedBy: Type.Optional(Type.String({ description: 'Why it can trade no more; absent while it can.' })),
    time: Time('When it was taken.'),
    clientOrderId: Type.Optional(Type.String({ description: 'The id of the sender, if it gave one.' })),
    fills: Type.Array(Fill, { description: 'The newest matches, oldest first, 100 at most.' }),
    fillsOmitted: Type.Optional(Type.Integer({ minimum: 1, description: 'Older ones; absent when none.' })),
  },
  { description: 'An order as it is now.' },
)
export type FeedOrder = Static<typeof FeedOrder>

export const Failure = Type.Object(
  {
    type: Type.Literal('answer'),
    id: Type.Unsafe<number | string | null>({
      type: ['integer', 'string', 'null'],
      description: 'That of the request; null when it could not be read.',
    }),
    ok: Type.Literal(false),
    reason: Type.String({ description: 'What is wrong, for programs: a code that does not change.' }),
    error: Type.String({ description: 'What is wrong, for people.' }),
    docs: Type.String({ description: 'Where to read more.' }),
    field: Type.Optional(Type.String({ description: 'The field at fault.' })),
    outcome: Type.Optional(
      OneOf(['refused', 'unknown'], {
        description:
          'Of orders and cancels that were not decided. `refused`: nothing was done. `unknown`: it may have been done; an order is safe to send again under the same `clientOrderId`.',
      }),
    ),
  },
  {
    description: 'A request failed.',
    examples: [
      {
        type: 'answer',
        id: 5,
        ok: false,
        reason: 'unknown_symbol',
        error: 'No such symbol on this venue',
        docs: '/docs/ws#unknown_symbol',
      },
    ],
  },
)
export type Failure = Static<typeof Failure>

export const Success = Type.Object(
  {
    type: Type.Literal('answer'),
    id: RequestId,
    ok: Type.Literal(true),
    seq: Type.Optional(
      Type.Integer({ description: 'To `subscribe`: the number of the last change there is.' }),
    ),
    resumed: Type.Optional(
      Type.Boolean({ description: 'To `subscribe`: whether changes after `from` follow, and no snapshot.' }),
    ),
    accounts: Type.Optional(Type.Array(AccountName, { description: 'To `auth`: those of the key.' })),
    order: Type.Optional(FeedOrder),
    canceled: Type.Optional(
      Type.Array(OrderId, { description: 'To `cancel-all`: the orders that were canceled.' }),
    ),
    more: Type.Optional(
      Type.Boolean({ description: 'To `cancel-all`: whether open orders are left; ask again.' }),
    ),
  },
  {
    description: 'A request was done.',
    examples: [{ type: 'answer', id: 1, ok: true, seq: 832, resumed: true }],
  },
)
export type Success = Static<typeof Success>

export const Welcome = Type.Object(
  {
    type: Type.Literal('welcome'),
    protocol: Type.Literal(1),
    keys: Type.Boolean({ description: 'Whether orders and private channels need a key.' }),
    heartbeatSeconds: Type.Integer({ description: 'How often a heartbeat comes.' }),
  },
  {
    description: 'The first message of each socket.',
    examples: [{ type: 'welcome', protocol: 1, keys: false, heartbeatSeconds: 20 }],
  },
)
export type Welcome = Static<typeof Welcome>

export const Heartbeat = Type.Object(
  { type: Type.Literal('heartbeat'), time: Time('The time of the server.') },
  { description: 'Says that the server is there.' },
)
export type Heartbeat = Static<typeof Heartbeat>

const numbers = {
  seq: Type.Integer({
    minimum: 0,
    description: 'The number of the last change that this message accounts for.',
  }),
  prev: Type.Integer({
    minimum: 0,
    description:
      'The number that this subscription was brought to before; 0 at first. When it is not the one you have, you have missed something.',
  }),
}
const snapshot = {
  type: Type.Literal('snapshot'),
  missed: Type.Optional(
    Type.Literal(true, {
      description: 'You asked for changes after `prev`, which are not kept any more: this is all anew.',
    }),
  ),
}
const change = { type: Type.Literal('change') }
const Level = Type.Tuple([Type.Integer(), Type.Number(), Type.Integer()], {
  description: 'Price in ticks, quantity in lots, number of orders.',
})
const levels = {
  bids: Type.Array(Level, { description: 'Each `[price, quantity, orders]`, highest price first.' }),
  asks: Type.Array(Level, { description: 'Each `[price, quantity, orders]`, lowest price first.' }),
  checksum: Type.Integer({ minimum: 0, description: 'CRC-32 of the best levels; see the guide.' }),
}
const ChangedLevel = 'Levels as they are now; a quantity of 0 says that the level is gone.'

const OpenLots = Type.Unsafe<number>({ ...Quantity, description: 'Lots that can still trade.' })
const Resting = Type.Object({ id: OrderId, price: Price, open: OpenLots })
const Best = (description: string) =>
  Type.Optional(
    Type.Object(
      {
        price: Price,
        quantity: Quantity,
        orders: Type.Integer({ minimum: 1, description: 'How many orders.' }),
      },
      { description },
    ),
  )
const quoteFields = {
  bid: Best('The best price to buy; absent when nobody bids.'),
  ask: Best('The best price to sell; absent when nobody offers.'),
  bidDepth: Type.Unsafe<number>({ ...Quantity, description: 'Lots wanted at all prices.' }),
  askDepth: Type.Unsafe<number>({ ...Quantity, description: 'Lots offered at all prices.' }),
  last: Type.Optional(Type.Object(fill, { description: 'The last trade; absent before the first.' })),
  reference: Type.Optional(
    Type.Unsafe<number>({ ...Price, description: "The venue's own price, where there is one." }),
  ),
  time: Time('When the book last changed.'),
}
const FeedTrade = Type.Object({
  id: Type.Integer({ minimum: 1, description: 'Trade id on its venue.' }),
  price: Price,
  quantity: Quantity,
  takerSide: Side,
  time: Time('When it happened.'),
})
export type FeedTrade = Static<typeof FeedTrade>
const AccountEventView = Type.Object(
  {
    type: OneOf(['accepted', 'traded', 'reduced', 'replaced', 'closed'], {
      description:
        'Taken; one match; lots taken away by the rule against trading with oneself; other terms; at its end.',
    }),
    number: Type.Integer({
      minimum: 1,
      description: 'Its place among all events of the account on the venue: 1, 2, 3 …',
    }),
    time: Time('When it happened.'),
    symbol: SymbolName,
    orderId: OrderId,
    orderType: Type.Optional(OneOf(['limit', 'market'], { description: 'Of `accepted`.' })),
    timeInForce: Type.Optional(OneOf(['gtc', 'ioc', 'fok'], { description: 'Of `accepted`.' })),
    clientOrderId: Type.Optional(
      Type.String({ description: 'Of `accepted`: the id of the sender, if it gave one.' }),
    ),
    otherOrderId: Type.Optional(
      Type.Unsafe<number>({ ...OrderId, description: 'Of `traded`: the order that it traded with.' }),
    ),
    tradeId: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Of `traded`: the id of the trade on its venue.' }),
    ),
    side: Type.Optional(
      OneOf(['buy', 'sell'], { description: 'Of `accepted` and `traded`: the side of the order.' }),
    ),
    isTaker: Type.Optional(
      Type.Boolean({ description: 'Of `traded`: whether its order was the one that arrived.' }),
    ),
    price: Type.Optional(
      Type.Unsafe<number>({
        ...Price,
        description: 'In ticks. Of `accepted` and `replaced` the limit, of `traded` what was paid.',
      }),
    ),
    quantity: Type.Optional(
      Type.Unsafe<number>({
        ...Quantity,
        description: 'In lots. Of `accepted` and `replaced` the total of the order, of `traded` what traded.',
      }),
    ),
    open: Type.Optional(
      Type.Unsafe<number>({
        ...Quantity,
        description: 'Of `traded`, `reduced` and `replaced`: lots of the order that can still trade.',
      }),
    ),
    canceled: Type.Optional(
      Type.Unsafe<number>({
        ...Quantity,
        description: 'Of `reduced` and `closed`: lots that will not trade any more.',
      }),
    ),
    reason: Type.Optional(
      Type.String({ description: 'Of `closed`: why, e.g. `filled`, `user`, `disconnected`.' }),
    ),
  },
  {
    description:
      'What happened to an order of the account. `accepted` says what was asked for, unless the order is forgotten by now.',
  },
)
export type AccountEventView = Static<typeof AccountEventView>
const BalanceView = Type.Object({
  asset: Type.String({ description: 'What it is of, e.g. `USD`.' }),
  available: Type.String({ description: 'In smallest units; text, since it may pass what a number holds.' }),
  held: Type.String({ description: 'Reserved for open orders.' }),
})
const PositionView = Type.Object({
  symbol: SymbolName,
  position: Type.String({ description: 'Lots held; negative when sold short.' }),
  cash: Type.String({ description: 'Money in ticks × lots: sells less buys.' }),
})

const of = { venue: VenueName, symbol: SymbolName }
const depth = Type.Optional(Type.Integer({ description: 'As subscribed; absent for the whole book.' }))

// What the examples are made of.
const at = '2026-11-21T09:30:00.000000000Z'
const first = { type: 'snapshot', seq: 830, prev: 0 }
const next = { type: 'change', seq: 831, prev: 830 }
const quoted = {
  bid: { price: 4980, quantity: 35, orders: 2 },
  ask: { price: 5010, quantity: 40, orders: 1 },
  bidDepth: 235,
  askDepth: 40,
  last: { price: 4990, quantity: 10, time: at },
  time: at,
}
const traded = { id: 17, price: 4990, quantity: 10, takerSide: 'buy', time: at }
const candle = { start: at, open: 4990, high: 5010, low: 4985, close: 5000, volume: 340, trades: 21 }
const example = (channel: ChannelName, numbers: object, fields: object) => ({
  examples: [{ ...numbers, channel, venue: 'TESTEX', symbol: 'FOOBAR', ...fields }],
})

/** Every message of a channel: [its snapshot, its change]. */
export const channelMessages = {
  quote: [
    Type.Object(
      { ...snapshot, channel: Type.Literal('quote'), ...of, ...numbers, ...quoteFields },
      example('quote', first, quoted),
    ),
    Type.Object(
      { ...change, channel: Type.Literal('quote'), ...of, ...numbers, ...quoteFields },
      example('quote', next, quoted),
    ),
  ],
  trades: [
    Type.Object(
      {
        ...snapshot,
        channel: Type.Literal('trades'),
        ...of,
        ...numbers,
        trades: Type.Array(FeedTrade, { description: 'The newest 100, oldest first.' }),
      },
      example('trades', first, { trades: [traded] }),
    ),
    Type.Object(
      {
        ...change,
        channel: Type.Literal('trades'),
        ...of,
        ...numbers,
        trades: Type.Array(FeedTrade, { description: 'Every trade after `prev`: each is one number.' }),
      },
      example('trades', next, { trades: [traded] }),
    ),
  ],
  book: [
    Type.Object(
      {
        ...snapshot,
        channel: Type.Literal('book'),
        ...of,
        depth,
        ...numbers,
        time: Time('When the book last changed.'),
        ...levels,
      },
      example('book', first, {
        ...{ time: at, bids: [[4980, 35, 2]], asks: [[5010, 40, 1]] },
        checksum: 4_097_436_134,
      }),
    ),
    Type.Object(
      {
        ...change,
        channel: Type.Literal('book'),
        ...of,
        depth,
        ...numbers,
        time: Time('When the book last changed.'),
        bids: Type.Array(Level, { description: ChangedLevel }),
        asks: Type.Array(Level, { description: ChangedLevel }),
        checksum: levels.checksum,
      },
      example('book', next, {
        ...{ time: at, bids: [[4970, 200, 1]], asks: [] },
        checksum: 1_041_853_504,
      }),
    ),
  ],
  orders: [
    Type.Object(
      {
        ...snapshot,
        channel: Type.Literal('orders'),
        ...of,
        ...numbers,
        time: Time('When the book last changed.'),
        bids: Type.Array(Resting, { description: 'Best price first, oldest first within a price.' }),
        asks: Type.Array(Resting, { description: 'Best price first, oldest first within a price.' }),
      },
      example('orders', first, { time: at, bids: [{ id: 4711, price: 4980, open: 35 }], asks: [] }),
    ),
    Type.Object(
      {
        ...change,
        channel: Type.Literal('orders'),
        ...of,
        ...numbers,
        time: Time('When the book last changed.'),
        orders: Type.Array(Type.Object({ id: OrderId, side: Side, price: Price, open: OpenLots }), {
          description:
            'In order. A new id goes behind all others at its price, a known one keeps its place, and 0 open lots take it out.',
        }),
      },
      example('orders', next, { time: at, orders: [{ id: 4711, side: 'buy', price: 4980, open: 0 }] }),
    ),
  ],
  candles: [
    Type.Object(
      {
        ...snapshot,
        channel: Type.Literal('candles'),
        ...of,
        interval: Interval,
        ...numbers,
        candles: Type.Array(CandleView, { description: 'The newest 100, oldest first.' }),
      },
      example('candles', first, { interval: '1m', candles: [candle] }),
    ),
    Type.Object(
      {
        ...change,
        channel: Type.Literal('candles'),
        ...of,
        interval: Interval,
        ...numbers,
        candles: Type.Array(CandleView, { description: 'Those that changed, as they are now.' }),
      },
      example('candles', next, { interval: '1m', candles: [candle] }),
    ),
  ],
  account: [
    Type.Object(
      {
        ...snapshot,
        channel: Type.Literal('account'),
        venue: VenueName,
        account: AccountName,
        ...numbers,
        orders: Type.Array(FeedOrder, { description: 'Open orders, by ascending id; the newest 1,000.' }),
        more: Type.Boolean({ description: 'Whether there are older open orders.' }),
        positions: Type.Array(PositionView, { description: 'In each stock that the account has traded.' }),
        balances: Type.Array(BalanceView, { description: 'On venues where accounts hold money.' }),
      },
      {
        examples: [
          {
            ...{ ...first, channel: 'account', venue: 'TESTEX', account: 'EXB123456' },
            ...{ orders: [], more: false, balances: [] },
            positions: [{ symbol: 'FOOBAR', position: '10', cash: '-49900' }],
          },
        ],
      },
    ),
    Type.Object(
      {
        ...change,
        channel: Type.Literal('account'),
        venue: VenueName,
        account: AccountName,
        ...numbers,
        events: Type.Array(AccountEventView, { description: 'Each is one number.' }),
        balances: Type.Optional(Type.Array(BalanceView, { description: 'Those that changed.' })),
      },
      {
        examples: [
          {
            ...{ ...next, channel: 'account', venue: 'TESTEX', account: 'EXB123456' },
            events: [
              {
                ...{ type: 'traded', number: 831, time: at, symbol: 'FOOBAR', orderId: 4711 },
                ...{ otherOrderId: 4700, tradeId: 17, side: 'buy', isTaker: true },
                ...{ price: 4990, quantity: 10, open: 25 },
              },
            ],
          },
        ],
      },
    ),
  ],
} as const

type ChannelMessages = { [Name in ChannelName]: (typeof channelMessages)[Name] }
export type SnapshotOf<Name extends ChannelName> = Static<ChannelMessages[Name][0]>
export type ChangeOf<Name extends ChannelName> = Static<ChannelMessages[Name][1]>

/** What the server sends beside the messages of channels. */
export const feedMessages = {
  welcome: Welcome,
  heartbeat: Heartbeat,
  success: Success,
  failure: Failure,
} as const
