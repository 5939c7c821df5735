/**
 * Every reason to refuse a command. A refusal is an event, not an exception, and means the same at every door;
 * each edge has one table from reason to its own words.
 */
export const rejectReasons = {
  unknown_venue: 'No such venue',
  venue_exists: 'The venue exists already',
  unknown_symbol: 'No such symbol on this venue',
  symbol_exists: 'The symbol is listed already',
  unknown_order: 'No such order on this venue',
  order_closed: 'The order is closed',
  client_order_id_conflict: 'The client order id belongs to a different order',
  too_many_books: 'No more books can be made',
  too_many_accounts: 'No more accounts can trade on this venue',
  too_many_open_orders: 'The account has as many open orders as it may have',
  venue_full: 'The venue has as many open orders as it can hold',
  depth_limit: 'The quantity on this side of the book would pass what can be counted exactly',
  voided: 'The command was declared void by the operator',
} as const

export type RejectReason = keyof typeof rejectReasons
