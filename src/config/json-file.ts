import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { nearest } from './nearest.ts'
import { Refusal } from './settings.ts'

/** Reads JSON that a person wrote. Throws a `Refusal` that names the file. */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new Refusal(`${file}: not JSON: ${(error as Error).message.replaceAll(/\s+/g, ' ')}`)
  }
}

/**
 * Says in one line what is wrong with the content of a file, which does not fit its schema, and where. Every part of
 * the schema needs a description that completes "is not …". `thing` is what a key stands for; `under` is where in the
 * file the content stands.
 */
export function jsonRefusal(
  file: string,
  schemaOfAll: TSchema,
  content: unknown,
  thing: string,
  under: readonly string[] = [],
): Refusal {
  const errors = Value.Errors(schemaOfAll, content).filter(({ keyword }) => keyword !== 'boolean')
  const error = errors[0]
  const path = (error?.instancePath ?? '').split('/').slice(1).map(unescapePointer)
  const schema = path.reduce<SchemaNode>(step, schemaOfAll as unknown as SchemaNode)
  if (error?.keyword === 'additionalProperties') {
    const unknown = String((error.params as { additionalProperties: string[] }).additionalProperties[0])
    const place = [...under, ...path, unknown].join('.')
    if (schema.patternProperties !== undefined)
      return new Refusal(
        `${file}: ${place}: the name is not a name of 1 to 20 letters, digits and underscores`,
      )
    const near = nearest(unknown, Object.keys(schema.properties ?? {}))
    return new Refusal(
      `${file}: there is no ${thing} ${place}${near === undefined ? '' : `; did you mean ${near}?`}`,
    )
  }
  const value = path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], content)
  if (error?.keyword === 'required') {
    const [missing] = (error.params as { requiredProperties: string[] }).requiredProperties
    return new Refusal(`${file}: ${[...under, ...path, missing].join('.')} is missing`)
  }
  const place = [...under, ...path].join('.')
  const at = place === '' ? '' : ` ${place}:`
  return new Refusal(`${file}:${at} ${shorten(JSON.stringify(value))} is not ${schema.description}`)
}

interface SchemaNode {
  readonly description?: string
  readonly properties?: Record<string, SchemaNode>
  readonly patternProperties?: Record<string, SchemaNode>
  readonly items?: SchemaNode
}

function step(schema: SchemaNode, key: string): SchemaNode {
  return (
    schema.properties?.[key] ?? Object.values(schema.patternProperties ?? {})[0] ?? schema.items ?? schema
  )
}

function unescapePointer(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~')
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
