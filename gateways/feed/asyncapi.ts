import { channelMessages, feedMessages, feedRequests } from '../../schemas/feed.ts'

/** What is read of a schema here. */
interface Described {
  readonly description?: string
  readonly examples?: readonly unknown[]
}

const described = (schemas: Readonly<Record<string, object>>) =>
  Object.entries(schemas) as [name: string, schema: Described][]

const ref = (name: string) => ({ $ref: `#/channels/feed/messages/${name}` })

/** The feed as an AsyncAPI 3 document, made of the schemas that requests are checked by. */
export function describeFeed(): object {
  const requests = described(feedRequests)
  const messages: Record<string, object> = {}
  for (const [op, schema] of requests) messages[op] = toMessage(op, schema)
  for (const [name, schema] of described(feedMessages)) messages[name] = toMessage(name, schema)
  for (const [channel, [snapshot, change]] of Object.entries(channelMessages)) {
    messages[`${channel}Snapshot`] = toMessage(`${channel} snapshot`, snapshot as Described)
    messages[`${channel}Change`] = toMessage(`${channel} change`, change as Described)
  }
  const told = Object.keys(messages).filter((name) => !(name in feedRequests))
  const answers = ['success', 'failure'].map(ref)
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Stockyard: the feed',
      version: '1',
      description:
        'Market data, account events and orders on one websocket. Prices are whole ticks, quantities whole lots, times UTC. Where the server has keys, orders and the channel `account` need one: in the header `X-Starfighter-Authorization`, in the query as `api_key`, or in an `auth` request. The guide is at /docs/ws.',
    },
    defaultContentType: 'application/json',
    servers: { local: { host: '127.0.0.1:8000', protocol: 'ws' } },
    channels: {
      feed: {
        address: '/ws/v1',
        messages: Object.fromEntries(
          Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
        ),
      },
    },
    operations: {
      ...Object.fromEntries(
        requests.map(([op, { description }]) => [
          op,
          {
            action: 'receive',
            channel: { $ref: '#/channels/feed' },
            ...(description && { summary: description }),
            messages: [ref(op)],
            reply: { channel: { $ref: '#/channels/feed' }, messages: answers },
          },
        ]),
      ),
      tell: {
        action: 'send',
        channel: { $ref: '#/channels/feed' },
        summary: 'Everything that the server sends.',
        messages: told.map(ref),
      },
    },
    components: { messages },
  }
}

function toMessage(name: string, schema: Described): object {
  const { examples = [], ...payload } = schema
  return {
    name,
    ...(schema.description && { summary: schema.description }),
    payload,
    ...(examples.length > 0 && { examples: examples.map((example) => ({ payload: example })) }),
  }
}
