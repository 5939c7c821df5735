import type { Config } from './config/config.ts'
import type { VenueConfig } from './config/config-file.ts'
import { Refusal } from './config/settings.ts'
import type { Command } from './domain/command.ts'
import { rejectReasons } from './domain/reject.ts'
import { defaultRules, type Limits } from './domain/venue.ts'
import type { Exchange } from './port.ts'

/** Brings an exchange to what the configuration asks for. Never changes a venue that exists, but for its limits. */
export async function prepare(exchange: Exchange, { limits, venues, gateways }: Config): Promise<void> {
  if (differ(limits, exchange.status()[0]?.limits)) await order(exchange, { type: 'set-limits', limits })
  for (const venue of venues) {
    // The game makes its venue itself.
    if (venue.name !== gateways.cxgame?.venue) await prepareVenue(exchange, venue)
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
  const { name, symbols, selfTrade } = venue
  const existing = exchange.venue(name)
  if (existing === undefined) {
    const rules = selfTrade === undefined ? defaultRules : { ...defaultRules, selfTrade }
    await order(exchange, { type: 'create-venue', venue: name, rules })
  } else if (selfTrade !== undefined && selfTrade !== existing.rules.selfTrade) {
    throw new Refusal(
      `venue ${name}: it exists with selfTrade ${existing.rules.selfTrade} and cannot get selfTrade ${selfTrade}`,
    )
  }
  for (const symbol of symbols) {
    if (exchange.venue(name)?.instrument(symbol) === undefined) {
      await order(exchange, { type: 'list-instrument', venue: name, symbol })
    }
  }
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
