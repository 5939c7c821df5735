/** Buy or sell. A book calls its two sides bids and asks. */
export type Side = 'buy' | 'sell'

/** `limit`: at the price or better. `market`: at any price. */
export type OrderType = 'limit' | 'market'

/** How long an order lives. `gtc`: until filled or canceled. `ioc`: trade now, cancel the rest. `fok`: all now, or nothing. */
export type TimeInForce = 'gtc' | 'ioc' | 'fok'

/**
 * Why an order can trade no more.
 *
 * `filled`: every lot traded. `user`: its owner canceled it. `ioc`: what an immediate order could not trade was
 * canceled. `fok_killed`: a fill-or-kill order found too little and did nothing. `self_trade`: the venue's
 * self-trade rule canceled it.
 */
export type CloseReason = 'filled' | 'user' | 'ioc' | 'fok_killed' | 'self_trade'
