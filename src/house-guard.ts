import type { Command } from './domain/command.ts'
import type { Applied } from './domain/event.ts'
import type { Exchange } from './port.ts'

/**
 * What is answered in place of a command that acts for an account of the house, whoever sends it; undefined when it
 * acts for no such account. No such command comes into the journal.
 */
export function refuseForHouse(
  exchange: Pick<Exchange, 'venue'>,
  command: Command,
): Applied['events'] | undefined {
  const { venue: name } = command
  const account = accountOf(exchange, command)
  if (name === undefined || account === undefined) return undefined
  if (exchange.venue(name)?.account(account)?.isHouse !== true) return undefined
  return [{ type: 'rejected', reason: 'house_account' }]
}

/** For whom a command acts. One about an order that is not in memory acts for nobody: it is closed. */
function accountOf(exchange: Pick<Exchange, 'venue'>, command: Command): string | undefined {
  switch (command.type) {
    case 'place':
    case 'arm':
    case 'disarm':
    case 'disconnect':
      return command.account
    case 'cancel':
    case 'replace':
      return exchange.venue(command.venue)?.order(command.orderId)?.account
    case 'create-venue':
    case 'list-instrument':
    case 'set-limits':
    case 'set-state':
    case 'reset-venue':
    case 'drop-venue':
    case 'note':
    case 'open-account':
    case 'deposit':
      return undefined
    default:
      return command satisfies never
  }
}
