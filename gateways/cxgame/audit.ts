import type { Instrument, OrderRecord, Venue } from '../../src/port.ts'
import { crypto, usd } from './market.ts'
import { reserved, type Views } from './views.ts'

/** A tag, and what it is about. */
type Finding = readonly [tag: string, what: unknown]

/** What must be true of a game and is not: nothing, as long as the exchange is sound. */
export function audit(venue: Venue, instrument: Instrument, views: Views): Finding[] {
  const open = openOrders(venue, instrument)
  return [
    ...open
      .filter(({ closedBy }) => closedBy !== undefined)
      .map((order): Finding => ['ORDER_STATUS_NOT_OPEN:', views.order(order)]),
    ...checkTotals(venue),
    ...checkReservations(venue, open),
    ...checkCrossing(instrument, venue, views),
  ]
}

/** Every order that can still trade. */
export function openOrders(venue: Venue, { bids, asks, waiting }: Instrument): OrderRecord[] {
  const ids: number[] = []
  for (const side of [bids.orders(), asks.orders(), waiting.buy, waiting.sell]) {
    for (const { id } of side) ids.push(id)
  }
  return ids.sort((a, b) => a - b).flatMap((id) => venue.order(id) ?? [])
}

/** Players have together what they were given, and nobody less than nothing. */
function checkTotals(venue: Venue): Finding[] {
  const findings: Finding[] = []
  for (const asset of [usd, crypto]) {
    let players = 0n
    let total = 0n
    for (const { name, balances } of venue.accounts()) {
      const { available = 0n, held = 0n } = balances.get(asset) ?? {}
      players += 1n
      total += available + held
      if (available < 0n || held < 0n) findings.push(['NEGATIVE_WALLET:', { user: name, asset }])
    }
    const given = players * BigInt(venue.rules.opening?.[asset] ?? 0)
    if (total !== given) findings.push([`${asset}_TOTAL:`, { total: `${total}`, given: `${given}` }])
  }
  return findings
}

/**
 * What is taken out of a player's wallet is what its open orders have reserved. Each trade of an order to buy may have
 * rounded its part of the reservation by less than a cent.
 */
function checkReservations(venue: Venue, open: readonly OrderRecord[]): Finding[] {
  const sums = new Map<string, { [usd]: bigint; [crypto]: bigint; roundings: number }>()
  for (const order of open) {
    const sum = sums.get(order.account) ?? { [usd]: 0n, [crypto]: 0n, roundings: 0 }
    sums.set(order.account, sum)
    if (order.side === 'sell') sum[crypto] += BigInt(order.quantity - order.filled)
    else if (order.cash?.budgetLeft !== undefined) sum[usd] += order.cash.budgetLeft
    else {
      sum[usd] += reserved(order.price, order.quantity - order.filled)
      sum.roundings += order.fillCount
    }
  }
  const findings: Finding[] = []
  for (const { name, balances } of venue.accounts()) {
    const sum = sums.get(name) ?? { [usd]: 0n, [crypto]: 0n, roundings: 0 }
    for (const asset of [usd, crypto] as const) {
      const off = (balances.get(asset)?.held ?? 0n) - sum[asset]
      const allowed = asset === usd ? BigInt(sum.roundings) : 0n
      if (off > allowed || -off > allowed)
        findings.push(['RESERVATION:', { user: name, asset, off: `${off}` }])
    }
  }
  return findings
}

/** The best orders of both sides would trade, and are of different players. */
function checkCrossing({ bids, asks }: Instrument, venue: Venue, views: Views): Finding[] {
  const [bid] = bids.orders()
  const [ask] = asks.orders()
  if (bid === undefined || ask === undefined || bid.price < ask.price) return []
  const [buy, sell] = [venue.order(bid.id), venue.order(ask.id)]
  if (buy === undefined || sell === undefined || buy.account === sell.account) return []
  return [['CROSSED_BOOK:', views.order(buy)]]
}
