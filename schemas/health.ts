import Type, { type Static } from 'typebox'

export const HealthView = Type.Object(
  {
    ok: Type.Boolean({ description: 'Whether orders are taken.' }),
    error: Type.Optional(Type.String({ description: 'Why not, for people; absent when they are.' })),
    reason: Type.Optional(Type.String({ description: 'Why not, for programs; absent when they are.' })),
    version: Type.String({ description: 'Of the server.', examples: ['0.1.0'] }),
    uptime: Type.Integer({ minimum: 0, description: 'Whole seconds since the start.', examples: [3600] }),
    sequence: Type.Integer({ minimum: 0, description: 'Commands applied so far.', examples: [4711] }),
    queued: Type.Integer({ minimum: 0, description: 'Commands that wait to be written.', examples: [0] }),
    historyFrom: Type.Optional(
      Type.Integer({
        minimum: 1,
        description:
          'The first command that the journal still holds; what closed before it is in the history only. Absent when it holds all.',
      }),
    ),
    historyLost: Type.Optional(
      Type.Integer({
        minimum: 1,
        description:
          'What ended up to this command is lost where the history was damaged: neither it nor the journal has all of it. Absent when nothing is.',
      }),
    ),
    catchingUp: Type.Optional(
      Type.Literal(true, {
        description:
          'The history of closed orders is being completed from the journal; absent when it is whole.',
      }),
    ),
  },
  {
    description: 'How the server is.',
    examples: [{ ok: true, version: '0.1.0', uptime: 3600, sequence: 4711, queued: 0 }],
  },
)
export type HealthView = Static<typeof HealthView>
