import { channelMessages, feedMessages, feedRequests } from '../../schemas/feed.ts'
import { feedErrors } from '../../schemas/feed-errors.ts'
import { checksumVectors } from './checksum.ts'

/** What is read of a JSON schema. */
interface Schema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly examples?: readonly unknown[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema | readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}

/** The feed as a page to read: made of the same schemas as the document for programs, and with no script. */
export function renderFeedPage(): string {
  const requests = Object.entries(feedRequests).map(([op, schema]) => section(op, schema as Schema, op))
  const others = Object.entries(feedMessages).map(([name, schema]) => section(name, schema as Schema))
  const channels = Object.entries(channelMessages).map(
    ([channel, [snapshot, change]]) =>
      `<section id="channel-${channel}"><h3>${channel}</h3>${part('Snapshot', snapshot as Schema)}${part('Change', change as Schema)}</section>`,
  )
  const errors = Object.entries(feedErrors).map(
    ([code, text]) => `<tr id="${code}"><td><code>${code}</code></td><td>${escaped(text)}</td></tr>`,
  )
  const vectors = checksumVectors
    .map(({ text, checksum }) => `<tr><td><code>${text}</code></td><td><code>${checksum}</code></td></tr>`)
    .join('')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stockyard: the feed</title>
<style>${style}</style>
</head>
<body>
<header><h1>The feed: <code>/ws/v1</code></h1>
<p>Market data, account events and orders on one websocket. Every message is one JSON object. Prices are whole ticks, quantities whole lots, times UTC. For programs: <a href="/docs/asyncapi.json">AsyncAPI 3</a>; the REST API is at <a href="/docs">/docs</a>.</p>
<p>Where the server has keys (<code>welcome</code> says so), orders and the channel <code>account</code> need one: in the header <code>X-Starfighter-Authorization</code>, in the query as <code>api_key</code>, or later in an <code>auth</code> request.</p>
<nav><a href="#numbers">Numbers</a> <a href="#checksum">Checksum</a> <a href="#requests">Requests</a> <a href="#answers">Answers</a> <a href="#channels">Channels</a> <a href="#errors">Errors</a></nav></header>
<main>
<section id="numbers"><h2>Numbers</h2>
<p>Each channel counts its changes 1, 2, 3 … from the journal, so the numbers are the same after a restart. A message brings you from <code>prev</code> to <code>seq</code>. When <code>prev</code> is not the number you have, you have missed something: subscribe again with <code>from</code> set to the number you have. Then only what came after it is sent, or, when that is not kept any more, a snapshot with <code>missed</code>.</p></section>
<section id="checksum"><h2>Checksum</h2>
<p>CRC-32 (as in zip, an unsigned number) of a text: for each of the best 10 bids, best first, <code>PRICE:QUANTITY:ORDERS</code>, joined by commas; then <code>;</code>; then the same for the asks. With a <code>depth</code> below 10, of so many levels. Test vectors:</p>
<table><tbody>${vectors}</tbody></table></section>
<section id="requests"><h2>Requests</h2><p>Answers come in the order of the requests, and carry their <code>id</code>.</p>${requests.join('')}</section>
<section id="answers"><h2>Answers, and messages of no channel</h2>${others.join('')}</section>
<section id="channels"><h2>Channels</h2>${channels.join('')}</section>
<section id="errors"><h2>Errors</h2><table><thead><tr><th>code</th><th>what it says</th></tr></thead><tbody>${errors.join('')}</tbody></table></section>
</main>
</body>
</html>
`
}

const style = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}
code,pre{font:14px/1.4 ui-monospace,monospace}pre{overflow-x:auto;padding:.75rem;border:1px solid #8884;border-radius:6px}
table{border-collapse:collapse;width:100%;margin:.5rem 0}th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid #8884}
.fields{table-layout:fixed;overflow-wrap:anywhere}.fields td:nth-child(1){width:30%}.fields td:nth-child(2){width:22%}
h1 code{font-size:inherit}small{opacity:.7}nav a{margin-right:1rem}:target{background:#fd04}h3{margin-bottom:.25rem}`

function section(name: string, schema: Schema, id = name): string {
  return `<section id="message-${id}"><h3>${escaped(name)}</h3>${part(undefined, schema)}</section>`
}

function part(title: string | undefined, schema: Schema): string {
  const heading = title === undefined ? '' : `<h4>${title}</h4>`
  const about = schema.description === undefined ? '' : `<p>${prose(schema.description)}</p>`
  const examples = (schema.examples ?? []).map((example) => `<pre>${escaped(JSON.stringify(example))}</pre>`)
  return `${heading}${about}${(schema.anyOf ?? [schema]).map(table).join('')}${examples.join('')}`
}

function table(schema: Schema): string {
  return `<table class="fields"><tbody>${rowsOf(schema, '').join('')}</tbody></table>`
}

/** A row for each field, and below it those of what is in it. */
function rowsOf({ properties = {}, required = [] }: Schema, within: string): string[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const isOptional = required.includes(name) ? '' : ' <small>optional</small>'
    const listed = listedBy(field)
    const inner = listed ?? field
    return [
      `<tr><td><code>${escaped(within + name)}</code>${isOptional}</td><td>${escaped(typeOf(field))}</td><td>${prose(field.description ?? '')}</td></tr>`,
      ...rowsOf(inner, `${within}${name}${listed === undefined ? '' : '[]'}.`),
    ]
  })
}

/** What is in each entry of a list of objects. */
function listedBy({ items }: Schema): Schema | undefined {
  return items !== undefined && 'properties' in items ? items : undefined
}

function typeOf({ type, const: value, enum: values, anyOf, items, properties }: Schema): string {
  if (value !== undefined) return JSON.stringify(value)
  if (values !== undefined) return values.map((one) => JSON.stringify(one)).join(' | ')
  if (anyOf !== undefined) return anyOf.map(typeOf).join(' | ')
  if (Array.isArray(items)) return `[${items.map(typeOf).join(', ')}]`
  if (items !== undefined) return `list of ${typeOf(items as Schema)}`.replace(/object$/, 'objects')
  if (properties !== undefined) return 'object'
  return `${[type ?? 'any'].flat().join(' | ')}`
}

/** Text with its code spans. */
function prose(text: string): string {
  return escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>')
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
