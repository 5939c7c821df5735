import Fastify, { type FastifyInstance } from 'fastify'
import type { Accounts } from './accounts.ts'
import type { EdgeSettings } from './config.ts'
import type { Exchange } from './port.ts'

export interface AppOptions {
  readonly exchange: Exchange
  readonly settings: EdgeSettings
  /** Who may act as whom; without it there are no keys and everybody may. */
  readonly accounts?: Accounts
}

/** The HTTP and websocket edge of an exchange. Does not listen, so that tests can use it. */
export async function buildApp(_options: AppOptions): Promise<FastifyInstance> {
  return Fastify()
}
