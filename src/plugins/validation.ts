import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifySchemaValidationError } from 'fastify'
import { Problem } from '../../schemas/errors.ts'

type Fields = Record<string, unknown>

/** Checks requests against their TypeBox schemas. Nothing is coerced, but numbers and booleans in a URL are read. */
export function addValidation(app: FastifyInstance): void {
  app.setValidatorCompiler<Schema>(({ schema, httpPart, ...rest }) => {
    const compile = () => TypeBoxValidatorCompiler({ schema, httpPart: 'body', ...rest } as never)
    let compiled: ReturnType<typeof compile> | undefined
    // Compiled for the first request: the start need not wait for what is asked later, or never.
    const check = (value: unknown) => {
      compiled ??= compile()
      return compiled(value)
    }
    const read = httpPart === 'body' ? [] : Object.entries(schema.properties ?? {}).flatMap(toReader)
    if (read.length === 0) return check
    return (fields: Fields) => {
      const values = { ...fields }
      for (const { name, toValue } of read) {
        if (typeof values[name] === 'string') values[name] = toValue(values[name])
      }
      return check(values)
    }
  })
  app.setSchemaErrorFormatter((errors, part) => {
    if (part === 'body') return bodyProblem(errors)
    const field = fieldOf(errors[0])
    if (part === 'params')
      return new Problem(field === 'id' ? 'bad_id' : field === 'level' ? 'bad_level' : 'bad_name', { field })
    return new Problem('bad_query', { field })
  })
}

interface Schema {
  readonly properties?: Readonly<Record<string, { readonly type?: string }>>
}

interface Reader {
  readonly name: string
  readonly toValue: (text: string) => unknown
}

function toReader([name, { type }]: [string, { readonly type?: string }]): Reader[] {
  if (type === 'integer') return [{ name, toValue: toInteger }]
  if (type === 'boolean') return [{ name, toValue: (text) => booleans.get(text) ?? text }]
  return []
}

/** Digits become a number; anything else stays text, which no schema of a number takes. */
function toInteger(text: string): unknown {
  const number = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(number) ? number : text
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
])

/** The first problem of a body: what is missing comes first. */
function bodyProblem(errors: FastifySchemaValidationError[]): Problem {
  const missing = errors.find(({ keyword }) => keyword === 'required')
  if (missing !== undefined) {
    const [field = ''] = (missing.params as { requiredProperties?: string[] }).requiredProperties ?? []
    return new Problem('missing_field', { field })
  }
  const [first] = errors
  const kind = first?.keyword === 'type' ? 'wrong_type' : 'bad_value'
  return new Problem(kind, { field: fieldOf(first) })
}

function fieldOf(error: FastifySchemaValidationError | undefined): string {
  if (error === undefined) return ''
  if (error.keyword === 'required') {
    return (error.params as { requiredProperties?: string[] }).requiredProperties?.[0] ?? ''
  }
  return error.instancePath.slice(1).split('/')[0] ?? ''
}
