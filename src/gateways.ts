import type { FastifyBaseLogger } from 'fastify'
import { openCxgame } from '../gateways/cxgame/door.ts'
import { openOceanex } from '../gateways/oceanex/door.ts'
import type { Config } from './config/config.ts'
import { Refusal } from './config/settings.ts'
import type { Micros } from './domain/units.ts'
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

interface Options {
  readonly clock: () => Micros
  readonly log: FastifyBaseLogger
}

/** Opens the doors that the configuration names. Throws a `Refusal` when one cannot be opened; then none is. */
export async function openGateways(exchange: Exchange, config: Config, options: Options): Promise<Gateways> {
  const opened: Gateways[] = []
  try {
    for (const open of [openGame, openOceanexDoor]) {
      const door = await open(exchange, config.gateways, options)
      if (door !== undefined) opened.push(door)
    }
  } catch (error) {
    for (const door of opened) await door.close({ endGames: false })
    throw new Refusal((error as Error).message)
  }
  return {
    greeting: opened.flatMap(({ greeting }) => greeting),
    ended: Promise.race([never, ...opened.map(({ ended }) => ended)]),
    async close(how) {
      await Promise.all(opened.map((door) => door.close(how)))
    },
  }
}

async function openGame(
  exchange: Exchange,
  { cxgame: settings }: Config['gateways'],
  { log }: Options,
): Promise<Gateways | undefined> {
  if (settings === undefined) return undefined
  const game = await openCxgame(exchange, settings, { log: log.child({ gateway: 'cxgame' }) })
  return {
    greeting: [`cxgame on ${game.commandUrl}, its feed on ${game.feedUrl}`],
    ended: settings.exitAtEnd ? game.ended : never,
    close: ({ endGames }) => game.close({ endGame: endGames }),
  }
}

async function openOceanexDoor(
  exchange: Exchange,
  { oceanex: settings }: Config['gateways'],
  { log, clock }: Options,
): Promise<Gateways | undefined> {
  if (settings === undefined) return undefined
  const door = await openOceanex(exchange, settings, { clock, log: log.child({ gateway: 'oceanex' }) })
  return {
    greeting: [`oceanex on ${door.url}, its REST on ${door.restUrl}`],
    ended: never,
    close: () => door.close(),
  }
}

const never = new Promise<void>(() => {})
