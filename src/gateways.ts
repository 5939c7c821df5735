import type { FastifyBaseLogger } from 'fastify'
import { openCxgame } from '../gateways/cxgame/door.ts'
import type { Config } from './config/config.ts'
import { Refusal } from './config/settings.ts'
import type { Exchange } from './port.ts'

/** The doors beside HTTP. */
export interface Gateways {
  /** What to tell the user of them, a line each. */
  readonly greeting: readonly string[]
  /** Resolves when the process is to end because one of them has come to its end. */
  readonly ended: Promise<void>
  /** Closes them all. `endGames`: what they hold ends with the process, so games are played to their end. */
  close(options: { readonly endGames: boolean }): Promise<void>
}

/** Opens the doors that the configuration names. Throws a `Refusal` when one cannot be opened. */
export async function openGateways(
  exchange: Exchange,
  { gateways }: Config,
  log: FastifyBaseLogger,
): Promise<Gateways> {
  const { cxgame: settings } = gateways
  if (settings === undefined) return none
  const game = await openCxgame(exchange, settings, { log: log.child({ gateway: 'cxgame' }) }).catch(
    (error: Error) => {
      throw new Refusal(error.message)
    },
  )
  return {
    greeting: [`cxgame on ${game.commandUrl}, its feed on ${game.feedUrl}`],
    ended: settings.exitAtEnd ? game.ended : never,
    close: ({ endGames }) => game.close({ endGame: endGames }),
  }
}

const never = new Promise<void>(() => {})
const none: Gateways = { greeting: [], ended: never, close: () => Promise.resolve() }
