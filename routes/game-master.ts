import { randomInt } from 'node:crypto'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Problem } from '../schemas/errors.ts'
import { InstancePath, InstanceView, LevelPath, LevelsView, LevelView } from '../schemas/game-master.ts'
import { HeartbeatView } from '../schemas/venue.ts'
import type { Exchange, Venue } from '../src/port.ts'

/** The levels whose names clients know. Any other name starts the same. */
const levels = ['first_steps', 'chock_a_block', 'sell_side'].map((name) => ({ name }))

/** Instances that are remembered; the oldest goes when one more is started. */
const mostInstances = 1000

interface Instance {
  readonly id: number
  account: string
  stopped: boolean
}

export interface GameMasterOptions {
  readonly exchange: Exchange
  readonly settings: { readonly closedVenues: ReadonlySet<string> }
}

/**
 * What clients of the game expect of its master, as far as they need it to start trading: a level gives an account
 * and says what there is to trade. The account comes into being with its first order.
 */
export const gameMaster: FastifyPluginAsyncTypebox<GameMasterOptions> = async (app, options) => {
  const { exchange, settings } = options
  const instances = new Map<number, Instance>()
  let lastId = 0

  const accountFor = (request: FastifyRequest): string => {
    const [held] = app.keys.accountsOf(request)
    return held ?? inventAccount()
  }
  const start = (account: string): Instance => {
    lastId += 1
    const instance = { id: lastId, account, stopped: false }
    instances.set(instance.id, instance)
    const [oldest = lastId] = instances.keys()
    if (instances.size > mostInstances) instances.delete(oldest)
    return instance
  }
  const find = (id: number): Instance => {
    const instance = instances.get(id)
    if (instance === undefined) throw new Problem('unknown_instance', { id })
    return instance
  }

  /** A level is played where its account may trade. */
  const toView = (instance: Instance): LevelView => {
    const venues = [...exchange.venues()].filter(({ name }) => !settings.closedVenues.has(name))
    return toLevelView(instance, venues)
  }

  app.route({
    method: 'GET',
    url: '/levels',
    schema: {
      operationId: 'levels',
      summary: 'List levels',
      description: 'The levels that clients of the game know by name; any other name can be started too.',
      tags: ['game master'],
      response: { 200: LevelsView },
    },
    handler: (): LevelsView => ({ ok: true, levels }),
  })
  app.route({
    method: 'POST',
    url: '/levels/:level',
    schema: {
      operationId: 'startLevel',
      summary: 'Start a level',
      description:
        'Gives an account to trade with and lists what there is to trade. Where accounts have keys, a start that carries one gives its account. The newest 1,000 instances are remembered. A body is ignored.',
      tags: ['game master'],
      params: LevelPath,
      response: { 200: LevelView },
    },
    config: { problems: ['bad_level', 'wrong_key', 'body_too_large'] },
    handler: (request) => toView(start(accountFor(request))),
  })
  app.route({
    method: 'POST',
    url: '/instances/:id/restart',
    schema: {
      operationId: 'restartInstance',
      summary: 'Start a level again',
      description: 'The same instance with a new account, or with that of the key. A body is ignored.',
      tags: ['game master'],
      params: InstancePath,
      response: { 200: LevelView },
    },
    config: { problems: ['bad_id', 'wrong_key', 'unknown_instance', 'body_too_large'] },
    handler(request) {
      const instance = find(request.params.id)
      instance.account = accountFor(request)
      instance.stopped = false
      return toView(instance)
    },
  })
  app.route({
    method: 'POST',
    url: '/instances/:id/resume',
    schema: {
      operationId: 'resumeInstance',
      summary: 'Go on with a level',
      description: 'What the start of the instance answered; a stopped one is open again. A body is ignored.',
      tags: ['game master'],
      params: InstancePath,
      response: { 200: LevelView },
    },
    config: { problems: ['bad_id', 'unknown_instance', 'body_too_large'] },
    handler({ params }) {
      const instance = find(params.id)
      instance.stopped = false
      return toView(instance)
    },
  })
  app.route({
    method: 'POST',
    url: '/instances/:id/stop',
    schema: {
      operationId: 'stopInstance',
      summary: 'Stop a level',
      description: 'Orders of its account stay as they are. A body is ignored.',
      tags: ['game master'],
      params: InstancePath,
      response: { 200: HeartbeatView },
    },
    config: { problems: ['bad_id', 'unknown_instance', 'body_too_large'] },
    handler({ params }): HeartbeatView {
      find(params.id).stopped = true
      return { ok: true, error: '' }
    },
  })
  app.route({
    method: 'GET',
    url: '/instances/:id',
    schema: {
      operationId: 'instanceStatus',
      summary: 'How a level is',
      description: 'An instance is open until it is stopped.',
      tags: ['game master'],
      params: InstancePath,
      response: { 200: InstanceView },
    },
    config: { problems: ['bad_id', 'unknown_instance'] },
    handler({ params }): InstanceView {
      const { id, stopped } = find(params.id)
      return { ok: true, done: stopped, id, state: stopped ? 'stopped' : 'open' }
    },
  })
  app.route({
    method: 'POST',
    url: '/instances/:id/judge',
    schema: {
      operationId: 'judgeInstance',
      summary: 'Hand in an explanation',
      description:
        'Accepted and read by nobody: there are no winning conditions. Clients send `account`, `explanation_link` and `executive_summary`.',
      tags: ['game master'],
      params: InstancePath,
      response: { 200: HeartbeatView },
    },
    config: { problems: ['bad_id', 'unknown_instance', 'body_too_large'] },
    handler({ params }): HeartbeatView {
      find(params.id)
      return { ok: true, error: '' }
    },
  })
}

function toLevelView({ id, account }: Instance, venues: readonly Venue[]): LevelView {
  const symbols = venues.flatMap((venue) => Array.from(venue.instruments(), ({ symbol }) => symbol))
  return {
    ok: true,
    instanceId: id,
    account,
    instructions: {},
    tickers: [...new Set(symbols)],
    venues: venues.map(({ name }) => name),
    secondsPerTradingDay: 5,
    balances: { USD: 0 },
  }
}

/** Three letters and eight digits, as the game gave them. */
function inventAccount(): string {
  const letters = Array.from({ length: 3 }, () => String.fromCharCode(65 + randomInt(26)))
  return `${letters.join('')}${randomInt(10_000_000, 100_000_000)}`
}
