/** The client of a Stockyard exchange, for Node and browsers. */
export { type FollowedBook, followBook, OrderBook } from './book.ts'
export { type ClientReason, type Reason, type RequestOutcome, StockyardError } from './errors.ts'
export { type Arming, Feed, type FeedOptions, type FeedState } from './feed.ts'
export { type NewOrder, type NewTerms, Orders, type OrdersOptions, toOrder } from './orders.ts'
export * from './rest.ts'
export type { Subscription } from './subscription.ts'
export type { Backoff, Fetch, Socket, SocketConstructor, Timers } from './surroundings.ts'
export type * from './types.ts'
