import { demoPopulation } from '../traders/demo.ts'
import { readPopulation } from './config/population-file.ts'
import { Refusal } from './config/settings.ts'
import { createProgress } from './progress.ts'
import { simulate } from './simulate.ts'

const usage = `usage: stockyard simulate --out DIR [flags]

Runs a venue and its traders in virtual time, as fast as the machine goes, and writes the journal that a server would
have written. Look at it with: stockyard --data DIR

  --out DIR          the data directory to make; one that holds a journal already is refused
  --population FILE  a JSON file that describes the venue and its traders (that of DEMOEX)
  --hours N          how long, in hours of virtual time, from 0.01 to 10000 (6.5, one trading day)
  --seed N           a whole number from 0 to 4294967295; the same one gives the same journal (1)
`

const flags = ['--out', '--population', '--hours', '--seed'] as const

/** Runs `stockyard simulate …`. `print` gets the result, `tell` what is said meanwhile. Throws a `Refusal`. */
export async function runSimulateCommand(
  args: readonly string[],
  print: (text: string) => void,
  tell: (text: string) => void,
): Promise<void> {
  if (args.some((word) => word === '--help' || word === '-h')) {
    print(usage)
    return
  }
  const given = parse(args)
  const directory = given.get('--out')
  if (directory === undefined || directory === '') throw new Refusal('simulate needs --out DIR')
  const hours = number(given, '--hours', '6.5', { form: /^\d{1,5}(\.\d{1,6})?$/, range: [0.01, 10_000] })
  const seed = number(given, '--seed', '1', {
    form: /^\d{1,10}$/,
    range: [0, 2 ** 32 - 1],
    kind: 'a whole number',
  })
  const file = given.get('--population')
  const population = file === undefined ? demoPopulation : readPopulation(file, '--population')
  const { venue, symbol } = population
  const say = createProgress(tell)
  const begun = performance.now()
  const progress = (done: number, commands: number) =>
    say(() => {
      const times = Math.round((done * 3_600_000) / (performance.now() - begun))
      return `simulating: ${done.toFixed(2)} of ${hours} h, ${commands} commands, ${times} times as fast as time`
    })
  const { commands, trades, hash } = await simulate({ population, hours, seed, directory, progress }).catch(
    (error: Error) => {
      throw new Refusal(error.message)
    },
  )
  print(
    `${hours} h of ${venue}/${symbol} with seed ${seed}: ${commands} commands, ${trades} trades\n` +
      `journal in ${directory}, SHA-256 ${hash}\n` +
      `look at it with: stockyard --data ${directory}\n` +
      `or as a page of figures: stockyard report ${directory}\n`,
  )
}

function parse(args: readonly string[]): ReadonlyMap<string, string> {
  const given = new Map<string, string>()
  for (let i = 0; i < args.length; i += 1) {
    const [, flag = '', text] = /^(--[a-z]+)(?:=(.*))?$/s.exec(args[i] as string) ?? []
    if (!flags.some((known) => known === flag))
      throw new Refusal(`simulate knows no ${args[i]}: it takes ${flags.join(', ')}`, 2)
    const value = text ?? args[i + 1]
    if (value === undefined) throw new Refusal(`${flag} needs a value`)
    if (text === undefined) i += 1
    given.set(flag, value)
  }
  return given
}

interface Numbers {
  readonly form: RegExp
  readonly range: readonly [number, number]
  readonly kind?: string
}

function number(
  given: ReadonlyMap<string, string>,
  flag: string,
  usual: string,
  { form, range: [least, most], kind = 'a number' }: Numbers,
): number {
  const text = given.get(flag) ?? usual
  const value = Number(text)
  if (!form.test(text) || value < least || value > most)
    throw new Refusal(`${flag}: ${JSON.stringify(text)} is not ${kind} from ${least} to ${most}`)
  return value
}
