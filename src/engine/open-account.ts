import { toAmount } from '../domain/amount.ts'
import type { Event } from '../domain/event.ts'
import type { Account } from './account.ts'
import type { VenueState } from './venue-state.ts'

/** Opens an account that was made for it, and gives it what the venue's rules say. The venue must have room for it. */
export function openAccount(
  { name: venue, rules, accounts, ledger }: VenueState,
  account: Account,
  events: Event[],
): void {
  const { name, keyHash, isHouse } = account
  accounts.set(name, account)
  events.push({
    type: 'account-opened',
    venue,
    account: name,
    keyHash,
    ...(isHouse && { house: true as const }),
  })
  for (const [asset, amount] of Object.entries(rules.opening ?? {})) {
    ledger.deposit(account, ledger.asset(asset), toAmount(BigInt(amount)))
  }
  ledger.report(venue, events)
}
