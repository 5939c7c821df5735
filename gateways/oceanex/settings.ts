import type { KeyObject } from 'node:crypto'

/** How the door is set up. Read from the configuration, where every value was checked. */
export interface OceanexSettings {
  /** Where clients connect; 0 for any free port. */
  readonly port: number
  readonly bind: string
  /** Certificate chain and key in one PEM text; the port then speaks TLS only. */
  readonly pem: string | undefined
  /** The path of the websocket; clients sign it when they log in. */
  readonly path: string
  /** What the paths of REST begin with. */
  readonly restPath: string
  /** What the path of the Pusher feed begins with. */
  readonly pusherPath: string
  /** The venue of its markets. */
  readonly venue: string
  /** Seconds between two pings. */
  readonly pingInterval: number
  /** Whether a connection is closed when its login fails. */
  readonly loginFailure: 'close' | 'keep'
  /** Whether a connection is closed when it asks for what wants a login, without one. */
  readonly unauthorized: 'close' | 'error'
  readonly selfTrade: 'allow' | 'cancel_newest'
  /** Whether a token of REST has to say until when it holds. */
  readonly requireExp: boolean
  /** Requests a second of one connection, and orders a second of one key; 0 is no limit. */
  readonly requestsPerSecond: number
  readonly ordersPerSecond: number
  /** In the order in which they are shown. */
  readonly markets: readonly MarketSettings[]
  readonly users: readonly UserSettings[]
}

/** A market; numbers of decimals are 0 to 8. */
export interface MarketSettings {
  /** Such as `vetusdt`. */
  readonly id: string
  readonly base: string
  readonly quote: string
  readonly group: string
  readonly enabled: boolean
  /** Decimals that a price may have. */
  readonly pricePrecision: number
  /** Decimals that a volume may have. */
  readonly amountPrecision: number
  /** Decimals of sums in base, and of sums in quote. */
  readonly askPrecision: number
  readonly bidPrecision: number
  /** For people who look at prices in dollars; nothing hangs on it. */
  readonly usdPrecision: number
  /** What an order must be worth, in quote. */
  readonly minimumTradingAmount: string
  /** What sellers pay of the quote that they receive, and buyers of the base: a fraction with at most 9 decimals. */
  readonly askFee: string
  readonly bidFee: string
}

/** A key of an account. An account may have more of them. */
export interface UserSettings {
  /** The account. */
  readonly uid: string
  readonly apiKey: string
  readonly publicKey: KeyObject
  /** What the account is given when it is opened: amounts by currency. */
  readonly balances: ReadonlyMap<string, string>
  readonly scopes: Scopes
  /** From where the key is good; undefined: from everywhere. */
  readonly allowedIps: readonly string[] | undefined
  readonly enabled: boolean
}

/** What a key may do. */
export interface Scopes {
  readonly query: boolean
  readonly trade: boolean
  /** Clients are told of it; there is nothing to withdraw to. */
  readonly withdraw: boolean
}
