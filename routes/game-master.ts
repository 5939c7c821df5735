import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { Problem, type ProblemKind } from '../schemas/errors.ts'
import {
  GameTerms,
  InstancePath,
  InstanceView,
  JudgeRequest,
  LevelPath,
  LevelsView,
  LevelView,
} from '../schemas/game-master.ts'
import { HeartbeatView } from '../schemas/venue.ts'
import { readFields } from './order-request.ts'

/** Who asks: the accounts of its key; undefined where there are no keys. */
interface Caller {
  readonly held: ReadonlySet<string> | undefined
}

/** What the game master does for who plays. Whatever it cannot do it throws as a `Problem`. */
export interface Games {
  levels(caller: Caller): LevelsView
  start(level: string, caller: Caller, terms: GameTerms): Promise<LevelView>
  restart(id: number, caller: Caller, terms: GameTerms): Promise<LevelView>
  resume(id: number, caller: Caller): Promise<LevelView>
  stop(id: number, caller: Caller): Promise<void>
  status(id: number, caller: Caller): InstanceView
  judge(id: number, caller: Caller, request: JudgeRequest): InstanceView
}

const undecided = ['queue_full', 'journal_failed', 'history_unavailable', 'stopping'] as const
const noKey = ['key_required', 'wrong_key'] as const
const noInstance = ['bad_id', ...noKey, 'not_instance_owner', 'unknown_instance'] as const
const noStart = ['malformed_json', 'wrong_type', 'bad_value', 'too_many_instances', 'too_many_books'] as const

/** Levels: starting them, looking after them, and being told how they went. */
export const gameMaster: FastifyPluginAsyncTypebox<{ games: Games }> = async (app, { games }) => {
  const { keys } = app
  const callerOf = (request: FastifyRequest): Caller => ({
    held: keys.on ? keys.accountsOf(request) : undefined,
  })
  /** The key first, then the body, in whatever form old clients send it. */
  const reading =
    (read: (request: FastifyRequest) => unknown) =>
    (request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction) => {
      try {
        keys.check(request)
        request.body = read(request)
        done()
      } catch (error) {
        done(error as Error)
      }
    }
  const readingTerms = reading(({ body }) => readTerms(body))

  app.route({
    method: 'GET',
    url: '/levels',
    schema: {
      operationId: 'levels',
      summary: 'List levels',
      description: 'The levels there are, and with a key how well it did.',
      tags: ['game master'],
      response: { 200: LevelsView },
    },
    config: { problems: ['wrong_key'] },
    handler: (request) => games.levels(callerOf(request)),
  })
  app.route({
    method: 'POST',
    url: '/levels/:level',
    schema: {
      operationId: 'startLevel',
      summary: 'Start a level',
      description:
        'Makes a venue for this game alone, lets its traders trade there for a day, and gives an account to play with. While a game of the level is open, it is given back, and goes on if it was paused. Who has the key plays; other accounts cannot trade there. The body may be missing.',
      tags: ['game master'],
      params: LevelPath,
      body: GameTerms,
      response: { 200: LevelView },
      security: app.keySecurity,
    },
    config: {
      problems: ['bad_level', ...noKey, 'unknown_level', ...noStart, 'body_too_large', ...undecided],
    },
    preValidation: readingTerms,
    handler: (request) => games.start(request.params.level, callerOf(request), request.body),
  })
  app.route({
    method: 'POST',
    url: '/instances/:id/restart',
    schema: {
      operationId: 'restartInstance',
      summary: 'Start a level again',
      description:
        'The same instance with a new venue, account and seed; the old venue is gone. The body may be missing.',
      tags: ['game master'],
      params: InstancePath,
      body: GameTerms,
      response: { 200: LevelView },
      security: app.keySecurity,
    },
    config: { problems: [...noInstance, ...noStart, 'body_too_large', ...undecided] },
    preValidation: readingTerms,
    handler: (request) => games.restart(request.params.id, callerOf(request), request.body),
  })
  app.route({
    method: 'POST',
    url: '/instances/:id/resume',
    schema: {
      operationId: 'resumeInstance',
      summary: 'Go on with a level',
      description:
        'What the start answered. A paused game goes on; one that has ended stays so. A body is ignored.',
      tags: ['game master'],
      params: InstancePath,
      response: { 200: LevelView },
      security: app.keySecurity,
    },
    config: { problems: [...noInstance, 'body_too_large'] },
    preValidation: keys.required,
    handler: (request) => games.resume(request.params.id, callerOf(request)),
  })
  app.route({
    method: 'POST',
    url: '/instances/:id/stop',
    schema: {
      operationId: 'stopInstance',
      summary: 'Stop a level',
      description: 'Ends the game without a result. One that has ended stays as it is. A body is ignored.',
      tags: ['game master'],
      params: InstancePath,
      response: { 200: HeartbeatView },
      security: app.keySecurity,
    },
    config: { problems: [...noInstance, 'body_too_large'] },
    preValidation: keys.required,
    async handler(request): Promise<HeartbeatView> {
      await games.stop(request.params.id, callerOf(request))
      return { ok: true, error: '' }
    },
  })
  app.route({
    method: 'GET',
    url: '/instances/:id',
    schema: {
      operationId: 'instanceStatus',
      summary: 'How a level is',
      description: 'The day, the newest messages, and how it ended if it has. Known for long after the end.',
      tags: ['game master'],
      params: InstancePath,
      response: { 200: InstanceView },
      security: app.keySecurity,
    },
    config: { problems: [...noInstance] },
    preValidation: keys.required,
    handler: (request) => games.status(request.params.id, callerOf(request)),
  })
  app.route({
    method: 'POST',
    url: '/instances/:id/judge',
    schema: {
      operationId: 'judgeInstance',
      summary: 'Accuse an account',
      description:
        'In a level that is about finding somebody: the first account that is on the venue decides the game, right or wrong.',
      tags: ['game master'],
      params: InstancePath,
      body: JudgeRequest,
      response: { 200: InstanceView },
      security: app.keySecurity,
    },
    config: {
      problems: [
        ...([...noInstance, 'malformed_json', 'not_an_object', 'missing_field', 'wrong_type'] as const),
        ...(['bad_value', 'not_judged', 'already_ended', 'unknown_suspect', 'body_too_large'] as const),
      ] satisfies ProblemKind[],
    },
    preValidation: reading(({ body, headers }) => readFields(body, headers['content-type'])),
    handler: (request) => games.judge(request.params.id, callerOf(request), request.body),
  })
}

/** Old clients send nothing, or anything. What looks like JSON has to be. */
function readTerms(body: unknown): unknown {
  const text = body instanceof Buffer ? body.toString('utf8').trim() : ''
  if (!text.startsWith('{')) return {}
  try {
    return JSON.parse(text)
  } catch {
    throw new Problem('malformed_json')
  }
}
