import type { Config } from './config/config.ts'
import type { VenueConfig } from './config/config-file.ts'
import { Refusal } from './config/settings.ts'
import type { Command } from './domain/command.ts'
import { rejectReasons } from './domain/reject.ts'
import { defaultRules, type Limits, type VenueRules } from './domain/venue.ts'
import type { Exchange } from './port.ts'

/** Brings an exchange to what the configuration asks for. Never changes a venue that exists, but for its limits. */
export async function prepare(exchange: Exchange, { limits, venues, gateways }: Config): Promise<void> {
  if (differ(limits, exchange.status()[0]?.limits)) await order(exchange, { type: 'set-limits', limits })
  for (const venue of venues) {
    // Gateways make their venues themselves.
    if (venue.name !== gateways.cxgame?.venue && venue.name !== gateways.oceanex?.venue)
      await prepareVenue(exchange, venue)
  }
  const { books: _books, ...usual } = limits
  // What the configuration does not say of a venue follows the flags, on one that has long been there too.
  for (const { name, limits: held } of [...exchange.venues()]) {
    const players = name === gateways.cxgame?.venue ? gateways.cxgame.userLimit : undefined
    const wanted = {
      ...usual,
      ...(players !== undefined && { accounts: players }),
      ...venues.find((venue) => venue.name === name)?.limits,
    }
    if (differ(wanted, held)) await order(exchange, { type: 'set-limits', venue: name, limits: wanted })
  }
}

async function prepareVenue(exchange: Exchange, venue: VenueConfig): Promise<void> {
  const { name, symbols, cash } = venue
  const existing = exchange.venue(name)
  const wanted = rulesOf(venue)
  if (existing === undefined) {
    await order(exchange, { type: 'create-venue', venue: name, rules: { ...defaultRules, ...wanted } })
  } else {
    refuseChange(`venue ${name}`, existing.rules, wanted)
  }
  for (const symbol of symbols) {
    const listed = exchange.venue(name)?.instrument(symbol)
    const terms = cash?.terms.get(symbol)
    if (listed === undefined) {
      await order(exchange, { type: 'list-instrument', venue: name, symbol, ...(terms && { terms }) })
    } else if (terms !== undefined) {
      refuseChange(`${name}/${symbol}`, listed.terms ?? {}, {
        minValue: undefined,
        fees: undefined,
        reference: undefined,
        ...terms,
      })
    }
  }
}

/** The rules that a venue has to have; of others it may have any. */
function rulesOf({ selfTrade, cash }: VenueConfig): Partial<VenueRules> {
  return {
    ...(selfTrade !== undefined && { selfTrade }),
    ...(cash && { credit: 'cash', accounts: 'by-order', opening: cash.opening }),
  }
}

/** Refuses to give another value to anything that is fixed for good. `what` has it. */
function refuseChange(what: string, found: object, wanted: object): void {
  const has = new Map(Object.entries(found))
  for (const [name, value] of Object.entries(wanted)) {
    const [old, other] = [inWords(has.get(name)), inWords(value)]
    if (old !== other)
      throw new Refusal(`${what}: it exists with ${name} ${old} and cannot get ${name} ${other}`)
  }
}

/** The same text for the same value. */
function inWords(value: unknown): string {
  if (Array.isArray(value)) return value.join('/')
  if (typeof value !== 'object' || value === null) return String(value ?? 'none')
  const parts = Object.entries(value).map(([name, part]) => `${name} ${part}`)
  return parts.sort().join(', ')
}

/** Whether limits that are wanted are not those that hold. */
function differ(wanted: Partial<Limits>, held: Partial<Limits> | undefined): boolean {
  return (Object.keys(wanted) as (keyof Limits)[]).some((name) => wanted[name] !== held?.[name])
}

/** Sends a command that the configuration asks for. */
function order(exchange: Exchange, command: Command): Promise<void> {
  return exchange.submit(command, ({ events }) => {
    for (const event of events) {
      if (event.type === 'rejected') throw new Refusal(`${what(command)}: ${rejectReasons[event.reason]}`)
    }
  })
}

function what(command: Command): string {
  if (command.type === 'list-instrument') return `listing ${command.venue}/${command.symbol}`
  return command.venue === undefined ? command.type : `venue ${command.venue}`
}
