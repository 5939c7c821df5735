import type { Account } from '../../src/port.ts'
import { type Context, venueOf } from './context.ts'
import { toText } from './decimals.ts'
import { codes, Failure } from './errors.ts'
import type { Currency } from './market.ts'
import { instrumentOf } from './market-data.ts'
import type { UserSettings } from './settings.ts'

const bitcoin = 'btc'
const bitcoinDecimals = 8

/** What an account holds of every currency. */
export function accountsView(context: Context, { uid }: UserSettings): { readonly accounts: object[] } {
  const account = venueOf(context).account(uid)
  if (account === undefined) throw new Failure(codes.mayNotTrade, 'The account does not exist')
  return { accounts: context.currencies.map((currency) => currencyView(context, account, currency)) }
}

function currencyView(context: Context, { balances }: Account, currency: Currency): object {
  const { id, asset, decimals } = currency
  const { available = 0n, held = 0n } = balances.get(asset) ?? {}
  const own = [...context.markets.values()].filter(({ base }) => base === id)
  return {
    currency: id,
    type: 'coin',
    balance: toText(available, decimals),
    locked: toText(held, decimals),
    btc_equivalent_balance: toText(bitcoinOf(context, currency, available + held), bitcoinDecimals),
    deposit: 'enabled',
    withdraw: 'enabled',
    exchange: 'enabled',
    is_combination_address: false,
    markets: own.map(({ base, quote, name }) => ({
      base_unit: base,
      quote_unit: quote,
      display_name: name,
    })),
  }
}

/** What an amount is worth at the last price of a market with bitcoin; nothing where there is none. */
function bitcoinOf(context: Context, { id, decimals }: Currency, units: bigint): bigint {
  const scale = 10n ** BigInt(decimals)
  const one = 10n ** BigInt(bitcoinDecimals)
  if (id === bitcoin) return (units * one) / scale
  for (const market of context.markets.values()) {
    const price = instrumentOf(context, market).lastTrade?.price
    if (price === undefined || price === 0) continue
    const tick = 10n ** BigInt(market.settings.pricePrecision)
    if (market.base === id && market.quote === bitcoin) return (units * BigInt(price) * one) / (scale * tick)
    if (market.quote === id && market.base === bitcoin) return (units * tick * one) / (scale * BigInt(price))
  }
  return 0n
}
