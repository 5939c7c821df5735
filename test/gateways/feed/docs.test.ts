import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import t from 'tap'
import { Compile } from 'typebox/compile'
import { checksumVectors } from '../../../gateways/feed/checksum.ts'
import { channelMessages, feedMessages, feedRequests } from '../../../schemas/feed.ts'
import { feedErrors } from '../../../schemas/feed-errors.ts'
import { createTestApp } from '../../support/app.ts'
import { createClient } from '../../support/client.ts'
import { startFeedServer } from '../../support/feed-server.ts'

const guide = readFileSync(new URL('../../../docs/feed.md', import.meta.url), 'utf8')
const committed = new URL('../../../openapi/asyncapi.json', import.meta.url)

t.test('the conversation of the guide is what a server says', async (t) => {
  const server = await startFeedServer(t)
  const client = await server.connect()
  const blocks = [...guide.matchAll(/```json (send|receive)\n(.*?)```/gs)]
  t.ok(blocks.length > 25)
  let heard = 0
  for (const [, direction, text = ''] of blocks) {
    const message = JSON.parse(text)
    if (direction === 'send') {
      client.socket.send(JSON.stringify(message))
      continue
    }
    while (client.texts.length <= heard)
      await new Promise((resolve) => client.socket.once('message', resolve))
    t.match(JSON.parse(client.texts[heard] as string), message, text)
    heard += 1
  }
  t.equal(client.texts.length, heard, 'nothing came that the guide does not say')
})

t.test('the test vectors are right, and the guide and the page have them', async (t) => {
  const { app } = await createTestApp(t)
  const { text: page } = await createClient(app).get('/docs/ws')
  for (const { text, checksum } of checksumVectors) {
    t.equal(crc32(text), checksum)
    t.match(guide, `| \`${text}\` | ${checksum} |`)
    t.match(page, `<code>${text}</code></td><td><code>${checksum}</code>`)
  }
})

t.test(
  'the document for programs is served as it is committed, and each reference leads somewhere',
  async (t) => {
    const { app } = await createTestApp(t)
    const { status, text, body } = await createClient(app).get('/docs/asyncapi.json')
    t.equal(status, 200)
    t.equal(text, readFileSync(committed, 'utf8'), 'run `npm run openapi` and commit it')
    t.equal(body.asyncapi, '3.0.0')
    const references = [...text.matchAll(/"\$ref": "#\/([^"]+)"/g)].map(([, path = '']) => path)
    t.ok(references.length > 20)
    for (const path of references) {
      const found = path.split('/').reduce((at, key) => at?.[key], body)
      t.ok(found !== undefined, path)
    }
    t.strictSame(Object.keys(body.operations).sort(), [...Object.keys(feedRequests), 'tell'].sort())
  },
)

t.test('what is said is as the document promises', async (t) => {
  const server = await startFeedServer(t)
  const client = await server.connect()
  const order = { venue: 'TESTEX', account: 'A', orderType: 'limit', price: 5000, quantity: 10 }
  for (const channel of ['quote', 'trades', 'book', 'orders'] as const) await client.subscribe(channel)
  await client.subscribe('book', { depth: 5 })
  await client.subscribe('candles', { interval: '1m' })
  await client.done('subscribe', { channel: 'account', venue: 'TESTEX', account: 'A' })
  await client.done('place', { ...order, symbol: 'FOOBAR', side: 'sell' })
  await client.done('place', { ...order, symbol: 'FOOBAR', side: 'buy', quantity: 15, clientOrderId: 'x' })
  await client.done('cancel-all', { venue: 'TESTEX', account: 'A' })
  await client.done('place', { ...order, symbol: 'FOOBAR', side: 'sell' })
  await client.done('replace', { venue: 'TESTEX', orderId: 3, price: 5000, quantity: 9 })
  await client.done('replace', { venue: 'TESTEX', orderId: 3, price: 5001, quantity: 9 })
  await client.ask('replace')
  const checks = new Map(
    Object.entries(channelMessages).map(([channel, both]) => [
      channel,
      both.map((schema) => Compile(strict(schema))),
    ]),
  )
  const seen = new Set<string>()
  for (const message of client.messages) {
    seen.add(`${message.channel} ${message.type}`)
    const check = checks.get(message.channel)?.[message.type === 'snapshot' ? 0 : 1]
    t.strictSame(check?.Errors(message), [], JSON.stringify(message))
  }
  t.equal(seen.size, 12)
  const { success, failure, welcome } = feedMessages
  for (const answer of client.answers) t.ok(Compile(strict(answer.ok ? success : failure)).Check(answer))
  t.ok(Compile(strict(welcome)).Check(client.others[0]))
  for (const { examples = [], ...schema } of Object.values(feedRequests) as { examples?: unknown[] }[]) {
    t.ok(examples.length > 0)
    for (const example of examples) t.ok(Compile(schema as never).Check(example), JSON.stringify(example))
  }
})

t.test('the page explains every code, and has no script', async (t) => {
  const { app } = await createTestApp(t)
  const { status, headers, text } = await createClient(app).get('/docs/ws')
  t.equal(status, 200)
  t.match(headers['content-type'], 'text/html')
  t.match(headers['content-security-policy'], "default-src 'none'")
  t.notMatch(text, /<script|javascript:|https?:\/\//)
  for (const code of Object.keys(feedErrors)) t.ok(text.includes(`<tr id="${code}">`), code)
  for (const op of Object.keys(feedRequests)) t.ok(text.includes(`id="message-${op}"`), op)
  for (const inner of ['events[].otherOrderId', 'order.fills[].price', 'bid.orders', 'candles[].volume'])
    t.ok(text.includes(`<code>${inner}</code>`), inner)
})

t.test('each field is explained, and each channel has an example that is as it promises', (t) => {
  const messages = Object.entries(channelMessages).flatMap(([name, both]) =>
    both.map((schema) => [name, schema] as const),
  )
  for (const [name, schema] of [...messages, ...Object.entries({ ...feedRequests, ...feedMessages })])
    for (const field of unexplained(schema)) t.fail(`${name}: ${field}`)
  for (const [name, { examples = [], ...schema }] of messages as Described[]) {
    t.ok(examples.length > 0, name)
    for (const example of examples) t.strictSame(Compile(strict(schema)).Errors(example), [], name)
  }
  t.end()
})

/** The fields of a schema, and of what is in them, that nothing is said about; names of a constant need nothing. */
function unexplained(schema: unknown, at = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const { properties = {}, items, anyOf = [] } = schema as Schema
  const fields = Object.entries(properties).flatMap(([name, field]) => {
    const isClear = field.description !== undefined || field.const !== undefined
    return [...(isClear ? [] : [`${at}${name}`]), ...unexplained(field, `${at}${name}.`)]
  })
  return [...fields, ...unexplained(items, at), ...anyOf.flatMap((one) => unexplained(one, at))]
}

type Described = readonly [channel: string, schema: { examples?: unknown[] }]

interface Schema {
  readonly description?: string
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: unknown
  readonly anyOf?: readonly unknown[]
}

/** Forbids every property that is not described. */
function strict(schema: unknown): never {
  if (Array.isArray(schema)) return schema.map(strict) as never
  if (typeof schema !== 'object' || schema === null) return schema as never
  const entries = Object.entries(schema).map(([key, value]) => [
    key,
    key === 'examples' ? value : strict(value),
  ])
  const closed = 'properties' in schema ? { additionalProperties: false } : {}
  return { ...Object.fromEntries(entries), ...closed } as never
}
