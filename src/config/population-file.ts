import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { type Population, PopulationFrame, type TraderKind, traderKinds } from '../../schemas/population.ts'
import { jsonRefusal, parseJson } from './json-file.ts'
import { Refusal, readText } from './settings.ts'

/** More traders than this are refused: each is woken by itself. */
const mostTraders = 500

/**
 * Reads the traders of a venue from a file. What a trader does not say has its default. Throws a `Refusal` that names
 * the place in the file. `source` is where the file's name was given.
 */
export function readPopulation(file: string, source: string): Population {
  const content = parseJson(readText(file, source), file)
  const frame = withDefaults(file, PopulationFrame, content, [])
  const { traders } = frame as Pick<Population, 'traders'>
  const checked = traders.map((trader, i) =>
    withDefaults(file, traderKinds[trader.kind as TraderKind], trader, ['traders', `${i}`]),
  )
  const population = { ...(frame as Population), traders: checked } as Population
  checkWhole(file, population)
  return population
}

function withDefaults(file: string, schema: TSchema, content: unknown, under: readonly string[]): unknown {
  const whole = Value.Default(schema, Value.Clone(content as never))
  if (!Value.Check(schema, whole)) throw jsonRefusal(file, schema, whole, 'option', under)
  return whole
}

/** Refuses what each part may have, and all together may not. */
function checkWhole(file: string, { traders }: Population): void {
  let count = 0
  let values = 0
  for (const [i, trader] of traders.entries()) {
    if (trader.kind === 'value-process') {
      values += 1
      if (values > 1) throw new Refusal(`${file}: traders.${i}: a venue has one value-process`)
      if (trader.newsMost < trader.newsLeast)
        throw new Refusal(`${file}: traders.${i}.newsMost: ${trader.newsMost} is less than newsLeast`)
    } else {
      count += trader.count
      if (count > mostTraders)
        throw new Refusal(`${file}: traders.${i}.count: there are more than ${mostTraders} traders`)
    }
  }
}
