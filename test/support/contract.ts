import { Compile } from 'typebox/compile'
import type { Reply } from './client.ts'

/** What tests read of the OpenAPI document. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

export interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly parameters?: readonly (Media & { name: string; in: string })[]
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> }
  readonly responses: Readonly<Record<string, Answer>>
}

export interface Answer {
  readonly description?: string
  readonly content?: Readonly<Record<string, Media>>
}

export interface Media {
  readonly schema: Schema
  readonly example?: unknown
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>
}

type Schema = Readonly<Record<string, unknown>>

/** Puts schemas in the place of references to them, and forbids every property that is not described. */
function resolve(document: ApiDocument, schema: unknown): Schema {
  if (Array.isArray(schema)) return schema.map((item) => resolve(document, item)) as never
  if (typeof schema !== 'object' || schema === null) return schema as never
  const { $ref } = schema as { $ref?: string }
  if ($ref !== undefined)
    return resolve(document, document.components.schemas[$ref.split('/').at(-1) as string])
  const entries = Object.entries(schema).map(([key, value]) => [
    key,
    key === 'examples' || key === 'example' ? value : resolve(document, value),
  ])
  const strict =
    'properties' in schema && !('additionalProperties' in schema) ? { additionalProperties: false } : {}
  return { ...Object.fromEntries(entries), ...strict }
}

/** Says what is wrong with a value that should be as a schema says; undefined when nothing is. */
export function createChecker(document: ApiDocument): (schema: Schema, value: unknown) => string | undefined {
  const compiled = new Map<Schema, ReturnType<typeof Compile>>()
  return (schema, value) => {
    const check = compiled.get(schema) ?? Compile(resolve(document, schema) as never)
    compiled.set(schema, check)
    if (check.Check(value)) return undefined
    const [first] = check.Errors(value)
    return `${first?.instancePath || 'it'} ${first?.message}`
  }
}

/** All examples of a media type or a parameter. */
export function examplesOf({ example, examples = {}, schema }: Media): unknown[] {
  return [
    ...(example === undefined ? [] : [example]),
    ...Object.values(examples).map(({ value }) => value),
    ...((schema.examples as unknown[] | undefined) ?? []),
  ]
}

/** Says where a reply is not as the document promises; undefined when it is. `seen` collects what was promised and came. */
export function createContract(document: ApiDocument, seen = new Set<string>()) {
  const check = createChecker(document)
  const paths = Object.entries(document.paths).map(([path, operations]) => ({
    path,
    operations,
    pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '([^/]+)')}/?$`),
  }))
  return (method: string, url: string, { status, headers, text, body }: Reply): string | undefined => {
    const [bare = ''] = url.split('?')
    // What comes first in the document may be a template that matches more.
    const found = paths
      .filter(({ pattern, operations }) => pattern.test(bare) && method.toLowerCase() in operations)
      .sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0]
    const operation = found?.operations[method.toLowerCase()]
    if (found === undefined || operation === undefined) return undefined
    const where = `${method} ${found.path} ${status}`
    const answer = operation.responses[status]
    if (answer === undefined) return `${where} is not in the document: ${text}`
    const [type = ''] = `${headers['content-type']}`.split(';')
    const media = answer.content?.[type]
    if (media === undefined) return `${where} is ${type}, which is not in the document`
    const { reason } = (body ?? {}) as { reason?: string }
    seen.add(reason === undefined ? where : `${where} ${reason}`)
    if (type !== 'application/json') return undefined
    const known = examplesOf(media).map((example) => (example as { reason?: string }).reason)
    if (reason !== undefined && !known.includes(reason)) return `${where} has no example of ${reason}`
    const problem = check(media.schema, body)
    return problem && `${where}: ${problem} in ${text}`
  }
}
