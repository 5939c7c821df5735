/**
 * Every reason to refuse a command. A refusal is an event, not an exception, and means the same at every door;
 * each edge has one table from reason to its own words.
 */
export const rejectReasons = {
  unknown_venue: 'No such venue',
  venue_exists: 'The venue exists already',
  venue_dropped: 'The venue is gone, and its name is not given again',
  unknown_symbol: 'No such symbol on this venue',
  symbol_exists: 'The symbol is listed already',
  unknown_order: 'No such order on this venue',
  order_closed: 'The order is closed',
  not_replaceable: 'Only limit orders can be replaced',
  client_order_id_conflict: 'The client order id belongs to a different order',
  too_many_books: 'No more books can be made',
  too_many_accounts: 'No more accounts can trade on this venue',
  too_many_open_orders: 'The account has as many open orders as it may have',
  venue_full: 'The venue has as many open orders as it can hold',
  depth_limit: 'The quantity on this side of the book would pass what can be counted exactly',
  venue_halted: 'The venue is halted',
  venue_closed: 'The venue is closed',
  no_accounts: 'The venue has no accounts to open or pay into',
  unknown_account: 'No such account on this venue',
  account_exists: 'The account exists already',
  unknown_asset: 'No such asset on this venue',
  terms_missing: 'An instrument of a cash venue needs terms, another has none',
  bad_terms: 'The terms of the instrument cannot be used',
  rules_conflict: 'These rules of a venue cannot hold together',
  quantity_too_small: 'The quantity is below the smallest of this instrument',
  value_too_small: 'The order is worth less than the smallest unit of money',
  budget_only:
    'A market order to buy that may wait needs a budget and no quantity; no other order has a budget',
  wrong_side_of_reference: "A limit order to buy must be below the venue's price, one to sell not below it",
  no_opposite_orders: 'There is no limit order to trade with',
  insufficient_funds: 'Not enough available',
  too_many_sessions: 'No more sessions can be armed',
  unknown_session: 'Nothing is armed there',
  grace_too_long: 'The grace is longer than an hour',
  note_too_large: 'The note is too long',
  house_account: 'The account belongs to a trader that is part of the venue: nobody can act for it',
  voided: 'The command was declared void by the operator',
} as const

export type RejectReason = keyof typeof rejectReasons
