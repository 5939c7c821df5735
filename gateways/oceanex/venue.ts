import type { VenueRules } from '../../src/domain/venue.ts'
import type { Exchange, Venue } from '../../src/port.ts'
import { must, sortedJson } from '../exchange-commands.ts'
import { readUnits } from './decimals.ts'
import { type Currency, currenciesOf, type Market } from './market.ts'
import type { OceanexSettings, UserSettings } from './settings.ts'

/** What the door writes down about accounts: that one was given all that it begins with. */
const fundedTopic = 'oceanex.funded'

/**
 * Makes the venue, its instruments and its accounts where they are missing, and changes none that is there. Throws an
 * error of one line when what is there differs.
 */
export async function prepareVenue(
  exchange: Exchange,
  settings: OceanexSettings,
  markets: ReadonlyMap<string, Market>,
): Promise<void> {
  const { venue: name, users } = settings
  const rules = rulesOf(settings)
  const found = exchange.venue(name)
  if (found === undefined) await must(exchange, { type: 'create-venue', venue: name, rules })
  else if (sortedJson(found.rules) !== sortedJson(rules))
    throw new Error(
      `venue ${name} exists with other rules: it has ${sortedJson(found.rules)}, oceanex needs ${sortedJson(rules)}`,
    )
  const known = new Set([...markets.values()].map(({ symbol }) => symbol))
  for (const { symbol } of exchange.venue(name)?.instruments() ?? []) {
    if (!known.has(symbol))
      throw new Error(
        `${symbol} is on ${name} and not in oceanex.markets: leave it there, with "enabled": false to end its trading`,
      )
  }
  for (const market of markets.values()) await list(exchange, name, market)
  const currencies = new Map(currenciesOf(markets.values()).map((currency) => [currency.id, currency]))
  for (const user of users) await open(exchange, name, user, currencies)
}

function rulesOf({ selfTrade }: OceanexSettings): VenueRules {
  return {
    rulesVersion: 1,
    selfTrade: selfTrade === 'allow' ? 'allow' : 'cancel-taker',
    credit: 'cash',
    marketNeedsCounterpart: true,
  }
}

async function list(exchange: Exchange, venue: string, { id, symbol, terms }: Market): Promise<void> {
  const found = exchange.venue(venue)?.instrument(symbol)
  if (found === undefined) return must(exchange, { type: 'list-instrument', venue, symbol, terms })
  if (found.terms !== undefined && sortedJson(found.terms) === sortedJson(terms)) return
  throw new Error(
    `${id} is on ${venue} with other terms: it has ${sortedJson(found.terms ?? {})}, oceanex.markets says ${sortedJson(terms)}`,
  )
}

/** Opens an account, and gives it what it begins with: once, however often the process ends in the middle of it. */
async function open(
  exchange: Exchange,
  venue: string,
  { uid, balances }: UserSettings,
  currencies: ReadonlyMap<string, Currency>,
): Promise<void> {
  const isThere = (exchange.venue(venue) as Venue).account(uid) !== undefined
  if (isThere && exchange.venue(venue)?.note(fundedTopic, uid) !== undefined) return
  if (!isThere) await must(exchange, { type: 'open-account', venue, account: uid })
  for (const [id, amount] of balances) {
    const { asset, decimals } = currencies.get(id) as Currency
    const wanted = unitsOf(uid, id, amount, decimals)
    // Nobody has traded yet: what is there was given before the process ended.
    const has = exchange.venue(venue)?.account(uid)?.balances.get(asset)?.available ?? 0n
    if (wanted > has)
      await must(exchange, { type: 'deposit', venue, account: uid, asset, amount: wanted - has })
  }
  await must(exchange, { type: 'note', venue, topic: fundedTopic, key: uid, data: true })
}

function unitsOf(uid: string, currency: string, amount: string, decimals: number): bigint {
  const read = readUnits(amount, decimals)
  if (read.is === 'units' && read.units >= 0n) return read.units
  throw new Error(
    `${uid}: the balance of ${currency} is no amount with at most ${decimals} decimals: ${amount}`,
  )
}
