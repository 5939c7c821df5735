/** What the socket `/ws/v1` says and is asked. Prices are in ticks, quantities in lots, times UTC texts that sort. */

export type Side = 'buy' | 'sell'
export type TimeInForce = 'gtc' | 'ioc' | 'fok'
export type CandleInterval = '1s' | '1m' | '5m' | '15m' | '1h' | '1d'

/** One symbol on one venue. */
export interface Stock {
  readonly venue: string
  readonly symbol: string
}

export interface Fill {
  readonly price: number
  readonly quantity: number
  readonly time: string
}

/** An order as it is now. */
export interface Order extends Stock {
  readonly id: number
  readonly account: string
  readonly side: Side
  readonly orderType: 'limit' | 'market'
  readonly timeInForce: TimeInForce
  /** Limit in ticks; 0 for a market order. */
  readonly price: number
  readonly quantity: number
  /** Lots that can still trade; 0 once it is closed. */
  readonly open: number
  readonly filled: number
  /** The newest matches, oldest first. */
  readonly fills: readonly Fill[]
  readonly fillsOmitted?: number
  /** Why it can trade no more; only the socket says it. */
  readonly closedBy?: string
  readonly time: string
  readonly clientOrderId?: string
}

/** Price, quantity, number of orders. */
export type WireLevel = readonly [price: number, quantity: number, orders: number]

export interface BestLevel {
  readonly price: number
  readonly quantity: number
  readonly orders: number
}

export interface Trade {
  readonly id: number
  readonly price: number
  readonly quantity: number
  readonly takerSide: Side
  readonly time: string
}

export interface Candle {
  readonly start: string
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  readonly trades: number
}

/** A resting order of somebody. */
export interface RestingOrder {
  readonly id: number
  readonly price: number
  readonly open: number
}

interface OfOrder {
  /** Its place among all events of the account: 1, 2, 3 … */
  readonly number: number
  readonly time: string
  readonly symbol: string
  readonly orderId: number
}

/** What was asked for, unless the server has forgotten the order by now. */
export interface Accepted extends OfOrder, Partial<Terms> {
  readonly type: 'accepted'
}

interface Terms {
  readonly side: Side
  readonly orderType: 'limit' | 'market'
  readonly timeInForce: TimeInForce
  readonly price: number
  readonly quantity: number
  readonly clientOrderId: string
}

/** One match. Of an account with itself it is two events, the taker's first. */
export interface Traded extends OfOrder {
  readonly type: 'traded'
  readonly otherOrderId: number
  readonly tradeId: number
  readonly side: Side
  /** Whether its order was the one that arrived. */
  readonly isTaker: boolean
  readonly price: number
  readonly quantity: number
  /** Lots of its order that can still trade. */
  readonly open: number
}

/** The venue's rule against trading with oneself took lots away. */
export interface Reduced extends OfOrder {
  readonly type: 'reduced'
  readonly canceled: number
  readonly open: number
}

/** Another price and total quantity. What it trades at once, or how it ends, follows. */
export interface Replaced extends OfOrder {
  readonly type: 'replaced'
  readonly price: number
  readonly quantity: number
  readonly open: number
}

export interface Closed extends OfOrder {
  readonly type: 'closed'
  /** E.g. `filled`, or `user` when it was canceled. */
  readonly reason: string
  /** Lots that will not trade any more. */
  readonly canceled: number
}

/** What happened to an order of the account. */
export type AccountEvent = Accepted | Traded | Reduced | Replaced | Closed

/** In smallest units, as text: it may pass what a number holds. */
export interface Balance {
  readonly asset: string
  readonly available: string
  readonly held: string
}

export interface Position {
  readonly symbol: string
  readonly position: string
  readonly cash: string
}

interface Quote {
  readonly bid?: BestLevel
  readonly ask?: BestLevel
  readonly bidDepth: number
  readonly askDepth: number
  readonly last?: Fill
  readonly reference?: number
  readonly time: string
}

interface BookLevels {
  readonly time: string
  readonly bids: readonly WireLevel[]
  readonly asks: readonly WireLevel[]
  readonly checksum: number
}

/** For each channel: what names a subscription, and what its snapshots and changes carry. */
export interface Channels {
  quote: { key: Stock; snapshot: Quote; change: Quote }
  trades: { key: Stock; snapshot: { trades: readonly Trade[] }; change: { trades: readonly Trade[] } }
  /** In changes: levels as they are now, with a quantity of 0 when they are gone. */
  book: { key: Stock & { readonly depth?: number }; snapshot: BookLevels; change: BookLevels }
  orders: {
    key: Stock
    snapshot: {
      readonly time: string
      readonly bids: readonly RestingOrder[]
      readonly asks: readonly RestingOrder[]
    }
    /** A new id goes behind all others at its price, a known one keeps its place, and 0 open lots take it out. */
    change: { readonly time: string; readonly orders: readonly (RestingOrder & { readonly side: Side })[] }
  }
  candles: {
    key: Stock & { readonly interval: CandleInterval }
    snapshot: { readonly candles: readonly Candle[] }
    change: { readonly candles: readonly Candle[] }
  }
  account: {
    key: { readonly venue: string; readonly account: string }
    snapshot: {
      readonly orders: readonly Order[]
      readonly more: boolean
      readonly positions: readonly Position[]
      readonly balances: readonly Balance[]
    }
    change: { readonly events: readonly AccountEvent[]; readonly balances?: readonly Balance[] }
  }
}
export type ChannelName = keyof Channels

/** What can be subscribed to. */
export type SubscriptionKey = {
  [Name in ChannelName]: { readonly channel: Name } & Channels[Name]['key']
}[ChannelName]

/** What all messages of channels have. */
export interface Numbered {
  readonly type: 'snapshot' | 'change'
  /** The number of the last change that this message accounts for. */
  readonly seq: number
  /** The number that the subscription was brought to before. */
  readonly prev: number
}

export type Snapshot<Name extends ChannelName> = Numbered & {
  readonly type: 'snapshot'
  readonly channel: Name
  /** The server had not kept all that happened since `prev`: this is all anew. */
  readonly missed?: true
} & Channels[Name]['key'] &
  Channels[Name]['snapshot']

export type Change<Name extends ChannelName> = Numbered & {
  readonly type: 'change'
  readonly channel: Name
} & Channels[Name]['key'] &
  Channels[Name]['change']

/** What a subscription of a channel is sent. */
export type Message<Name extends ChannelName = ChannelName> = {
  [N in Name]: Snapshot<N> | Change<N>
}[Name]

/** The first message of a socket. */
export interface Welcome {
  readonly type: 'welcome'
  readonly keys: boolean
  readonly heartbeatSeconds: number
}

/** The answer to a request that was done. */
export interface Success {
  readonly type: 'answer'
  readonly id: number
  readonly ok: true
  readonly seq?: number
  readonly resumed?: boolean
  readonly accounts?: readonly string[]
  readonly order?: Order
  readonly canceled?: readonly number[]
  readonly more?: boolean
}
