import type { InstrumentTerms } from '../../src/domain/instrument.ts'
import { lots, ticks } from '../../src/domain/units.ts'
import type { VenueRules } from '../../src/domain/venue.ts'
import type { Exchange, Instrument, Venue } from '../../src/port.ts'
import { must, sortedJson } from '../exchange-commands.ts'
import { cryptoScale, parseDecimal, plainText, usdScale } from './decimals.ts'
import type { CxgameSettings } from './settings.ts'

/** What is traded, and what with. */
export const crypto = 'CRYPTO'
export const usd = 'USD'

/** A crypto in its own smallest units; also what a price times a size is divided by to be cents. */
export const oneCrypto = 10 ** cryptoScale

/** The smallest and the largest size of an order, in lots. */
export const leastSize = 100n
export const mostSize = 900_719n * BigInt(oneCrypto)

/** An order is in lots of the last decimal of crypto, its price in cents. */
const terms: InstrumentTerms = {
  base: crypto,
  quote: usd,
  tickSize: '0.01',
  lotSize: '0.0000000001',
  unitsPerLot: 1,
  worth: [1, oneCrypto],
  notionalRounding: 'half-even',
  minQuantity: lots(Number(leastSize)),
  reference: { initial: ticks(100_000), bindsOrders: true },
}

/** Makes the venue of a game where it is missing, with everything that belongs to it; changes none that is there. */
export async function prepareVenue(exchange: Exchange, settings: CxgameSettings): Promise<void> {
  const { venue: name, userLimit } = settings
  const rules = rulesOf(settings)
  const found = exchange.venue(name)
  if (found === undefined) await must(exchange, { type: 'create-venue', venue: name, rules, state: 'halted' })
  else checkRules(found, rules)
  const instrument = exchange.venue(name)?.instrument(crypto)
  if (instrument === undefined) {
    await must(exchange, { type: 'list-instrument', venue: name, symbol: crypto, terms })
  } else {
    checkTerms(instrument)
  }
  if (userLimit !== undefined && exchange.venue(name)?.limits.accounts !== userLimit) {
    await must(exchange, { type: 'set-limits', venue: name, limits: { accounts: userLimit } })
  }
}

function rulesOf({ usdStart, cryptoStart }: CxgameSettings): VenueRules {
  return {
    rulesVersion: 1,
    selfTrade: 'skip',
    credit: 'cash',
    marketRemainder: 'rest',
    opening: {
      [usd]: startOf('usdStart', usdStart, usdScale),
      [crypto]: startOf('cryptoStart', cryptoStart, cryptoScale),
    },
  }
}

function startOf(option: string, text: string, scale: number): string {
  const value = parseDecimal(text, scale)
  if (value === undefined || value < 0n) throw new Error(`${option} of cxgame is no amount: ${text}`)
  return `${value}`
}

/** Refuses to play on a venue that was made otherwise. */
function checkRules({ name, rules }: Venue, wanted: VenueRules): void {
  for (const asset of [usd, crypto]) {
    const [has, wants] = [rules.opening?.[asset], wanted.opening?.[asset]]
    if (rules.credit !== 'cash' || has === wants) continue
    const option = asset === usd ? 'usdStart' : 'cryptoStart'
    const scale = asset === usd ? usdScale : cryptoScale
    const text = (amount: string | undefined) => plainText(BigInt(amount ?? 0), scale)
    throw new Error(
      `venue ${name} exists with another ${option}: it has ${text(has)}, the settings say ${text(wants)}`,
    )
  }
  const [has, wants] = [sortedJson(rules), sortedJson(wanted)]
  if (has !== wants)
    throw new Error(`venue ${name} exists with other rules: it has ${has}, cxgame needs ${wants}`)
}

function checkTerms({ venue, terms: found }: Instrument): void {
  const [has, wants] = [sortedJson(found ?? {}), sortedJson(terms)]
  if (has !== wants)
    throw new Error(`${crypto} on ${venue} has other terms: it has ${has}, cxgame needs ${wants}`)
}
